"""Rows of the isolation matrix for peerlearn.organizations, allauth's views included."""

from __future__ import annotations

from datetime import date
from typing import Any

from peerlearn.clock import now
from peerlearn.organizations.importing import acts
from peerlearn.organizations.importing.plans import Line, LineKind, Plan
from peerlearn.organizations.inviting import invite
from peerlearn.organizations.models import CompanyDay, Employee, Import, ImportState, Invitation
from tests.factories import BEGAN_AT, make_cost_band, make_employee
from tests.isolation.matrix import ACT, ADMIN, FORM, HR, HR_AND_ADMIN, PAGE, Row


def _employee(side: Any) -> dict[str, Any]:
    return {"public_id": side.colleague.public_id}


def _team(side: Any) -> dict[str, Any]:
    return {"public_id": side.team.public_id}


def _import(side: Any) -> dict[str, Any]:
    """One that waits for its columns."""
    row = acts.begin(kind="people", by=side.hr, file_name="people.csv", content=b"x", at=BEGAN_AT)
    rows = [(1, ["Name", "E-mail"]), (2, ["Åse", "ase@halden.example"])]
    columns = [{"heading": name, "values": [], "sure": True} for name in rows[0][1]]
    row.move(
        ImportState.READING,
        state=ImportState.COLUMNS,
        content=Import.packed(rows),
        columns=columns,
        mapping=["name", "email"],
        told={"format": "csv", "encoding": "utf-8", "separator": ",", "heading_row": 1},
    )
    return {"public_id": row.public_id}


def _checked(side: Any) -> dict[str, Any]:
    """One that waits for HR's word."""
    found = _import(side)
    row = Import.objects.get(**found)
    assert acts.choose(row, mapping=row.mapping, order="dmy", at=BEGAN_AT)
    plan = Plan((Line(LineKind.NEW, 2, "Åse"),))
    row.move(ImportState.CHECKING, state=ImportState.CHECKED, counts=dict(plan.counts))
    return found


def _wrong(side: Any) -> dict[str, Any]:
    """One whose only row has an error."""
    found = _checked(side)
    row = Import.objects.get(**found)
    problems = [["email", "", "email_missing", ""]]
    row.lines.create(kind="error", place=0, row=2, title="Åse", what={"problems": problems})
    row.move(ImportState.CHECKED, counts={**row.counts, "new": 0, "error": 1})
    return found


def _newcomer(side: Any) -> dict[str, Any]:
    return {"public_id": make_employee(came=False).public_id}


def _invitation(side: Any) -> Invitation:
    return invite(Employee.objects.get(**_newcomer(side)), by=side.admin, at=now())


def _invited(side: Any) -> dict[str, Any]:
    return {"public_id": _invitation(side).public_id}


def _key(side: Any) -> dict[str, Any]:
    return {"key": _invitation(side).give_secret()}


def _band(side: Any) -> dict[str, Any]:
    return {"public_id": make_cost_band("A").public_id}


def _company_day(side: Any) -> dict[str, Any]:
    day, _made = CompanyDay.objects.get_or_create(day=date(2026, 12, 23), name="Stocktaking")
    return {"public_id": day.public_id}


WEEK = {
    "time_zone": "Europe/Oslo",
    "working_days": ["0", "1"],
    "day_starts": "08:00",
    "day_ends": "16:00",
}
PERSON = {**WEEK, "name": "Åse", "email": "ase@halden.example", "hired_on": "2026-01-05"}
SETTINGS = {
    **WEEK,
    "name": "Halden",
    "currency": "NOK",
    "language": "en",
    "alphabet": "plain",
    "smallest_group": "5",
    "confirmation_months": "6",
}
BAND = {"name": "Z", "hourly_cost": "40"}

INSIDE: dict[str, Row] = {
    "start": Row(PAGE, HR_AND_ADMIN),
    "employees": Row(PAGE),
    "employee": Row(PAGE, subject=_employee),
    "my_profile": Row(FORM, data=WEEK),
    "employee_add": Row(FORM, HR, data=PERSON),
    "employee_edit": Row(FORM, HR, subject=_employee, data={**PERSON, "on": "2026-01-05"}),
    "employee_roles": Row(FORM, ADMIN, subject=_employee, data={"is_hr": "on"}),
    "employee_deactivate": Row(FORM, HR, subject=_employee),
    "employee_reactivate": Row(FORM, HR, subject=_employee),
    # Choosing no file is 422.
    "imports": Row({"GET": {200}, "POST": {422}}, HR, data={"kind": "people"}),
    "import_example": Row(PAGE, HR),
    "import_show": Row(PAGE, HR, subject=_checked),
    "import_mistakes": Row(PAGE, HR, subject=_wrong),
    "import_columns": Row(ACT, HR, subject=_import, data={"c0": "name", "c1": "email"}),
    "import_write": Row(ACT, HR, subject=_checked),
    "import_cancel": Row(ACT, HR, subject=_import),
    "employee_invite": Row(FORM, HR_AND_ADMIN, subject=_newcomer),
    "invite_people": Row(FORM, HR_AND_ADMIN),
    "invitations": Row(PAGE, HR_AND_ADMIN),
    "invitation_withdraw": Row(ACT, HR_AND_ADMIN, subject=_invited),
    "invitation": Row(FORM, subject=_key, refused=404),
    "teams": Row(PAGE),
    "team": Row(PAGE, subject=_team),
    "team_add": Row(FORM, HR, data={"name": "Lines"}),
    "team_edit": Row(FORM, HR, subject=_team, data={"name": "Lines"}),
    "team_archive": Row(ACT, HR, subject=_team),
    "team_reopen": Row(ACT, HR, subject=_team),
    # HR reads; test_settings.py shows that the 403 of posting is HR's.
    "settings": Row({"GET": {200}, "POST": {302, 403}}, HR_AND_ADMIN, data=SETTINGS),
    "holidays": Row(FORM, HR_AND_ADMIN, data={"country": "NO"}),
    "company_day_add": Row(ACT, HR_AND_ADMIN, data={"day": "2026-12-24", "name": "Christmas Eve"}),
    "company_day_remove": Row(ACT, HR_AND_ADMIN, subject=_company_day),
    "holiday_switch": Row(ACT, HR_AND_ADMIN, data={"country": "NO", "day": "2026-12-25"}),
    "second_factor": Row(FORM, ADMIN, data={"when": "7"}),
    "cost_band_add": Row(FORM, ADMIN, data=BAND),
    "cost_band_edit": Row(FORM, ADMIN, subject=_band, data=BAND),
    "cost_band_remove": Row(FORM, ADMIN, subject=_band),
}

_LIBRARY = {"GET": {200, 302}, "POST": {200, 302, 422, 429}}

PUBLIC: dict[str, Row] = {
    "front": Row({"GET": {302}}),
    "organizations": Row({"GET": {200, 302}}),
    "security": Row({"GET": {200, 302}}),
    "sign_in_end": Row({"POST": {302}}),
    "passkey_ask": Row({"POST": {200}}),
    "passkey_sign_in": Row({"POST": {302}}),
    "passkey_edit": Row(
        {"GET": {302}, "POST": {302}}, subject=lambda world: {"public_id": "absent"}
    ),
    "passkey_remove": Row(
        {"GET": {302}, "POST": {302}}, subject=lambda world: {"public_id": "absent"}
    ),
    "begin": Row(FORM),
    "set_language": Row({"POST": {302}}, data={"language": "de"}),
    "demo_sign_in": Row({"POST": {404}}),
    "account_signup": Row({"GET": {302}}),
    "account_inactive": Row(PAGE),
    "account_password_reset_completed": Row(PAGE),
    **{
        name: Row(_LIBRARY)
        for name in (
            "account_login",
            "account_logout",
            "account_change_password",
            "account_set_password",
            "account_reset_password",
            "account_confirm_login_code",
            "account_request_login_code",
            "account_confirm_password_reset_code",
            "account_complete_password_reset",
            "mfa_authenticate",
            "prove_again",
            "app_add",
            "app_remove",
            "recovery_codes",
            "passkey_add",
        )
    },
}

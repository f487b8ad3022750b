"""The mails of the ground floor. Every app has its own `mails.py`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from peerlearn.notifications.deliveries import TEST_MESSAGE
from peerlearn.notifications.models import Notification
from peerlearn.notifications.registry import renders
from peerlearn.organizations import telling_factors
from peerlearn.organizations.addresses import organization_url, public_url
from peerlearn.organizations.models import EmailChange, Employee, Import, RoleChange
from peerlearn.organizations.telling_passwords import FIRST

_TO_ASK = 3  # people named in a mail


@renders("welcome", _("Welcome to the organization"))
def welcome(notification: Notification) -> dict[str, Any] | None:
    """To an employee who was added; subject_id is the employee's."""
    if notification.recipient.membership_id is None:
        return None
    return {"link": public_url("account_login")}


@renders(TEST_MESSAGE, _("Test message"))
def test_message(notification: Notification) -> dict[str, Any] | None:
    """To the admin who asked for it; subject_id is theirs."""
    link = organization_url(notification.organization, "deliveries")
    return {"link": link, "at": notification.due_at}


@renders("email_changed", _("Another e-mail to sign in with"))
def email_changed(notification: Notification) -> dict[str, Any] | None:
    """To the e-mail that they had; subject_id is that of the change."""
    changes = EmailChange.objects.select_related("by")
    change = changes.filter(pk=notification.subject_id).first()
    if change is None:
        return None
    others = Employee.objects.current().exclude(pk__in=[change.employee_id, change.by_id or 0])
    ask = list(others.filter(is_admin=True)[:_TO_ASK]) or list(others.filter(is_hr=True)[:_TO_ASK])
    return {"link": public_url("account_login"), "to": change.before, "change": change, "ask": ask}


@renders("roles_changed", _("Roles given or taken"))
def roles_changed(notification: Notification) -> dict[str, Any] | None:
    """To HR, to admins and to the person; subject_id is that of the change. Told even when it was
    taken back meanwhile."""
    changes = RoleChange.objects.select_related("by", "employee")
    change = changes.filter(pk=notification.subject_id).first()
    if change is None:
        return None
    page = organization_url(
        notification.organization, "employee", public_id=change.employee.public_id
    )
    mine = change.employee_id == notification.recipient_id
    return {"link": page, "change": change, "mine": mine}


@renders("password_changed", _("A password to sign in with"))
def password_changed(notification: Notification) -> dict[str, Any] | None:
    """To whoever owns the account; subject_id is that of the user."""
    first = notification.occurrence.startswith(FIRST)
    link = public_url("account_reset_password")
    return {"link": link, "first": first, "at": notification.due_at}


_FACTORS = {
    telling_factors.APP_ADDED: _("An authenticator app was set up for your account"),
    telling_factors.APP_REMOVED: _("The authenticator app of your account was removed"),
    telling_factors.PASSKEY_ADDED: _("A passkey was added to your account"),
    telling_factors.PASSKEY_REMOVED: _("A passkey of your account was removed"),
    telling_factors.CODES_MADE: _("New recovery codes were made for your account"),
    telling_factors.CODE_USED: _("A recovery code of your account was used"),
    telling_factors.RESET: _("The second factor of your account was taken off"),
}


@renders("second_factor", _("A second factor to sign in with"))
def second_factor(notification: Notification) -> dict[str, Any] | None:
    """To whoever owns the account; subject_id is that of the user."""
    what = notification.occurrence.rpartition(" ")[0]
    return {
        "link": public_url("security"),
        "what": _FACTORS[what],
        "reset": what == telling_factors.RESET,
        "at": notification.due_at,
    }


@renders("import_over", _("Import done"))
def import_over(notification: Notification) -> dict[str, Any] | None:
    """To whoever let it be written; subject_id is that of the import."""
    row = Import.objects.defer("content").filter(pk=notification.subject_id).first()
    if row is None or row.is_open:
        return None
    link = organization_url(notification.organization, "import_show", public_id=row.public_id)
    return {"link": link, "row": row, "done": row.state == "done"}

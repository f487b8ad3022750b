"""Few statements for every page, whoever asks: twelve; for acts as many as stand here."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from peerlearn.organizations.addresses import organization_path
from tests.isolation.test_matrix import INSIDE, arguments, ask
from tests.skills.kit import counted

MOST = 12
# Acts that write more tables than that; only ever lowered. One of each of
# the booking's is the calendars', whatever the number of days and people.
MORE = {
    "book": 13,
    "booking_move": 24,
    "booking_cancel": 21,
    "booking_decline": 21,
    "debrief": 13,
    "employee_add": 20,
    "employee_deactivate": 22,
    "employee_edit": 27,
    "hand_over_back": 36,
    "hand_over_end": 21,
    "hold_extend": 14,
    "move_confirm": 29,
    "no_show": 19,
    "proposal_take_back": 16,
    "propose": 23,
    "request_approve": 26,
    "request_decline": 21,
    "request_withdraw": 18,
    "skill_add": 13,
    "skill_edit": 14,
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(name for name in INSIDE if INSIDE[name].refused is None))
def test_few_statements(name: str, world: Any) -> None:
    row = INSIDE[name]
    side = world.halden
    path = organization_path(side.organization, name, **arguments(row, side))
    for actor in sorted(row.roles - row.invisible):
        client = Client()
        client.force_login(getattr(side, actor).membership.user)
        for method in row.methods:
            with counted() as asked:
                ask(client, method, path, row.data if method == "POST" else {})
            limit = MORE.get(name, MOST) if method == "POST" else MOST
            assert len(asked) <= limit, (method, actor, len(asked), asked)

from __future__ import annotations

from tests.world import World


def test_a_manager_leads_their_reports_and_nobody_else(world: World) -> None:
    with world.halden.scope():
        assert world.halden.manager.leads(world.halden.employee)
        assert not world.halden.employee.leads(world.halden.colleague)
        assert not world.halden.hr.leads(world.halden.employee)

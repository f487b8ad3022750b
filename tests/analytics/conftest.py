from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from tests.analytics.kit import NOW


@pytest.fixture(autouse=True)
def sunday() -> Iterator[Any]:
    """It is Sunday 22 November 2026, half past nine in UTC."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller

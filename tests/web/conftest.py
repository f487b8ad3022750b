from __future__ import annotations

from tests.web.fixtures import kit_site  # noqa: F401

"""The kit page beside the real routes of an organization."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

TEMPLATES = Path(__file__).parent / "templates"


@pytest.fixture
def kit_site(settings: Settings) -> None:
    """`/o/<slug>/kit/` and its like answer, with their templates from this folder."""
    settings.ORGANIZATION_URLCONF = "tests.web.kit_urls"
    engines = copy.deepcopy(settings.TEMPLATES)
    engines[0]["DIRS"] = [*engines[0]["DIRS"], TEMPLATES]
    settings.TEMPLATES = engines

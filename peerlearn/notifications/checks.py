"""System check: every kind of notification can be told."""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from peerlearn.notifications.registry import tellings

PARTS = ("subject.txt", "txt", "html")


@checks.register
def every_kind_has_its_templates(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    problems: list[checks.CheckMessage] = []
    for telling in tellings():
        for part in PARTS:
            name = f"emails/{telling.kind}.{part}"
            try:
                get_template(name)
            except TemplateDoesNotExist:
                problems.append(
                    checks.Error(
                        f"@renders({telling.kind!r}) has no template {name}",
                        id="notifications.E001",
                    )
                )
    return problems

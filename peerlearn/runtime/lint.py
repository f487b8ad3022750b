"""`manage.py lint`: what CI checks besides the tests; each runs, whatever failed before."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from peerlearn.runtime.environment import ROOT
from peerlearn.runtime.faults import CannotStart
from peerlearn.runtime.servers import throw_away_servers

_PROGRAMS = Path(sys.executable).parent
_MANAGE = (sys.executable, str(ROOT / "manage.py"))
_TESTING = {"TESTING": "1"}
_LINT_MIGRATIONS = {
    "TESTING": "1",
    "DJANGO_SETTINGS_MODULE": "peerlearn.runtime.migration_lint_settings",
}
_PRODUCTION = {
    "SECRET_KEY": secrets.token_hex(32),
    "ALLOWED_HOSTS": "peerlearn.example",
    "PUBLIC_ADDRESS": "https://peerlearn.example",
}


@dataclass(frozen=True)
class Check:
    """A command that ends with 0 when all is well."""

    name: str
    command: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=lambda: _TESTING)


def _program(name: str, *arguments: str) -> tuple[str, ...]:
    return (str(_PROGRAMS / name), *arguments)


CHECKS = (
    Check("ruff", _program("ruff", "check", ".")),
    Check("ruff format", _program("ruff", "format", "--check", ".")),
    Check("djlint", _program("djlint", "templates", "--lint", "--quiet")),
    Check("djlint format", _program("djlint", "templates", "--check", "--quiet")),
    Check("texts marked", (sys.executable, "-m", "peerlearn.runtime.texts")),
    Check("catalogues", (sys.executable, "-m", "peerlearn.runtime.catalogues")),
    Check("import-linter", _program("lint-imports")),
    Check("bandit", _program("bandit", "-q", "-r", "-c", "pyproject.toml", ".")),
    Check("django check", (*_MANAGE, "check", "--fail-level", "WARNING")),
    Check("django check, production", (*_MANAGE, "check", "--deploy"), _PRODUCTION),
    Check("migrations complete", (*_MANAGE, "makemigrations", "--check", "--dry-run")),
    Check("migrations safe", (*_MANAGE, "lintmigrations"), _LINT_MIGRATIONS),
    Check("mypy", _program("mypy")),
)


def main(arguments: list[str]) -> int:
    """Run all checks, or those that are named; 1 when one of them failed."""
    checks = [check for check in CHECKS if not arguments or check.name in arguments]
    if unknown := set(arguments) - {check.name for check in CHECKS}:
        raise CannotStart(
            f"no check is named {', '.join(sorted(unknown))}. There are: "
            + ", ".join(check.name for check in CHECKS)
        )
    with throw_away_servers() as servers:
        servers["DJANGO_SETTINGS_MODULE"] = "peerlearn.settings"
        failed = [check.name for check in checks if not _passes(check, servers)]
    if failed:
        print(f"{len(checks)} checks, {len(failed)} failed: {', '.join(failed)}")
        return 1
    print(f"{len(checks)} checks, all passed")
    return 0


def _passes(check: Check, servers: dict[str, str]) -> bool:
    begun = time.monotonic()
    environment = {**os.environ, **servers, **check.variables}
    ended = subprocess.run(
        check.command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    passed = ended.returncode == 0
    seconds = time.monotonic() - begun
    print(f"{'passed' if passed else 'FAILED'}  {check.name}  ({seconds:.1f} s)", flush=True)
    if not passed:
        print((ended.stdout + ended.stderr).strip(), flush=True)
    return passed

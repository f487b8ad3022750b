"""`manage.py test`: pytest against real servers that are started for it and always stopped."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from peerlearn.runtime.browser import find_or_install_browser
from peerlearn.runtime.environment import ROOT
from peerlearn.runtime.foreground import Foreground
from peerlearn.runtime.servers import throw_away_servers

_BROWSER_TESTS = ROOT / "tests" / "browser"


def main(arguments: list[str]) -> int:
    """Run pytest with the arguments; its exit code."""
    variables = {
        "TESTING": "1",
        "DJANGO_SETTINGS_MODULE": "peerlearn.settings",
        # No test is timed; what a page may take in earnest is five seconds.
        "STATEMENT_TIMEOUT_MS": "30000",
    }
    if needs_browser(arguments):
        variables["CHROMIUM"] = find_or_install_browser()
    command = [sys.executable, "-m", "pytest", *spread(arguments), *arguments]
    with Foreground() as foreground, throw_away_servers() as servers:
        return foreground.run(command, {**os.environ, **variables, **servers})


def named_paths(arguments: list[str]) -> list[Path]:
    """The files and folders among pytest's arguments."""
    names = (argument.partition("::")[0] for argument in arguments)
    return [Path(name) for name in names if not name.startswith("-") and os.path.exists(name)]


def needs_browser(arguments: list[str]) -> bool:
    """Whether the tests that the arguments name can open a page."""
    paths = named_paths(arguments)
    if not paths:
        return True
    return any(
        "browser" in path.name
        or _BROWSER_TESTS.is_relative_to(path.resolve())
        or path.resolve().is_relative_to(_BROWSER_TESTS)
        for path in paths
    )


def spread(arguments: list[str]) -> list[str]:
    """Over several processes when everything is run and the arguments do not say otherwise."""
    if named_paths(arguments) or any(
        word.startswith(("-n", "--numprocesses", "--dist", "--pdb")) for word in arguments
    ):
        return []
    return ["-n", str(min(os.cpu_count() or 1, 4)), "--dist", "loadgroup"]

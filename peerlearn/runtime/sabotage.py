"""`manage.py sabotage`: faults put in one by one, on purpose; a named test has to catch each."""

from __future__ import annotations

import os
import sys

from peerlearn.runtime.foreground import Foreground
from peerlearn.runtime.servers import throw_away_servers


def main(arguments: list[str]) -> int:
    """Run `python -m tests.sabotage` with the arguments; its exit code."""
    variables = {"TESTING": "1", "DJANGO_SETTINGS_MODULE": "peerlearn.settings"}
    command = [sys.executable, "-m", "tests.sabotage", *arguments]
    with Foreground() as foreground, throw_away_servers() as servers:
        return foreground.run(command, {**os.environ, **variables, **servers})

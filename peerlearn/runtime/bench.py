"""`manage.py bench`: the benchmarks against servers that are started for them."""

from __future__ import annotations

import os
import sys

from peerlearn.runtime.foreground import Foreground
from peerlearn.runtime.servers import throw_away_servers


def main(arguments: list[str]) -> int:
    """Run `python -m benchmarks` with the arguments; its exit code."""
    variables = {"TESTING": "1", "DJANGO_SETTINGS_MODULE": "peerlearn.settings"}
    command = [sys.executable, "-m", "benchmarks", *arguments]
    with Foreground() as foreground, throw_away_servers() as servers:
        return foreground.run(command, {**os.environ, **variables, **servers})

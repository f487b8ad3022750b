"""Lets `reading.py` read a file in a process of its own, with limits on memory and time.

Whatever the file does to its reader, it does it there: without this application, its database and
its secrets.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from peerlearn.organizations.importing.reading import SECONDS, Unreadable

_PROGRAM = Path(__file__).with_name("reading.py")
_LXML_OFF = {"OPENPYXL_LXML": "False"}  # the parser that defusedxml guards


@dataclass(frozen=True)
class Contents:
    """Rows of text with their numbers in the file, and how it was read."""

    rows: list[tuple[int, list[str]]]
    told: dict[str, str]


def read_apart(content: bytes, *, seconds: float = SECONDS) -> Contents:
    """Raises Unreadable with a code that `words.py` knows."""
    surroundings = {"PATH": os.environ.get("PATH", ""), **_LXML_OFF}
    try:
        ended = subprocess.run(
            [sys.executable, "-I", str(_PROGRAM)],
            input=content,
            capture_output=True,
            timeout=seconds,
            env=surroundings,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unreadable("slow") from None
    try:
        answer = json.loads(ended.stdout)
    except ValueError:  # ended by a limit
        raise Unreadable("bomb") from None
    if "problem" in answer:
        raise Unreadable(answer["problem"], answer["row"])
    return Contents([(number, cells) for number, cells in answer["rows"]], answer["told"])

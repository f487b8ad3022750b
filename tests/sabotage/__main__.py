"""Puts each fault into a copy of the project, and lets the test that is to catch it run there.

    python3 manage.py sabotage [words of a fault's name]

A fault is caught when that test fails. First all of them pass in the copy as it is: a test that
fails anyway catches nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.sabotage.faults import FAULTS, Fault

ROOT = Path(__file__).parents[2]
AT_ONCE = min(os.cpu_count() or 1, 4)
_LEFT = shutil.ignore_patterns(".*", "__pycache__", "node_modules")
# What decides how tables are made: with such a fault they are made anew, else copied.
_MAKES_TABLES = re.compile(r"/migrations/|fence\.py$|ground\.py$|append_only\.py$|roles\.py$")
_FAILED = re.compile(r"^\d+ failed", re.MULTILINE)


def main(words: list[str]) -> int:
    chosen = [fault for fault in FAULTS if all(word in fault.name for word in words)]
    if not chosen:
        print(f"no fault is named {' '.join(words)}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="peerlearn-sabotage-") as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(AT_ONCE):
            copies.put(_copy(Path(folder) / str(number)))
        if not _all_pass(copies.get(), {fault.test for fault in chosen}):
            return 1
        copies.put(_copy(Path(folder) / "fresh"))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            caught = list(pool.map(lambda fault: _is_caught(fault, copies), chosen))
    print(f"{sum(caught)} of {len(caught)} caught")
    return 0 if all(caught) else 1


def _copy(place: Path) -> Path:
    """The project's files; its environment is the one that runs this."""
    shutil.copytree(ROOT, place, ignore=_LEFT)
    return place


def _all_pass(copy: Path, tests: Iterable[str]) -> bool:
    ended = _pytest(copy, sorted(tests))
    if ended.returncode:
        print(ended.stdout, "without any fault these tests do not pass", sep="\n", flush=True)
    return ended.returncode == 0


def _is_caught(fault: Fault, copies: SimpleQueue[Path]) -> bool:
    copy = copies.get()
    try:
        before = fault.put_in(copy)
        ended = _pytest(copy, [fault.test], anew=bool(_MAKES_TABLES.search(fault.file)))
        fault.take_out(copy, before)
    finally:
        copies.put(copy)
    caught = ended.returncode == 1 and _FAILED.search(ended.stdout) is not None
    print(f"{'caught  ' if caught else 'SURVIVED'}  {fault.name}  ({fault.test})", flush=True)
    if not caught:
        print(ended.stdout[-2000:], flush=True)
    return caught


def _pytest(
    copy: Path, tests: list[str], *, anew: bool = False
) -> subprocess.CompletedProcess[str]:
    options = ("-q", "-x", "--tb=line", "-p", "no:cacheprovider", "-p", "no:randomly")
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, *tests],
        cwd=copy,
        # A file that changes twice within a second would be run as it was compiled before.
        env={
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
            "TEST_TEMPLATE": "" if anew else "sabotage",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

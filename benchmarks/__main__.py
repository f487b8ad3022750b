"""All benchmarks, one after the other; the table, and the same as JSON in a file.

python3 manage.py bench [name …] [--file benchmarks.json]      SCALE=small for a quick look
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

ALL = ("free_time", "booking", "people", "dashboard", "export")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", default=ALL, metavar="name", help=", ".join(ALL))
    parser.add_argument("--file", type=Path, help="where to write the figures as JSON")
    chosen = parser.parse_args()
    figures: dict[str, dict[str, float]] = {}
    missed = False
    for name in chosen.names:
        # A process and servers of its own for each: none sees what another left behind.
        own = {key: value for key, value in os.environ.items() if not key.startswith("DATABASE_")}
        command = [sys.executable, "-m", f"benchmarks.{name}"]
        print(f"\n{name}", flush=True)
        ended = subprocess.run([*command, "--table-and-json"], env=own, stdout=subprocess.PIPE)
        *table, last = ended.stdout.decode().rstrip().splitlines() or [""]
        print("\n".join(table))
        if not last.startswith("{"):
            return 1
        figures[name] = json.loads(last)
        missed = missed or ended.returncode != 0
    if chosen.file:
        machine = {"python": platform.python_version(), "cores": os.cpu_count()}
        chosen.file.write_text(json.dumps({"machine": machine, "figures": figures}, indent=2))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())

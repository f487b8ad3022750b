#!/usr/bin/env python3
"""The project's commands: demo, test, lint, bench, sabotage, make_roles and all of Django's.

Needs nothing but Python 3.11 or newer: what is missing is installed into .venv first.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - a clear error for those who start it with less
    sys.exit(
        "error: Python 3.11 or newer is needed; this is Python "
        + sys.version.split()[0]
        + ". Try: python3.11 manage.py "
        + " ".join(sys.argv[1:])
    )

from peerlearn.runtime.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv))

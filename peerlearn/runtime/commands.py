"""Which command needs which environment, and who carries it out."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence

from peerlearn.runtime import catalogues, environment, home
from peerlearn.runtime.environment import BASE, EMBEDDED, TEST, Lock
from peerlearn.runtime.faults import CannotStart

# One of these is set wherever peerlearn is more than a checkout to try and to develop.
_CONFIGURED_BY = ("DATABASE_URL", "SECRET_KEY", "DEMO", "TESTING")

Command = Callable[[list[str]], int]


def _demo() -> Command:
    from peerlearn.runtime.demo import main

    return main


def _test() -> Command:
    from peerlearn.runtime.test import main

    return main


def _lint() -> Command:
    from peerlearn.runtime.lint import main

    return main


def _bench() -> Command:
    from peerlearn.runtime.bench import main

    return main


def _sabotage() -> Command:
    from peerlearn.runtime.sabotage import main

    return main


def _make_roles() -> Command:
    from peerlearn.runtime.roles import main

    return main


def _backup() -> Command:
    from peerlearn.runtime.backup import main_backup

    return main_backup


def _restore() -> Command:
    from peerlearn.runtime.backup import main_restore

    return main_restore


OWN: dict[str, tuple[Callable[[], Command], tuple[Lock, ...]]] = {
    "demo": (_demo, (BASE, EMBEDDED)),
    "test": (_test, (TEST, EMBEDDED)),
    "lint": (_lint, (TEST, EMBEDDED)),
    "bench": (_bench, (TEST, EMBEDDED)),
    "sabotage": (_sabotage, (TEST, EMBEDDED)),
    "make_roles": (_make_roles, (BASE,)),
    "backup": (_backup, (BASE,)),
    "restore": (_restore, (BASE,)),
}


def main(argv: Sequence[str]) -> int:
    """Carry out `manage.py <command> …`; the exit code. Own commands come before Django's."""
    name, arguments = (argv[1] if len(argv) > 1 else "help"), list(argv[2:])
    try:
        load, locks = OWN.get(name, (None, (BASE,)))
        environment.enter(_needed(locks), argv)
        catalogues.compile_stale()
        if load is not None:
            return load()(arguments)
        return _django(argv)
    except CannotStart as fault:
        print(f"error: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _needed(locks: tuple[Lock, ...]) -> tuple[Lock, ...]:
    """Without the embedded servers where both are named by the environment."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL") and BASE in locks:
        return tuple(lock for lock in locks if lock is not EMBEDDED)
    return locks


def _django(argv: Sequence[str]) -> int:
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerlearn.settings")
    if not any(os.environ.get(name) for name in _CONFIGURED_BY):
        os.environ.update(home.variables_of_the_demo())
    if argv[1:2] == ["migrate"] and os.environ.get("DATABASE_OWNER_URL"):
        os.environ["AS_OWNER"] = "1"
    execute_from_command_line(list(argv))
    return 0

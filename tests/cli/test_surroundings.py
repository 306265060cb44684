"""A home or temporary folder that is missing does not end a command."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from anodefem.cli.surroundings import Forgiving, mend
from anodefem.errors import InputError


@pytest.mark.parametrize("home", [None, "", "here"])
def test_a_process_without_a_home_gets_one(
    home: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", home or "")
    if home is None:
        monkeypatch.delenv("HOME")
    mend(pytest.fail)
    assert Path(os.environ["HOME"]).is_dir()


def test_a_folder_that_cannot_be_written_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "file" / "below"))
    said: list[str] = []
    mend(said.append)
    assert len(said) == 1
    assert said[0].startswith("TMPDIR = ")
    assert os.environ.get("TMPDIR", "/tmp") != str(tmp_path / "file" / "below")


@pytest.mark.parametrize("name", ["HOME", "XDG_CONFIG_HOME"])
def test_settings_are_not_looked_for_where_no_folder_is(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "not there"))
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(name, str(tmp_path / "file"))
    said: list[str] = []
    mend(said.append)
    assert len(said) == 1
    assert said[0].startswith(f"{name} = {tmp_path / 'file'}: cannot be read")
    assert os.environ.get(name) != str(tmp_path / "file")


def test_good_folders_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    mend(pytest.fail)
    assert {os.environ[name] for name in ("HOME", "TMPDIR")} == {str(tmp_path)}


def test_signals_are_not_left_to_petsc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETSC_OPTIONS", "-log_view")
    mend(pytest.fail)
    mend(pytest.fail)
    assert os.environ["PETSC_OPTIONS"] == "-log_view -no_signal_handler"


@pytest.mark.parametrize(
    ("columns", "left"), [("0", None), ("-5", None), ("a", None), ("20", "20")]
)
def test_a_terminal_has_columns(
    columns: str, left: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    mend(pytest.fail)
    assert os.environ.get("COLUMNS") == left


@pytest.mark.parametrize(
    ("option", "code", "said"),
    [("-OO", 2, "dolfinx needs docstrings"), ("-Werror", 0, "PYTHONWARNINGS = error: not used")],
)
def test_options_of_python_end_in_no_traceback(option: str, code: int, said: str) -> None:
    words = [sys.executable, option, "-m", "anodefem", "list", "metrics"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert said in done.stderr and "Traceback" not in done.stderr


def test_a_working_folder_that_was_removed_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "here").rmdir()
    with pytest.raises(InputError, match="change into another one"):
        mend(pytest.fail)


@pytest.mark.parametrize(("rank", "lines"), [("0", 1), ("1", 0)])
def test_one_rank_speaks_for_all(rank: str, lines: int, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "anodefem", "list", "protocols"],
        env={**os.environ, "OMPI_COMM_WORLD_RANK": rank, "TMPDIR": str(tmp_path / "file")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.count("warning: TMPDIR") == lines


class Full(io.StringIO):
    """A stream on a disk without room."""

    def write(self, text: str) -> int:
        """Refuse."""
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def flush(self) -> None:
        """Refuse."""
        self.write("")


def test_what_nobody_can_read_ends_nothing() -> None:
    stream = Forgiving(Full())
    assert stream.write("a line\n") == 7
    stream.flush()
    assert not stream.isatty()


@pytest.mark.parametrize(("words", "code"), [("--version", 3), ("list colours", 2), ("schema", 3)])
def test_a_full_disk_behind_the_output_is_said(words: str, code: int) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "anodefem", *words.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert ("the output cannot be written (No space" in done.stderr) == (code == 3)
    with Path("/dev/full").open("w") as full:
        silent = subprocess.run(
            [sys.executable, "-m", "anodefem", *words.split()],
            stdout=subprocess.DEVNULL,
            stderr=full,
            check=False,
        )
    assert silent.returncode == (2 if code == 2 else 0)

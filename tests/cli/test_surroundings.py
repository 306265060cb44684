"""A home or temporary folder that is missing does not end a command."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from anodefem.cli.surroundings import mend


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


def test_good_folders_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    mend(pytest.fail)
    assert {os.environ[name] for name in ("HOME", "TMPDIR")} == {str(tmp_path)}

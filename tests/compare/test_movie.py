"""The film: as many pictures as said, one view and one scale, bodies that swell and shrink."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from typer.testing import CliRunner

from anodefem.cli import app
from anodefem.compare import FILES, MOVIES, compare, movie
from anodefem.compare.load import load
from anodefem.compare.theme import Theme

imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
pytestmark = pytest.mark.serial

QUICK = Theme(dpi=80)
Pictures = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def folder(runs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("film")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(movie, "_EVERY", 8)
        patch.setattr(movie, "_SAMPLES", 3)
        files = compare([runs["sphere"], runs["cage"]], output, movie=True, theme=QUICK)
    assert files == [output / name for name in (*MOVIES, *FILES)]
    return output


@pytest.fixture(scope="module")
def pictures(folder: Path) -> Pictures:
    """All pictures of the MP4 file, shape (pictures, high, wide, 3)."""
    reader = imageio_ffmpeg.read_frames(str(folder / "swelling.mp4"))
    wide, high = next(reader)["size"]
    found = [np.frombuffer(picture, np.uint8).reshape(high, wide, 3) for picture in reader]
    return np.array(found)


def test_both_files_hold_the_same_film(pictures: Pictures, folder: Path) -> None:
    with Image.open(folder / "swelling.gif") as film:
        assert film.size == (pictures.shape[2], pictures.shape[1])
        total = 0.0
        for number in range(film.n_frames):
            film.seek(number)
            total += film.info["duration"] / 1000.0
    assert total == pytest.approx(len(pictures) / 12.0, abs=0.5)


def _size(picture: Pictures) -> float:
    """Share of the left panel that is not background."""
    high, wide, _ = picture.shape
    return float((picture[high // 10 : high * 6 // 10, : wide // 2] < 200).any(axis=-1).mean())


def test_the_free_body_swells_and_shrinks(pictures: Pictures) -> None:
    sizes = [_size(picture) for picture in pictures]
    top = int(np.argmax(sizes))
    assert 0 < top < len(sizes) - 1
    assert sizes[top] > 1.5 * sizes[0]
    assert sizes[top] > 1.3 * sizes[-1]


def test_the_scales_stand_still(pictures: Pictures) -> None:
    foot = round(0.65 * QUICK.dpi)  # where the colour bars stand, from below
    bars = pictures[:, -foot - 8 : -foot].astype(int)
    assert bars.std() > 20.0
    assert np.abs(bars - bars[0]).mean(axis=(1, 2, 3)).max() < 2.0


def test_the_way_keeps_its_ends_and_its_top(runs: dict[str, Path]) -> None:
    stops = movie._stops(load([runs["sphere"], runs["cage"]]))
    assert stops[0].lithiating and not stops[-1].lithiating
    assert max(stop.soc for stop in stops) == pytest.approx(0.95)  # the cage goes on beyond 0.9
    assert np.abs(np.diff([stop.soc for stop in stops])).max() < 0.05


def test_a_comparison_without_a_film_removes_the_old_one(
    folder: Path, runs: dict[str, Path], tmp_path: Path
) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    compare([runs["sphere"]], tmp_path, theme=QUICK)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)


def test_a_missing_library_is_told_before_any_work(
    runs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    monkeypatch.delitem(sys.modules, "anodefem.compare.movie")
    monkeypatch.delattr(sys.modules["anodefem.compare"], "movie")
    command = ["compare", str(runs["sphere"]), "-o", str(tmp_path / "new"), "--movie"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 2
    assert "this command needs 'imageio_ffmpeg'" in result.stderr
    assert not (tmp_path / "new").exists()

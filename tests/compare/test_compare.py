"""The comparison as a whole: its files, its pictures, its manners."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from matplotlib.image import imread

from anodefem.compare import FILES, compare, figures, tables
from anodefem.compare.figures import wrapped
from anodefem.compare.load import load
from anodefem.compare.theme import Theme
from anodefem.errors import InputError
from tests.compare import shapes, synthetic

pytestmark = pytest.mark.serial

QUICK = Theme(dpi=80)


@pytest.fixture(scope="module")
def made(runs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("comparison") / "new" / "folder"
    files = compare(list(runs.values()), output, theme=QUICK)
    assert files == [output / name for name in FILES]
    return output


def test_writes_what_it_says(made: Path) -> None:
    assert sorted(path.name for path in made.iterdir()) == sorted(FILES)
    assert all(path.stat().st_size > 500 for path in made.iterdir())
    for name in ("side_by_side.pdf", "curves.pdf"):
        assert (made / name).read_bytes().startswith(b"%PDF")


def test_table_is_read_back_by_pandas(made: Path) -> None:
    frame = pd.read_csv(made / "table.csv")
    assert list(frame["architecture"])[:2] == ["Bare sphere", "Sphere in a cage"]
    assert frame["contact_pressure_max [GPa]"].notna().tolist() == [False, True, False, False]


def test_record_says_where_everything_is_from(made: Path, runs: dict[str, Path]) -> None:
    record = json.loads((made / "comparison.json").read_text())
    assert [run["folder"] for run in record["runs"]] == [str(path) for path in runs.values()]
    assert record["common_soc"] == pytest.approx(0.9)
    assert all(abs(run["drawn_soc"] - 0.9) < 0.05 for run in record["runs"])


def _picture(path: Path) -> npt.NDArray[np.float64]:
    return np.asarray(imread(path), dtype=float)[..., :3]


def _share(image: npt.NDArray[np.float64], colour: str, *, tolerance: float = 0.1) -> float:
    """Fraction of the pixels within ``tolerance`` of a colour in every channel."""
    return float((np.abs(image - mpl.colors.to_rgb(colour)) < tolerance).all(axis=-1).mean())


def test_picture_shows_bodies_on_white(made: Path) -> None:
    image = _picture(made / "side_by_side.png")
    white = np.asarray((image > 0.99).all(axis=-1))
    assert 0.3 < white.mean() < 0.8
    assert white[:, 0].all() and white[:, -1].all()  # nothing runs over the edge
    quarter = image.shape[1] // 4
    for number in range(4):
        panel = image[: image.shape[0] // 2, number * quarter : (number + 1) * quarter]
        assert 0.1 < (panel < 0.99).any(axis=-1).mean() < 0.9
        assert panel.reshape(-1, 3).std(axis=0).max() > 0.1
    theme = Theme()
    assert _share(image, theme.regions["collector"]) > 0.005
    assert _share(image, theme.initial, tolerance=0.3) > 1e-4


def test_cage_is_seen_around_its_particle(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder
) -> None:
    title = r"Cage, 笼, for $\frac{5$ to 9 %"  # neither a formula, nor in the font
    folder = synthetic.cage(tmp_path / "run", title=title, soc=synthetic.protocol(0.3, None, 6))
    compare([folder], tmp_path / "out", theme=QUICK)
    assert [record.getMessage()[:42] for record in caplog.records] == [
        "warning: the font of the figures has no 笼;"
    ]
    assert not recwarn.list
    image = _picture(tmp_path / "out" / "side_by_side.png")
    # grey: the far side of the cage through the void
    grey = (np.ptp(image, axis=-1) < 0.02) & (image[..., 0] > 0.6) & (image[..., 0] < 0.9)
    assert grey.mean() > 0.03


def test_every_recipe_is_marked_on_the_scale(tmp_path: Path) -> None:
    soc = synthetic.protocol(0.5, None, 8)
    recipes = (("stiff", 0.01, 0.03), ("soft", 0.05, 0.79))
    folders = [
        synthetic.free(
            tmp_path / name,
            shapes.sphere(),
            title=name,
            soc=soc,
            sei={"recipe": name, "yield_stretch": first, "fracture_strain": last},
        )
        for name, first, last in recipes
    ]
    runs = load(folders)
    hosts = {run.title: ["particle"] for run in runs}
    with mpl.rc_context(QUICK.rc()):
        drawn = figures.figure(runs, hosts, theme=QUICK)
    texts = {text.get_text() for axes in drawn.axes for text in axes.texts}
    # the largest strain drawn is 0.288, so that one mark is off the scale
    assert {"stiff yields 0.01", "stiff breaks 0.03", "soft yields 0.05"} < texts
    assert "soft breaks 0.79 →" in texts


def test_curves_use_each_architectures_colour(made: Path) -> None:
    image = _picture(made / "curves.png")
    assert (image > 0.99).all(axis=-1).mean() > 0.5
    for number in range(4):
        assert _share(image, QUICK.architecture(number)[0], tolerance=0.2) > 5e-4


def test_second_comparison_replaces_the_first(runs: dict[str, Path], tmp_path: Path) -> None:
    output = tmp_path / "out"
    compare([runs["sphere"], runs["films"]], output, theme=QUICK)
    (output / "my notes.txt").write_text("kept")
    compare([runs["sphere"]], output, theme=QUICK)
    assert len(pd.read_csv(output / "table.csv")) == 1
    assert (output / "my notes.txt").read_text() == "kept"
    assert len(list(output.iterdir())) == len(FILES) + 1


def test_files_of_others_are_not_overwritten(runs: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("mine")
    with pytest.raises(InputError, match=r"holds table\.csv that no comparison wrote"):
        compare([runs["sphere"]], tmp_path, theme=QUICK)
    assert (tmp_path / "table.csv").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_a_file_is_no_output_folder(runs: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(InputError, match="is a file"):
        compare([runs["sphere"]], tmp_path / "out")


def test_output_folder_must_be_possible(runs: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        compare([runs["sphere"]], tmp_path / "file" / "out")


@pytest.mark.parametrize("place", [".", "comparison"])
def test_a_run_is_not_written_to(runs: dict[str, Path], tmp_path: Path, place: str) -> None:
    folder = Path(shutil.copytree(runs["sphere"], tmp_path / "run"))
    before = sorted(folder.rglob("*"))
    with pytest.raises(InputError, match="is within the run"):
        compare([folder], folder / place, theme=QUICK)
    assert sorted(folder.rglob("*")) == before
    with pytest.raises(InputError, match="holds a run"):
        compare([runs["sphere"]], folder, theme=QUICK)


def test_a_title_is_no_formula(tmp_path: Path) -> None:
    title = '=HYPERLINK("http://example.org";"click")'
    frame = pd.DataFrame({"architecture": [title, "plain"], "soc [-]": [-0.5, 1.0]})
    lines = tables.csv(frame).splitlines()
    assert lines[1].startswith("\"'=HYPERLINK")
    assert lines[2] == "plain,1.0" and lines[1].endswith(",-0.5")
    for sign in ("+", "-", "@", "\t=", "  ="):  # spreadsheets may drop blanks
        frame = pd.DataFrame({"architecture": [f"{sign}1+1"]})
        assert tables.csv(frame).splitlines()[1].lstrip('"').startswith("'")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_output_folder_must_be_writable(runs: dict[str, Path], tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="cannot be written"):
        compare([runs["sphere"]], tmp_path / "out")


def test_a_failure_leaves_no_half_comparison(runs: dict[str, Path], tmp_path: Path) -> None:
    broken = Path(shutil.copytree(runs["ball"], tmp_path / "broken"))
    (broken / "mesh" / "facets.xdmf").write_text("no facets")
    output = tmp_path / "out"
    with pytest.raises(InputError, match="cannot be read as tagged facets"):
        compare([runs["sphere"], broken], output, theme=QUICK)
    assert list(output.iterdir()) == []


def test_needs_no_solver(runs: dict[str, Path], tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from anodefem.compare import compare\n"
        "from anodefem.compare.theme import Theme\n"
        f"compare([Path({str(runs['sphere'])!r})], Path({str(tmp_path / 'out')!r}), "
        "theme=Theme(dpi=40))\n"
        "heavy = {'dolfinx', 'petsc4py', 'mpi4py', 'ufl', 'basix', 'ffcx', 'gmsh'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)\n"
    )
    environment = {key: value for key, value in os.environ.items() if key != "DISPLAY"}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # no chatter about a missing screen either


def test_titles_wrap_evenly_and_end() -> None:
    words = "Graphene-caged silicon microparticle".split()
    assert wrapped(words, " ", 1000.0, size=8) == [" ".join(words)]
    assert wrapped(words, " ", 110.0, size=8) == ["Graphene-caged", "silicon microparticle"]
    short = wrapped(["Donaudampfschifffahrt"], " ", 40.0, size=8)
    assert len(short) == 1
    assert short[0].startswith("Do") and short[0].endswith("…")
    assert wrapped([], " · ", 40.0, size=8) == [""]

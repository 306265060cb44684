"""The page as a file: self-contained, complete, and true to the table."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from anodefem.compare import align, compare, report, tables
from anodefem.compare.body import hosts, to_frame
from anodefem.compare.load import load, load_run
from anodefem.compare.report import bodies, timeline
from anodefem.compare.report import tables as page_tables
from anodefem.compare.report.encode import Encoder
from anodefem.compare.report.symmetry import to_cell
from anodefem.compare.theme import Theme
from anodefem.errors import InputError
from tests.compare import shapes, synthetic

pytestmark = pytest.mark.serial

QUICK = Theme(dpi=60)


class Page(HTMLParser):
    """What a browser would load, and the parts that tests ask for."""

    #: Attributes whose value a browser loads.
    LOADED = ("src", "srcset", "poster", "data", "background", "action", "formaction")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.cards: list[str] = []
        self.cells: list[dict[str, str]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element loads and says of itself."""
        found = {name: value or "" for name, value in attrs}
        self.loads += [found[name] for name in self.LOADED if name in found]
        if tag == "link":
            self.loads.append(found["href"])
        if "card" in found.get("class", "").split():
            self.cards.append(found["data-run"])
        if "data-value" in found:
            self.cells.append(found)
        self._open.append("data" if found.get("id") == "data" else tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Note the text of an element."""
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data)

    @property
    def header(self) -> dict[str, Any]:
        """The numbers' description."""
        whole = gzip.decompress(base64.b64decode("".join(self.texts["data"])))
        size = int.from_bytes(whole[:4], "little")
        return dict(json.loads(whole[4 : 4 + size]))


@pytest.fixture(scope="module")
def made(runs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("comparison")
    compare(list(runs.values()), output, theme=QUICK)
    return output


@pytest.fixture(scope="module")
def text(made: Path) -> str:
    return (made / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_asks_for_nothing(page: Page, text: str) -> None:
    assert page.loads
    assert all(address.startswith("data:") for address in page.loads)
    code = "".join(page.texts["script"] + page.texts["style"])
    addresses = {"http://www.w3.org/2000/svg"}  # a name, not an address
    for start in ("http://", "https://", "//cdn"):
        left = code
        for known in addresses:
            left = left.replace(known, "")
        assert start not in left
    for word in ("@import", "fetch(", "XMLHttpRequest", "importScripts", "url("):
        assert word not in code
    assert "default-src 'none'" in text
    assert len(text) < 15e6


def test_every_architecture_has_a_scene(page: Page, runs: dict[str, Path]) -> None:
    assert page.cards == [str(i) for i in range(len(runs))]
    header = page.header
    assert [run["title"] for run in header["runs"]] == [run.title for run in load([*runs.values()])]
    for run in header["runs"]:
        kinds = {piece["kind"] for piece in run["pieces"]}
        assert "sei" in kinds and "stress" in kinds
        assert len(run["state"]) == len(header["stops"])
    assert [field["name"] for field in header["fields"]][:2] == ["sei_strain", "von_mises"]


def test_the_table_is_that_of_the_file(page: Page, made: Path) -> None:
    frame = pd.read_csv(made / "table.csv")
    seen = set()
    for cell in page.cells:
        value = frame[cell["data-column"]].iloc[int(cell["data-run"])]
        given = float(cell["data-value"]) if cell["data-value"] else np.nan
        assert given == pytest.approx(value, rel=1e-12, nan_ok=True)
        seen.add((cell["data-column"], cell["data-run"]))
    numbers = [name for name in frame.columns if name.endswith("]")]
    assert len(seen) == len(page.cells) == len(numbers) * len(frame)


def test_cracks_are_a_field_of_the_page(
    cracked: Path, runs: dict[str, Path], tmp_path: Path
) -> None:
    compare([runs["cage"], cracked], tmp_path, field="crack", theme=QUICK)
    header = Page((tmp_path / "report.html").read_text(encoding="utf-8")).header
    (field,) = [field for field in header["fields"] if field["name"] == "crack"]
    assert field["common"]["high"] == 1.0 and field["most"][0] is None and field["most"][1] > 0.8
    whole, broken = header["runs"]
    lines = {panel["title"]: panel["lines"] for panel in header["panels"]}
    for title, most in (("Crack field, max.", 1.0), ("Area of cracks, one face [um^2]", 2.85)):
        none, line = lines[title]
        assert none is None and max(line["values"]) == pytest.approx(most)
    assert max(broken["columns"]["crack_max"]) == 1.0
    assert (whole["painted"]["crack"], broken["painted"]["crack"]) == ([], ["cage"])
    assert whole["painted"]["von_mises"] == ["particle"]
    for run, expected in ((whole, set()), (broken, {"cage"})):
        found = {
            piece["region"]
            for piece in run["pieces"]
            if piece["kind"] != "sei" and "crack" in run["nodes"][piece["nodes"]]["fields"]
        }
        assert found == expected


def test_a_field_that_no_run_has_is_refused(runs: dict[str, Path], tmp_path: Path) -> None:
    for field in ("crack", "sei_strain", "von_misses"):
        with pytest.raises(InputError, match=f"--field {field}: no run has it inside"):
            compare([runs["sphere"]], tmp_path / "new", field=field, theme=QUICK)


def test_a_short_path_has_many_stops(tmp_path: Path) -> None:
    soc = synthetic.protocol(0.06, None, 12)
    folder = synthetic.free(tmp_path / "run", shapes.sphere(), title="Short", soc=soc)
    along = timeline.stops(load([folder]))
    assert len(along) == timeline.STEPS + 1
    assert along[-1].soc == pytest.approx(0.06)


def test_runs_without_sei_have_a_page(tmp_path: Path) -> None:
    folder = synthetic.free(tmp_path / "run", shapes.sphere(), title="Plain <b>", sei=None)
    _strip_sei(folder)
    compare([folder], tmp_path / "out", theme=QUICK)
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Plain &lt;b&gt;" in text and "Plain <b>" not in text
    header = Page(text).header
    assert "sei_strain" not in {field["name"] for field in header["fields"]}
    assert header["runs"][0]["limits"] == {"yield": None, "fracture": None}


def _strip_sei(folder: Path) -> None:
    import pyvista as pv

    for path in (folder / "fields").glob("*.vtu"):
        grid = pv.read(path)
        del grid.point_data["sei_strain"]
        grid.save(path)
    table = pd.read_csv(folder / "metrics.csv")
    table.drop(columns=[name for name in table if name.startswith("sei_")]).to_csv(
        folder / "metrics.csv", index=False
    )


@pytest.mark.parametrize("name", ["sphere", "cage", "ball", "films"])
def test_moving_bodies_are_the_deformed_ones(runs: dict[str, Path], name: str) -> None:
    run = load_run(runs[name])
    index, soc = align.nearest_state(run, 0.9)
    grid = run.state(index)
    body = bodies.body(run, hosts(run, grid), soc)
    state = list(body.states).index(index)
    after = to_frame(run, np.asarray(grid.points + grid.point_data["displacement"], dtype=float))
    reach = np.linalg.norm(after, axis=1).max()
    for piece in body.pieces:
        table = body.nodes[piece.nodes]
        # every node keeps to the mesh: where a mesh point is, its displacement is
        distance = np.linalg.norm(table.points[:, None] - to_frame(run, run.initial)[None], axis=2)
        same = distance.min(axis=1) < 1e-9
        moved = (table.points + table.moves[state])[same]
        assert np.allclose(moved, after[distance.argmin(axis=1)[same]], atol=1e-6 * reach)
        # and every vertex is an image of its node
        maps = body.maps[piece.copy]
        assert np.allclose(np.abs(np.linalg.det(maps[:, :, :3])), 1.0)
    assert any(table.fields for table in body.nodes)


@pytest.mark.parametrize("name", ["sphere", "ball", "films"])
def test_folding_undoes_the_images(runs: dict[str, Path], name: str) -> None:
    run = load_run(runs[name])
    cell = to_frame(run, run.initial)
    points = cell.copy()
    if run.kinematics == "axisymmetric":
        points = points @ np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    elif run.kinematics == "3d":
        points[:, 1] *= -1
    else:
        points[:, 1] = 0.3
    images = to_cell(run, points)
    assert np.allclose(images.points, cell, atol=1e-9)
    maps = images.maps[images.copy]
    again = np.einsum("nij,nj->ni", maps[:, :, :3], images.points) + maps[:, :, 3]
    assert np.allclose(again, points, atol=1e-9)


def test_the_path_goes_up_and_down(runs: dict[str, Path], tmp_path: Path) -> None:
    short = synthetic.free(
        tmp_path / "short", shapes.sphere(), title="s", soc=synthetic.protocol(0.4, None, 8)
    )
    both = [load_run(runs["sphere"]), load_run(short)]
    along = timeline.stops(both)
    assert any(stop.soc == align.common_soc(both) and stop.lithiating for stop in along)
    passage = timeline.passage(both[1], along)
    assert all(
        held == (not stop.lithiating or stop.soc > 0.4 + 1e-6)
        for stop, held in zip(along, passage.held, strict=True)
        if abs(stop.soc - 0.4) > 1e-6
    )
    assert (np.diff(timeline.passage(both[0], along).time) >= 0).all()


def test_every_cycle_is_on_the_path(runs: dict[str, Path], tmp_path: Path) -> None:
    knots = [0.0, 0.8, 0.1, 0.6, 0.2]
    soc = np.interp(np.arange(81) / 20, range(5), knots)
    folder = synthetic.free(tmp_path / "run", shapes.sphere(), title="Cycled", soc=soc, stored=60)
    cycled, once = load([folder, runs["sphere"]])
    along = timeline.stops([cycled, once])
    ends = {}
    for stop in along:
        ends[stop.cycle, stop.lithiating] = stop.soc
    assert ends == pytest.approx(
        {(1, True): 0.95, (1, False): 0.05, (2, True): 0.6, (2, False): 0.2}
    )
    passage = timeline.passage(cycled, along)
    assert (np.diff(passage.time) >= 0).all()
    assert passage.time[-1] == cycled.column("t")[-1]
    assert not passage.held[-5:].any()
    short = timeline.passage(once, along)
    later = np.array([stop.cycle == 2 for stop in along])
    assert short.held[later].all() and not short.held[~later].any()
    states = bodies.chosen(cycled)
    times = np.array([cycled.states[i][0] for i in states])
    for turn in (20, 40, 60, 80):
        assert np.abs(times - cycled.column("t")[turn]).min() < 0.03 * cycled.column("t")[-1]


def test_a_run_may_begin_with_a_delithiation(tmp_path: Path) -> None:
    soc = np.interp(np.arange(41) / 20, range(3), [0.8, 0.1, 0.6])
    folder = synthetic.free(tmp_path / "run", shapes.sphere(), title="Full", soc=soc)
    (run,) = load([folder])
    assert list(timeline.stretches(run)) == [(1, False), (2, True)]
    along = timeline.stops([run])
    assert (along[0].soc, along[-1].soc) == (0.8, 0.6)
    assert not timeline.passage(run, along).held.any()


@pytest.mark.parametrize(
    ("case", "breaks"), [({}, False), ({"fracture": {"regions": ["cage"]}}, True)]
)
def test_cards_keep_their_tags_and_overload_is_reported(
    case: dict[str, Any], breaks: bool, tmp_path: Path
) -> None:
    folder = synthetic.cage(
        tmp_path / "run",
        title="Cage",
        case={
            "materials": {"cage": "paper"},
            "cards": {
                "paper": {
                    "properties.strength": "1 Pa  [assumed] thin",
                    "properties.toughness": "1 J/m^2  [review] tough",
                }
            },
            **case,
        },
    )
    run = load_run(folder)
    used = page_tables.cards([run])
    assert [(card.name, card.tags) for card in used] == [("paper", {"assumed": 1, "review": 1})]
    assert used[0].used == ["Cage: cage"]
    said = " ".join(page_tables.warnings([run], {run.title: ["particle"]}, used))
    assert "1 are assumed" in said
    assert run.column("von_mises_max_cage").max() > 1e-9
    assert ("more than its strength" in said) != breaks


def test_a_balance_that_nothing_could_upset_is_no_check(runs: dict[str, Path]) -> None:
    run = load_run(runs["sphere"])
    run.metrics["lithium_balance_error"] = 0.0
    assert "not tested" in page_tables.provenance(run)["lithium balance error"]
    run.metrics.loc[3, "lithium_balance_error"] = -2e-15
    assert page_tables.provenance(run)["lithium balance error"] == "2.0e-15"


def test_numbers_survive_packing() -> None:
    encoder = Encoder()
    values = np.array([[0.25, np.nan], [-1.0, 3.0]])
    entry = encoder.scaled(values)
    whole = gzip.decompress(base64.b64decode(encoder.text({"a": entry})))
    start = 4 + int.from_bytes(whole[:4], "little")
    codes = np.frombuffer(whole, "<u2", count=entry["n"], offset=start + entry["at"])
    back = np.where(codes == 65535, np.nan, entry["low"] + entry["step"] * codes)
    assert np.allclose(back, values.ravel(), atol=1e-4, equal_nan=True)


def test_same_runs_make_the_same_page(runs: dict[str, Path], made: Path) -> None:
    several = load([*runs.values()])
    found = {run.title: hosts(run, run.state(len(run.states) // 2)) for run in several}
    frame = tables.table(several, found)
    picture = made / "side_by_side.png"
    first, second = (report.html(several, found, frame, picture, theme=QUICK) for _ in range(2))
    assert first == second


def test_other_criteria_of_the_sei_are_outcomes(runs: dict[str, Path]) -> None:
    run = load_run(runs["sphere"])
    soc = run.column("soc")
    run.metrics["sei_channel_ratio_max"] = soc / 0.3
    run.metrics["sei_buckling_ratio_max"] = np.zeros(len(soc))
    run.metrics["sei_energy_ratio_max"] = soc / 0.1
    found = page_tables.failures(run)
    assert [one["soc"] for one in found] == pytest.approx([0.1, 0.3])
    assert found[1]["label"] == "channel cracks could run"


def test_outcomes_are_no_notes(runs: dict[str, Path]) -> None:
    run = load_run(runs["sphere"])
    events = [{"t": 10.0, "step": 1, "kind": "sei-strain", "message": "it breaks at soc = 0.0949"}]
    run = replace(run, info={**run.info, "events": events, "sei": None})
    assert page_tables.warnings([run], {run.title: ["particle"]}, []) == []


def test_the_mesh_inside_fills_the_body(runs: dict[str, Path]) -> None:
    expected = {"sphere": 4 / 3 * np.pi, "ball": 4 / 3 * np.pi}
    for name, exact in expected.items():
        run = load_run(runs[name])
        one = bodies.body(run, hosts(run, run.state(5)), 0.5)
        assert one.volume is not None
        points = one.nodes[one.volume.nodes].points
        images = np.einsum("mij,nj->mni", one.volume.images.maps[:, :, :3], points)
        images += one.volume.images.maps[:, None, :, 3]
        total = 0.0
        for pair in one.volume.images.pairs:
            corners = [images[image][one.volume.cells] for image in pair]
            if len(pair) == 1:
                parts = [corners[0]]
            else:  # as the page splits a prism
                a, b = corners
                parts = [
                    np.stack([a[:, 0], a[:, 1], a[:, 2], b[:, 2]], axis=1),
                    np.stack([a[:, 0], a[:, 1], b[:, 1], b[:, 2]], axis=1),
                    np.stack([a[:, 0], b[:, 0], b[:, 1], b[:, 2]], axis=1),
                ]
            total += sum(
                float(np.abs(np.linalg.det(part[:, 1:] - part[:, :1])).sum()) / 6 for part in parts
            )
        assert total == pytest.approx(exact, rel=0.02)


def test_a_profile_follows_its_line(runs: dict[str, Path]) -> None:
    run = load_run(runs["cage"])
    one = bodies.body(run, ["particle"], 0.5)
    profile = one.nodes[one.profile]
    assert one.distance[-1] == pytest.approx(1.0, abs=0.01)
    assert np.allclose(np.linalg.norm(profile.points, axis=1), one.distance, atol=1e-3)
    assert np.isfinite(profile.fields["von_mises"]).all()

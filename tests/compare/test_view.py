"""The viewer, off screen: what is on it, what its controls do, and where there is no screen."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from anodefem.cli import app
from anodefem.compare import view
from anodefem.compare.view import Viewer, viewer
from anodefem.errors import InputError
from tests.compare import synthetic

pytestmark = pytest.mark.serial


@pytest.fixture
def shown(runs: dict[str, Path]) -> Viewer:
    return viewer([runs["sphere"], runs["cage"], runs["films"]], soc=0.2, off_screen=True)


def _radius(found: Viewer) -> float:
    return float(np.abs(found.scenes[0].points()).max())


def test_the_screen_is_not_blank(shown: Viewer) -> None:
    image = np.asarray(shown.plotter.screenshot(return_img=True))[..., :3]
    panel = image.shape[1] // 3
    for number in range(3):
        part = image[: image.shape[0] * 3 // 4, number * panel : (number + 1) * panel]
        assert 0.05 < (part < 250).any(axis=-1).mean() < 0.9
        assert part.reshape(-1, 3).std(axis=0).max() > 20.0


def test_it_starts_at_the_wanted_state_of_charge(shown: Viewer) -> None:
    assert shown.stops[shown.stop].soc == pytest.approx(0.2, abs=0.011)
    assert shown.where.startswith("state of charge 0.2")
    assert _radius(shown) == pytest.approx(float(synthetic.stretch(0.2)), rel=0.01)


def test_the_slider_moves_the_bodies(shown: Viewer) -> None:
    before = np.asarray(shown.plotter.screenshot(return_img=True)).copy()
    slider = shown.add_controls()
    slider.GetRepresentation().SetValue(shown.stop + 10)
    slider.InvokeEvent("EndInteractionEvent")
    soc = shown.stops[shown.stop].soc
    assert soc == pytest.approx(0.4, abs=0.011)
    assert _radius(shown) == pytest.approx(float(synthetic.stretch(soc)), rel=0.01)
    after = np.asarray(shown.plotter.screenshot(return_img=True))
    assert (before != after).mean() > 0.02


def test_states_in_between_are_between(shown: Viewer) -> None:
    """Displacements are linear between stored states, so that the body never jumps."""
    sizes = []
    for stop in range(8):
        shown.show(stop=stop)
        sizes.append(_radius(shown))
    assert (np.diff(sizes) > 0.0).all()


def test_another_field_has_another_colour(shown: Viewer) -> None:
    before = np.asarray(shown.plotter.screenshot(return_img=True)).copy()
    assert {"von_mises", "sei_strain"} <= set(shown.fields)
    shown.show(field="lithium_fraction")
    assert shown.scenes[0].values("stress", "lithium_fraction").size
    after = np.asarray(shown.plotter.screenshot(return_img=True))
    assert (before != after).mean() > 0.01


def test_cracks_colour_another_part(cracked: Path) -> None:
    found = viewer([cracked], off_screen=True)
    before = np.asarray(found.plotter.screenshot(return_img=True)).copy()
    found.show(field="crack")
    assert {layer.region for layer in found.scenes[0].layers if layer.kind == "skin"} == {"cage"}
    after = np.asarray(found.plotter.screenshot(return_img=True))
    assert (before != after).mean() > 0.02


def test_the_camera_of_the_reader_stays(shown: Viewer) -> None:
    shown.plotter.subplot(0, 0)
    shown.plotter.camera.azimuth = 30.0
    there = shown.plotter.camera.position
    shown.show(stop=0)
    shown.plotter.subplot(0, 0)
    assert shown.plotter.camera.position == there


def test_the_page_follows_its_slider_and_its_list(shown: Viewer) -> None:
    pytest.importorskip("trame")
    server = view.application(shown)

    async def change() -> None:
        with server.state:
            server.state.update({"stop": 3, "field": "lithium_fraction"})
        await asyncio.sleep(0)

    updates: list[int] = []
    server.controller.update = lambda: updates.append(1)
    server.state.ready()
    asyncio.run(change())
    assert (shown.stop, shown.field) == (3, "lithium_fraction")
    assert server.state.where == shown.where
    assert updates == [1]


def test_a_notebook_takes_two_lines(runs: dict[str, Path]) -> None:
    """`viewer(...).plotter` is any plotter of PyVista's; here it ends in a picture."""
    plotter = viewer([str(runs["ball"])], off_screen=True).plotter
    assert plotter.show(return_img=True, screenshot=True, auto_close=False) is not None


def test_unknown_fields_and_charges_are_refused(runs: dict[str, Path]) -> None:
    with pytest.raises(InputError, match="Did you mean 'von_mises'"):
        viewer([runs["sphere"]], field="von_misses", off_screen=True)
    with pytest.raises(InputError, match="must be between 0 and 1"):
        viewer([runs["sphere"]], soc=40.0, off_screen=True)


def test_without_a_screen_one_message_tells_what_to_do(
    runs: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    result = CliRunner().invoke(app, ["view", str(runs["sphere"])])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "no screen" in result.stderr and "--web" in result.stderr

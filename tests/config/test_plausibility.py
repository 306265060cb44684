"""What looks unintended is said in one line each, and what is usual is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from anodefem import cards, cases
from anodefem.cases import plausibility
from anodefem.cli import app

ROOT = Path(__file__).resolve().parents[2]
BARE = ROOT / "runs" / "bare-particle" / "run.toml"
CAGE = ROOT / "runs" / "graphene-cage" / "run.toml"
BINDER = ROOT / "runs" / "binder-pr-paa" / "run.toml"


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("geometry.particle_radius=1.5 mm", "radius of 1500 um .* Is the unit right?"),
        ("geometry.particle_radius=1.5 mm", "changes within 0.0072 um of the surface"),
        ("sei.thickness=60 nm", "sei.thickness: 0.06 um is 0.06 of the radius beneath it, 1 um"),
        ('protocol.steps=["lithiate at 100C until soc = 0.5"]', "at 100C the concentration in"),
    ],
)
def test_what_looks_unintended_is_said(setting: str, expected: str) -> None:
    warnings = plausibility.before(cases.load(BARE, [setting]))
    assert any(re.search(expected, line) for line in warnings), warnings
    assert all("\n" not in line for line in warnings)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "runs").glob("*/run.toml")), ids=lambda p: p.parent.name
)
def test_a_shipped_case_looks_intended_but_for_films_and_coats(path: Path) -> None:
    warnings = plausibility.before(cases.load(path))
    if path.parent.name == "binder-pvdf":  # which the case is there to show
        assert len(warnings) == 1 and "would tear" in warnings[0]
    else:
        assert all(line.startswith("sei.thickness") for line in warnings)


def test_a_coat_that_follows_its_host_beyond_its_breaking_strain_is_said() -> None:
    """J^(1/3) of the host against the card; not if the coat can debond or break."""
    pvdf = ROOT / "runs" / "binder-pvdf" / "run.toml"
    (warning,) = plausibility.before(cases.load(pvdf))
    ratio = cases.load(pvdf).materials["particle"].card.storage.volume_ratio
    strain = (ratio(0.9) / ratio(0.02)) ** (1 / 3) - 1
    assert warning.startswith("materials.coat: at soc = 0.9 the surface of 'particle' would be")
    assert f"{strain:.0%} longer" in warning and "0.3" in warning
    small = 'protocol.steps=["lithiate at C/10 until soc = 0.3"]'
    assert not plausibility.before(cases.load(pvdf, [small]))
    bond = ["interfaces.a.between=['particle', 'coat']", "interfaces.a.strength=1 MPa"]
    assert not plausibility.before(cases.load(pvdf, bond))


def test_a_shell_that_follows_its_host_beyond_its_strength_is_said() -> None:
    """Stretched alike in both directions, it breaks at a strain of (1 - nu) strength / E."""
    shell = ["materials.coat=carbon-shell"]
    (warning,) = plausibility.before(cases.load(BINDER, shell))
    assert (
        f"above the strain at the strength of 'carbon-shell', {0.75 * 1.0 / 10.0:.3g};" in warning
    )
    soft = [*shell, "materials.coat.elastic.young=0.1 GPa"]
    assert not plausibility.before(cases.load(BINDER, soft))


def test_a_diffusion_layer_is_what_diffusivity_and_flux_make_it() -> None:
    """D c_max / j with j = c_max V C / (3600 s A) and V / A a third of the radius."""
    settings = [
        "materials.particle.storage.diffusivity=1e-14 m^2/s",
        'protocol.steps=["lithiate at 400C until soc = 0.5"]',
    ]
    assert not plausibility.before(cases.load(BARE, settings))
    settings[1] = 'protocol.steps=["lithiate at 1000C until soc = 0.5"]'
    settings.append("geometry.particle_radius=10 um")
    (warning,) = plausibility.before(cases.load(BARE, settings))
    layer = 1e-2 * 3600.0 / 1000.0 * 3.0 / 10.0  # um
    assert f"changes within {layer:.2g} um" in warning


def test_an_sei_that_makes_its_host_flow_wants_curved_cells() -> None:
    """2 h yield stress / R of the SEI against the 30 MPa of bismuth."""
    settings = ["materials.particle=bismuth-lithium", "sei.recipe=lif-rich-thf"]
    settings += ["geometry.particle_radius=0.105 um", "sei.thickness=5.25 nm"]

    def said(*more: str) -> list[str]:
        warnings = plausibility.before(cases.load(BARE, [*settings, *more]))
        return [each for each in warnings if each.startswith("geometry.order")]

    (warning,) = said()
    assert "the SEI presses on 'particle' with up to 76.8 MPa" in warning
    assert not said("geometry.order=2")
    assert not said("sei.thickness=2 nm")


def test_hosts_that_touch_and_begin_at_two_potentials_are_said(tmp_path: Path) -> None:
    blocks = ROOT / "runs" / "multilayer-blocks" / "run.toml"
    settings = ["materials.silicon=antimony-lithium", "materials.carbon=carbon-amorphous"]
    assert not any("touch" in each for each in plausibility.before(cases.load(blocks, settings)))
    text = cards.paths("materials")["graphite"].read_text()
    text = text.replace('form = "ideal"', 'form = "regular-solution"\nchi = 2.4')
    energy = 'value = 1.0\nunit = "nJ/m"\ntag = "assumed"\nsource = "no data"\n'
    card = tmp_path / "graphite.toml"
    card.write_text(f"{text}\n[storage.gradient_energy]\n{energy}")
    settings[0] = f"materials.silicon={card}"
    said = [each for each in plausibility.before(cases.load(blocks, settings)) if "touch" in each]
    assert len(said) == 1
    assert "'carbon' and 'silicon' touch and both begin at 0.02" in said[0]
    # 2.4 * 298.15 / 390 is less than 2: nothing separates there
    settings.append("protocol.temperature=390 K")
    assert not any("touch" in each for each in plausibility.before(cases.load(blocks, settings)))


def test_a_plate_that_nothing_bears_is_said() -> None:
    """8 kPa under silicon by default; a plate on a solid layer is borne by that."""
    folder = ROOT / "runs" / "catalogue"
    slice_, layer = (
        folder / name / "run.toml" for name in ("33-electrode", "43-sulfide-electrolyte")
    )
    pressed = ["geometry.stack_pressure=0.1 MPa"]
    said = plausibility.before(cases.load(slice_, pressed))
    assert any(each.startswith("geometry.stack_pressure: 0.1 MPa is above") for each in said), said
    for path, settings in (
        (slice_, [*pressed, "solver.medium_stiffness=1e-5"]),
        (slice_, []),
        (layer, []),
    ):
        warnings = plausibility.before(cases.load(path, settings))
        assert not any("stack_pressure" in each for each in warnings), warnings


def test_check_prints_warnings_and_succeeds() -> None:
    done = CliRunner().invoke(app, ["check", str(BARE), "--set", "sei.thickness=60 nm"])
    assert done.exit_code == 0
    assert "good." in done.stdout
    assert "warning: sei.thickness" in done.stderr


def _found(**largest: float) -> dict[str, dict[str, float]]:
    return {
        name: {"min": value, "max": value, "soc_at_max": 0.5} for name, value in largest.items()
    }


def test_results_beyond_what_cards_allow_are_said() -> None:
    cage = cases.load(CAGE, ["materials.cage.properties.strength=3 GPa"])
    (warning,) = plausibility.after(cage, _found(von_mises_max_cage=3.3))
    assert "region 'cage'" in warning and "3.3 GPa at soc = 0.5" in warning
    assert not plausibility.after(cage, _found(von_mises_max_cage=2.9))
    (warning,) = plausibility.after(cage, _found(voltage=-0.01))
    assert "falls to -0.01 V" in warning
    (warning,) = plausibility.after(cage, _found(voltage=3.0))
    assert "outside the curve of 'silicon-amorphous'" in warning
    assert not plausibility.after(cage, _found(voltage=0.2))


def test_a_run_that_cannot_go_on_says_what_its_cards_do_not_allow() -> None:
    cage = cases.load(CAGE, ["materials.cage.properties.strength=3 GPa"])
    limit = cage.sei.recipe.fracture_strain if cage.sei else 0.0
    assert plausibility.beyond(cage, _found(sei_strain_max=0.9 * limit, voltage=0.2)) == ""
    said = plausibility.beyond(cage, _found(von_mises_max_cage=3.3, sei_strain_max=1.1 * limit))
    assert said.startswith(f" {plausibility.BEYOND}. Region 'cage' ")
    assert "The largest strain of the SEI, " in said
    assert f"is above its fracture strain of {limit:g}; it would crack." in said

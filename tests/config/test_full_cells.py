"""Full cells: the section [cathode], and sentences whose voltages are those of the cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from anodefem import cases, protocols
from anodefem.cases import CheckedCase
from anodefem.errors import InputError
from anodefem.protocols import Loading
from anodefem.solve.ends import ends

CASE = """
title = "A full cell"
[geometry]
plugin = "bare_particle"
[materials]
particle = "silicon-amorphous"
[cathode]
card = "nmc811"
np_ratio = 1.25
[protocol]
initial_soc = 0.01
steps = ["charge at C/10 until 4.1 V", "hold at 4.1 V until C/50", "discharge at C/10 until 2.9 V"]
"""
FULL = Loading(charge_per_mass=1e7, charge_per_area=1e5, full_cell=True)


def _case(folder: Path, *settings: str) -> CheckedCase:
    path = folder / "run.toml"
    path.write_text(CASE, encoding="utf-8")
    return cases.load(path, settings)


def test_charging_lithiates_and_the_voltage_rises(tmp_path: Path) -> None:
    case = _case(tmp_path)
    charge, hold, discharge = case.protocol.steps
    assert (charge.kind, charge.voltage_direction) == ("lithiate", 1.0)
    assert (discharge.kind, discharge.voltage_direction) == ("delithiate", -1.0)
    assert case.electrochemistry.kinetics == "butler-volmer"
    assert "full cell with nmc811" in case.summary()
    # the cathode can give 1/1.25 of what the hosts can take
    assert "to soc 0.81 (" in case.outlook()
    (end,) = ends(charge, 0.0)
    assert end.level({"cell_voltage [V]": 4.0}) < -1.0 < end.level({"cell_voltage [V]": 4.2})
    (end,) = ends(discharge, 0.0)
    assert end.level({"cell_voltage [V]": 3.0}) < -1.0 < end.level({"cell_voltage [V]": 2.8})
    assert hold.voltage == 4.1


def test_the_voltage_at_rest_is_that_of_the_cell(tmp_path: Path) -> None:
    case = _case(tmp_path)
    at_rest = cases.protocol.rest_potential(case.materials, 298.15, case.cathode, 0.01)
    assert at_rest and case.cathode
    anode = case.materials["particle"].card.storage
    assert anode
    card = case.cathode.card
    assert at_rest(0.01) == pytest.approx(card.ocv(card.as_made) - anode.ocv(0.01))
    full = 0.01 + 1 / 1.25
    assert at_rest(full) == pytest.approx(card.ocv(card.charged) - anode.ocv(full))
    # it takes eight tenths of ten hours to 4.1 V and what is above it, and the same back
    assert 10.0 < case.estimate().duration / 3600 < 16.0


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (("cathode.card=nmc",), "there is no cathode card 'nmc'. Did you mean 'nmc811'"),
        (("cathode.np_ratio=0",), "cathode.np_ratio = 0"),
        (("cathode.charged=0.95",), "charged is not below as_made"),
        (("cathode.ratio=1",), "cathode.ratio: unknown key"),
        (("materials.particle=tin-sodium",), "it gives Li, and the hosts store Na"),
        (("electrochemistry.kinetics=uniform",), "a full cell needs an electrode potential"),
        (('protocol.steps=["charge at C/10 until 2 V"]',), "which is not below that, and rises"),
        (('protocol.steps=["hold at 9 V until C/50"]',), "must be between 0 and 5 V"),
        (("electrochemistry.areal_loading=3 mAh/cm^2",), "electrochemistry.areal_loading"),
    ],
)
def test_what_makes_no_cell_is_refused(tmp_path: Path, settings: tuple[str, ...], why: str) -> None:
    with pytest.raises(InputError) as error:
        _case(tmp_path, *settings)
    assert why in str(error.value)
    assert "ambiguous" not in str(error.value)


def test_a_case_with_a_cathode_is_written_as_it_was(tmp_path: Path) -> None:
    case = _case(tmp_path, "cathode.charged=0.3", "electrochemistry.areal_loading=2 mg/cm^2")
    written = case.resolved()
    assert written["cathode"] == {"card": "nmc811", "np_ratio": 1.25, "charged": 0.3}
    assert written["electrochemistry"]["areal_loading"] == "0.02 kg/m^2"
    again = cases.read({k: v for k, v in written.items() if k != "cards"}, case.path)
    assert again.resolved() == written


def test_charge_stays_ambiguous_in_a_half_cell() -> None:
    assert protocols.parse("charge at 1C until 4 V", FULL).kind == "lithiate"
    with pytest.raises(ValueError, match="ambiguous"):
        protocols.parse("charge at 1C until 4 V")

"""Hosts that touch begin at rest: at one potential, with what the state of charge says."""

from __future__ import annotations

import pytest

pytest.importorskip("dolfinx")

from math import log

from anodefem.cards.curves import Linear
from anodefem.laws.chemistry import IdealSolution, OpenCircuit, RegularSolution
from anodefem.laws.composition import over_composition
from anodefem.physics.sharing import LEAST, Sharing

TOUCH = {"core": ("core", "coat"), "coat": ("core", "coat"), "far": ("far",)}
AMOUNTS = {"core": 3.0, "coat": 1.0, "far": 5.0}


def _ideal(x: float) -> float:
    return log(x / (1.0 - x))


@pytest.mark.parametrize("soc", [0.02, 0.4, 0.97])
def test_hosts_in_touch_share_at_one_potential(soc: float) -> None:
    laws = {"core": IdealSolution(2.0), "coat": IdealSolution(-1.0), "far": IdealSolution(9.0)}
    found = Sharing(TOUCH, laws, AMOUNTS).fractions(soc)
    assert 3.0 * found["core"] + found["coat"] == pytest.approx(4.0 * soc, abs=1e-9)
    assert _ideal(found["core"]) - 2.0 == pytest.approx(_ideal(found["coat"]) + 1.0, abs=1e-6)
    assert found["far"] == soc  # which touches nothing


def test_hosts_of_one_law_keep_the_fraction_to_the_bit() -> None:
    laws = dict.fromkeys(TOUCH, IdealSolution(2.0))
    assert set(Sharing(TOUCH, laws, AMOUNTS).fractions(0.3).values()) == {0.3}


def test_the_host_of_the_higher_voltage_takes_all_that_it_can() -> None:
    """From 1 V down to 0.9 V against 0.1 V: 31 R T apart, so the other is empty to the wall."""
    coat = OpenCircuit(over_composition(Linear(1.0, 0.9), scale=38.92))
    laws = {"core": IdealSolution(3.9), "coat": coat, "far": coat}
    found = Sharing(TOUCH, laws, AMOUNTS).fractions(0.02)
    assert LEAST < found["core"] < 1e-6
    assert found["coat"] == pytest.approx(0.08, abs=1e-3)


def test_where_a_phase_separates_both_begin_alike() -> None:
    laws = {"core": RegularSolution(2.0, 2.6), "coat": IdealSolution(0.0), "far": IdealSolution(0)}
    assert set(Sharing(TOUCH, laws, AMOUNTS).fractions(0.3).values()) == {0.3}

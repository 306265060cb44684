"""The medium in voids: what resists changes in very short steps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("dolfinx")

from dolfinx import fem

from anodefem.compilation import compile_form
from anodefem.laws.medium import DRAG
from anodefem.model.regions import Region
from anodefem.workbench.bodies import blocks, read
from anodefem.workbench.numbers import Numbers, solid, uniform_species
from anodefem.workbench.simulation import Simulation

pytestmark = pytest.mark.serial


def test_the_medium_resists_changes_in_short_steps_only(tmp_path: Path) -> None:
    numbers = Numbers(read(blocks(radius=1.0, height=1.0, gap=0.1, cells=2), tmp_path))
    regions = [
        Region(name, solid(numbers, name, young=60e3, poisson=0.25), uniform_species())
        for name in ("lower", "upper")
    ]
    simulation = Simulation(numbers, regions, medium_stiffness=1e-2)
    state, residual = simulation.state, compile_form(simulation.model.residual["u"])

    def forces(charging: float, dt: float) -> np.ndarray:
        """Nodal forces of the same change in a step of this length."""
        state.charging.value, state.dt.value = charging, dt
        return fem.assemble_vector(residual).array.copy()

    random = np.random.default_rng(1)
    state["u"].x.array[:] = 1e-3 * random.standard_normal(state["u"].x.array.size)
    rest = forces(0.0, 1.0)
    drag = {moved: forces(1e-4, 1e4 * moved) - rest for moved in (1e-2, 1e-4)}
    change = state["u"].x.array
    assert change @ drag[1e-4] > 0.0  # it takes energy
    np.testing.assert_allclose(drag[1e-4], 1e4 * drag[1e-2], atol=1e-6 * np.abs(drag[1e-4]).max())
    # in a step of 1e-2 of the charge it is a ten-thousandth of the stiffness of the medium
    state.begin()
    np.testing.assert_allclose(forces(1e-4, 1.0), forces(0.0, 1.0), atol=1e-15)
    assert (DRAG / 1e-2) ** 2 == pytest.approx(1e-4)

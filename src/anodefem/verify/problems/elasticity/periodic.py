"""Layers that stand askew between periodic sides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.optimize import fsolve

from anodefem.geometry import Geometry, Roles, SimplexMesh
from anodefem.laws.elasticity import Hencky
from anodefem.laws.plasticity import Elastic
from anodefem.laws.solid import Solid
from anodefem.meshing.grid import on_grid
from anodefem.meshing.simplices import name_exterior
from anodefem.model.regions import Region
from anodefem.physics.plate import Plate
from anodefem.verify.problem import Check, Outcome, at_most, problem
from anodefem.verify.problems.hencky import ROUND_OFF
from anodefem.workbench.bodies import NoParameters, read
from anodefem.workbench.numbers import Numbers, uniform_species
from anodefem.workbench.simulation import Array, Simulation

CELLS = 4  # boxes along each side; one in height
HEIGHT = 1.0 / CELLS  # um
START, END = 0.25, 0.5  # of the host along x - y, which has the period 1 um
FULL, PRESSURE = 1.3, 50.0  # volume ratio of the full host, -; on the plate, MPa
MODULI = {"host": (20e3, 0.22), "matrix": (3e3, 0.4)}  # MPa, -
SHARES = np.array([END - START, 1.0 - END + START])  # of host and matrix


def _slab() -> Geometry:
    """A square slab, 1 um wide, of layers across x - y; periodic along x and y, under a plate."""

    def discretise(p: NoParameters, kinematics: str) -> SimplexMesh:
        line = np.linspace(0.0, 1.0, CELLS + 1)
        grid = on_grid(
            [line, line, line[:2]],
            ["host", "matrix"],
            lambda middles: np.zeros(len(middles), dtype=np.int64),
        )
        # no tetrahedron of a box reaches across the plane between two of its edges along z
        x, y, _ = grid.points[grid.cells].mean(axis=1).T
        across = (x - y) % 1.0
        grid = replace(grid, cell_groups=np.where((START < across) & (across < END), 0, 1))
        grid = name_exterior(grid, {"inlet": (2, HEIGHT)}, of="host")
        ends = {"left": (0, 0.0), "right": (0, 1.0), "front": (1, 0.0), "back": (1, 1.0)}
        return name_exterior(grid, ends | {"bottom": (2, 0.0), "top": (2, HEIGHT)})

    sides = ("left", "right"), ("front", "back")
    roles = Roles(
        flux=("inlet",),
        sei=("inlet",),
        hull=("inlet", "top", *sides[0], *sides[1]),
        symmetry={"bottom": 2, "inlet": 2, "top": 2},
        periodic=sides,
        plate=("inlet", "top"),
    )
    host, matrix = SHARES * HEIGHT
    exact = {"host": float(host), "matrix": float(matrix), "hull": HEIGHT}
    return Geometry(
        name="askew",
        title="Layers that stand askew between periodic sides",
        kinematics=("3d",),
        parameters=NoParameters,
        exact=lambda p, kinematics: exact,
        roles=lambda p, kinematics: roles,
        regions=lambda p, kinematics: ("host", "matrix"),
        discretise=discretise,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layers:
    """The closed form.

    Attributes:
        across: Stretch of host and matrix across the layers.
        thickness: Stretch of both along z.
        stress: Cauchy stress [MPa] of both: across the layers, along them, and along z; shape
            (2, 3).
    """

    across: Array
    thickness: float
    stress: Array


def _layers(swelling: float) -> _Layers:
    """Solve for the stretches.

    Args:
        swelling: Volume ratio of the host without stress.
    """
    young, poisson = np.array([MODULI["host"], MODULI["matrix"]]).T
    shear, bulk = young / 2.0 / (1.0 + poisson), young / 3.0 / (1.0 - 2.0 * poisson)
    grown = np.array([swelling, 1.0])

    def nominal(unknown: Array) -> tuple[Array, Array]:
        """Stretches and first Piola-Kirchhoff stress, each of shape (2, 3)."""
        stretch = np.stack([unknown[:2], np.ones(2), np.repeat(unknown[2], 2)], axis=1)
        strain = np.log(stretch) - np.log(grown)[:, None] / 3.0
        mean = strain.mean(axis=1, keepdims=True)
        kirchhoff = 2.0 * shear[:, None] * (strain - mean) + 3.0 * bulk[:, None] * mean
        return stretch, grown[:, None] * kirchhoff / stretch

    def residual(unknown: Array) -> Array:
        _, stress = nominal(unknown)
        width = SHARES @ unknown[:2] - 1.0
        jump, lift = stress[0, 0] - stress[1, 0], SHARES @ stress[:, 2] + PRESSURE
        return np.array([width, jump / young.min(), lift / young.min()])

    found = fsolve(residual, np.ones(3), xtol=1e-12)
    stretch, stress = nominal(found)
    cauchy = stress * stretch / stretch.prod(axis=1, keepdims=True)
    return _Layers(across=found[:2], thickness=float(found[2]), stress=cauchy)


@problem(
    "periodic-layers-askew",
    title="Layers that stand askew between periodic sides swell as if there were no sides",
    group="Swelling and elasticity",
    question="A slab of two kinds of layers, which stand askew to its periodic sides, lies under a "
    "plate, and one kind swells: how thick does it become, and do its sides bend as they must?",
    exact=r"Each layer is stretched uniformly, by $\lambda_i$ across the layers, not along them, "
    r"and by $\lambda_z$ upwards: $\sum f_i \lambda_i = 1$, the stress across is the same in all "
    r"layers, and $\sum f_i P_{z,i} = -p$. The displacement is a zigzag along the normal of the "
    "layers, which every side cuts at its own places; between mirrors there is no such solution.",
    quick=True,
)
def layers_askew(folder: Path) -> Outcome:
    """Halfway and to the full host, by elements that hold the solution."""
    numbers = Numbers(read(_slab(), folder, order=1))
    laws = {}
    for name, (young, poisson) in MODULI.items():
        elasticity = Hencky(
            numbers.same(f"{name} young", young), numbers.same(f"{name} poisson", poisson)
        )
        full = FULL if name == "host" else 1.0
        laws[name] = Solid(elasticity, Elastic(), numbers.linear(f"{name} swelling", 1.0, full))
    regions = [
        Region("host", laws["host"], uniform_species()),
        Region("matrix", laws["matrix"], None),
    ]
    simulation = Simulation(numbers, regions, more=[Plate(PRESSURE)])
    metrics, checks = simulation.metrics(), []
    for soc in (0.5, 1.0):
        simulation.step(soc=soc)
        exact = _layers(1.0 + (FULL - 1.0) * soc)
        checks.append(
            Check(
                quantity=f"thickness over that before, state of charge {soc:g} [-]",
                exact=exact.thickness,
                computed=metrics.row()["thickness_ratio [-]"],
                tolerance=1e-10,
                reason=ROUND_OFF,
            )
        )
        nodes, displacement = simulation.displacement()
        checks.append(
            at_most(
                f"largest error of the zigzag, state of charge {soc:g} [um]",
                float(np.abs(displacement - _zigzag(nodes, exact.across)).max()),
                1e-10,
                reason=ROUND_OFF,
            )
        )
    for region, (across, along, up) in zip(("host", "matrix"), exact.stress, strict=True):
        cauchy = simulation.symbols.responses[region].cauchy
        for name, value, component in (
            ("along z", up, cauchy[2, 2]),
            ("in the planes of the sides", (along - across) / 2.0, cauchy[0, 1]),
        ):
            checks.append(
                Check(
                    quantity=f"stress of the full {region} {name} [MPa]",
                    exact=float(value),
                    computed=simulation.mean(region, component),
                    tolerance=1e-8,
                    reason=ROUND_OFF,
                )
            )
    return Outcome(checks=checks)


def _zigzag(nodes: Array, across: Array) -> Array:
    """Displacement [um] at nodes [um], none at a corner; both of shape (n, 3).

    Args:
        nodes: Before swelling.
        across: Stretches of host and matrix across the layers.
    """
    host, matrix = across - 1.0
    ends = np.array([0.0, START, END, 1.0])
    moves = np.concatenate([[0.0], np.cumsum(np.diff(ends) * [matrix, host, matrix])])
    along = np.interp((nodes[:, 0] - nodes[:, 1]) % 1.0, ends, moves) / 2.0
    return np.stack([along, -along, np.zeros_like(along)], axis=1)

"""A ball that is filled from outside with a broken ring on its equator: does the ring grow?

The equator's plane is a cohesive interface: it bears pressure, whole or broken. Every toughness is
one run; rows go to out/critical-equator, runs that are there already are not repeated, and the
figure beside this file is drawn from all of them.

    container/run python3 runs/critical-size/equator.py 20 40 80
"""

from __future__ import annotations

import argparse
import csv
import time
from dataclasses import dataclass, replace
from pathlib import Path

import basix.ufl
import matplotlib.pyplot as plt
import numpy as np
import ufl
from dolfinx import fem

from anodefem import protocols
from anodefem.errors import ConvergenceError
from anodefem.fem.domain import SOLID_DEGREE
from anodefem.fem.points import PointValues
from anodefem.geometry import Geometry, Roles, SimplexMesh
from anodefem.laws.chemistry import IdealSolution
from anodefem.laws.cohesive import Cohesive
from anodefem.meshing.grid import graded, joined, on_grid
from anodefem.meshing.simplices import compact, edges_of, name_exterior, oriented, with_facets
from anodefem.model.regions import Region, Species
from anodefem.physics.interfaces import APART, Interface
from anodefem.solve.clock import StepLimits
from anodefem.solve.control import TimeLoop
from anodefem.solve.interfaces import STIFFNESS, ZONE
from anodefem.workbench.bodies import HALF_BALL, Array, NoParameters, read
from anodefem.workbench.numbers import ENERGY, Numbers, solid
from anodefem.workbench.simulation import Simulation

HERE, OUT = Path(__file__).parent, Path("out/critical-equator")
#: Young's modulus, yield stress, strength of the plane per reference area [MPa].
YOUNG, YIELD, STRENGTH = 60e3, 1.5e3, 5e3
FULL = 3.751  # volume ratio of the full host
#: Depth of the broken ring over the radius; the radius is 1 um.
FLAW = 0.1
#: Size of the outer cells [um].
CELL = 0.025
#: Time by which damage lags [s].
LAG = 1.0
#: Between two currents: the surface of one is full, and would end the next before it has begun.
PAUSE = "rest 2 min"
#: Length at which a run ends: the crack has run, over the radius.
ENOUGH = 0.5
#: Toughness of Li2.8Si [J/m^2] (Pharr et al. 2013), and the size at which particles broke [um]
#: (Liu et al. 2012).
MEASURED, SEEN = 6.9, 0.15


@dataclass(frozen=True, slots=True)
class Filling:
    """How lithium comes in.

    Attributes:
        scale: Diffusivity of the empty host [um^2/s].
        bound: Lithium fraction from which on the diffusivity rises no more.
        full: Surface fraction at which a current ends.
        rates: Currents, one after the other, with `PAUSE` between two.
    """

    scale: float
    bound: float
    full: float
    rates: tuple[str, ...]

    @property
    def species(self) -> Species:
        """D(x) = D0 [1/(1-x) - 3.9 x], as in the problem silicon-stress-reversal."""

        def diffusivity(x: object) -> object:
            held = ufl.max_value(ufl.min_value(ufl.as_ufl(x), self.bound), 0.0)
            return self.scale * (1 / (1 - held) - 3.9 * held)

        return Species(3e5, ENERGY, IdealSolution(0.0), diffusivity, False)


FILLINGS = {
    "falling": Filling(
        3e-5, 0.998, 0.9998, ("1C", "C/2", "C/4", "C/8", "C/16", "C/32", "C/64", "C/128", "C/256")
    ),
    "constant": Filling(1e-4, 0.98, 0.995, ("1C",)),
}


def cut_ball(radii: Array, angles: Array) -> Geometry:
    """Return a ball of "lower" and "upper" half that are mirror images; axisymmetric.

    Args:
        radii: Lines of its grid [um], from 0.
        angles: Lines between the pole (0) and the equator (pi/2).
    """

    def discretise(p: NoParameters, kinematics: str) -> SimplexMesh:
        half = on_grid([radii, angles], ["upper"], lambda at: np.zeros(len(at), dtype=np.int64))
        count = len(half.points)
        below = half.points.copy()
        below[:, 1] = np.pi - below[:, 1]
        number = np.arange(2 * count)
        shared = np.flatnonzero(half.points[:, 1] == angles[-1])
        number[count + shared] = shared
        grid = replace(
            half,
            points=np.concatenate([half.points, below]),
            cells=number[np.concatenate([half.cells, half.cells + count])],
            cell_groups=np.repeat([1, 0], len(half.cells)),
            cell_names=("lower", "upper"),
        )
        end = float(radii[-1])
        grid = compact(grid)
        grid = name_exterior(grid, {"axis": (1, 0.0), "foot": (1, np.pi), "outer": (0, end)})
        names = [grid.facet_names[group] for group in grid.facet_groups]
        one = ["axis" if name == "foot" else name for name in names]
        bare = replace(
            grid, facets=grid.facets[:0], facet_groups=grid.facet_groups[:0], facet_names=()
        )
        return _bent(_pointed(with_facets(bare, grid.facets, one)))

    unit = HALF_BALL * float(radii[-1]) ** 3
    return Geometry(
        name="cut_ball",
        title="A ball that can come apart along its equator",
        kinematics=("axisymmetric",),
        parameters=NoParameters,
        exact=lambda p, kinematics: {"lower": unit, "upper": unit, "hull": 2 * unit},
        roles=lambda p, kinematics: Roles(
            flux=("outer",),
            sei=("outer",),
            hull=("outer",),
            symmetry={"axis": 0},
            anchor=(((0.0, -float(radii[-1])), 1),),
        ),
        regions=lambda p, kinematics: ("lower", "upper"),
        discretise=discretise,
    )


def _pointed(grid: SimplexMesh) -> SimplexMesh:
    """Let the cells at radius 0 meet in one point."""
    middle = np.flatnonzero(grid.points[:, 0] == 0.0)
    number = np.arange(len(grid.points))
    number[middle] = middle[0]
    cells = number[grid.cells]
    kept = np.array([len(set(cell)) == 3 for cell in cells])
    groups = grid.cell_groups[kept]
    return compact(replace(grid, cells=cells[kept], cell_groups=groups, facets=number[grid.facets]))


def _bent(polar: SimplexMesh) -> SimplexMesh:
    """Take a mesh in (radius, angle from the pole) to (r, z), middles of edges on circles."""
    edges = edges_of(polar.cells)
    edges = edges[polar.points[edges, 0].min(axis=1) > 0.0]
    curved = replace(polar, curved_edges=edges, curved_middles=polar.points[edges].mean(axis=1))

    def bend(points: Array) -> Array:
        radius, angle = points.T
        across = np.where(np.isin(angle, (0.0, np.pi)), 0.0, np.sin(angle))
        along = np.where(angle == np.pi / 2, 0.0, np.cos(angle))
        return np.stack([radius * across, radius * along], axis=1)

    return oriented(curved.moved(bend))


class Equator:
    """The ball with its flaw."""

    def __init__(self, toughness: float, filling: Filling, *, folder: Path) -> None:
        """Fill it a little and break the ring.

        Args:
            toughness: Of the plane per reference area [J/m^2 = MPa um].
            filling: How lithium comes in.
            folder: For the mesh.
        """
        radii = joined(np.linspace(0.0, 0.6, 13), np.linspace(0.6, 1.0, 17))
        angles = np.pi / 2 - graded(0.0, np.pi / 2, first=1.5 * CELL, last=0.6)[::-1]
        angles[[0, -1]] = 0.0, np.pi / 2
        domain = read(cut_ball(radii, angles), folder)
        numbers = Numbers(domain)
        silicon = solid(
            numbers, "silicon", young=YOUNG, poisson=0.22, full=FULL, yield_stress=YIELD
        )
        law = Cohesive(
            *(
                fem.Constant(domain.mesh, value)
                for value in (
                    STIFFNESS * YOUNG / (2 * CELL),
                    STRENGTH,
                    STRENGTH,
                    toughness,
                    toughness,
                    2.0,
                    LAG,
                )
            )
        )
        halves = ("lower", "upper")
        self.simulation = Simulation(
            numbers,
            [Region(half, silicon, filling.species) for half in halves],
            interfaces=[Interface("equator", *halves, law)],
            full=filling.full,
        )
        self.simulation.fill(0.02)
        self.filling = filling
        damage = self.simulation.state["interface_damage"]
        self.damage = damage
        x = damage.function_space.tabulate_dof_coordinates()
        cells = damage.function_space.dofmap.list[domain.cells("lower")]
        flat = np.abs(x[cells, 1]) < 1e-9
        on_plane = cells[flat.sum(axis=1) == 3]
        nodes = on_plane[np.abs(x[on_plane, 1]) < 1e-9]
        order = np.argsort(-x[nodes, 0], kind="stable")
        self.nodes, self.places = nodes[order], x[nodes[order], 0]
        damage.x.array[self.nodes[self.places > 1.0 - FLAW - 1e-9]] = 1.0

    def length(self) -> float:
        """Depth to which the plane is broken from the surface on [um]."""
        broken = self.damage.x.array[self.nodes] > APART
        first = int(np.argmin(broken)) if not broken.all() else len(broken)
        return 1.0 - float(self.places[first - 1])

    def run(self) -> list[dict[str, float]]:
        """Fill the ball; return the rows until it is full or the crack has run."""
        simulation = self.simulation
        metrics = simulation.metrics()
        simulation.start()
        angle = simulation.at_points("upper", simulation.domain.kinematics.position[1])
        radius = simulation.radius("upper")
        surface = (radius > 1.0 - CELL) & (angle > 0.7 * radius)
        hoop = Hoop(simulation)
        rows: list[dict[str, float]] = []
        begun = time.monotonic()

        def note(row: dict[str, float], end: bool) -> None:
            rows.append(
                {
                    "soc": row["soc [-]"],
                    "crack": self.length(),
                    "debonded": row["debonded_share_equator [-]"],
                    "hoop": 1e-3 * float(hoop.values()[surface].mean()),
                    "seconds": time.monotonic() - begun,
                }
            )
            now = rows[-1]
            if len(rows) % 10 == 0 or end:
                print(" ".join(f"{name} {value:.4g}" for name, value in now.items()), flush=True)
            if now["crack"] > ENOUGH:
                raise HasRun

        limits = StepLimits(
            soc=0.05,
            fraction=0.1,
            initial=1e-4,
            smallest=1e-9,
            count=3000,
        )
        loop = TimeLoop(simulation.updates, simulation.newton, metrics, limits, note)
        loop.clock.soc = metrics.row()["soc [-]"]
        steps = [PAUSE] * (2 * len(self.filling.rates) - 1)
        steps[::2] = [f"lithiate at {rate} until soc = 0.93" for rate in self.filling.rates]
        try:
            loop.run([protocols.parse(step) for step in steps])
        except HasRun:
            print("the crack has run")
        except ConvergenceError as error:
            print(f"ended early: {error}")
        return rows


class HasRun(Exception):
    """The crack is longer than `ENOUGH`."""


class Hoop:
    """Cauchy stress around the axis in the upper half."""

    def __init__(self, simulation: Simulation) -> None:
        """Compile."""
        grid = simulation.domain.mesh
        element = basix.ufl.quadrature_element(grid.basix_cell(), degree=SOLID_DEGREE)
        self._field = PointValues(fem.functionspace(grid, element))
        self._cells = simulation.domain.cells("upper")
        cauchy = simulation.symbols.responses["upper"].cauchy
        self._field.add(cauchy[2, 2], self._cells)

    def values(self) -> Array:
        """Stress [MPa] at the quadrature points."""
        field = self._field.evaluate()
        return np.asarray(field.x.array[field.function_space.dofmap.list[self._cells].ravel()])


def diameter(toughness: float) -> float:
    """Diameter [um] of the ball of measured toughness that a run stands for."""
    return 2.0 * MEASURED / toughness


def draw(folder: Path, path: Path) -> None:
    """Draw surface stress and crack length of all runs, and print a line for each."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.0, 3.4), layout="constrained")
    shown: set[str] = set()
    files = [(file.stem.split("-"), file) for file in folder.glob("*.csv")]
    for (filling, text), file in sorted(files, key=lambda each: float(each[0][1])):
        with file.open(newline="") as lines:
            rows = [
                {key: float(value) for key, value in row.items()} for row in csv.DictReader(lines)
            ]
        soc, crack, hoop = (
            np.array([row[key] for row in rows]) for key in ("soc", "crack", "hoop")
        )
        toughness = float(text)
        marks = {
            "grows": crack > FLAW + 1e-6,
            "by its own length": crack > 2 * FLAW - 1e-6,
            "in tension": hoop > 0.0,
        }
        times = [
            f"{name} from {soc[np.argmax(true)]:.3f}" if true.any() else f"never {name}"
            for name, true in marks.items()
        ]
        print(
            f"{file.stem}: {diameter(toughness):.3g} um, crack {crack[-1]:.4f} and hoop stress "
            f"{hoop[-1]:.2f} GPa at soc {soc[-1]:.3f}; {', '.join(times)}"
        )
        if filling not in shown:
            left.plot(soc, hoop, label=f"{filling} current")
            shown.add(filling)
        if filling == "falling":
            label = f"{toughness:g} J/m², {diameter(toughness):.2g} µm"
            right.plot(soc, crack, label=label)
    left.axhline(0.0, color="0.6", linewidth=0.8)
    left.set(xlabel="state of charge [-]", ylabel="hoop stress at the surface [GPa]")
    right.axhline(2 * FLAW, color="0.6", linewidth=0.8)
    right.set(xlabel="state of charge [-]", ylabel="crack length / R [-]", ylim=(0.0, None))
    for axes in (left, right):
        axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=150)


def main() -> None:
    """Run what is missing and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("toughness", nargs="*", type=float, help="J/m^2 per reference area")
    parser.add_argument("--filling", choices=FILLINGS, default="falling")
    asked = parser.parse_args()
    for toughness in asked.toughness:
        name = f"{asked.filling}-{toughness:g}"
        path = OUT / f"{name}.csv"
        if path.exists():
            continue
        zone = ZONE * YOUNG * toughness / STRENGTH**2
        print(f"{name}: zone in which the plane comes apart {zone:.3g} um")
        ball = Equator(toughness, FILLINGS[asked.filling], folder=OUT / name)
        rows = ball.run()
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    draw(OUT, HERE / "equator.png")


if __name__ == "__main__":
    main()

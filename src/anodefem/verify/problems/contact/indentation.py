"""A rigid tip pressed into a film on a host: what modulus it would be said to have."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anodefem.geometry import Geometry, Roles, SimplexMesh
from anodefem.meshing.grid import on_grid
from anodefem.meshing.simplices import name_exterior
from anodefem.model.regions import Region
from anodefem.physics.indenter import Indenter
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.workbench.bodies import NoParameters, read
from anodefem.workbench.numbers import Numbers, solid, uniform_species
from anodefem.workbench.simulation import Array, Simulation

RADIUS = 1.0  # of the tip [um]
DEPTHS = np.array([0.625, 1.25, 1.875, 2.5]) * 1e-3  # [um]
WIDTH = np.sqrt(RADIUS * DEPTHS[-1])  # radius of the contact that Hertz has at the last one [um]
SIZE = 100.0 * WIDTH  # of the body [um]
YOUNG, POISSON = 1e3, 0.3  # of the film [MPa, -]
THICK, THIN = 40.0 * WIDTH, 2.5 * WIDTH  # [um]
GROWTH = 1.25  # of cells away from the tip
STIFF, SOFT = 1e3, 0.1  # modulus of a host over that of the film


def hertz(depth: Array, young: float) -> Array:
    """Force [uN] of a half space on the tip (Hertz 1881).

    Args:
        depth: Of the tip [um].
        young: Of the half space [MPa].
    """
    return np.asarray(4.0 / 3.0 * young / (1.0 - POISSON**2) * RADIUS**0.5 * depth**1.5)


def on_rigid(ratio: float) -> float:
    """Force of a film that is bonded to a rigid host over that of a half space.

    Dimitriadis et al., Biophysical Journal 82 (2002) 2798, equation 12.

    Args:
        ratio: sqrt(tip radius * depth) over the thickness of the film; up to about 1.
    """
    a = -(1.2876 - 1.4678 * POISSON + 1.3442 * POISSON**2) / (1.0 - POISSON)
    b = (0.6387 - 1.0277 * POISSON + 1.5164 * POISSON**2) / (1.0 - POISSON)
    pi = np.pi
    terms = (
        1.0,
        -2.0 * a / pi,
        4.0 * a**2 / pi**2,
        -8.0 / pi**3 * (a**3 + 4.0 * pi**2 / 15.0 * b),
        16.0 * a / pi**4 * (a**3 + 3.0 * pi**2 / 5.0 * b),
    )
    return float(sum(term * ratio**power for power, term in enumerate(terms)))


@dataclass(frozen=True)
class Curve:
    """What the force microscope would give.

    Attributes:
        force: At each of `DEPTHS` [uN].
        contact: Radius of the contact at the last of them [um].
    """

    force: Array
    contact: float

    @property
    def apparent(self) -> float:
        """Modulus by Hertz from the last force [MPa]."""
        return float(YOUNG * self.force[-1] / hertz(DEPTHS[-1], YOUNG))

    @property
    def unloading(self) -> float:
        """Modulus by Oliver and Pharr (1992), from the slope S = 2 E / (1 - nu^2) a [MPa].

        The slope is that of a power law of the depth through the last two forces.
        """
        power = np.log(self.force[-1] / self.force[-2]) / np.log(DEPTHS[-1] / DEPTHS[-2])
        slope = power * self.force[-1] / DEPTHS[-1]
        return float(slope * (1.0 - POISSON**2) / (2.0 * self.contact))


class Tip:
    """A film on a host under the tip."""

    def __init__(self, folder: Path, thickness: float) -> None:
        """Mesh and compile.

        Args:
            folder: For the mesh.
            thickness: Of the film [um].
        """
        numbers = Numbers(read(_body(thickness), folder))
        regions = [
            Region(name, solid(numbers, name, young=YOUNG, poisson=POISSON), species)
            for name, species in (("film", uniform_species()), ("host", None))
        ]
        self._tip = Indenter(
            numbers.domain,
            surface="top",
            height=SIZE,
            radius=RADIUS,
            stiffness=5e3 * YOUNG / RADIUS,
        )
        self._simulation = Simulation(numbers, regions, more=[self._tip])
        self._metrics = self._simulation.metrics()

    def press(self, ratio: float) -> Curve:
        """Press the tip in, step by step.

        Args:
            ratio: Modulus of the host over that of the film.
        """
        simulation = self._simulation
        simulation.numbers["host young"].value = ratio * YOUNG
        simulation.state["u"].x.array[:] = 0.0
        forces = []
        for depth in DEPTHS:
            self._tip.depth.value = depth
            simulation.step()
            row = self._metrics.row()
            forces.append(row["indenter_force [uN]"])
        return Curve(np.array(forces), float(np.sqrt(row["indenter_area [um^2]"] / np.pi)))


def _lines(end: float, first: float) -> Array:
    """Lines of a grid from 0 to an end, whose distances grow by `GROWTH` [um].

    Args:
        end: Of the last line [um].
        first: Distance of the first two, about [um].
    """
    count = max(2, round(np.log1p(end / first * (GROWTH - 1.0)) / np.log(GROWTH)))
    lines = GROWTH ** np.arange(count + 1) - 1.0
    return np.asarray(end * lines / lines[-1])


def _body(thickness: float) -> Geometry:
    """A film on a host, with fine cells where the tip touches; axisymmetric.

    Args:
        thickness: Of the film [um].
    """
    fine = np.linspace(0.0, 1.5 * WIDTH, 13)
    radial = np.concatenate([fine, fine[-1] + _lines(SIZE - fine[-1], fine[1])[1:]])
    film = _lines(thickness, fine[1])
    host = thickness + _lines(SIZE - thickness, float(np.diff(film)[-1]))
    heights = SIZE - np.concatenate([film, host[1:]])[::-1]
    face = SIZE - thickness

    def discretise(p: NoParameters, kinematics: str) -> SimplexMesh:
        grid = on_grid(
            [radial, heights],
            ["host", "film"],
            lambda middles: (middles[:, 1] > face).astype(np.int64),
        )
        planes = {"axis": (0, 0.0), "side": (0, SIZE), "bottom": (1, 0.0), "top": (1, SIZE)}
        return name_exterior(grid, planes)

    area = np.pi * SIZE**2
    exact = {"host": area * face, "film": area * thickness, "hull": area * SIZE}
    roles = Roles(
        flux=("top",), sei=(), hull=("top", "side"), symmetry={"axis": 0, "side": 0, "bottom": 1}
    )
    return Geometry(
        name="indented",
        title="A film on a host",
        kinematics=("axisymmetric",),
        parameters=NoParameters,
        exact=lambda p, kinematics: exact,
        roles=lambda p, kinematics: roles,
        regions=lambda p, kinematics: ("host", "film"),
        discretise=discretise,
    )


@problem(
    "indentation",
    title="A tip gives back the modulus of a thick film, and not that of a thin one",
    group="Contact",
    question="What modulus does a force microscope find for an SEI: where is it that of the film, "
    "and where that of what it lies on?",
    exact="Hertz's force of a half space on a paraboloid; the slope of Oliver and Pharr; for a "
    "film on a rigid host the series of Dimitriadis et al. (2002). For a soft host only bounds.",
    quick=True,
)
def indentation(folder: Path) -> Outcome:
    """Pressed in by a 400th of the radius of the tip."""
    thick, thin = Tip(folder / "thick", THICK), Tip(folder / "thin", THIN)
    even, lying = thick.press(1.0), thick.press(STIFF)
    over = {ratio: thin.press(ratio) for ratio in (STIFF, 1.0, SOFT)}
    rigid = on_rigid(WIDTH / THIN)
    checks = [
        Check(
            quantity="modulus by Hertz, half space [MPa]",
            exact=YOUNG,
            computed=even.apparent,
            tolerance=2e-2,
            reason="a body of 100 radii of the contact is 1 % too stiff; the strain is finite",
        ),
        Check(
            quantity="modulus by Hertz, film of 40 radii of the contact on a stiff host [MPa]",
            exact=YOUNG,
            computed=lying.apparent,
            tolerance=5e-2,
            reason="by the series the host adds 2 %; the rest is that of the half space",
        ),
        Check(
            quantity="the same from the slope, by Oliver and Pharr [MPa]",
            exact=YOUNG,
            computed=lying.unloading,
            tolerance=5e-2,
            reason="as before; the radius of the contact is that of the points that touch",
        ),
        Check(
            quantity="modulus by Hertz over that of the film, 2.5 radii thick on a stiff host [-]",
            exact=rigid,
            computed=over[STIFF].apparent / YOUNG,
            tolerance=5e-2,
            reason="a series in the radius of the contact over the thickness, cut off",
        ),
        at_most(
            "the same on a host a tenth as stiff [-]",
            over[SOFT].apparent / YOUNG,
            0.8,
            reason="the host gives way under the film; it cannot be below a tenth",
        ),
    ]
    line = np.linspace(0.0, DEPTHS[-1], 40)
    curves = [
        Series(label="half space, Hertz", x=list(line), y=list(hertz(line, YOUNG)), exact=True),
        *(
            Series(label=f"thin film, {name}", x=list(DEPTHS), y=list(over[ratio].force))
            for name, ratio in (("stiff host", STIFF), ("host alike", 1.0), ("soft host", SOFT))
        ),
    ]
    plot = Plot(title="Force on the tip", x="depth [um]", y="force [uN]", curves=curves)
    return Outcome(checks=checks, plots=[plot])

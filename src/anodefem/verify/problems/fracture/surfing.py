"""Driving force and dissipation of a smeared crack that runs steadily."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem.compilation import compile_form
from anodefem.laws.fracture import CrackModel, band_toughness
from anodefem.model.regions import Region
from anodefem.physics.cracks import Cracks
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.verify.problems.fracture.bar import LENGTH, YOUNG, toughness
from anodefem.workbench.bodies import Array, plate, read
from anodefem.workbench.numbers import Numbers, solid, uniform_species
from anodefem.workbench.simulation import Simulation

POISSON = 0.22

#: Plate: length and half its height over l, and cells over l along the crack.
REACH, HALF, ACROSS = 18.0, 6.0, 4

#: Where the crack ends at first, over l, and the travel after which it is taken to run steadily.
START, SETTLED = 5.4, 4.0


def opening_field(x: Array, *, tip: float, factor: float) -> Array:
    """Displacement [um] around a crack along x < tip, y = 0, opened in mode I (Williams 1957).

    Args:
        x: Points [um], shape (n, 2).
        tip: End of the crack [um].
        factor: Stress intensity over shear modulus [um^0.5].
    """
    z = (x[:, 0] - tip) + 1j * x[:, 1]
    r, angle = np.abs(z), np.angle(z)
    # points between the faces stay where they are
    between = np.abs(x[:, 1]) < 1e-9
    r[between & (x[:, 0] < tip)] = angle[between] = 0.0
    scale = factor / 2.0 * np.sqrt(r / (2.0 * np.pi)) * (3.0 - 4.0 * POISSON - np.cos(angle))
    return np.stack([scale * np.cos(angle / 2.0), scale * np.sin(angle / 2.0)], axis=1)


class Surfed:
    """A plate with a crack, whose edges follow the field of a crack in mode I that moves."""

    def __init__(self, folder: Path, *, weaker: float = 1.0) -> None:
        """Make a plate on a grid that is symmetric about a row of cells along the crack.

        Args:
            folder: For the mesh.
            weaker: What a crack along the middle costs over what it does elsewhere.
        """
        self.cell = LENGTH / ACROSS
        around = toughness(CrackModel(True, LENGTH))
        self.toughness = weaker * around
        self.expected = self.toughness * (1.0 + 3.0 / (8.0 * ACROSS))
        self.half = HALF * LENGTH
        numbers = Numbers(read(plate(*self._lines()), folder))
        numbers["toughness"].value = around
        gc: Expr = numbers["toughness"]
        if weaker != 1.0:
            model = CrackModel(True, LENGTH)
            inside = band_toughness(model, wanted=self.toughness, around=around, share=1.0)
            height = ufl.SpatialCoordinate(numbers.domain.mesh)[1]
            near = ufl.lt(abs(height), LENGTH + self.cell / 2)
            gc = gc * ufl.conditional(near, inside / around, 1.0)
        law = solid(numbers, "solid", young=YOUNG, poisson=POISSON)
        fracture = Cracks(CrackModel(True, LENGTH), {"solid": gc})
        self.simulation = Simulation(
            numbers, [Region("solid", law, uniform_species())], cracks=fracture
        )
        state, domain = self.simulation.state, self.simulation.domain
        space = state["u"].function_space
        facets = [domain.facets(name) for name in ("left", "right", "bottom", "top")]
        self._held = fem.locate_dofs_topological(space, 1, np.concatenate(facets))
        # the edges hold it, not the points by which the mesher holds a free body
        self.simulation.model.constraints["u"][:] = [fem.dirichletbc(state["u"], self._held)]
        self._points = space.tabulate_dof_coordinates()[:, :2]
        # Irwin: K of the field at the edges, whose driving force is what the crack needs
        shear = YOUNG / (2.0 * (1.0 + POISSON))
        self._factor = np.sqrt(self.expected * YOUNG / (1.0 - POISSON**2)) / shear
        self._work = compile_form(fracture.work(self.simulation.symbols, "solid"))
        self._integrals = [self._integral(share * self.half) for share in (0.3, 0.5)]
        self._begin()

    def _lines(self) -> tuple[Array, Array]:
        """Lines of the grid: even around the crack, then ever wider."""
        x = np.arange(round(REACH * ACROSS) + 1) * self.cell
        rows = round(2.5 * ACROSS)
        near = (np.arange(2 * rows) - rows + 0.5) * self.cell
        steps = np.cumsum(1.35 ** np.arange(1, 5))
        far = near[-1] + (self.half - near[-1]) * steps / steps[-1]
        return x, np.concatenate([-far[::-1], near, far])

    def _begin(self) -> None:
        """Cut the crack that is there at first, and open it in three steps."""
        state, start = self.simulation.state, START * LENGTH
        x, y = state["crack"].function_space.tabulate_dof_coordinates()[:, :2].T
        ahead, beside = np.maximum(x - start, 0.0), np.maximum(np.abs(y) - self.cell / 2, 0.0)
        profile = CrackModel(True, LENGTH).profile(np.hypot(ahead, beside))
        for field in (state["crack"], state.start("crack")):
            field.x.array[:] = profile
        for share in (0.3, 0.6):
            field = opening_field(self._points, tip=start, factor=share * self._factor)
            state["u"].x.array.reshape(-1, 2)[:] = field
            self.simulation.step()

    def _integral(self, margin: float) -> Callable[[], float]:
        """J [MPa um] over a band of this width along the edges."""
        end, half = REACH * LENGTH, self.half
        return self.simulation.j_integral(
            "solid",
            lambda p: np.minimum(
                np.minimum(np.minimum(p[0], end - p[0]), half - np.abs(p[1])) / margin, 1.0
            ),
        )

    def move(self, tip: float) -> tuple[float, list[float]]:
        """Let the edges follow a crack that ends at ``tip`` [um]; crack energy and two J."""
        simulation = self.simulation
        field = opening_field(self._points[self._held], tip=tip, factor=self._factor)
        simulation.state["u"].x.array.reshape(-1, 2)[self._held] = field
        simulation.step()
        return simulation.domain.total(self._work), [force() for force in self._integrals]


def surf(surfed: Surfed, tolerance: float, reason: str) -> Outcome:
    """Move the edges by one l a step, and compare what the crack needs and spends.

    Args:
        surfed: The plate.
        tolerance: Of driving force and energy.
        reason: For it.
    """
    tips = START + np.arange(9.0)
    works, integrals = [], []
    for tip in tips:
        work, both = surfed.move(tip * LENGTH)
        works.append(work)
        integrals.append(both)
    forces = np.array(integrals)
    steady = tips >= START + SETTLED - 1e-9
    spent = np.polyfit(tips[steady] * LENGTH, np.array(works)[steady], 1)[0]
    wide, narrow = forces[steady].mean(axis=0)
    gc = surfed.toughness
    return Outcome(
        checks=[
            Check(
                quantity="J-integral over toughness, mean while it runs [-]",
                exact=surfed.expected / gc,
                computed=float(narrow) / gc,
                tolerance=tolerance,
                reason=reason,
            ),
            Check(
                quantity="energy spent per area of new crack over toughness [-]",
                exact=surfed.expected / gc,
                computed=float(spent) / gc,
                tolerance=tolerance,
                reason=reason,
            ),
            at_most(
                "difference of J between two bands over J [-]",
                float(abs(wide / narrow - 1.0)),
                2e-3,
                reason="J does not depend on its path; cells far from the crack are coarse",
            ),
        ],
        plots=[
            Plot(
                title="A crack follows the field at the edges",
                x="end of the crack in the field at the edges over l [-]",
                y="J over toughness [-]",
                curves=[
                    Series(
                        label="needed", x=tips[[0, -1]], y=[surfed.expected / gc] * 2, exact=True
                    ),
                    Series(label="computed", x=tips, y=forces[:, 1] / gc),
                ],
            )
        ],
    )


@problem(
    "crack-driving-force",
    title="A crack runs where its driving force reaches its toughness",
    group="Fracture",
    question="What driving force does a smeared crack need to run steadily, and what does it "
    "dissipate?",
    exact=r"The J-integral around its end equals the energy spent per area of new crack, and both "
    r"equal $G_c (1 + 3h/(8l))$ for AT1 when the broken row of cells is h high (Bourdin, Francfort "
    "and Marigo 2008). The edges of a plate in plane strain follow the displacement around a crack "
    "in mode I that moves through it ('surfing', Hossain, Hsueh, Bourdin and Bhattacharya 2014), "
    r"so the crack runs without a jump. The plate measures 18 by 12 l, $h = l/4$; the crack is "
    "taken to run steadily after 4 l.",
)
def crack_driving_force(folder: Path) -> Outcome:
    """AT1."""
    return surf(
        Surfed(folder),
        2e-2,
        "the crack moves cell by cell, which makes J vary by 1 %; what a broken point keeps",
    )


@problem(
    "crack-along-interface",
    title="A crack along a weak interface costs the toughness of the interface",
    group="Fracture",
    question="A crack runs through a band whose toughness was chosen such that it costs half of "
    "what it does elsewhere. Does it?",
    exact=r"Driving force and energy spent are those of `crack-driving-force` with half the "
    "toughness. The band is one length wide on either side of the crack, half of which lies "
    "outside, so the band is less tough than the crack is to cost (see `band_toughness`).",
)
def crack_along_interface(folder: Path) -> Outcome:
    """AT1, half the toughness."""
    return surf(
        Surfed(folder, weaker=0.5),
        2e-2,
        "as in `crack-driving-force`, and the band ends between two rows of cells",
    )

"""Bars with a smeared crack: strength and dissipation, brittle and ductile."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem.compilation import compile_form
from anodefem.laws.fracture import RESIDUAL_STIFFNESS, CrackModel, strength
from anodefem.model.regions import Region
from anodefem.physics.cracks import Cracks
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.workbench.bodies import bar, read
from anodefem.workbench.numbers import Numbers, solid, uniform_species
from anodefem.workbench.simulation import Simulation

YOUNG, LENGTH, STRENGTH = 1e5, 0.1, 100.0  # MPa, um, MPa

WEAKNESS = 0.02


def toughness(model: CrackModel) -> float:
    """Gc [MPa um] that gives `STRENGTH`."""
    return (STRENGTH / strength(model, young=YOUNG, toughness=1.0)) ** 2


class PulledBar:
    """A bar of length 1 um that can break, pulled at its top."""

    def __init__(
        self,
        folder: Path,
        *,
        linear: bool,
        along: int,
        weak: bool = False,
        yield_stress: float | None = None,
        plastic_share: float = 0.0,
    ) -> None:
        """Make a bar.

        Args:
            folder: For the mesh.
            linear: AT1; else AT2.
            along: Cells over its length.
            weak: The middle is a little less tough, so that the crack has a place to begin.
            yield_stress: Of the bar [MPa]; None for an elastic one.
            plastic_share: Share of the plastic work that drives the crack.
        """
        self.model = CrackModel(linear, LENGTH)
        radius = 1.0 / along
        numbers = Numbers(read(bar(radius=radius, length=1.0, across=1, along=along), folder))
        self.area = np.pi * radius**2
        # no Poisson's ratio: the bar is uniaxial whatever happens in it
        law = solid(numbers, "solid", young=YOUNG, poisson=0.0, yield_stress=yield_stress)
        numbers["toughness"].value = toughness(self.model)
        gc: Expr = numbers["toughness"]
        if weak:
            height = ufl.SpatialCoordinate(numbers.domain.mesh)[1]
            near = ufl.lt(abs(height - 0.5), 1.0 / along)
            gc = gc * ufl.conditional(near, 1.0 - WEAKNESS, 1.0)
        fracture = Cracks(self.model, {"solid": gc}, plastic_share=plastic_share)
        self.simulation = Simulation(
            numbers, [Region("solid", law, uniform_species())], cracks=fracture
        )
        state, domain = self.simulation.state, self.simulation.domain
        self.crack = state["crack"]
        space = state["u"].function_space.sub(1)
        self._top = fem.locate_dofs_topological(space, 1, domain.facets("top"))
        self._work = compile_form(fracture.work(self.simulation.symbols, "solid"))
        self._response = self.simulation.symbols.responses["solid"]

    def draw(self, strain: float) -> float:
        """Draw out at constant volume to a logarithmic strain; largest value of the crack field.

        The displacement is given everywhere: a soft body would not stay uniform.
        """
        simulation, u = self.simulation, self.simulation.state["u"]
        across, along = np.exp([-strain / 2.0, strain]) - 1.0
        u.interpolate(lambda x: np.stack([across * x[0], along * x[1]]))
        every = np.arange(u.function_space.dofmap.index_map.size_local, dtype=np.int32)
        simulation.model.constraints["u"][:] = [fem.dirichletbc(u, every)]
        simulation.step()
        return float(self.crack.x.array.max())

    def pull(self, elongation: float) -> Pull:
        """Pull to an elongation [um]."""
        simulation = self.simulation
        simulation.state["u"].x.array[self._top] = elongation
        simulation.step()
        return Pull(
            stress=simulation.mean("solid", self._response.piola[1, 1]),
            elastic=simulation.total("solid", self._response.energy) / self.area,
            crack=simulation.domain.total(self._work) / self.area,
            largest=float(self.crack.x.array.max()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """State of a bar.

    Attributes:
        stress: Force over reference area [MPa].
        elastic, crack: Energies over the area [MPa um].
        largest: Largest value of the crack field.
    """

    stress: float
    elastic: float
    crack: float
    largest: float


MODELS = {"AT1": True, "AT2": False}


@problem(
    "bar-strength",
    title="A bar that can break bears what its length scale allows",
    group="Fracture",
    question="What is the largest stress of a bar in tension, when its cracks are smeared out over "
    "a length l?",
    exact=r"$\sqrt{3 E G_c/(8 l)}$ for AT1, reached when damage begins, and "
    r"$(9/16)\sqrt{E G_c/(3 l)}$ for AT2, at $d = 1/4$ (Pham, Amor, Marigo and Maurini 2011) for a "
    "bar that stays uniform. With a weak spot it breaks there, at the same stress.",
    quick=True,
)
def bar_strength(folder: Path) -> Outcome:
    """Both models, uniform and with a weak spot."""
    checks, curves = [], []
    for name, linear in MODELS.items():
        # strain at the largest stress
        peak = STRENGTH / YOUNG * (1.0 if linear else 16.0 / 9.0)
        loads = np.concatenate([np.linspace(0.4, 0.95, 4), np.linspace(0.96, 1.04, 17)])
        uniform = PulledBar(folder / f"{name}-uniform", linear=linear, along=10)
        stresses = [uniform.pull(load * peak).stress for load in loads]
        checks.append(
            Check(
                quantity=f"largest stress of a uniform bar, {name} [MPa]",
                exact=STRENGTH,
                computed=max(stresses),
                tolerance=2e-3,
                reason="the stiffness kept by a broken point is 1e-3; loads 0.5 % apart",
            )
        )
        weak = PulledBar(folder / f"{name}-weak", linear=linear, along=50, weak=True)
        pulls = [weak.pull(load * peak) for load in (*loads, 1.1, 1.3, 1.6)]
        checks += [
            Check(
                quantity=f"largest stress of a bar with a weak spot, {name} [MPa]",
                exact=STRENGTH,
                computed=max(pull.stress for pull in pulls),
                tolerance=1e-2,
                reason=f"the spot has {WEAKNESS:.0%} less toughness over two cells",
            ),
            at_most(
                f"stress after it has broken over the largest, {name} [-]",
                pulls[-1].stress / STRENGTH,
                0.1,
                reason="what the stiffness kept in the middle of the crack carries",
            ),
        ]
        curves.append(
            Series(
                label=f"{name}, weak spot",
                x=[1e3 * peak * load for load in (*loads, 1.1, 1.3, 1.6)],
                y=[pull.stress for pull in pulls],
            )
        )
    curves.append(Series(label="strength", x=[0.0, 2.2], y=[STRENGTH, STRENGTH], exact=True))
    return Outcome(
        checks=checks,
        plots=[Plot(title="A bar is pulled", x="strain [1e-3]", y="stress [MPa]", curves=curves)],
    )


#: Yield stress [MPa] of a ductile body, and the share of its plastic work that drives its crack.
YIELD, SHARE = 0.5 * STRENGTH, 0.1


@problem(
    "crack-ductile",
    title="A body that yields breaks of its plastic work",
    group="Fracture",
    question="At what plastic strain does a body break whose stress plastic flow holds below its "
    "strength, if a share of the plastic work drives the crack?",
    exact=r"Drawn out at constant volume, damage begins when $\psi_y + \beta \sigma_y "
    r"\varepsilon_p = \psi_c = 3 G_c/(16 l (1 - k))$ and goes on as $1 - d = \psi_c / (\psi_y + "
    r"\beta \sigma_y \varepsilon_p)$, with $\psi_y = \sigma_y^2/(6 G)$, for AT1 and a deformation "
    r"that is the same everywhere. $\varepsilon_p$ is logarithmic, $\beta = 0.1$, $\sigma_y$ half "
    "the strength of a bar, k the stiffness that a broken point keeps. Without the share it never "
    "breaks. (Driven as by Ambati, Gerasimov and De Lorenzis 2015, with AT1 and without an energy "
    "behind it.)",
    quick=True,
)
def crack_ductile(folder: Path) -> Outcome:
    """AT1, drawn to three times the plastic strain at which damage begins."""
    threshold = STRENGTH**2 / (2.0 * YOUNG) / (1.0 - RESIDUAL_STIFFNESS)
    elastic = YIELD**2 / (3.0 * YOUNG)  # without Poisson's ratio 2 G = E
    at_yield = 2.0 / 3.0 * YIELD / YOUNG  # sigma_y = 3 G times the logarithmic strain
    critical = (threshold - elastic) / (SHARE * YIELD)
    shares = np.arange(1, 151) / 50.0
    fields = {}
    for share in (SHARE, 0.0):
        place = folder / f"{share:g}"
        body = PulledBar(place, linear=True, along=4, yield_stress=YIELD, plastic_share=share)
        fields[share] = [body.draw(critical * part + at_yield) for part in shares]
    damage = np.maximum(1.0 - threshold / (elastic + SHARE * YIELD * critical * shares), 0.0)
    found = fields[SHARE]
    checks = [
        at_most(
            "crack field at 0.98 of the plastic strain at which damage begins [-]",
            found[48],
            1e-9,
            reason="whole until then",
        ),
        *(
            Check(
                quantity=f"crack field at {shares[i]:g} of that strain [-]",
                exact=float(damage[i]),
                computed=found[i],
                tolerance=tolerance,
                reason=reason,
            )
            for i, tolerance, reason in (
                (50, 2e-2, "so near its begin a thousandth of the strain moves the field by 5 %"),
                (74, 2e-3, "steps of a fiftieth of that strain"),
                (149, 2e-3, "steps of a fiftieth of that strain"),
            )
        ),
        at_most(
            "crack field without the share [-]",
            max(fields[0.0]),
            1e-9,
            reason="the elastic energy stays a sixth of the threshold",
        ),
    ]
    return Outcome(
        checks=checks,
        plots=[
            Plot(
                title="A body yields and breaks",
                x="plastic strain over that at which damage begins [-]",
                y="crack field [-]",
                curves=[
                    Series(label="exact", x=shares, y=damage, exact=True),
                    Series(label="computed", x=shares[::10], y=found[::10]),
                ],
            )
        ],
    )

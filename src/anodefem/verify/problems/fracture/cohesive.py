"""Interfaces that debond: energy spent in every mode, and beams that are peeled apart."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem.compilation import compile_form
from anodefem.errors import ConvergenceError
from anodefem.fem.domain import Domain
from anodefem.laws.cohesive import Cohesive
from anodefem.model.regions import Region
from anodefem.physics.interfaces import Interface
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.workbench.bodies import Array, laminate, read
from anodefem.workbench.numbers import Numbers, solid, uniform_species
from anodefem.workbench.simulation import Simulation

#: Time of a step that is not halved any more [s].
SHORTEST = 1e-4


class Laminate:
    """Two strips on each other with an interface that can debond."""

    def __init__(
        self, domain: Domain, law: Cohesive, *, young: float, base: float | None = None
    ) -> None:
        """Put materials on a `laminate`, without Poisson's ratio.

        Args:
            domain: The mesh.
            law: Of the interface.
            young: Of both strips [MPa].
            base: Of the lower one, if that is another number.
        """
        numbers = Numbers(domain)
        upper = solid(numbers, "upper", young=young, poisson=0.0)
        lower = solid(numbers, "lower", young=base or young, poisson=0.0)
        self.simulation = Simulation(
            numbers,
            [Region("lower", lower, uniform_species()), Region("upper", upper, None)],
            interfaces=[Interface("interface", "lower", "upper", law)],
        )
        self.state, self.domain = self.simulation.state, domain
        self.damage, self.jump = self.state["interface_damage"], self.state["jump"]
        self.space = self.state["u"].function_space
        (interfaces,), symbols = self.simulation.interfaces, self.simulation.symbols
        nodes = interfaces.nodes(symbols, interfaces.interfaces[0])
        traction = symbols.once(interfaces.responses)[0].traction
        self._force = [compile_form(traction[i] * nodes) for i in (0, 1)]

    def hold(self, *names: str, component: int | None = None) -> Array:
        """Let nodes on facets keep the displacement that they are given; return their unknowns.

        Args:
            names: Facet groups.
            component: Of the displacement: 0 along x, 1 along y.
        """
        facets = np.concatenate([self.domain.facets(name) for name in names])
        held = self.simulation.model.constraints["u"]
        if component is None:
            dofs = fem.locate_dofs_topological(self.space, 1, facets)
            held.append(fem.dirichletbc(self.state["u"], dofs))
        else:
            part = self.space.sub(component)
            dofs = fem.locate_dofs_topological(part, 1, facets)
            held.append(fem.dirichletbc(0.0, dofs, part))
        return np.asarray(dofs)

    def step(self, dt: float = 1.0) -> Array:
        """Take a step of ``dt`` [s]; return the force across the interface then [MPa um]."""
        force: list[float] = []

        def read_force() -> None:
            force.extend(self.domain.total(form) for form in self._force)

        self.simulation.step(dt, before_acceptance=read_force)
        return np.array(force)

    def go(self, load: Callable[[float], None], start: float, end: float, dt: float = 1.0) -> None:
        """Take steps from one load to another in ``dt`` [s], as few as they will converge in.

        Args:
            load: Sets the displacement of held nodes for a load.
            start: Load now.
            end: Load then.
            dt: Time between them [s].
        """
        before = self.state.snapshot()
        load(end)
        try:
            self.step(dt)
        except ConvergenceError:
            if dt < SHORTEST:
                raise
            self.state.restore(before)
            middle = (start + end) / 2.0
            self.go(load, start, middle, dt / 2.0)
            self.go(load, middle, end, dt / 2.0)

    def renew(self) -> None:
        """Go back to the whole, unloaded state."""
        state = self.state
        for field in (self.damage, state["u"], self.jump):
            field.x.array[:] = 0.0
        state.begin()


STRENGTHS, TOUGHNESSES, EXPONENT = (50.0, 80.0), (1.0, 3.0), 2.0  # MPa, MPa um: opening, slip


@problem(
    "cohesive-patch",
    title="An interface spends its toughness, whatever the mixture of opening and slip",
    group="Fracture",
    question="What does it take to pull two stiff blocks apart in a straight line at any angle, "
    "and what is the largest traction?",
    exact=r"The energy is $G_n + (G_s - G_n) B^\eta$ with $B = \sin^2\theta$ (Benzeggagh and "
    r"Kenane 1996), the largest traction $\sqrt{\sigma^2 + (\tau^2 - \sigma^2) B^\eta}$. Pulled "
    "half way, let go and pulled on, it takes the same energy, and pressed blocks do not pass each "
    "other.",
    quick=True,
)
def cohesive_patch(folder: Path) -> Outcome:
    """Four angles; one block comes back half way."""
    lines = np.linspace(0.0, 1.0, 3), np.linspace(-1.0, 1.0, 5)
    domain = read(laminate(*lines, held="bottom"), folder)

    def number(value: float) -> fem.Constant:
        return fem.Constant(domain.mesh, value)

    numbers = (1e4, *STRENGTHS, *TOUGHNESSES, EXPONENT, 1e-4)
    patch = Laminate(domain, Cohesive(*map(number, numbers)), young=1e8)
    patch.hold("bottom")
    top = patch.hold("top")
    end = 0.09
    out = np.concatenate([np.linspace(0.0, 0.012, 81), np.linspace(0.012, end, 61)[1:]])
    back = np.concatenate([out[:91], out[90::-9], out[:91:9], out[90:]])
    checks, curves = [], []
    for angle, path, how in (
        (0.0, out, ""),
        (30.0, out, ""),
        (60.0, out, ""),
        (90.0, out, ""),
        (30.0, back, ", let go on the way"),
    ):
        direction = np.array([np.sin(np.radians(angle)), np.cos(np.radians(angle))])
        patch.renew()
        pulls = [0.0]
        for distance in path[1:]:
            patch.state["u"].x.array.reshape(-1, 2)[top] = distance * direction
            pulls.append(float(patch.step() @ direction))
        share = direction[0] ** (2.0 * EXPONENT)
        work = float(np.sum(np.diff(path) * (np.array(pulls[1:]) + pulls[:-1]) / 2.0))
        (sigma, tau), (opening, slip) = STRENGTHS, TOUGHNESSES
        checks += [
            Check(
                quantity=f"energy spent at {angle:g} degrees{how} [J/m^2]",
                exact=opening + (slip - opening) * share,
                computed=work,
                tolerance=1e-2,
                reason="trapezoids along the path",
            ),
            Check(
                quantity=f"largest traction at {angle:g} degrees{how} [MPa]",
                exact=float(np.sqrt(sigma**2 + (tau**2 - sigma**2) * share)),
                computed=max(pulls),
                tolerance=1e-2,
                reason="the peak lies between two steps, which are 2 to 3 % of the way to it",
            ),
        ]
        curves.append(Series(label=f"{angle:g} degrees{how}", x=path, y=pulls))
    patch.renew()
    patch.state["u"].x.array.reshape(-1, 2)[top] = [0.0, -0.002]
    force = float(patch.step()[1])
    checks += [
        Check(
            quantity="traction when pressed by 0.002 um [MPa]",
            exact=-0.002 / (1.0 / 1e4 + 2.0 / 1e8),
            computed=force,
            tolerance=2e-3,
            reason="springs in a row: interface and two blocks; strains of 1e-5",
        ),
        at_most(
            "damage of the pressed interface [-]",
            float(patch.damage.x.array.max()),
            1e-12,
            reason="pressure does no damage",
        ),
    ]
    plot = Plot(
        title="Two blocks are pulled apart", x="distance [um]", y="traction [MPa]", curves=curves
    )
    return Outcome(checks=checks, plots=[plot])


#: Height of a strip and length of the crack at first [um]; Young's modulus [MPa], toughness.
HEIGHT, START = 0.1, 0.9
YOUNG, TOUGHNESS = 1e5, 3e-5
#: Stiffness of the interface, its strength and the time by which it lags [MPa/um, MPa, s].
STIFFNESS, STRENGTH, LAG = 2e6, 2.0, 1e-3
#: Growth of the crack between which it is taken to run steadily [um].
FIRST_GROWTH, LAST_GROWTH = 0.06, 0.3


class Peeled:
    """Two strips of which one has come off the other up to `START`."""

    def __init__(self, folder: Path, *, held: Literal["bottom", "right"], base: float) -> None:
        """Make strips of four cells across.

        Args:
            folder: For the mesh.
            held: See `laminate`.
            base: Young's modulus of the lower one [MPa].
        """
        x = np.concatenate(
            [np.linspace(0.0, 0.8, 14), 0.8 + 0.016 * np.arange(1, 38), np.linspace(1.4, 2.0, 10)]
        )
        heights = HEIGHT * np.linspace(-1.0, 1.0, 9)
        domain = read(laminate(x, heights, held=held), folder)
        numbers = (STIFFNESS, STRENGTH, STRENGTH, TOUGHNESS, TOUGHNESS, 2.0, LAG)
        law = Cohesive(*(fem.Constant(domain.mesh, value) for value in numbers))
        self.laminate = Laminate(domain, law, young=YOUNG, base=base)
        damage = self.laminate.damage
        ahead = damage.function_space.tabulate_dof_coordinates()[:, 0] > START + 1e-9
        damage.x.array[~ahead] = 1.0

    def resultant(self, name: str, arm: Expr | float) -> Callable[[], float]:
        """Compile the mean of int stress * arm dy of a strip, over part of its free length.

        Args:
            name: Strip, "lower" or "upper".
            arm: Lever [um] by which stress is weighted, as UFL.
        """
        simulation = self.laminate.simulation
        x = ufl.SpatialCoordinate(simulation.domain.mesh)[0]
        first, last = (0.8 * share / 13 for share in (4, 10))  # where cells end
        inside = ufl.conditional(ufl.And(ufl.gt(x, first), ufl.lt(x, last)), 1.0, 0.0)
        stress = simulation.symbols.responses[name].piola[0, 0]
        dx = simulation.domain.dx(name, degree=simulation.domain.solid_degree + 1)
        form = compile_form(stress * arm * inside / (last - first) * dx)
        return lambda: simulation.domain.total(form)

    def run(
        self, pull: Callable[[float], None], force: Callable[[], float], begin: float
    ) -> tuple[Array, Array]:
        """Pull until the crack has run; return its growth [um] and the driving force.

        Args:
            pull: Sets the displacement of held nodes for a load.
            force: Reads the driving force [MPa um].
            begin: Load at which a crack from `START` would begin to run.
        """
        damage = self.laminate.damage
        places = damage.function_space.tabulate_dof_coordinates()[:, 0]
        growths, forces = [], []
        shares = np.concatenate([[0.0, 0.5, 0.8], np.arange(0.9, 2.0, 0.02)])
        for before, share in pairwise(shares * begin):
            self.laminate.go(pull, before, share)
            growths.append(float(places[damage.x.array > 0.99].max()) - START)
            forces.append(force())
            if growths[-1] > LAST_GROWTH:
                break
        return np.array(growths), np.array(forces)


def peel_by_bending(folder: Path) -> tuple[Array, Array]:
    """Two equal beams, whose end faces are turned apart."""
    beams = Peeled(folder, held="right", base=YOUNG)
    body = beams.laminate
    body.hold("right", component=1)
    turned = body.hold("left", component=0)
    height = body.space.tabulate_dof_coordinates()[turned // 2, 1]
    side = np.sign(height + 1e-12)
    middle = side * HEIGHT / 2.0
    y = ufl.SpatialCoordinate(body.domain.mesh)[1]
    lower, upper = (
        beams.resultant(name, y - way * HEIGHT / 2.0)
        for name, way in (("lower", -1.0), ("upper", 1.0))
    )

    def pull(angle: float) -> None:
        body.state["u"].x.array[turned] = angle * side * (height - middle)

    def force() -> float:
        below, above = lower(), upper()
        square = 21.0 * (below**2 + above**2) - 6.0 * below * above
        return square / (4.0 * YOUNG * HEIGHT**3)

    moment = np.sqrt(TOUGHNESS * YOUNG * HEIGHT**3 / 12.0)
    return beams.run(pull, force, 12.0 * moment / (YOUNG * HEIGHT**3) * START)


def peel_by_pulling(folder: Path) -> tuple[Array, Array]:
    """A strip is pulled along a base that hardly gives way, and cannot lift."""
    strip = Peeled(folder, held="bottom", base=1e3 * YOUNG)
    body = strip.laminate
    body.hold("bottom")
    body.hold("top", component=1)
    drawn = body.hold("left", component=0)
    drawn = drawn[body.space.tabulate_dof_coordinates()[drawn // 2, 1] > 1e-9]
    tension = strip.resultant("upper", 1.0)

    def pull(distance: float) -> None:
        body.state["u"].x.array[drawn] = -distance

    def force() -> float:
        return tension() ** 2 / (2.0 * YOUNG * HEIGHT)

    return strip.run(pull, force, np.sqrt(2.0 * TOUGHNESS / (YOUNG * HEIGHT)) * START)


@problem(
    "double-cantilever",
    title="A strip peels where its driving force reaches the toughness of the interface",
    group="Fracture",
    question="Two bonded beams are bent apart by moments at their ends, and a strip is pulled "
    "along a stiff base. At which load does the crack between them run?",
    exact=r"The driving force of two beams of height h with the moments $M_1$, $M_2$ per width "
    r"is "
    r"$J = (21 (M_1^2 + M_2^2) - 6 M_1 M_2)/(4 E h^3)$ (Soerensen, Joergensen, Jacobsen and "
    r"Oestergaard 2006), that of a strip under the force N per width is $N^2/(2 E h)$: neither "
    "depends on the length of the crack. It runs when they reach the toughness.",
)
def double_cantilever(folder: Path) -> Outcome:
    """Opening and slip; no Poisson's ratio, small strains."""
    checks, curves = [], []
    for mode, peel in (("opening", peel_by_bending), ("slip", peel_by_pulling)):
        growths, forces = peel(folder / mode)
        steady = (growths > FIRST_GROWTH) & (growths < LAST_GROWTH)
        checks += [
            Check(
                quantity=f"driving force over toughness while the crack runs, {mode} [-]",
                exact=1.0,
                computed=float(forces[steady].mean()) / TOUGHNESS,
                tolerance=2e-2,
                reason="the crack moves from node to node, 8 nm apart; beam theory",
            ),
            at_most(
                f"steps short of the five over which the mean is taken, {mode} [-]",
                max(5.0 - float(steady.sum()), 0.0),
                0.5,
                reason="the crack has run, and in steps",
            ),
        ]
        curves.append(Series(label=mode, x=growths, y=forces / TOUGHNESS))
    curves.append(Series(label="toughness", x=[0.0, LAST_GROWTH], y=[1.0, 1.0], exact=True))
    plot = Plot(
        title="A strip comes off",
        x="growth of the crack [um]",
        y="driving force over toughness [-]",
        curves=curves,
    )
    return Outcome(checks=checks, plots=[plot])

"""How fast errors fall with the mesh and with the step."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import ufl
from ufl.core.expr import Expr

from anodefem.compilation import compile_form
from anodefem.laws.chemistry import mobility, potential
from anodefem.laws.kinematics import IDENTITY
from anodefem.laws.solid import History, Response
from anodefem.model.regions import Region, Species
from anodefem.verify.problem import Check, Outcome, Plot, Series, problem
from anodefem.verify.problems.diffusion.sphere import march
from anodefem.workbench.bodies import Layer, ball, confined, film, read
from anodefem.workbench.numbers import ENERGY, Numbers, diffusing_species, solid
from anodefem.workbench.simulation import Array, Simulation

DEGREE = 10  # of sources and errors: their own quadrature error is far below that of the elements


def orders(
    quantity: str, errors: list[float], ratios: list[float], order: float, tolerance: float
) -> list[Check]:
    """Check the order between neighbours of a family; ``ratios`` of their sizes or steps.

    Args:
        quantity: What converges, for the text.
        errors: Errors of a family, from coarse to fine.
        ratios: Size or step over that of the next finer one.
        order: What is expected.
        tolerance: Largest distance from it that passes.
    """
    return [
        Check(
            quantity=f"order of {quantity}, {first:.2g} to {second:.2g} [-]",
            exact=order,
            computed=float(np.log(first / second) / np.log(ratio)),
            tolerance=tolerance,
            absolute=True,
            reason="asymptotic orders are met up to this on meshes and steps of these sizes",
        )
        for (first, second), ratio in zip(pairwise(errors), ratios, strict=True)
    ]


# A manufactured solution in axisymmetry, in the cylinder r, z in (0, 1) whose four sides are planes
# of symmetry. Div and grad in cylindrical coordinates are written out here, apart from the model's.


def exact_fields(simulation: Simulation) -> tuple[Expr, Expr, Expr, Expr]:
    """Displacement [um], lithium fraction, the fraction at the start of the step, mu/(RT)."""
    r, z = simulation.domain.kinematics.position
    waves = ufl.cos(ufl.pi * r) * ufl.cos(ufl.pi * z)
    u = 0.05 * ufl.as_vector(
        [r * (1 - r**2) ** 4 * ufl.cos(ufl.pi * z), ufl.cos(ufl.pi * r) * ufl.sin(ufl.pi * z)]
    )
    return u, 0.5 + 0.2 * waves, 0.5 + 0.25 * waves, 0.3 * waves


def by_r(f: Expr) -> Expr:
    """Derivative along the radius."""
    return ufl.grad(f)[0]


def by_z(f: Expr) -> Expr:
    """Derivative along the axis."""
    return ufl.grad(f)[1]


def exact_response(r: Expr, u: Expr, x: Expr, region: Region, dt: float) -> Response:
    """State of an elastic solid at exact fields.

    Args:
        r: Radial coordinate [um], as UFL.
        u: Exact displacement [um].
        x: Exact lithium fraction.
        region: Solid with its law.
        dt: Length of the step [s].
    """
    F = ufl.as_matrix(
        [
            [1 + by_r(u[0]), by_z(u[0]), 0],
            [by_r(u[1]), 1 + by_z(u[1]), 0],
            [0, 0, 1 + u[0] / r],
        ]
    )
    history = History(IDENTITY, ufl.as_ufl(0.0), ufl.as_ufl(0.0))
    return region.solid.respond(F, x, history, ufl.as_ufl(dt))


def body_force(r: Expr, P: Expr) -> Expr:
    """-Div P per reference volume [MPa/um].

    Args:
        r: Radial coordinate [um], as UFL.
        P: First Piola-Kirchhoff stress [MPa], shape (3, 3).
    """
    return -ufl.as_vector(
        [
            by_r(P[0, 0]) + by_z(P[0, 1]) + (P[0, 0] - P[2, 2]) / r,
            by_r(P[1, 0]) + by_z(P[1, 1]) + P[1, 0] / r,
        ]
    )


def add_sources(simulation: Simulation, region: Region, species: Species, dt: float) -> None:
    """Add sources that make `exact_fields` the solution; without diffusion, the displacement.

    Args:
        simulation: Body whose residual gets the sources.
        region: Solid with its law.
        species: What it stores, and how that moves.
        dt: Length of the step [s].
    """
    model, domain = simulation.model, simulation.domain
    r = domain.kinematics.position[0]
    u, x, x_n, mu = exact_fields(simulation)
    if not region.diffuses:
        x = simulation.state.soc
    response = exact_response(r, u, x, region, dt)
    weight, dx = 2 * ufl.pi * r, domain.dx(region.name, degree=DEGREE)
    v = ufl.TestFunction(simulation.state["u"].function_space)
    residual = dict(model.residual)
    force = ufl.dot(body_force(r, response.piola), v) / model.symbols.stress_scale
    residual["u"] -= force * weight * dx
    if region.diffuses:
        C = ufl.dot(response.F.T, response.F)
        slope = ufl.as_vector([by_r(mu), by_z(mu), 0])
        J = -mobility(species.potential, species.diffusivity, x) * ufl.dot(ufl.inv(C), slope)
        gain = x - x_n + dt * (by_r(J[0]) + J[0] / r + by_z(J[1]))
        curvature = by_r(by_r(x)) + by_r(x) / r + by_z(by_z(x))
        rest = mu - potential(species.potential, x)
        rest += (species.gradient * curvature - response.dpsi_dx) / species.RT_c_max
        q = ufl.TestFunction(simulation.state["c"].function_space)
        residual["c"] -= (gain * q[1] + rest * q[0]) * weight * dx
    # the residual is a cached property: what stands here is what the solver takes
    vars(model)["residual"] = residual


def manufactured_errors(folder: Path, cells: int, dt: float, *, diffuses: bool) -> dict[str, float]:
    """Errors of one step from the exact start, by name; without diffusion, of displacements.

    Args:
        folder: Empty folder for the mesh.
        cells: Along each side.
        dt: Length of the step [s].
        diffuses: The fraction is an unknown; else it follows the exact one.
    """
    body = confined(film(width=1.0, height=1.0, cells=cells), top=1)
    numbers = Numbers(read(body, folder, order=1))
    law = solid(numbers, "solid", young=2e3, poisson=0.3, full=2.0)
    plain = diffusing_species(numbers, 1.0)
    species = Species(3e5, ENERGY, plain.potential, plain.diffusivity, not diffuses, 0.01 * ENERGY)
    region = Region("solid", law, species)
    simulation = Simulation(numbers, [region])
    add_sources(simulation, region, species, dt)
    state = simulation.state
    u, x, _, mu = exact_fields(simulation)
    if diffuses:
        nodes = state["c"].function_space.tabulate_dof_coordinates()[:, :2]
        start = state.start("c").x.array.reshape(-1, 2)
        waves = np.cos(np.pi * nodes[:, 0]) * np.cos(np.pi * nodes[:, 1])
        start[:, 0], start[:, 1] = 0.5 + 0.25 * waves, 0.3 * waves
        state["c"].x.array[:] = state.start("c").x.array
    simulation.step(dt, soc=0.5)
    weight = simulation.domain.kinematics.weight
    dx = simulation.domain.dx("solid", degree=DEGREE)
    found = {"u": (state["u"], u)}
    if diffuses:
        found |= {"x": (state["c"][0], x), "mu": (state["c"][1], mu)}
    errors = {}
    for name, (computed, exact) in found.items():
        for norm, e in (
            ("L2", computed - exact),
            ("H1", ufl.grad(computed) - ufl.grad(exact)),
        ):
            square = simulation.domain.total(compile_form(ufl.inner(e, e) * weight * dx))
            errors[f"{name} in {norm}"] = float(np.sqrt(square))
    return errors


#: Orders at a uniform fraction, and of all fields together.
ALONE = {"u in L2": 3, "u in H1": 2}
TOGETHER = {"u in L2": 2, "u in H1": 2, "x in L2": 2, "x in H1": 1, "mu in L2": 2, "mu in H1": 1}


@problem(
    "manufactured-space",
    title="A manufactured solution of displacement, fraction and potential",
    group="Discretisation",
    question="Do errors in axisymmetry fall with the mesh as they should, for the displacement at "
    "a uniform fraction, and for displacement, fraction and potential together?",
    exact="Quadratic displacements alone: order 3 in the mean square and 2 in the gradient. Linear "
    "fractions and potentials: 2 and 1. Together the displacement has order 2 in the mean square: "
    "the error of the fraction swells the body.",
)
def manufactured(folder: Path) -> Outcome:
    """8, 16 and 32 cells along the sides; swelling to twice the volume, gradient energy."""
    counts, dt = (8, 16, 32), 0.02
    checks, curves = [], []
    for label, expected in (("alone", ALONE), ("together", TOGETHER)):
        family = [
            manufactured_errors(
                folder / f"{label}-{count}", count, dt, diffuses=expected is TOGETHER
            )
            for count in counts
        ]
        for name, order in expected.items():
            errors = [each[name] for each in family]
            checks += orders(f"{name}, {label}", errors, [2.0, 2.0], float(order), 0.15)
            sizes = [1.0 / count for count in counts]
            curves.append(Series(label=f"{name}, {label}", x=sizes, y=errors))
    return Outcome(
        checks=checks,
        plots=[
            Plot(
                title="Errors over the size of the cells",
                x="size of the cells [um]",
                y="error",
                curves=curves,
                log=True,
            )
        ],
    )


def swollen(folder: Path) -> Simulation:
    """Elastic ball that swells to 3.75 times its volume, at a fraction of 0.2."""
    numbers = Numbers(read(ball(Layer("core", 1.0, 8), sectors=4), folder))
    law = solid(numbers, "core", young=1e3, poisson=0.3, full=3.75)
    simulation = Simulation(numbers, [Region("core", law, diffusing_species(numbers, 1.0))])
    simulation.fill(0.2)
    simulation.step(1e-9)  # swells to where it starts
    return simulation


@problem(
    "orders-in-time",
    title="Time stepping is of second order",
    group="Discretisation",
    question="How fast do the errors of fraction and displacement fall with the step, with equal "
    "steps and with steps that grow?",
    exact="Order 2 for the second-order backward differentiation formula with variable steps, "
    "started by backward Euler, against a solution on the same mesh with 16 times as many steps.",
)
def in_time(folder: Path) -> Outcome:
    """An elastic sphere that swells, filled from 0.2 to 0.5 at a constant rate."""
    simulation = swollen(folder)
    fresh = simulation.state.snapshot()
    rate = 3.0

    def filled(steps: int, *, first: float) -> Array:
        simulation.state.restore(fresh)
        text = f"lithiate at {rate * 3600:g}C until soc = 0.5"
        march(simulation, [text], steps=round(steps / 0.3), first=first)
        state = simulation.state
        return np.concatenate([state["c"].x.array[::2], state["u"].x.array])

    reference = filled(1280, first=1.0)
    checks, curves, counts = [], [], (20, 40, 80)
    for label, first in (("equal steps", 1.0), ("growing steps", 1 / 16)):
        errors = [float(np.abs(filled(count, first=first) - reference).max()) for count in counts]
        checks += orders(label, errors, [2.0, 2.0], 2.0, 0.15)
        curves.append(Series(label=label, x=[0.1 / count for count in counts], y=errors))
    return Outcome(
        checks=checks,
        plots=[
            Plot(
                title="Error over the step",
                x="step D/R^2 [-]",
                y="largest error of x and u/R [-]",
                curves=curves,
                log=True,
            )
        ],
    )

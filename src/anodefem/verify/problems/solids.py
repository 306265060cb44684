"""Laws of solids on meshes: logarithmic strain, rates of flow, swelling with axes, patch tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import ufl
from dolfinx import fem

from anodefem import library
from anodefem._dolfinx import element_points
from anodefem.laws.elasticity import Elasticity, Hencky, NeoHookean
from anodefem.laws.kinematics import Kind
from anodefem.laws.plasticity import (
    Flow,
    NoFlow,
    Overstress,
    Perzyna,
    PowerLaw,
    RateIndependent,
)
from anodefem.laws.solid import Solid
from anodefem.laws.swelling import Exponents, cartesian
from anodefem.model import regions
from anodefem.model.problem import compile_form
from anodefem.model.regions import Region
from anodefem.verify.bodies import NoParameters, block, film, read
from anodefem.verify.problem import Check, Curve, Outcome, Plot, at_most, problem
from anodefem.verify.simulation import Array, Numbers, Simulation, uniform_guest

YOUNG, POISSON, STRENGTH = 80e3, 0.22, 1.7e3  # MPa, -, MPa
FULL = 3.7507
HOUR = 3600.0
ROUND_OFF = "the exact solution lies in the space of the elements: round-off is left"


def elasticity(numbers: Numbers, law: type[Hencky] | type[NeoHookean] = Hencky) -> Elasticity:
    """Elasticity with the moduli of this module."""
    return law(numbers.same("young", YOUNG), numbers.same("poisson", POISSON))


def perfect(numbers: Numbers) -> Flow:
    """Rate-independent flow at the strength of this module."""
    return RateIndependent(numbers.same("strength", STRENGTH))


def simulate(numbers: Numbers, flow: Flow, exponents: Exponents | None = None) -> Simulation:
    """Region "solid" of Hencky's law that swells linearly to `FULL`, its fraction uniform."""
    texture = cartesian(exponents, numbers.domain.kinematics) if exponents else None
    expansion = numbers.linear("swelling", 1.0, FULL)
    law = Solid(elasticity(numbers), flow, expansion, texture=texture)
    return Simulation(numbers, [Region("solid", law, uniform_guest())])


def at_swelling(ratio: float | Array) -> Array:
    """States of charge at which the body has swollen to these ratios."""
    return (np.asarray(ratio) - 1.0) / (FULL - 1.0)


def along(simulation: Simulation) -> Callable[[], float]:
    """Compile the mean in-plane stress per swollen volume [MPa], to be read often."""
    return simulation.gauge("solid", simulation.problem.responses["solid"].tau[0, 0])


def disc(folder: Path) -> Numbers:
    """Film on a rigid base: held along, free across."""
    return Numbers(read(film(width=1.0, height=0.5, cells=1), folder, order=1))


@problem(
    "clamped-film-hencky",
    title="A film in logarithmic strain, elastic and plastic",
    group="Plastic flow",
    question="What are the stress and the thickness of a film on a rigid base whose elasticity is "
    "linear in the logarithmic strain?",
    exact=r"$M = -E/(1-\nu)\,\ln(J_c)/3$ until it reaches the yield stress, and "
    r"$\lambda_3 = J_c \exp(2(1-2\nu)M/E)$: -677.013 and -1340.879 MPa at $J_c$ = 1.02 and 1.04, "
    "3.662487 at 3.7507. The equivalent plastic strain is twice what the plane does not give to "
    r"elastic strain: $2(\ln(J_c)/3 - (1-\nu)\sigma_Y/E)$.",
    quick=True,
)
def clamped_film_hencky(folder: Path) -> Outcome:
    """Two elastic states, then 30 steps to full swelling."""
    numbers = disc(folder)
    simulation = simulate(numbers, perfect(numbers))
    stress = along(simulation)
    met = "strain adds up in the logarithm, so that the step does not matter: round-off is left"
    checks, ratios, found = [], [1.02, 1.04, *np.linspace(1.1, FULL, 29)], []
    for ratio in ratios:
        simulation.step(soc=float(at_swelling(ratio)))
        found.append(stress())
    for ratio, told, computed in zip(ratios[:2], (-677.013, -1340.879), found[:2], strict=True):
        exact = -YOUNG / (1.0 - POISSON) * np.log(ratio) / 3.0
        checks += [
            Check(
                quantity=f"stress along at Jc = {ratio} [MPa]",
                exact=float(exact),
                computed=computed,
                tolerance=1e-9,
                reason=met,
            ),
            Check(
                quantity=f"the same against the printed number, Jc = {ratio} [MPa]",
                exact=told,
                computed=computed,
                tolerance=1e-6,
                reason="six digits of the reference",
            ),
        ]
    alpha = 2.0 * (np.log(FULL) / 3.0 - (1.0 - POISSON) * STRENGTH / YOUNG)
    elastic = float(np.exp(-2.0 * (1.0 - 2.0 * POISSON) * STRENGTH / YOUNG))
    for name, exact, computed in (
        ("stress along at full charge [MPa]", -STRENGTH, found[-1]),
        ("stretch across at full charge [-]", FULL * elastic, simulation.stretch_across()),
        ("plastic strain at full charge [-]", alpha, float(simulation.state.alpha.x.array.mean())),
    ):
        checks.append(
            Check(quantity=name, exact=float(exact), computed=computed, tolerance=1e-9, reason=met)
        )
    checks.append(
        Check(
            quantity="stretch across against the printed number [-]",
            exact=3.662487,
            computed=simulation.stretch_across(),
            tolerance=2e-7,
            reason="seven digits of the reference",
        )
    )
    logarithms = np.linspace(0.0, np.log(FULL), 200)
    exact_stress = np.maximum(-YOUNG / (1 - POISSON) * logarithms / 3, -STRENGTH)
    return Outcome(
        checks=checks,
        plots=[
            Plot(
                title="Stress along the film",
                x="swelling ratio Jc [-]",
                y="in-plane stress per swollen volume [MPa]",
                curves=[
                    Curve(
                        label="closed form",
                        x=np.exp(logarithms).tolist(),
                        y=exact_stress.tolist(),
                        exact=True,
                    ),
                    Curve(label="computed", x=[float(r) for r in ratios], y=found),
                ],
            )
        ],
    )


@problem(
    "elastic-volume",
    title="The elastic shape keeps its volume through a cycle of flow",
    group="Plastic flow",
    question="Plastic flow keeps volume. Does the elastic tensor, updated thousands of times in a "
    "life, keep its determinant?",
    exact="Determinant 1 of the elastic tensor and of the stored plastic one, whatever the steps. "
    "A return that corrects the deviator alone lets it drift by 34 % in this cycle with the "
    "neo-Hookean law, and the plateau stress and the thickness of the film do not show it.",
    quick=False,
)
def elastic_volume(folder: Path) -> Outcome:
    """A film up and down in 40 steps each, in both strains."""
    numbers, checks = disc(folder), []
    path = np.linspace(0.0, 1.0, 41)
    for law in (NeoHookean, Hencky):
        expansion = numbers.linear("swelling", 1.0, FULL)
        made = Solid(elasticity(numbers, law), perfect(numbers), expansion)
        simulation = Simulation(numbers, [Region("solid", made, uniform_guest())])
        for soc in (*path[1:], *path[-2::-1]):
            simulation.step(soc=float(soc))
        response = simulation.problem.responses["solid"]
        for name, tensor in (("elastic", response.returned.b), ("plastic", response.plastic)):
            drift = np.abs(simulation.at_points("solid", ufl.det(tensor)) - 1.0).max()
            checks.append(
                at_most(
                    f"drift of the determinant, {name}, {law.__name__} [-]",
                    float(drift),
                    1e-10,
                    reason="made one in every step: round-off of 80 steps",
                )
            )
    return Outcome(checks=checks)


def thickening(hours: float) -> float:
    """Plastic strain rate of a film at Jc = 2 that fills evenly in ``hours`` [1/s]."""
    return 2.0 / 3.0 * (FULL - 1.0) / (hours * HOUR) / 2.0


def steady_stress(simulation: Simulation, rate: float, *, steps: int = 60) -> float:
    """Stress [MPa] of a film that thickens at a constant plastic strain rate [1/s], to Jc = 2.

    With ln(Jc) growing evenly the elastic strain settles, and all further strain is plastic.
    """
    stress = along(simulation)
    growth = np.linspace(0.0, np.log(2.0), steps + 1)
    for start, end in pairwise(growth):
        simulation.step(float(end - start) * 2.0 / 3.0 / rate, soc=float(at_swelling(np.exp(end))))
    return stress()


@problem(
    "clamped-film-rates",
    title="The flow stress of a film at C/10 and 1C, in three conventions",
    group="Plastic flow",
    question="How much more stress does a film bear that thickens faster, for each of the "
    "published forms of the flow law?",
    exact=r"With the plastic strain rate $r = (2/3)\,J_c'/J_c$: overstress "
    r"$|M| = \sigma_Y (1 + (r/\dot\varepsilon_0)^{1/m})$, which is 1.216169 and 1.473074 times the "
    r"yield stress at C/10 and 1C; power law $|M| = Y_{th} + Y^* (r/\dot\varepsilon_0)^{1/m}$; "
    r"linear viscous $|M| = \sigma_Y + \eta r$. Exact where $\ln J_c$ grows evenly, so that the "
    "elastic strain rests.",
    quick=False,
)
def clamped_film_rates(folder: Path) -> Outcome:
    """Rate of Jc = 2 under linear filling; 2.3e-3/s and 2.94 where a reference rate is needed."""
    numbers = disc(folder)
    strength, resistance = numbers.same("strength", 1000.0), numbers.same("resistance", 400.0)
    laws: dict[str, tuple[Flow, Callable[[float], float]]] = {
        "overstress": (
            Overstress(strength, 2.3e-3, 2.94),
            lambda r: 1000.0 * (1.0 + (r / 2.3e-3) ** (1 / 2.94)),
        ),
        "power law": (
            PowerLaw(strength, 2.3e-3, 2.94, flow_resistance=resistance),
            lambda r: 1000.0 + 400.0 * (r / 2.3e-3) ** (1 / 2.94),
        ),
        "linear viscous": (Perzyna(strength, 1e6), lambda r: 1000.0 + 1e6 * r),
    }
    checks, curves = [], []
    for name, (flow, exact) in laws.items():
        found = {}
        for hours in (10.0, 1.0):
            rate = thickening(hours)
            found[rate] = -steady_stress(simulate(numbers, flow), rate)
            checks.append(
                Check(
                    quantity=f"{name}, full in {hours:g} h [MPa]",
                    exact=exact(rate),
                    computed=found[rate],
                    tolerance=1e-8,
                    reason="steady flow is exact at any step; what is left is the local solution",
                )
            )
        fast = np.geomspace(thickening(20.0), thickening(0.5), 60)
        curves += [
            Curve(label=name, x=fast.tolist(), y=[exact(r) for r in fast], exact=True),
            Curve(label=f"{name}, computed", x=list(found), y=list(found.values())),
        ]
    for hours, ratio, check in zip((10.0, 1.0), (1.216169, 1.473074), checks[:2], strict=True):
        checks.append(
            Check(
                quantity=f"overstress over yield stress, full in {hours:g} h [-]",
                exact=ratio,
                computed=check.computed / 1000.0,
                tolerance=1e-6,
                reason="seven digits of the reference",
            )
        )
    return Outcome(
        checks=checks,
        plots=[
            Plot(
                title="Flow stress over rate",
                x="plastic strain rate [1/s]",
                y="in-plane stress per swollen volume [MPa]",
                curves=curves,
            )
        ],
    )


ACTIVATED = """
[plastic.activation_energy]
value = 50.0
unit = "kJ/mol"
tag = "assumed"
source = "to see the temperature in the stress"
"""


@problem(
    "clamped-film-temperature",
    title="A warm film flows at less stress",
    group="Plastic flow",
    question="What does an activation energy of 50 kJ/mol in a card do to the flow stress of a "
    "film at 1C, between 0 and 60 degrees Celsius?",
    exact=r"$|M| = \sigma_Y (1 + (r/\dot\varepsilon_0(T))^{1/m})$ with Arrhenius' law "
    r"$\dot\varepsilon_0(T) = \dot\varepsilon_0 \exp(-E_a/R\,(1/T - 1/298.15\,\mathrm{K}))$ and "
    "the numbers of the card silicon-bower-guduru.",
    quick=False,
)
def clamped_film_temperature(folder: Path) -> Outcome:
    """The card goes the whole way from its file to the law."""
    text = library.paths("materials")["silicon-bower-guduru"].read_text(encoding="utf-8")
    path = folder / "activated.toml"
    path.write_text(text.replace('"neo-hookean"', '"hencky"') + ACTIVATED, encoding="utf-8")
    card = library.material(str(path))
    numbers = disc(folder)
    rate, checks = thickening(1.0), []
    for temperature in (273.15, 298.15, 333.15):
        law = regions.region("solid", card, transport="uniform", temperature=temperature).solid
        law = replace(law, expansion=numbers.linear("swelling", 1.0, FULL))
        simulation = Simulation(numbers, [Region("solid", law, uniform_guest())])
        factor = np.exp(-50e3 / 8.314462618 * (1.0 / temperature - 1.0 / 298.15))
        checks.append(
            Check(
                quantity=f"stress at {temperature:g} K [MPa]",
                exact=-120.0 * (1.0 + float(rate / (6e-10 * factor)) ** 0.25),
                computed=steady_stress(simulation, rate),
                tolerance=1e-8,
                reason="steady flow is exact at any step; what is left is the local solution",
            )
        )
    return Outcome(checks=checks)


@problem(
    "free-swelling-with-axes",
    title="A free crystal swells along its axes and without stress",
    group="Swelling and elasticity",
    question="How does a body deform whose crystal swells differently along its three axes, as "
    "layered hosts do?",
    exact=r"Stretches $J_c^{\beta_1}, J_c^{\beta_2}, J_c^{\beta_3}$ with $\sum\beta = 1$, no "
    "stress and no plastic strain; 4.982 is the ratio of black phosphorus with sodium.",
    quick=False,
)
def free_swelling_with_axes(folder: Path) -> Outcome:
    """A cube with three exponents, a cylinder with the stack along its axis."""
    bodies: tuple[tuple[str, Exponents, Exponents], ...] = (
        ("3d", (0.4, 0.1, 0.5), (0.4, 0.1, 0.5)),
        ("axisymmetric", (0.3, 0.3, 0.4), (0.3, 0.4, 0.3)),
    )
    full, checks = 4.982, []
    for kind, exponents, along_axes in bodies:
        numbers = Numbers(read(block(kind, cells=1), folder / kind, order=1))
        simulation = simulate(numbers, perfect(numbers), exponents)
        numbers["swelling full"].value = full
        # steps so short that a guess without growth does not yield
        for soc in np.linspace(0.0, 1.0, 81)[1:]:
            simulation.step(soc=float(soc))
        nodes, displacement = simulation.displacement()
        stretches = full ** np.array(along_axes)[: nodes.shape[1]]
        for axis, stretch in zip("xyz", stretches, strict=False):
            a = "xyz".index(axis)
            end = nodes[:, a] > 1.0 - 1e-9
            checks.append(
                Check(
                    quantity=f"stretch along coordinate {a + 1}, {kind} [-]",
                    exact=float(stretch),
                    computed=1.0 + float(displacement[end, a].mean()),
                    tolerance=1e-10,
                    reason=ROUND_OFF,
                )
            )
        checks += [
            at_most(
                f"largest stress over Young's modulus, {kind} [-]",
                float(np.abs(simulation.stress("solid")).max()) / YOUNG,
                1e-8,
                reason=ROUND_OFF,
            ),
            at_most(
                f"largest plastic strain, {kind} [-]",
                float(np.abs(simulation.state.alpha.x.array).max()),
                1e-14,
                reason="it never yields",
            ),
        ]
    return Outcome(checks=checks)


@problem(
    "clamped-film-with-axes",
    title="A film that swells more across than along is pressed less",
    group="Swelling and elasticity",
    question="What stress does a clamped film bear when its layers lie in its plane and most of "
    "the swelling goes across?",
    exact=r"$M = -E/(1-\nu)\,\beta\ln J_c$ with the exponent in the plane, thickness stretch "
    r"$J_c^{1-2\beta}\exp(-2\nu M/E)$ (logarithmic strain).",
    quick=False,
)
def clamped_film_with_axes(folder: Path) -> Outcome:
    """Three exponents in the plane; a third is the isotropic film."""
    checks, ratio = [], 1.04
    numbers = disc(folder)
    for exponent in (0.1, 0.25, 1.0 / 3.0):
        simulation = simulate(numbers, NoFlow(), (exponent, exponent, 1.0 - 2.0 * exponent))
        simulation.step(soc=float(at_swelling(ratio)))
        stress = -YOUNG / (1.0 - POISSON) * exponent * np.log(ratio)
        stretch = ratio ** (1.0 - 2.0 * exponent) * np.exp(-2.0 * POISSON * stress / YOUNG)
        for name, exact, computed in (
            ("stress along [MPa]", stress, along(simulation)()),
            ("stretch across [-]", stretch, simulation.stretch_across()),
        ):
            checks.append(
                Check(
                    quantity=f"{name}, exponent {exponent:.3g} in the plane",
                    exact=float(exact),
                    computed=computed,
                    tolerance=1e-9,
                    reason=ROUND_OFF,
                )
            )
    return Outcome(checks=checks)


@problem(
    "patch-test",
    title="Uniform strain on distorted meshes is in equilibrium",
    group="Discretisation",
    question="Does a body of distorted cells carry a uniform state exactly, whatever its law?",
    exact="A displacement that is linear in the position gives a uniform stress, and no force on "
    "an inner node: the largest one over the largest on the surface is round-off.",
    quick=False,
)
def patch_test(folder: Path) -> Outcome:
    """Three kinematics; logarithmic strain with flow and axes, and neo-Hookean."""
    checks = []
    kinds: tuple[Kind, ...] = ("plane_strain", "axisymmetric", "3d")
    for kind in kinds:
        cells = 2 if kind == "3d" else 3
        body = block(kind, cells=cells, distortion=0.25)
        numbers = Numbers(read(body, folder / kind, order=1))
        equal = (0.3, 0.3, 0.4)
        texture = cartesian(equal, numbers.domain.kinematics)
        expansion = numbers.linear("swelling", 1.0, FULL)
        for name, law in (
            ("neo-Hookean", Solid(elasticity(numbers, NeoHookean), NoFlow(), expansion)),
            (
                "Hencky, flowing, with axes",
                Solid(elasticity(numbers), perfect(numbers), expansion, texture=texture),
            ),
        ):
            simulation = Simulation(numbers, [Region("solid", law, uniform_guest())])
            inner, outer = _forces(simulation, kind)
            checks.append(
                at_most(
                    f"force on an inner node over that on an outer one, {kind}, {name} [-]",
                    inner / outer,
                    1e-12,
                    reason="the integrals are exact for a uniform stress: round-off is left",
                )
            )
    return Outcome(checks=checks)


def _forces(simulation: Simulation, kind: Kind) -> tuple[float, float]:
    """Largest nodal forces inside and on the surface under a uniform gradient at Jc = 1.2."""
    state, nodes = simulation.state, simulation.displacement()[0]
    gradient = np.array([[0.05, 0.04, -0.02], [0.03, -0.06, 0.01], [0.02, 0.05, 0.04]])
    if kind == "axisymmetric":
        gradient = np.diag([0.05, -0.06, 0.0])
    dim = nodes.shape[1]
    state.u.x.array[:] = (nodes @ gradient[:dim, :dim].T).ravel()
    state.soc.value, state.dt.value = float(at_swelling(1.2)), 1.0
    forces = fem.assemble_vector(compile_form(simulation.problem.residual[0])).array
    forces = np.abs(forces.reshape(-1, dim))
    # on the axis of symmetry the radial force vanishes with the radius and the axial one is inner
    low = -1e-9 if kind == "axisymmetric" else 1e-9
    inner = (nodes[:, 0] > low) & (nodes[:, 0] < 1.0 - 1e-9)
    inner &= ((nodes[:, 1:] > 1e-9) & (nodes[:, 1:] < 1.0 - 1e-9)).all(axis=1)
    return float(forces[inner].max()), float(forces[~inner].max())


@problem(
    "graded-swelling-without-stress",
    title="Swelling that differs from place to place and still fits together",
    group="Swelling and elasticity",
    question="Is a body free of stress whose swelling is not uniform but compatible?",
    exact="Two bodies whose swelling is the gradient of a map. Along one axis, "
    r"$F_c = \mathrm{diag}(1, 1, 1 + az)$ is that of $u_z = az^2/2$, which the elements hold. "
    r"Alike in all directions, only similarity and inversion will do (Liouville): "
    r"$J_c = (R/|X - C|)^6$ is that of the inversion $x = R^2 (X - C)/|X - C|^2$, mirrored; there "
    "the stress falls with the square of the cell.",
    quick=False,
)
def graded_swelling(folder: Path) -> Outcome:
    """A column, exact; a cylinder under inversion, on three meshes."""
    column, stress = _column(folder / "column")
    checks = [
        at_most(
            "largest error of the displacement, one axis [um]", column, 1e-10, reason=ROUND_OFF
        ),
        at_most(
            "largest stress over Young's modulus, one axis [-]", stress, 1e-9, reason=ROUND_OFF
        ),
    ]
    sizes = (4, 8, 16)
    errors = [_inverted(folder / str(cells), cells) for cells in sizes]
    for name, values, order in (
        ("displacement", [error[0] for error in errors], 3.0),
        ("stress", [error[1] for error in errors], 2.0),
    ):
        checks.append(
            Check(
                quantity=f"order of the {name}, all directions [-]",
                exact=order,
                computed=float(np.log2(values[-2] / values[-1])),
                tolerance=0.2,
                reason="quadratic elements; the order is reached as cells shrink",
                absolute=True,
            )
        )
    checks.append(
        at_most(
            "root mean square stress over Young's modulus on the finest mesh [-]",
            errors[-1][1],
            2e-4,
            reason="error of the mesh, which the order above takes to zero; the limit is a choice",
        )
    )
    widths = [1.0 / cells for cells in sizes]
    return Outcome(
        checks=checks,
        plots=[
            Plot(
                title="Errors under inversion",
                x="cell [um]",
                y="root mean square",
                log=True,
                curves=[
                    Curve(label="displacement [um]", x=widths, y=[e[0] for e in errors]),
                    Curve(label="stress over E [-]", x=widths, y=[e[1] for e in errors]),
                ],
            )
        ],
    )


def _column(folder: Path) -> tuple[float, float]:
    """Largest errors of displacement [um] and stress over E of swelling along z, graded in z."""
    numbers = Numbers(read(block("axisymmetric", cells=3), folder, order=1))
    kinematics, slope = numbers.domain.kinematics, 0.8
    law = Solid(
        elasticity(numbers),
        NoFlow(),
        lambda x: 1.0 + slope * kinematics.position[1] * x,
        texture=cartesian((0.0, 0.0, 1.0), kinematics),
    )
    simulation = Simulation(numbers, [Region("solid", law, uniform_guest())])
    for soc in (0.25, 0.5, 0.75, 1.0):
        simulation.step(soc=soc)
    nodes, displacement = simulation.displacement()
    exact = np.stack([0.0 * nodes[:, 0], slope * nodes[:, 1] ** 2 / 2], axis=1)
    stress = np.abs(simulation.stress("solid")).max() / YOUNG
    return float(np.abs(displacement - exact).max()), float(stress)


def _inverted(folder: Path, cells: int) -> tuple[float, float]:
    """Root mean square errors of displacement [um] and stress over E under inversion."""
    body = block("axisymmetric", cells=cells)
    roles = replace(body.roles(NoParameters(), ""), symmetry={"x0": 0})
    body = replace(body, roles=lambda p, kinematics: roles)
    numbers = Numbers(read(body, folder, order=1))
    centre, radius = -3.0, 4.0
    r, z = numbers.domain.kinematics.position
    square = r**2 + (z - centre) ** 2
    law = Solid(
        elasticity(numbers), NoFlow(), lambda x: 1.0 + ((radius**2 / square) ** 3 - 1.0) * x
    )
    simulation = Simulation(numbers, [Region("solid", law, uniform_guest())])
    displacement = radius**2 / square * ufl.as_vector([r, centre - z]) - ufl.as_vector([r, z])
    u = simulation.state.u
    # only at full charge does swelling fit together, so that is where the search begins
    u.interpolate(fem.Expression(displacement, element_points(u.function_space)))
    simulation.step(soc=1.0)
    # of the height no more than one vertex is held
    error = u - displacement
    error -= ufl.as_vector([0.0, simulation.mean("solid", error[1])])
    cauchy = simulation.problem.responses["solid"].cauchy
    squares = [simulation.mean("solid", ufl.inner(field, field)) for field in (error, cauchy)]
    return squares[0] ** 0.5, squares[1] ** 0.5 / YOUNG

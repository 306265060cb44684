"""Films and sheets on bodies: closed forms, and the resolved layer that they stand for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import ufl

from anodefem.geometry import Geometry
from anodefem.laws.elasticity import Hencky
from anodefem.laws.film import Film, FilmFlow, Garofalo, Perzyna, Yield
from anodefem.laws.membrane import SLACK, ElasticSheet, Surface
from anodefem.laws.plasticity import NoFlow, RateIndependent
from anodefem.laws.solid import Solid
from anodefem.model.facets import FacetMeans
from anodefem.model.problem import FILM, FILM_DEGREE, SHEET
from anodefem.model.regions import Region
from anodefem.verify.bodies import Layer, NoParameters, ball, cylinder, film, read
from anodefem.verify.problem import Check, Curve, Outcome, Plot, at_most, problem
from anodefem.verify.simulation import Array, Numbers, Simulation, uniform_guest

YOUNG, POISSON, YIELD = 1000.0, 0.3, 30.0  # MPa, -, MPa: the default recipe
NEVER = 1e9
THICKNESS = 0.01  # um, on bodies of radius 1 um
STIFF, CORE_POISSON = 90e3, 0.22  # MPa, -
GROUP = "Membranes and SEI"
MESH = "second-order cells on a quarter circle of few sectors"
ROUND_OFF = "the exact solution lies in the space of the elements: round-off is left"

Body = Callable[..., Geometry]


def core(numbers: Numbers, full: float, *, poisson: float = CORE_POISSON) -> Region:
    """Stiff elastic core whose volume ratio ends at ``full``."""
    law = Solid(
        Hencky(numbers.same("core E", STIFF), numbers.same("core nu", poisson)),
        NoFlow(),
        numbers.linear("core swelling", 1.0, full),
    )
    return Region("core", law, uniform_guest())


def covered(
    folder: Path, body: Body, full: float, flow: FilmFlow, *, formation_strain: float = 0.0
) -> Simulation:
    """Core of radius 1 um under a film with the moduli of this module."""
    numbers = Numbers(read(body(Layer("core", 1.0, 4), sectors=12), folder))
    return Simulation(
        numbers,
        [core(numbers, full)],
        film_law=Film(YOUNG, POISSON, flow),
        formation_strain=formation_strain,
    )


def pressure(simulation: Simulation) -> float:
    """Pressure on the core [MPa]: its mean in the section, by the virial theorem."""
    response = simulation.problem.responses["core"]
    J, stress = ufl.det(response.F), response.cauchy
    mean = ufl.tr(stress) / 3
    if simulation.domain.kinematics.kind == "plane_strain":
        mean = (stress[0, 0] + stress[1, 1]) / 2
    return simulation.mean("core", -J * mean) / simulation.mean("core", J)


def film_stress(simulation: Simulation) -> float:
    """Mean over the film of the larger principal stress [MPa]."""
    principal = simulation.problem.film_response.principal
    means = FacetMeans(simulation.problem, ufl.as_vector([principal, 1.0]), FILM, FILM_DEGREE)
    return float(np.average(means.evaluate()[:, 0], weights=means.areas))


@problem(
    "film-on-ball",
    title="An SEI presses on the ball that it covers, and yields",
    group=GROUP,
    question="What is the pressure of an elastic-plastic film on a ball that swells, and when does "
    "the film yield?",
    exact=r"$p = 2 \tau h / (R \lambda^3)$ at the stretch $\lambda$ of the surface with "
    r"$\tau = \min(E/(1-\nu) \ln\lambda, \sigma_y)$: first flow at "
    r"$\ln\lambda = (1-\nu)\sigma_y/E$ = 0.021. The plastic work per area is "
    r"$2 h \sigma_y (\ln\lambda - 0.021)$.",
    quick=True,
)
def film_on_ball(folder: Path) -> Outcome:
    """A film of 10 nm on a ball that swells by a half."""
    ball_ = covered(folder, ball, 1.5, Yield(YIELD))
    ball_.updates.form_film(THICKNESS)
    metrics = ball_.metrics()
    found, exact, stretches, works = [], [], [], []
    for soc in np.linspace(0.0, 1.0, 21)[1:]:
        ball_.step(soc=soc, before_acceptance=metrics.accumulate)
        stretch = ball_.stretch_at(1.0)
        stress = min(YOUNG / (1 - POISSON) * np.log(stretch), YIELD)
        stretches.append(stretch)
        found.append(pressure(ball_))
        exact.append(2 * stress * THICKNESS / stretch**3)
        works.append(metrics.ledger.film_work)
    area = 2 * np.pi
    flow = np.log(stretches[-1]) - (1 - POISSON) * YIELD / YOUNG
    checks = [
        Check(
            quantity=f"pressure at a stretch of {stretches[i]:.4f} [MPa]",
            exact=exact[i],
            computed=found[i],
            tolerance=5e-4,
            reason=MESH,
        )
        for i in (0, 9, 19)
    ]
    checks += [
        Check(
            quantity="plastic work over the film's area [J/m^2]",
            exact=2 * THICKNESS * YIELD * flow,
            computed=works[-1] / area,
            tolerance=1e-3,
            reason=MESH,
        ),
        at_most(
            "plastic work given back [J/m^2]",
            float(-np.diff(works).min(initial=0.0)) / area,
            1e-15,
            reason="dissipation is never negative",
        ),
    ]
    curves = [
        Curve(label="closed form", x=stretches, y=exact, exact=True),
        Curve(label="finite elements", x=stretches, y=found),
    ]
    plot = Plot(title="Film on a ball", x="stretch [-]", y="pressure [MPa]", curves=curves)
    return Outcome(checks=checks, plots=[plot])


@problem(
    "film-formation-strain",
    title="An SEI that forms too long is pressed together and pulls at its ball",
    group=GROUP,
    question="What does a film do that would be 2 % longer than the surface on which it forms?",
    exact=r"$p = -2 \sigma h / R$ without swelling, with the Cauchy stress $\sigma = \tau/J_e$, "
    r"$\tau = E \ln(1.02) / (1-\nu)$ and $\ln J_e = -2 \ln(1.02) (1-2\nu)/(1-\nu)$.",
    quick=True,
)
def formation(folder: Path) -> Outcome:
    """An elastic film of 10 nm on a ball that keeps its size."""
    ball_ = covered(folder, ball, 1.5, Yield(NEVER), formation_strain=0.02)
    ball_.updates.form_film(THICKNESS)
    ball_.step(soc=0.0)
    stress = YOUNG * np.log(1.02) / (1 - POISSON) * 1.02 ** (2 * (1 - 2 * POISSON) / (1 - POISSON))
    return Outcome(
        checks=[
            Check(
                quantity="pressure on the ball [MPa]",
                exact=-2 * stress * THICKNESS,
                computed=pressure(ball_),
                tolerance=1e-3,
                reason=f"{MESH}; the ball gives way by 5e-6",
            )
        ]
    )


def bar(folder: Path, poisson: float, **laws: Film | ElasticSheet) -> Simulation:
    """A cylinder covered at its side, whose foot and top are held along the axis."""
    body = film(width=1.0, height=1.0, cells=1)
    roles = replace(
        body.roles(NoParameters(), ""),
        sei=("side",),
        membrane={"sheet": "side"},
        symmetry={"axis": 0, "bottom": 1, "top": 1},
    )
    numbers = Numbers(read(replace(body, roles=lambda p, kinematics: roles), folder, order=1))
    law = replace(core(numbers, 1.0, poisson=poisson), name="solid")
    return Simulation(numbers, [law], **laws)  # type: ignore[arg-type]


def stretch_bar(simulation: Simulation, strain: float) -> None:
    """Move the top to a logarithmic strain and let the side follow."""
    u, stretch = simulation.state.u, np.exp(strain)
    x = u.function_space.tabulate_dof_coordinates()
    u.x.array.reshape(-1, 2)[:, 1] = (stretch - 1) * x[:, 1]
    simulation.step(soc=0.0)


@problem(
    "film-on-bar",
    title="A film that is stretched in one direction has Young's modulus",
    group=GROUP,
    question="What is the stress in a film on the side of a bar with the same Poisson's ratio?",
    exact=r"$\tau = E \ln\lambda$ along the bar, nothing around it; at any stretch, as both follow "
    r"Hencky's law. An incompressible film of the same biaxial modulus would carry 0.71 of it.",
    quick=True,
)
def film_on_bar(folder: Path) -> Outcome:
    """Strains up to the elastic range of the most yielding recipe."""
    simulation = bar(folder, POISSON, film_law=Film(YOUNG, POISSON, Yield(NEVER)))
    simulation.updates.form_film(THICKNESS)
    F = simulation.problem.deformation_gradient
    stress = ufl.dot(ufl.dot(F, simulation.problem.film_response.stress), F.T)
    means = FacetMeans(
        simulation.problem, ufl.as_vector([stress[1, 1], stress[2, 2]]), FILM, FILM_DEGREE
    )
    checks = []
    for strain in (0.02, 0.1, 0.35):
        stretch_bar(simulation, strain)
        along, around = means.evaluate().T
        checks += [
            Check(
                quantity=f"stress along at a strain of {strain:g} [MPa]",
                exact=YOUNG * strain,
                computed=float(along.mean()),
                tolerance=1e-8,
                reason=ROUND_OFF,
            ),
            at_most(
                f"stress around at a strain of {strain:g} [MPa]",
                float(np.abs(around).max()),
                1e-7 * YOUNG,
                reason=ROUND_OFF,
            ),
        ]
    return Outcome(checks=checks)


@problem(
    "wrinkled-sheet",
    title="A sheet on a bar that contracts more than it wrinkles around the bar",
    group=GROUP,
    question="What does a sheet carry on the side of a stretched bar whose Poisson's ratio of "
    "0.45 is larger than its own of 0.165?",
    exact=r"Tension field (Pipkin 1986): $E h \ln\lambda$ along the bar, nothing around it; kept "
    rf"is {SLACK:g} of what an unwrinkled sheet would carry.",
    quick=True,
)
def wrinkled(folder: Path) -> Outcome:
    """A soft sheet, so that the bar does what it would do without."""
    sheet = ElasticSheet(1e6, 0.165, 1e-5)
    simulation = bar(folder, 0.45, sheet_law=sheet)
    F = ufl.variable(simulation.problem.deformation_gradient)
    force = ufl.dot(ufl.diff(sheet.energy(Surface(F, simulation.problem.normal)), F), F.T)
    means = FacetMeans(simulation.problem, ufl.as_vector([force[1, 1], force[2, 2]]), SHEET, 1)
    strain, stiffness = 0.1, sheet.young * sheet.thickness
    stretch_bar(simulation, strain)
    hoop = float(np.log(1.0 + simulation.displacement()[1][:, 0].min()))
    along, around = means.evaluate().mean(axis=0)
    kept = SLACK * stiffness / (1 - sheet.poisson**2) * (hoop + sheet.poisson * strain)
    return Outcome(
        checks=[
            Check(
                quantity="force per length along the bar [N/m]",
                exact=stiffness * strain + sheet.poisson * kept,
                computed=along,
                tolerance=1e-6,
                reason=ROUND_OFF,
            ),
            Check(
                quantity="force per length around it [N/m]",
                exact=kept,
                computed=around,
                tolerance=1e-5,
                reason=ROUND_OFF,
            ),
            at_most(
                "share of the force around it that is kept [-]",
                abs(around) / (stiffness * 0.1),
                5e-3,
                reason="a wrinkled sheet carries no compression",
            ),
        ]
    )


@problem(
    "graphene-balloon",
    title="A graphene sheet around a ball that grows by one per cent",
    group=GROUP,
    question="How hard does a cage of 10 nm press on a ball of 1.5538 um that stretches it by 1 %?",
    exact=r"$p = 2 E h \ln\lambda / ((1-\nu) R \lambda^3)$, to first order "
    r"$2 E h \epsilon/((1-\nu) R)$ = 154.152 MPa for $E$ = 1 TPa, $\nu$ = 0.165 (Lee et al. 2008).",
    quick=True,
)
def balloon(folder: Path) -> Outcome:
    """The ball is as stiff as silicon, the sheet lies on its surface."""
    radius, thickness, young, poisson = 1.5538, 0.01, 1e6, 0.165
    body = ball(Layer("core", radius, 4), sectors=12)
    roles = replace(body.roles(NoParameters(), ""), membrane={"sheet": "outer"})
    numbers = Numbers(read(replace(body, roles=lambda p, kinematics: roles), folder))
    simulation = Simulation(
        numbers, [core(numbers, 1.04)], sheet_law=ElasticSheet(young, poisson, thickness)
    )
    stretches, found, exact = [], [], []
    for soc in np.linspace(0.0, 1.0, 9)[1:]:
        simulation.step(soc=soc)
        stretch = simulation.stretch_at(radius)
        stretches.append(stretch)
        found.append(pressure(simulation))
        exact.append(
            2 * young * thickness * np.log(stretch) / ((1 - poisson) * radius * stretch**3)
        )
    linear = 2 * young * thickness * 0.01 / ((1 - poisson) * radius)
    finite = np.log(1.01) / 0.01 / 1.01**3
    checks = [
        Check(
            quantity=f"pressure at a stretch of {stretches[-1]:.4f} [MPa]",
            exact=exact[-1],
            computed=found[-1],
            tolerance=1e-3,
            reason=MESH,
        ),
        Check(
            quantity="pressure at a stretch of 1.01, brought back to first order [MPa]",
            exact=linear,
            computed=float(np.interp(1.01, stretches, found)) / finite,
            tolerance=2e-3,
            reason=f"{MESH}; interpolated between steps",
        ),
    ]
    curves = [
        Curve(label="closed form", x=stretches, y=exact, exact=True),
        Curve(label="finite elements", x=stretches, y=found),
    ]
    plot = Plot(title="Graphene around a ball", x="stretch [-]", y="pressure [MPa]", curves=curves)
    return Outcome(checks=checks, plots=[plot])


# --- rates ----------------------------------------------------------------------------------------

VISCOSITY = 3e5  # MPa s
RATE, REFERENCE = 1e-6, 5.0  # 1/s, MPa


def relaxed_perzyna(start: float, time: Array) -> Array:
    """Biaxial stress [MPa] held for a time [s]; the surface flows at <tau - tau_y>/(2 eta)."""
    decay = YOUNG / (1 - POISSON) / (2 * VISCOSITY)
    return np.asarray(YIELD + (start - YIELD) * np.exp(-decay * time))


def relaxed_garofalo(start: float, time: Array) -> Array:
    """The same; the surface flows at (A/2) sinh(tau / tau_ref)."""
    decay = YOUNG / (1 - POISSON) * RATE / (2 * REFERENCE)
    return np.asarray(
        2 * REFERENCE * np.arctanh(np.tanh(start / (2 * REFERENCE)) * np.exp(-decay * time))
    )


def relaxation(
    folder: Path,
    flow: FilmFlow,
    exact: Callable[[float, Array], Array],
    *,
    full: float,
    end: float,
) -> Outcome:
    """Swell at once, hold, and compare at two step lengths."""
    simulation = covered(folder, ball, full, flow)
    simulation.updates.form_film(THICKNESS)
    simulation.step(1e-6, soc=1.0)
    start = film_stress(simulation)
    swollen = simulation.state.snapshot()
    runs = {}
    for count in (20, 40, 80):
        simulation.state.restore(swollen)
        values = [start]
        for _ in range(count):
            simulation.step(end / count, soc=1.0)
            values.append(film_stress(simulation))
        runs[count] = np.array(values)
    held = float(exact(start, np.array(end)))
    errors = {count: abs(values[-1] - held) for count, values in runs.items()}
    checks = [
        Check(
            quantity=f"stress after {end:g} s, extrapolated to no step length [MPa]",
            exact=held,
            computed=2 * runs[80][-1] - runs[40][-1],
            tolerance=1e-3,
            reason="values at two step lengths, extrapolated; second order and the give of the "
            "ball are left",
        ),
        Check(
            quantity="order in time [-]",
            exact=1.0,
            computed=float(np.log2(errors[20] / errors[40])),
            tolerance=0.1,
            reason="backward Euler",
        ),
    ]
    times = np.linspace(0.0, end, 81)
    fine = exact(start, times)
    curves = [
        Curve(label="closed form", x=times.tolist(), y=fine.tolist(), exact=True),
        Curve(label="80 steps", x=times[::4].tolist(), y=runs[80][::4].tolist()),
    ]
    plot = Plot(title="Relaxation at rest", x="t [s]", y="film stress [MPa]", curves=curves)
    return Outcome(checks=checks, plots=[plot])


@problem(
    "film-relaxation-perzyna",
    title="A viscoplastic SEI relaxes to its yield stress",
    group=GROUP,
    question="How does the stress of a film with a linear overstress fall after fast swelling?",
    exact=r"$\tau = \sigma_y + (\tau_0 - \sigma_y) \exp(-E t / (2 (1-\nu) \eta))$.",
    quick=True,
)
def relaxation_perzyna(folder: Path) -> Outcome:
    """From a biaxial strain of 5 %."""
    flow = Perzyna(YIELD, VISCOSITY)
    return relaxation(folder, flow, relaxed_perzyna, full=np.exp(0.15), end=400.0)


@problem(
    "film-relaxation-garofalo",
    title="A film with Garofalo's law relaxes with the logarithm of time",
    group=GROUP,
    question="How does the stress of a film with Garofalo's law fall after fast swelling?",
    exact=r"$\tanh(\tau/2\sigma_{ref}) = \tanh(\tau_0/2\sigma_{ref}) "
    r"\exp(-E A t / (2 (1-\nu) \sigma_{ref}))$, which falls with $\ln t$ while "
    r"$\tau \gg \sigma_{ref}$ (the law that Koebbing et al. 2024 use for the SEI of silicon).",
    quick=True,
)
def relaxation_garofalo(folder: Path) -> Outcome:
    """From a biaxial strain of 2 %."""
    flow = Garofalo(RATE, REFERENCE)
    return relaxation(folder, flow, relaxed_garofalo, full=np.exp(0.06), end=400.0)


# --- the layer that a film stands for -------------------------------------------------------------


def layered(folder: Path, body: Body, full: float, yield_stress: float, h: float) -> Simulation:
    """Core of radius 1 um in a layer of thickness ``h`` with the moduli of this module."""
    numbers = Numbers(
        read(body(Layer("core", 1.0, 4), Layer("shell", 1.0 + h, 2), sectors=12), folder)
    )
    law = Solid(
        Hencky(numbers.same("shell E", YOUNG), numbers.same("shell nu", POISSON)),
        RateIndependent(numbers.same("shell yield", yield_stress)),
        numbers.same("shell swelling", 1.0),
    )
    return Simulation(numbers, [core(numbers, full), Region("shell", law, None)])


def against_layer(folder: Path, body: Body, slope: float, *, plastic: bool) -> Outcome:
    """Pressure of the film over that of the layer, for layers of five thicknesses."""
    full, stress = (1.5, YIELD) if plastic else (1.025, NEVER)
    thin = covered(folder / "film", body, full, Yield(stress))
    heights, ratios = [0.005, 0.01, 0.02, 0.05, 0.1], []
    for h in heights:
        thick = layered(folder / f"layer-{h:g}", body, full, stress, h)
        thin.state.u.x.array[:] = 0.0
        thin.updates.form_film(h)
        for soc in np.linspace(0.0, 1.0, 21 if plastic else 2)[1:]:
            thin.step(soc=soc)
            thick.step(soc=soc)
        ratios.append(pressure(thin) / pressure(thick))
    measured = (ratios[2] - ratios[1]) / (heights[2] - heights[1])
    checks = [
        Check(
            quantity="film over layer as the layer gets thin [-]",
            exact=1.0,
            computed=2 * ratios[1] - ratios[2],
            tolerance=2e-3,
            reason="extrapolated from h/R = 0.01 and 0.02; cells of the layer are 13 times longer "
            "than thick",
        ),
        at_most(
            "film over layer less one at h/R = 0.01 [-]",
            abs(ratios[1] - 1),
            1e-2,
            reason="of first order in h/R",
        ),
        at_most(
            "film over layer less one at h/R = 0.05 [-]",
            abs(ratios[3] - 1),
            5e-2,
            reason="the limit beyond which a run warns",
        ),
    ]
    if not plastic:
        checks.append(
            Check(
                quantity="error of the film over h/R [-]",
                exact=slope,
                computed=measured,
                tolerance=3e-2,
                reason="second order in h/R and in the strain of 1 % are left",
            )
        )
    curve = Curve(label="film over layer", x=heights, y=ratios)
    straight = Curve(
        label="first order" if not plastic else "equal",
        x=[0.0, 0.1],
        y=[1.0, 1 + (0.0 if plastic else 0.1 * slope)],
        exact=True,
    )
    plot = Plot(
        title="Film against layer", x="h/R [-]", y="pressure ratio [-]", curves=[curve, straight]
    )
    return Outcome(checks=checks, plots=[plot])


#: 1 - p_layer/p_film over h/R: twice the share of curvature and of the stress across the layer.
SPHERE = 2 - 3 * (2 * (1 - 2 * POISSON) / (1 + POISSON)) / (
    1 + 2 * (1 - 2 * POISSON) / (1 + POISSON)
)
TUBE = 1.5 - 2 * (1 - 2 * POISSON) / (2 * (1 - POISSON))

for _name, _body, _slope, _shape in (
    ("ball", ball, SPHERE, "a ball"),
    ("cylinder", cylinder, TUBE, "a cylinder in plane strain"),
):
    for _kind, _plastic in (("elastic", False), ("plastic", True)):

        def _solve(
            folder: Path, body: Body = _body, slope: float = _slope, plastic: bool = _plastic
        ) -> Outcome:
            return against_layer(folder, body, slope, plastic=plastic)

        problem(
            f"film-against-layer-{_name}-{_kind}",
            title=f"A film against the layer it stands for, on {_shape}, {_kind}",
            group=GROUP,
            question="How far is the pressure of a film without thickness from that of a resolved "
            f"layer outside {_shape} that swells?",
            exact="They agree for thin layers. "
            + (
                r"For small strains Lam\'e's solution of a thick shell gives the ratio "
                rf"$1 + {_slope:.3f}\,h/R$ to first order."
                if not _plastic
                else "The layer is Hencky-elastic with the same numbers."
            ),
        )(_solve)


@problem(
    "film-wrong-normal",
    title="What a wrong surface normal does to a film",
    group=GROUP,
    question="A clamped host swells upwards only, so the film on its top is not stretched. Which "
    "stress does it have if its normal is wrong by a few degrees?",
    exact=r"$e_1 = \ln(\cos^2\theta + J^2 \sin^2\theta)/2$ for a normal turned by $\theta$ about "
    r"the hoop direction, $e_2 = 0$, $\tau = E e_1/(1-\nu^2)$: none at $\theta = 0$, and 5 % "
    "strain at 5 degrees and $J = 4$.",
    quick=True,
)
def wrong_normal(folder: Path) -> Outcome:
    """The normal is turned where the stress is read."""
    numbers = Numbers(read(film(width=1.0, height=0.5, cells=1), folder, order=1))
    region = replace(core(numbers, 4.0), name="solid")
    law = Film(YOUNG, POISSON, Yield(NEVER))
    simulation = Simulation(numbers, [region], film_law=law)
    simulation.updates.form_film(1e-6)
    for soc in np.linspace(0.0, 1.0, 21)[1:]:
        simulation.step(soc=soc)
    state, F = simulation.state, simulation.problem.deformation_gradient
    tall = simulation.stretch_across()
    angles, found = np.array([0.0, 1.0, 2.0, 5.0, 10.0]), []
    for degrees in angles:
        turn = np.radians(degrees)
        N = ufl.as_vector([-np.sin(turn), np.cos(turn), 0.0])
        plane = ufl.Identity(3) - ufl.outer(N, N)
        response = law.respond(Surface(F, N), plane, state.dt, state.film_guess)
        means = FacetMeans(
            simulation.problem, ufl.as_vector([response.principal, 1.0]), FILM, FILM_DEGREE
        )
        found.append(float(means.evaluate()[:, 0].mean()))
    turns = np.radians(angles)
    strain = np.log(np.cos(turns) ** 2 + tall**2 * np.sin(turns) ** 2) / 2
    exact = YOUNG / (1 - POISSON**2) * strain
    checks = [
        at_most("stress with the right normal [MPa]", abs(found[0]), 1e-6, reason=ROUND_OFF),
        at_most("stress in the run [MPa]", abs(film_stress(simulation)), 1e-6, reason=ROUND_OFF),
        *(
            Check(
                quantity=f"stress with a normal turned by {degrees:g} degrees [MPa]",
                exact=float(wrong),
                computed=stress,
                tolerance=1e-6,
                reason=ROUND_OFF,
            )
            for degrees, wrong, stress in zip(angles[1:], exact[1:], found[1:], strict=True)
        ),
    ]
    curves = [
        Curve(label="closed form", x=angles.tolist(), y=exact.tolist(), exact=True),
        Curve(label="finite elements", x=angles.tolist(), y=found),
    ]
    plot = Plot(
        title="False stress of a wrong normal", x="angle [deg]", y="stress [MPa]", curves=curves
    )
    return Outcome(checks=checks, plots=[plot])


@problem(
    "film-against-layer-swollen",
    title="A film against the layer it stands for, on a host that has swelled",
    group=GROUP,
    question="Is a film of 2 % of the radius within 1 % of a resolved layer on a ball that has "
    "grown by 30 % in radius, as alloys do?",
    exact="They agree for thin layers, and a layer on a growing ball gets thinner against its "
    "radius: by the cube of the stretch. The error, 1.7 % before anything has swelled, falls below "
    "1 % once the volume has grown by 65 %.",
)
def against_layer_swollen(folder: Path) -> Outcome:
    """An elastic film of h/R = 0.02 in ten steps."""
    full, h = 1.3**3, 0.02
    thin = covered(folder / "film", ball, full, Yield(NEVER))
    thick = layered(folder / "layer", ball, full, NEVER, h)
    thin.updates.form_film(h)
    stretches, ratios = [], []
    for soc in np.linspace(0.0, 1.0, 11)[1:]:
        thin.step(soc=soc)
        thick.step(soc=soc)
        stretches.append(thin.stretch_at(1.0))
        ratios.append(pressure(thin) / pressure(thick))
    return Outcome(
        checks=[
            at_most(
                f"film over layer less one at a stretch of {stretches[-1]:.2f} [-]",
                abs(ratios[-1] - 1),
                1e-2,
                reason="what a film without thickness is asked for",
            )
        ],
        plots=[
            Plot(
                title="Film of h/R = 0.02 against its layer",
                x="stretch of the surface [-]",
                y="pressure ratio [-]",
                curves=[Curve(label="film over layer", x=stretches, y=ratios)],
            )
        ],
    )

"""SEI that fails: what channel cracks set free, when they run, and the surface that they bare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from anodefem.geometry import Geometry, Roles, SimplexMesh
from anodefem.laws.elasticity import Hencky
from anodefem.laws.film import Film, PerfectPlasticity
from anodefem.laws.film_cracks import FilmStrength, channel_cracking
from anodefem.laws.plasticity import Elastic
from anodefem.laws.solid import Solid
from anodefem.meshing.grid import on_grid
from anodefem.meshing.simplices import name_exterior
from anodefem.model.regions import Region
from anodefem.verify.crack_cell import (
    THIRD,
    CrackCell,
    cell_lines,
    dundurs_beta,
    stiffness_ratio,
)
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.workbench.bodies import Layer, NoParameters, ball, confined, read
from anodefem.workbench.numbers import Numbers, uniform_species
from anodefem.workbench.simulation import Array, Simulation

GROUP = "Membranes and SEI"
NEVER = 1e9
#: K of a crack at the edge of a half plane over sigma sqrt(pi a) (Koiter 1965).
EDGE = 1.12152226


@problem(
    "channel-crack-release",
    title="A channel crack sets free what the cracks at an edge add up to",
    group=GROUP,
    question="What does a crack set free that runs through a film, alone or in an array, and how "
    "well does the table give it that the metrics use?",
    exact=r"$Z = G E'/(\sigma^2 h)$; without mismatch every depth of the crack is that of an edge "
    r"crack, $Z = 1.1215^2 \pi/2$ = 1.976 (Beuth 1992). Cracks much closer than the film is thick "
    r"take all of its energy, $Z = S/(2h)$. For other mismatches no published number was at hand: "
    "there the table is compared with finite elements between its rows and for other Poisson's "
    "ratios.",
)
def channel_release(folder: Path) -> Outcome:
    """Finite elements in plane strain, and the table made with them."""
    table, far = channel_cracking(), CrackCell()
    checks = [
        Check(
            quantity="Z of a film like its substrate [-]",
            exact=EDGE**2 * np.pi / 2,
            computed=far.release(0.0),
            tolerance=3e-4,
            reason="finite elements, the largest a fifth of the film's thickness",
        )
    ]
    found = {alpha: far.release(alpha) for alpha in (-0.97, -0.5, -0.3, 0.3, 0.5, 0.85)}
    for alpha, exact in found.items():
        checks.append(
            Check(
                quantity=f"Z of the table at alpha = {alpha:g} [-]",
                exact=exact,
                computed=float(table.alone(1 / stiffness_ratio(alpha))),
                tolerance=2e-3,
                reason="cubic between the rows of the table, in logarithms",
            )
        )
    close = 0.1
    checks.append(
        Check(
            quantity="Z of cracks a tenth of the thickness apart over S/2 [-]",
            exact=1.0,
            computed=CrackCell(close).release(0.0) / (close / 2),
            tolerance=2e-2,
            reason="less by about a tenth of S, which is held at the interface",
        )
    )
    # film and substrate of Poisson's ratios that make beta zero
    for alpha, film, substrate in ((0.5, 0.0, 0.4), (-0.5, 0.4, 0.0)):
        beta = dundurs_beta(alpha, film, substrate)
        checks.append(
            at_most(
                f"change of Z at alpha = {alpha:g} from beta = alpha/4 to {beta + 0.0:.2g} [-]",
                abs(far.release(alpha, film=film, substrate=substrate) / found[alpha] - 1.0),
                0.1,
                reason="beta matters little (Beuth 1992); what the table leaves out",
            )
        )
    ratios = np.geomspace(1e-3, 99.0, 60)
    alphas = (ratios - 1) / (ratios + 1)
    drawn = alphas < 0.9
    curves = [
        Series(label="table", x=alphas[drawn], y=table.alone(ratios)[drawn], exact=True),
        Series(label="edge cracks, Beuth 1992", x=[0.0], y=[EDGE**2 * np.pi / 2]),
        Series(label="finite elements", x=list(found), y=list(found.values())),
    ]
    plot = Plot(title="One channel crack", x="mismatch alpha [-]", y="Z [-]", curves=curves)
    return Outcome(checks=checks, plots=[plot])


#: Cells at the tip of a crack in a body of this package, over the thickness of its film.
COARSE_TIP = 1e-3
SHRINKAGE = 1e-3


def cell(spacing: float) -> Geometry:
    """Return half a period of a "film" of thickness 1 um on a deep "substrate", in plane strain.

    Facet groups are "crack", "below" it, "right", "bottom" and "top". The crack is free.
    """
    x, y = cell_lines(spacing, COARSE_TIP)
    half, deep = float(x[-1]), float(-y[0])

    def discretise(p: NoParameters, kinematics: str) -> SimplexMesh:
        grid = on_grid(
            [x, y], ["substrate", "film"], lambda middles: (middles[:, 1] > 0.0).astype(np.int64)
        )
        grid = name_exterior(grid, {"below": (0, 0.0)}, of="substrate")
        planes = {"crack": (0, 0.0), "right": (0, half), "bottom": (1, -deep), "top": (1, 1.0)}
        return name_exterior(grid, planes)

    exact = {"substrate": half * deep, "film": half, "hull": half * (1.0 + deep)}
    held = {"below": 0, "right": 0, "bottom": 1}
    hull = ("crack", "below", "right", "bottom", "top")
    roles = Roles(flux=("top",), sei=("top",), hull=hull, symmetry=held)
    return Geometry(
        name="cell",
        title="A cracked film",
        kinematics=("plane_strain",),
        parameters=NoParameters,
        exact=lambda p, kinematics: exact,
        roles=lambda p, kinematics: roles,
        regions=lambda p, kinematics: ("substrate", "film"),
        discretise=discretise,
    )


def elastic(numbers: Numbers, name: str, young: float, full: float) -> Region:
    """Elastic region of Poisson's ratio 1/3 that swells to the ratio ``full``.

    Args:
        numbers: Material numbers of the mesh.
        name: Region.
        young: Young's modulus [MPa].
        full: Volume ratio of the full host; 1 without swelling.
    """
    law = Hencky(numbers.same(f"{name} E", young), numbers.same(f"{name} nu", THIRD))
    return Region(
        name,
        Solid(law, Elastic(), numbers.linear(f"{name} swelling", 1.0, full)),
        uniform_species(),
    )


def resolved_release(folder: Path, geometry: Geometry, alphas: Sequence[float]) -> Array:
    """Z of an array of cracks: energy of a film that shrinks, whole less cracked.

    Args:
        folder: Empty folder for the mesh.
        geometry: Half a period of the cracked film on its substrate.
        alphas: First of Dundurs' parameters, one result each.
    """
    young, energies = 1000.0, []
    for name, body in (("whole", confined(geometry, crack=0)), ("cracked", geometry)):
        numbers = Numbers(read(body, folder / name, order=1))
        regions = [
            elastic(numbers, "film", young, (1.0 - SHRINKAGE) ** 3),
            elastic(numbers, "substrate", young, 1.0),
        ]
        simulation = Simulation(numbers, regions)
        gauges = [
            (
                simulation.gauge(region.name, simulation.symbols.responses[region.name].energy),
                simulation.symbols.volume(region.name),
            )
            for region in regions
        ]
        found = []
        for alpha in alphas:
            numbers["substrate E"].value = young * stiffness_ratio(alpha)
            simulation.step(soc=1.0)
            found.append(sum(mean() * volume for mean, volume in gauges))
        energies.append(found)
    stress = -young / (1.0 - THIRD) * np.log(1.0 - SHRINKAGE)
    plane = young / (1.0 - THIRD**2)
    return np.asarray(2.0 * (np.array(energies[0]) - energies[1]) * plane / stress**2)


@problem(
    "resolved-film-crack",
    title="A resolved film that shrinks sets free what the table says",
    group=GROUP,
    question="What do cracks through a film set free that shrinks on a deep body, both resolved by "
    "cells, at small strain but with the laws and the solver of a run?",
    exact=r"Energy of the whole film less that of the cracked one, per crack, "
    r"$= Z \sigma^2 h^2/E'$ with the $Z$ of linear elasticity, from the opening of cracks that are "
    "pressed apart, and of the table.",
)
def resolved(folder: Path) -> Outcome:
    """Softer and stiffer substrates; cracks 16 thicknesses apart, to which the table has a row."""
    spacing, alphas = 16.0, (-0.6, 0.0, 0.6)
    table, linear = channel_cracking(), CrackCell(spacing)
    column = int(np.abs(table.spacing - spacing).argmin())
    rows = [int(np.abs(table.ratio + np.log(stiffness_ratio(alpha))).argmin()) for alpha in alphas]
    checks = []
    for alpha, row, computed in zip(
        alphas, rows, resolved_release(folder, cell(spacing), alphas), strict=True
    ):
        checks += [
            Check(
                quantity=f"Z at alpha = {alpha:g} [-]",
                exact=linear.release(alpha),
                computed=float(computed),
                tolerance=1e-2,
                reason="strains of 1e-3; cells of a thousandth of the thickness at the tip",
            ),
            Check(
                quantity=f"Z of the table at alpha = {alpha:g} [-]",
                exact=linear.release(alpha),
                computed=float(table.array[row, column]),
                tolerance=2e-5,
                reason="the table has five digits",
            ),
        ]
    return Outcome(checks=checks)


YOUNG, POISSON = 1000.0, 0.3  # MPa, -
HOST_POISSON = 0.22
TOUGHNESS = 0.02  # MPa um
NO_FAILURE = FilmStrength(
    elastic_limit=1e9,
    fracture_strain=1.0,
    toughness=1e9,
    adhesion=None,
    delamination_half_width=1.0,
)


def covered(folder: Path, *, host: float, full: float, strength: FilmStrength) -> Simulation:
    """A ball of radius 1 um that swells to the ratio ``full``, under an elastic film.

    Args:
        folder: Empty folder for the mesh.
        host: Young's modulus of the ball [MPa].
        full: Volume ratio of the full ball.
        strength: What the film bears.
    """
    numbers = Numbers(read(ball(Layer("core", 1.0, 4), sectors=12), folder))
    law = Hencky(numbers.same("core E", host), numbers.same("core nu", HOST_POISSON))
    swelling = numbers.linear("core swelling", 1.0, full)
    return Simulation(
        numbers,
        [Region("core", Solid(law, Elastic(), swelling), uniform_species())],
        film_law=Film(YOUNG, POISSON, PerfectPlasticity(NEVER)),
        film_strength=strength,
    )


def cracks(simulation: Simulation, thickness: float) -> bool:
    """Whether a film of ``thickness`` [um] that forms on the empty ball lets channel cracks run.

    Args:
        simulation: Covered ball; its state is reset.
        thickness: Of the film when it forms [um].
    """
    simulation.step(soc=0.0)
    simulation.form_film(thickness)
    simulation.step(soc=1.0)
    return bool((simulation.state["sei_broken"].x.array.reshape(-1, 2)[:, 1] > 0.0).any())


@problem(
    "channel-crack-thickness",
    title="Thick films crack, thin ones do not",
    group=GROUP,
    question="From which thickness on do cracks run through a film on a ball that swells?",
    exact=r"$h_c = \Gamma E / (Z \sigma^2 (1-\nu^2))$ with $\sigma = E \ln\lambda/(1-\nu)$ at "
    r"the stretch $\lambda$ of the surface, and $Z$ from plane-strain finite elements with these "
    "moduli, the host once stiffer and once softer than the film.",
)
def channel_thickness(folder: Path) -> Outcome:
    """A film of 1 GPa on hosts of 90 GPa and of 0.5 GPa, in thicknesses 2 % apart."""
    checks, far = [], CrackCell()
    plane = YOUNG / (1.0 - POISSON**2)
    for host in (90e3, 500.0):
        strength = replace(NO_FAILURE, toughness=TOUGHNESS)
        ball_ = covered(folder / f"{host:g}", host=host, full=1.06, strength=strength)
        substrate = host / (1.0 - HOST_POISSON**2)
        alpha = (plane - substrate) / (plane + substrate)
        Z = far.release(alpha, film=POISSON, substrate=HOST_POISSON)
        strain = np.log(1.06) / 3.0
        guess = TOUGHNESS * plane / (Z * (YOUNG / (1.0 - POISSON) * strain) ** 2)
        swept = guess * 1.02 ** np.arange(-8.0, 16.0)
        first = next(thickness for thickness in swept if cracks(ball_, thickness))
        stress = YOUNG / (1.0 - POISSON) * np.log(ball_.stretch_at(1.0))
        checks.append(
            Check(
                quantity=f"smallest thickness that cracks on a host of {host / 1e3:g} GPa [nm]",
                exact=1e3 * TOUGHNESS * plane / (Z * stress**2),
                computed=1e3 * first,
                tolerance=5e-2,
                reason="thicknesses 2 % apart, strains of 2 %; the table is for Poisson's ratios "
                "of 1/3",
            )
        )
    return Outcome(checks=checks)


@problem(
    "exposed-surface",
    title="A film that breaks exposes the surface that grows on, in every cycle",
    group=GROUP,
    question="How much surface is exposed on a ball that swells by half, shrinks and swells "
    "again under a film that breaks at a strain of 5 %?",
    exact=r"$J_s = J^{2/3}$; the film breaks at $J_s^* = e^{0.1}$, its pieces keep that area, and "
    r"every growth of $J_s - J_s^* > 0$ exposes $4 \pi R^2 \, \mathrm{d}J_s$: nothing on the way "
    "back, and as much again the second time.",
    quick=True,
)
def exposed_surface(folder: Path) -> Outcome:
    """Half a ball; forth, back and forth in ten steps each."""
    full, limit = 1.5, 0.05
    strength = replace(NO_FAILURE, fracture_strain=limit)
    ball_ = covered(folder, host=90e3, full=full, strength=strength)
    ball_.form_film(0.01)
    metrics = ball_.metrics()
    way = [*np.linspace(0.1, 1.0, 10), *np.linspace(0.9, 0.0, 10), *np.linspace(0.1, 1.0, 10)]
    found, exact, gap = [0.0], [0.0], 0.0
    for soc in way:
        ball_.step(soc=soc)
        found.append(metrics.row()["sei_exposed_area [um^2]"])
        ratio = (1.0 + (full - 1.0) * soc) ** (2.0 / 3.0)
        before, gap = gap, max(ratio - np.exp(2.0 * limit), 0.0)
        exact.append(exact[-1] + 2.0 * np.pi * max(gap - before, 0.0))
    broken = ball_.state["sei_broken"].x.array.reshape(-1, 2)[:, 0]
    mesh = "second-order cells on a quarter circle of twelve sectors; 10 MPa um of film on 90 GPa"
    checks = [
        Check(
            quantity="area ratio at which the film breaks [-]",
            exact=float(np.exp(2.0 * limit)),
            computed=float(broken.max()),
            tolerance=1e-3,
            reason=f"linear within a step; {mesh}",
        ),
        Check(
            quantity="surface exposed on the way out [um^2]",
            exact=exact[10],
            computed=found[10],
            tolerance=3e-3,
            reason=f"linear within a step; {mesh}",
        ),
        at_most(
            "surface exposed on the way back [um^2]",
            found[20] - found[10],
            1e-12,
            reason="cracks close",
        ),
        Check(
            quantity="surface exposed after the second way out [um^2]",
            exact=exact[30],
            computed=found[30],
            tolerance=3e-3,
            reason=f"linear within a step; {mesh}",
        ),
        at_most(
            "largest difference between facets in the area exposed [um^2]",
            float(np.ptp(_nonzero(ball_.state["sei_exposed"].x.array[::2]))),
            2e-3,
            reason=mesh,
        ),
    ]
    turns = np.arange(len(found)) / 10.0
    curves = [
        Series(label="closed form", x=turns, y=exact, exact=True),
        Series(label="finite elements", x=turns, y=found),
    ]
    plot = Plot(title="Out, back and out", x="half cycles [-]", y="exposed [um^2]", curves=curves)
    return Outcome(checks=checks, plots=[plot])


def _nonzero(values: Array) -> Array:
    return np.asarray(values[values > 0.0])

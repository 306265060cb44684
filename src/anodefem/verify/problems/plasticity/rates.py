"""Films whose flow stress depends on rate and temperature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from anodefem import cards
from anodefem.laws.plasticity import (
    FlowRule,
    Overstress,
    Perzyna,
    PowerLaw,
)
from anodefem.model import regions
from anodefem.model.regions import Region
from anodefem.verify.problem import Check, Outcome, Plot, Series, problem
from anodefem.verify.problems.hencky import FULL, HOUR, along, at_swelling, disc, simulate
from anodefem.workbench.numbers import uniform_species
from anodefem.workbench.simulation import Simulation


def thickening(hours: float) -> float:
    """Plastic strain rate of a film at Jc = 2 that fills evenly in ``hours`` [1/s]."""
    return 2.0 / 3.0 * (FULL - 1.0) / (hours * HOUR) / 2.0


def steady_stress(simulation: Simulation, rate: float, *, steps: int = 60) -> float:
    """Stress [MPa] of a film that thickens at a constant plastic strain rate [1/s], to Jc = 2.

    With ln(Jc) growing evenly the elastic strain settles, and all further strain is plastic.

    Args:
        simulation: Body with its laws and its solver.
        rate: Equivalent plastic strain rate [1/s].
        steps: Number of equal steps of ln(Jc).
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
    laws: dict[str, tuple[FlowRule, Callable[[float], float]]] = {
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
            Series(label=name, x=fast.tolist(), y=[exact(r) for r in fast], exact=True),
            Series(label=f"{name}, computed", x=list(found), y=list(found.values())),
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


@problem(
    "clamped-film-temperature",
    title="A warm film flows at less stress",
    group="Plastic flow",
    question="What does an activation energy of 50 kJ/mol do to the flow stress of a "
    "film at 1C, between 0 and 60 degrees Celsius?",
    exact=r"$|M| = \sigma_Y (1 + (r/\dot\varepsilon_0(T))^{1/m})$ with Arrhenius' law "
    r"$\dot\varepsilon_0(T) = \dot\varepsilon_0 \exp(-E_a/R\,(1/T - 1/298.15\,\mathrm{K}))$ and "
    "the numbers of the card silicon-bower-guduru.",
    quick=False,
)
def clamped_film_temperature(folder: Path) -> Outcome:
    """The card goes the whole way from its file to the law."""
    text = cards.paths("materials")["silicon-bower-guduru"].read_text(encoding="utf-8")
    path = folder / "activated.toml"
    path.write_text(text.replace('"neo-hookean"', '"hencky"'), encoding="utf-8")
    card = cards.material(str(path), changes={"plastic.activation_energy": "50 kJ/mol"})
    numbers = disc(folder)
    rate, checks = thickening(1.0), []
    for temperature in (273.15, 298.15, 333.15):
        law = regions.region("solid", card, transport="uniform", temperature=temperature).solid
        law = replace(law, expansion=numbers.linear("swelling", 1.0, FULL))
        simulation = Simulation(numbers, [Region("solid", law, uniform_species())])
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

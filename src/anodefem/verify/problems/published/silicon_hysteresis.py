"""Hysteresis of the potential of silicon: what stress makes of it, and what is left."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anodefem.cards import FARADAY
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.verify.problems.published.silicon_film import (
    cycle,
    kirchhoff,
    storage_of,
    wafer_film,
)
from anodefem.verify.published import FOLDER, data

CARD = "silicon-amorphous"
VERBRUGGE = FOLDER / "verbrugge-2015.toml"
#: Fractions of lithium at which the published curves are compared.
FRACTIONS = (0.2, 0.4, 0.6, 0.8)


@problem(
    "silicon-hysteresis",
    title="Which part of the hysteresis of silicon is stress",
    group="Published data",
    question="How much of the distance between the potentials of silicon on the way in and on the "
    "way out does the stress of a film on a wafer make?",
    exact=r"$\Delta U = (2/3)\,\Omega\,\Delta\sigma/F$ with the stress per swollen volume at the "
    "same fraction on both ways. Between the published curves lie 326, 255, 210 and 196 mV at "
    "fractions of 0.2, 0.4, 0.6 and 0.8; the figure shows what part is stress, and the rest, which "
    "is not in the model: it has one equilibrium curve. The stress of the card is that of such "
    "films, its effect on the potential is thermodynamics, and nothing was fitted to the curves. A "
    "small free particle that is filled slowly has hardly any stress, and the whole of its "
    "hysteresis is left unexplained.",
    quick=True,
    kind="validation",
    status="blind",
    data=VERBRUGGE,
)
def silicon_hysteresis(folder: Path) -> Outcome:
    """Full and back; the potential's stress part at the same fractions on both ways."""
    known, storage = data(VERBRUGGE), storage_of(CARD)
    per_volt = storage.concentration_max * FARADAY  # J/m^3
    simulation = wafer_film(folder / "film", CARD)
    dpsi_dx = simulation.symbols.responses["solid"].dpsi_dx
    up = [0.01, 0.02, 0.03, 0.05, *np.linspace(0.1, 1.0, 19)]
    down = [0.98, 0.96, 0.94, 0.92, *np.linspace(0.9, 0.1, 17)]
    shifts, stresses, soc = [], [], 0.0
    for each in (*up, *down):
        cycle(simulation, np.array([each]), rate=0.05, start=soc)
        soc = float(each)
        shifts.append(-1e9 * simulation.mean("solid", dpsi_dx) / per_volt)  # mV
        stresses.append(kirchhoff(simulation))  # MPa

    def gap(values: list[float]) -> list[float]:
        """Way out minus way in at `FRACTIONS`."""
        way_in = np.interp(FRACTIONS, up, values[: len(up)])
        way_out = np.interp(FRACTIONS, down[::-1], values[len(up) :][::-1])
        return [float(each) for each in way_out - way_in]

    by_stress = gap(shifts)
    slope = 2e9 / 3 * (float(storage.volume_ratio(1.0)) - 1.0) / per_volt  # mV/MPa
    published = [
        1e3 * (known[f"delithiation_at_{name}"].value - known[f"lithiation_at_{name}"].value)
        for name in (str(fraction).replace(".", "_") for fraction in FRACTIONS)
    ]
    checks = [
        Check(
            quantity=f"stress part at a fraction of {fraction} [mV]",
            exact=slope * stress,
            computed=part,
            tolerance=0.02,
            reason="closed form without the change of the moduli, which shifts both ways alike but "
            "for the squares of the two stresses",
        )
        for fraction, stress, part in zip(FRACTIONS, gap(stresses), by_stress, strict=True)
    ]
    checks += [
        at_most(
            f"stress part beyond the published distance at a fraction of {fraction} [mV]",
            part - whole,
            1e-9,
            reason="blind: stress is one of several causes, and cannot be more than all of them",
        )
        for fraction, part, whole in zip(FRACTIONS, by_stress, published, strict=True)
    ]
    rest = [whole - part for whole, part in zip(published, by_stress, strict=True)]
    return Outcome(
        checks=checks,
        plots=[
            Plot(
                title="Potential out minus potential in",
                x="fraction of lithium [-]",
                y="[mV]",
                curves=[
                    Series(label="published curves", x=FRACTIONS, y=published, exact=True),
                    Series(label="stress, computed", x=FRACTIONS, y=by_stress),
                    Series(label="the rest", x=FRACTIONS, y=rest),
                ],
            )
        ],
    )

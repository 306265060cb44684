"""Tin that takes up sodium: its volume against measurements, and the strain of its SEI."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import ufl

from anodefem import cards
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.verify.problems.published.silicon_film import of_card, storage_of
from anodefem.verify.published import FOLDER, data
from anodefem.verify.runs import run_case
from anodefem.workbench.bodies import Layer, ball, read
from anodefem.workbench.numbers import Numbers
from anodefem.workbench.simulation import Simulation

SODIUM_TIN = FOLDER / "sodium-tin.toml"


@problem(
    "sodium-tin-volume",
    title="Volume of tin against its sodium content",
    group="Published data",
    question="Does a free tin particle swell as was seen in the microscope?",
    exact="Seen: +60 % at Na0.5Sn, +420 % at Na15Sn4 (twice, by two methods). The card's expansion "
    "is computed from crystal cells and linear in the sodium content; nothing was fitted to the "
    "pictures.",
    quick=True,
    kind="validation",
    status="blind",
    data=SODIUM_TIN,
)
def sodium_tin_volume(folder: Path) -> Outcome:
    """A free ball of the card "tin-sodium"."""
    known = data(SODIUM_TIN)
    body = ball(Layer("solid", 1.0, 3), sectors=4)
    simulation = Simulation(Numbers(read(body, folder)), [of_card("tin-sodium")])
    guests = np.linspace(0.0, 3.75, 16)[1:]
    volumes = []
    for each in guests:
        simulation.step(3600.0, soc=float(each / 3.75))
        J = ufl.det(simulation.symbols.F())
        volumes.append(simulation.mean("solid", J))
    at = [float(np.interp(0.5, guests, volumes)), volumes[-1], volumes[-1]]
    names = ("first_step", "full", "full_again")
    return Outcome(
        checks=[
            Check(
                quantity=f"volume ratio at Na{sodium}Sn, {method} [-]",
                exact=known[name].value,
                computed=volume,
                tolerance=0.03,
                reason="volumes are reported to two digits",
            )
            for name, volume, sodium, method in zip(
                names,
                at,
                (0.5, 3.75, 3.75),
                ("electron microscopy", "electron microscopy", "force microscopy"),
                strict=True,
            )
        ],
        plots=[
            Plot(
                title="A tin particle takes up sodium",
                x="sodium per tin [-]",
                y="volume ratio [-]",
                curves=[
                    Series(label="computed", x=list(guests), y=volumes, exact=True),
                    Series(
                        label="measured",
                        x=[0.5, 3.75, 3.75],
                        y=[known[name].value for name in names],
                    ),
                ],
            )
        ],
    )


TIN_CASE = """
title = "Tin takes up sodium"

[geometry]
plugin = "bare_particle"
kinematics = "axisymmetric"
particle_radius = "1 um"

[materials]
particle = { card = "tin-sodium", transport = "uniform" }

[sei]
recipe = "diglyme-nabf4"

[protocol]
initial_soc = 0.01
steps = ["lithiate at C/10 until soc = 0.99"]

[output]
fields_every = 1.0
"""


@problem(
    "tin-sei-strain",
    title="Strain of the SEI on a tin particle",
    group="Membranes and SEI",
    question="How far is the SEI on a micro-sized tin particle stretched by sodiation, and "
    "does the film from NaBF4 in diglyme bear it elastically?",
    exact=r"$(J/J_0)^{1/3} - 1$ since the film formed, all of it in the SEI, with the volume ratio "
    "$J$ of the card: nothing else gives. This shows that a run hands its cards through. It is no "
    "validation: no strain of an SEI was measured, the volume of tin is compared with the "
    "microscope in `sodium-tin-volume`, and the elastic region of 79 % reported for this film is "
    "a number of the recipe. The strain stays just inside it, and every criterion of the run says "
    "so.",
)
def tin_sei_strain(folder: Path) -> Outcome:
    """A case as a user would write it."""
    result = run_case(folder, TIN_CASE)
    strain = np.expm1(result["sei_strain_max"])
    soc = result["soc"]
    ratio = storage_of("tin-sodium").volume_ratio
    # since the film formed, on a particle that already held a little sodium
    free = [float(np.cbrt(float(ratio(float(s))) / float(ratio(float(soc[0])))) - 1.0) for s in soc]
    region = data(SODIUM_TIN)["elastic_region"].value
    return Outcome(
        checks=[
            Check(
                quantity="elongation of the SEI [-]",
                exact=free[-1],
                computed=float(strain[-1]),
                tolerance=1e-3,
                reason="facet means of a free particle that swells alike everywhere",
            ),
            at_most(
                "elongation beyond the elastic region of the film [-]",
                float(strain[-1]) - region,
                1e-12,
                reason="an order, not a number",
            ),
            Check(
                quantity="elastic region of the recipe [-]",
                exact=region,
                computed=float(np.expm1(cards.sei("diglyme-nabf4").yield_strain)),
                tolerance=1e-3,
                reason="four digits of the recipe",
            ),
            at_most(
                "elastic energy asked of the film over the largest it has [-]",
                float(max(result["sei_energy_ratio_max"])),
                1.0,
                reason="all of the film stays elastic, by every criterion",
            ),
            at_most(
                "share of the film that the run reports beyond its yield strain [-]",
                float(max(result["sei_area_beyond_yield"])),
                1e-12,
                reason="all of the film stays elastic",
            ),
            at_most(
                "plastic work in the film [J/m^2]",
                float(result["sei_plastic_work"][-1]),
                1e-9,
                reason="all of the film stays elastic; it stores about 1 J/m^2",
            ),
        ],
        plots=[
            Plot(
                title="SEI on a tin particle",
                x="state of charge [-]",
                y="elongation of the SEI [-]",
                curves=[
                    Series(label="from the volumes of the card", x=list(soc), y=free, exact=True),
                    Series(label="computed", x=list(soc), y=list(strain)),
                    Series(
                        label="elastic region reported for NaBF4 in diglyme",
                        x=[0.0, 1.0],
                        y=[region] * 2,
                        exact=True,
                    ),
                ],
            )
        ],
    )

"""Stress of silicon films on a wafer, measured and computed."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np

from anodefem import cards
from anodefem.cards import FARADAY, Overstress, Storage
from anodefem.model.regions import Region, region
from anodefem.verify.problem import Check, Outcome, Plot, Series, problem
from anodefem.verify.published import FOLDER, data
from anodefem.workbench.bodies import film, read
from anodefem.workbench.numbers import Numbers
from anodefem.workbench.simulation import Array, Simulation

ROOM = 298.15  # K
SETHURAMAN = FOLDER / "sethuraman-2010.toml"


def of_card(name: str, *, place: str = "solid") -> Region:
    """Region of a shipped card whose fraction follows the state of charge.

    Args:
        name: Card.
        place: Region of the mesh.
    """
    return region(place, cards.material(name), transport="uniform", temperature=ROOM)


def wafer_film(folder: Path, card: str) -> Simulation:
    """A film of a card on a rigid base, 0.25 um thick.

    Args:
        folder: Empty folder for the mesh.
        card: Name of a host's card.
    """
    return Simulation(Numbers(read(film(width=0.5, height=0.25, cells=1), folder)), [of_card(card)])


def cycle(
    simulation: Simulation, socs: Array, *, rate: float, start: float = 0.0
) -> tuple[Array, Array]:
    """Go from ``start`` through states of charge at a C-rate [1/h].

    Args:
        simulation: Body with its laws and its solver.
        socs: States of charge in the order in which they are reached.
        rate: C-rate [1/h].
        start: State of charge at the start.

    Returns:
        In-plane Cauchy stress [MPa] after each, and whether the film flowed on the way there.
    """
    stresses, flows = [], []
    plastic = simulation.state["alpha"].x.array
    for before, soc in pairwise([start, *socs]):
        strain = float(plastic.max())
        simulation.step(abs(soc - before) / rate * 3600.0, soc=float(soc))
        stresses.append(float(simulation.stress("solid")[:, 0].mean()))
        flows.append(float(plastic.max()) > strain + 1e-9)
    return np.array(stresses), np.array(flows)


def kirchhoff(simulation: Simulation) -> float:
    """In-plane stress per swollen volume [MPa]."""
    tau = simulation.symbols.responses["solid"].tau
    values = simulation.at_points("solid", simulation.domain.kinematics.components(tau))
    return float(values[:, 0].mean())


def storage_of(name: str) -> Storage:
    """What a host card stores."""
    storage = cards.material(name).storage
    if storage is None:
        raise ValueError(f"{name} stores nothing")
    return storage


@problem(
    "silicon-film-stress",
    title="Stress of a silicon film over a cycle",
    group="Published data",
    question="Does the default silicon card give the stress of a film on a wafer over a cycle?",
    exact="Measured: flow begins at ca. -1.75 GPa, and at ca. 1 GPa in tension when a full film is "
    "emptied; biaxial modulus 70 GPa at Li0.32Si and 35 GPa at Li3Si. The card's yield stress and "
    "modulus were taken from these very numbers, so this shows that the model hands them through, "
    "not that it predicts them; the loop between them is drawn below.",
    kind="validation",
    status="fitted",
    data=SETHURAMAN,
)
def silicon_film_stress(folder: Path) -> Outcome:
    """Charge and discharge with fine steps where the film is elastic."""
    known = data(SETHURAMAN)
    simulation = wafer_film(folder / "film", "silicon-amorphous")
    up = np.concatenate([np.linspace(0.0, 0.06, 61)[1:], np.linspace(0.06, 1.0, 48)[1:]])
    down = np.concatenate([np.linspace(1.0, 0.86, 57)[1:], np.linspace(0.86, 0.02, 43)[1:]])
    socs = np.concatenate([up, down])
    stress, flowing = cycle(simulation, socs, rate=0.05)
    first = int(np.argmax(flowing))
    turned = len(up) + int(np.argmax(flowing[len(up) :]))
    return Outcome(
        checks=[
            Check(
                quantity="stress at first flow [GPa]",
                exact=known["first_yield"].value,
                computed=1e-3 * stress[first],
                tolerance=0.1,
                reason="the abstract rounds; Cauchy and Kirchhoff stress differ by 4 %",
            ),
            Check(
                quantity="stress at first flow of the full film in tension [GPa]",
                exact=known["yield_in_tension"].value,
                computed=1e-3 * stress[turned],
                tolerance=0.2,
                reason="'ca. 1' has one digit; the composition is not given, and the card's yield "
                "stress falls by a fifth of it between where the film turns and where it flows",
            ),
            *(
                Check(
                    quantity=f"biaxial modulus at Li{guests}Si [GPa]",
                    exact=known[name].value,
                    computed=1e-3 * biaxial_modulus(folder / name, guests / 3.75),
                    tolerance=0.25,
                    reason="a film that is emptied also stiffens under load, which takes up to "
                    "14 % off the slope; the card's line goes through the values as if it did not",
                )
                for name, guests in (
                    ("biaxial_modulus_at_0_32", 0.32),
                    ("biaxial_modulus_at_3", 3.0),
                )
            ),
        ],
        plots=[
            Plot(
                title="Stress along the film",
                x="state of charge [-]",
                y="Cauchy stress [GPa]",
                curves=[
                    Series(label="computed", x=list(socs), y=list(1e-3 * stress), exact=True),
                    Series(
                        label="measured, read in the abstract",
                        x=[float(socs[first]), float(socs[turned])],
                        y=[known["first_yield"].value, known["yield_in_tension"].value],
                    ),
                ],
            )
        ],
    )


def biaxial_modulus(folder: Path, soc: float) -> float:
    """Rise of the film's stress per in-plane strain when it is emptied a little [MPa].

    Args:
        folder: Empty folder for the mesh.
        soc: State of charge at which the film is emptied a little.
    """
    simulation = wafer_film(folder, "silicon-amorphous")
    cycle(simulation, np.linspace(0.0, soc, 30)[1:], rate=0.05)
    swelling = simulation.symbols.responses["solid"].swelling
    stress, ratio = kirchhoff(simulation), simulation.mean("solid", swelling)
    cycle(simulation, np.array([soc - 1e-3]), rate=0.05, start=soc)
    emptied = simulation.mean("solid", swelling)
    return (kirchhoff(simulation) - stress) / (np.log(ratio / emptied) / 3.0)


@problem(
    "silicon-film-rate",
    title="Flow stress of a silicon film by a rate law",
    group="Published data",
    question="Does the rate law of Bower, Guduru and co-workers give the onset of flow that was "
    "measured on such films?",
    exact="Measured: ca. -1.75 GPa at first flow. The constants come from the same group and were "
    "presumably found on films like these, so the agreement is no prediction. The closed "
    r"form of a thin film is $\sigma_0 (1 + ((2/3)\dot J_c/(J_c \dot\epsilon_0))^{1/m})$.",
    kind="validation",
    status="fitted",
    data=SETHURAMAN,
)
def silicon_film_rate(folder: Path) -> Outcome:
    """C/20 to Li1Si."""
    known = data(SETHURAMAN)
    name, rate = "silicon-bower-guduru", 0.05
    simulation = wafer_film(folder, name)
    storage, law = storage_of(name), cards.material(name).plastic
    if not isinstance(law, Overstress):
        raise ValueError(f"{name} does not flow by an overstress")
    quarter, one = 0.25 / storage.guests_per_host, 1.0 / storage.guests_per_host
    socs = np.concatenate([np.linspace(0.0, quarter, 81)[1:], np.linspace(quarter, one, 41)[1:]])
    cauchy, _ = cycle(simulation, socs, rate=rate)
    ratio = float(storage.volume_ratio(one))
    growth = float(storage.volume_ratio(1.0)) - 1.0
    speed = (2.0 / 3.0) * growth * rate / 3600.0 / ratio
    overstress = (speed / law.rate) ** (1.0 / law.exponent)
    exact = 1e-6 * float(law.yield_stress(one)) * (1.0 + overstress)
    return Outcome(
        checks=[
            Check(
                quantity="largest compression [GPa]",
                exact=known["first_yield"].value,
                computed=1e-3 * float(cauchy.min()),
                tolerance=0.15,
                reason="one rounded number, rate not given; a factor 2 in rate is 18 %",
            ),
            Check(
                quantity="flow stress per swollen volume at Li1Si [MPa]",
                exact=-exact,
                computed=kirchhoff(simulation),
                tolerance=5e-3,
                reason="closed form for small elastic strain, which is 2 % here",
            ),
        ]
    )


@problem(
    "silicon-stress-potential",
    title="Stress shifts the potential of silicon",
    group="Published data",
    question="By how much does biaxial stress shift the open-circuit potential of a silicon film?",
    exact=r"$\mathrm{d}U/\mathrm{d}\sigma = (2/3)\,\Omega/F$: 61.1 mV/GPa with the card's partial "
    "molar volume; the authors estimate ca. 60 and measure 100 to 120. The measured value is "
    "nearly twice what thermodynamics gives, theirs and ours; nothing here was fitted to it.",
    kind="validation",
    status="blind",
    data=SETHURAMAN,
)
def silicon_stress_potential(folder: Path) -> Outcome:
    """Empty a film a little, and look at the potential's stress part."""
    known = data(SETHURAMAN)
    simulation = wafer_film(folder, "silicon-amorphous")
    per_volt = storage_of("silicon-amorphous").concentration_max * FARADAY  # J/m^3
    cycle(simulation, np.linspace(0.0, 0.5, 40)[1:], rate=0.05)
    mechanical = simulation.symbols.responses["solid"].dpsi_dx

    def state() -> tuple[float, float]:
        """Stress per swollen volume [GPa] and shift of the potential [mV]."""
        shift = -simulation.mean("solid", mechanical) * 1e6 / per_volt
        return 1e-3 * kirchhoff(simulation), 1e3 * shift

    points, soc = [state()], 0.5
    for emptied in np.linspace(0.5, 0.485, 6)[1:]:
        cycle(simulation, np.array([emptied]), rate=0.05, start=soc)
        points.append(state())
        soc = float(emptied)
    stress, shift = np.array(points).T
    slope = float(np.polyfit(stress, shift, 1)[0])
    return Outcome(
        checks=[
            Check(
                quantity="slope against the authors' estimate [mV/GPa]",
                exact=known["coupling_predicted"].value,
                computed=slope,
                tolerance=0.05,
                reason="'ca. 60'; their partial molar volume differs by a few per cent",
            ),
            Check(
                quantity="slope against the measured one [mV/GPa]",
                exact=known["coupling_measured"].value,
                computed=slope,
                tolerance=0.5,
                reason="a factor of two: the same order of magnitude is all that is claimed, "
                "by the authors too",
            ),
        ],
        plots=[
            Plot(
                title="Potential against stress while a film is emptied elastically",
                x="in-plane stress [GPa]",
                y="shift of the potential [mV]",
                curves=[
                    Series(label="computed", x=list(stress), y=list(shift)),
                    Series(
                        label="measured slope",
                        x=list(stress),
                        y=list(shift[0] + known["coupling_measured"].value * (stress - stress[0])),
                        exact=True,
                    ),
                ],
            )
        ],
    )

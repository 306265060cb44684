"""A run as a parameter set for PyBaMM: what its particle adds to a model of a cell.

The file that is written is a Python module without need of this package. It holds tables over the
stoichiometry: the voltage of the lithiation and of the delithiation as the run found them, with the
stress in them; the volume change of the hull; the card's diffusivity.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from anodefem import units
from anodefem.errors import InputError
from anodefem.workbench.modules import write_module
from anodefem.workbench.result import Result

Array = npt.NDArray[np.float64]
Electrode = Literal["negative", "positive"]

#: Sets of PyBaMM of which an exported particle can replace an electrode.
BASES: dict[Electrode, str] = {"negative": "Chen2020", "positive": "Xu2019"}
#: Points of a table.
POINTS = 101
#: A curve that spans less of the stoichiometry is none.
SHORTEST = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticleSet:
    """What the particle of a run adds to a model of a cell; SI units.

    Attributes:
        title: Of the run.
        concentration_max: Largest concentration of the host [mol/m^3].
        radius: Of the particle [m].
        stoichiometry: Where the tables have values, ascending, shape (n,).
        lithiation, delithiation: Voltage against the alkali metal [V], shape (n,) each; one of them
            may be None if the run has no such branch.
        volume_change: Volume of the hull over that at the start of the run, less 1 [-], shape (n,).
        diffusivity: [m^2/s], shape (n,).
        initial: Stoichiometry at the start of the run.
    """

    title: str
    concentration_max: float
    radius: float
    stoichiometry: Array
    lithiation: Array | None
    delithiation: Array | None
    volume_change: Array
    diffusivity: Array
    initial: float


def particle_set(result: Result, *, radius: float | None = None) -> ParticleSet:
    """Return what the particle of a run adds to a model of a cell.

    Args:
        result: A run with one host; slow, since its voltage is taken for that of rest.
        radius: Of the particle [m]; None for ``geometry.particle_radius``.

    Raises:
        InputError: The run has several hosts, no radius, or no branch that is long enough.
    """
    checked = result.case.checked
    if len(checked.hosts) != 1:
        raise InputError(
            f"{result.folder}: has {len(checked.hosts)} regions that store "
            f"({', '.join(checked.hosts)}); a particle of PyBaMM is of one material."
        )
    storage = checked.materials[checked.hosts[0]].card.storage
    if storage is None:  # a host stores
        raise AssertionError(checked.hosts)
    size = radius or _radius(result)
    branches = {sign: _branch(result, sign) for sign in (1, -1)}
    found = [branch for branch in branches.values() if branch is not None]
    if not found:
        raise InputError(
            f"{result.folder}: soc never rises or falls by more than {SHORTEST:g} at once; export "
            "a slow run through most of its range."
        )
    low = max(branch[0][0] for branch in found)
    high = min(branch[0][-1] for branch in found)
    if high - low < SHORTEST:
        raise InputError(
            f"{result.folder}: lithiation and delithiation have only soc {low:.4g} to {high:.4g} "
            "in common; export a run that goes both ways through most of its range."
        )
    at = np.linspace(low, high, POINTS)

    def over(sign: int, row: int) -> Array | None:
        branch = branches[sign]
        return None if branch is None else np.interp(at, branch[0], branch[row])

    hull, hull_at_start = found[0][2], result["hull_volume_ratio"][0]
    return ParticleSet(
        title=result.title,
        concentration_max=storage.concentration_max,
        radius=size,
        stoichiometry=at,
        lithiation=over(1, 1),
        delithiation=over(-1, 1),
        volume_change=np.interp(at, found[0][0], hull / hull_at_start) - 1.0,
        diffusivity=np.asarray(storage.diffusivity(at), dtype=float),
        initial=float(result["soc"][0]),
    )


def _radius(result: Result) -> float:
    """Radius of the particle by the case [m]."""
    given = result.case.resolved["geometry"].get("particle_radius")
    if given is None:
        raise InputError(
            f"{result.folder}: its geometry has no particle_radius; give the radius of a particle."
        )
    return units.read(given, "m")


def _branch(result: Result, sign: int) -> tuple[Array, Array, Array] | None:
    """Return soc, ascending, voltage and hull ratio of the longest monotonic part of a run.

    The voltage is that without the overpotentials of the reaction and of films, where the run knows
    them.

    Args:
        result: The run.
        sign: 1 for lithiation, -1 for delithiation.
    """
    soc, voltage = result["soc"], result["voltage"]
    if "equilibrium_voltage" in result.units:
        voltage = result["equilibrium_voltage"] + 1e-3 * result["stress_overpotential"]
    turns = [0, *(np.flatnonzero(np.diff(np.sign(np.diff(soc)))) + 1), len(soc) - 1]
    first, last = max(pairwise(turns), key=lambda part: sign * (soc[part[1]] - soc[part[0]]))
    if sign * (soc[last] - soc[first]) < SHORTEST:
        return None
    # at the turn the overpotential of diffusion jumps; the row there belongs to the other part
    part = slice(first + 1, last + 1)
    return tuple(each[part][::sign] for each in (soc, voltage, result["hull_volume_ratio"]))  # type: ignore[return-value]


def write(found: ParticleSet, path: Path, *, electrode: Electrode) -> None:
    """Write a parameter set as a Python module with ``get_parameter_values()``.

    Args:
        found: What it holds.
        path: The file; its folder is there.
        electrode: Which one of PyBaMM's; the working electrode of a half cell is the positive one.

    Raises:
        InputError: It exists, is no name of a Python module, or cannot be written.
    """
    branches = {"lithiation": found.lithiation, "delithiation": found.delithiation}
    write_module(
        path,
        "pybamm.py.jinja",
        found=found,
        electrode=electrode,
        base=BASES[electrode],
        branches={name: values for name, values in branches.items() if values is not None},
        listed=lambda values: ", ".join(f"{value:.8g}" for value in values),
    )

"""Fields that bodies are coloured by: what they are called, where they are known, their colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyvista as pv

#: Where a field is drawn: on surfaces with SEI, in what swells, or in what can break.
Place = Literal["sei", "hosts", "fragile"]
_WORDS = {
    "sei": "on the surfaces that carry SEI",
    "hosts": "in what swells; other parts keep their own colour",
    "fragile": "in what can break: 0 intact, 1 broken",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the files of a run.

    Attributes:
        name: Name in the files.
        label: Name for readers; "species" stands for what the run stores.
        unit: Unit for readers; "" for a number.
        place: Where it is drawn.
        colours: Name of its colours in the theme.
        top: Upper end of its scale; ``None`` if that follows from the values.
    """

    name: str
    label: str
    unit: str
    place: Place
    colours: str
    top: float | None = None

    @property
    def where(self) -> str:
        """Where it is drawn, in words."""
        return _WORDS[self.place]

    def title(self, species: str = "lithium") -> str:
        """Return the title of its colour bar in a figure, given what is stored."""
        where = "on surfaces" if self.place == "sei" else "on cut faces"
        unit = f" [{self.unit}]" if self.unit else ""
        return f"{self.label} {where}{unit}".replace("species", species)


#: All of them, in the order in which they are offered. A run need not have them all.
ALL = (
    Field(name="sei_strain", label="SEI strain", unit="", place="sei", colours="strain"),
    Field(name="von_mises", label="von Mises stress", unit="GPa", place="hosts", colours="stress"),
    Field(
        name="hydrostatic_stress",
        label="hydrostatic stress",
        unit="GPa",
        place="hosts",
        colours="signed",
    ),
    Field(
        name="principal_stress_max",
        label="largest principal stress",
        unit="GPa",
        place="hosts",
        colours="signed",
    ),
    Field(
        name="principal_stress_min",
        label="least principal stress",
        unit="GPa",
        place="hosts",
        colours="signed",
    ),
    Field(
        name="equivalent_plastic_strain",
        label="plastic strain",
        unit="",
        place="hosts",
        colours="plastic",
    ),
    Field(
        name="lithium_fraction",
        label="species fraction",
        unit="",
        place="hosts",
        colours="species",
        top=1.0,
    ),
    Field(
        name="chemical_potential",
        label="chemical potential",
        unit="kJ/mol",
        place="hosts",
        colours="signed",
    ),
    Field(name="crack", label="crack", unit="", place="fragile", colours="crack", top=1.0),
    Field(name="sei_stress", label="SEI stress", unit="GPa", place="sei", colours="signed"),
)
BY_NAME = {field.name: field for field in ALL}
#: Names of numbers in a file that are no field.
_MARKS = frozenset({"region"})


def of(name: str, units: Mapping[str, str] | None = None) -> Field:
    """Return what is known of a field; of one that is not among `ALL`, what its name says.

    Args:
        name: Name in the files.
        units: Units of fields by name, as run.json has them.
    """
    if name in BY_NAME:
        return BY_NAME[name]
    words = name.replace("_", " ")
    on_sei = name.startswith("sei_")
    unit = (units or {}).get(name, "-")
    return Field(
        name=name,
        label=f"SEI {words[4:]}" if on_sei else words,
        unit="" if unit == "-" else unit,
        place="sei" if on_sei else "hosts",
        colours="signed" if "stress" in name else "stress",
    )


def on_surfaces(name: str) -> bool:
    """Whether a field is known on surfaces with SEI only."""
    return of(name).place == "sei"


def scalars(grid: pv.UnstructuredGrid) -> list[str]:
    """Return the names of the scalar fields of a stored state, those of `ALL` first."""
    found = {
        name
        for data in (grid.point_data, grid.cell_data)
        for name, values in data.items()
        if values.ndim == 1 and values.dtype.kind == "f" and name not in _MARKS
    }
    return [name for name in BY_NAME if name in found] + sorted(found - BY_NAME.keys())


#: Share of a broken scale below its limit.
BELOW = 0.4
#: A scale is broken at its limit if it ends above this many times the limit.
_WORTH_BREAKING = 2.0
#: Part of the values that a scale covers; beyond it colours saturate.
COVERED = 0.995
#: Bodies whose scales would differ by more than this factor get each its own.
ALIKE = 3.0
_ROUND = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """From values to the unit interval of a colour map.

    Attributes:
        high: Upper end.
        low: Lower end: zero, or minus the upper end for what has both signs.
        limit: Value at which the scale is broken: linear below it, over `BELOW` of its length, and
            logarithmic above; ``None`` for a linear scale.
    """

    high: float
    low: float = 0.0
    limit: float | None = None

    def unit(self, values: npt.ArrayLike) -> Floats:
        """Return the places of values on the scale; outside of [0, 1] beyond its ends."""
        v = np.asarray(values, dtype=float)
        if self.limit is None:
            return np.asarray((v - self.low) / (self.high - self.low), dtype=np.float64)
        ratio = v / self.limit
        above = np.log(np.maximum(ratio, 1.0)) / np.log(self.high / self.limit)
        return np.asarray(np.where(ratio < 1.0, BELOW * ratio, BELOW + (1 - BELOW) * above))

    def ticks(self) -> list[float]:
        """Return round values for its labels, ascending."""
        if self.limit is None:
            return [float(v) for v in self.low + (self.high - self.low) * np.linspace(0, 1, 5)]
        decades = 10.0 ** np.arange(-4, 4)
        candidates = [s * d for d in decades for s in (1, 2, 5)]
        free = [self.limit, self.high]
        chosen = [0.0, self.limit]
        for value in candidates:
            if self.limit < value <= self.high:
                places = self.unit([*chosen, *free[1:]])
                if np.abs(places[:-1] - self.unit(value)).min() > 0.09:
                    chosen.append(float(value))
        return sorted(chosen)


def scale(
    field: Field, values: Iterable[Floats], *, limits: Iterable[float] = (), broken: bool = True
) -> Scale:
    """Return a scale for a field.

    Args:
        field: What the values are of.
        values: Finite values of one or more bodies, each of shape (n,).
        limits: Strains at which SEI breaks; NaN is passed over.
        broken: Whether SEI strain may have a scale that is broken at its limit.
    """
    known = [v for v in values if v.size]
    if field.top is not None:
        return Scale(high=field.top)
    signed = field.colours == "signed"
    tops = [covering(np.abs(v) if signed else v) for v in known]
    top = max(tops, default=0.0)
    limit = min((value for value in limits if np.isfinite(value)), default=None)
    if field.name == "sei_strain" and limit is not None:
        high = round_up(max(top, limit))
        if broken and high > _WORTH_BREAKING * limit:
            return Scale(high=high, limit=limit)
        return Scale(high=high)
    high = round_up(top)
    return Scale(high=high, low=-high if signed else 0.0)


def apart(field: Field, scales: Iterable[Scale]) -> bool:
    """Return whether bodies are better drawn each on its own scale.

    Args:
        field: What they are coloured by.
        scales: The own scale of each body.
    """
    if field.top is not None or field.place == "sei":
        return False
    highs = [one.high for one in scales]
    return bool(highs) and max(highs) > ALIKE * min(highs)


def covering(values: Floats) -> float:
    """Return the value that `COVERED` of the values stay below."""
    return float(np.quantile(values, COVERED))


def round_up(top: float) -> float:
    """Return a round number at or just above a number; 1 for what is zero but for round-off."""
    if top <= 1e-9:
        return 1.0
    digit = 10.0 ** np.floor(np.log10(top))
    found = next(step * digit for step in _ROUND if step * digit >= 0.999 * top)
    return float(f"{found:.10g}")  # 0.3, not 0.30000000000000004

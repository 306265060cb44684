"""Published numbers with their sources, from the TOML files beside this module."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Datum:
    """A published number.

    Attributes:
        value: The number.
        unit: Its unit, "" for a ratio.
        source: Paper, and where in it.
    """

    value: float
    unit: str
    source: str


def data(path: Path) -> dict[str, Datum]:
    """Return the numbers of a data file by name."""
    with path.open("rb") as file:
        return {name: Datum(**entry) for name, entry in tomllib.load(file).items()}

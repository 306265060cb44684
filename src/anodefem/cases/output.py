"""Section [output]: what is written besides the metrics of every step."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from anodefem import registry
from anodefem.units import within
from anodefem.validation import Integer, Real, Strict

#: Formats of the package, and the entry-point group of others (see `anodefem.results.writers`).
FORMATS, WRITER_ENTRY_POINTS = ("vtu",), "anodefem.writers"


def _known(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) < len(values):
        raise ValueError("names a format twice")
    return tuple(registry.one_of(value, FORMATS, WRITER_ENTRY_POINTS) for value in values)


class Output(Strict):
    """What is written besides the metrics of every step."""

    fields_every: Annotated[
        Real,
        Field(
            ge=0.0,
            le=1.0,
            description="distance in soc between two states in `fields.pvd`; 0 for every step",
        ),
        within(1e-9, 1.0, ""),
    ] = 0.05
    fields: Annotated[
        Literal["standard", "all"],
        Field(
            description="`standard`, or `all`: the stress tensor, principal stresses, the elastic "
            "volume ratio and the chemical potential (against the metal) as well"
        ),
    ] = "standard"
    cycles_every: Annotated[
        Integer,
        Field(
            gt=0,
            description="fields are written in the first cycle, in every so many from it, and in "
            "the last; metrics and checkpoints in all",
        ),
    ] = 1
    formats: Annotated[
        tuple[str, ...],
        AfterValidator(_known),
        Field(description="formats of the field files: `vtu`, or those of installed packages"),
    ] = ("vtu",)

"""Section [output]: what is written besides the metrics of every step."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from anodefem.validation import Real, Strict


class Output(Strict):
    """What is written besides the metrics of every step."""

    fields_every: Annotated[
        Real,
        Field(
            ge=0.0,
            le=1.0,
            description="distance in soc between two states in `fields.pvd`; 0 for every step",
        ),
    ] = 0.05

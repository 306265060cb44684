"""Section [solver]: how the equations are solved."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from anodefem import registry
from anodefem.cases.collecting import Share
from anodefem.validation import Integer, Real, Strict

#: Linear solvers of the package, and the entry-point group of others (see `anodefem.solve.linear`).
LINEAR_SOLVERS, LINEAR_ENTRY_POINTS = ("auto", "direct", "iterative"), "anodefem.linear_solvers"


def _known(value: str) -> str:
    return registry.one_of(value, LINEAR_SOLVERS, LINEAR_ENTRY_POINTS)


class Solver(Strict):
    """How the equations are solved; every default is right for the cases that are shipped.

    Steps in time are counted in charge: a step of 0.01 moves 1 % of the full charge at the C-rate
    of the protocol's step, or takes 1 % of a rest.
    """

    linear: Annotated[
        str,
        AfterValidator(_known),
        Field(
            description="linear solver: `auto`, `direct`, `iterative`, or that of an installed "
            "package; `auto` is iterative in 3D without voids, else direct"
        ),
    ] = "auto"
    step_tolerance: Annotated[
        Real,
        Field(
            gt=0.0,
            lt=1.0,
            description="largest error of a step in time: of the fraction, and of the displacement "
            "over the size of the body",
        ),
    ] = 5e-4
    initial_step: Annotated[
        Share,
        Field(description="first step of a protocol step, in charge: 0.01 is 1 % of full charge"),
    ] = 1e-3
    minimum_step: Annotated[Share, Field(description="below it the run gives up")] = 1e-7
    max_soc_step: Annotated[Share, Field(description="largest step, in charge")] = 0.05
    max_concentration_step: Annotated[
        Share, Field(description="largest change of the fraction anywhere in a step")
    ] = 0.05
    max_steps: Annotated[
        Integer, Field(gt=0, le=10**7, description="steps after which the run gives up")
    ] = 10_000
    newton_tolerance: Annotated[
        Real,
        Field(gt=0.0, lt=0.1, description="last change of displacement and fraction, relative"),
    ] = 1e-8
    newton_iterations: Annotated[
        Integer,
        Field(gt=1, le=1000, description="iterations after which a step is taken back and halved"),
    ] = 15
    medium_stiffness: Annotated[
        Real,
        Field(
            ge=1e-12,
            lt=0.1,
            description="stiffness of the filler of voids over that of the stiffest host",
        ),
    ] = 1e-7
    saturation_high: Annotated[
        Share, Field(description="a surface fuller than this ends the protocol's step")
    ] = 0.995
    saturation_low: Annotated[
        Share, Field(description="a surface emptier than this ends the protocol's step")
    ] = 0.005

    @model_validator(mode="after")
    def _in_order(self) -> Solver:
        if self.saturation_low >= self.saturation_high:
            raise ValueError(
                f"saturation_low = {self.saturation_low:g} must be below saturation_high = "
                f"{self.saturation_high:g}"
            )
        for name in ("initial_step", "max_soc_step"):
            if self.minimum_step > (largest := getattr(self, name)):
                raise ValueError(
                    f"minimum_step = {self.minimum_step:g} must not be above {name} = {largest:g}"
                )
        return self

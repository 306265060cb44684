"""What a problem of the verification set is: a question, an exact answer, a computed one.

Nothing here needs the solver, so results can be read and shown anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy.typing as npt

#: Chapters of the set, in the order of the book.
GROUPS = (
    "Swelling and elasticity",
    "Plastic flow",
    "Viscoelasticity",
    "Diffusion and chemistry",
    "Electrochemistry",
    "Membranes and SEI",
    "Contact",
    "Fracture",
    "Discretisation",
    "Conservation and parallel runs",
    "Published data",
)

Kind = Literal["verification", "validation"]
Status = Literal["blind", "fitted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One computed number against the number it should be.

    Attributes:
        quantity: What it is, with its unit in brackets.
        exact: The value it should have.
        computed: The value that was found.
        tolerance: Largest error that passes.
        reason: Why the tolerance is what it is.
        absolute: The error is |computed - exact|, not that over |exact|.

    Raises:
        ValueError: A value is not finite, or the tolerance cannot be met or missed.
    """

    quantity: str
    exact: float
    computed: float
    tolerance: float
    reason: str
    absolute: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.exact) and math.isfinite(self.computed)):
            raise ValueError(f"{self.quantity}: {self.computed} against {self.exact}")
        if not self.tolerance > 0.0:
            raise ValueError(f"{self.quantity}: the tolerance must be positive")
        if not self.absolute and self.exact == 0.0:
            raise ValueError(f"{self.quantity}: no error is relative to zero; use absolute")

    @property
    def error(self) -> float:
        """Distance from the exact value, relative unless `absolute`."""
        distance = abs(float(self.computed) - float(self.exact))
        return distance if self.absolute else distance / abs(float(self.exact))

    @property
    def passed(self) -> bool:
        """Whether the error is within the tolerance."""
        return self.error <= self.tolerance


def at_most(quantity: str, computed: float, limit: float, *, reason: str) -> Check:
    """Return the check of a number that should be zero and may reach a limit.

    Negative numbers pass: give a magnitude, or the amount by which an inequality is missed.

    Args:
        quantity: What it is, with its unit in brackets.
        computed: The number.
        limit: Largest value that passes.
        reason: Why the limit is what it is.
    """
    return Check(
        quantity=quantity,
        exact=0.0,
        computed=computed if math.isnan(computed) else max(computed, 0.0),
        tolerance=limit,
        reason=reason,
        absolute=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A line of a plot.

    Attributes:
        label: Name in the legend.
        x, y: Points of the curve, of equal length.
        exact: Drawn as a line; computed and measured values are marks.
    """

    label: str
    x: npt.ArrayLike
    y: npt.ArrayLike
    exact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A figure of a problem.

    Attributes:
        title: What it shows.
        x, y: Names of the axes, with units in brackets.
        curves: What is drawn.
        log: Both axes are logarithmic.
    """

    title: str
    x: str
    y: str
    curves: Sequence[Series]
    log: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What solving a problem gave.

    Attributes:
        checks: Numbers against exact ones; at least one.
        plots: Figures, if a figure says more than the numbers.
    """

    checks: Sequence[Check]
    plots: Sequence[Plot] = ()


Solve = Callable[[Path], Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A problem with a known answer.

    Attributes:
        id: Short name.
        title: One line.
        group: One of `GROUPS`.
        question: What is asked, in one or two sentences.
        exact: The answer in words and formulas (LaTeX between dollar signs), with its source.
        quick: Solved with every change.
        kind: Against a closed form, or against published data.
        status: For published data: whether any number was fitted to them.
        data: For published data: the file with the digits and their source.
        solve: Solves it in an empty folder.
    """

    id: str
    title: str
    group: str
    question: str
    exact: str
    quick: bool
    kind: Kind
    status: Status | None
    data: Path | None
    solve: Solve = field(repr=False)

    def facts(self) -> dict[str, Any]:
        """Return everything but the solution, for JSON."""
        return {
            "id": self.id,
            "title": self.title,
            "group": self.group,
            "kind": self.kind,
            "status": self.status,
            "question": self.question,
            "exact": self.exact,
            "quick": self.quick,
            "data": self.data.name if self.data else None,
        }


#: Every problem by id, in the order of definition.
PROBLEMS: dict[str, Problem] = {}


def problem(
    id: str,
    *,
    title: str,
    group: str,
    question: str,
    exact: str,
    quick: bool = False,
    kind: Kind = "verification",
    status: Status | None = None,
    data: Path | None = None,
) -> Callable[[Solve], Solve]:
    """Register the decorated function as a problem; arguments as for `Problem`.

    Args:
        id: Short name in lower case, without spaces.
        title: One line.
        group: One of `GROUPS`.
        question: What is asked, ending with a question mark.
        exact: The answer in words and formulas (LaTeX between dollar signs), with its source.
        quick: It is solved with every change.
        kind: "verification" against a closed form, or "validation" against published data.
        status: Of a validation: "blind", or "fitted" if any number was fitted to the data.
        data: Of a validation: TOML file with the digits and their source.
    """
    if group not in GROUPS:
        raise ValueError(f"{id}: group '{group}' is not one of {', '.join(GROUPS)}")
    if id in PROBLEMS:
        raise ValueError(f"there are two problems called '{id}'")
    if (kind == "validation") != (status is not None):
        raise ValueError(f"{id}: validation, and only that, is 'blind' or 'fitted'")

    def register(solve: Solve) -> Solve:
        PROBLEMS[id] = Problem(
            id=id,
            title=title,
            group=group,
            question=question,
            exact=exact,
            quick=quick,
            kind=kind,
            status=status,
            data=data,
            solve=solve,
        )
        return solve

    return register

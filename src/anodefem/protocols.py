"""Protocols: what is done to the electrode, one sentence per step.

    lithiate at C/10 until soc = 0.9
    delithiate at 2C for 20 min
    rest 10 min

"Lithiate" stands for any carrier. At 1C the charge between soc 0 and 1 flows in one hour.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast

from anodefem import units

Kind = Literal["lithiate", "delithiate", "rest"]

FORMS = (
    "lithiate at C/10 until soc = 0.9",
    "delithiate at 2C until soc = 0.05",
    "lithiate at 0.5C for 30 min",
    "rest 10 min",
)

_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_STEP = re.compile(
    rf"(?P<kind>lithiate|delithiate)\s+at\s+(?:C\s*/\s*(?P<divisor>{_NUMBER})|(?P<factor>{_NUMBER})?"
    rf"\s*C)\s+(?:until\s+soc\s*=\s*(?P<soc>[+-]?{_NUMBER})|for\s+(?P<duration>.+))"
)
_REST = re.compile(r"(?P<kind>rest)\s+(?:for\s+)?(?P<duration>.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step at constant current; exactly one of ``until_soc`` and ``duration`` is given.

    Attributes:
        kind: "lithiate", "delithiate" or "rest".
        c_rate: Charges per hour [1/h], never negative; 0 at rest.
        until_soc: State of charge at which the step ends, or ``None``.
        duration: Time after which the step ends [s], or ``None``.
        text: The step as written.
    """

    kind: Kind
    c_rate: float
    until_soc: float | None
    duration: float | None
    text: str

    @property
    def soc_rate(self) -> float:
        """Change of the state of charge per second [1/s], negative when delithiating."""
        sign = {"lithiate": 1.0, "delithiate": -1.0, "rest": 0.0}[self.kind]
        return sign * self.c_rate / 3600.0


def parse(text: object) -> Step:
    """Return the step that a sentence describes.

    Raises:
        ValueError: It is none of the known forms, its rate or its duration is zero, or its state of
            charge is not between 0 and 1.
    """
    cleaned = " ".join(str(text).split())
    found = _STEP.fullmatch(cleaned) or _REST.fullmatch(cleaned)
    if not found:
        raise ValueError(f"cannot be read as a step; write it like {' | '.join(FORMS)}")
    parts = found.groupdict()
    duration = None if parts["duration"] is None else units.read(parts["duration"], "s")
    if duration is not None and duration <= 0.0:
        raise ValueError(f"lasts {duration:g} s; a duration must be above zero")
    soc = parts.get("soc")
    until_soc = None if soc is None else float(soc)
    if until_soc is not None and not 0.0 < until_soc < 1.0:
        raise ValueError(f"soc = {until_soc:g} is not between 0 and 1")
    kind = cast("Kind", parts["kind"])
    return Step(
        kind=kind,
        c_rate=0.0 if kind == "rest" else _c_rate(parts["divisor"], parts["factor"]),
        until_soc=until_soc,
        duration=duration,
        text=cleaned,
    )


def _c_rate(divisor: str | None, factor: str | None) -> float:
    if divisor is not None and float(divisor) == 0.0:
        raise ValueError("C/0 is no rate; write C/10 for a charge in ten hours")
    rate = float(factor or 1.0) if divisor is None else 1.0 / float(divisor)
    if rate <= 0.0:
        raise ValueError("a rate of zero never ends; write 'rest 10 min' for a pause")
    return rate


def check(
    steps: Iterable[Step], *, initial_soc: float, lowest: float = 0.0, highest: float = 1.0
) -> list[str]:
    """Return a sentence for every step that can never end, in the order of the steps.

    Args:
        steps: The steps, in order.
        initial_soc: State of charge before the first step.
        lowest: Surfaces are empty below this state of charge.
        highest: Surfaces are full above this state of charge.
    """
    told = []
    soc = initial_soc
    for number, step in enumerate(steps, start=1):
        if step.until_soc is not None:
            end = step.until_soc
            if (end - soc) * step.soc_rate <= 0.0:
                side = "below" if step.kind == "lithiate" else "above"
                told.append(
                    f"step {number} '{step.text}' can never end: it starts at soc = {soc:g}, "
                    f"which is not {side} {end:g}"
                )
        else:
            end = soc + step.soc_rate * (step.duration or 0.0)
        if not lowest < end < highest and step.kind != "rest":
            told.append(
                f"step {number} '{step.text}' would reach soc = {end:g}; "
                f"it must stay between {lowest:g} and {highest:g}"
            )
        soc = min(max(end, lowest), highest)
    return told

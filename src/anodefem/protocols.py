"""Protocols: what is done to the electrode, one sentence per step.

    lithiate at C/10 until soc = 0.9
    delithiate at 2C for 20 min
    rest 10 min

Steps of other kinds come from modules that installed packages offer under the entry-point group
"anodefem.protocol_steps"; their ``parse`` returns a `Step`, or None for a sentence of another kind.

"Lithiate" stands for any species; "sodiate" and "potassiate" are understood too, in any case of
letters, and so are "SOC" and "90 %". At 1C the charge between soc 0 and 1 flows in one hour.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from anodefem import registry, units

ENTRY_POINTS = "anodefem.protocol_steps"

Kind = Literal["lithiate", "delithiate", "rest"]

FORMS = (
    "lithiate at C/10 until soc = 0.9",
    "delithiate at 2C until soc = 0.05",
    "lithiate at 0.5C for 30 min",
    "rest 10 min",
)

_STEP = re.compile(
    rf"(?P<kind>(?:de)?(?P<verb>lithiate|sodiate|potassiate))\s+at\s+"
    rf"(?:C\s*/\s*(?P<divisor>{units.NUMBER})|(?P<factor>{units.NUMBER})?\s*C)\s+"
    rf"(?:until\s+soc\s*=?\s*(?P<soc>[+-]?{units.NUMBER})\s*(?P<percent>%|percent)?"
    rf"|for\s+(?P<duration>.+))",
    re.IGNORECASE,
)
_REST = re.compile(r"(?P<kind>rest)\s+(?:for\s+)?(?P<duration>.+)", re.IGNORECASE)
_LONGEST = 200  # characters of a step
_CARRIERS = {"sodiate": "Na", "potassiate": "K"}

SLOWEST, FASTEST = 1e-5, 1e3  # C-rates that can be meant: eleven years, four seconds
SHORTEST, LONGEST = 1e-3, 1e9  # durations that can be meant [s]: a millisecond, thirty years


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step at constant current; exactly one of ``until_soc`` and ``duration`` is given.

    Attributes:
        kind: "lithiate", "delithiate" or "rest".
        c_rate: Charges per hour [1/h], never negative; 0 at rest.
        until_soc: State of charge at which the step ends, or ``None``.
        duration: Time after which the step ends [s], or ``None``.
        text: The step as written.
        carrier: "Na" or "K" if the step is written for it, else ``None``: any.
    """

    kind: Kind
    c_rate: float
    until_soc: float | None
    duration: float | None
    text: str
    carrier: Literal["Na", "K"] | None = None

    def passed(self, row: Mapping[str, float]) -> float:
        """How far the end of the step has been passed; it ends early when this is above 0.

        For steps of other kinds; one of the kinds of this module ends by time alone.

        Args:
            row: Metrics of the last time step by head of column.
        """
        return -1.0

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
    if not isinstance(text, str) or len(text) > _LONGEST:
        raise ValueError(f"cannot be read as a step; write it like {' | '.join(FORMS)}")
    cleaned = " ".join(text.split())
    found = _STEP.fullmatch(cleaned) or _REST.fullmatch(cleaned)
    if not found:
        for module in registry.installed(ENTRY_POINTS).values():
            step: Step | None = module.parse(cleaned)
            if step is not None:
                return step
        comma = " with decimal points" if re.search(r"[0-9],[0-9]", cleaned) else ""
        raise ValueError(f"cannot be read as a step; write it{comma} like {' | '.join(FORMS)}")
    parts = found.groupdict()
    duration = None if parts["duration"] is None else _duration(parts["duration"])
    kind = parts["kind"].lower()
    verb = (parts.get("verb") or "").lower()
    kind = kind.replace(verb, "lithiate") if verb else kind
    return Step(
        kind=cast("Kind", kind),
        c_rate=0.0 if kind == "rest" else _c_rate(parts["divisor"], parts["factor"]),
        until_soc=_soc(parts.get("soc"), percent=bool(parts.get("percent"))),
        duration=duration,
        text=cleaned,
        carrier=cast('Literal["Na", "K"] | None', _CARRIERS.get(verb)),
    )


def _duration(text: str) -> float:
    duration = units.read(text, "s")
    if duration <= 0.0:
        raise ValueError(f"lasts {duration:g} s; a duration must be above zero")
    if not SHORTEST <= duration <= LONGEST:
        raise ValueError(
            f"lasts {duration:g} s; a duration must be between {SHORTEST:g} and {LONGEST:g} s"
        )
    return duration


def _soc(text: str | None, *, percent: bool) -> float | None:
    if text is None:
        return None
    soc = float(text) / (100.0 if percent else 1.0)
    if not 0.0 < soc < 1.0:
        hint = f"; write soc = {soc:g} % for per cent" if 1.0 < soc < 100.0 and not percent else ""
        raise ValueError(f"soc = {soc:g} is not between 0 and 1{hint}")
    return soc


def _c_rate(divisor: str | None, factor: str | None) -> float:
    if divisor is not None and float(divisor) == 0.0:
        raise ValueError("C/0 is no rate; write C/10 for a charge in ten hours")
    rate = float(factor or 1.0) if divisor is None else 1.0 / float(divisor)
    if rate <= 0.0:
        raise ValueError("a rate of zero never ends; write 'rest 10 min' for a pause")
    if not SLOWEST <= rate <= FASTEST:
        raise ValueError(f"the rate {rate:g}C must be between {SLOWEST:g}C and {FASTEST:g}C")
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
    sentences = []
    soc = initial_soc
    for number, step in enumerate(steps, start=1):
        if step.until_soc is not None:
            end = step.until_soc
            if (end - soc) * step.soc_rate <= 0.0:
                side = "below" if step.kind == "lithiate" else "above"
                sentences.append(
                    f"step {number} '{step.text}' can never end: it starts at soc = {soc:g}, "
                    f"which is not {side} {end:g}"
                )
        else:
            end = soc + step.soc_rate * (step.duration or 0.0)
        if not lowest < end < highest and step.kind != "rest":
            sentences.append(
                f"step {number} '{step.text}' would reach soc = {end:g}; "
                f"it must stay between {lowest:g} and {highest:g}"
            )
        soc = min(max(end, lowest), highest)
    return sentences

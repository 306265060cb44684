"""From a sentence to a step: the grammar of `anodefem.protocols`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from anodefem import registry
from anodefem.protocols.step import ENTRY_POINTS, HIGHEST_VOLTAGE, Loading, Step
from anodefem.protocols.words import FORMS, NUMBER, NotUnderstood, Quantity, Words

_LONGEST = 200  # characters of a step
_VERBS = {
    "lithiate": ("lithiate", None),
    "sodiate": ("lithiate", "Na"),
    "potassiate": ("lithiate", "K"),
    "delithiate": ("delithiate", None),
    "desodiate": ("delithiate", "Na"),
    "depotassiate": ("delithiate", "K"),
    "hold": ("hold", None),
    "rest": ("rest", None),
}
#: In a full cell; else ambiguous.
_FULL_CELL = {"charge": ("lithiate", None), "discharge": ("delithiate", None)}
_AMBIGUOUS = {
    "charge": "fills the host in a full cell and empties it in a half cell",
    "discharge": "empties the host in a full cell and fills it in a half cell",
}


def parse(text: object, loading: Loading | None = None) -> Step:
    """Return the step that a sentence describes.

    Args:
        text: The sentence.
        loading: Of the electrode; without it nothing may be given per mass or per area.

    Raises:
        ValueError: A word is not understood, a value is not possible, or parts contradict each
            other.
    """
    if not isinstance(text, str) or len(text) > _LONGEST:
        raise ValueError(f"cannot be read as a step; write it like {' | '.join(FORMS[:4])}")
    cleaned = " ".join(text.split())
    try:
        return _Sentence(cleaned, loading).step()
    except NotUnderstood:
        for module in registry.installed(ENTRY_POINTS).values():
            step: Step | None = module.parse(cleaned)
            if step is not None:
                return step
        raise


class _Sentence(Words):
    """Reads one sentence from left to right."""

    def step(self) -> Step:
        """Read all of it."""
        written = self._word.lower()
        full_cell = self._loading is not None and self._loading.full_cell
        verbs = _VERBS | (_FULL_CELL if full_cell else {})
        if written in _AMBIGUOUS and not full_cell:
            self._fail(
                f"'{self._word}' is ambiguous, it {_AMBIGUOUS[written]}; say lithiate or delithiate"
            )
        if written not in verbs:
            self._refuse_word(*verbs)
        self._verb, carrier = verbs[self._take().lower()]
        given: dict[str, Any] = {"kind": self._verb, "text": self._text, "carrier": carrier}
        given["full_cell"] = full_cell
        if self._verb == "rest":
            self._skip("for")
            given["duration"] = self._time()
            if self._word:
                self._fail(f"'{self._word}' is not understood (a rest ends by its time)")
            return Step(**given)
        if not self._skip("at"):
            self._refuse_word("at")
        control = self._quantity()
        given |= self._controlled(control)
        while self._word == "," or self._word.lower() == "at":
            self._take()
            self._refuse_surroundings(self._quantity())
        return Step(**(given | self._ends(control)))

    def _controlled(self, found: Quantity) -> dict[str, float]:
        """Return what a step controls."""
        if self._verb == "hold":
            if found.kind != "voltage":
                self._fail(f"'{found.text}' is no voltage; a step that holds holds a voltage")
            return {"voltage": _voltage(found)}
        if found.kind == "rate":
            return {"c_rate": found.value}
        if found.kind == "power":
            if found.value <= 0.0:
                raise ValueError(f"a power of '{found.text}' never ends; it must be above zero")
            return {"power": found.value}
        if found.kind == "voltage":
            self._fail(
                f"'{found.text}' is neither a current nor a power; a voltage is held: "
                f"'hold at {found.text} until C/50'"
            )
        self._fail(f"'{found.text}' is neither a current nor a power")

    def _refuse_surroundings(self, found: Quantity) -> NoReturn:
        """Refuse a temperature or a pressure of one step."""
        self._fail(
            f"'{found.text}' cannot change from step to step; the temperature of the whole run is "
            "protocol.temperature"
        )

    def _ends(self, control: Quantity) -> dict[str, float]:
        """Read what ends the step, up to the end of the sentence.

        Args:
            control: What is controlled.
        """
        ends: dict[str, Quantity] = {}
        word = self._skip("until", "for")
        if not word:
            self._refuse_word("until", "for")
        while True:
            found = self._end(word)
            key = _KEYS[found.kind]
            self._refuse_contradiction(key, found, control, ends)
            ends[key] = found
            if not self._word:
                return {key: each.value for key, each in ends.items()}
            if not self._skip("or"):
                self._refuse_word("or")
            word = self._skip("until", "for") or "until"

    def _end(self, word: str) -> Quantity:
        """Read one end.

        Args:
            word: "for" or "until", which stood before it.
        """
        start = self._place
        if word == "for":
            return Quantity("time", self._time(), self._since(start))
        if self._skip("soc"):
            self._skip("=")
            number = self._take() if NUMBER.fullmatch(self._word) else self._refuse_word("a number")
            value = float(self._plain(number))
            percent = bool(self._skip("%", "percent"))
            return Quantity("soc", _soc(value, percent=percent), self._since(start))
        found = self._quantity()
        if found.kind == "time":
            self._fail(f"'{found.text}' is a time, which stands after 'for'")
        if found.kind not in _KEYS:
            self._fail(f"'{found.text}' ends nothing; a step ends by soc, V, mA/g, mAh/g or time")
        if found.kind == "capacity" and found.value <= 0.0:
            raise ValueError(f"'{found.text}' ends at once; a capacity must be above zero")
        return (
            found if found.kind != "voltage" else Quantity("voltage", _voltage(found), found.text)
        )

    def _refuse_contradiction(
        self, key: str, found: Quantity, control: Quantity, ends: Mapping[str, Quantity]
    ) -> None:
        """Refuse an end that cannot be the end.

        Args:
            key: Attribute of the step for the new end.
            found: The new end.
            control: What is controlled.
            ends: Those before, by attribute.
        """
        if key in ends:
            raise ValueError(
                f"ends twice by {found.kind}, '{ends[key].text}' and '{found.text}'; keep the one "
                "that is meant"
            )
        if found.kind == control.kind:
            raise ValueError(
                f"'{found.text}' never ends it: the {found.kind} is kept at '{control.text}'"
            )


#: Attribute of a step for what ends it.
_KEYS = {
    "soc": "until_soc",
    "voltage": "until_voltage",
    "rate": "until_rate",
    "capacity": "until_capacity",
    "time": "duration",
}


def _voltage(found: Quantity) -> float:
    if found.value < 0.0:
        raise ValueError(
            f"'{found.text}' is below 0 V, where metal is plated instead of stored; give a voltage "
            f"between 0 and {HIGHEST_VOLTAGE:g} V"
        )
    if found.value > HIGHEST_VOLTAGE:
        raise ValueError(f"'{found.text}' must be between 0 and {HIGHEST_VOLTAGE:g} V")
    return found.value


def _soc(number: float, *, percent: bool) -> float:
    soc = number / (100.0 if percent else 1.0)
    if not 0.0 < soc < 1.0:
        hint = f"; write soc = {soc:g} % for per cent" if 1.0 < soc < 100.0 and not percent else ""
        raise ValueError(f"soc = {soc:g} is not between 0 and 1{hint}")
    return soc

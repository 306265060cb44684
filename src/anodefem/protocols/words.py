"""Words of a sentence about a protocol, and quantities among them."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import NoReturn

from anodefem import units
from anodefem.protocols.step import FASTEST, LONGEST, SHORTEST, SLOWEST, Loading

#: Sentences that can be written, each with what is to be known of it.
EXAMPLES = {
    "lithiate at C/10 until soc = 0.9": "at 1C the charge between soc 0 and 1 flows in one hour",
    "delithiate at 2C until soc = 0.05": "sodiate, potassiate say the same by the species",
    "lithiate at 0.5C for 30 min": "",
    "rest 10 min": "",
    "lithiate at C/20 until 5 mV": "against the metal of the species",
    "delithiate at C/10 until 1.0 V or for 12 h": "whichever comes first",
    "hold at 5 mV until C/50": "until the current has fallen so far",
    "lithiate at 50 mA/g until 1200 mAh/g or soc = 0.9": "per mass of the empty hosts",
    "delithiate at 0.2 mA/cm2 until 1 V": "per area of the surface that the species enters",
    "lithiate at 20 mW/g until 10 mV": "constant power",
}
FORMS = tuple(EXAMPLES)

_TOKEN = re.compile(
    rf"\s*(?P<token>[+-]?[0-9]+(?:,[0-9]+)+|[+-]?{units.NUMBER}|[^\W\d_]+[23²³]?|[°%][^\W\d_]*|\S)"
)
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+(?:,[0-9]+)+")
NUMBER = re.compile(rf"{_DECIMAL_COMMA.pattern}|[+-]?{units.NUMBER}")
_NAME = re.compile(r"[^\W\d_]+[23²³]?|[°%][^\W\d_]*")
_ENDS = ("until", "for", "or")
_KEYWORDS = ("at", "until", "for", "or", "soc")
#: What a quantity can be, by the unit in which it is read; and whether per mass or per area.
_QUANTITIES: tuple[tuple[str, str, str], ...] = (
    ("voltage", "V", ""),
    ("time", "s", ""),
    ("current", "A/kg", "mass"),
    ("current", "A/m^2", "area"),
    ("power", "W/kg", "mass"),
    ("power", "W/m^2", "area"),
    ("capacity", "C/kg", "mass"),
    ("capacity", "C/m^2", "area"),
    ("pressure", "Pa", ""),
    ("current", "A", "nothing"),
    ("power", "W", "nothing"),
    ("capacity", "C", "nothing"),
)


class NotUnderstood(ValueError):
    """A word does not fit the grammar: perhaps a plug-in knows it."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity of a sentence.

    Attributes:
        kind: "soc", "rate", or one of `_QUANTITIES`; a current or power per mass or area is turned
            into a "rate" or a "power".
        value: In fractions, 1/h, V/h, V, s, or shares of the charge between soc 0 and 1.
        text: As written.
    """

    kind: str
    value: float
    text: str


class Words:
    """Reads words and quantities of one sentence from left to right."""

    def __init__(self, text: str, loading: Loading | None) -> None:
        """Part it into words.

        Args:
            text: The sentence, with single blanks.
            loading: Of the electrode, or None.
        """
        self._text, self._loading = text, loading
        self._words = [(m["token"], m.start("token"), m.end()) for m in _TOKEN.finditer(text)]
        self._place, self._verb = 0, ""

    @property
    def _word(self) -> str:
        """The next word; "" at the end."""
        return self._words[self._place][0] if self._place < len(self._words) else ""

    def _take(self) -> str:
        word = self._word
        self._place += 1
        return word

    def _skip(self, *wanted: str) -> str:
        """Take the next word if it is one of these; else return ""."""
        return self._take().lower() if self._word.lower() in wanted else ""

    def _since(self, place: int) -> str:
        """Return the text from the word at a place to the last one taken."""
        return self._text[self._words[place][1] : self._words[self._place - 1][2]]

    def _fail(self, why: str) -> NoReturn:
        verb = self._verb or "lithiate"
        forms = [form for form in FORMS if form.startswith(verb)][:2]
        raise NotUnderstood(f"cannot be read as a step: {why}; write it like {' | '.join(forms)}")

    def _refuse_word(self, *expected: str) -> NoReturn:
        """Refuse the next word.

        Args:
            expected: What could stand there: a word, or anything in words of several.
        """
        wanted = " or ".join(each if " " in each else f"'{each}'" for each in expected)
        if not self._words:
            self._fail("it is empty")
        if not self._word:
            self._fail(f"{wanted} is missing after '{self._since(0)}'")
        close = difflib.get_close_matches(self._word.lower(), expected, n=1, cutoff=0.6)
        hint = f"did you mean '{close[0]}'?" if close else f"it stands where {wanted} belongs"
        self._fail(f"'{self._word}' is not understood ({hint})")

    # --- quantities ---

    def _quantity(self) -> Quantity:
        """Read a number with its unit, or a C-rate."""
        start = self._place
        number = self._take() if NUMBER.fullmatch(self._word) else ""
        if self._word.upper() == "C" and not self._starts_unit_after("C"):
            self._take()
            return self._c_rate(number, start)
        if not number:
            self._refuse_word("a quantity with its unit")
        if self._word == "/":
            self._plain(number)
        self._unit()
        text = self._since(start)
        return self._read(*units.split(text), text=text)

    def _starts_unit_after(self, name: str) -> bool:
        """Whether the next word begins a unit such as C/g rather than a C-rate."""
        following = [word for word, _, _ in self._words[self._place + 1 : self._place + 3]]
        return len(following) == 2 and following[0] == "/" and not NUMBER.fullmatch(following[1])

    def _unit(self) -> None:
        """Take the words of a unit: names joined by * / and ^."""
        if not _NAME.fullmatch(self._word) or self._word.lower() in _KEYWORDS:
            return
        self._take()
        while self._word in ("/", "*", "^", "·"):
            self._take()
            if not self._word:
                self._refuse_word("the name of a unit")
            self._take()

    def _read(self, number: float, unit: str, *, text: str) -> Quantity:
        """Find out what a quantity is, by its unit.

        Args:
            number: Its number.
            unit: Its unit as written.
            text: Both.
        """
        if not unit:
            raise ValueError(f"'{text}' has no unit; write one, such as {self._with_unit(text)}")
        for kind, target, per in _QUANTITIES:
            try:
                value = number * units.factor(unit, target)
            except ValueError as error:
                if "is not a unit" in str(error):
                    self._fail(f"'{text}' cannot be read as a quantity: {error}")
                continue
            return self._scaled(Quantity(kind, value, text), per)
        return Quantity("other", number, text)

    def _with_unit(self, number: str) -> str:
        """Return what a number without a unit may have meant.

        Args:
            number: As written.
        """
        if self._verb == "hold" or any(word in _ENDS for word, _, _ in self._words[: self._place]):
            small = float(number) < 1.0
            soc = f" or 'soc = {number}'" if small and self._verb != "hold" else ""
            return f"'{number} {'V' if small else 'mV'}'{soc}"
        return f"'{number}C' or '{number} mA/g'"

    def _scaled(self, found: Quantity, per: str) -> Quantity:
        """Divide what is per mass or per area by the charge per mass or per area.

        Args:
            found: In SI.
            per: "mass", "area", "nothing" or "".
        """
        if per == "nothing":
            raise ValueError(
                f"'{found.text}' is for a whole cell, whose size is not known; give it per mass of "
                "the hosts (mA/g, mW/g, mAh/g) or per area of the surface (mA/cm2, mW/cm2, mAh/cm2)"
            )
        if not per:
            return found
        if self._loading is None:
            raise ValueError(
                f"'{found.text}' needs the charge per {per} of an electrode; give a C-rate or a soc"
            )
        loading = self._loading
        charge = loading.charge_per_mass if per == "mass" else loading.charge_per_area
        if charge is None:
            raise ValueError(
                f"'{found.text}': the {per} of this geometry is not known before it is meshed; "
                "give a C-rate or a soc"
            )
        per_hour = 1.0 if found.kind == "capacity" else 3600.0
        kind = "rate" if found.kind == "current" else found.kind
        value = found.value / charge * per_hour
        if kind == "rate":
            _check_rate(value, found.text)
        return Quantity(kind, value, found.text)

    def _c_rate(self, number: str, start: int) -> Quantity:
        """Read what is left of C/10 or 2C.

        Args:
            number: Before the C, or "".
            start: Place of its first word.
        """
        if number and not number[0].isdigit() and number[0] != ".":
            self._fail(f"'{number}C' is not understood (a rate has no sign)")
        if number or self._word != "/":
            rate = float(self._plain(number) or 1.0)
            if rate == 0.0:
                raise ValueError("a rate of zero never ends; write 'rest 10 min' for a pause")
        else:
            self._take()
            divisor = (
                self._take() if NUMBER.fullmatch(self._word) else self._refuse_word("a number")
            )
            if float(self._plain(divisor)) == 0.0:
                raise ValueError("C/0 is no rate; write C/10 for a charge in ten hours")
            rate = 1.0 / float(divisor)
            if rate < 0.0:
                self._fail(f"'{divisor}' is not understood (a rate has no sign)")
        _check_rate(rate, f"{rate:g}C")
        return Quantity("rate", rate, self._since(start))

    def _plain(self, number: str) -> str:
        """Return a number that was taken, if it has no comma and is no fraction.

        Args:
            number: As written.
        """
        if _DECIMAL_COMMA.fullmatch(number):
            self._fail(f"'{number}' has a comma; write numbers with decimal points")
        if number and self._word == "/":
            self._fail(f"'{number}/' begins a fraction; write it as a decimal number")
        return number

    def _time(self) -> float:
        """Read a duration [s]."""
        start = self._place
        if not self._word:
            self._refuse_word("a time such as 10 min")
        if not NUMBER.fullmatch(self._word):
            self._refuse_word("a time such as 10 min")
        self._take()
        self._unit()
        return _duration(self._since(start))


def _duration(text: str) -> float:
    duration = units.read(text, "s")
    if duration <= 0.0:
        raise ValueError(f"lasts {duration:g} s; a duration must be above zero")
    if not SHORTEST <= duration <= LONGEST:
        raise ValueError(
            f"lasts {duration:g} s; a duration must be between {SHORTEST:g} and {LONGEST:g} s"
        )
    return duration


def _check_rate(rate: float, text: str) -> None:
    if rate < SLOWEST or rate > FASTEST:
        raise ValueError(f"the rate {text} must be between {SLOWEST:g}C and {FASTEST:g}C")

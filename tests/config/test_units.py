"""Quantities with units: what is read, and what is refused in which words."""

from __future__ import annotations

import pytest

from anodefem import units


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("1.5 um", "um", 1.5),
        ("10 nm", "um", 0.01),
        ("2e-6 m", "um", 2.0),
        ("25 degC", "K", 298.15),
        ("80 GPa", "Pa", 80e9),
        ("10 min", "s", 600.0),
        (0.5, "", 0.5),
        ("50 %", "", 0.5),
        ("10 ohm cm2", "ohm*m^2", 1e-3),
        ("3 mA/cm²", "A/m^2", 30.0),
        ("25 ℃", "K", 298.15),
    ],
)
def test_text_is_read_into_the_unit(value: object, unit: str, expected: float) -> None:
    assert units.read(value, unit) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        ("1.5 s", "um", "unit 's' cannot be read as um"),
        ("298 k", "K", "unit 'k' cannot be read as K; write K, degC or degF"),
        ("25 deg C", "K", "unit 'deg C' cannot be read as K; write K, degC or degF"),
        ("1e um", "um", "unit 'e um' cannot be read as um"),
        ("\u2212750 nm", "um", "write its minus sign as '-'"),
        (750, "um", "write a string such as '750 nm'"),
        ("1.5", "um", "has no unit; write a string such as '1.5 um'"),
        (1.5, "um", "has no unit; write a string such as '1.5 um'"),
        ("1.5 parsnips", "um", "cannot be read as a quantity"),
        ("", "um", "cannot be read as a quantity"),
        ("nan um", "um", "cannot be read as a quantity"),
        ("1e999 um", "um", "not a finite number"),
        (float("inf"), "", "not a finite number"),
        (True, "um", "is not a quantity"),
        (["1 um"], "um", "is not a quantity"),
        ("1 um", "", "cannot be read as a number"),
        ("1,5 um", "um", "such as '1.5 um'"),
        ("1.000,5 nm", "um", "such as '1000.5 nm'"),
        ("1,000.5 nm", "um", "such as '1000.5 nm'"),
        ("1,500,000 nm", "um", "such as '1500000 nm'"),
        ("1,5e3 nm", "um", "such as '1.5e3 nm'"),
        ("1.5,0 um", "um", "no separators$"),
        ("1,50,0 um", "um", "no separators$"),
        ("25", "K", "such as '298.15 K' or '25 degC'"),
        (15, "m", "such as '15 nm'"),
        (1.5e-8, "m", "such as '1.5e-08 m'"),
        ("1e9", "GPa", "such as '1e9 Pa'"),
        (2, "GPa", "such as '2 GPa'"),
        ("25 C", "K", "write K, degC or degF"),
        ("1 um2", "um", "cannot be read as um"),
    ],
)
def test_what_is_no_such_quantity_is_refused(value: object, unit: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        units.read(value, unit)


def test_a_factor_converts_a_unit() -> None:
    assert units.factor("GPa", "Pa") == pytest.approx(1e9)
    assert units.factor("mA*h/g", "C/kg") == pytest.approx(3600.0)
    assert units.factor("", "") == 1.0


def test_a_unit_is_found_in_an_annotation() -> None:
    assert units.unit_of(units.Length) == "um"
    assert units.unit_of(units.LengthOrZero | None) == "um"
    assert units.unit_of(units.Fraction) == ""

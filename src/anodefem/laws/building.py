"""From the numbers of a card in SI to laws in um, MPa and s; one function a law."""

from __future__ import annotations

from anodefem.cards import elastic, plastic
from anodefem.cards.constants import arrhenius
from anodefem.laws.composition import over_composition
from anodefem.laws.elasticity import ArrudaBoyce, Elasticity, Hencky, Modulus, NeoHookean
from anodefem.laws.plasticity import FlowRule, Overstress, Perzyna, PowerLaw, RateIndependent

MPA = 1e-6  # MPa per Pa
UM = 1e6  # um per m


def _moduli(numbers: elastic.NeoHookean) -> tuple[Modulus, Modulus]:
    return over_composition(numbers.young, scale=MPA), over_composition(numbers.poisson)


def neo_hookean(numbers: elastic.NeoHookean, temperature: float) -> Elasticity:
    """Return the law; it does not depend on the temperature.

    Args:
        numbers: Of the card, in SI.
        temperature: T [K].
    """
    return NeoHookean(*_moduli(numbers))


def hencky(numbers: elastic.Hencky, temperature: float) -> Elasticity:
    """Return the law; it does not depend on the temperature.

    Args:
        numbers: Of the card, in SI.
        temperature: T [K].
    """
    return Hencky(*_moduli(numbers))


def arruda_boyce(numbers: elastic.ArrudaBoyce, temperature: float) -> Elasticity:
    """Return the law, its modulus such that the initial shear modulus is that of the card.

    Args:
        numbers: Of the card, in SI.
        temperature: T [K]; the law does not depend on it.
    """
    t0 = numbers.locking_stretch**-2
    modulus = numbers.shear * MPA * 3 * (1 - t0) / (3 - t0)
    return ArrudaBoyce(modulus, numbers.locking_stretch, numbers.bulk * MPA)


def _threshold(numbers: plastic.RateIndependent) -> tuple[Modulus, float]:
    return over_composition(numbers.yield_stress, scale=MPA), numbers.hardening * MPA


def rate_independent(numbers: plastic.RateIndependent, temperature: float) -> FlowRule:
    """Return the rule; it does not depend on the temperature.

    Args:
        numbers: Of the card, in SI.
        temperature: T [K].
    """
    return RateIndependent(*_threshold(numbers))


def overstress(numbers: plastic.Overstress, temperature: float) -> FlowRule:
    """Return the rule with its rate at a temperature.

    Args:
        numbers: Of the card, in SI.
        temperature: T [K].
    """
    yield_stress, hardening = _threshold(numbers)
    rate = numbers.rate * arrhenius(numbers.activation_energy, temperature)
    return Overstress(yield_stress, rate, numbers.exponent, hardening)


def power_law(numbers: plastic.PowerLaw, temperature: float) -> FlowRule:
    """Return the rule with its rate at a temperature.

    Args:
        numbers: Of the card, in SI.
        temperature: T [K].
    """
    yield_stress, hardening = _threshold(numbers)
    rate = numbers.rate * arrhenius(numbers.activation_energy, temperature)
    return PowerLaw(
        yield_stress,
        rate,
        1 / numbers.rate_sensitivity,
        hardening,
        flow_resistance=over_composition(numbers.flow_resistance, scale=MPA),
    )


def perzyna(numbers: plastic.Perzyna, temperature: float) -> FlowRule:
    """Return the rule with its rate at a temperature.

    Args:
        numbers: Of the card, in SI.
        temperature: T [K].
    """
    yield_stress, hardening = _threshold(numbers)
    viscosity = numbers.viscosity * MPA / arrhenius(numbers.activation_energy, temperature)
    return Perzyna(yield_stress, viscosity, hardening)

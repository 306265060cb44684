"""Constants of nature, and how rates of cards depend on the temperature."""

from __future__ import annotations

from math import exp

FARADAY = 96485.33212  # C/mol, CODATA 2018
GAS_CONSTANT = 8.314462618  # J/(mol K), CODATA 2018 (exact)
ROOM = 298.15  # K, at which a card gives chi, diffusivities and rates


def thermal_voltage(temperature: float) -> float:
    """Return RT/F [V] at ``temperature`` [K]."""
    return GAS_CONSTANT * temperature / FARADAY


def arrhenius(activation_energy: float, temperature: float) -> float:
    """Return a rate at ``temperature`` [K] over that at 298.15 K, exp(-Ea/R (1/T - 1/298.15)).

    Args:
        activation_energy: Ea [J/mol].
        temperature: T [K].
    """
    return exp(-activation_energy / GAS_CONSTANT * (1 / temperature - 1 / ROOM))

"""Flow rules: table [plastic] of a material, named by its key ``flow``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from anodefem.cards.curves import Curve
from anodefem.cards.laws import Law, ship
from anodefem.cards.records import Function, Number


@dataclass(frozen=True, slots=True, kw_only=True)
class RateIndependent:
    """J2 flow at a stress that does not depend on the rate, with linear hardening.

    Attributes:
        yield_stress: Uniaxial stress at first flow over x, at zero plastic strain [Pa].
        hardening: Its increase per equivalent plastic strain [Pa].
    """

    yield_stress: Annotated[Curve, Function("Pa", gt=0.0)]
    hardening: Annotated[float, Number("Pa", ge=0.0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RateDependent(RateIndependent):
    """What flow rules that depend on the rate share.

    Attributes:
        activation_energy: Of the rate [J/mol]; 0 if it does not depend on the temperature.
    """

    activation_energy: Annotated[float, Number("J/mol", gt=0.0)] = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Overstress(RateDependent):
    """Equivalent plastic strain rate ``rate * <stress / yield_stress - 1>**exponent``.

    Attributes:
        rate: Reference strain rate at 298.15 K [1/s].
        exponent: Stress exponent.
    """

    rate: Annotated[float, Number("1/s", gt=0.0)]
    exponent: Annotated[float, Number(ge=1.0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerLaw(RateDependent):
    """Rate ``rate * (<stress - yield_stress> / flow_resistance)**(1 / rate_sensitivity)``.

    Attributes:
        flow_resistance: Stress beyond the threshold at the reference rate over x [Pa].
        rate: Reference strain rate at 298.15 K [1/s].
        rate_sensitivity: One over the stress exponent.
    """

    flow_resistance: Annotated[Curve, Function("Pa", gt=0.0)]
    rate: Annotated[float, Number("1/s", gt=0.0)]
    rate_sensitivity: Annotated[float, Number(gt=0.0, le=1.0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Perzyna(RateDependent):
    """Equivalent plastic strain rate ``<stress - yield_stress> / viscosity``.

    Attributes:
        viscosity: Uniaxial stress beyond the threshold over strain rate at 298.15 K [Pa s].
    """

    viscosity: Annotated[float, Number("Pa*s", gt=0.0)]


ship(
    Law(
        name="rate-independent",
        kind="plastic",
        record=RateIndependent,
        formula="J2 flow at sigma_y(x) + H alpha, return in closed form, det b = 1",
        build="anodefem.laws.building:rate_independent",
    )
)
ship(
    Law(
        name="overstress",
        kind="plastic",
        record=Overstress,
        formula="J2 flow at rate <sigma_eq/sigma_y(x) - 1>^m, solved at each point",
        build="anodefem.laws.building:overstress",
    )
)
ship(
    Law(
        name="power-law",
        kind="plastic",
        record=PowerLaw,
        formula="J2 flow at rate (<sigma_eq - sigma_y(x)>/Y*(x))^(1/m), solved at each point",
        build="anodefem.laws.building:power_law",
    )
)
ship(
    Law(
        name="perzyna",
        kind="plastic",
        record=Perzyna,
        formula="J2 flow at <sigma_eq - sigma_y(x)> / viscosity, return in closed form",
        build="anodefem.laws.building:perzyna",
    )
)

"""Elastic laws: table [elastic] of a material, named by its key ``law``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from anodefem.cards.curves import Curve
from anodefem.cards.laws import Law, ship
from anodefem.cards.records import Function, Number


@dataclass(frozen=True, slots=True, kw_only=True)
class NeoHookean:
    """Compressible neo-Hookean elasticity.

    Attributes:
        young: Young's modulus over x [Pa].
        poisson: Poisson's ratio over x.
    """

    young: Annotated[Curve, Function("Pa", gt=0.0)]
    poisson: Annotated[Curve, Function(ge=0.0, lt=0.5)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hencky(NeoHookean):
    """Elasticity that is linear in the logarithmic strain; same moduli for small strains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrudaBoyce:
    """Eight-chain rubber elasticity, stiffening towards the locking stretch.

    Attributes:
        shear: Initial shear modulus [Pa].
        locking_stretch: Chain stretch at full extension.
        bulk: Bulk modulus [Pa].
    """

    shear: Annotated[float, Number("Pa", gt=0.0)]
    locking_stretch: Annotated[float, Number(gt=1.0)]
    bulk: Annotated[float, Number("Pa", gt=0.0)]


ship(
    Law(
        name="neo-hookean",
        kind="elastic",
        record=NeoHookean,
        formula="G(x)/2 (tr be - 3) + K(x)/2 (ln Je)^2 per swollen, stress-free volume",
        build="anodefem.laws.building:neo_hookean",
    )
)
ship(
    Law(
        name="hencky",
        kind="elastic",
        record=Hencky,
        formula="G(x) |ln(be)/2|^2 + K(x)/2 (ln Je)^2 per swollen, stress-free volume",
        build="anodefem.laws.building:hencky",
    )
)
ship(
    Law(
        name="arruda-boyce",
        kind="elastic",
        record=ArrudaBoyce,
        formula="eight-chain rubber with locking stretch (Pade inverse Langevin)",
        build="anodefem.laws.building:arruda_boyce",
    )
)

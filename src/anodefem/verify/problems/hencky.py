"""A solid of Hencky's law that swells linearly, the body of several problems."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from anodefem.laws.elasticity import Elasticity, Hencky, NeoHookean
from anodefem.laws.plasticity import (
    FlowRule,
    RateIndependent,
)
from anodefem.laws.solid import Solid
from anodefem.laws.swelling import Exponents, cartesian
from anodefem.model.regions import Region
from anodefem.workbench.bodies import film, read
from anodefem.workbench.numbers import Numbers, uniform_species
from anodefem.workbench.simulation import Array, Simulation

YOUNG, POISSON, STRENGTH = 80e3, 0.22, 1.7e3  # MPa, -, MPa

FULL = 3.7507

HOUR = 3600.0

ROUND_OFF = "the exact solution lies in the space of the elements: round-off is left"


def elasticity(numbers: Numbers, law: type[Hencky] | type[NeoHookean] = Hencky) -> Elasticity:
    """Elasticity with the moduli of this module.

    Args:
        numbers: Material numbers of the mesh.
        law: Law of elasticity.
    """
    return law(numbers.same("young", YOUNG), numbers.same("poisson", POISSON))


def perfect(numbers: Numbers) -> FlowRule:
    """Rate-independent flow at the strength of this module."""
    return RateIndependent(numbers.same("strength", STRENGTH))


def simulate(numbers: Numbers, flow: FlowRule, exponents: Exponents | None = None) -> Simulation:
    """Region "solid" of Hencky's law that swells linearly to `FULL`, its fraction uniform.

    Args:
        numbers: Material numbers of the mesh, which has the one region "solid".
        flow: Flow rule.
        exponents: Shares of swelling along x, y and z if they differ; else None.
    """
    anisotropy = cartesian(exponents, numbers.domain.kinematics) if exponents else None
    expansion = numbers.linear("swelling", 1.0, FULL)
    law = Solid(elasticity(numbers), flow, expansion, anisotropy=anisotropy)
    return Simulation(numbers, [Region("solid", law, uniform_species())])


def at_swelling(ratio: float | Array) -> Array:
    """States of charge at which the body has swollen to these ratios."""
    return (np.asarray(ratio) - 1.0) / (FULL - 1.0)


def along(simulation: Simulation) -> Callable[[], float]:
    """Compile the mean in-plane stress per swollen volume [MPa], to be read often."""
    return simulation.gauge("solid", simulation.symbols.responses["solid"].tau[0, 0])


def disc(folder: Path) -> Numbers:
    """Film on a rigid base: held along, free across."""
    return Numbers(read(film(width=1.0, height=0.5, cells=1), folder, order=1))

"""Functions of the lithium fraction as UFL expressions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ufl

from anodefem.cards.curves import Curve
from anodefem.laws.elasticity import Modulus


@dataclass(frozen=True, slots=True)
class UflOps:
    """The operations of `anodefem.cards.curves.Ops` on UFL expressions."""

    exp: Callable[[Any], Any] = ufl.exp
    lt: Callable[[Any, float], Any] = ufl.lt
    where: Callable[[Any, Any, Any], Any] = ufl.conditional


UFL = UflOps()


def over_composition(curve: Curve, *, scale: float = 1.0) -> Modulus:
    """Return ``scale`` times a curve as a function of a UFL lithium fraction."""
    scaled = curve.scaled(scale)
    return lambda x: scaled(x, UFL)

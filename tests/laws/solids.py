"""Solid laws as numpy functions, with the local solution of rate laws found on the way."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pytest
import ufl

from anodefem.cards.curves import Constant, Curve, Linear, Saturating, Table
from anodefem.laws.composition import over_composition
from anodefem.laws.elasticity import ArrudaBoyce, Elasticity, Hencky, NeoHookean
from anodefem.laws.kinematics import Kinematics
from anodefem.laws.plasticity import (
    Elastic,
    FlowRule,
    Overstress,
    Perzyna,
    PowerLaw,
    RateIndependent,
    ViscoplasticPowerLaw,
)
from anodefem.laws.solid import History, Response, Solid
from anodefem.laws.swelling import AnisotropicSwelling
from tests.laws.point import Array, compiled, domain, symbol

MODULI = over_composition(Linear(80e3, 41e3)), over_composition(Linear(0.22, 0.26))
NEO_HOOKEAN, HENCKY = NeoHookean(*MODULI), Hencky(*MODULI)
ARRUDA_BOYCE = ArrudaBoyce(1.0, 5.0, 200.0)
ELASTICITIES = [NEO_HOOKEAN, HENCKY, ARRUDA_BOYCE]
YIELDING = [NEO_HOOKEAN, HENCKY]

#: Axes x, y, z of a body without a mesh.
AXES = Kinematics("3d", ufl.SpatialCoordinate(domain()))

YIELD = Saturating(1600.0, 490.0, 0.04)
FLOWS: list[RateIndependent | ViscoplasticPowerLaw | Perzyna] = [
    RateIndependent(over_composition(YIELD)),
    RateIndependent(over_composition(YIELD), hardening=2e3),
    Overstress(over_composition(YIELD), rate=2.3e-3, exponent=2.94),
    Overstress(over_composition(YIELD), rate=2.3e-3, exponent=1.0, hardening=2e3),
    PowerLaw(
        over_composition(YIELD),
        rate=2.3e-3,
        exponent=2.94,
        hardening=2e3,
        flow_resistance=over_composition(Linear(1600.0, 900.0)),
    ),
    Perzyna(over_composition(YIELD), viscosity=1.5e5),
    Perzyna(over_composition(YIELD), viscosity=1.5e5, hardening=2e3),
]

EVERY_FLOW = pytest.mark.parametrize(
    "flow",
    FLOWS,
    ids=[
        "perfect",
        "hardening",
        "overstress",
        "linear overstress",
        "power law",
        "viscous",
        "hardening viscous",
    ],
)

# Not linear, so that a derivative with respect to x is not a difference.
SWELLING = Table((0.0, 0.3, 0.7, 1.0), (1.0, 1.6, 3.1, 3.7507))


def name(law: object) -> str:
    """Return a readable test id."""
    return type(law).__name__


class Point:
    """A solid at points: functions of (F, x, Cp^-1, alpha, dt), all but F with defaults.

    Attributes:
        solid: The law.
    """

    def __init__(
        self,
        elasticity: Elasticity = NEO_HOOKEAN,
        flow: FlowRule | None = None,
        swelling: Curve = SWELLING,
        anisotropy: AnisotropicSwelling | None = None,
    ) -> None:
        expansion = over_composition(swelling)
        self.solid = Solid(elasticity, flow or Elastic(), expansion, anisotropy=anisotropy)
        plastic, local_solution = symbol(3, 3), symbol()
        self._F, self._x, self._alpha, self._dt = symbol(3, 3), symbol(), symbol(), symbol()
        self._symbols = (self._F, self._x, plastic, self._alpha, self._dt)
        self._local_symbol = local_solution
        self._variable = ufl.variable(self._F)
        self._history = History(plastic, self._alpha, local_solution)
        self._response = self.solid.respond(self._variable, self._x, self._history, self._dt)
        self._compiled: dict[str, Callable[..., Array]] = {}

    def __call__(
        self,
        quantity: str,
        F: npt.ArrayLike,
        x: npt.ArrayLike = 0.0,
        *,
        plastic: npt.ArrayLike | None = None,
        alpha: npt.ArrayLike = 0.0,
        dt: float = 1.0,
    ) -> Array:
        """Value of an attribute of `Response` or `Return`, or of "tangent" = dP/dF."""
        if quantity not in self._compiled:
            expression = self._expression(quantity, self._response)
            self._compiled[quantity] = compiled(expression, *self._symbols, self._local_symbol)
        arguments = (F, x, np.eye(3) if plastic is None else plastic, alpha, dt)
        return self._compiled[quantity](*arguments, self._local_solution(*arguments))

    def _expression(self, quantity: str, response: Response) -> ufl.core.expr.Expr:
        if quantity == "tangent":
            return ufl.diff(response.piola, self._variable)
        holder = response.return_mapping if hasattr(response.return_mapping, quantity) else response
        return getattr(holder, quantity)

    def _local_solution(self, *arguments: npt.ArrayLike) -> npt.ArrayLike:
        flow = self.solid.flow
        if not isinstance(flow, ViscoplasticPowerLaw):
            return 0.0
        norm, slope, threshold, resistance = np.moveaxis(self.local_terms(*arguments), -1, 0)
        dt = float(np.asarray(arguments[-1]))
        return flow.local_solve(norm, slope, threshold, resistance, dt)

    @cached_property
    def local_terms(self) -> Callable[..., Array]:
        """Coefficients of the local equation of a rate law."""
        terms = self.solid.local_terms(self._F, self._x, self._history)
        return compiled(terms, *self._symbols)

    def energy(self, F: Array, x: npt.ArrayLike = 0.0, *, b: Array | None = None) -> Array:
        """Jc (W + K/2 ln^2 Je) per reference volume, with b = J^(-2/3) F F^T unless given."""
        J = np.linalg.det(F)
        if b is None:
            b = F @ np.swapaxes(F, -1, -2) / np.cbrt(J)[..., None, None] ** 2
        return self._energy(J, x, b)

    @cached_property
    def _energy(self) -> Callable[..., Array]:
        J, b, law = symbol(), symbol(3, 3), self.solid.elasticity
        swelling = self.solid.expansion(self._x)
        volumetric = law.bulk(self._x) / 2 * ufl.ln(J / swelling) ** 2
        energy = swelling * (law.energy(law.strain(b), self._x) + volumetric)
        return compiled(energy, J, self._x, b)

    def value(self, law: Callable[..., ufl.core.expr.Expr], x: npt.ArrayLike) -> Array:
        """Value of a function of composition, such as a modulus, with the shape of ``x``."""
        return compiled(law(self._x), self._x)(x) + np.zeros(np.shape(x))


def uniform(young: float, poisson: float) -> NeoHookean:
    """Neo-Hookean elasticity [MPa] that does not depend on composition."""
    return NeoHookean(over_composition(Constant(young)), over_composition(Constant(poisson)))

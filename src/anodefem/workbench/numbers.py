"""Laws put together by hand, whose numbers are `fem.Constant`.

Problems that differ in numbers only share compiled forms.
"""

from __future__ import annotations

import ufl
from dolfinx import fem

from anodefem.fem.domain import Domain
from anodefem.laws.chemistry import IdealSolution
from anodefem.laws.elasticity import Modulus, NeoHookean
from anodefem.laws.plasticity import Elastic, FlowRule, RateIndependent
from anodefem.laws.solid import Solid
from anodefem.model.regions import Species

#: R T c_max [MPa] of the guests here: the reference stress of the residuals.
ENERGY = 771.0


class Numbers:
    """Material numbers as constants of a mesh; change ``[name].value`` between solutions."""

    def __init__(self, domain: Domain) -> None:
        """Start without any."""
        self.domain = domain
        self._known: dict[str, fem.Constant] = {}

    def __getitem__(self, name: str) -> fem.Constant:
        """Constant called ``name``; zero at first."""
        if name not in self._known:
            self._known[name] = fem.Constant(self.domain.mesh, 0.0)
        return self._known[name]

    def same(self, name: str, value: float) -> Modulus:
        """Function of the lithium fraction with one value.

        Args:
            name: Name of the number.
            value: Its value, in um, MPa and s.
        """
        self[name].value = value
        return lambda x: self[name]

    def linear(self, name: str, empty: float, full: float) -> Modulus:
        """Function that goes from ``empty`` to ``full``.

        Args:
            name: Prefix of the names of both numbers.
            empty: Value at the fraction 0.
            full: Value at the fraction 1.
        """
        self[f"{name} empty"].value = empty
        self[f"{name} full"].value = full
        start, end = self[f"{name} empty"], self[f"{name} full"]
        return lambda x: start + (end - start) * x


def solid(
    numbers: Numbers,
    name: str,
    *,
    young: float,
    poisson: float,
    full: float | None = None,
    yield_stress: float | None = None,
) -> Solid:
    """Return a neo-Hookean solid [MPa] that swells linearly to the ratio ``full``.

    Args:
        numbers: Material numbers of the mesh.
        name: Prefix of their names.
        young: Young's modulus [MPa].
        poisson: Poisson's ratio.
        full: Volume ratio at the fraction 1; None for a body that does not swell.
        yield_stress: Of perfect plasticity [MPa]; None for an elastic body.
    """
    flow: FlowRule = Elastic()
    if yield_stress is not None:
        flow = RateIndependent(numbers.same(f"{name} yield", yield_stress))
    swelling = numbers.same(f"{name} swelling", 1.0)
    if full is not None:
        swelling = numbers.linear(f"{name} swelling", 1.0, full)
    elasticity = NeoHookean(
        numbers.same(f"{name} young", young), numbers.same(f"{name} poisson", poisson)
    )
    return Solid(elasticity, flow, swelling)


def uniform_species() -> Species:
    """Species that follows the state of charge."""
    return Species(3e5, ENERGY, IdealSolution(0.0), lambda x: ufl.as_ufl(0.0), True)


def diffusing_species(numbers: Numbers, diffusivity: float) -> Species:
    """Species of an ideal solution with a Fick diffusivity [um^2/s].

    Args:
        numbers: Material numbers of the mesh.
        diffusivity: Fick's [um^2/s].
    """
    return Species(3e5, ENERGY, IdealSolution(0.0), numbers.same("diffusivity", diffusivity), False)

"""What crosses the physics of a problem: fields, kinematics, measures by name, what each offers."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import ufl
from dolfinx import default_scalar_type, fem
from ufl.core.expr import Expr

from anodefem.compilation import compile_form
from anodefem.fem.contract import ANYWHERE, Motion, Physics
from anodefem.fem.domain import Domain
from anodefem.fem.fields import State
from anodefem.laws.kinematics import IDENTITY, Kinematics
from anodefem.laws.membrane import Surface
from anodefem.laws.solid import Response
from anodefem.model.regions import Region

SURFACE_DEGREE = 4

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Variation:
    """A variation of the motion by one unknown.

    Attributes:
        unknown: Its name.
        displacement: Virtual displacement [um]; None if there is none.
        gradient: Virtual displacement gradient, shape (3, 3).
    """

    unknown: str
    displacement: Expr | None
    gradient: Expr


class Symbols:
    """Symbols of one step, as UFL and by name.

    Attributes:
        domain: Mesh.
        regions: Solids with their laws.
        physics: All physics of the problem.
        state: Fields and step constants.
        sums: What is summed over the run, by name; part of checkpoints.
    """

    def __init__(
        self, domain: Domain, regions: Sequence[Region], physics: Sequence[Physics]
    ) -> None:
        """Make the fields; expressions follow when they are asked for.

        Args:
            domain: Mesh.
            regions: Solids with their laws.
            physics: All physics of the problem; the order is that of blocks, hooks and columns.

        Raises:
            ValueError: Two of them bring a field of the same name.
        """
        self.domain, self.regions, self.physics = domain, tuple(regions), tuple(physics)
        unknowns = [unknown for each in physics for unknown in each.unknowns(domain)]
        memories = [memory for each in physics for memory in each.memory(domain)]
        names = [each.name for each in unknowns] + [each.name for each in memories]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two physics bring a field of the same name: {', '.join(twice)}")
        self.state = State(domain, unknowns, memories)
        self.sums: dict[str, float] = {}
        self._offered: dict[str, Mapping[str, Any]] = {}
        self._made: dict[Any, Any] = {}

    # --- what a problem is made of ---

    @property
    def kinematics(self) -> Kinematics:
        """Padding and weights."""
        return self.domain.kinematics

    @cached_property
    def storing(self) -> tuple[Region, ...]:
        """Regions that take up the species."""
        return tuple(region for region in self.regions if region.stores)

    @cached_property
    def diffusing(self) -> tuple[Region, ...]:
        """Regions whose fraction is an unknown."""
        return tuple(region for region in self.regions if region.diffuses)

    @cached_property
    def stress_scale(self) -> float:
        """Reference stress of the residuals: the largest R T c_max [MPa]."""
        return max(region.species.RT_c_max for region in self.storing if region.species)

    @cached_property
    def host_volume(self) -> float:
        """Reference volume of the regions that store [um^3]."""
        return self.volume(*(region.name for region in self.storing))

    @cached_property
    def zero(self) -> fem.Constant:
        """Zero that a form does not lose when it is simplified."""
        return fem.Constant(self.domain.mesh, default_scalar_type(0.0))

    @cached_property
    def one(self) -> fem.Constant:
        """One, to integrate areas and volumes."""
        return fem.Constant(self.domain.mesh, default_scalar_type(1.0))

    def volume(self, *names: str) -> float:
        """Reference volume of regions [um^3]; per um of depth in plane strain. Collective."""
        dx = self.domain.dx(*names, degree=self.domain.solid_degree)
        return self.domain.total(compile_form(self.one * self.kinematics.weight * dx))

    # --- what physics offer ---

    def offered(self, quantity: str) -> Mapping[str, Any]:
        """Return what the physics offer under a name, by region; empty if none does."""
        if quantity not in self._offered:
            makers = (each.offers(self).get(quantity) for each in self.physics)
            found = [maker() for maker in makers if maker]
            self._offered[quantity] = ChainMap(*map(dict, found))
        return self._offered[quantity]

    def fraction(self, name: str) -> Expr:
        """Fraction of the species in a region: unknown, following the state of charge, or zero."""
        return self.offered("fraction").get(name, ufl.as_ufl(0.0))

    def crack(self, name: str) -> Expr | None:
        """Crack field in a region, 0 (intact) to 1 (broken); None where nothing can break."""
        return self.offered("crack").get(name)

    def response(self, name: str) -> Response:
        """State of a solid region at the end of the step."""
        return self.offered("response")[name]

    @property
    def responses(self) -> Mapping[str, Response]:
        """State of every solid region at the end of the step."""
        return self.offered("response")

    def value(self, name: str) -> float:
        """Value of a quantity that has one for the whole body; collective."""
        own = self.state[name].x.array[:1].tolist()
        return float(next(values[0] for values in self.domain.comm.allgather(own) if values))

    # --- motion ---

    @cached_property
    def motions(self) -> tuple[Motion, ...]:
        """How the unknowns move the body."""
        return tuple(motion for each in self.physics for motion in each.motions(self))

    def displacement(self, region: str = ANYWHERE) -> Expr:
        """Displacement [um]."""
        parts = [m.displacement(self.state[m.unknown], region) for m in self.motions]
        first, *others = [part for part in parts if part is not None]
        return sum(others, first)

    def F(self, region: str = ANYWHERE) -> Expr:
        """Deformation gradient at the end of the step, shape (3, 3)."""
        return self._stretched(self.kinematics.gradient(self.displacement(region)), region)

    def _stretched(self, gradient: Expr, region: str) -> Expr:
        """I + grad u, with what motions add to the gradient."""
        for motion in self.motions:
            added = motion.gradient(self.state[motion.unknown], region)
            if added is not None:
                gradient = gradient + added
        return IDENTITY + gradient

    def variations(self, region: str = ANYWHERE) -> list[Variation]:
        """Variations of the motion, one for every unknown that moves a region."""
        return self._variations(region, self.kinematics.gradient)

    def facet_variations(self) -> list[Variation]:
        """Variations of the motion on facets, for a rule with one point (see `facet_F`)."""
        return self._variations(ANYWHERE, self._facet_gradient)

    def _variations(self, region: str, gradient: Any) -> list[Variation]:
        found = []
        for motion in self.motions:
            test = self.test(motion.unknown)
            displacement, added = motion.displacement(test, region), motion.gradient(test, region)
            parts = [] if displacement is None else [gradient(displacement)]
            parts += [] if added is None else [added]
            if parts:
                found.append(Variation(motion.unknown, displacement, sum(parts[1:], parts[0])))
        return found

    def test(self, unknown: str) -> Expr:
        """Test function of an unknown; 1 for one that has one value for the whole body."""
        if self.state.unknowns[unknown].is_global:
            return ufl.as_ufl(1.0)
        return ufl.TestFunction(self.state[unknown].function_space)

    # --- surfaces ---

    @cached_property
    def _surfaces(self) -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        for each in self.physics:
            found |= each.surfaces(self)
        return found

    @cached_property
    def _measure(self) -> ufl.Measure:
        pairs = {number: pairs for number, pairs in enumerate(self._surfaces.values(), start=1)}
        return self.domain.surface_measure(pairs)

    def ds(
        self, name: str, *, degree: int = SURFACE_DEGREE, rule: str | None = None
    ) -> ufl.Measure:
        """One-sided measure of a surface.

        Args:
            name: As the physics that brings it calls it.
            degree: Of the quadrature.
            rule: Of the quadrature, if not the default.
        """
        number = 1 + list(self._surfaces).index(name)
        metadata: dict[str, Any] = {"quadrature_degree": degree}
        if rule:
            metadata["quadrature_rule"] = rule
        return self._measure(number, metadata=metadata)

    def facing_solids(self, groups: Iterable[str]) -> Any:
        """Facets of groups as seen from the body: from a host, else a solid, else a void."""
        roles = self.domain.manifest.roles
        solids = [region.name for region in self.regions]
        storing = [region.name for region in self.storing]
        return self.domain.oriented_facets(groups, (storing, solids, tuple(roles.medium)))

    def facing_voids(self, groups: Iterable[str]) -> Any:
        """Facets of groups as seen from a void."""
        medium = tuple(self.domain.manifest.roles.medium)
        return self.domain.oriented_facets(groups, (medium,))

    @cached_property
    def normal(self) -> Expr:
        """Reference unit normal of facets, shape (3,)."""
        return self.kinematics.vector(ufl.FacetNormal(self.domain.mesh))

    @cached_property
    def surface(self) -> Surface:
        """Kinematics of surfaces, as UFL on facets."""
        return Surface(self.F(), self.normal)

    @cached_property
    def facet_surface(self) -> Surface:
        """The same for a rule with one point per facet."""
        gradient = self._facet_gradient(self.displacement())
        return Surface(self._stretched(gradient, ANYWHERE), self.normal)

    def _facet_gradient(self, v: Expr) -> Expr:
        tangent = ufl.classes.FacetJacobian(self.domain.mesh)[:, 0]
        return self.kinematics.facet_gradient(v, tangent)

    # --- what is made once and used by several ---

    def derivative(self, form: ufl.Form, unknown: str) -> ufl.Form:
        """Return the first variation of a form by an unknown.

        Args:
            form: Linear in its test function, or a number.
            unknown: Its name; the direction is `test` of it.
        """
        return ufl.derivative(form, self.state[unknown], self.test(unknown))

    def once(self, make: Callable[[Symbols], Made]) -> Made:
        """Return what a method of a physics makes of these symbols, made at the first call."""
        if make not in self._made:
            self._made[make] = make(self)
        made: Made = self._made[make]
        return made

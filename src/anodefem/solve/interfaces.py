"""Interfaces of a case on its mesh: which can debond, and with what stiffness."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from mpi4py import MPI

import numpy as np
from dolfinx import default_scalar_type, fem
from ufl.core.expr import Expr

from anodefem.cases import CheckedCase, FractureChoice, InterfaceChoice
from anodefem.errors import InputError
from anodefem.fem.domain import Domain
from anodefem.laws.cohesive import Cohesive
from anodefem.laws.fracture import CrackModel, band_toughness
from anodefem.model import regions
from anodefem.physics.interfaces import Interface
from anodefem.physics.toughness import banded

#: Stiffness of a bond over that of a layer of the stiffer side as thick as a facet is long: what
#: the bond gives way before it is damaged is a twentieth of what such a layer would.
STIFFNESS = 20.0
#: Least separation at the end over that at onset.
BRITTLENESS = 10.0
#: Length over which a bond debonds, over E G / strength^2 (Hillerborg; Turon et al. 2007).
ZONE = 0.9
#: Facets over that length: below the first the fracture energy is wrong, below the other the run
#: is refused.
FACETS_ADVISED, FACETS_NEEDED = 3.0, 1.0
#: Half the width of the band of a smeared interface over the crack length.
BAND = 1.0


def cohesive(case: CheckedCase, domain: Domain) -> tuple[list[Interface], list[str]]:
    """Interfaces of a case that can debond, and warnings; collective.

    Args:
        case: Names interfaces and materials.
        domain: Its mesh.

    Raises:
        InputError: Two regions do not touch, or facets are longer than the zone in which a bond
            debonds.
    """
    found, warnings = [], []
    for name, choice in case.interfaces.items():
        size = _longest(domain, *choice.between)
        if size == 0.0:
            a, b = choice.between
            raise InputError(f"interfaces.{name}: '{a}' and '{b}' do not touch in this mesh.")
        if choice.law == "cohesive":
            moduli = [regions.stiffness(case.materials[side].card) for side in choice.between]
            warnings += _resolution(name, choice, size, min(moduli))
            found.append(Interface(name, *choice.between, _law(domain, choice, size, max(moduli))))
    return found, warnings


def check_named(case: CheckedCase, domain: Domain) -> None:
    """Refuse cracks beside an interface of which nothing is said; collective.

    Args:
        case: Names interfaces and what can break.
        domain: Its mesh.

    Raises:
        InputError: A region that can break touches another solid, and no interface names them.
    """
    if case.fracture is None:
        return
    named = {frozenset(choice.between) for choice in case.interfaces.values()}
    solids = [name for name in case.materials if name in domain.manifest.cells]
    for a, b in combinations(solids, 2):
        breaking = [name for name in (a, b) if name in case.fracture.toughness]
        if not breaking or frozenset((a, b)) in named or _longest(domain, a, b) == 0.0:
            continue
        raise InputError(
            f"fracture: '{breaking[0]}' can break and touches "
            f"'{b if breaking[0] == a else a}', and nothing says how they hold together: whether a "
            "film cracks or peels is decided there. Add [interfaces.NAME] with between = "
            f"['{a}', '{b}'] and law = 'cohesive' or 'smeared' with a toughness, or "
            "law = 'bonded' if cracks meet no weak layer there."
        )


def beside(
    name: str, choice: FractureChoice, named: Mapping[str, InterfaceChoice], domain: Domain
) -> Expr | float:
    """Factor of the toughness of a region that can break, near its smeared interfaces; collective.

    A band of half a width of one crack length, on every side that can break, is as tough as it must
    be for a crack along the interface to cost what the interface says. A crack beside a region that
    cannot break has half its profile, and so costs half of what it would elsewhere.

    Args:
        name: The region.
        choice: Cracks of the case.
        named: Interfaces of the case.
        domain: Mesh.
    """
    factor: Expr | float = 1.0
    model = CrackModel(choice.model == "AT1", choice.length)
    around = choice.toughness[name]
    for each in named.values():
        if each.law != "smeared" or name not in each.between:
            continue
        sides = sum(side in choice.toughness for side in each.between)
        wanted = each.toughness * 2 / sides
        inside = band_toughness(model, wanted=wanted, around=around, share=BAND)
        facets = domain.interface_facets(*each.between)
        factor *= banded(domain, facets, width=BAND * choice.length, ratio=inside / around)
    return factor


def _longest(domain: Domain, a: str, b: str) -> float:
    """Longest facet between two regions [um]; 0 if they do not touch. Collective."""
    facets = domain.interface_facets(a, b)
    local = float(domain.mesh.h(domain.dim - 1, facets).max(initial=0.0))
    return float(domain.comm.allreduce(local, op=MPI.MAX))


def _resolution(name: str, choice: InterfaceChoice, size: float, young: float) -> list[str]:
    """Warn of facets too long for the zone in which a bond debonds."""
    zone = ZONE * young * choice.toughness / choice.strength**2
    if size > zone / FACETS_NEEDED:
        raise InputError(
            f"interfaces.{name}: facets of {size:.3g} um are longer than the zone of {zone:.3g} um "
            "in which it debonds (0.9 E G / strength^2): its energy would be wrong. Raise "
            "geometry.refinement or the toughness, or lower the strength."
        )
    if size > zone / FACETS_ADVISED:
        return [
            f"interface '{name}': the zone in which it debonds is {zone:.3g} um long and the "
            f"longest facet {size:.3g} um; {FACETS_ADVISED:g} facets should fit into it."
        ]
    return []


def _law(domain: Domain, choice: InterfaceChoice, size: float, young: float) -> Cohesive:
    opening = choice.strength**2 / choice.toughness
    slip = choice.shear_strength**2 / choice.shear_toughness
    stiffness = max(STIFFNESS * young / size, BRITTLENESS / 2 * max(opening, slip))
    numbers = np.array(
        [
            stiffness,
            choice.strength,
            choice.shear_strength,
            choice.toughness,
            choice.shear_toughness,
            choice.mixity_exponent,
            choice.viscous_time,
        ]
    )
    return Cohesive(*(fem.Constant(domain.mesh, default_scalar_type(n)) for n in numbers))

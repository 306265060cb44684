"""From a case to its model: laws on the groups of a mesh, and the physics that it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mpi4py import MPI

from dolfinx import fem

from anodefem.cases import CheckedCase, Flaw, FractureChoice, InterfaceChoice, SeiChoice
from anodefem.fem.contract import Physics
from anodefem.fem.domain import HOLE_DEGREE, Domain
from anodefem.fem.model import Model
from anodefem.laws.building import MPA, UM
from anodefem.laws.film_cracks import FilmStrength
from anodefem.laws.fracture import CrackModel
from anodefem.laws.plasticity import Elastic
from anodefem.model import regions
from anodefem.model.regions import Region
from anodefem.physics import installed
from anodefem.physics.axial import FreeAxis
from anodefem.physics.cage import Cage
from anodefem.physics.cathode import FiniteCathode
from anodefem.physics.cracks import Cracks
from anodefem.physics.diffusion import Diffusion
from anodefem.physics.electrode import Electrode
from anodefem.physics.energy_balance import EnergyBalance
from anodefem.physics.flaws import drawn, seed, weakened
from anodefem.physics.fragments import Fragments
from anodefem.physics.hole import Hole
from anodefem.physics.hull import Hull
from anodefem.physics.interfaces import Interface, Interfaces
from anodefem.physics.kinetics import Kinetics
from anodefem.physics.mechanics import Mechanics
from anodefem.physics.plate import Plate
from anodefem.physics.resolution import coarse_interfaces
from anodefem.physics.sei import Sei
from anodefem.physics.sei_bond import SeiBond
from anodefem.physics.sei_failure import SeiFailure
from anodefem.physics.sei_growth import SeiGrowth
from anodefem.physics.storage import Storage
from anodefem.physics.strength import Limits, Strength
from anodefem.physics.surface_flux import Flux, SurfaceFlux
from anodefem.physics.toughness import scattered
from anodefem.physics.viscoelasticity import Viscoelasticity
from anodefem.physics.void import Void
from anodefem.solve import interfaces


def build(
    case: CheckedCase, domain: Domain, more: Sequence[Physics] = ()
) -> tuple[Model, list[str]]:
    """Put a case on its mesh; collective.

    Args:
        case: What to run.
        domain: Its mesh.
        more: Physics beside those of the case and of installed packages.

    Returns:
        The model in its initial state, and warnings.

    Raises:
        InputError: The mesh cannot carry the case.
    """
    interfaces.check_named(case, domain)
    debonding, warnings = interfaces.cohesive(case, domain)
    solids = [
        regions.region(
            name,
            choice.card,
            transport=choice.transport,
            temperature=case.protocol.temperature,
            anisotropy=regions.anisotropy(choice.card, choice.frame, domain.kinematics),
        )
        for name, choice in case.materials.items()
        if name in domain.manifest.cells
    ]
    hollow = [region for region in solids if _is_hollow(domain, region)]
    if any(not isinstance(region.solid.flow, Elastic) for region in hollow):
        domain = replace(domain, solid_degree=HOLE_DEGREE)
    flaws = _flaws(case.fracture, domain) if case.fracture else ()
    physics = [*_physics(case, domain, solids, hollow, debonding, flaws), *more]
    physics += [each for kind in installed() if (each := kind.of_case(case, domain))]
    model = Model(domain, solids, physics)
    for cracks in model.physics:
        if isinstance(cracks, Cracks) and flaws:
            seed(model, cracks, flaws)
    warnings += coarse_interfaces(model.symbols)
    return model, warnings


def _is_hollow(domain: Domain, region: Region) -> bool:
    """Whether a host has a hole that no medium fills, in a body meshed in the plane; collective.

    Args:
        domain: Mesh.
        region: With its law.
    """
    if domain.dim != 2 or not region.stores:
        return False
    return domain.comm.allreduce(len(domain.facets_on_holes(region.name)), op=MPI.SUM) > 0


def _physics(
    case: CheckedCase,
    domain: Domain,
    solids: Sequence[Region],
    hollow: Sequence[Region],
    debonding: Sequence[Interface],
    flaws: Sequence[Flaw],
) -> Iterator[Physics]:
    """The physics that a case has, in the order of their columns.

    Args:
        case: What to run.
        domain: Its mesh.
        solids: Regions with their laws.
        hollow: Those of them with a hole that no medium fills.
        debonding: Interfaces that can debond.
        flaws: Of the fracture of the case.
    """
    roles, settings = domain.manifest.roles, case.solver
    storage = Storage(
        solids,
        temperature=case.protocol.temperature,
        full=settings.saturation_high,
        empty=settings.saturation_low,
    )
    film = strength = None
    if case.sei:
        strength = regions.film_strength(case.sei.recipe, blister=case.sei.blister)
        film = _film(case.sei, strength)
    yield storage
    yield Diffusion()
    flux = _flux(case)
    yield flux
    densities = {name: case.materials[name].card.density or 0.0 for name in case.hosts}
    electrode = Electrode(storage, flux, densities, loading=case.electrochemistry.areal_loading)
    yield electrode
    if choice := case.cathode:
        yield FiniteCathode(
            choice.card.ocv, electrode, capacity=choice.capacity, as_made=choice.card.as_made
        )
    yield Hull(storage)
    if hollow:
        yield Hole()
    if film:
        yield film
    yield Mechanics()
    if case.geometry.axial == "free":
        yield FreeAxis()
    if case.geometry.stack_pressure is not None:
        yield Plate(case.geometry.stack_pressure)
    if roles.medium:
        host = max(regions.stiffness(case.materials[name].card) for name in case.hosts)
        yield Void(settings.medium_stiffness * host)
    for key in roles.membrane:
        thickness = roles.membrane_thickness[key]
        yield Cage(regions.sheet(case.materials[key].card, thickness=thickness))
    if film and strength:
        yield SeiFailure(film, strength)
    if film and case.sei and case.sei.slide:
        yield SeiBond(film, regions.film_bond(case.sei.recipe))
    if film and case.sei and case.sei.grow:
        growth = regions.film_growth(case.sei.recipe, case.protocol.temperature)
        yield SeiGrowth(film, growth, electrode)
    if limits := _limits(case, solids):
        yield Strength(limits)
    if any(region.viscous for region in solids):
        yield Viscoelasticity(solids)
    if case.fracture:
        yield _cracks(case.fracture, case.interfaces, domain, flaws)
    if debonding:
        yield Interfaces(debonding)
    if case.fracture or debonding:
        yield Fragments()
        yield EnergyBalance()


def _limits(case: CheckedCase, solids: Sequence[Region]) -> dict[str, Limits]:
    """What regions that swell little and cannot crack bear, by their cards.

    Args:
        case: What to run.
        solids: Regions with their laws.
    """
    cracking = set(case.fracture.toughness) if case.fracture else set()
    found = {}
    for name in (region.name for region in solids if region.name not in cracking):
        card = case.materials[name].card
        strength, strain = (card.properties.get(key) for key in ("strength", "breaking_strain"))
        limits = Limits(
            stress=strength.si * MPA if strength else None,
            strain=strain.si if strain and not card.storage else None,
        )
        if limits.stress or limits.strain:
            found[name] = limits
    return found


def _flux(case: CheckedCase) -> Flux:
    """How the current is shared out."""
    protocol, choice = case.protocol, case.electrochemistry
    if choice.kinetics == "uniform":
        return SurfaceFlux(protocol.surfaces, current_area=protocol.flux_area == "current")
    exchange = {
        name: regions.exchange_current(case.materials[name].card, temperature=protocol.temperature)
        for name in case.hosts
    }
    return Kinetics(
        protocol.surfaces,
        exchange,
        temperature=protocol.temperature,
        resistance=choice.resistance,
    )


def _film(choice: SeiChoice, strength: FilmStrength) -> Sei:
    recipe = choice.recipe
    return Sei(
        regions.film(recipe),
        film_surfaces=choice.surfaces,
        formation_strain=choice.formation_strain,
        thickness=choice.thickness * UM,
        strength=strength,
    )


def _flaws(choice: FractureChoice, domain: Domain) -> tuple[Flaw, ...]:
    """Flaws of a case, those at random places included."""
    if not choice.random_flaws:
        return choice.flaws
    return choice.flaws + drawn(domain, tuple(choice.toughness), choice.random_flaws)


def _cracks(
    choice: FractureChoice,
    named: Mapping[str, InterfaceChoice],
    domain: Domain,
    flaws: Sequence[Flaw],
) -> Cracks:
    """Cracks of a case on its mesh.

    Args:
        choice: What can break.
        named: Interfaces of the case.
        domain: Mesh.
        flaws: Where it is weak.

    Raises:
        InputError: The mesh is too coarse for their length.
    """
    choice.check_cells(domain.largest_cell(*choice.toughness))
    factor: Any = 1.0
    if choice.scatter:
        factor = scattered(
            domain, spread=choice.scatter, correlation=choice.correlation, seed=choice.seed
        )
    if any(flaw.toughness_kept for flaw in flaws):
        factor *= weakened(domain, flaws, choice.length)
    return Cracks(
        CrackModel(choice.model == "AT1", fem.Constant(domain.mesh, choice.length)),
        {
            name: fem.Constant(domain.mesh, value)
            * factor
            * interfaces.beside(name, choice, named, domain)
            for name, value in choice.toughness.items()
        },
        plastic_share=fem.Constant(domain.mesh, choice.plastic_share),
        wetted=choice.wetted,
    )

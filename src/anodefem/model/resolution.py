"""What a mesh must resolve, and whether it does."""

from __future__ import annotations

import math

from mpi4py import MPI

import numpy as np

from anodefem.laws.chemistry import RegularSolution, phase_interface
from anodefem.model.domain import Domain
from anodefem.model.problem import Problem

#: Cells that the phase_interface between two phases must be wide.
CELLS_ACROSS = 4.0


def largest_cell(domain: Domain, name: str) -> float:
    """Largest distance between two vertices of a cell of a region [um]; collective."""
    cells = domain.cells(name)
    sizes = domain.mesh.h(domain.dim, cells[cells < domain.owned_cells])
    return float(domain.comm.allreduce(float(np.max(sizes, initial=0.0)), op=MPI.MAX))


#: Thickness of a film over the radius beneath it from which it should be resolved: its forces are
#: then up to 4 % too large.
THICK_FILM = 0.05


def thick_film(problem: Problem, thickness: float) -> list[str]:
    """Return a sentence if an SEI of ``thickness`` [um] is too thick to be a membrane.

    The radius is that of a ball (in plane strain, of a cylinder) with the body's ratio of hull
    volume to covered area: the radius of a particle, and the size of a ligament of a porous one.
    """
    manifest = problem.domain.manifest
    area = sum(manifest.measures[name] for name in problem.film_surfaces)
    if not area:
        return []
    power = 2 if manifest.kinematics == "plane_strain" else 3
    radius = power * manifest.measures["hull"] / area
    if thickness <= THICK_FILM * radius:
        return []
    return [
        f"the SEI of {thickness:.4g} um is {thickness / radius:.2g} of the radius beneath it, "
        f"{radius:.4g} um ({power} times hull volume over covered area). As a film without "
        f"thickness it may press up to {thickness / radius:.0%} too hard while it is elastic "
        f"(nothing of that on flat faces); trust its forces below {THICK_FILM:g}, or mesh it as a "
        "layer."
    ]


def coarse_interfaces(problem: Problem) -> list[str]:
    """Return a sentence for every region whose cells are too large for its phase interface.

    A front that is not resolved sticks to the mesh; lithium is balanced all the same. Collective.
    """
    told = []
    for region in problem.diffusing:
        guest = region.guest
        if guest is None or not isinstance(guest.potential, RegularSolution):
            continue
        chi = guest.potential.interaction
        phases = phase_interface(chi)
        if phases is None:
            continue
        width = phases.width * math.sqrt(guest.gradient / guest.energy)
        size = largest_cell(problem.domain, region.name)
        if width < CELLS_ACROSS * size:
            told.append(
                f"region '{region.name}': the interface between its phases (chi = {chi:.4g}) is "
                f"{width:.4g} um wide and the largest cell {size:.4g} um; it should be "
                f"{CELLS_ACROSS:g} cells wide. Take cells below {width / CELLS_ACROSS:.3g} um, or "
                "a card with a larger gradient_energy."
            )
    return told

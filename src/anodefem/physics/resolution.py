"""What a mesh must resolve, and whether it does."""

from __future__ import annotations

import math
from collections.abc import Sequence

from anodefem.fem.domain import Domain
from anodefem.fem.symbols import Symbols
from anodefem.laws.chemistry import RegularSolution, phase_interface

#: Cells that the interface between two phases must be wide.
PHASE_INTERFACE_CELLS = 4.0


#: Thickness of a film over the radius beneath it from which it should be resolved: its forces are
#: then up to 4 % too large.
THICK_FILM = 0.05


def thick_film(domain: Domain, surfaces: Sequence[str], thickness: float) -> list[str]:
    """Return a sentence if an SEI is too thick to be a membrane.

    The radius is that of a ball (in plane strain, of a cylinder) with the body's ratio of hull
    volume to covered area: the radius of a particle, and the size of a ligament of a porous one.

    Args:
        domain: Mesh.
        surfaces: Facet groups that carry it.
        thickness: Of the SEI [um].
    """
    manifest = domain.manifest
    area = sum(manifest.measures[name] for name in surfaces)
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


def coarse_interfaces(s: Symbols) -> list[str]:
    """Return a sentence for every region whose cells are too large for its phase interface.

    A front that is not resolved sticks to the mesh; lithium is balanced all the same. Collective.
    """
    found = []
    for region in s.diffusing:
        species = region.species
        if species is None or not isinstance(species.potential, RegularSolution):
            continue
        chi = species.potential.interaction
        phases = phase_interface(chi)
        if phases is None:
            continue
        width = phases.width * math.sqrt(species.gradient / species.RT_c_max)
        size = s.domain.largest_cell(region.name)
        if width < PHASE_INTERFACE_CELLS * size:
            found.append(
                f"region '{region.name}': the interface between its phases (chi = {chi:.4g}) is "
                f"{width:.4g} um wide and the largest cell {size:.4g} um; it should be "
                f"{PHASE_INTERFACE_CELLS:g} cells wide. Take cells below "
                f"{width / PHASE_INTERFACE_CELLS:.3g} um, or a card with a larger gradient_energy."
            )
    return found

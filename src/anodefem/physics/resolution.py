"""What a mesh must resolve, and whether it does."""

from __future__ import annotations

import math

from anodefem.fem.symbols import Symbols
from anodefem.laws.chemistry import RegularSolution, phase_interface

#: Cells that the interface between two phases must be wide.
PHASE_INTERFACE_CELLS = 4.0


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

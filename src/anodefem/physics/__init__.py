"""One file a physics: its unknowns, memory, equations, columns, output fields and events."""

from __future__ import annotations

from anodefem import registry
from anodefem.fem.contract import Physics
from anodefem.physics.axial import FreeAxis
from anodefem.physics.cage import Cage
from anodefem.physics.cathode import FiniteCathode
from anodefem.physics.cracks import Cracks
from anodefem.physics.diffusion import Diffusion
from anodefem.physics.electrode import Electrode
from anodefem.physics.energy_balance import EnergyBalance
from anodefem.physics.fragments import Fragments
from anodefem.physics.hole import Hole
from anodefem.physics.hull import Hull
from anodefem.physics.indenter import Indenter
from anodefem.physics.interfaces import Interfaces
from anodefem.physics.kinetics import Kinetics
from anodefem.physics.mechanics import Mechanics
from anodefem.physics.plate import Plate
from anodefem.physics.sei import Sei
from anodefem.physics.sei_bond import SeiBond
from anodefem.physics.sei_failure import SeiFailure
from anodefem.physics.sei_growth import SeiGrowth
from anodefem.physics.storage import Storage
from anodefem.physics.strength import Strength
from anodefem.physics.surface_flux import SurfaceFlux
from anodefem.physics.viscoelasticity import Viscoelasticity
from anodefem.physics.void import Void

#: All that cases can have, in the order of their columns; scripts may add others (`Indenter`).
PHYSICS: tuple[type[Physics], ...] = (
    Storage,
    Diffusion,
    SurfaceFlux,
    Electrode,
    FiniteCathode,
    Hull,
    Hole,
    Sei,
    Mechanics,
    FreeAxis,
    Plate,
    Void,
    Cage,
    SeiFailure,
    SeiBond,
    SeiGrowth,
    Strength,
    Viscoelasticity,
    Cracks,
    Interfaces,
    Fragments,
    EnergyBalance,
)

ENTRY_POINTS = "anodefem.physics"


def installed() -> tuple[type[Physics], ...]:
    """Physics that installed packages bring (see `Physics.of_case`).

    Raises:
        InputError: A package offers something that cannot be imported.
    """
    modules = registry.installed(ENTRY_POINTS).values()
    return tuple(kind for module in modules for kind in module.PHYSICS)


__all__ = [
    "PHYSICS",
    "Cage",
    "Cracks",
    "Diffusion",
    "Electrode",
    "EnergyBalance",
    "FiniteCathode",
    "Fragments",
    "FreeAxis",
    "Hole",
    "Hull",
    "Indenter",
    "Interfaces",
    "Kinetics",
    "Mechanics",
    "Plate",
    "Sei",
    "SeiBond",
    "SeiFailure",
    "SeiGrowth",
    "Storage",
    "Strength",
    "SurfaceFlux",
    "Viscoelasticity",
    "Void",
    "installed",
]

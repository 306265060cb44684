"""A case: everything that a run needs to know, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anodefem import protocols
from anodefem.cards import Cathode, Material, Sei
from anodefem.cases.cathode import CathodeChoice
from anodefem.cases.electrochemistry import Electrochemistry
from anodefem.cases.fracture import FractureChoice
from anodefem.cases.geometry import GeometryChoice
from anodefem.cases.interfaces import InterfaceChoice
from anodefem.cases.materials import MaterialChoice
from anodefem.cases.output import Output
from anodefem.cases.protocol import Protocol, rest_potential
from anodefem.cases.sei import SeiChoice
from anodefem.cases.solver import Solver
from anodefem.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedCase:
    """Everything that a run needs to know; lengths of the geometry in um, the rest in SI.

    Inside the package; a user handles `anodefem.Case`.

    Attributes:
        title: One line for tables and pictures.
        path: The case file.
        geometry: What is meshed.
        materials: Region -> its material.
        sei: ``None`` if no surface carries one.
        fracture: ``None`` if nothing can break.
        interfaces: Name -> how two regions hold together; those not named are bonded.
        cathode: ``None`` in a half cell.
        electrochemistry: How the current is shared out.
        protocol: What is done.
        solver: How it is solved.
        output: What is written.
    """

    title: str
    path: Path
    geometry: GeometryChoice
    materials: Mapping[str, MaterialChoice]
    sei: SeiChoice | None
    fracture: FractureChoice | None
    interfaces: Mapping[str, InterfaceChoice]
    cathode: CathodeChoice | None
    electrochemistry: Electrochemistry
    protocol: Protocol
    solver: Solver
    output: Output

    @property
    def name(self) -> str:
        """Name of the case file's folder, or of the file if it is not run.toml.

        Raises:
            InputError: The case came through a pipe.
        """
        path = self.path.resolve()
        if self.path.is_fifo():
            raise InputError(f"{self.path}: a pipe gives the case no name; save it in a file.")
        return path.parent.name if path.name == "run.toml" else path.stem

    @property
    def hosts(self) -> tuple[str, ...]:
        """Regions that store the species."""
        return tuple(name for name, choice in self.materials.items() if choice.card.storage)

    def summary(self) -> str:
        """Return one line: geometry, materials, SEI, how current flows, number of steps."""
        names = ", ".join(f"{region} {c.card.name}" for region, c in self.materials.items())
        film = "no SEI"
        if self.sei:
            film = f"SEI {self.sei.recipe.name} on {', '.join(self.sei.surfaces)}"
        count = len(self.protocol.steps)
        steps = f"{count} step{'s' if count > 1 else ''}"
        body = f"{self.geometry.name} ({self.geometry.kinematics})"
        parts = [body, names, film, self.electrochemistry.summary()]
        if self.cathode:
            parts.append(self.cathode.summary())
        return "; ".join([*parts, steps])

    def estimate(self) -> protocols.Estimate:
        """Return what the protocol will take."""
        solver, done = self.solver, self.protocol
        return protocols.estimate(
            done.steps,
            initial_soc=done.initial_soc,
            lowest=solver.saturation_low,
            highest=solver.saturation_high,
            largest_step=min(solver.max_soc_step, solver.max_concentration_step),
            first_step=solver.initial_step,
            spacing=self.output.fields_every,
            cycles_every=self.output.cycles_every,
            rest_potential=rest_potential(
                self.materials, done.temperature, self.cathode, done.initial_soc
            ),
        )

    def outlook(self) -> str:
        """Return what the electrodes of a full cell leave to each other; "" in a half cell."""
        done = self.protocol
        at_rest = rest_potential(self.materials, done.temperature, self.cathode, done.initial_soc)
        return self.cathode.outlook(at_rest, done.initial_soc) if self.cathode else ""

    def resolved(self) -> dict[str, Any]:
        """Return the case with every default filled in, for JSON.

        Without the key "cards", which holds every number of the cards with its source, this is the
        content of a case file that gives the same case.
        """
        cards: dict[str, Material | Sei | Cathode] = {
            c.card.name: c.card for c in self.materials.values()
        }
        written: dict[str, Any] = {
            "title": self.title,
            "geometry": self.geometry.resolved(),
            "materials": {region: choice.resolved() for region, choice in self.materials.items()},
            "electrochemistry": self.electrochemistry.resolved(),
            "protocol": self.protocol.resolved(),
            "solver": self.solver.model_dump(),
            "output": self.output.model_dump(),
        }
        if self.sei:
            cards[self.sei.recipe.name] = self.sei.recipe
            written["sei"] = self.sei.resolved()
        if self.cathode:
            cards[self.cathode.card.name] = self.cathode.card
            written["cathode"] = self.cathode.resolved()
        if self.fracture:
            written["fracture"] = self.fracture.resolved()
        if self.interfaces:
            written["interfaces"] = {
                name: each.resolved() for name, each in self.interfaces.items()
            }
        written["cards"] = {
            name: {key: str(number) for key, number in card.numbers()}
            for name, card in cards.items()
        }
        return written

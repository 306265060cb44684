"""A case: everything that a run needs to know, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import Field

from anodefem import protocols, units
from anodefem.cards import Material, Sei
from anodefem.geometry import Geometry, Roles
from anodefem.validation import Integer, Real, Strict

Transport = Literal["diffusion", "uniform"]
Frame = Literal["cartesian", "radial"]
Share = Annotated[Real, Field(gt=0.0, lt=1.0), units.within(1e-12, 1.0, "")]


class Solver(Strict):
    """How the equations are solved; every default is right for the cases that are shipped.

    Steps in time are counted in charge: a step of 0.01 moves 1 % of the full charge at the C-rate
    of the protocol's step, or takes 1 % of a rest.
    """

    linear: Literal["auto", "direct", "iterative"] = "auto"
    time_integration: Literal["backward-euler", "bdf2"] = "backward-euler"  # of lithium's balance
    initial_step: Share = 1e-3
    minimum_step: Share = 1e-7
    max_soc_step: Share = 0.05
    max_concentration_step: Share = 0.05  # largest change of c / c_max anywhere in a step
    max_steps: Annotated[Integer, Field(gt=0, le=10**7)] = 10_000
    newton_tolerance: Annotated[Real, Field(gt=0.0, lt=0.1)] = 1e-8  # last change of u, x
    newton_iterations: Annotated[Integer, Field(gt=1, le=1000)] = 15
    medium_stiffness: Annotated[Real, Field(ge=1e-12, lt=0.1)] = 1e-7  # void over stiffest host
    saturation_high: Share = 0.995  # a surface beyond these ends the protocol's step
    saturation_low: Share = 0.005


class Output(Strict):
    """What is written besides the metrics of every step."""

    fields_every: Annotated[Real, Field(ge=0.0, le=1.0)] = 0.05  # in soc; 0 for every step


@dataclass(frozen=True, slots=True, kw_only=True)
class GeometryChoice:
    """A geometry plugin with its parameters.

    Attributes:
        plugin: What draws it.
        kinematics: "axisymmetric", "plane_strain" or "3d".
        order: Order of the cells' shape, 1 or 2.
        parameters: Instance of ``plugin.parameters``; lengths in um.
        roles: What the named groups are for.
        regions: Names that have a material.
        exact: Measures of groups in um, um^2, um^3 (see `anodefem.geometry.Geometry`).
        refinement: Every edge that gmsh makes is divided by it; 1 where the plugin itself has a
            parameter of that name.
    """

    plugin: Geometry
    kinematics: str
    order: int
    parameters: Any
    roles: Roles
    regions: tuple[str, ...]
    exact: Mapping[str, float]
    refinement: float = 1.0

    @property
    def name(self) -> str:
        """Name of the plugin."""
        return self.plugin.name

    def resolved(self) -> dict[str, Any]:
        """Return the table of a case file that gives this choice."""
        hints = get_type_hints(type(self.parameters), include_extras=True)
        written = {}
        for key, value in asdict(self.parameters).items():
            unit = units.unit_of(hints[key])
            written[key] = f"{value!r} {unit}" if unit and value is not None else value
        chosen = {
            "plugin": self.name,
            "kinematics": self.kinematics,
            "order": self.order,
            "refinement": self.refinement,
        }
        return chosen | {key: value for key, value in written.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialChoice:
    """The material of a region.

    Attributes:
        card: The material.
        transport: "diffusion", or "uniform" where the carrier spreads much faster than it enters.
        frame: Where the axes of the material lie if it swells differently along them: "cartesian"
            for x, y, z, or "radial" for the first along the position vector from the origin and the
            other two mixed; else ``None``.
        changes: Dotted key of a number of the card -> what the case says instead.
    """

    card: Material
    transport: Transport
    frame: Frame | None
    changes: Mapping[str, object]

    def resolved(self) -> str | dict[str, Any]:
        """Return the entry of a case file that gives this choice."""
        if not self.card.storage and not self.changes:
            return self.card.name
        told: dict[str, Any] = {"card": self.card.name}
        if self.card.storage:
            told["transport"] = self.transport
        if self.frame:
            told["frame"] = self.frame
        for key, value in self.changes.items():
            *parents, last = key.split(".")
            table = told
            for part in parents:
                table = table.setdefault(part, {})
            table[last] = value
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class SeiChoice:
    """An SEI on named surfaces.

    Attributes:
        recipe: The card.
        surfaces: Facet groups that carry it.
        thickness: At formation [m]; the recipe's unless the case says otherwise.
        formation_strain: The recipe's unless the case says otherwise.
        blister: Half the width of strips that do not hold on to the surface [m].
        changes: Key of another number of the recipe -> what the case says instead.
    """

    recipe: Sei
    surfaces: tuple[str, ...]
    thickness: float
    formation_strain: float
    blister: float
    changes: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """A place that is weak, or broken from the start.

    Attributes:
        at: Its middle [um], in the coordinates of the mesh; a ring in axisymmetry.
        size: Its diameter [um].
        normal: Unit vector across it if it is flat (a crack); None if it is round.
        toughness_kept: Share of the toughness that is left in it; 0 if it is broken.
    """

    at: tuple[float, ...]
    size: float
    normal: tuple[float, ...] | None = None
    toughness_kept: float = 0.0

    def resolved(self) -> dict[str, Any]:
        """Return the table of a case file that gives this flaw."""
        told = {
            "at": [f"{x!r} um" for x in self.at],
            "size": f"{self.size!r} um",
            "toughness_kept": self.toughness_kept,
        }
        return told | ({"normal": list(self.normal)} if self.normal else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomFlaws:
    """Round flaws at random places, evenly over the reference volume of what can break.

    Attributes:
        count: How many.
        size: Diameter of each [um].
        toughness_kept: As of `Flaw`.
        seed: Of the draw.
    """

    count: int
    size: float
    toughness_kept: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FractureChoice:
    """Regions that can break, and how cracks are smeared out.

    Attributes:
        model: "AT1", elastic up to a strength, or "AT2".
        length: l over which a crack is smeared out [um].
        toughness: Region -> Gc per reference area [J/m^2].
        scatter: Standard deviation of the logarithm of toughness from place to place.
        correlation: Distance over which that scatter is correlated [um].
        seed: Of that scatter.
        plastic_share: Share of the plastic work that drives cracks.
        wetted: The carrier enters through the faces of cracks in hosts, too.
        flaws: What is weak, or broken from the start.
        random_flaws: More of it, at random places, or None.
        tolerance: Change of the crack field in a sweep below which a step has converged.
        sweeps: Between cracks and the rest, after which a step counts as failed.
    """

    model: Literal["AT1", "AT2"]
    length: float
    toughness: Mapping[str, float]
    scatter: float
    correlation: float
    seed: int
    plastic_share: float
    wetted: bool
    flaws: tuple[Flaw, ...]
    random_flaws: RandomFlaws | None
    tolerance: float
    sweeps: int

    def resolved(self) -> dict[str, Any]:
        """Return the table of a case file that gives this choice."""
        told = asdict(self) | {
            "regions": list(self.toughness),
            "length": f"{self.length!r} um",
            "correlation": f"{self.correlation!r} um",
            "toughness": {k: f"{v!r} J/m^2" for k, v in self.toughness.items()},
            "flaws": [flaw.resolved() for flaw in self.flaws],
        }
        if drawn := told.pop("random_flaws"):
            told["random_flaws"] = drawn | {"size": f"{drawn['size']!r} um"}
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceChoice:
    """How two regions hold together.

    Attributes:
        between: The two regions.
        law: "cohesive", comes apart by a traction-separation law; "smeared", cracks of the crack
            field run along it at its own toughness; "bonded", neither.
        toughness: Energy to open it [J/m^2]; 0 if bonded.
        strength: Largest traction in opening [MPa]; 0 unless cohesive.
        shear_toughness, shear_strength: The same for slip.
        mixity_exponent: How toughness goes from opening to slip (Benzeggagh and Kenane).
        viscous_time: By which damage lags behind [s] (see `anodefem.laws.cohesive`).
    """

    between: tuple[str, str]
    law: Literal["cohesive", "smeared", "bonded"]
    toughness: float
    strength: float
    shear_toughness: float
    shear_strength: float
    mixity_exponent: float
    viscous_time: float

    def resolved(self) -> dict[str, Any]:
        """Return the table of a case file that gives this choice."""
        told: dict[str, Any] = {"between": list(self.between), "law": self.law}
        if self.law != "bonded":
            told["toughness"] = f"{self.toughness!r} J/m^2"
        if self.law == "cohesive":
            told |= {
                "strength": f"{self.strength!r} MPa",
                "shear_toughness": f"{self.shear_toughness!r} J/m^2",
                "shear_strength": f"{self.shear_strength!r} MPa",
                "mixity_exponent": self.mixity_exponent,
                "viscous_time": f"{self.viscous_time!r} s",
            }
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """What is done to the electrode.

    Attributes:
        steps: In order.
        initial_soc: Uniform c / c_max of every host at the start.
        temperature: [K].
        flux_area: Whether the current is uniform per "reference" or per "current" area.
        surfaces: Facet groups through which the carrier enters.
    """

    steps: tuple[protocols.Step, ...]
    initial_soc: float
    temperature: float
    flux_area: Literal["reference", "current"]
    surfaces: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything that a run needs to know; lengths of the geometry in um, the rest in SI.

    Attributes:
        title: One line for tables and pictures.
        path: The case file.
        geometry: What is meshed.
        materials: Region -> its material.
        sei: ``None`` if no surface carries one.
        fracture: ``None`` if nothing can break.
        interfaces: Name -> how two regions hold together; those not named are bonded.
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
    protocol: Protocol
    solver: Solver
    output: Output

    @property
    def hosts(self) -> tuple[str, ...]:
        """Regions that store the carrier."""
        return tuple(name for name, choice in self.materials.items() if choice.card.storage)

    def summary(self) -> str:
        """Return one line: geometry, materials, SEI, number of steps."""
        names = ", ".join(f"{region} {c.card.name}" for region, c in self.materials.items())
        film = f"SEI {self.sei.recipe.name}" if self.sei else "no SEI"
        steps = f"{len(self.protocol.steps)} steps"
        return f"{self.geometry.name} ({self.geometry.kinematics}); {names}; {film}; {steps}"

    def resolved(self) -> dict[str, Any]:
        """Return the case with every default filled in, for JSON.

        Without the key "cards", which holds every number of the cards with its source, this is the
        content of a case file that gives the same case.
        """
        protocol = asdict(self.protocol) | {"steps": [step.text for step in self.protocol.steps]}
        protocol["temperature"] = f"{self.protocol.temperature!r} K"
        cards: dict[str, Material | Sei] = {c.card.name: c.card for c in self.materials.values()}
        told: dict[str, Any] = {
            "title": self.title,
            "geometry": self.geometry.resolved(),
            "materials": {region: choice.resolved() for region, choice in self.materials.items()},
            "protocol": protocol,
            "solver": self.solver.model_dump(),
            "output": self.output.model_dump(),
        }
        if self.sei:
            cards[self.sei.recipe.name] = self.sei.recipe
            told["sei"] = {
                "recipe": self.sei.recipe.name,
                "surfaces": list(self.sei.surfaces),
                "thickness": f"{self.sei.thickness:.12g} m",
                "formation_strain": self.sei.formation_strain,
                "blister": f"{self.sei.blister:.12g} m",
                **self.sei.changes,
            }
        if self.fracture:
            told["fracture"] = self.fracture.resolved()
        if self.interfaces:
            told["interfaces"] = {name: each.resolved() for name, each in self.interfaces.items()}
        told["cards"] = {
            name: {key: str(number) for key, number in card.numbers()}
            for name, card in cards.items()
        }
        return told

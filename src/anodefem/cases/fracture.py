"""Section [fracture]: regions that can break, and flaws in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import hypot
from typing import Annotated, Any, Literal

from pydantic import Field

from anodefem import units
from anodefem.cases.collecting import Coordinate, Names, Reading, Toughness
from anodefem.cases.geometry import GeometryChoice
from anodefem.cases.materials import MaterialChoice
from anodefem.errors import InputError
from anodefem.registry import suggest
from anodefem.validation import Flag, Integer, Real, Strict

#: Least number of cells over the length of a crack; where its energy matters, 5.
CELLS_OVER_CRACK_LENGTH = 2.0

_Kept = Annotated[
    Real, Field(ge=0.0, lt=1.0, description="share of the toughness that is left in it")
]
_Seed = Annotated[Integer, Field(ge=0, lt=2**63)]


class FlawTable(Strict):
    """Keys of a flaw at a given place."""

    at: Annotated[
        tuple[Coordinate, ...],
        Field(description="its middle, lengths with units, in the coordinates of the mesh"),
    ]
    size: Annotated[units.Length, Field(description="its diameter, a length with unit")]
    normal: Annotated[
        tuple[Annotated[Real, Field(ge=-1e6, le=1e6)], ...] | None,
        Field(description="direction across it if it is flat; default: it is round"),
    ] = None
    toughness_kept: _Kept = 0.0


class RandomFlawsTable(Strict):
    """Keys of round flaws at random places."""

    count: Annotated[Integer, Field(gt=0, le=100_000, description="how many")]
    size: Annotated[units.Length, Field(description="diameter of each, a length with unit")]
    toughness_kept: _Kept = 0.0
    seed: Annotated[_Seed, Field(description="of the draw")] = 1


class FractureTable(Strict):
    """Keys of the section."""

    model: Annotated[
        Literal["AT1", "AT2"],
        Field(description="energy of the crack: with an elastic limit (`AT1`) or without (`AT2`)"),
    ] = "AT1"
    length: Annotated[
        units.Length,
        Field(description="length with unit over which a crack is smeared; cells must resolve it"),
    ]
    regions: Annotated[Names, Field(description="regions that can crack")]
    toughness: Annotated[
        Mapping[str, Toughness],
        Field(description="region -> fracture energy with unit, instead of the card's"),
    ] = {}
    scatter: Annotated[
        Real,
        Field(
            ge=0.0,
            lt=1.0,
            description="standard deviation of the logarithm of the toughness from place to place",
        ),
    ] = 0.0
    correlation: Annotated[
        units.Length | None,
        Field(
            description="length with unit: distance at which the correlation of the scatter has "
            "fallen to 1/e; at least `length`, which is the default"
        ),
    ] = None
    seed: Annotated[_Seed, Field(description="of the scatter")] = 1
    plastic_share: Annotated[
        Real,
        Field(
            ge=0.0,
            le=1.0,
            description="share of the plastic work that drives cracks beside the elastic energy",
        ),
    ] = 0.0
    wetted: Annotated[
        Flag, Field(description="the species enters through the faces of cracks in hosts, too")
    ] = False
    flaws: Annotated[
        tuple[FlawTable, ...],
        Field(
            description="places broken from the start: a list of tables with `at` (middle, lengths "
            "with units), `size` (diameter), for a flat one `normal` (direction across it), and "
            "for a weak one `toughness_kept` (share of the toughness)"
        ),
    ] = ()
    random_flaws: Annotated[
        RandomFlawsTable | None,
        Field(
            description="table with `count`, `size`, `toughness_kept` and `seed`: so many round "
            "ones, at random"
        ),
    ] = None
    tolerance: Annotated[
        Real,
        Field(
            gt=0.0,
            lt=0.1,
            description="change of the crack field in a sweep below which a step has converged",
        ),
    ] = 1e-3
    sweeps: Annotated[
        Integer,
        Field(
            gt=1,
            le=10**6,
            description="between cracks and the rest, after which a step has failed",
        ),
    ] = 500


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
        written = {
            "at": [f"{x!r} um" for x in self.at],
            "size": f"{self.size!r} um",
            "toughness_kept": self.toughness_kept,
        }
        return written | ({"normal": list(self.normal)} if self.normal else {})


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

    def check_cells(self, size: float) -> None:
        """Refuse a mesh that is too coarse for the length.

        Args:
            size: Longest edge of any cell that can break [um].

        Raises:
            InputError: There are fewer than `CELLS_OVER_CRACK_LENGTH` cells over it.
        """
        least = CELLS_OVER_CRACK_LENGTH * size
        if self.length < least:
            raise InputError(
                f"fracture.length = {self.length:g} um: the largest cell of "
                f"{', '.join(self.toughness)} measures {size:.3g} um; a crack needs a length of at "
                f"least {CELLS_OVER_CRACK_LENGTH:g} cells, {least:.3g} um. "
                "Raise the length, or geometry.refinement."
            )

    def resolved(self) -> dict[str, Any]:
        """Return the table of a case file that gives this choice."""
        written = asdict(self) | {
            "regions": list(self.toughness),
            "length": f"{self.length!r} um",
            "correlation": f"{self.correlation!r} um",
            "toughness": {k: f"{v!r} J/m^2" for k, v in self.toughness.items()},
            "flaws": [flaw.resolved() for flaw in self.flaws],
        }
        if drawn := written.pop("random_flaws"):
            written["random_flaws"] = drawn | {"size": f"{drawn['size']!r} um"}
        return written


def read(
    reading: Reading,
    raw: object,
    geometry: GeometryChoice | None,
    materials: Mapping[str, MaterialChoice] | None,
) -> FractureChoice | None:
    """Return what can break, or ``None`` if nothing can.

    Args:
        reading: Notes what is wrong.
        raw: The section, or ``None``.
        geometry: The body, or ``None`` if it is wrong.
        materials: Region -> material, or ``None``.
    """
    table = None if raw is None else reading.table(FractureTable, raw, "fracture")
    if table is None or geometry is None or materials is None:
        return None
    solids = geometry.solids
    toughness: dict[str, float] = {}
    for name in table.regions:
        if name not in solids:
            hint = suggest(name, solids)
            reading.refuse(f"fracture.regions: '{name}' is no solid region here.{hint}")
        elif name in table.toughness:
            toughness[name] = table.toughness[name]
        elif name in materials:
            card = materials[name].card
            if "toughness" in card.properties:
                toughness[name] = card.properties["toughness"].si
            else:
                reading.refuse(
                    f"fracture.toughness.{name}: missing; the card '{card.name}' has none. "
                    f"Give one such as {name} = '5 J/m^2'."
                )
    for name in table.toughness:
        if name not in table.regions:
            reading.refuse(f"fracture.toughness.{name}: not one of fracture.regions.")
    correlation = table.length if table.correlation is None else table.correlation
    if correlation < table.length:
        reading.refuse(
            f"fracture.correlation = {correlation:g} um: must be at least fracture.length = "
            f"{table.length:g} um, over which a crack averages; leave it out to take that."
        )
    flowing = [name for name in toughness if name in materials and materials[name].card.plastic]
    if table.plastic_share and not flowing:
        reading.refuse(
            f"fracture.plastic_share = {table.plastic_share:g}: none of fracture.regions has a "
            "card with plastic flow; leave it out."
        )
    open_to = [
        name
        for name in toughness
        if name in materials
        and materials[name].card.storage
        and materials[name].transport == "diffusion"
    ]
    if table.wetted and not open_to:
        reading.refuse(
            "fracture.wetted = true: in none of fracture.regions does anything diffuse, so "
            "nothing can enter through cracks; leave it out."
        )
    drawn = table.random_flaws
    return FractureChoice(
        model=table.model,
        length=table.length,
        toughness=toughness,
        scatter=table.scatter,
        correlation=correlation,
        seed=table.seed,
        plastic_share=table.plastic_share,
        wetted=table.wetted,
        flaws=_flaws(reading, table, geometry),
        random_flaws=RandomFlaws(**drawn.model_dump()) if drawn else None,
        tolerance=table.tolerance,
        sweeps=table.sweeps,
    )


def _flaws(reading: Reading, table: FractureTable, geometry: GeometryChoice) -> tuple[Flaw, ...]:
    """Return the flaws at given places; refuse those that the mesh need not see.

    Args:
        reading: Notes what is wrong.
        table: The section.
        geometry: The body.
    """
    sizes = {f"flaws.{i}": flaw.size for i, flaw in enumerate(table.flaws, start=1)}
    if table.random_flaws:
        sizes["random_flaws"] = table.random_flaws.size
    for key, size in sizes.items():
        if size < table.length:
            reading.refuse(
                f"fracture.{key}.size = {size:g} um: must be at least fracture.length = "
                f"{table.length:g} um, over which a crack is smeared out; a smaller one may "
                "fall between the nodes of the mesh. Enlarge it, or reduce the length and "
                "refine the mesh."
            )
    axes = {"axisymmetric": "(r, z)", "plane_strain": "(x, y)", "3d": "(x, y, z)"}
    names = axes[geometry.kinematics]
    flaws = []
    for number, given in enumerate(table.flaws, start=1):
        vectors = {"at": given.at, "normal": given.normal}
        for key, vector in vectors.items():
            if vector is not None and len(vector) != names.count(",") + 1:
                reading.refuse(
                    f"fracture.flaws.{number}.{key}: has {len(vector)} components; "
                    f"kinematics '{geometry.kinematics}' has {names}."
                )
        length = hypot(*(given.normal or (1.0,)))
        if length == 0.0:
            reading.refuse(
                f"fracture.flaws.{number}.normal: is zero; give the direction across the flaw."
            )
            continue
        normal = tuple(part / length for part in given.normal) if given.normal else None
        flaws.append(
            Flaw(
                at=given.at,
                size=given.size,
                normal=normal,
                toughness_kept=given.toughness_kept,
            )
        )
    return tuple(flaws)

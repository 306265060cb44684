"""Case files: one TOML file becomes one frozen `Case`, or one message that lists every mistake."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from math import hypot
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, PlainValidator, ValidationError

from anodefem import contract, library, protocols, units
from anodefem.case import (
    Case,
    Flaw,
    FractureChoice,
    Frame,
    GeometryChoice,
    InterfaceChoice,
    MaterialChoice,
    Output,
    Protocol,
    RandomFlaws,
    SeiChoice,
    Share,
    Solver,
    Transport,
)
from anodefem.errors import InputError
from anodefem.geometry import Geometry, find
from anodefem.registry import suggest
from anodefem.validation import (
    Flag,
    Integer,
    Real,
    Strict,
    parse_toml,
    problems,
    read_toml,
    report,
    shown,
    unknown_key,
)

__all__ = ["TABLES", "Case", "load", "override"]

#: Half the width of strips of SEI that do not hold on, over its thickness: assumed.
BLISTER = 10.0

# One string stands for a list of one.
_ALONE = BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)
_Names = Annotated[tuple[str, ...], Field(min_length=1), _ALONE]


class _Choice(Strict):
    card: str
    transport: Transport | None = None
    frame: Frame | None = None


# What can be meant: from less than an atom to a millimetre, and so on.
_FilmLength = Annotated[float, units.reads("m"), Field(gt=0.0), units.within(1e-11, 1e-3, "m")]
_Toughness = Annotated[float, units.reads("J/m^2"), Field(gt=0.0), units.within(1e-9, 1e6, "J/m^2")]
_Strength = Annotated[float, units.reads("MPa"), Field(gt=0.0), units.within(1e-6, 1e6, "MPa")]


class _SeiTable(Strict):
    recipe: str
    surfaces: _Names | None = None
    thickness: _FilmLength | None = None
    formation_strain: Annotated[Real, Field(gt=-0.5, lt=0.5)] | None = None
    blister: _FilmLength | None = None


class _FlawTable(Strict):
    at: tuple[Annotated[float, units.reads("um"), Field(ge=-1e4, le=1e4)], ...]
    size: units.Length
    normal: tuple[Annotated[Real, Field(ge=-1e6, le=1e6)], ...] | None = None
    toughness_kept: Annotated[Real, Field(ge=0.0, lt=1.0)] = 0.0


class _RandomFlawsTable(Strict):
    count: Annotated[Integer, Field(gt=0, le=100_000)]
    size: units.Length
    toughness_kept: Annotated[Real, Field(ge=0.0, lt=1.0)] = 0.0
    seed: Annotated[Integer, Field(ge=0, lt=2**63)] = 1


class _FractureTable(Strict):
    model: Literal["AT1", "AT2"] = "AT1"
    length: units.Length
    regions: _Names
    toughness: Mapping[str, _Toughness] = {}
    scatter: Annotated[Real, Field(ge=0.0, lt=1.0)] = 0.0
    correlation: units.Length | None = None
    seed: Annotated[Integer, Field(ge=0, lt=2**63)] = 1
    plastic_share: Annotated[Real, Field(ge=0.0, le=1.0)] = 0.0
    wetted: Flag = False
    flaws: tuple[_FlawTable, ...] = ()
    random_flaws: _RandomFlawsTable | None = None
    tolerance: Annotated[Real, Field(gt=0.0, lt=0.1)] = 1e-3
    sweeps: Annotated[Integer, Field(gt=1, le=10**6)] = 500


class _InterfaceTable(Strict):
    between: Annotated[tuple[str, ...], Field(min_length=2, max_length=2)]
    law: Literal["cohesive", "smeared", "bonded"] = "cohesive"
    toughness: _Toughness | None = None
    strength: _Strength | None = None
    shear_toughness: _Toughness | None = None
    shear_strength: _Strength | None = None
    mixity_exponent: Annotated[Real, Field(ge=1.0, le=5.0)] = 2.0
    viscous_time: Annotated[
        float, units.reads("s"), Field(gt=0.0), units.within(1e-9, 1e9, "s")
    ] = 1.0


class _ProtocolTable(Strict):
    steps: Annotated[tuple[Annotated[protocols.Step, PlainValidator(protocols.parse)], ...], _ALONE]
    initial_soc: Share = 0.02
    temperature: Annotated[float, units.reads("K"), Field(gt=200.0, lt=400.0)] = 298.15
    flux_area: Literal["reference", "current"] = "reference"
    surfaces: _Names | None = None


#: Tables of a case file whose keys do not depend on the geometry, by section.
TABLES: Mapping[str, type[Strict]] = {
    "materials.REGION": _Choice,
    "sei": _SeiTable,
    "fracture": _FractureTable,
    "interfaces.NAME": _InterfaceTable,
    "protocol": _ProtocolTable,
    "solver": Solver,
    "output": Output,
}


def load(path: Path, settings: Sequence[str] = ()) -> Case:
    """Return the case that a file describes.

    Args:
        path: A TOML file.
        settings: Changes to it, "dotted.key=value", as on the command line.

    Raises:
        InputError: The file cannot be used; lists everything that is wrong with it.
    """
    raw = read_toml(path)
    reading = _Reading(path)
    for setting in settings:
        reading.attempt("", partial(override, raw, setting))
    case = reading.case(raw)
    if case is None or reading.told:
        raise report(path, reading.told)
    return case


def override(raw: dict[str, Any], setting: str) -> None:
    """Change one value of the tables of a case file, in place.

    Args:
        raw: The tables.
        setting: "dotted.key=value" with a TOML value; anything else is taken as a string.

    Raises:
        InputError: There is no "=", or the key goes through something that is not a table.
    """
    dotted, equals, text = setting.partition("=")
    *parents, last = (part.strip() for part in dotted.split("."))
    if not equals or not all((*parents, last)):
        raise InputError(f"--set {setting}: write --set key.of.a.value=value.")
    table = raw
    if parents[:1] == ["materials"] and len(parents) > 1:
        _write_out(raw, parents[1])
    for part in parents:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise InputError(f"--set {setting}: '{part}' is a value, not a table.")
    try:
        table[last] = parse_toml(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        table[last] = text.strip()
    except ValueError as error:
        raise InputError(f"--set {dotted}: {error}.") from error


def _write_out(raw: dict[str, Any], region: str) -> None:
    """Turn the name of a region's card into a table, which has room for numbers."""
    materials = raw.get("materials")
    if isinstance(materials, dict) and isinstance(materials.get(region), str):
        materials[region] = {"card": materials[region]}


def _flat(tables: Mapping[str, Any], prefix: str = "") -> dict[str, object]:
    """Return the values of nested tables by dotted key."""
    found: dict[str, object] = {}
    for key, value in tables.items():
        found |= (
            _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
        )
    return found


def _parted(raw: object, own: type[Strict]) -> tuple[object, dict[str, object]]:
    """Part a table into the case's ``own`` keys and numbers of the card, by dotted key."""
    if not isinstance(raw, dict):
        return raw, {}
    mine = {key: value for key, value in raw.items() if key in own.model_fields}
    return mine, _flat({key: value for key, value in raw.items() if key not in mine})


_LONGEST_TITLE = 200

_Table = TypeVar("_Table", bound=Strict)
_Result = TypeVar("_Result")


class _Reading:
    """Reads the sections of one case file, collecting what is wrong in ``told``."""

    sections = (
        "title",
        "geometry",
        "materials",
        "sei",
        "fracture",
        "interfaces",
        "protocol",
        "solver",
        "output",
    )

    def __init__(self, path: Path) -> None:
        self.path = path
        self.told: list[str] = []

    def attempt(self, where: str, action: Callable[[], _Result]) -> _Result | None:
        """Return what ``action`` returns, or ``None`` after noting why it could not."""
        try:
            return action()
        except InputError as error:
            self.told += [f"{where}{line}" for line in str(error).splitlines()]
            return None

    def table(self, model: type[_Table], raw: object, key: str) -> _Table | None:
        """Return one section as its model; if parts are wrong, the rest, to go on checking."""
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            self.told += problems(error, raw, key)
            wrong = {item["loc"][0] for item in error.errors() if item["loc"]}
        if not isinstance(raw, dict):
            return None
        try:
            return model.model_validate({k: v for k, v in raw.items() if k not in wrong})
        except ValidationError:
            return None

    def case(self, raw: dict[str, Any]) -> Case | None:
        """Return the case, or ``None`` if something is wrong."""
        for key in raw:
            if key not in self.sections:
                self.told.append(f"{key}: {unknown_key(key, self.sections)}")
        title = raw.get("title", "")
        if not isinstance(title, str) or len(title) > _LONGEST_TITLE or "\n" in title:
            self.told.append(f"title{_given(title)}: must be text in quotes, one short line.")
            title = ""
        elif not title.strip():
            self.told.append("title: missing; one line that names the case in tables and pictures.")
        geometry = self._geometry(raw.get("geometry"))
        materials = self._materials(raw.get("materials"), geometry)
        solver = self.table(Solver, raw.get("solver", {}), "solver")
        output = self.table(Output, raw.get("output", {}), "output")
        carriers = _carriers(materials)
        protocol = self._protocol(raw.get("protocol"), geometry, solver, carriers)
        sei = self._sei(raw.get("sei"), geometry, carriers)
        fracture = self._fracture(raw.get("fracture"), geometry, materials)
        interfaces = self._interfaces(raw.get("interfaces", {}), geometry, materials, fracture)
        if solver and solver.linear == "iterative" and _comes_apart(interfaces):
            self.told.append(
                "solver.linear = 'iterative': not for cases with cohesive interfaces, whose bonds "
                "are too stiff for it; leave it out."
            )
        if not (geometry and materials and protocol and solver and output) or self.told:
            return None
        return Case(
            title=title,
            path=self.path,
            geometry=geometry,
            materials=materials,
            sei=sei,
            fracture=fracture,
            interfaces=interfaces,
            protocol=protocol,
            solver=solver,
            output=output,
        )

    def _geometry(self, raw: object) -> GeometryChoice | None:
        if raw is not None and not isinstance(raw, dict):
            self.told.append(f"geometry{_given(raw)}: must be a table.")
            return None
        if not raw or "plugin" not in raw:
            self.told.append("geometry.plugin: missing; name a geometry ('anodefem list').")
            return None
        if not isinstance(raw["plugin"], str):
            self.told.append(
                f"geometry.plugin{_given(raw['plugin'])}: must be the name of a geometry in quotes "
                "('anodefem list')."
            )
            return None
        plugin = self.attempt("geometry.plugin: ", lambda: find(raw["plugin"]))
        if plugin is None:
            return None
        own = {"plugin", "kinematics", "order", "refinement"} - plugin.parameter_names
        given = {k: v for k, v in raw.items() if k not in own}
        p = self.attempt("", lambda: plugin.read(given, near=self.path.parent))
        kinematics = raw.get("kinematics", plugin.kinematics[0])
        offered = kinematics in plugin.kinematics
        if not offered:
            hint = suggest(kinematics, plugin.kinematics)
            self.told.append(f"geometry.kinematics{_given(kinematics)}: not offered here.{hint}")
        order = raw.get("order", 1)
        if type(order) is not int or order not in (1, 2):
            self.told.append(f"geometry.order{_given(order)}: must be 1 or 2.")
            return None
        refinement = self._refinement(raw, plugin) if "refinement" in own else 1.0
        if p is None or not offered or refinement is None:
            return None
        # What a file holds is known only once it is read.
        stated = self.attempt("", lambda: contract.checked(plugin, p, kinematics))
        if stated is None:
            return None
        return GeometryChoice(
            plugin=plugin,
            kinematics=kinematics,
            order=order,
            parameters=p,
            roles=stated.roles,
            regions=stated.regions,
            exact=stated.exact,
            refinement=refinement,
        )

    def _refinement(self, raw: dict[str, Any], plugin: Geometry) -> float | None:
        """Return by how much gmsh refines what a plugin draws that leaves this to the mesher."""
        value = raw.get("refinement", 1.0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
            self.told.append(f"geometry.refinement{_given(value)}: must be a number above 0.")
            return None
        if not 1e-3 <= value <= 1e3:
            self.told.append(f"geometry.refinement = {value:g}: must be between 0.001 and 1000.")
            return None
        if value != 1.0 and plugin.build is None:
            self.told.append(
                f"geometry.refinement = {value:g}: geometry '{plugin.name}' is made without gmsh "
                "and has no parameter of that name, so it cannot be refined; leave it out."
            )
            return None
        return float(value)

    def _materials(
        self, raw: object, geometry: GeometryChoice | None
    ) -> dict[str, MaterialChoice] | None:
        if raw is not None and not isinstance(raw, dict):
            self.told.append(f"materials{_given(raw)}: must be a table.")
            return None
        if not raw:
            self.told.append("materials: missing; name a card for every region of the geometry.")
            return None
        found = {}
        for region, given in raw.items():
            key = f"materials.{region}"
            if geometry and region not in geometry.regions:
                hint = suggest(region, geometry.regions)
                self.told.append(f"{key}: geometry '{geometry.name}' has no such region.{hint}")
            if not isinstance(given, str | dict):
                self.told.append(f"{key}{_given(given)}: must be the name of a card, or a table.")
                continue
            given = {"card": given} if isinstance(given, str) else given
            own, changes = _parted(given, _Choice)
            table = self.table(_Choice, own, key)
            if table and (choice := self._material(table, changes, key)):
                self._check_frame(f"{key}.frame", choice, geometry, placed="frame" in given)
                found[region] = choice
        for region in geometry.regions if geometry else ():
            if region not in raw:
                self.told.append(f"materials.{region}: missing; every region needs a card.")
        stores = {c.card.storage.carrier for c in found.values() if c.card.storage}
        if len(found) == len(raw) and not stores:
            self.told.append("materials: none of these cards stores lithium, sodium or potassium.")
        if len(stores) > 1:
            self.told.append(f"materials: one case has one carrier, not {' and '.join(stores)}.")
        for region, choice in found.items():
            if choice.changes and choice.card.name in (
                other.card.name for key, other in found.items() if key != region
            ):
                self.told.append(
                    f"materials.{region}: '{choice.card.name}' is the card of another region too; "
                    "change its numbers in a copy of the card."
                )
        return found

    def _known(
        self, key: str, given: Mapping[str, object], known: Iterable[str], own: type[Strict]
    ) -> bool:
        """Whether all keys are numbers of the card; says which are not, nor the case's ``own``."""
        told = len(self.told)
        known = {*known, *own.model_fields}
        self.told += [
            f"{key}.{name}: {unknown_key(name, known)}" for name in given if name not in known
        ]
        return len(self.told) == told

    def _material(
        self, table: _Choice, changes: Mapping[str, object], key: str
    ) -> MaterialChoice | None:
        near = self.path.parent
        card = self.attempt(f"{key}: ", lambda: library.material(table.card, near=near))
        if card and changes and self._known(key, changes, card.sources, _Choice):
            card = self.attempt(
                f"{key}.", lambda: library.material(table.card, near=near, changes=changes)
            )
        if card is None:
            return None
        if table.transport and not card.storage:
            self.told.append(
                f"{key}.transport: '{card.name}' does not store anything; leave it out."
            )
        transport = table.transport or "diffusion"
        return MaterialChoice(card=card, transport=transport, frame=table.frame, changes=changes)

    def _check_frame(
        self,
        key: str,
        choice: MaterialChoice,
        geometry: GeometryChoice | None,
        *,
        placed: bool,
    ) -> None:
        """Refuse axes for a material that has none, none for one that has, and impossible ones.

        Args:
            key: Of the frame in the case file.
            choice: Material and frame.
            geometry: The body, or ``None`` if it is wrong.
            placed: The case gives a frame, if only a wrong one.
        """
        card, frame = choice.card, choice.frame
        exponents = card.storage.swelling_exponents if card.storage else None
        if exponents is None:
            if frame:
                self.told.append(
                    f"{key}: '{card.name}' swells alike in all directions; leave it out."
                )
            return
        if not placed:
            self.told.append(
                f"{key}: missing; '{card.name}' swells differently along its axes. Write "
                "'cartesian' for axes along x, y, z, or 'radial' for the first along the position "
                "vector."
            )
        round_body = geometry is not None and geometry.kinematics == "axisymmetric"
        if round_body and frame == "cartesian" and exponents[0] != exponents[1]:
            self.told.append(
                f"{key} = 'cartesian': an axisymmetric body swells alike along x and y, but "
                f"'{card.name}' has the exponents {exponents[0]:g} and {exponents[1]:g}; take "
                "frame = 'radial', or kinematics = '3d' if the geometry has it."
            )

    def _protocol(
        self,
        raw: object,
        geometry: GeometryChoice | None,
        solver: Solver | None,
        carriers: set[str],
    ) -> Protocol | None:
        if raw is None:
            self.told.append(f"protocol: missing; give steps such as '{protocols.FORMS[0]}'.")
            return None
        told = len(self.told)
        table = self.table(_ProtocolTable, raw, "protocol")
        if table is None:
            return None
        limits = solver or Solver()
        low, high = limits.saturation_low, limits.saturation_high
        soc = table.initial_soc
        if not low < soc < high:
            self.told.append(f"protocol.initial_soc = {soc:g}: must be in ({low:g}, {high:g}).")
        if len(self.told) == told and not table.steps:
            self.told.append(f"protocol.steps: empty; give steps such as '{protocols.FORMS[0]}'.")
        if len(self.told) == told:
            found = protocols.check(table.steps, initial_soc=soc, lowest=low, highest=high)
            self.told += [f"protocol.steps: {sentence}." for sentence in found]
        for number, step in enumerate(table.steps, start=1):
            if step.carrier and carriers and carriers != {step.carrier}:
                self.told.append(
                    f"protocol.steps.{number} = '{step.text}': the materials store "
                    f"{' and '.join(sorted(carriers))}; write lithiate, sodiate or potassiate "
                    "accordingly."
                )
        default = geometry.roles.flux if geometry else ()
        return Protocol(
            steps=table.steps,
            initial_soc=soc,
            temperature=table.temperature,
            flux_area=table.flux_area,
            surfaces=self._surfaces("protocol.surfaces", table.surfaces, default, geometry),
        )

    def _sei(
        self, raw: object, geometry: GeometryChoice | None, carriers: set[str]
    ) -> SeiChoice | None:
        own, changes = _parted(raw, _SeiTable)
        table = None if raw is None else self.table(_SeiTable, own, "sei")
        if table is None or table.recipe == "none":
            return None
        near = self.path.parent
        recipe = self.attempt("sei.recipe: ", lambda: library.sei(table.recipe, near=near))
        if recipe and changes and self._known("sei", changes, recipe.sources, _SeiTable):
            recipe = self.attempt(
                "sei.", lambda: library.sei(table.recipe, near=near, changes=changes)
            )
        if recipe and len(carriers) == 1 and not carriers <= {*recipe.carriers}:
            (carrier,) = carriers
            fitting = [
                name for name in library.paths("sei") if carrier in library.sei(name).carriers
            ]
            self.told.append(
                f"sei.recipe = '{table.recipe}': was made for {' and '.join(recipe.carriers)} "
                f"cells, and the materials store {carrier}. Recipes for {carrier}: "
                f"{', '.join(fitting)}."
            )
        default = geometry.roles.sei if geometry else ()
        surfaces = self._surfaces("sei.surfaces", table.surfaces, default, geometry)
        if recipe is None or geometry is None:
            return None
        strain, thickness = table.formation_strain, table.thickness or recipe.thickness
        choice = SeiChoice(
            recipe=recipe,
            surfaces=surfaces,
            thickness=thickness,
            formation_strain=recipe.formation_strain if strain is None else strain,
            blister=table.blister or BLISTER * thickness,
            changes=changes,
        )
        self._check_thickness(choice, geometry)
        return choice

    def _fracture(
        self,
        raw: object,
        geometry: GeometryChoice | None,
        materials: Mapping[str, MaterialChoice] | None,
    ) -> FractureChoice | None:
        table = None if raw is None else self.table(_FractureTable, raw, "fracture")
        if table is None or geometry is None or materials is None:
            return None
        solids = [name for name in geometry.regions if name not in geometry.roles.membrane]
        toughness: dict[str, float] = {}
        for name in table.regions:
            if name not in solids:
                hint = suggest(name, solids)
                self.told.append(f"fracture.regions: '{name}' is no solid region here.{hint}")
            elif name in table.toughness:
                toughness[name] = table.toughness[name]
            elif name in materials:
                card = materials[name].card
                if "toughness" in card.properties:
                    toughness[name] = card.properties["toughness"].si
                else:
                    self.told.append(
                        f"fracture.toughness.{name}: missing; the card '{card.name}' has none. "
                        f"Give one such as {name} = '5 J/m^2'."
                    )
        for name in table.toughness:
            if name not in table.regions:
                self.told.append(f"fracture.toughness.{name}: not one of fracture.regions.")
        correlation = table.length if table.correlation is None else table.correlation
        if correlation < table.length:
            self.told.append(
                f"fracture.correlation = {correlation:g} um: must be at least fracture.length = "
                f"{table.length:g} um, over which a crack averages; leave it out to take that."
            )
        flowing = [name for name in toughness if name in materials and materials[name].card.plastic]
        if table.plastic_share and not flowing:
            self.told.append(
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
            self.told.append(
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
            flaws=self._flaws(table, geometry),
            random_flaws=RandomFlaws(**drawn.model_dump()) if drawn else None,
            tolerance=table.tolerance,
            sweeps=table.sweeps,
        )

    def _interfaces(
        self,
        raw: object,
        geometry: GeometryChoice | None,
        materials: Mapping[str, MaterialChoice] | None,
        fracture: FractureChoice | None,
    ) -> dict[str, InterfaceChoice]:
        if not isinstance(raw, dict):
            self.told.append("interfaces: write a table [interfaces.NAME] for each of them.")
            return {}
        found: dict[str, InterfaceChoice] = {}
        pairs: dict[frozenset[str], str] = {}
        for name, given in raw.items():
            key = f"interfaces.{name}"
            table = self.table(_InterfaceTable, given, key)
            if table is None or geometry is None or materials is None:
                continue
            told = len(self.told)
            pair = frozenset(table.between)
            solids = [region for region in geometry.regions if region in materials]
            solids = [region for region in solids if region not in geometry.roles.membrane]
            for region in table.between:
                if region not in solids:
                    hint = suggest(region, solids)
                    self.told.append(f"{key}.between: '{region}' is no solid region here.{hint}")
            if len(pair) < 2:
                self.told.append(f"{key}.between: name two different regions.")
            elif pair in pairs:
                self.told.append(f"{key}.between: these regions are those of '{pairs[pair]}' too.")
            pairs[pair] = name
            if len(self.told) == told and (
                choice := self._interface(key, table, materials, fracture)
            ):
                found[name] = choice
        return found

    def _interface(
        self,
        key: str,
        table: _InterfaceTable,
        materials: Mapping[str, MaterialChoice],
        fracture: FractureChoice | None,
    ) -> InterfaceChoice | None:
        """Return what a table says of two regions, with what their cards know of adhesion."""
        told = len(self.told)
        a, b = table.between
        numbers = ("toughness", "strength", "shear_toughness", "shear_strength")
        asked = {"bonded": (), "smeared": ("toughness",), "cohesive": numbers}[table.law]
        for name in numbers:
            if getattr(table, name) is not None and name not in asked:
                self.told.append(f"{key}.{name}: means nothing with law = '{table.law}'.")
        cards = [materials[region].card for region in (a, b)]
        known = [c.properties["adhesion"].si for c in cards if "adhesion" in c.properties]
        toughness = table.toughness or min(known, default=0.0)
        if asked and not toughness:
            self.told.append(
                f"{key}.toughness: missing; neither '{cards[0].name}' nor '{cards[1].name}' has an "
                "adhesion. Give one such as '1 J/m^2', or law = 'bonded' if it never fails."
            )
        if "strength" in asked and not table.strength:
            self.told.append(
                f"{key}.strength: missing; give the largest traction, such as '20 MPa'. With its "
                "toughness it sets how far the faces come apart before nothing holds them."
            )
        if table.law == "smeared" and not (fracture and {a, b} & set(fracture.toughness)):
            self.told.append(
                f"{key}.law = 'smeared': cracks of the crack field run neither in '{a}' nor in "
                f"'{b}'; name one of them in fracture.regions, or take law = 'cohesive'."
            )
        if len(self.told) > told:
            return None
        strength = table.strength or 0.0
        return InterfaceChoice(
            between=(a, b),
            law=table.law,
            toughness=toughness if asked else 0.0,
            strength=strength,
            shear_toughness=table.shear_toughness or (toughness if asked else 0.0),
            shear_strength=table.shear_strength or strength,
            mixity_exponent=table.mixity_exponent,
            viscous_time=table.viscous_time,
        )

    def _flaws(self, table: _FractureTable, geometry: GeometryChoice) -> tuple[Flaw, ...]:
        """Return the flaws at given places; refuse those that the mesh need not see."""
        sizes = {f"flaws.{i}": flaw.size for i, flaw in enumerate(table.flaws, start=1)}
        if table.random_flaws:
            sizes["random_flaws"] = table.random_flaws.size
        for key, size in sizes.items():
            if size < table.length:
                self.told.append(
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
                    self.told.append(
                        f"fracture.flaws.{number}.{key}: has {len(vector)} components; "
                        f"kinematics '{geometry.kinematics}' has {names}."
                    )
            length = hypot(*(given.normal or (1.0,)))
            if length == 0.0:
                self.told.append(
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

    def _check_thickness(self, sei: SeiChoice, geometry: GeometryChoice) -> None:
        """Refuse a film thicker than volume over area of the body (a third of a ball's radius)."""
        exact = geometry.exact
        area = sum(exact.get(name, 0.0) for name in sei.surfaces)
        volume = sum(exact.get(name, 0.0) for name in geometry.regions)
        thickness = units.factor("m", "um") * sei.thickness
        if area and thickness >= volume / area:
            self.told.append(
                f"sei.thickness = {thickness:g} um: must be below the volume over the area of what "
                f"it covers, {volume / area:.4g} um; a film is thinner than the body under it."
            )

    def _surfaces(
        self,
        key: str,
        given: tuple[str, ...] | None,
        default: tuple[str, ...],
        geometry: GeometryChoice | None,
    ) -> tuple[str, ...]:
        if geometry is None:
            return given or default
        roles = geometry.roles
        measured = set(geometry.exact) - {"hull", "envelope"}
        cells = {*geometry.regions, *roles.medium}
        known = (measured | {*roles.surfaces, *roles.symmetry}) - cells - {*roles.membrane}
        for name in given or ():
            if name not in known:
                hint = suggest(name, known)
                self.told.append(f"{key}: geometry '{geometry.name}' has no '{name}'.{hint}")
        if not (given or default):
            self.told.append(f"{key}: missing; this geometry has no default.{suggest('', known)}")
        return given or default


def _given(value: object) -> str:
    """Return " = value" for a message, or nothing for a table or a list."""
    text = shown(value)
    return f" = {text}" if text else ""


def _carriers(materials: Mapping[str, MaterialChoice] | None) -> set[str]:
    """Return what the materials store."""
    cards = [choice.card for choice in (materials or {}).values()]
    return {card.storage.carrier for card in cards if card.storage}


def _comes_apart(interfaces: Mapping[str, InterfaceChoice]) -> bool:
    return any(choice.law == "cohesive" for choice in interfaces.values())

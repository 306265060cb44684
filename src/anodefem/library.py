"""Finding and reading cards: folders named by the user, installed packages, shipped ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, PlainValidator, ValidationError

from anodefem import registry, units
from anodefem.cards import (
    ArrudaBoyce,
    Branch,
    Carrier,
    Healing,
    Hencky,
    Material,
    NeoHookean,
    Overstress,
    Perzyna,
    Plastic,
    PowerLaw,
    RateIndependent,
    Sei,
    Storage,
)
from anodefem.curves import Constant, Curve
from anodefem.errors import InputError
from anodefem.quantities import Ideal, Quantity, Regular, function, number, shares, voltage
from anodefem.validation import Strict, problems, read_toml, report, unknown_key

GROUP = "anodefem.cards"
Kind = Literal["materials", "sei"]

FARADAY = 96485.33212  # [C/mol]

Number = Quantity[float]
Function = Quantity[Curve]
_Pressure = Annotated[Number, number("Pa", gt=0.0)]
_Strain = Annotated[Number, number("", gt=0.0)]
_Energy = Annotated[Number, number("J/m^2", gt=0.0)]
_Time = Annotated[Number, number("s", gt=0.0)]


class _NeoHookean(Strict):
    law: Literal["neo-hookean"]
    young: Annotated[Function, function("Pa", gt=0.0)]
    poisson: Annotated[Function, function("", ge=0.0, lt=0.5)]

    def law_in_si(self) -> NeoHookean:
        return NeoHookean(young=self.young.si, poisson=self.poisson.si)


class _ArrudaBoyce(Strict):
    law: Literal["arruda-boyce"]
    shear: _Pressure
    locking_stretch: Annotated[Number, number("", gt=1.0)]
    bulk: _Pressure

    def law_in_si(self) -> ArrudaBoyce:
        return ArrudaBoyce(
            shear=self.shear.si, locking_stretch=self.locking_stretch.si, bulk=self.bulk.si
        )


class _Hencky(_NeoHookean):
    law: Literal["hencky"]  # type: ignore[assignment]

    def law_in_si(self) -> Hencky:
        return Hencky(young=self.young.si, poisson=self.poisson.si)


class _RateIndependent(Strict):
    flow: Literal["rate-independent"]
    yield_stress: Annotated[Function, function("Pa", gt=0.0)]
    hardening: Annotated[Number, number("Pa", ge=0.0)]

    def law_in_si(self) -> Plastic:
        return RateIndependent(yield_stress=self.yield_stress.si, hardening=self.hardening.si)


class _RateDependent(_RateIndependent):
    activation_energy: Annotated[Number, number("J/mol", gt=0.0)] | None = None

    @property
    def barrier(self) -> float:
        return self.activation_energy.si if self.activation_energy else 0.0


class _Overstress(_RateDependent):
    flow: Literal["overstress"]  # type: ignore[assignment]
    rate: Annotated[Number, number("1/s", gt=0.0)]
    exponent: Annotated[Number, number("", ge=1.0)]

    def law_in_si(self) -> Plastic:
        return Overstress(
            yield_stress=self.yield_stress.si,
            hardening=self.hardening.si,
            rate=self.rate.si,
            exponent=self.exponent.si,
            activation_energy=self.barrier,
        )


class _PowerLaw(_RateDependent):
    flow: Literal["power-law"]  # type: ignore[assignment]
    flow_resistance: Annotated[Function, function("Pa", gt=0.0)]
    rate: Annotated[Number, number("1/s", gt=0.0)]
    rate_sensitivity: Annotated[Number, number("", gt=0.0, le=1.0)]

    def law_in_si(self) -> Plastic:
        return PowerLaw(
            yield_stress=self.yield_stress.si,
            hardening=self.hardening.si,
            flow_resistance=self.flow_resistance.si,
            rate=self.rate.si,
            rate_sensitivity=self.rate_sensitivity.si,
            activation_energy=self.barrier,
        )


class _Perzyna(_RateDependent):
    flow: Literal["perzyna"]  # type: ignore[assignment]
    viscosity: Annotated[Number, number("Pa*s", gt=0.0)]

    def law_in_si(self) -> Plastic:
        return Perzyna(
            yield_stress=self.yield_stress.si,
            hardening=self.hardening.si,
            viscosity=self.viscosity.si,
            activation_energy=self.barrier,
        )


_ELASTIC: Mapping[str, type[Strict]] = {
    "neo-hookean": _NeoHookean,
    "hencky": _Hencky,
    "arruda-boyce": _ArrudaBoyce,
}
_PLASTIC: Mapping[str, type[Strict]] = {
    "rate-independent": _RateIndependent,
    "overstress": _Overstress,
    "power-law": _PowerLaw,
    "perzyna": _Perzyna,
}


class _Branch(Strict):
    shear: _Pressure
    relaxation_time: _Time

    def branch_in_si(self) -> Branch:
        return Branch(shear=self.shear.si, relaxation_time=self.relaxation_time.si)


class _Viscous(Strict):
    branches: Annotated[tuple[_Branch, ...], Field(min_length=1)]


class _Healing(Strict):
    energy: Annotated[Number, number("J/m^3", gt=0.0)]
    damage_time: _Time
    healing_time: _Time

    def healing_in_si(self) -> Healing:
        return Healing(
            energy=self.energy.si,
            damage_time=self.damage_time.si,
            healing_time=self.healing_time.si,
        )


class _Storage(Strict):
    carrier: Carrier
    guests_per_host: Annotated[Number, number("", gt=0.0)]
    molar_mass: Annotated[Number, number("kg/mol", gt=0.0)]
    concentration_max: Annotated[Number, number("mol/m^3", gt=0.0)]
    capacity: Annotated[Number, number("mA*h/g", gt=0.0)]
    volume_ratio: Annotated[Function, function("", gt=0.0)]
    swelling_exponents: Annotated[Quantity[tuple[float, float, float]], shares()] | None = None
    partial_molar_volume: Annotated[Number, number("m^3/mol", gt=0.0)] | None = None
    diffusivity: Annotated[Function, function("m^2/s", gt=0.0)]
    activation_energy: Annotated[Number, number("J/mol", gt=0.0)] | None = None
    ocv: Annotated[Quantity[Curve | Ideal | Regular], voltage()]
    gradient_energy: Annotated[Number, number("J/m", gt=0.0)] | None = None

    def storage_in_si(self) -> Storage:
        return Storage(
            carrier=self.carrier,
            concentration_max=self.concentration_max.si,
            volume_ratio=self.volume_ratio.si,
            swelling_exponents=self.swelling_exponents.si if self.swelling_exponents else None,
            diffusivity=self.diffusivity.si,
            activation_energy=self.activation_energy.si if self.activation_energy else 0.0,
            ocv=self.ocv.si,
            gradient_energy=self.gradient_energy.si if self.gradient_energy else 0.0,
            capacity_mAh_per_g=self.capacity.si,
            guests_per_host=self.guests_per_host.si,
        )

    def contradictions(self, density: Number) -> Iterator[str]:
        """Yield a sentence for every number that does not follow from the others."""
        c_max, ratio = self.concentration_max.si, self.volume_ratio.si
        expected = self.guests_per_host.si * density.si / self.molar_mass.si
        if abs(c_max / expected - 1.0) > 1e-3:
            yield (
                f"storage.concentration_max = {c_max:.6g} mol/m^3 is not guests_per_host * "
                f"density / molar_mass = {expected:.6g} mol/m^3"
            )
        capacity = c_max * FARADAY / (3600.0 * density.si)
        if abs(self.capacity.si / capacity - 1.0) > 5e-3:
            yield (
                f"storage.capacity = {self.capacity.si:.5g} mAh/g is not concentration_max * F / "
                f"density = {capacity:.5g} mAh/g"
            )
        if abs(ratio(0.0) - 1.0) > 1e-9:
            yield f"storage.volume_ratio is {ratio(0.0):g} at x = 0; it must be 1 there"
        ocv = self.ocv.si
        if isinstance(ocv, Regular) and ocv.chi > 2.0 and not self.gradient_energy:
            yield (
                f"storage.gradient_energy is missing; with chi = {ocv.chi:g} > 2 the carrier "
                "separates into two phases, and without it their interface has no width"
            )
        if self.partial_molar_volume:
            swollen = 1.0 + self.partial_molar_volume.si * c_max
            if abs(swollen - ratio(1.0)) > 1e-3:
                yield (
                    f"storage.volume_ratio = {ratio(1.0):.5g} at x = 1 is not "
                    f"1 + partial_molar_volume * concentration_max = {swollen:.5g}"
                )


class _Properties(Strict):
    strength: _Pressure | None = None
    breaking_strain: _Strain | None = None
    toughness: _Energy | None = None
    fracture_toughness: Annotated[Number, number("Pa*m^0.5", gt=0.0)] | None = None
    adhesion: _Energy | None = None
    interlayer_shear: _Pressure | None = None
    sliding_efficiency: Annotated[Number, number("", gt=0.0, le=1.0)] | None = None

    def given(self) -> dict[str, Number]:
        values = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: value for name, value in values if value is not None}


def _one_of(key: str, choices: Mapping[str, type[Strict]]) -> PlainValidator:
    """Return the validator that reads a table as the choice that its ``key`` names."""

    def read(raw: object) -> Strict:
        name = raw.get(key) if isinstance(raw, Mapping) else None
        if name not in choices:
            raise ValueError(f"needs {key} = one of {', '.join(choices)}")
        return choices[str(name)].model_validate(raw)

    return PlainValidator(read)


class _Material(Strict):
    title: str
    kind: Literal["host", "carbon", "metal", "polymer", "ceramic"]
    density: Annotated[Number, number("kg/m^3", gt=0.0)] | None = None
    elastic: Annotated[
        _NeoHookean | _ArrudaBoyce,
        _one_of("law", _ELASTIC),
    ]
    plastic: (
        Annotated[
            _RateIndependent,
            _one_of("flow", _PLASTIC),
        ]
        | None
    ) = None
    viscous: _Viscous | None = None
    healing: _Healing | None = None
    storage: _Storage | None = None
    properties: _Properties = _Properties()

    def card(self, name: str) -> Material:
        return Material(
            name=name,
            title=self.title,
            kind=self.kind,
            elastic=self.elastic.law_in_si(),
            plastic=self.plastic.law_in_si() if self.plastic else None,
            branches=tuple(each.branch_in_si() for each in self.viscous.branches)
            if self.viscous
            else (),
            healing=self.healing.healing_in_si() if self.healing else None,
            storage=self.storage.storage_in_si() if self.storage else None,
            density=self.density.si if self.density else None,
            properties=self.properties.given(),
            sources=dict(_numbers(self)),
        )

    def contradictions(self) -> Iterator[str]:
        if self.healing and not self.viscous:
            yield "[healing] is of the branches in [viscous], and there are none; add one"
        if self.storage is None:
            return
        if self.density is None:
            yield "density is missing; a material that stores the carrier needs it"
        else:
            yield from self.storage.contradictions(self.density)


#: What the flow laws of SEI recipes take.
FILM_FLOWS = {
    "rate-independent": ("yield_stress",),
    "perzyna": ("yield_stress", "viscosity"),
    "garofalo": ("rate", "reference_stress"),
}


class _Sei(Strict):
    title: str
    carriers: tuple[Carrier, ...]
    young: _Pressure
    poisson: Annotated[Number, number("", ge=0.0, lt=0.5)]
    yield_strain: _Strain
    fracture_strain: _Strain
    flow: Literal["rate-independent", "perzyna", "garofalo"] = "rate-independent"
    yield_stress: _Pressure | None = None
    viscosity: Annotated[Number, number("Pa*s", gt=0.0)] | None = None
    rate: Annotated[Number, number("1/s", gt=0.0)] | None = None
    reference_stress: _Pressure | None = None
    thickness: Annotated[Number, number("m", gt=0.0)]
    formation_strain: Annotated[Number, number("", gt=-0.5, lt=0.5)] | None = None
    toughness: _Energy
    adhesion: _Energy | None = None
    growth: Annotated[Number, number("m^2/s", ge=0.0)] | None = None

    def card(self, name: str) -> Sei:
        return Sei(
            name=name,
            title=self.title,
            carriers=self.carriers,
            young=self.young.si,
            poisson=self.poisson.si,
            yield_strain=self.yield_strain.si,
            fracture_strain=self.fracture_strain.si,
            flow=self.flow,
            yield_stress=self.yield_stress.si if self.yield_stress else 0.0,
            viscosity=self.viscosity.si if self.viscosity else 0.0,
            rate=self.rate.si if self.rate else 0.0,
            reference_stress=self.reference_stress.si if self.reference_stress else 0.0,
            thickness=self.thickness.si,
            formation_strain=self.formation_strain.si if self.formation_strain else 0.0,
            toughness=self.toughness.si,
            adhesion=self.adhesion.si if self.adhesion else None,
            growth=self.growth.si if self.growth else None,
            young_range=self.young.range,
            sources=dict(_numbers(self)),
        )

    def contradictions(self) -> Iterator[str]:
        if self.fracture_strain.si < self.yield_strain.si:
            yield "fracture_strain is below yield_strain; a film yields before it breaks"
        needed = FILM_FLOWS[self.flow]
        for name in dict.fromkeys(name for names in FILM_FLOWS.values() for name in names):
            given = getattr(self, name) is not None
            if given != (name in needed):
                yield (
                    f"{name} {'is of no use' if given else 'is missing'}: flow = '{self.flow}' "
                    f"takes {' and '.join(needed)}"
                )

    def computed(self) -> _Sei:
        """Return the card with the yield stress that follows from its other numbers."""
        given = self.yield_stress
        if given is None or (given.tag, given.source) != ("computed", _YIELD_STRESS):
            return self
        stress = self.young.si * self.yield_strain.si
        shown = f"{stress / units.factor(given.unit, 'Pa'):g}"
        told = replace(given, si=stress, value=shown)
        return self.model_copy(update={"yield_stress": told})


_YIELD_STRESS = "young * yield_strain"
_Schema = TypeVar("_Schema", _Material, _Sei)


def _numbers(table: Strict, prefix: str = "") -> Iterator[tuple[str, Quantity[Any]]]:
    for name in type(table).model_fields:
        value = getattr(table, name)
        if isinstance(value, Quantity):
            yield prefix + name, value
        elif isinstance(value, Strict):
            yield from _numbers(value, f"{prefix}{name}.")
        elif isinstance(value, tuple):
            for place, item in enumerate(value, start=1):
                if isinstance(item, Strict):
                    yield from _numbers(item, f"{prefix}{name}.{place}.")


def material(
    name: str, *, near: Path | None = None, changes: Mapping[str, object] | None = None
) -> Material:
    """Return a material card by name, or by path if ``name`` ends in ".toml".

    Args:
        name: Name of a card, or a path relative to ``near``.
        near: Folder of the case file.
        changes: Dotted key of a number of the card -> what it is instead, with its unit.

    Raises:
        InputError: There is no such card, or it cannot be used; lists everything wrong with it.
    """
    path = _path("materials", name, near)
    card = _read(path, _Material)
    return (_changed(card, read_toml(path), changes) if changes else card).card(path.stem)


def sei(name: str, *, near: Path | None = None, changes: Mapping[str, object] | None = None) -> Sei:
    """Return an SEI recipe; arguments and errors as for `material`.

    A yield stress that the card computes from Young's modulus and the yield strain follows them.
    """
    path = _path("sei", name, near)
    card = _read(path, _Sei)
    if changes:
        card = _changed(card, read_toml(path), changes)
        card = card if "yield_stress" in changes else card.computed()
    return card.card(path.stem)


def paths(kind: Kind) -> dict[str, Path]:
    """Return the file of every card that can be named, sorted by name."""
    packages = [registry.module_folder(module) for module in registry.installed(GROUP).values()]
    shipped = Path(__file__).parent / "parameters"
    found: dict[str, Path] = {}
    for folder in (*registry.user_folders(), *packages, shipped):
        for path in sorted((folder / kind).glob("*.toml")):
            found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def references() -> dict[str, str]:
    """Return what the keys at the start of a card's sources stand for."""
    table = read_toml(Path(__file__).parent / "parameters" / "references.toml")
    return {key: str(text) for key, text in table.items()}


def _path(kind: Kind, name: str, near: Path | None) -> Path:
    if name.endswith(".toml"):
        return (near or Path()) / name
    known = paths(kind)
    if name not in known:
        what = "material" if kind == "materials" else "SEI recipe"
        raise InputError(f"there is no {what} card '{name}'.{registry.suggest(name, known)}")
    return known[name]


def _changed(card: _Schema, raw: dict[str, Any], changes: Mapping[str, object]) -> _Schema:
    """Return a card with other numbers; ``raw`` is its file, and is changed too."""
    numbers, told = dict(_numbers(card)), []
    constant = {key for key, number in numbers.items() if isinstance(number.si, float | Constant)}
    for key, value in changes.items():
        if key not in numbers:
            told.append(f"{key}: {unknown_key(key, numbers)}")
            continue
        if key not in constant:
            told.append(f"{key}: depends on x ({numbers[key]}); change it in a copy of the card.")
            continue
        *parents, last = key.split(".")
        table: Any = raw
        for part in parents:
            table = table[int(part) - 1] if isinstance(table, list) else table[part]
        try:
            table[last]["value"] = units.read(value, numbers[key].unit)
        except ValueError as error:
            told.append(f"{key} = {value!r}: {error}.")
        table[last] |= {"tag": "assumed", "source": f"set by the case (card: {numbers[key]})"}
    if told:
        raise InputError("\n".join(told))
    try:
        card = type(card).model_validate(raw)
    except ValidationError as error:
        raise InputError("\n".join(problems(error, raw))) from error
    if found := list(card.contradictions()):
        raise InputError("\n".join(f"{sentence}." for sentence in found))
    return card


def _read(path: Path, schema: type[_Schema]) -> _Schema:
    raw = read_toml(path)
    try:
        card = schema.model_validate(raw)
    except ValidationError as error:
        raise report(path, problems(error, raw)) from error
    if found := list(card.contradictions()):
        raise report(path, (f"{sentence}." for sentence in found))
    return card

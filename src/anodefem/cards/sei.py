"""SEI recipes: an elastic-plastic film on a surface, in SI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

from anodefem import units
from anodefem.cards.growth import Growth
from anodefem.cards.laws import records
from anodefem.cards.material import Carrier
from anodefem.cards.quantities import Quantity
from anodefem.cards.records import Choice, Number
from anodefem.validation import Strict

#: What the flow rules of SEI recipes take.
FILM_FLOWS = {
    "rate-independent": ("yield_stress",),
    "perzyna": ("yield_stress", "viscosity"),
    "garofalo": ("rate", "reference_stress"),
}

#: Yield stress of a film that is stretched by its yield strain in one direction, and in both.
_UNIAXIAL = "young * yield_strain"
_BIAXIAL = "young * yield_strain / (1 - poisson)"
_Table = TypeVar("_Table", bound=Strict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sei:
    """Recipe of a solid electrolyte interphase: an elastic-plastic film on a surface.

    Attributes:
        name: Name of the card.
        title: Electrolyte and main components.
        carriers: Elements whose cells the recipe was made for.
        young: Young's modulus [Pa]; `young_range` holds its log-uniform band.
        poisson: Poisson's ratio.
        yield_strain: Strain at the elastic limit, in the state of stress that the yield stress is
            computed for: tension in one direction, or in both (see `computed`).
        fracture_strain: Strain at which the film breaks.
        flow: "rate-independent", "perzyna" for the equivalent plastic strain rate
            ``<stress - yield_stress> / viscosity``, or "garofalo" for the rate
            ``rate * sinh(stress / reference_stress)``.
        yield_stress: Uniaxial stress at which flow starts [Pa]; 0 for "garofalo".
        viscosity: [Pa s]; 0 unless "perzyna".
        rate: [1/s]; 0 unless "garofalo".
        reference_stress: [Pa]; 0 unless "garofalo".
        thickness: Thickness at formation [m].
        formation_strain: Stretch beyond the surface's with which the film forms, minus one;
            positive puts it under compression.
        toughness: Fracture energy [J/m^2].
        adhesion: Energy to peel the film off [J/m^2], or ``None`` if nobody said.
        shear_strength: Shear traction at which it slides on its surface [Pa], where a case lets it
            slide; ``None`` if nobody said.
        fragment_length: Size of the pieces that slide [m]; likewise.
        growth: Numbers of the law by which it grows, or ``None`` if nobody said.
        sources: Every number of the card with its source, by dotted key.
    """

    name: str = field(metadata={"card": False})
    title: str
    carriers: tuple[Carrier, ...]
    young: Annotated[float, Number("Pa", gt=0.0)]
    poisson: Annotated[float, Number(ge=0.0, lt=0.5)]
    yield_strain: Annotated[float, Number(gt=0.0)]
    fracture_strain: Annotated[float, Number(gt=0.0)]
    flow: Literal["rate-independent", "perzyna", "garofalo"] = "rate-independent"
    yield_stress: Annotated[float, Number("Pa", gt=0.0)] = 0.0
    viscosity: Annotated[float, Number("Pa*s", gt=0.0)] = 0.0
    rate: Annotated[float, Number("1/s", gt=0.0)] = 0.0
    reference_stress: Annotated[float, Number("Pa", gt=0.0)] = 0.0
    thickness: Annotated[float, Number("m", gt=0.0)]
    formation_strain: Annotated[float, Number(gt=-0.5, lt=0.5)] = 0.0
    toughness: Annotated[float, Number("J/m^2", gt=0.0)]
    adhesion: Annotated[float | None, Number("J/m^2", gt=0.0)] = None
    shear_strength: Annotated[float | None, Number("Pa", gt=0.0)] = None
    fragment_length: Annotated[float | None, Number("m", gt=0.0)] = None
    growth: Annotated[Growth | None, Choice("law", partial(records, "growth"))] = None
    sources: Mapping[str, Quantity[Any]] = field(metadata={"card": False})

    @property
    def young_range(self) -> tuple[float, float] | None:
        """Band of Young's modulus [Pa], or ``None``."""
        return self.sources["young"].range

    @property
    def elastic_limit(self) -> float:
        """Von Mises' stress at which the film yields [Pa].

        Its yield stress, or E times its yield strain for "garofalo", which creeps at every stress.
        """
        return self.yield_stress or self.young * self.yield_strain

    @property
    def yield_stretch(self) -> float:
        """Strain (1 - nu) elastic_limit / E at which it yields on a surface that swells evenly."""
        return (1.0 - self.poisson) * self.elastic_limit / self.young

    @property
    def elastic_energy_max(self) -> float:
        """U_max = E e_y^2 / 2 [J/m^3]: largest energy of elastic deformation (Gao et al. 2021)."""
        return 0.5 * self.young * self.yield_strain**2

    def numbers(self) -> Iterator[tuple[str, Quantity[Any]]]:
        """Yield every number of the card with its dotted key."""
        yield from self.sources.items()

    def contradictions(self) -> Iterator[str]:
        """Yield a sentence for everything that does not go together."""
        if self.fracture_strain < self.yield_strain:
            yield "fracture_strain is below yield_strain; a film yields before it breaks"
        if (self.shear_strength is None) != (self.fragment_length is None):
            yield "shear_strength and fragment_length go together; pieces of a size slide"
        needed = FILM_FLOWS[self.flow]
        for name in dict.fromkeys(name for names in FILM_FLOWS.values() for name in names):
            given = name in self.sources
            if given != (name in needed):
                yield (
                    f"{name} {'is of no use' if given else 'is missing'}: flow = '{self.flow}' "
                    f"takes {' and '.join(needed)}"
                )


def computed(table: _Table) -> _Table:
    """Return the table of a recipe with the yield stress that follows from its other numbers."""
    numbers: Any = table
    given = numbers.yield_stress
    if given is None or given.tag != "computed" or given.source not in (_UNIAXIAL, _BIAXIAL):
        return table
    stress = numbers.young.si * numbers.yield_strain.si
    if given.source == _BIAXIAL:
        stress /= 1.0 - numbers.poisson.si
    shown = f"{stress / units.factor(given.unit, 'Pa'):g}"
    return table.model_copy(update={"yield_stress": replace(given, si=stress, value=shown)})

"""Cards: materials and SEI recipes as data, in SI, every number with its source.

A card is a TOML file. Each number in it is a table ``{value, unit, source, tag}`` with an optional
``range`` and ``note``; a function of the fraction x has a ``form`` instead of a ``value`` (see
`anodefem.cards.curves`). The tag says how far to trust the number:

    source                 read in the source that is named
    review                 read in one of the two reviews that define the systems
    computed               follows from other numbers by the formula given as the source
    literature-unchecked   a common literature value, not yet checked against its source
    assumed                no source: there so that a run is possible
"""

from anodefem.cards.cathode import Cathode
from anodefem.cards.constants import FARADAY
from anodefem.cards.elastic import ArrudaBoyce, Hencky, NeoHookean
from anodefem.cards.laws import Law, laws
from anodefem.cards.material import (
    Branch,
    Carrier,
    Healing,
    Material,
    Storage,
    Viscous,
)
from anodefem.cards.plastic import Overstress, Perzyna, PowerLaw, RateIndependent
from anodefem.cards.quantities import Ideal, Quantity, Regular
from anodefem.cards.reading import cathode, material, paths, references, sei
from anodefem.cards.records import Function, Number
from anodefem.cards.sei import FILM_FLOWS, Sei

__all__ = [
    "FARADAY",
    "FILM_FLOWS",
    "ArrudaBoyce",
    "Branch",
    "Carrier",
    "Cathode",
    "Function",
    "Healing",
    "Hencky",
    "Ideal",
    "Law",
    "Material",
    "NeoHookean",
    "Number",
    "Overstress",
    "Perzyna",
    "PowerLaw",
    "Quantity",
    "RateIndependent",
    "Regular",
    "Sei",
    "Storage",
    "Viscous",
    "cathode",
    "laws",
    "material",
    "paths",
    "references",
    "sei",
]

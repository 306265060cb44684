"""Charging protocols: sentences such as "lithiate at C/10 until 5 mV", and what they mean.

    sentence = ("lithiate" | "delithiate") "at" (rate | power) ends
             | "hold" "at" voltage ends
             | "rest" ["for"] time
    ends     = end {"or" end}
    end      = "for" time | ["until"] (soc | voltage | rate | capacity)
    rate     = "C/10" | "0.5C" | current per mass of host or per area, such as "50 mA/g"
    soc      = "soc = 0.9" | "soc = 90 %"

"Lithiate" means inserting the species that the materials store; "sodiate" and "potassiate" may
stand for it, with the same meaning, where that species is sodium or potassium. At 1C the charge
between soc 0 and soc 1 flows in one hour. Steps may stand in tables that repeat them
(`anodefem.protocols.program`).
"""

from anodefem.protocols.checks import check
from anodefem.protocols.estimate import Estimate, estimate
from anodefem.protocols.program import Entry, Repeat, expand, read, written
from anodefem.protocols.sentences import parse
from anodefem.protocols.step import ENTRY_POINTS, Kind, Loading, Step
from anodefem.protocols.words import EXAMPLES, FORMS

__all__ = [
    "ENTRY_POINTS",
    "EXAMPLES",
    "FORMS",
    "Entry",
    "Estimate",
    "Kind",
    "Loading",
    "Repeat",
    "Step",
    "check",
    "estimate",
    "expand",
    "parse",
    "read",
    "written",
]

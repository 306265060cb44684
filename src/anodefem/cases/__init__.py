"""Cases: what a case file says, one module a section, read and checked."""

from anodefem.cases.case import CheckedCase
from anodefem.cases.fracture import Flaw, FractureChoice, RandomFlaws
from anodefem.cases.geometry import GeometryChoice
from anodefem.cases.interfaces import InterfaceChoice
from anodefem.cases.materials import Frame, MaterialChoice, Transport
from anodefem.cases.output import Output
from anodefem.cases.protocol import Protocol
from anodefem.cases.reading import load, override, read
from anodefem.cases.sei import SeiChoice
from anodefem.cases.solver import Solver

__all__ = [
    "CheckedCase",
    "Flaw",
    "FractureChoice",
    "Frame",
    "GeometryChoice",
    "InterfaceChoice",
    "MaterialChoice",
    "Output",
    "Protocol",
    "RandomFlaws",
    "SeiChoice",
    "Solver",
    "Transport",
    "load",
    "override",
    "read",
]

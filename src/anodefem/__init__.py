"""Finite elements for alloy battery anodes: from a case file to a comparison of architectures.

    from anodefem import Case, Comparison, Result

    result = Case.from_file("runs/bare-particle/run.toml").run("out/bare")
    result.metrics["sei_strain_max"].max()

Importing a name from here imports what it needs, and no more: the solver only when a case is run.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from anodefem.errors import AnodefemError, ConvergenceError, InputError

if TYPE_CHECKING:
    from anodefem.workbench.case import Case
    from anodefem.workbench.comparison import Comparison
    from anodefem.workbench.mesh import Mesh
    from anodefem.workbench.result import Result

__version__ = "0.1.0"

__all__ = [
    "AnodefemError",
    "Case",
    "Comparison",
    "ConvergenceError",
    "InputError",
    "Mesh",
    "Result",
]

#: Module of every public class that is imported when it is asked for.
_PUBLIC = {
    "Case": "anodefem.workbench.case",
    "Comparison": "anodefem.workbench.comparison",
    "Mesh": "anodefem.workbench.mesh",
    "Result": "anodefem.workbench.result",
}


def __getattr__(name: str) -> Any:
    """Import a public class at its first use."""
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'anodefem' has no attribute '{name}'")


def __dir__() -> list[str]:
    """Return public names, for completion."""
    return [*__all__, "__version__"]

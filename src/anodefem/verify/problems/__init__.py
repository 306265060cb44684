"""The problems, one module a topic; importing `load` and calling it registers all of them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from anodefem.verify.problem import GROUPS, PROBLEMS, Problem


def load() -> Mapping[str, Problem]:
    """Return every problem by id, chapter by chapter."""
    for module in sorted(found.name for found in pkgutil.iter_modules(__path__)):
        importlib.import_module(f"{__name__}.{module}")
    ordered = sorted(PROBLEMS.values(), key=lambda problem: GROUPS.index(problem.group))
    return {problem.id: problem for problem in ordered}

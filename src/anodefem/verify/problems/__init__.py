"""The problems, one folder a chapter; importing `load` and calling it registers all of them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from anodefem.verify.problem import GROUPS, PROBLEMS, Problem


def load() -> Mapping[str, Problem]:
    """Return every problem by id, chapter by chapter."""
    found = pkgutil.walk_packages(__path__, f"{__name__}.")
    for module in sorted(each.name for each in found):
        importlib.import_module(module)
    ordered = sorted(PROBLEMS.values(), key=lambda problem: GROUPS.index(problem.group))
    return {problem.id: problem for problem in ordered}

"""Error bars of a run, as `anodefem converge` found them for the same case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import inf
from typing import Any

import numpy as np

from anodefem.compare.load import Run
from anodefem.errors import InputError

#: What `anodefem converge` writes, and `anodefem run` takes along from beside the case file.
FILE = "convergence.json"
MEANING = (
    'What stands behind "±" bounds the discretisation error, as `anodefem converge` estimates it '
    "from three meshes and three lengths of steps; it says nothing about parameters and laws."
)
#: Parts of a case that its errors depend on; title and output are not among them.
MODELLED = ("geometry", "materials", "sei", "protocol", "solver", "cards")


def same_case(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two resolved cases are solved alike."""
    return all(one.get(section) == other.get(section) for section in MODELLED)


def errors(run: Run) -> dict[str, float]:
    """Return the discretisation error of each metric of the table that was studied.

    Returns:
        Name of a summary metric, or "name at soc 0.900" (`key`) -> error in the metric's
        unit; infinite where the metric does not converge. Empty if nothing was studied, or another
        case was.

    Raises:
        InputError: The file beside the run cannot be read.
    """
    path = run.folder / FILE
    if not path.is_file():
        return {}
    try:
        study = json.loads(path.read_text(encoding="utf-8"))
        alike = study["status"] == "completed" and same_case(study["case"], run.info["case"])
        rows = [
            (str(row["name"]), row["soc"], inf if row["error"] is None else float(row["error"]))
            for row in study.get("metrics", ())
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: cannot be read ({error!r}); remove it, or run 'anodefem converge' again"
        ) from error
    return {key(name, soc): error for name, soc, error in rows} if alike else {}


def key(name: str, soc: float | None) -> str:
    """Return how `errors` calls a metric, of the whole run or at a state of charge."""
    return name if soc is None else f"{name} at soc {soc:.3f}"


def column(of: str) -> str:
    """Return the column of errors that belongs to a column "name [unit]" of the table."""
    name, bracket, unit = of.partition(" [")
    return f"{name} error{bracket}{unit}"


def text(value: str, error: float) -> str:
    """Return a value with its error bar; the value alone where the error is not known."""
    if not value or np.isnan(error):
        return value
    return f"{value} (does not converge)" if np.isinf(error) else f"{value} ± {error:.2g}"

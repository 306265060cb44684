"""Discretisation errors of the numbers of a row, as they are kept beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import inf

from anodefem.catalogue.row import Row
from anodefem.errors import InputError

#: What is kept beside ``row.toml``.
FILE = "errors.json"


def known(row: Row) -> Mapping[str, tuple[float, float]]:
    """Return what is kept beside a row.

    Args:
        row: The row.

    Returns:
        Quantity -> its number and the error of that, infinite if there is no limit.

    Raises:
        InputError: The file cannot be read.
    """
    path = row.folder / FILE
    if not path.is_file():
        return {}
    try:
        numbers = json.loads(path.read_text(encoding="utf-8"))["numbers"]
        return {
            str(item["quantity"]): (
                float(item["value"]),
                inf if item["error"] is None else float(item["error"]),
            )
            for item in numbers
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: cannot be read ({error!r}); remove it, or run 'anodefem catalogue --errors' "
            "again."
        ) from error

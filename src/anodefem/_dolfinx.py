"""The only module that looks at the version of dolfinx.

Supported: 0.9, 0.10 and 0.11. What differs and is used here: points of an element, and nothing
else; meshes come from XDMF, matrices are made block by block.
"""

from __future__ import annotations

from typing import Any

import dolfinx
import numpy as np
import numpy.typing as npt

from anodefem.errors import InputError

SUPPORTED = ((0, 9), (0, 12))
VERSION = tuple(int(part) for part in dolfinx.__version__.split(".")[:2])


def require_supported_version() -> None:
    """Refuse a dolfinx outside the tested range.

    Raises:
        InputError: The version is older or newer than `SUPPORTED`.
    """
    low, high = SUPPORTED
    if not low <= VERSION < high:
        raise InputError(
            f"dolfinx {dolfinx.__version__} is not supported; anodefem is tested with >= "
            f"{low[0]}.{low[1]}, < {high[0]}.{high[1]}. Use container/run, or install one of these."
        )


def element_points(space: Any) -> npt.NDArray[np.float64]:
    """Reference coordinates at which a function of ``space`` is interpolated, shape (n, tdim)."""
    points = space.element.interpolation_points
    return points() if VERSION < (0, 10) else points

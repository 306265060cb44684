"""Expressions evaluated at points of cells, and the cell-wise history that follows from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem._dolfinx import element_points
from anodefem.compilation import compile_expression
from anodefem.fem.updates import Update


class PointValues:
    """An expression evaluated at the interpolation points of cells of one or more regions.

    Attributes:
        values: The function that holds the result.
    """

    def __init__(self, space: Any) -> None:
        """Make an empty target in ``space``."""
        self.values = fem.Function(space)
        self._parts: list[tuple[Any, npt.NDArray[np.int32]]] = []

    def add(self, expression: Expr, cells: npt.NDArray[np.int32]) -> None:
        """Evaluate an expression on some cells, too; compiles.

        Args:
            expression: UFL, of the shape of the space's values.
            cells: Local numbers of cells.
        """
        points = element_points(self.values.function_space)
        compiled = compile_expression(expression, points)
        self._parts.append((compiled, cells))

    def evaluate(self) -> fem.Function:
        """Evaluate every part and return the target; no communication."""
        for expression, cells in self._parts:
            self.values.interpolate(expression, cells0=cells)
        return self.values


class PointHistory(Update):
    """A memory at the quadrature points of a region, with its value at the end of a step."""

    def __init__(self, field: fem.Function, end: Expr, cells: npt.NDArray[np.int32]) -> None:
        """Compile the update; does not change the field.

        Args:
            field: The memory; its value at the start of the step.
            end: Its value at the end of the step, as UFL.
            cells: Cells of the region, ghosts included.
        """
        self._field, self._end = field, PointValues(field.function_space)
        self._end.add(end, cells)
        self._blocks = field.function_space.dofmap.list[cells].ravel()

    def evaluate(self) -> None:
        """Find the values at the end of the step; no communication."""
        self._end.evaluate()

    def store(self) -> None:
        """Make them those of the start of the next step; no communication."""
        size = self._field.function_space.dofmap.index_map_bs
        rows, end = (field.x.array.reshape(-1, size) for field in (self._field, self._end.values))
        rows[self._blocks] = end[self._blocks]

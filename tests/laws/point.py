"""UFL expressions evaluated at points: no mesh, no form compiler, no dolfinx.

A law is written once with symbols, and the expression turned into straight-line numpy code in
which equal subexpressions are computed once. Points are leading axes of the arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import basix.ufl
import numpy as np
import numpy.typing as npt
import ufl
from ufl.algorithms import expand_derivatives
from ufl.core.expr import Expr

Array = npt.NDArray[Any]

_FUNCTIONS = {"Sqrt": "np.sqrt", "Ln": "np.log", "Exp": "np.exp", "Abs": "np.abs"}
_FUNCTIONS |= {"Sinh": "np.sinh", "Cosh": "np.cosh"}
_OPERATORS = {
    "Sum": "({} + {})",
    "Product": "({} * {})",
    "Division": "({} / {})",
    "Power": "({} ** {})",
    "MaxValue": "np.maximum({}, {})",
    "MinValue": "np.minimum({}, {})",
    "Conditional": "np.where({}, {}, {})",
    "LT": "({} < {})",
    "GT": "({} > {})",
}


def domain(dimension: int = 3) -> ufl.Mesh:
    """Symbolic mesh, which exists only because UFL's symbols want one."""
    cell = {2: "triangle", 3: "tetrahedron"}[dimension]
    return ufl.Mesh(basix.ufl.element("Lagrange", cell, 1, shape=(dimension,)))


_DOMAIN = domain()


def symbol(*shape: int) -> ufl.Constant:
    """New symbol of a shape, to be passed to `compiled`."""
    return ufl.Constant(_DOMAIN, shape=shape)


def compiled(expression: Expr, *symbols: Expr) -> Callable[..., Array]:
    """Turn an expression into a function of its symbols.

    Args:
        expression: Any shape, no free indices; derivatives are allowed.
        symbols: Constants or spatial coordinates, in the order of the function's arguments.

    Returns:
        Function of one array per symbol, shape (points..., *symbol), to shape
        (points..., *expression). Symbols may have different numbers of leading axes.
    """
    writer = _Writer(symbols)
    expanded = expand_derivatives(ufl.as_ufl(expression))
    shape = expanded.ufl_shape
    results = [writer.write(expanded, component, {}) for component in product(*map(range, shape))]
    arguments = ", ".join(f"a{i}" for i in range(len(symbols)))
    body = "\n ".join([*writer.lines, f"return [{', '.join(results)}]"])
    scope: dict[str, Any] = {"np": np}
    exec(f"def function({arguments}):\n {body}", scope)

    def function(*values: npt.ArrayLike) -> Array:
        # a conditional evaluates both of its sides
        with np.errstate(all="ignore"):
            parts = scope["function"](*(np.asarray(value, dtype=float) for value in values))
        stacked = np.stack(np.broadcast_arrays(*parts), axis=-1)
        return stacked.reshape(stacked.shape[:-1] + shape)

    return function


class _Writer:
    """Writes assignments for the scalar components of an expression."""

    def __init__(self, symbols: tuple[Expr, ...]) -> None:
        self._symbols = {each: f"a{i}" for i, each in enumerate(symbols)}
        self._names: dict[str, str] = {}
        self._known: dict[Any, str] = {}
        self.lines: list[str] = []

    def write(self, node: Expr, component: tuple[int, ...], bound: dict[int, int]) -> str:
        """Return the name or number that holds a component of a node.

        Args:
            node: Any node of the expression.
            component: Of the tensor.
            bound: Values of free indices by their number.
        """
        free = tuple(bound[i] for i in node.ufl_free_indices)
        key = (node, component, free)
        if key not in self._known:
            self._known[key] = self._write(node, component, bound)
        return self._known[key]

    def _write(self, node: Expr, component: tuple[int, ...], bound: dict[int, int]) -> str:
        kind, operands = type(node).__name__, node.ufl_operands
        if node in self._symbols:
            return f"{self._symbols[node]}[{', '.join(['...', *map(str, component)])}]"
        if kind == "Identity":
            return repr(float(component[0] == component[1]))
        if kind == "Zero":
            return "0.0"
        if isinstance(node, ufl.classes.ScalarValue):
            return repr(float(node))
        if kind in ("Variable", "Conj"):  # numbers are real
            return self.write(operands[0], component, bound)
        if kind == "ListTensor":
            return self.write(operands[component[0]], component[1:], bound)
        if kind == "Indexed":
            tensor, indices = operands
            fixed = tuple(_value(index, bound) for index in indices)
            return self.write(tensor, fixed, bound)
        if kind == "ComponentTensor":
            inner, indices = operands
            more = {index.count(): i for index, i in zip(indices, component, strict=True)}
            return self.write(inner, (), bound | more)
        if kind == "IndexSum":
            summand, (index,) = operands
            terms = [
                self.write(summand, component, bound | {index.count(): i})
                for i in range(node.dimension())
            ]
            return self._assign(" + ".join(terms))
        if kind in _FUNCTIONS:
            return self._assign(f"{_FUNCTIONS[kind]}({self.write(operands[0], (), bound)})")
        if kind in _OPERATORS:
            # only sums and conditionals have components, and the condition of these has none
            values = [
                self.write(each, component if each.ufl_shape else (), bound) for each in operands
            ]
            return self._assign(_OPERATORS[kind].format(*values))
        raise NotImplementedError(f"{kind}: {node}")

    def _assign(self, text: str) -> str:
        if text not in self._names:
            self._names[text] = f"t{len(self._names)}"
            self.lines.append(f"{self._names[text]} = {text}")
        return self._names[text]


def _value(index: Any, bound: dict[int, int]) -> int:
    return int(index) if isinstance(index, ufl.core.multiindex.FixedIndex) else bound[index.count()]


def numerical_derivative(
    function: Callable[[Array], Array], at: Array, *, rank: int, step: float = 1e-3
) -> Array:
    """Derivative by fourth-order differences, accurate to about 1e-12 of smooth functions.

    Args:
        function: From shape (points..., *argument) to shape (points..., *value).
        at: Argument, whose last ``rank`` axes are differentiated.
        rank: Rank of the argument; 0 for scalars.
        step: Step.

    Returns:
        Shape (points..., *value, *argument).
    """
    shape = at.shape[at.ndim - rank :]
    columns = []
    for component in product(*map(range, shape)):
        direction = np.zeros(shape)
        direction[component] = step
        near = function(at + direction) - function(at - direction)
        far = function(at + 2 * direction) - function(at - 2 * direction)
        columns.append((8 * near - far) / (12 * step))
    stacked = np.stack(columns, axis=-1)
    return stacked.reshape(stacked.shape[:-1] + shape)

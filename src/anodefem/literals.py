"""Numbers of a form as arguments of its kernel: forms that differ in numbers share one kernel.

Laws compute with plain floats: moduli, volumes, coefficients of curves. UFL keeps them as literals,
and a kernel would have them inside. Here every literal becomes a `dolfinx.fem.Constant` just before
a form is compiled; what is left is the structure of the form, under which its kernel is kept.
Numbers that are equal become one constant. What UFL counts in a process (constants, labels of
variables) is counted anew in every form, so that its key does not depend on what was made before.

These stay, as structure or speed depend on them: 0, 1 and -1 (UFL simplifies with them), integers,
and exponents without a fractional part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from ufl import classes
from ufl.core.expr import Expr
from ufl.corealg.traversal import unique_post_traversal
from ufl.domain import extract_unique_domain

#: UFL sorts constants by the digits of their numbers: all get as many, whatever was made before.
FIRST = 10**9
#: Operators whose operands UFL sorts, by the values of literals too.
SORTED = (classes.Sum, classes.Product, classes.Inner)


class _Numbered(ufl.Constant):
    """A constant of dolfinx under a number that decides its place in sums and products."""

    def __init__(self, domain: Any, original: fem.Constant, number: int) -> None:
        super().__init__(domain, original.ufl_shape, count=FIRST + number)
        self._cpp_object = original._cpp_object


def form_without(form: ufl.Form) -> ufl.Form:
    """Return a form of the same value whose numbers are constants.

    Args:
        form: Real, on one mesh.
    """
    integrals = form.integrals()
    integrands = [integral.integrand() for integral in integrals]
    changed = _without(integrands, form.ufl_domain())
    return ufl.Form([a.reconstruct(integrand=b) for a, b in zip(integrals, changed, strict=True)])


def expression_without(expression: Expr) -> Expr:
    """Return an expression of the same value whose numbers are constants.

    Args:
        expression: Real, on one mesh.
    """
    return _without([expression], extract_unique_domain(expression))[0]


def _without(expressions: list[Expr], domain: Any) -> list[Expr]:
    visited: set[Expr] = set()
    nodes = [each for root in expressions for each in unique_post_traversal(root, visited)]
    constants = [each for each in nodes if isinstance(each, ufl.Constant)]
    constants.sort(key=lambda constant: constant.count())
    new: dict[Expr, Expr] = {each: _Numbered(domain, each, i) for i, each in enumerate(constants)}
    for number, each in enumerate(_found(expressions, _structures(nodes, constants))):
        if isinstance(each, classes.Label):
            new[each] = classes.Label(FIRST + number)
        else:
            value = fem.Constant(domain, np.float64(float(each)))
            new[each] = _Numbered(domain, value, len(constants) + number)
    for node in nodes:
        if node not in new:
            new[node] = _rebuilt(node, new)
    return [new[each] for each in expressions]


def _is_number(node: Expr) -> bool:
    return isinstance(node, classes.FloatValue) and abs(float(node)) != 1.0


def _numbers_apart(node: Expr) -> tuple[Expr, ...]:
    """Operands without an exponent that stays."""
    operands: tuple[Expr, ...] = node.ufl_operands
    if isinstance(node, classes.Power) and _is_number(operands[1]):
        return operands[:1] if float(operands[1]).is_integer() else operands
    return operands


def _rebuilt(node: Expr, new: Mapping[Expr, Expr]) -> Expr:
    """The node with new operands; ``conj``, by which UFL notes that it swapped two, is left out."""
    operands = node.ufl_operands
    changed = [new[each] for each in _numbers_apart(node)]
    changed += operands[len(changed) :]
    if isinstance(node, classes.Conj):
        return changed[0]
    if all(a is b for a, b in zip(operands, changed, strict=True)):
        return node
    made = node._ufl_expr_reconstruct_(*changed)
    return made.ufl_operands[0] if isinstance(made, classes.Conj) else made


def _found(roots: Iterable[Expr], structures: Mapping[Expr, bytes]) -> Iterator[Expr]:
    """Literals that become constants and labels of variables, in an order of structure alone.

    Args:
        roots: Expressions that hold them.
        structures: See `_structures`.
    """
    visited: set[Expr] = set()
    for root in roots:
        stack = [root]
        while stack:
            node = stack.pop()
            if node in visited:
                continue
            visited.add(node)
            if _is_number(node) or isinstance(node, classes.Label):
                yield node
            operands = _numbers_apart(node)
            if isinstance(node, SORTED):
                operands = tuple(sorted(operands, key=structures.__getitem__))
            stack += reversed(operands)


def _structures(nodes: Iterable[Expr], constants: list[Expr]) -> dict[Expr, bytes]:
    """A digest of every node that does not depend on literals, nor on what was made before.

    Args:
        nodes: Operands before what they are operands of.
        constants: Sorted by their numbers.
    """
    nodes = list(nodes)
    counted = [each for each in nodes if isinstance(each, classes.Coefficient)]
    counted.sort(key=lambda coefficient: coefficient.count())
    places = {each: str(i) for i, each in enumerate([*counted, *constants])}
    found: dict[Expr, bytes] = {}
    for node in nodes:
        digest = hashlib.sha1(type(node).__name__.encode(), usedforsecurity=False)
        if node.ufl_operands:
            parts = [found[each] for each in node.ufl_operands]
            if isinstance(node, classes.Conj):
                found[node] = parts[0]
                continue
            for part in sorted(parts) if isinstance(node, SORTED) else parts:
                digest.update(part)
        elif not _is_number(node):
            digest.update(_terminal(node, places).encode())
        found[node] = digest.digest()
    return found


def _terminal(node: Expr, places: Mapping[Expr, str]) -> str:
    if node in places:
        return places[node]
    if isinstance(node, classes.MultiIndex):
        return str([int(i) if isinstance(i, classes.FixedIndex) else "free" for i in node])
    if isinstance(node, classes.Argument):
        return str((node.number(), node.part()))
    return repr(node) if isinstance(node, classes.ConstantValue) else ""

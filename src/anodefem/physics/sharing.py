"""What hosts that touch hold at rest: one potential of all, and the fractions that belong to it.

At one and the same fraction, hosts of different voltage are far from equilibrium: what a first step
would move is the larger part of what is stored. A body at rest holds

    sum_i n_i x_i(mu) = soc sum_i n_i,   mu_i(x_i) = mu,

over hosts that touch each other, n_i the species in the full host i, without stress.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import basix.ufl
import ufl
from scipy.optimize import brentq
from ufl.algorithms import expand_derivatives
from ufl.utils.stacks import StackDict

from anodefem.laws.chemistry import CRITICAL, Potential, RegularSolution, potential, wall

#: Fractions with which a step may end: more is a failed step. Potentials are looked for between
#: them, too; at the ends they are `wall` beyond the curves.
FRACTION_BOUNDS = LEAST, MOST = -1e-3, 1.001
#: Potentials over R T that differ by less are one.
ALIKE = 1e-9
#: The fraction, as a symbol; it wants a mesh that nothing is done with.
_X = ufl.Constant(ufl.Mesh(basix.ufl.element("Lagrange", "interval", 1, shape=(1,))))


class Sharing:
    """Fractions of hosts over the state of charge."""

    def __init__(
        self,
        touching: Mapping[str, Sequence[str]],
        laws: Mapping[str, Potential],
        amounts: Mapping[str, float],
    ) -> None:
        """Find which hosts are in touch, directly or through others.

        Args:
            touching: Hosts by host that have a node in common with it.
            laws: Stress-free potential by host.
            amounts: Species in the full host, in any one unit, by host.
        """
        self._levels = {name: cache(_level(law)) for name, law in laws.items()}
        self._amounts = amounts
        self._known: dict[float, Mapping[str, float]] = {}
        self._groups = [
            group
            for group in _groups(touching)
            # where a phase separates, one potential belongs to several fractions
            if not any(_separates(laws[name]) for name in group)
        ]

    def fractions(self, soc: float) -> Mapping[str, float]:
        """Fraction of every host at a state of charge, which all have where none touches another.

        Args:
            soc: State of charge of each group of hosts in touch [-].
        """
        if soc not in self._known:
            found = dict.fromkeys(self._levels, soc)
            for group in self._groups if soc > 0.0 else ():
                found |= self._at_rest(group, soc)
            self._known[soc] = found
        return self._known[soc]

    def _at_rest(self, group: Sequence[str], soc: float) -> dict[str, float]:
        """Fractions of hosts in touch.

        Args:
            group: The hosts.
            soc: State of charge of all of them [-].
        """
        even = [self._levels[name](soc) for name in group]
        low, high = min(even), max(even)
        if high - low < ALIKE:
            return dict.fromkeys(group, soc)

        def shared(mu: float) -> dict[str, float]:
            return {name: _fraction(self._levels[name], mu) for name in group}

        def excess(mu: float) -> float:
            return sum(self._amounts[n] * (x - soc) for n, x in shared(mu).items())

        return shared(float(brentq(excess, low, high, xtol=ALIKE)))


def _level(law: Potential) -> Callable[[float], float]:
    """Return mu/(R T) over a fraction, as the equations of diffusion have it."""
    expression = expand_derivatives(potential(law, _X) + wall(_X))

    def level(x: float) -> float:
        return float(expression.evaluate(None, {_X: x}, (), StackDict()))

    return level


def _fraction(level: Callable[[float], float], mu: float) -> float:
    """Return the fraction at a potential.

    Args:
        level: Potential over the fraction, rising.
        mu: Potential over R T.
    """
    if mu <= level(LEAST):
        return LEAST
    if mu >= level(MOST):
        return MOST
    return float(brentq(lambda x: level(x) - mu, LEAST, MOST, xtol=1e-15))


def _separates(law: Potential) -> bool:
    return isinstance(law, RegularSolution) and law.interaction > CRITICAL


def _groups(touching: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """Hosts that are in touch, directly or through others; only groups of two or more."""
    left, found = dict(touching), []
    while left:
        group: list[str] = []
        waiting = [next(iter(left))]
        while waiting:
            name = waiting.pop()
            if name in left:
                group.append(name)
                waiting += left.pop(name)
        if len(group) > 1:
            found.append(tuple(sorted(group)))
    return found

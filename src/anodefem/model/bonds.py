"""Interfaces between regions that can come apart, as a jump of displacement on one side of them.

Regions are shared out in two groups such that every interface has one on either side. A region of
the first group moves with u, one of the second with u + g, where g (see `jump_degree`) is zero at
all nodes but those of interfaces. That spans what a mesh with doubled nodes would, on the mesh as
it is: no rank needs to know which nodes of others once were one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from anodefem.errors import InputError
from anodefem.laws.cohesive import Cohesive


@dataclass(frozen=True, slots=True)
class Bond:
    """An interface that can come apart.

    Attributes:
        name: As the case calls it.
        inside: Region whose outer normal is the interface's.
        outside: Region on the other side.
        law: What holds them together.
    """

    name: str
    inside: str
    outside: str
    law: Cohesive


def shifted(bonds: Iterable[Bond]) -> frozenset[str]:
    """Regions of the second group: those that move with u + g.

    Raises:
        InputError: Interfaces form a ring of an odd number of regions.
    """
    neighbours: dict[str, list[str]] = {}
    for bond in bonds:
        neighbours.setdefault(bond.inside, []).append(bond.outside)
        neighbours.setdefault(bond.outside, []).append(bond.inside)
    group: dict[str, bool] = {}
    for start in neighbours:
        group.setdefault(start, False)
        waiting = [start]
        while waiting:
            region = waiting.pop()
            for other in neighbours[region]:
                if other not in group:
                    group[other] = not group[region]
                    waiting.append(other)
                elif group[other] == group[region]:
                    raise InputError(
                        f"interfaces: an odd number of regions, '{region}' and '{other}' among "
                        "them, touch each other in a ring of interfaces that can all come apart; "
                        "let one of these interfaces be bonded."
                    )
    return frozenset(region for region, second in group.items() if second)

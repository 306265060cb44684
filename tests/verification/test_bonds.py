"""Which regions hold the jumps of their interfaces."""

from __future__ import annotations

import pytest

from anodefem.errors import InputError
from anodefem.laws.cohesive import Cohesive
from anodefem.physics.interfaces import Interface, enriched_side

LAW = Cohesive(1e4, 50.0, 50.0, 1.0, 1.0, 2.0, 1.0)


def bonds(*pairs: str) -> list[Interface]:
    """Interfaces named by two letters each."""
    return [Interface(pair, pair[0], pair[1], LAW) for pair in pairs]


@pytest.mark.parametrize(
    "pairs",
    [("ab",), ("ab", "bc"), ("ab", "cb", "cd"), ("ab", "cd"), ("ab", "bc", "cd", "da")],
    ids=" ".join,
)
def test_every_interface_has_a_shifted_region_on_one_side_only(pairs: tuple[str, ...]) -> None:
    moved = enriched_side(bonds(*pairs))
    assert all((pair[0] in moved) != (pair[1] in moved) for pair in pairs)


def test_without_interfaces_nothing_is_enriched_side() -> None:
    assert enriched_side([]) == frozenset()


def test_an_odd_ring_of_interfaces_is_refused() -> None:
    with pytest.raises(InputError, match="an odd number of regions"):
        enriched_side(bonds("ab", "bc", "ca"))

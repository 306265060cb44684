"""Columns: name, unit and meaning stand where the number is computed, and all else follows."""

from __future__ import annotations

import csv

import pytest

pytest.importorskip("mpi4py.MPI")

from anodefem.fem.columns import Column, Table, columns, declared
from anodefem.fem.contract import Physics
from anodefem.physics import Indenter
from anodefem.results.metrics import known_columns
from tests.gold.tables import FOLDER, NAMES

pytestmark = pytest.mark.serial


class Two(Physics):
    """Two methods that compute columns."""

    @columns(Column("later_<region>", "um", "by region"))
    def second(self, s: object) -> object:
        """By region."""
        return lambda: {"later_core": 2.0}

    @columns(Column("alone", "-", "one number"))
    def first(self, s: object) -> object:
        """One."""
        return lambda: {"alone": 1}


def test_methods_are_found_in_the_order_of_definition() -> None:
    assert [name for name, _ in declared(Two)] == ["second", "first"]


def test_a_row_has_heads_with_units() -> None:
    row: dict[str, float] = {}
    for name, found in declared(Two):
        row |= Table(found, getattr(Two(), name)(None)).row()
    assert row == {"later_core [um]": 2.0, "alone [-]": 1.0}


def test_a_number_without_a_definition_is_an_error() -> None:
    with pytest.raises(ValueError, match="'other' is computed"):
        Table((Column("one", "-", "one"),), lambda: {"other": 1.0}).row()


def test_columns_that_only_scripts_have_are_not_listed() -> None:
    scripts = {column.name for _, found in declared(Indenter) for column in found}
    assert scripts and not scripts & {column.name for column in known_columns()}


def test_every_column_of_a_run_is_listed_with_its_unit() -> None:
    known = list(known_columns())
    assert len({column.name for column in known}) == len(known)
    assert all(column.meaning for column in known)
    for name in NAMES:
        with (FOLDER / f"{name}.csv").open(newline="") as file:
            heads = next(csv.reader(file))
        for head in heads:
            column, _, unit = head.removesuffix("]").partition(" [")
            assert [each.unit for each in known if each.covers(column)] == [unit], head

"""Every metric of short cases is what it was: the net under all changes of structure.

`tests/gold/tables.py` says how tables are made anew.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.gold.tables import BOUNDS, FOLDER, NAMES, differences, solved, table

pytestmark = pytest.mark.serial


@pytest.mark.parametrize("name", NAMES)
def test_a_case_gives_the_metrics_of_its_table(tmp_path: Path, name: str) -> None:
    wanted, found = table(FOLDER / f"{name}.csv"), table(solved(name, tmp_path))
    assert set(found) == set(wanted), "columns have changed"
    assert len(found["t [s]"]) == len(wanted["t [s]"]), "the number of steps has changed"
    assert differences(wanted, found) == {}


def test_a_difference_is_seen() -> None:
    wanted = table(FOLDER / "bare.csv")
    for name, values in wanted.items():
        if name in BOUNDS or not np.abs(values).max() > 1e-3:
            continue
        other = wanted | {name: values + 2e-10 * np.abs(values).max()}
        assert list(differences(wanted, other)) == [name]

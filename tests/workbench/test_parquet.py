"""Metrics as a Parquet file; what pyarrow writes is read where pyarrow is installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

from anodefem import InputError, Result
from anodefem.workbench.parquet import write
from tests.compare import shapes, synthetic

pytestmark = pytest.mark.serial


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A ball that swells freely."""
    path = tmp_path_factory.mktemp("parquet") / "ball"
    synthetic.free(path, shapes.sphere(), title="A ball")
    return Result.read(path)


def test_the_file_holds_the_table_of_the_run(result: Result, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "metrics.parquet"
    write(result, path)
    table = pd.read_parquet(path)
    pd.testing.assert_frame_equal(table, pd.read_csv(result.folder / "metrics.csv"))
    schema = parquet.read_schema(path)
    assert schema.metadata[b"title"] == b"A ball"
    assert schema.field("stress_overpotential [mV]").metadata == {
        b"name": b"stress_overpotential",
        b"unit": b"mV",
    }
    with pytest.raises(InputError, match="exists"):
        write(result, path)


def test_without_pyarrow_the_message_says_what_to_do(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"\[parquet\].*metrics\.csv holds"):
        write(result, tmp_path / "metrics.parquet")
    assert not (tmp_path / "metrics.parquet").exists()


def test_another_suffix_is_refused(result: Result, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"must end with \.parquet"):
        write(result, tmp_path / "metrics.csv")

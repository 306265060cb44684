"""The notebooks run from top to bottom, and become pages and files for Jupyter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from docs.builder import notebooks


def test_cells_are_read_run_and_written(tmp_path: Path) -> None:
    source = "# %% [markdown]\n# # Title\n#\n# Text\n\n# %%\nx = 2\nprint('a')\n\n# %%\nx + 1\n"
    cells = [*notebooks.run(notebooks.read(source), tmp_path)]
    assert [cell.code for cell in cells] == [False, True, True]
    assert cells[0].text == "# Title\n\nText"
    assert [cell.printed for cell in cells] == ["", "a\n", "3\n"]
    page = "\n\n".join(notebooks.page("two", cells, tmp_path))
    assert page.startswith("# Title") and "```text\n3\n```" in page
    book = json.loads(notebooks.jupyter(cells))
    assert (book["nbformat"], len(book["cells"])) == (4, 3)
    assert book["cells"][2]["outputs"][0]["text"] == ["3\n"]


def test_a_cell_that_fails_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        list(notebooks.run(notebooks.read("# %%\n1 / 0\n"), tmp_path))


def test_every_notebook_is_in_the_table_of_contents() -> None:
    assert {path.stem for path in notebooks.FOLDER.glob("*.py")} == set(notebooks.ORDER)


@pytest.mark.slow
@pytest.mark.serial
@pytest.mark.parametrize("name", notebooks.ORDER)
def test_a_notebook_runs(name: str) -> None:
    pytest.importorskip("dolfinx")
    cells = notebooks.executed(notebooks.FOLDER / f"{name}.py")
    assert any(cell.picture for cell in cells)
    assert any(cell.printed for cell in cells)

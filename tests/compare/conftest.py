"""Synthetic runs, written once for all tests of the comparison."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.compare import shapes, synthetic


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of four runs by a short name; not to be written to."""
    root = tmp_path_factory.mktemp("runs")
    return {
        "sphere": synthetic.free(root / "sphere", shapes.sphere(), title="Bare sphere"),
        "cage": synthetic.cage(root / "cage", title="Sphere in a cage"),
        "ball": synthetic.free(root / "ball", shapes.eighth(8), title="Ball in 3D"),
        "films": synthetic.films(root / "films", title="Blocks of films"),
    }


@pytest.fixture(scope="session")
def cracked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a run whose cage cracks from its pole down; not to be written to."""
    folder = synthetic.cage(tmp_path_factory.mktemp("cracked") / "run", title="Cracked cage")
    return synthetic.crack(folder, "cage", lambda x, s: np.clip(s * (1 + x[:, 1]), 0.0, 1.0))

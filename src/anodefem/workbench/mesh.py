"""Meshes of cases, without their solution."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from anodefem.errors import InputError

if TYPE_CHECKING:
    import pyvista as pv


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesh:
    """A mesh on disk.

    Attributes:
        folder: Where its files are.
        manifest: Content of ``manifest.json``: groups, sizes against exact ones, counts, quality.
    """

    folder: Path
    manifest: Mapping[str, Any]

    @classmethod
    def read(cls, folder: str | Path) -> Mesh:
        """Read a folder that `Case.mesh` or `anodefem mesh` wrote, or the mesh of a run.

        Args:
            folder: It holds ``manifest.json``.

        Raises:
            InputError: It holds no mesh.
        """
        folder = Path(folder)
        try:
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"{folder}: holds no mesh that can be read ({error}).") from error
        return cls(folder=folder, manifest=manifest)

    @property
    def grid(self) -> pv.UnstructuredGrid:
        """The cells [um] with the tag of their region under "region"."""
        import meshio
        import pyvista as pv

        found = meshio.read(self.folder / "mesh.xdmf")
        tags = found.cell_data["cell_tags"]
        return pv.from_meshio(meshio.Mesh(found.points, found.cells, cell_data={"region": tags}))

    @property
    def regions(self) -> dict[str, int]:
        """Tag of every region in ``grid.cell_data["region"]``."""
        return dict(self.manifest["cells"])

    @property
    def sizes(self) -> pd.DataFrame:
        """Volume and area of every group against the exact one [um^3], [um^2].

        In plane strain [um^2], [um].
        """
        measured, exact = self.manifest["measures"], self.manifest["exact"]
        table = pd.DataFrame({"measured": measured, "exact": exact})
        table["error"] = table["measured"] / table["exact"] - 1.0
        return table

    @property
    def quality(self) -> pd.DataFrame:
        """Quality of the cells by region: smallest, 1 % quantile and median; 1 is equilateral."""
        return pd.DataFrame(self.manifest["quality"]).T

    def __repr__(self) -> str:
        counts = self.manifest["counts"]
        return f"<Mesh of {counts['cells']} cells and {counts['points']} points in {self.folder}>"

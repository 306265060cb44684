"""What is known about a mesh, in a file beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from anodefem.errors import InputError
from anodefem.geometry import Roles

FILE = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What `anodefem.meshing.make_mesh` made.

    Attributes:
        geometry: Name of the geometry.
        kinematics: One of `anodefem.geometry.KINEMATICS`.
        order: Order of the cells' shape, 1 or 2.
        unit: Unit of the coordinates.
        parameters: Parameters of the geometry; lengths in ``unit``.
        cells: Cell group -> its integer in ``mesh.xdmf``.
        facets: Facet group -> its integer in ``facets.xdmf``.
        roles: What the groups are for.
        counts: Number of points, cells and facets, in all and per group.
        measures: Group -> volume, area or length (times 2 pi r in axisymmetry), and "hull".
        exact: The same as the mesh gets finer, where it is known.
        quality: Cell group -> min, p01 and p50 of the mean ratio of its straight cells, in [0, 1].
        hash: SHA-256 of points, cells, facets and their groups.
        versions: Programs that made the mesh.
        orientation: "positive", "negative" or "mixed": that of the cells as the plugin made them;
            those of the mesh are always positive.
    """

    geometry: str
    kinematics: str
    order: int
    unit: str
    parameters: Mapping[str, Any]
    cells: Mapping[str, int]
    facets: Mapping[str, int]
    roles: Roles
    counts: Mapping[str, int]
    measures: Mapping[str, float]
    exact: Mapping[str, float]
    quality: Mapping[str, Mapping[str, float]]
    hash: str
    versions: Mapping[str, str]
    orientation: str = "positive"

    def save(self, folder: Path) -> None:
        """Write ``manifest.json``."""
        text = json.dumps(asdict(self), indent=2, sort_keys=False)
        (folder / FILE).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Manifest:
        """Read ``manifest.json``.

        Raises:
            InputError: There is none, or it is not a manifest.
        """
        path = Path(folder) / FILE
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{**content, "roles": _roles(content)})
        except OSError as error:
            raise InputError(
                f"{path}: cannot be read ({error.strerror}); make the mesh with 'anodefem mesh'."
            ) from error
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(f"{path}: is not a mesh manifest ({error}); make it again.") from error

    def quality_table(self) -> list[dict[str, str | int | float | None]]:
        """Return one row per group: kind, counts, measure against exact, and quality of cells."""
        rows: list[dict[str, str | int | float | None]] = []
        groups = [("cells", self.cells), ("facets", self.facets), ("hull", ("hull",))]
        for kind, name in ((kind, name) for kind, names in groups for name in names):
            measure, exact = self.measures[name], self.exact.get(name)
            quality = self.quality.get(name, {})
            rows.append(
                {
                    "group": name,
                    "kind": kind,
                    "count": self.counts.get(name),
                    "measure": measure,
                    "exact": exact,
                    "relative_error": measure / exact - 1.0 if exact else None,
                    "quality_min": quality.get("min"),
                    "quality_p01": quality.get("p01"),
                    "quality_p50": quality.get("p50"),
                }
            )
        return rows


def _roles(manifest: Mapping[str, Any]) -> Roles:
    content = manifest["roles"]
    membrane, parameters = content["membrane"], manifest["parameters"]
    # Meshes of version 0.1 state neither of these: names stood for them.
    thickness = content.get("membrane_thickness") or {
        name: parameters[f"{name}_thickness"] for name in membrane
    }
    collector = content.get("collector", [n for n in manifest["cells"] if n == "collector"])
    return Roles(
        flux=tuple(content["flux"]),
        sei=tuple(content["sei"]),
        hull=tuple(content["hull"]),
        symmetry=content["symmetry"],
        periodic=tuple((one, other) for one, other in content.get("periodic", ())),
        medium=tuple(content["medium"]),
        unstructured=tuple(content.get("unstructured", ())),
        loose=tuple(content.get("loose", ())),
        contact=tuple(content["contact"]),
        membrane=membrane,
        membrane_thickness=thickness,
        collector=tuple(collector),
        plate=tuple(content.get("plate", ())),
        anchor=tuple((tuple(point), component) for point, component in content["anchor"]),
    )

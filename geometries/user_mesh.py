"""A body of your own: a mesh, a closed surface (STL), or a labelled voxel image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator

from anodefem.errors import InputError
from anodefem.geometry import Geometry, InputFile, Roles, Sides, SimplexMesh
from anodefem.meshing import curved, foreign, images, imported, labels, shells, surfaces
from anodefem.meshing.simplices import match, touching
from anodefem.units import FileUnit, Length, Ratio

End = Literal["x_min", "x_max", "y_min", "y_max", "z_min", "z_max"]

#: Edges of cells along the cube root of the volume, unless 'edge' says otherwise.
_ACROSS = 8.0
_STL_REGION = "particle"


def _label(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("must be a label (an integer) or the name of a group in quotes")
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class UserMesh:
    """Parameters of a body from a file; lengths in um."""

    path: Annotated[InputFile, "mesh, closed surface or voxel image; relative to the case file"]
    unit: Annotated[FileUnit, "length of one unit of the file: a coordinate of 1, a voxel's edge"]
    regions: Annotated[
        dict[str, Annotated[int | str, BeforeValidator(_label)]],
        "region = label of its cells or voxels in the file; a mesh's own names if left out",
    ] = field(default_factory=dict)
    labels: Annotated[str | None, "cell data (or array) that holds the labels; found if one"] = None
    symmetry: Annotated[tuple[End, ...], "ends where the body is cut flat by a symmetry plane"] = ()
    edge: Annotated[
        Length | None,
        "edges of cells where the file has none; root of the volume over 8 if left out",
    ] = None
    refinement: Annotated[Ratio, "2 halves every edge of a surface's or an image's mesh"] = 1.0

    def __post_init__(self) -> None:
        """Refuse planes that cannot both be planes of symmetry, and names that cannot be used."""
        axes = [entry[0] for entry in self.symmetry]
        if len(set(axes)) != len(axes):
            raise ValueError(
                f"symmetry = {list(self.symmetry)} names an axis twice; one plane per axis"
            )
        imported.check_names(self.regions)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    """What the file holds: one of three."""

    mesh: SimplexMesh | None = None
    shell: shells.Shell | None = None
    image: images.Image | None = None

    @property
    def regions(self) -> tuple[str, ...]:
        if self.mesh is not None:
            return self.mesh.cell_names
        return (_STL_REGION,) if self.image is None else self.image.names


def _read(p: UserMesh, kinematics: str) -> _Body:
    path = Path(p.path)
    status = path.stat()
    regions = tuple(p.regions.items())
    # The checks, the exact measures and the mesh all ask for it.
    own_edges = p.edge is None and p.refinement == 1.0
    return _kept(
        path,
        status.st_mtime_ns,
        p.unit,
        p.labels,
        regions,
        tuple(p.symmetry),
        own_edges,
        kinematics,
    )


@lru_cache(maxsize=4)
def _kept(
    path: Path,
    changed: int,
    unit: float,
    label: str | None,
    regions: tuple[tuple[str, int | str], ...],
    symmetry: Sequence[str],
    own_edges: bool,
    kinematics: str,
) -> _Body:
    solid = kinematics == "3d"
    if path.suffix.lower() in images.SUFFIXES:
        if not solid:
            raise InputError(f'{path}: a voxel image is a body in 3d; set kinematics = "3d".')
        return _Body(image=images.read(path, voxel=unit, labels=label, regions=dict(regions)))
    content = foreign.load(
        path, labels=label, dim=3 if solid else 2, regions=[value for _, value in regions]
    )
    counts = content.counts()
    if solid and "triangle" in counts and set(counts) <= {"triangle", "line", "vertex"}:
        if regions or symmetry:
            raise InputError(
                f"{path}: a closed surface holds one region, '{_STL_REGION}', and no planes of "
                "symmetry; leave out regions and symmetry."
            )
        return _Body(shell=shells.shell(content, unit=unit))
    if not own_edges:
        raise InputError(
            f"{path}: is a mesh, which has its own edges; leave out 'edge' and 'refinement'."
        )
    mesh = imported.simplex_mesh(content, unit=unit, regions=dict(regions), dim=3 if solid else 2)
    named = surfaces.with_surfaces(mesh, where=path, symmetry=symmetry, kinematics=kinematics)
    return _Body(mesh=named)


def _edge(p: UserMesh, volume: float) -> float:
    return (p.edge or float(np.cbrt(volume)) / _ACROSS) / p.refinement


def build(model: Any, p: UserMesh, kinematics: str) -> None:
    """Fill a closed surface.

    Args:
        model: ``gmsh.model``, with a model of its own.
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    body = _read(p, kinematics).shell
    if body is None:
        raise InputError(f"{p.path}: is not a closed surface.")
    shells.fill(model, body, edge=_edge(p, body.volume), name=_STL_REGION)


def discretise(p: UserMesh, kinematics: str) -> SimplexMesh | None:
    """Return a mesh as it is, or that of a voxel image; closed surfaces are left to gmsh.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    body = _read(p, kinematics)
    if body.image is None:
        return body.mesh
    volume = sum(body.image.volume(name) for name in body.image.names)
    return labels.mesh(body.image, symmetry=p.symmetry, edge=_edge(p, volume))


def finish(mesh: SimplexMesh, p: UserMesh, kinematics: str) -> SimplexMesh:
    """Name what bounds the body.

    Args:
        mesh: What gmsh made of `build`.
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    if _read(p, kinematics).mesh is not None:
        return mesh
    return surfaces.with_surfaces(mesh, where=p.path, symmetry=p.symmetry, kinematics=kinematics)


def exact(p: UserMesh, kinematics: str) -> dict[str, float]:
    """Measures of the input itself: of its cells, what its surface encloses, or of its voxels.

    The surface of a voxel image is not known: its steps have an area of their own.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    body = _read(p, kinematics)
    if body.shell is not None:
        found = {
            _STL_REGION: body.shell.volume,
            "hull": body.shell.hull,
            f"{_STL_REGION}_surface": body.shell.area(cavity=False),
        }
        walls = body.shell.area(cavity=True)
        return found | ({f"{_STL_REGION}_cavity": walls} if walls else {})
    if body.image is not None:
        found = {name: body.image.volume(name) for name in body.image.names}
        cavities = float(body.image.closed(p.symmetry).sum()) * body.image.voxel**3
        return found | {"hull": sum(found.values()) + cavities}
    return _measured(body.mesh, kinematics, roles(p, kinematics).hull) if body.mesh else {}


def _measured(mesh: SimplexMesh, kinematics: str, hull: Sequence[str]) -> dict[str, float]:
    points, cells, facets = curved.promoted(mesh)
    found: dict[str, float] = {}
    for dim, names, simplices, groups in (
        (mesh.dim, mesh.cell_names, cells, mesh.cell_groups),
        (mesh.dim - 1, mesh.facet_names, facets, mesh.facet_groups),
    ):
        sizes = np.abs(curved.measures(points, simplices, dim, kinematics))
        total = np.bincount(groups, weights=sizes, minlength=len(names))
        found |= {name: float(value) for name, value in zip(names, total, strict=True)}
    if kinematics == "axisymmetric":
        found.pop("axis", None)  # has no area
    outer = np.isin(mesh.facet_groups, [mesh.facet_names.index(name) for name in hull])
    owner = match(mesh.cells, mesh.facets[outer], len(mesh.points))[:, 0]
    inside = mesh.points[mesh.cells[owner]].mean(axis=1)
    return found | {"hull": curved.enclosed_volume(points, facets[outer], inside, kinematics)}


def roles(p: UserMesh, kinematics: str) -> Roles:
    """Everything happens outside; where the species may enter several regions, the case says.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    body = _read(p, kinematics)
    held = {f"symmetry_{entry[0]}": "xyz".index(entry[0]) for entry in p.symmetry}
    if body.mesh is not None:
        if kinematics == "axisymmetric" and "axis" in body.mesh.facet_names:
            held["axis"] = 0
        outside = surfaces.outer_surfaces(body.mesh, where=p.path, held=held, kinematics=kinematics)
    else:
        regions = body.regions if body.image is None else body.image.outer(p.symmetry)
        outside = tuple(f"{name}_surface" for name in regions)
    return Roles(
        flux=outside if len(body.regions) == 1 else (),
        sei=outside,
        hull=outside,
        symmetry=held,
        collector=tuple(name for name in body.regions if name == "collector"),
    )


def sides(p: UserMesh, kinematics: str) -> Sides:
    """What surfaces touch: of the mesh, or of the only region; not known of several in an image."""
    body = _read(p, kinematics)
    if body.mesh is not None:
        return touching(body.mesh)
    if len(body.regions) > 1:
        return {}
    return {f"{name}_surface": ((name,),) for name in body.regions}


GEOMETRY = Geometry(
    name="user_mesh",
    title="A mesh, closed surface or voxel image of your own",
    kinematics=("3d", "axisymmetric", "plane_strain"),
    parameters=UserMesh,
    build=build,
    discretise=discretise,
    finish=finish,
    exact=exact,
    roles=roles,
    sides=sides,
    regions=lambda p, kinematics: _read(p, kinematics).regions,
)

"""Drawing that several geometries share. Every function takes ``gmsh.model``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.spatial import KDTree

from anodefem.geometry import Array
from anodefem.meshing import limits

#: Distance over the size of the sides by which gmsh's boxes and sizes of equal parts may differ.
SAME = 1e-4

#: gmsh's number of the triangulation of the vertices on a boundary.
INITIAL_ONLY = 3

# Planes that bound the modelled part: group -> index of the coordinate that is zero there.
MERIDIAN = {"axis": 0, "symmetry_z": 1}
QUARTER = {"symmetry_x": 0, "symmetry_y": 1}
OCTANT = {"symmetry_x": 0, "symmetry_y": 1, "symmetry_z": 2}
PLANES = {"axisymmetric": MERIDIAN, "plane_strain": QUARTER, "3d": OCTANT}


def ball(
    model: Any,
    radius: float,
    kinematics: str,
    *,
    height: float | None = None,
    seams: Sequence[float] = (),
) -> None:
    """Draw the modelled part of a ball or wire: half a disc, or what lies between the planes.

    Args:
        model: ``gmsh.model``.
        radius: In um.
        kinematics: "axisymmetric" or "3d"; "plane_strain" for a wire, seen along it.
        height: Centre on the axis in um, for a ball that is whole along it. Without it, the centre
            is the origin and only the part above the plane z = 0 is drawn.
        seams: Latitudes in radian of circles on the surface that edges of the mesh must follow.
    """
    occ = model.occ
    latitudes = sorted({0.0 if height is None else -np.pi / 2.0, *seams, 0.0, np.pi / 2.0})
    solid = kinematics == "3d"

    def point(distance: float, latitude: float) -> int:
        across = distance * np.cos(latitude)
        along = (height or 0.0) + distance * np.sin(latitude)
        tag: int = occ.addPoint(*((across, 0.0, along) if solid else (across, along, 0.0)))
        return tag

    centre = point(0.0, 0.0)
    rim = [point(radius, latitude) for latitude in latitudes]
    arcs = [occ.addCircleArc(a, centre, b) for a, b in pairwise(rim)]
    # Half a disc has a straight side through its centre, a quarter has two.
    ends = [(rim[-1], rim[0])] if height is not None else [(rim[-1], centre), (centre, rim[0])]
    sides = [occ.addLine(*ends_) for ends_ in ends]
    face = occ.addPlaneSurface([occ.addCurveLoop([*arcs, *sides])])
    if solid:
        occ.revolve([(2, face)], 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, np.pi / 2.0)
    occ.synchronize()


def name(model: Any, dim: int, body: str, planes: Mapping[str, int], rest: str) -> None:
    """Name everything of dimension ``dim``, and its boundary by the plane in which it lies.

    Args:
        model: ``gmsh.model``, synchronised.
        dim: Dimension of the body.
        body: Cell group.
        planes: Facet group -> index of the coordinate that is zero there.
        rest: Facet group of all boundary that lies in no plane.
    """
    entities = model.getEntities(dim)
    model.addPhysicalGroup(dim, [tag for _, tag in entities], name=body)
    groups: dict[str, list[int]] = {group: [] for group in (rest, *planes)}
    for _, tag in model.getBoundary(entities, combined=True, oriented=False):
        box = np.array(model.getBoundingBox(dim - 1, tag)).reshape(2, 3)
        # OpenCASCADE widens its boxes by 1e-7.
        flat = [group for group, axis in planes.items() if np.abs(box[:, axis]).max() < 1e-6]
        groups[flat[0] if flat else rest].append(tag)
    for group, tags in groups.items():
        if tags:
            model.addPhysicalGroup(dim - 1, tags, name=group)


def grade(
    model: Any,
    radius: float,
    *,
    surface: float,
    centre: float,
    height: float = 0.0,
    axis: str = "z",
    ring: tuple[float, float, float] | None = None,
) -> None:
    """Let edges grow linearly from ``surface`` at ``radius`` to ``centre`` at the centre of a ball.

    Args:
        model: ``gmsh.model``.
        radius: In um.
        surface: Length of edges at the surface in um.
        centre: Length of edges at the centre in um.
        height: Position of the centre along ``axis`` in um.
        axis: "y" in two dimensions, "z" in 3D.
        ring: A circle around ``axis`` near which edges are shorter: its radius, its position along
            ``axis``, and the length of edges there, in um.
    """
    dim = model.getDimension()
    share = (np.arange(100) + 0.5) / 100  # of the radius
    edges = centre + (surface - centre) * share
    # Of a quarter disc or an eighth of a ball; a body that is drawn whole has twice as many.
    part = np.pi / (4.0 if dim == 2 else 6.0) * radius**dim
    crowd = float((dim * share ** (dim - 1) / edges**dim).mean())
    limits.check(limits.filling(part * crowd, 1.0, dim))
    across = " + ".join(f"{letter}^2" for letter in "xyz" if letter != axis)

    def distance(radial: float, along: float) -> str:
        return f"Sqrt((Sqrt({across}) - {radial})^2 + ({axis} - {along})^2)"

    size = f"{centre} + ({surface - centre}) * {distance(0.0, height)} / {radius}"
    fields = [_function(model, size)]
    if ring is not None:
        fields.append(_function(model, f"{ring[2]} + 0.3 * {distance(ring[0], ring[1])}"))
    smallest = model.mesh.field.add("Min")
    model.mesh.field.setNumbers(smallest, "FieldsList", fields)
    model.mesh.field.setAsBackgroundMesh(smallest)


def span(model: Any, faces: Iterable[tuple[int, int]]) -> None:
    """Mesh faces without vertices inside: cells span them from side to side.

    For a void in which bodies meet: a vertex between two of them would be squeezed out, sideways.

    Args:
        model: ``gmsh.model``, in two dimensions.
        faces: Dimension and tag of each.
    """
    for dim, tag in faces:
        model.mesh.setAlgorithm(dim, tag, INITIAL_ONLY)


def _function(model: Any, text: str) -> int:
    tag: int = model.mesh.field.add("MathEval")
    model.mesh.field.setString(tag, "F", text)
    return tag


def coarsen(
    model: Any, near: Sequence[int], *, edge: float, most: float, start: float, reach: float
) -> None:
    """Let edges grow with the distance from curves (or surfaces, in 3D).

    Args:
        model: ``gmsh.model``, synchronised.
        near: Tags of the curves or surfaces.
        edge: Length of edges there in um.
        most: Length of edges far away in um.
        start: Distance up to which edges stay as they are there, in um.
        reach: Distance from which they are as long as far away, in um.
    """
    dim = model.getDimension()
    total = sum(model.occ.getMass(dim, tag) for _, tag in model.getEntities(dim))
    limits.check(limits.filling(total, most, dim))
    fields = model.mesh.field
    away, size = fields.add("Distance"), fields.add("Threshold")
    fields.setNumbers(away, "CurvesList" if dim == 2 else "SurfacesList", near)
    fields.setNumber(away, "Sampling", 100 if dim == 2 else 40)
    for key, value in (
        ("InField", away),
        ("SizeMin", edge),
        ("SizeMax", most),
        ("DistMin", start),
        ("DistMax", reach),
    ):
        fields.setNumber(size, key, value)
    fields.setAsBackgroundMesh(size)


def rim(model: Any, entities: Iterable[tuple[int, int]]) -> set[int]:
    """Return the tags of what bounds a set of entities.

    Args:
        model: ``gmsh.model``, synchronised.
        entities: Dimension and tag of each, all of one dimension.
    """
    found = model.getBoundary(sorted(entities), combined=True, oriented=False)
    return {tag for _, tag in found}


def periodic(model: Any, sides: Sequence[tuple[Iterable[int], Iterable[int]]]) -> None:
    """Let gmsh mesh sides as those opposite, which are the same but moved along an axis.

    Where the two sides are not made of parts alike nothing is done, and the mesh is refused.

    Args:
        model: ``gmsh.model``, synchronised.
        sides: Tags of the curves (surfaces, in 3D) of a side and of the one opposite, pair by pair.
    """
    dim = model.getDimension() - 1

    def parts(tags: Iterable[int]) -> tuple[list[int], Array]:
        """Tags, and a row for each: its box, and its size to a power that makes it a length."""
        found = sorted(tags)
        rows = [
            [*model.getBoundingBox(dim, tag), model.occ.getMass(dim, tag) ** (1.0 / dim)]
            for tag in found
        ]
        return found, np.array(rows).reshape(-1, 7)

    for one, other in sides:
        (first, leads), (second, follows) = parts(one), parts(other)
        if not first or len(first) != len(second):
            continue
        low = follows[:, :3].min(axis=0) - leads[:, :3].min(axis=0)
        move = np.where(np.abs(low) == np.abs(low).max(), low, 0.0)
        distance, which = KDTree(leads + np.array([*move, *move, 0.0])).query(follows)
        size = float(np.ptp(leads[:, :6]))
        if distance.max() < SAME * size and len(np.unique(which)) == len(first):
            affine = np.eye(4)
            affine[:3, 3] = move
            masters = [first[each] for each in which]
            model.mesh.setPeriodic(dim, second, masters, affine.ravel().tolist())


def outside(
    model: Any, planes: Callable[[int], Mapping[str, tuple[int, float]]], rest: str
) -> dict[str, set[int]]:
    """Return the boundary of everything that is drawn, by the plane in which it lies.

    Args:
        model: ``gmsh.model``, synchronised.
        planes: Tag of a part of the boundary -> group -> axis and coordinate in um of its plane.
        rest: Group of what lies in no plane.
    """
    dim = model.getDimension()
    found: dict[str, set[int]] = {}
    for tag in rim(model, model.getEntities(dim)):
        box = np.array(model.getBoundingBox(dim - 1, tag)).reshape(2, 3)
        # OpenCASCADE widens its boxes by 1e-7, those of what it has cut by a few 1e-6
        size = 1e-5 * max(1.0, float(np.abs(box).max()))
        flat = [
            name
            for name, (axis, place) in planes(tag).items()
            if np.abs(box[:, axis] - place).max() < size
        ]
        found.setdefault(flat[0] if flat else rest, set()).add(tag)
    return found

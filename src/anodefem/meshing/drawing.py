"""Drawing that several geometries share. Every function takes ``gmsh.model``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

# Planes that bound the modelled part: group -> index of the coordinate that is zero there.
MERIDIAN = {"axis": 0, "symmetry_z": 1}
OCTANT = {"symmetry_x": 0, "symmetry_y": 1, "symmetry_z": 2}


def ball(model: Any, radius: float, kinematics: str, *, height: float | None = None) -> None:
    """Draw the modelled part of a ball: half a meridian disc, or what lies between the planes.

    Args:
        model: ``gmsh.model``.
        radius: In um.
        kinematics: "axisymmetric" or "3d".
        height: Centre on the axis in um, for a ball that is whole along it. Without it, the centre
            is the origin and only the part above the plane z = 0 is drawn.
    """
    centre = height or 0.0
    if kinematics == "3d":
        quarter = np.pi / 2.0
        bottom = 0.0 if height is None else -quarter
        model.occ.addSphere(0.0, 0.0, centre, radius, angle1=bottom, angle2=quarter, angle3=quarter)
    else:
        low, high = (0.0 if height is None else -radius), radius
        disc = model.occ.addDisk(0.0, centre, 0.0, radius, radius)
        part = model.occ.addRectangle(0.0, centre + low, 0.0, radius, high - low)
        model.occ.intersect([(2, disc)], [(2, part)])
    model.occ.synchronize()


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
) -> None:
    """Let edges grow linearly from ``surface`` at ``radius`` to ``centre`` at the centre of a ball.

    Args:
        model: ``gmsh.model``.
        radius: In um.
        surface: Length of edges at the surface in um.
        centre: Length of edges at the centre in um.
        height: Position of the centre along ``axis`` in um.
        axis: "y" in the meridian plane, "z" in 3D.
    """
    squares = " + ".join(
        f"({letter} - {height})^2" if letter == axis else f"{letter}^2" for letter in "xyz"
    )
    field = model.mesh.field.add("MathEval")
    size = f"{centre} + ({surface - centre}) * Sqrt({squares}) / {radius}"
    model.mesh.field.setString(field, "F", size)
    model.mesh.field.setAsBackgroundMesh(field)

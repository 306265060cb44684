"""A film on a wire that swells, seen along the wire; fine where cracks may run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import numpy as np

from anodefem.geometry import Array, Geometry, Roles, SimplexMesh
from anodefem.meshing import drawing
from anodefem.meshing.layers import grown
from anodefem.meshing.simplices import name_exterior
from anodefem.units import Length, Ratio

# Edges in the core may grow by this part of the distance from its surface.
_GROWTH = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmOnWire:
    """Parameters; lengths in um.

    The interlayer is the skin of the wire. It is as fine as the film, so that it can be given a
    toughness: what a crack must overcome to run along the interface. A crack of length l is 4 l
    wide, half of it in the interlayer.
    """

    radius: Annotated[Length, "radius of the wire, its skin included"] = 1.0
    film_thickness: Annotated[Length, "thickness of the film"] = 0.05
    interlayer_thickness: Annotated[Length, "thickness of the skin"] = 0.05
    cell: Annotated[Length, "edge of the cells in film and interlayer"] = 0.0075
    refinement: Annotated[Ratio, "2 halves every edge"] = 1.0

    def __post_init__(self) -> None:
        """Refuse layers thicker than the wire, and cells thicker than the layers."""
        for name in ("film_thickness", "interlayer_thickness"):
            thickness = getattr(self, name)
            if not 1e-3 <= thickness <= 0.5 * self.radius:
                raise ValueError(
                    f"{name} = {thickness:g} um must be between 1 nm and half of radius = "
                    f"{self.radius:g} um"
                )
            if self.edge > 0.5 * thickness:
                raise ValueError(
                    f"cell = {self.edge:g} um must be at most half of {name} = {thickness:g} um"
                )

    @property
    def edge(self) -> float:
        """Edge of the cells in film and interlayer."""
        return self.cell / self.refinement

    @property
    def core(self) -> float:
        """Radius of what is under the skin."""
        return self.radius - self.interlayer_thickness

    @property
    def outer(self) -> float:
        """Outer radius of the film."""
        return self.radius + self.film_thickness


def build(model: Any, p: FilmOnWire, kinematics: str) -> None:
    """Draw the core; `finish` grows skin and film from its surface.

    Args:
        model: ``gmsh.model``, with a model of its own.
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    drawing.ball(model, p.core, kinematics)
    drawing.name(model, 2, "core", drawing.QUARTER, rest="core_surface")
    centre = p.edge + _GROWTH * p.core
    drawing.grade(model, p.core, surface=p.edge, centre=centre, axis="y")


def finish(mesh: SimplexMesh, p: FilmOnWire, kinematics: str) -> SimplexMesh:
    """Grow skin and film in layers of the thickness of a cell.

    Args:
        mesh: What gmsh made of `build`.
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    mesh = grown(
        mesh,
        over="core_surface",
        through=_layers(p.core, p.radius, p.edge),
        cells="interlayer",
        top="interface",
    )
    mesh = grown(mesh, over="interface", through=_layers(p.radius, p.outer, p.edge), cells="film")
    planes = {name: (axis, 0.0) for name, axis in drawing.QUARTER.items()}
    return name_exterior(mesh, planes, rest="film_surface")


def _layers(inner: float, outer: float, edge: float) -> list[Callable[[Array], Array]]:
    """Maps of points to the circles on which layers end."""
    count = max(2, round((outer - inner) / edge))
    return [partial(_on_circle, radius) for radius in np.linspace(inner, outer, count + 1)[1:]]


def _on_circle(radius: float, points: Array) -> Array:
    return np.asarray(points * (radius / np.linalg.norm(points, axis=1, keepdims=True)))


def exact(p: FilmOnWire, kinematics: str) -> dict[str, float]:
    """Areas and lengths of the modelled quarter, per um of depth.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    core, wire, hull = (np.pi / 4.0 * radius**2 for radius in (p.core, p.radius, p.outer))
    found = {
        "core": core,
        "interlayer": wire - core,
        "film": hull - wire,
        "core_surface": np.pi / 2.0 * p.core,
        "interface": np.pi / 2.0 * p.radius,
        "film_surface": np.pi / 2.0 * p.outer,
        "hull": hull,
    }
    return {name: float(value) for name, value in found.items()}


def roles(p: FilmOnWire, kinematics: str) -> Roles:
    """The species passes the film freely; the SEI grows on the film.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    return Roles(
        flux=("interface",),
        sei=("film_surface",),
        hull=("film_surface",),
        symmetry=drawing.QUARTER,
    )


GEOMETRY = Geometry(
    name="film_on_wire",
    title="Film that may crack, on a wire that swells",
    kinematics=("plane_strain",),
    parameters=FilmOnWire,
    build=build,
    finish=finish,
    exact=exact,
    roles=roles,
    sides=lambda p, kinematics: {
        "core_surface": (("core", "interlayer"),),
        "interface": (("interlayer", "film"),),
        "film_surface": (("film",),),
    },
    regions=lambda p, kinematics: ("core", "interlayer", "film"),
)

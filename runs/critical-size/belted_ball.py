"""A ball with a finely meshed belt below its equator's surface, axisymmetric."""

from dataclasses import dataclass
from math import cos, pi, radians, sin
from typing import Annotated, Any

from anodefem.geometry import Geometry, Roles
from anodefem.units import Fraction, Length, Ratio

HELD = {"axis": 0, "symmetry_z": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class BeltedBall:
    """Lengths in um; the upper half is modelled."""

    radius: Annotated[Length, "radius of the ball"] = 1.0
    depth: Annotated[Fraction, "depth of the belt over the radius"] = 0.5
    latitude: Annotated[Ratio, "latitude in degrees where the belt ends"] = 25.0
    refinement: Annotated[Ratio, "2 halves every edge"] = 1.0

    def __post_init__(self) -> None:
        if not 1.0 <= self.latitude <= 80.0:
            raise ValueError(f"latitude = {self.latitude:g} must be between 1 and 80 degrees")


def build(model: Any, p: BeltedBall, kinematics: str) -> None:
    """Draw the belt and the rest of the meridian's quarter disc."""
    R, inner, angle = p.radius, p.radius * (1.0 - p.depth), radians(p.latitude)
    fine, wide = 0.018 * R / p.refinement, 0.09 * R / p.refinement
    places = {
        "centre": (0.0, 0.0, wide),
        "inner": (inner, 0.0, fine),
        "outer": (R, 0.0, fine),
        "top": (R * cos(angle), R * sin(angle), fine),
        "bottom": (inner * cos(angle), inner * sin(angle), fine),
        "pole": (0.0, R, 0.045 * R / p.refinement),
    }
    at = {name: model.geo.addPoint(x, y, 0.0, size) for name, (x, y, size) in places.items()}

    def line(start: str, end: str) -> int:
        return int(model.geo.addLine(at[start], at[end]))

    def arc(start: str, end: str) -> int:
        return int(model.geo.addCircleArc(at[start], at["centre"], at[end]))

    spoke, equator, side, axis = (
        line("centre", "inner"),
        line("inner", "outer"),
        line("top", "bottom"),
        line("pole", "centre"),
    )
    rim, floor, cap = arc("outer", "top"), arc("bottom", "inner"), arc("top", "pole")
    belt, rest = (
        model.geo.addPlaneSurface([model.geo.addCurveLoop(loop)])
        for loop in ([equator, rim, side, floor], [spoke, -floor, -side, cap, axis])
    )
    model.geo.synchronize()
    for dim, tags, name in (
        (2, [belt], "belt"),
        (2, [rest], "rest"),
        (1, [axis], "axis"),
        (1, [spoke, equator], "symmetry_z"),
        (1, [rim, cap], "surface"),
    ):
        model.addPhysicalGroup(dim, tags, name=name)


def exact(p: BeltedBall, kinematics: str) -> dict[str, float]:
    """Half of the ball and of its surface, and the half of the belt in it."""
    ball = 2.0 * pi / 3.0 * p.radius**3
    belt = ball * (1.0 - (1.0 - p.depth) ** 3) * sin(radians(p.latitude))
    area = 2.0 * pi * p.radius**2
    return {"belt": belt, "rest": ball - belt, "hull": ball, "surface": area}


GEOMETRY = Geometry(
    name="belted_ball",
    title="Ball with a finely meshed belt at its equator",
    kinematics=("axisymmetric",),
    parameters=BeltedBall,
    build=build,
    exact=exact,
    roles=lambda p, kinematics: Roles(
        flux=("surface",), sei=("surface",), hull=("surface",), symmetry=HELD
    ),
    regions=lambda p, kinematics: ("belt", "rest"),
)

"""The body of one architecture, cut open, as layers that any renderer can draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyvista as pv

from anodefem.compare import align, revolve
from anodefem.compare.body import Cell, Shown, cell, painted
from anodefem.compare.extension import EXTENSIONS, Extension
from anodefem.compare.load import Run

#: A collector that reaches deeper below the host than this part of the host's height is cut short,
#: to half of that depth.
SECTION_DEPTH = 1.0
#: Hulls and hosts with more curves than this on the cut faces get no outline of their own.
MOST_CURVES = 4
#: What has moved by less than this part of its size since then gets no initial outline either.
LEAST_MOTION = 0.01

#: Direction from the body to the reader: azimuth from the front (-y) and elevation [deg].
_VIEWS = {"axisymmetric": (38.0, 26.0), "3d": (38.0, 26.0), "plane_strain": (24.0, 22.0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One thing to draw.

    Attributes:
        mesh: What to draw [um]; its point data hold the field where the kind says so.
        kind: "sei" (coloured by ``shown.surface``); "stress" and "skin" (by ``shown.inside``, on a
            cut face and on an outer surface); "face", "part" and "shell" (in the region's colour,
            on a cut face, on an outer surface, and to be seen through); "rim" (line in the
            region's colour), "edge" (of a cut face) and "outline" (before lithiation).
        region: Region name, for the kinds that have a colour of their own and for edges.
        lid: Belongs to what the cuts take away.
        side: A face on which the body ends, wherever it is cut open.
    """

    mesh: pv.PolyData
    kind: str
    region: str = ""
    lid: bool = False
    side: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A body ready to be drawn.

    Attributes:
        run: Where it comes from.
        soc: State of charge of the state that is drawn.
        time: Its time [s].
        shown: The fields that colour it.
        layers: What to draw.
        view: Unit vector from the body to the reader.
        shortened: Names of the regions that reach farther down than is drawn.
    """

    run: Run
    soc: float
    time: float
    shown: Shown
    layers: Sequence[Layer]
    view: npt.NDArray[np.float64]
    shortened: Sequence[str] = ()

    def values(self, kind: str, name: str) -> npt.NDArray[np.float64]:
        """Return the finite values of a field over the layers of one kind.

        Args:
            kind: Kind of layers, as `Layer.kind`.
            name: Name of the field.
        """
        found = [
            np.asarray(layer.mesh.point_data[name])
            for layer in self.layers
            if layer.kind == kind and name in layer.mesh.point_data
        ]
        values = np.concatenate([np.empty(0), *found])
        return values[np.isfinite(values)]

    def inside(self) -> npt.NDArray[np.float64]:
        """Return the values inside, on cut faces; on outer surfaces where nothing is cut."""
        cut = self.values("stress", self.shown.inside)
        return cut if cut.size else self.values("skin", self.shown.inside)

    def points(self) -> npt.NDArray[np.float64]:
        """Return the points of all layers, shape (n, 3)."""
        return np.concatenate([np.asarray(layer.mesh.points) for layer in self.layers])


def build(run: Run, soc: float, hosts: Sequence[str], *, shown: Shown | None = None) -> Scene:
    """Return the scene of a run near a state of charge of its first lithiation.

    Args:
        run: The run.
        soc: State of charge that the drawn state is to be near.
        hosts: Regions that swell.
        shown: Fields that colour it; the usual ones if left out.
    """
    index, _ = align.nearest_state(run, soc)
    return at(run, run.states[index][0], hosts, shown=shown)


def at(
    run: Run,
    time: float,
    hosts: Sequence[str],
    *,
    shown: Shown | None = None,
    step: float = revolve.STEP,
) -> Scene:
    """Return the scene of a run at a time.

    Args:
        run: The run.
        time: In s; fields are linear between stored states.
        hosts: Regions that swell.
        shown: The fields that colour it.
        step: Angle between the meridians of a revolved body [rad].
    """
    shown = shown or Shown()
    grid = run.at(time)
    now, before = (
        cell(run, grid, hosts, deformed=deformed, shown=shown) for deformed in (True, False)
    )
    return _scene(run, time, hosts, drawn=now, now=now, before=before, step=step, shown=shown)


def undeformed(
    run: Run, soc: float, hosts: Sequence[str], *, thin: Callable[[Cell], Cell], step: float
) -> Scene:
    """Return the scene of the undeformed body with its lids, for states to be laid over it.

    Args:
        run: The run.
        soc: State of charge that decides which outlines are worth drawing.
        hosts: Regions that swell.
        thin: Makes surfaces coarser, before they are extended to a body.
        step: Angle between the meridians of a revolved body [rad].
    """
    index, _ = align.nearest_state(run, soc)
    grid = run.state(index)
    now, before = (cell(run, grid, hosts, deformed=deformed) for deformed in (True, False))
    return _scene(
        run,
        float(run.column("t")[0]),
        hosts,
        drawn=thin(before),
        now=now,
        before=before,
        step=step,
        lids=True,
    )


def _scene(
    run: Run,
    time: float,
    hosts: Sequence[str],
    *,
    drawn: Cell,
    now: Cell,
    before: Cell,
    step: float = revolve.STEP,
    lids: bool = False,
    shown: Shown | None = None,
) -> Scene:
    azimuth, elevation = np.radians(_VIEWS[run.kinematics])
    view = np.array(
        [
            np.sin(azimuth) * np.cos(elevation),
            -np.cos(azimuth) * np.cos(elevation),
            np.sin(elevation),
        ]
    )
    how = EXTENSIONS[run.kinematics](run, drawn, step)
    floor = _floor(drawn, hosts)
    shown = shown or Shown()
    found = [*_layers(how, drawn, painted(run, hosts, shown.inside), floor, lids=lids)]
    found.append(Layer(mesh=_outline(how, now, before), kind="outline"))
    layers = [layer for layer in found if layer.mesh.n_cells]
    shortened = [name for name, mesh in drawn.solids.items() if mesh.bounds[4] < floor]
    return Scene(
        run=run,
        soc=align.at_time(run, run.column("soc"), time),
        time=time,
        shown=shown,
        layers=layers,
        view=view,
        shortened=shortened,
    )


def _floor(now: Cell, hosts: Sequence[str]) -> float:
    """Return the height below which nothing is drawn.

    Args:
        now: The symmetry cell as it is drawn.
        hosts: Regions that swell.
    """
    low = min(now.solids[name].bounds[4] for name in hosts)
    high = max(now.solids[name].bounds[5] for name in hosts)
    below = [
        mesh.bounds[4]
        for name, mesh in now.solids.items()
        if name not in hosts and name not in now.shells
    ]
    depth = SECTION_DEPTH * (high - low)
    return low - depth / 2 if min(below, default=low) < low - depth else -np.inf


def _layers(
    how: Extension, now: Cell, coloured: Sequence[str], floor: float, *, lids: bool
) -> Iterator[Layer]:
    # hosts that no cut meets are seen through the shells around them
    whole_hosts = (
        {} if any(face.n_cells for name, face in how.faces if name in now.beneath) else now.beneath
    )
    for lid in (False, True) if lids else (False,):
        yield Layer(mesh=how.opened(now.sei, lid=lid), kind="sei", lid=lid)
        for name, skin in whole_hosts.items():
            kind = "skin" if name in coloured else "part"
            yield Layer(mesh=how.opened(skin, lid=lid), kind=kind, region=name, lid=lid)
        for name, skin in now.skins.items():
            kind = "skin" if name in coloured else "shell" if name in now.shells else "part"
            body = how.opened(skin, shell=kind == "shell", lid=lid)
            yield Layer(mesh=revolve.half(body, 2, floor, 1.0), kind=kind, region=name, lid=lid)
        for name, (membrane, covered) in now.membranes.items():
            if not covered:
                body = how.opened(membrane, shell=True, lid=lid)
                yield Layer(mesh=body, kind="shell", region=name, lid=lid)
    for name, (membrane, _) in now.membranes.items():
        yield Layer(mesh=how.trace(how.surface(membrane)), kind="rim", region=name)
    for name, whole in how.faces:
        face = revolve.half(whole, 2, floor, 1.0)
        yield Layer(mesh=face, kind="stress" if name in coloured else "face", region=name)
        yield Layer(mesh=_border(face), kind="edge", region=name)
    for name, whole in how.sides:
        face, kind = revolve.half(whole, 2, floor, 1.0), "stress" if name in coloured else "face"
        kept = revolve.outside(face, how.centre, merge=True) if how.centre else face
        yield Layer(mesh=kept, kind=kind, region=name, side=True)
        yield Layer(mesh=_border(kept), kind="edge", region=name)
        if lids and how.centre:
            taken = revolve.inside(face, how.centre)
            yield Layer(mesh=taken, kind=kind, region=name, lid=True, side=True)
            yield Layer(mesh=_border(face), kind="edge", region=name, lid=True)


def _outline(how: Extension, now: Cell, before: Cell) -> pv.PolyData:
    """Return where hull and host met the cuts before lithiation.

    Only what has moved since then and makes simple curves.

    Args:
        how: How the cell becomes a body.
        now: The cell as it is.
        before: The cell before lithiation.
    """
    curves = []
    for facets, moved in ((before.hull, now.hull), (before.host, now.host)):
        if np.abs(moved.points - facets.points).max(initial=0.0) < LEAST_MOTION * facets.length:
            continue
        body = how.surface(facets)
        curve = how.trace(body)
        if _pieces(curve) <= MOST_CURVES:
            curves.append(curve)
        elif facets is before.hull and _is_box(body):
            # the outer faces of a sponge come in pieces; together they are a box
            curves.append(how.trace(pv.Box(body.bounds).triangulate()))
    return revolve.join(curves)


def _pieces(curve: pv.PolyData) -> int:
    return int(curve.connectivity()["RegionId"].max()) + 1 if curve.n_cells else 0


def _is_box(body: pv.PolyData) -> bool:
    """Whether every point lies in a face of the bounding box."""
    points = np.asarray(body.points, dtype=float)
    distance = [np.abs(points - edge) for edge in (points.min(axis=0), points.max(axis=0))]
    return bool((np.min(distance, axis=(0, 2)) < 1e-4 * np.ptp(points)).all())


def _border(face: pv.PolyData) -> pv.PolyData:
    if not face.n_cells:
        return face
    return face.extract_feature_edges(
        boundary_edges=True, feature_edges=False, manifold_edges=False, non_manifold_edges=False
    )

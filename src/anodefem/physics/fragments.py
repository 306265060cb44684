"""Pieces into which a body has broken.

Cells hang together through the facets that they share. A cell is broken, and connects nothing, if
the crack field reaches `BROKEN` at one of its vertices; void connects nothing either, nor does a
facet of an interface that has spent this share of its toughness at one of its nodes. A crack that
has run is a chain of such vertices, so that the cells on its two sides share no facet any more,
however coarse the mesh; a cell whose mean is asked instead passes or fails by the ratio of cell to
crack length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem

from anodefem.compilation import compile_form
from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import Event, Physics
from anodefem.fem.domain import Domain
from anodefem.fem.symbols import Symbols
from anodefem.meshing.simplices import components

#: Crack field from which on a vertex is broken: it has 1/400 of its stiffness left, and what a
#: broken point keeps.
BROKEN = 0.95
#: A piece counts if it has this share of the volume; crumbs along a crack do not.
CRUMB = 1e-3

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Body:
    """Cells and what they share, in the numbering of the mesh file.

    Attributes:
        volumes: Reference volume of every cell [um^3], shape (n,).
        regions: Tag of every cell, shape (n,).
        mirrors: Whether a cell has a facet in each plane across which the body goes on, shape
            (n, k).
        bonds: Pairs of cells that share a facet, shape (m, 2).
    """

    volumes: Floats
    regions: Ints
    mirrors: Flags
    bonds: Ints

    def pieces(self, chosen: Flags, cut: Flags) -> Ints:
        """Number of the piece of every cell, -1 where ``chosen`` is false.

        Args:
            chosen: Cells that are part of a piece, shape (n,).
            cut: Bonds that do not hold, shape (m,).
        """
        holds = ~cut & chosen[self.bonds].all(axis=1)
        label = components(len(chosen), self.bonds[holds])
        number = np.full(len(chosen), -1, dtype=np.int64)
        number[chosen] = np.unique(label[chosen], return_inverse=True)[1].ravel()
        return number

    def sizes(self, pieces: Ints) -> Floats:
        """Volume of every piece [um^3]."""
        return self.sums(pieces, self.volumes)

    def sums(self, pieces: Ints, values: Floats) -> Floats:
        """Sum of values by cell over every piece.

        Args:
            pieces: Number of the piece of every cell, -1 for none.
            values: One a cell.
        """
        inside = pieces >= 0
        return np.bincount(pieces[inside], values[inside]).astype(np.float64)

    def counted(self, pieces: Ints) -> Flags:
        """Pieces that are more than crumbs of these cells."""
        sizes = self.sizes(pieces)
        return sizes >= CRUMB * sizes.sum()

    def modelled(self, pieces: Ints) -> Floats:
        """Part of every piece that is modelled: half of one that reaches a mirror, and so on."""
        count, inside = int(pieces.max(initial=-1)) + 1, pieces >= 0
        touched = np.zeros((count, self.mirrors.shape[1]), dtype=bool)
        np.logical_or.at(touched, pieces[inside], self.mirrors[inside])
        return np.asarray(0.5 ** touched.sum(axis=1))


class Fragments(Physics):
    """Counts the pieces of a body that can break."""

    name = "fragments"

    def tracker(self, s: Symbols) -> Tracker:
        """Prepare the count; collective."""
        return Tracker(s)

    def events(self, s: Symbols) -> Sequence[Event]:
        """The first crack."""
        tracker = s.once(self.tracker)
        return [
            Event(
                kind="cracked",
                level=lambda row: float(tracker.cracked),
                message=lambda row: f"the first crack opened by soc = {row['soc [-]']:.4f}",
            )
        ]

    @columns(
        Column(
            "fragments",
            "-",
            "pieces of the modelled part that share no facet; cells with a crack field of 0.95 at "
            "a vertex, facets of interfaces with 95 % of their toughness spent at a node, and "
            "voids connect nothing; what has less than 1/1000 of the volume is a crumb that does "
            "not count",
        ),
        Column(
            "isolated_volume",
            "-",
            "share of the hosts' reference volume in other pieces than that of the collector, or "
            "than the largest one if the geometry has no collector; crumbs count, broken cells do "
            "not",
        ),
        Column(
            "fragments_<region>", "-", "pieces of one region by itself that can break, likewise"
        ),
        Column(
            "fragment_volume_<region>",
            "um^3",
            "mean reference volume of its pieces in the body that planes of symmetry make whole, "
            "where a piece that reaches k of them counts 2^-k; over the thickness of a film and "
            "the depth it is the mean distance between its cracks",
        ),
    )
    def pieces(self, s: Symbols) -> Evaluate:
        """Pieces of the body and of each region that can break."""
        return s.once(self.tracker).row


class Tracker:
    """Follows the pieces of a body; every method is collective.

    Attributes:
        cracked: Whether more cells were broken at the last `row` than when this was made.
    """

    def __init__(self, s: Symbols) -> None:
        """Gather the body on rank 0.

        Args:
            s: Symbols of a problem of which some regions can break, or interfaces debond.
        """
        self._domain, self._state = s.domain, s.state
        tags = s.domain.manifest.cells
        self._solids = {region.name: tags[region.name] for region in s.regions}
        self._hosts = [tags[region.name] for region in s.storing]
        self._collector = [tags[name] for name in s.domain.manifest.roles.collector]
        self._breaking = [name for name in self._solids if name in s.offered("crack")]
        cells = s.domain.cells(*self._breaking)
        self._fragile = cells[cells < s.domain.owned_cells]
        facets, self._first, self._body = _gathered(s.domain)
        self._bonds, self._inside, self._limits = _interfaces(s, facets)
        self._known: tuple[Ints, Ints] | None = None
        self._now = 0
        self._row: dict[str, float] = {}
        self.cracked, self._flaws = False, 0
        self.row()
        self._flaws, self.cracked = self._now, False

    def row(self) -> dict[str, float]:
        """Metrics of the present state by column name."""
        comm = self._domain.comm
        cells = self._fragile[self._reaches("crack", self._fragile, BROKEN)]
        broken = self._domain.mesh.topology.original_cell_index[cells]
        apart = self._reaches("interface_damage", self._inside, self._limits)
        cut = self._bonds[apart] + self._first
        found = comm.gather((broken, cut), root=0)
        if found is not None and self._body is not None:
            now = tuple(np.sort(np.concatenate(part)) for part in zip(*found, strict=True))
            self._update(self._body, *now)
        self._row, self._now = comm.bcast((self._row, self._now), root=0)
        self.cracked = self._now > self._flaws
        return self._row

    def _reaches(self, name: str, cells: npt.NDArray[np.int32], limit: Floats | float) -> Flags:
        """Whether a field reaches a limit at a node of cells; nowhere if there is none."""
        if name not in self._state:
            return np.zeros(len(cells), dtype=bool)
        field = self._state[name]
        values = field.x.array[field.function_space.dofmap.list[cells]]
        return np.asarray(values.max(axis=1) >= limit)

    def _update(self, body: Body, broken: Ints, cut: Ints) -> None:
        """Count pieces anew if something has broken since; on rank 0."""
        if self._known is not None and all(map(np.array_equal, self._known, (broken, cut))):
            return
        self._known, self._now = (broken, cut), len(broken)
        gone, loose = np.zeros(len(body.volumes), dtype=bool), np.zeros(len(body.bonds), dtype=bool)
        gone[broken], loose[cut] = True, True
        self._row = whole_body(
            body, gone, loose, [*self._solids.values()], self._hosts, self._collector
        )
        for name in self._breaking:
            self._row |= one_region(body, gone, loose, name, self._solids[name])


def _interfaces(
    s: Symbols, facets: npt.NDArray[np.int32]
) -> tuple[Ints, npt.NDArray[np.int32], Floats]:
    """Places among ``facets`` of interfaces that can debond, and the cells that know how far.

    With them the damage at which each no longer holds. A cell with facets in two such interfaces
    counts for both.
    """
    domain = s.domain
    to_cells = domain.mesh.topology.connectivity(domain.dim - 1, domain.dim)
    places: list[Ints] = [np.empty(0, dtype=np.int64)]
    cells: list[npt.NDArray[np.int32]] = [np.empty(0, dtype=np.int32)]
    limits: list[Floats] = [np.empty(0)]
    for each in s.offered("interface").values():
        own = domain.interface_facets(each.inside, each.outside)
        place = np.flatnonzero(np.isin(facets, own))
        first = to_cells.offsets[facets[place]]
        pair = np.stack([to_cells.array[first], to_cells.array[first + 1]], axis=1)
        inside = np.isin(pair, domain.cells(each.inside))
        places.append(place)
        cells.append(pair[inside])
        limits.append(np.full(len(place), each.law.damage_at(BROKEN)))
    return np.concatenate(places), np.concatenate(cells), np.concatenate(limits)


def whole_body(
    body: Body,
    broken: Flags,
    cut: Flags,
    solids: Sequence[int],
    hosts: Sequence[int],
    collector: Sequence[int],
) -> dict[str, float]:
    """Pieces of all solids, and the share of the hosts that has lost the others.

    Args:
        body: Cells.
        broken: Cells that connect nothing.
        cut: Bonds that do not hold.
        solids: Tags of the solid regions.
        hosts: Tags of those that store.
        collector: Tags of those that the others must hang on to; without one, on to the largest
            piece.
    """
    pieces = body.pieces(np.isin(body.regions, solids) & ~broken, cut)
    host = np.where(np.isin(body.regions, hosts), body.volumes, 0.0)
    held = body.sums(pieces, host)
    weights = body.volumes
    if collector:
        weights = np.where(np.isin(body.regions, collector), body.volumes, 0.0)
    home = held[body.sums(pieces, weights).argmax()] if len(held) else 0.0
    return {
        "fragments": float(body.counted(pieces).sum()),
        "isolated_volume": float((held.sum() - home) / host.sum()),
    }


def one_region(body: Body, broken: Flags, cut: Flags, name: str, tag: int) -> dict[str, float]:
    """Pieces of a region by itself, and their mean volume in the body that mirrors make whole.

    Args:
        body: Cells.
        broken: Cells that connect nothing.
        cut: Bonds that do not hold.
        name: Of the region.
        tag: Of the region.
    """
    inside = body.regions == tag
    pieces = body.pieces(inside & ~broken, cut)
    counted = body.counted(pieces)
    number = body.modelled(pieces)[counted].sum()
    return {
        f"fragments_{name}": float(counted.sum()),
        f"fragment_volume_{name}": float(body.volumes[inside].sum() / number) if number else 0.0,
    }


def _gathered(domain: Domain) -> tuple[npt.NDArray[np.int32], int, Body | None]:
    """Facets for which this rank speaks, the number of its first bond, and on rank 0 the body.

    The bonds of the body are in the order of these facets, rank by rank.
    """
    topology, own, comm = domain.mesh.topology, domain.owned_cells, domain.comm
    numbers = topology.original_cell_index
    to_cells = topology.connectivity(domain.dim - 1, domain.dim)
    shared = np.flatnonzero(np.diff(to_cells.offsets) == 2).astype(np.int32)
    first = to_cells.offsets[shared]
    pair = np.stack([to_cells.array[first], to_cells.array[first + 1]], axis=1)
    pair = np.take_along_axis(pair, np.argsort(numbers[pair], axis=1), axis=1)
    speaks = pair[:, 0] < own  # the rank of the cell that comes first in the mesh file
    tags = np.zeros(own, dtype=np.int64)
    mine = domain.cell_tags.indices < own
    tags[domain.cell_tags.indices[mine]] = domain.cell_tags.values[mine]
    bonds = numbers[pair[speaks]]
    before = sum(comm.allgather(len(bonds))[: comm.rank])
    parts = comm.gather((numbers[:own], _volumes(domain), tags, _mirrors(domain), bonds), root=0)
    if parts is None:
        return shared[speaks], before, None
    order, volumes, regions, mirrors, bonds = (
        np.concatenate(part) for part in zip(*parts, strict=True)
    )
    place = np.argsort(order)
    body = Body(volumes[place], regions[place], mirrors[place], bonds)
    return shared[speaks], before, body


def _volumes(domain: Domain) -> Floats:
    """Reference volume of every cell of this rank [um^3]."""
    space = fem.functionspace(domain.mesh, ("DG", 0))
    weight = domain.kinematics.weight * ufl.TestFunction(space)
    vector = fem.assemble_vector(
        compile_form(weight * domain.dx(*domain.regions, degree=domain.solid_degree))
    )
    return np.asarray(vector.array[space.dofmap.list[: domain.owned_cells].ravel()])


def _mirrors(domain: Domain) -> Flags:
    """Whether each cell of this rank has a facet in each plane across which the body goes on.

    These are the planes of symmetry, but not an axis nor a wall around it.
    """
    turned = domain.kinematics.kind == "axisymmetric"
    symmetry = domain.manifest.roles.symmetry
    names = [name for name, axis in symmetry.items() if not (turned and axis == 0)]
    found = np.zeros((domain.owned_cells, len(names)), dtype=bool)
    to_cells = domain.mesh.topology.connectivity(domain.dim - 1, domain.dim)
    for place, name in enumerate(names):
        cells = to_cells.array[to_cells.offsets[domain.facets(name)]]
        found[cells[cells < domain.owned_cells], place] = True
    return found

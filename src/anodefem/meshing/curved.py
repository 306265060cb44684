"""Second-order meshes, and measures of meshes of either order."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import combinations, product

import numpy as np
import numpy.typing as npt

from anodefem.geometry import Array, Indices, SimplexMesh
from anodefem.meshing.periodic import Pairs, curved_partners
from anodefem.meshing.simplices import edges_of, keys

# Order of the edges of a simplex in VTK, XDMF and meshio, by number of corners.
EDGES = {
    2: ((0, 1),),
    3: ((0, 1), (1, 2), (0, 2)),
    4: ((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3)),
}

_ATTEMPTS = 24  # of making edges straighter until no cell folds


def promoted(mesh: SimplexMesh) -> tuple[Array, Indices, Indices]:
    """Return points, cells and facets of the second-order mesh.

    The vertices keep their numbers; middles of edges follow, those of curved edges where the mesh
    says, all others halfway. Cells get 6 or 10 columns, facets 3 or 6, in the order of VTK.
    """
    count = len(mesh.points)
    edges = edges_of(mesh.cells)
    ranked = keys(edges, count)
    middles = mesh.points[edges].mean(axis=1)
    if len(mesh.curved_edges):
        middles[np.searchsorted(ranked, keys(mesh.curved_edges, count))] = mesh.curved_middles

    def extended(simplices: Indices) -> Indices:
        columns = [
            count + np.searchsorted(ranked, keys(simplices[:, pair], count))
            for pair in EDGES[simplices.shape[1]]
        ]
        return np.concatenate([simplices, np.stack(columns, axis=1)], axis=1)

    return np.concatenate([mesh.points, middles]), extended(mesh.cells), extended(mesh.facets)


def unfolded(mesh: SimplexMesh, pairs: Pairs = ()) -> tuple[SimplexMesh, int]:
    """Return the mesh with those edges less curved that fold a second-order cell.

    Where thin layers meet a tight bend, cells follow it only if edges are shorter than the bend is
    wide. Elsewhere an edge that is a little too straight costs less than many short ones.

    Args:
        mesh: A mesh.
        pairs: Facet groups on periodic sides, which stay alike.

    Returns:
        The mesh, and the number of edges that are less curved than the body is.
    """
    changed = np.zeros(len(mesh.curved_edges), dtype=bool)
    same = curved_partners(mesh, pairs)
    for attempt in range(_ATTEMPTS):
        points, cells, _ = promoted(mesh)
        bad = smallest_jacobian(points, cells, mesh.dim) <= 0
        if not bad.any():
            break
        count = len(mesh.points)
        wrong = keys(edges_of(mesh.cells[bad]), count)
        bent = np.isin(keys(mesh.curved_edges, count), wrong)
        bent[same[bent[same].any(axis=1)]] = True
        halfway = mesh.points[mesh.curved_edges[bent]].mean(axis=1)
        left = 0.0 if attempt > 2 else 0.5  # first gently, then for good
        middles = mesh.curved_middles.copy()
        middles[bent] = halfway + left * (middles[bent] - halfway)
        mesh = replace(mesh, curved_middles=middles)
        changed |= bent
    return mesh, int(changed.sum())


@cache
def _rule(dim: int, order: int) -> tuple[Array, Array]:
    """Points (barycentric, shape ``(q, dim + 1)``) and weights of a rule on the unit simplex.

    A product of Gauss rules folded onto the simplex; exact for the volume of second-order cells
    and for the 2 pi r weight of axisymmetry.
    """
    nodes, weights = (each / 2.0 for each in np.polynomial.legendre.leggauss(order + 1))
    rows, factors = [], []
    for chosen in product(range(order + 1), repeat=dim):
        rest, factor, row = 1.0, 1.0, []
        for axis, index in enumerate(chosen):
            row.append(rest * (0.5 + nodes[index]))
            factor *= weights[index] * (0.5 - nodes[index]) ** (dim - 1 - axis)
            rest -= row[-1]
        rows.append([rest, *row])
        factors.append(factor)
    return np.array(rows), np.array(factors)


def _shape(barycentric: Array, nodes: int) -> tuple[Array, Array]:
    """Shape functions ``(q, nodes)`` and derivatives ``(q, nodes, dim)`` on the unit simplex."""
    corners = barycentric.shape[1]
    slopes = np.concatenate([-np.ones((1, corners - 1)), np.eye(corners - 1)])
    if nodes == corners:
        return barycentric, np.broadcast_to(slopes, (len(barycentric), *slopes.shape))
    values = [barycentric[:, i] * (2.0 * barycentric[:, i] - 1.0) for i in range(corners)]
    derivatives = [(4.0 * barycentric[:, i, None] - 1.0) * slopes[i] for i in range(corners)]
    for i, j in EDGES[corners]:
        values.append(4.0 * barycentric[:, i] * barycentric[:, j])
        derivatives.append(
            4.0 * (barycentric[:, i, None] * slopes[j] + barycentric[:, j, None] * slopes[i])
        )
    return np.stack(values, axis=1), np.stack(derivatives, axis=1)


def _order(dim: int, nodes: int) -> int:
    return 1 if nodes == dim + 1 else 2


def _weight(position: Array, kinematics: str) -> Array | float:
    return 2.0 * np.pi * position[..., 0] if kinematics == "axisymmetric" else 1.0


def measures(points: Array, simplices: Indices, dim: int, kinematics: str) -> Array:
    """Return the measure of each cell or facet, revolved in axisymmetry, shape ``(m,)``.

    Args:
        points: Shape ``(n, d)``, in um.
        simplices: Node numbers of first- or second-order simplices of dimension ``dim``.
        dim: Dimension of the simplices.
        kinematics: One of `anodefem.geometry.KINEMATICS`.
    """
    barycentric, weights = _rule(dim, _order(dim, simplices.shape[1]))
    values, derivatives = _shape(barycentric, simplices.shape[1])
    node = points[simplices]
    total = np.zeros(len(simplices))
    for weight, value, derivative in zip(weights, values, derivatives, strict=True):
        tangents = np.einsum("mnx,na->max", node, derivative)
        # not by Gram's determinant, whose round-off is that of the square: flat cells show it
        if dim == points.shape[1]:
            size = np.abs(np.linalg.det(tangents))
        else:
            size = np.linalg.norm(_normal(tangents), axis=1)
        position = np.einsum("mnx,n->mx", node, value)
        total += weight * size * _weight(position, kinematics)
    return total


def smallest_jacobian(points: Array, cells: Indices, dim: int) -> Array:
    """Return the smallest Jacobian of each cell over its nodes and the integration points.

    Args:
        points: Nodes in um, shape ``(n, d)``.
        cells: Node numbers of first- or second-order cells, one row per cell.
        dim: Dimension of the cells.
    """
    barycentric, _ = _rule(dim, _order(dim, cells.shape[1]))
    corners = np.eye(dim + 1)
    middles = [(corners[i] + corners[j]) / 2.0 for i, j in combinations(range(dim + 1), 2)]
    _, derivatives = _shape(np.concatenate([barycentric, corners, middles]), cells.shape[1])
    node = points[cells]
    found = [np.linalg.det(np.einsum("mnx,na->max", node, each)) for each in derivatives]
    return np.asarray(np.min(found, axis=0))


def enclosed_volume(points: Array, facets: Indices, inside: Array, kinematics: str) -> float:
    """Return the volume between facets and the origin, from the integral of ``x . n``.

    Args:
        points: Shape ``(n, d)``, in um.
        facets: Node numbers of first- or second-order facets.
        inside: For each facet a point on its inner side, shape ``(k, d)``.
        kinematics: One of `anodefem.geometry.KINEMATICS`.
    """
    dim = points.shape[1] - 1
    barycentric, weights = _rule(dim, _order(dim, facets.shape[1]))
    values, derivatives = _shape(barycentric, facets.shape[1])
    node = points[facets]
    # A curved facet may bulge past a point inside, its straight counterpart does not.
    corner = node[:, : dim + 1]
    straight = _normal(corner[:, 1:] - corner[:, :1])
    outward = np.sign(np.einsum("mx,mx->m", straight, corner[:, 0] - inside))
    total = np.zeros(len(facets))
    for weight, value, derivative in zip(weights, values, derivatives, strict=True):
        normal = _normal(np.einsum("mnx,na->max", node, derivative))
        position = np.einsum("mnx,n->mx", node, value)
        flux = outward * np.einsum("mx,mx->m", normal, position)
        total += weight * flux * _weight(position, kinematics)
    return float(total.sum()) / (2.0 if kinematics == "plane_strain" else 3.0)


def _normal(tangents: npt.NDArray[np.float64]) -> Array:
    if tangents.shape[1] == 1:
        return np.stack([tangents[:, 0, 1], -tangents[:, 0, 0]], axis=1)
    return np.asarray(np.cross(tangents[:, 0], tangents[:, 1]))

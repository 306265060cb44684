"""Deformation measures in three dimensions, whatever the dimension of the mesh.

Tensors are 3 x 3. The axes are (x, y, z) in plane strain and 3D, and (r, z, theta) in axisymmetry,
so that the in-plane block comes first in every two-dimensional case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import ufl
from ufl.core.expr import Expr

Kind = Literal["axisymmetric", "plane_strain", "3d"]

IDENTITY = ufl.Identity(3)


@dataclass(frozen=True, slots=True)
class Kinematics:
    """How the gradients of a mesh become three-dimensional.

    Attributes:
        kind: "axisymmetric" (coordinates r, z), "plane_strain" (x, y) or "3d".
        position: Coordinates in the reference configuration [um], shape (2,) or (3,).
    """

    kind: Kind
    position: Expr

    @property
    def weight(self) -> Expr | float:
        """Factor of every volume and area element: 2 pi r in axisymmetry [um], else 1."""
        return 2 * ufl.pi * self.position[0] if self.kind == "axisymmetric" else 1.0

    def gradient(self, v: Expr) -> Expr:
        """Reference gradient of a vector field of shape (2,) or (3,), as a 3 x 3 tensor."""
        g = ufl.grad(v)
        if self.kind == "3d":
            return g
        hoop = v[0] / self.position[0] if self.kind == "axisymmetric" else 0.0
        return ufl.as_matrix([[g[0, 0], g[0, 1], 0], [g[1, 0], g[1, 1], 0], [0, 0, hoop]])

    def facet_gradient(self, v: Expr, tangent: Expr) -> Expr:
        """Reference gradient on a facet for a rule with one point, in its middle.

        In axisymmetry that rule sees the radial displacement of the middle in the hoop strain and
        nothing of its slope along the facet, so an even tension would push middles out and ends
        in, at the axis as a point force. The mean of the ends in place of the middle leaves no
        such forces; it is v + t.grad grad v.t/8.

        Args:
            v: Quadratic vector field.
            tangent: Vector t along the facet, as long as it is; ignored but in axisymmetry.
        """
        if self.kind != "axisymmetric":
            return self.gradient(v)
        bulge = ufl.dot(tangent, ufl.dot(ufl.grad(ufl.grad(v[0])), tangent)) / 8
        hoop = ufl.as_matrix([[0, 0, 0], [0, 0, 0], [0, 0, bulge / self.position[0]]])
        return self.gradient(v) + hoop

    def unit_normal(self, v: Expr, N: Expr) -> Expr:
        """Current unit normal of a facet, finite on the axis too: the hoop stretch cancels.

        Args:
            v: Displacement.
            N: Reference unit normal, shape (3,).
        """
        g = ufl.grad(v)
        if self.kind != "3d":
            g = ufl.as_matrix([[g[0, 0], g[0, 1], 0], [g[1, 0], g[1, 1], 0], [0, 0, 0]])
        n = cofactor_normal(IDENTITY + g, N)
        return n / ufl.sqrt(ufl.dot(n, n))

    def scalar_gradient(self, q: Expr) -> Expr:
        """Reference gradient of a scalar field, shape (3,)."""
        return self.vector(ufl.grad(q))

    def vector(self, v: Expr) -> Expr:
        """Pad a vector of the mesh's dimension to shape (3,)."""
        return v if self.kind == "3d" else ufl.as_vector([v[0], v[1], 0])

    def deformation_gradient(self, u: Expr) -> Expr:
        """F = I + grad u, shape (3, 3)."""
        return IDENTITY + self.gradient(u)

    @property
    def symmetric_size(self) -> int:
        """Number of independent components of a symmetric tensor in this kinematics."""
        return 6 if self.kind == "3d" else 4

    def symmetric(self, a: Expr | Sequence[Expr]) -> Expr:
        """Symmetric 3 x 3 tensor from its components (11, 22, 33, 12[, 13, 23])."""
        if self.kind == "3d":
            return ufl.as_matrix([[a[0], a[3], a[4]], [a[3], a[1], a[5]], [a[4], a[5], a[2]]])
        return ufl.as_matrix([[a[0], a[3], 0], [a[3], a[1], 0], [0, 0, a[2]]])

    def components(self, t: Expr) -> Expr:
        """Inverse of `symmetric`."""
        upper = [t[0, 0], t[1, 1], t[2, 2], t[0, 1]]
        return ufl.as_vector([*upper, t[0, 2], t[1, 2]] if self.kind == "3d" else upper)


def cofactor(F: Expr) -> Expr:
    """cof F of a 3 x 3 tensor, det F inv(F).T where that exists (by Cayley and Hamilton)."""
    square, first = ufl.dot(F, F), ufl.tr(F)
    return (square - first * F + (first**2 - ufl.tr(square)) / 2 * IDENTITY).T


def cofactor_normal(F: Expr, N: Expr) -> Expr:
    """Nanson's vector cof(F) N: current area times current normal, per reference area."""
    return ufl.det(F) * ufl.dot(ufl.inv(F).T, N)


def deviator(a: Expr) -> Expr:
    """Deviatoric part of a 3 x 3 tensor."""
    return a - ufl.tr(a) / 3 * IDENTITY


def smooth_norm(a: Expr, *, floor: float) -> Expr:
    """Frobenius norm, kept away from zero by ``floor`` so that its derivative exists there."""
    return ufl.sqrt(ufl.inner(a, a) + floor**2)

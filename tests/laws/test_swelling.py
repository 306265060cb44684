"""Swelling along the axes of a material: free of stress, and with one energy behind its laws.

The energy is written again here, in numpy and with eigenvalues, as a function of F, x and Cp.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import ufl

from anodefem.cards.curves import Linear
from anodefem.laws.elasticity import Yielding
from anodefem.laws.kinematics import Kind, Kinematics
from anodefem.laws.plasticity import Elastic, FlowRule
from anodefem.laws.swelling import AnisotropicSwelling, Exponents, cartesian, radial
from tests.laws import states
from tests.laws.point import Array, compiled, numerical_derivative, symbol
from tests.laws.solids import AXES, FLOWS, HENCKY, SWELLING, YIELDING, Point, name

EXPONENTS: Exponents = (0.1, 0.5, 0.4)
X = 0.4
LAWS = pytest.mark.parametrize("law", YIELDING, ids=name)
EVERY_FLOW = pytest.mark.parametrize("flow", [Elastic(), *FLOWS], ids=lambda f: type(f).__name__)


@cache
def textured(law: Yielding, flow: FlowRule | None = None) -> Point:
    """Solid with the anisotropy of `EXPONENTS` along x, y, z."""
    return Point(law, flow, anisotropy=cartesian(EXPONENTS, AXES))


def stretches(x: float) -> Array:
    """Free swelling along x, y, z."""
    return np.diag(SWELLING(x) ** np.array(EXPONENTS))


def energy(law: Yielding, F: Array, x: Array, plastic: Array) -> Array:
    """Free energy per reference volume [MPa] at given Cp^-1."""
    Jc = SWELLING(x)
    young, poisson = 80e3 - 39e3 * x, 0.22 + 0.04 * x
    G, K = young / (2 * (1 + poisson)), young / (3 * (1 - 2 * poisson))
    elastic = F / Jc[:, None, None] ** np.array(EXPONENTS)
    Je = np.linalg.det(elastic)
    b = np.einsum("nij,njk,nlk->nil", elastic, plastic, elastic)
    squares = np.linalg.eigvalsh(b) / np.cbrt(Je**2)[:, None]
    if law is HENCKY:
        shape = G * (np.log(squares) ** 2).sum(axis=1) / 4
    else:
        shape = G / 2 * (squares.sum(axis=1) - 3)
    return Jc * (shape + K / 2 * np.log(Je) ** 2)


@LAWS
@pytest.mark.parametrize("x", [0.0, 0.4, 1.0])
def test_a_free_body_swells_along_its_axes_without_stress(law: Yielding, x: float) -> None:
    F = states.rotations() @ stretches(x)
    point = textured(law, FLOWS[0])
    np.testing.assert_allclose(point("cauchy", F, x), 0.0, atol=1e-9)
    np.testing.assert_allclose(point("dpsi_dx", F, x), 0.0, atol=1e-8)
    np.testing.assert_array_equal(point("multiplier", F, x), 0.0)
    assert (np.abs(Point(law)("cauchy", F, x)).max(axis=(1, 2)) > 1e3).all() or x == 0.0


@LAWS
def test_equal_exponents_are_isotropic_swelling(law: Yielding) -> None:
    third = 1.0 / 3.0
    same = Point(law, FLOWS[0], anisotropy=cartesian((third, third, third), AXES))
    plain, F = Point(law, FLOWS[0]), states.deformations(size=0.1) @ stretches(X)
    for quantity in ("piola", "plastic", "dpsi_dx", "multiplier"):
        expected = plain(quantity, F, X)
        scale = np.abs(expected).max()
        np.testing.assert_allclose(same(quantity, F, X), expected, atol=1e-11 * scale)


def _moved(law: Yielding, flow: FlowRule) -> tuple[Array, Array, Array]:
    """States with history: F, Cp^-1 at the start of the step and at its end."""
    start = states.metrics(20, size=0.1)
    root = np.linalg.cholesky(np.linalg.inv(start))
    F = states.deformations(size=0.05) @ states.transpose(root) @ stretches(X)
    point = textured(law, flow)
    flows = not isinstance(flow, Elastic)
    assert (point("multiplier", F, X, plastic=start) > 0.0).all() == flows
    return F, start, point("plastic", F, X, plastic=start)


@LAWS
@EVERY_FLOW
def test_the_stress_is_the_slope_of_the_energy_at_the_plastic_strain_reached(
    law: Yielding, flow: FlowRule
) -> None:
    F, start, end = _moved(law, flow)
    expected = numerical_derivative(
        lambda at: energy(law, at, np.full(20, X), end), F, rank=2, step=2e-4
    )
    found = textured(law, flow)("piola", F, X, plastic=start)
    np.testing.assert_allclose(found, expected, atol=1e-8 * np.abs(expected).max())


@LAWS
@EVERY_FLOW
def test_the_potential_is_the_slope_of_the_energy_at_fixed_deformation_and_plastic_strain(
    law: Yielding, flow: FlowRule
) -> None:
    F, start, end = _moved(law, flow)
    expected = numerical_derivative(
        lambda at: energy(law, F, at, end), np.full(20, X), rank=0, step=1e-3
    )
    found = textured(law, flow)("dpsi_dx", F, X, plastic=start)
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-9 * np.abs(expected).max())


@LAWS
def test_stress_and_history_do_not_see_a_rotation_of_the_body(law: Yielding) -> None:
    point, Q = textured(law, FLOWS[0]), states.rotations()
    F = states.deformations(size=0.1) @ stretches(X)
    stress = point("piola", F, X)
    np.testing.assert_allclose(
        point("piola", Q @ F, X), Q @ stress, atol=1e-11 * np.abs(stress).max()
    )
    np.testing.assert_allclose(point("plastic", Q @ F, X), point("plastic", F, X), atol=1e-12)
    np.testing.assert_allclose(
        point("dpsi_dx", Q @ F, X), point("dpsi_dx", F, X), rtol=1e-10, atol=1e-6
    )


@LAWS
def test_the_tangent_is_the_derivative_of_the_stress(law: Yielding) -> None:
    point, F = textured(law, FLOWS[0]), states.deformations(size=0.1) @ stretches(X)
    expected = numerical_derivative(lambda at: point("piola", at, X), F, rank=2, step=2e-4)
    np.testing.assert_allclose(point("tangent", F, X), expected, atol=1e-7 * np.abs(expected).max())


def test_elastic_strain_is_what_the_stored_plastic_strain_leaves_after_more_swelling() -> None:
    point, F = textured(HENCKY, FLOWS[0]), states.deformations(size=0.1) @ stretches(X)
    stored = point("plastic", F, X)
    grown = F @ stretches(0.6) / np.diagonal(stretches(X))
    M = states.isochoric(grown / np.diagonal(stretches(0.6)))
    expected = M @ stored @ states.transpose(M)
    found = Point(HENCKY, anisotropy=cartesian(EXPONENTS, AXES))("b", grown, 0.6, plastic=stored)
    np.testing.assert_allclose(found, expected, atol=1e-13)


@pytest.mark.verification
def test_a_textured_film_has_the_stress_of_its_exponent_in_the_plane() -> None:
    """Hencky: M = -E/(1 - nu) beta ln Jc, thickness Jc^beta3 exp(-2 nu M/E)."""
    E, nu, swollen, along, across = 80e3, 0.22, 1.03, 0.2, 0.6
    anisotropy = cartesian((along, along, across), AXES)
    law = type(HENCKY)(lambda x: ufl.as_ufl(E), lambda x: ufl.as_ufl(nu))
    point = Point(law, swelling=Linear(1.0, swollen), anisotropy=anisotropy)
    stress = -E / (1 - nu) * along * np.log(swollen)
    F = np.diag([1.0, 1.0, swollen**across * np.exp(-2 * nu * stress / E)])
    expected = np.diag([stress, stress, 0.0])
    np.testing.assert_allclose(point("tau", F, 1.0), expected, atol=1e-9)


# --- frames ---------------------------------------------------------------------------------------


def kinematics(kind: Kind) -> Kinematics:
    """Kinematics with a symbol for the position."""
    return Kinematics(kind, symbol(3 if kind == "3d" else 2))


def swollen(anisotropy: AnisotropicSwelling, position: ufl.Constant, at: Array) -> Array:
    """Fc at Jc = 2 and at places."""
    return np.linalg.inv(compiled(anisotropy.inverse(ufl.as_ufl(2.0)), position)(at))


def test_the_axis_of_an_axisymmetric_body_is_z() -> None:
    where = kinematics("axisymmetric")
    Fc = swollen(cartesian((0.1, 0.1, 0.8), where), where.position, np.array([0.3, 0.4]))
    np.testing.assert_allclose(Fc, np.diag(2.0 ** np.array([0.1, 0.8, 0.1])), rtol=1e-14)


def test_an_axisymmetric_body_cannot_swell_differently_along_x_and_y() -> None:
    with pytest.raises(ValueError, match="alike along x and y"):
        cartesian(EXPONENTS, kinematics("axisymmetric"))


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        ("3d", [0.3, -0.4, 1.2]),
        ("axisymmetric", [0.5, 1.2]),
        ("plane_strain", [-0.6, 0.8]),
    ],
)
def test_an_onion_swells_along_its_radius_and_alike_across(kind: Kind, place: list[float]) -> None:
    where = kinematics(kind)
    Fc = swollen(radial(EXPONENTS, where), where.position, np.array(place))
    padded = np.array([*place, 0.0][:3])
    n = padded / np.linalg.norm(padded)
    expected = 2.0**0.45 * (np.eye(3) - np.outer(n, n)) + 2.0**0.1 * np.outer(n, n)
    np.testing.assert_allclose(Fc, expected, atol=1e-14)
    np.testing.assert_allclose(np.linalg.det(Fc), 2.0, rtol=1e-14)

"""Gradients become three-dimensional tensors, and tensors their components and back."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import ufl

from anodefem.laws.kinematics import (
    Kind,
    Kinematics,
    cofactor,
    cofactor_normal,
    deviator,
    smooth_norm,
)
from tests.laws import states
from tests.laws.point import compiled, domain, symbol

KINDS: tuple[Kind, ...] = get_args(Kind)
X3 = ufl.SpatialCoordinate(domain(3))
X2 = ufl.SpatialCoordinate(domain(2))


def kinematics(kind: Kind) -> Kinematics:
    """Kinematics over symbolic coordinates."""
    return Kinematics(kind, X3 if kind == "3d" else X2)


def test_3d_takes_the_gradient_as_it_is() -> None:
    x, y, z = X3
    u = ufl.as_vector([x * y, y * z**2, x**3])
    gradient = compiled(kinematics("3d").gradient(u), X3)
    np.testing.assert_allclose(
        gradient([2.0, 3.0, 5.0]), [[3, 2, 0], [0, 25, 30], [12, 0, 0]], rtol=1e-14
    )


def test_plane_strain_does_not_stretch_across_the_plane() -> None:
    x, y = X2
    gradient = compiled(kinematics("plane_strain").gradient(ufl.as_vector([x * y, y**2])), X2)
    np.testing.assert_allclose(gradient([2.0, 3.0]), [[3, 2, 0], [0, 6, 0], [0, 0, 0]], rtol=1e-14)


def test_axisymmetry_stretches_the_hoop_by_displacement_over_radius() -> None:
    r, z = X2
    gradient = compiled(kinematics("axisymmetric").gradient(ufl.as_vector([r * z, z**2])), X2)
    np.testing.assert_allclose(gradient([2.0, 3.0]), [[3, 2, 0], [0, 6, 0], [0, 0, 3]], rtol=1e-14)


@pytest.mark.parametrize(
    ("kind", "across"), [("axisymmetric", 1.55), ("plane_strain", 1.0), ("3d", 1.55)]
)
def test_a_body_swells_alike_in_all_directions_but_across_plane_strain(
    kind: Kind, across: float
) -> None:
    X = kinematics(kind).position
    F = compiled(kinematics(kind).deformation_gradient(0.55 * X), X)
    at = np.full(X.ufl_shape, 0.7)
    np.testing.assert_allclose(F(at), np.diag([1.55, 1.55, across]), rtol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_and_scalar_gradients_have_three_components(kind: Kind) -> None:
    X = kinematics(kind).position
    at = [2.0, 3.0, 5.0][: len(X)]
    expected = [2 * at[0], 1.0, 0.0]
    gradient = compiled(kinematics(kind).scalar_gradient(X[0] ** 2 + X[1]), X)
    np.testing.assert_allclose(gradient(at), expected, rtol=1e-14)
    vector = compiled(kinematics(kind).vector(X), X)
    np.testing.assert_allclose(vector(at), [*at, 0.0][:3], rtol=1e-14)


@pytest.mark.parametrize(
    ("kind", "weight"), [("axisymmetric", 4 * np.pi), ("plane_strain", 1.0), ("3d", 1.0)]
)
def test_volumes_are_those_of_the_revolved_body_in_axisymmetry(kind: Kind, weight: float) -> None:
    X = kinematics(kind).position
    value = compiled(ufl.as_ufl(kinematics(kind).weight), X)
    np.testing.assert_allclose(value(np.full(X.ufl_shape, 2.0)), weight, rtol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_a_symmetric_tensor_comes_back_from_its_components(kind: Kind) -> None:
    k, t = kinematics(kind), symbol(3, 3)
    tensor = states.metrics()
    if kind != "3d":
        tensor[:, :2, 2] = tensor[:, 2, :2] = 0.0
    components = k.components(t)
    assert components.ufl_shape == (k.symmetric_size,)
    np.testing.assert_array_equal(compiled(k.symmetric(components), t)(tensor), tensor)


@pytest.mark.parametrize("kind", KINDS)
def test_components_are_ordered_11_22_33_12_13_23(kind: Kind) -> None:
    t = symbol(3, 3)
    tensor = np.array([[1, 4, 5], [4, 2, 6], [5, 6, 3]])
    components = compiled(kinematics(kind).components(t), t)(tensor)
    assert components.tolist() == [1, 2, 3, 4, 5, 6][: len(components)]


def test_the_cofactor_turns_reference_into_current_areas() -> None:
    F, N = symbol(3, 3), symbol(3)
    area = compiled(cofactor_normal(F, N), F, N)
    for deformation, normal in zip(states.deformations(), states.normals(), strict=True):
        t1 = np.cross(normal, [0.3, -0.5, 0.8])
        t2 = np.cross(normal, t1)  # t1, t2, normal: right-handed
        current = np.cross(deformation @ t1, deformation @ t2) / (t1 @ t1)
        np.testing.assert_allclose(area(deformation, normal), current, rtol=1e-12, atol=1e-13)


def test_the_cofactor_of_a_tensor_is_that_of_the_normals_and_has_no_pole() -> None:
    F, N = symbol(3, 3), symbol(3)
    whole, area = compiled(cofactor(F), F), compiled(cofactor_normal(F, N), F, N)
    for deformation, normal in zip(states.deformations(), states.normals(), strict=True):
        expected = area(deformation, normal)
        np.testing.assert_allclose(whole(deformation) @ normal, expected, rtol=1e-12, atol=1e-12)
    flat = np.diag([2.0, 3.0, 0.0])
    np.testing.assert_allclose(whole(flat), np.diag([0.0, 0.0, 6.0]), atol=1e-14)


def test_a_deviator_has_no_trace_and_differs_by_a_pressure() -> None:
    t = symbol(3, 3)
    tensor = states.deformations()
    found = compiled(deviator(t), t)(tensor)
    np.testing.assert_allclose(np.trace(found, axis1=1, axis2=2), 0.0, atol=1e-15)
    np.testing.assert_allclose(found, states.deviator(tensor), atol=1e-15)


def test_the_smooth_norm_has_a_slope_at_zero_and_else_is_the_norm() -> None:
    t = symbol(3, 3)
    variable = ufl.variable(t)
    norm = smooth_norm(variable, floor=1e-8)
    tensor = states.deformations()
    np.testing.assert_allclose(compiled(norm, t)(tensor), states.norm(tensor), rtol=1e-15)
    slope = compiled(ufl.diff(norm, variable), t)(np.zeros((3, 3)))
    np.testing.assert_array_equal(slope, np.zeros((3, 3)))

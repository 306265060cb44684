"""Smeared cracks: what is left of the stress, what a crack costs, and what a bar bears."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import ufl
from scipy.optimize import minimize

from anodefem.laws.composition import over_composition
from anodefem.laws.elasticity import Elasticity
from anodefem.laws.fracture import (
    RESIDUAL_STIFFNESS,
    CrackModel,
    band_toughness,
    degradation,
    effective_toughness,
    strength,
)
from anodefem.laws.plasticity import Elastic
from anodefem.laws.solid import History, Solid
from tests.laws import states
from tests.laws.point import Array, compiled, numerical_derivative, symbol
from tests.laws.solids import ELASTICITIES, SWELLING, name

LAWS = pytest.mark.parametrize("law", ELASTICITIES, ids=name)
MODELS = pytest.mark.parametrize("linear", [True, False], ids=["AT1", "AT2"])
LENGTH = 0.07


class Breaking:
    """An elastic solid that can break, as functions of (F, x, d)."""

    def __init__(self, elasticity: Elasticity) -> None:
        self._F, self._x, self._d = symbol(3, 3), symbol(), symbol()
        solid = Solid(elasticity, Elastic(), over_composition(SWELLING))
        history = History(ufl.Identity(3), ufl.as_ufl(0.0), ufl.as_ufl(0.0))
        dt = ufl.as_ufl(1.0)
        self._d_variable = ufl.variable(self._d)
        self._broken = solid.respond(self._F, self._x, history, dt, self._d_variable)
        self._whole = solid.respond(self._F, self._x, history, dt)

    def __call__(self, quantity: str, F: Array, x: npt.ArrayLike, d: npt.ArrayLike) -> Array:
        """Value of an attribute of `Response`."""
        expression = getattr(self._broken, quantity)
        return compiled(expression, self._F, self._x, self._d)(F, x, d)

    def whole(self, quantity: str, F: Array, x: npt.ArrayLike) -> Array:
        """The same of a solid that cannot break."""
        return compiled(getattr(self._whole, quantity), self._F, self._x)(F, x)

    def energy_by_crack(self, F: Array, x: npt.ArrayLike, d: npt.ArrayLike) -> Array:
        """Derivative of the energy by the crack field."""
        slope = ufl.diff(self._broken.energy, self._d_variable)
        return compiled(slope, self._F, self._x, self._d)(F, x, d)


@LAWS
def test_stress_is_the_derivative_of_the_degraded_energy(law: Elasticity) -> None:
    point, F = Breaking(law), states.deformations(30, size=0.2)
    x, d = np.linspace(0.0, 0.2, 30), np.linspace(0.0, 1.0, 30)
    volumes = np.linalg.det(F) / SWELLING(x)
    assert (volumes > 1.02).any() and (volumes < 0.98).any()
    smooth = np.abs(np.log(volumes)) > 0.01  # no difference across the kink of the split
    F, x, d = F[smooth], x[smooth], d[smooth]
    slopes = numerical_derivative(lambda G: point("energy", G, x, d), F, rank=2)
    stress = point("piola", F, x, d)
    assert np.abs(stress - slopes).max() < 1e-8 * np.abs(point.whole("piola", F, x)).max()


@LAWS
def test_the_stress_part_of_the_potential_is_the_derivative_of_the_degraded_energy(
    law: Elasticity,
) -> None:
    point, F = Breaking(law), states.deformations(30, size=0.2)
    x, d = np.full(30, 0.12), np.linspace(0.0, 1.0, 30)
    smooth = np.abs(np.log(np.linalg.det(F) / SWELLING(x))) > 0.02
    F, x, d = F[smooth], x[smooth], d[smooth]
    slopes = numerical_derivative(lambda y: point("energy", F, y, d), x, rank=0, step=1e-4)
    np.testing.assert_allclose(point("dpsi_dx", F, x, d), slopes, rtol=1e-7, atol=1e-4)


@LAWS
def test_a_crack_closes(law: Elasticity) -> None:
    point, d = Breaking(law), np.linspace(0.0, 1.0, 7)
    F = states.rotations(7) * np.linspace(0.8, 0.99, 7)[:, None, None]
    whole = point.whole("cauchy", F, 0.0)
    assert (np.trace(whole, axis1=1, axis2=2) < 0).all()
    np.testing.assert_allclose(point("cauchy", F, 0.0, d), whole, rtol=1e-12, atol=1e-6)
    np.testing.assert_allclose(point("crack_driving_energy", F, 0.0, d), 0.0, atol=1e-9)


@LAWS
def test_a_crack_takes_shear_and_expansion_away(law: Elasticity) -> None:
    point, d = Breaking(law), np.linspace(0.0, 1.0, 7)
    left = (1 - d) ** 2 * (1 - RESIDUAL_STIFFNESS) + RESIDUAL_STIFFNESS
    opened = np.eye(3) * np.linspace(1.01, 1.2, 7)[:, None, None]
    sheared = np.tile(np.eye(3), (7, 1, 1))
    sheared[:, 0, 1] = 0.1
    for F in (opened, sheared):
        whole = point.whole("cauchy", F, 0.0)
        expected = left[:, None, None] * whole
        np.testing.assert_allclose(point("cauchy", F, 0.0, d), expected, rtol=1e-10, atol=1e-6)


@LAWS
def test_what_drives_a_crack_is_what_it_sets_free(law: Elasticity) -> None:
    point, F = Breaking(law), states.deformations(30, size=0.2)
    d = np.linspace(0.0, 0.95, 30)
    slope = -2 * (1 - d) * (1 - RESIDUAL_STIFFNESS) * point("crack_driving_energy", F, 0.05, d)
    np.testing.assert_allclose(point.energy_by_crack(F, 0.05, d), slope, rtol=1e-10, atol=1e-8)


@LAWS
def test_a_rotation_does_not_matter_to_a_crack(law: Elasticity) -> None:
    point, F, Q = Breaking(law), states.deformations(20), states.rotations(20)
    d = np.linspace(0.0, 1.0, 20)
    for quantity in ("energy", "crack_driving_energy"):
        turned, still = point(quantity, Q @ F, 0.05, d), point(quantity, F, 0.05, d)
        np.testing.assert_allclose(turned, still, rtol=1e-9, atol=1e-8)


def test_a_broken_point_keeps_a_little_stiffness() -> None:
    d = symbol()
    left = compiled(degradation(d), d)
    np.testing.assert_allclose(left([0.0, 1.0]), [1.0, RESIDUAL_STIFFNESS], rtol=1e-14)


@MODELS
def test_a_resolved_crack_has_the_area_of_its_face(linear: bool) -> None:
    d, slope = symbol(), symbol(1)
    model = CrackModel(linear, LENGTH)
    density = compiled(model.density(d, slope), d, slope)
    # half a profile that satisfies l |d'| = sqrt(w(d)) from d = 1 on
    x = np.linspace(0.0, (2.0 if linear else 40.0) * LENGTH, 200001)
    profile = model.profile(x)
    change = -(np.sqrt(profile) if linear else profile) / LENGTH
    area = 2 * np.trapezoid(density(profile, change[:, None]), x)
    assert area == pytest.approx(1.0, rel=1e-6)
    # and no other profile of its kind costs less
    for factor in (0.8, 1.25):
        wider = 2 * np.trapezoid(density(profile, change[:, None] / factor), factor * x)
        assert wider > 1.005


@MODELS
def test_the_strength_is_the_largest_stress_of_a_uniform_bar(linear: bool) -> None:
    young, toughness = 9e4, 5.0
    model = CrackModel(linear, LENGTH)
    d = ufl.variable(variable := symbol())
    cost = model.density(d, ufl.as_vector([0.0]))
    slope = compiled(ufl.diff(cost, d), variable)
    values = np.linspace(0.0 if linear else 1e-6, 0.999, 200001)
    # (1 - d) E e^2 = Gc gamma'(d), stress (1-d)^2 E e
    strain = np.sqrt(toughness * slope(values) / ((1 - values) * young))
    largest = ((1 - values) ** 2 * young * strain).max()
    assert strength(model, young=young, toughness=toughness) == pytest.approx(largest, rel=1e-8)


@MODELS
@pytest.mark.parametrize("inside", [0.1, 0.5, 1.0, 3.0])
def test_a_crack_in_a_band_costs_what_its_best_profile_does(linear: bool, inside: float) -> None:
    model, share = CrackModel(linear, 1.0), 0.7
    x = np.linspace(0.0, 2.5 if linear else 12.0, 1201)
    middle = (x[1:] + x[:-1]) / 2
    gc, step = np.where(middle < share, inside, 1.0), x[1] - x[0]

    def cost(d: Array) -> tuple[float, Array]:
        mean, slope = (d[1:] + d[:-1]) / 2, np.diff(d) / step
        weight = 2 * gc * step / (4 * model.normalisation)
        value = weight @ ((mean if linear else mean**2) + slope**2)
        by_mean = weight * (1.0 if linear else 2 * mean) / 2
        by_slope = weight * 2 * slope / step
        gradient = np.zeros_like(d)
        gradient[1:] += by_mean + by_slope
        gradient[:-1] += by_mean - by_slope
        gradient[0] = 0.0
        return float(value), gradient

    start = np.exp(-x)
    best = minimize(
        cost,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(1.0, 1.0)] + [(0.0, 1.0)] * (len(x) - 1),
        options={"maxiter": 20000, "maxfun": 40000, "ftol": 1e-14, "gtol": 1e-10},
    )
    found = effective_toughness(model, inside=inside, outside=1.0, share=share)
    assert found == pytest.approx(best.fun, rel=2e-3)


@MODELS
def test_a_band_is_made_as_tough_as_its_crack_is_to_cost(linear: bool) -> None:
    model = CrackModel(linear, LENGTH)
    for wanted in (0.05, 0.4, 1.0, 2.0):
        inside = band_toughness(model, wanted=wanted, around=1.0, share=1.0)
        again = effective_toughness(model, inside=inside, outside=1.0, share=1.0)
        assert again == pytest.approx(wanted, rel=1e-9)
        assert (inside < wanted) == (wanted < 1.0) or wanted == 1.0

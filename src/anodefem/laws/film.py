"""Elastic-plastic films in plane stress: the SEI on a surface.

The film stretches with the surface. Its elastic strain is logarithmic (Hencky), so plane stress and
the plastic flow of J2 theory are those of small strains (Simo and Taylor 1986; Weber and Anand
1990): per stress-free volume of the film, with the mean p and half the difference t of the
principal Kirchhoff stresses tau along the surface,

    p = E/(1 - nu) mean(e),   t = E/(1 + nu) (e1 - e2)/2,   sigma^2 = p^2 + 3 t^2,

sigma being von Mises' equivalent stress. Flow keeps the volume and divides p by 1 + k/(2 (1 - nu))
and t by 1 + 3 k/(2 (1 + nu)). The one unknown of a step is k = E dalpha / sigma >= 0, the growth of
the equivalent plastic strain alpha over the elastic strain sigma/E.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import ufl
from ufl.core.expr import Expr

from anodefem.laws.film_bond import BondState, Slide
from anodefem.laws.membrane import Surface, SurfaceStrain, atanh_ratio, plane_determinant
from anodefem.laws.plasticity import STRESS_FLOOR

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PlaneStress:
    """Trial stress of a step, and how it falls with k; of UFL expressions or of arrays.

    Attributes:
        mean: p [MPa].
        shear_square: t^2 [MPa^2].
        young: E [MPa].
        poisson: nu [-].
    """

    mean: Any
    shear_square: Any
    young: float
    poisson: float

    @property
    def rates(self) -> tuple[float, float]:
        """Growth of the divisors of p and t per unit of k."""
        return 0.5 / (1 - self.poisson), 1.5 / (1 + self.poisson)

    def equivalent(self, k: Any) -> Any:
        """Sigma(k) [MPa], falling; 1/sigma is concave in k."""
        a, b = self.rates
        square = (self.mean / (1 + a * k)) ** 2 + 3 * self.shear_square / (1 + b * k) ** 2
        return (square + STRESS_FLOOR**2) ** 0.5

    def slope(self, k: Any) -> Any:
        """Derivative of `equivalent` by k [MPa], negative."""
        a, b = self.rates
        fall = a * self.mean**2 / (1 + a * k) ** 3 + 3 * b * self.shear_square / (1 + b * k) ** 3
        return -fall / self.equivalent(k)


class FilmFlowRule(Protocol):
    """When and how fast a film flows."""

    @property
    def limit(self) -> float:
        """Von Mises' stress [MPa] that is never passed, whatever the length of a step."""

    def advance(self, trial: PlaneStress, dt: Expr, local_solution: Expr) -> Expr:
        """K at the end of a step of ``dt`` [s]: one Newton step from ``local_solution``.

        With the result of `solve` as ``local_solution`` the value is exact and its derivative is
        that of the exact solution. A step of no length leaves the state alone.
        """

    def solve(self, trial: PlaneStress, dt: float) -> Array:
        """K at points, to relative precision 1e-13; ``trial`` holds arrays of one shape."""


@dataclass(frozen=True, slots=True)
class PerfectPlasticity:
    """Rate-independent and without hardening: sigma <= sigma_y.

    Attributes:
        stress: Uniaxial yield stress sigma_y [MPa].
    """

    stress: float

    @property
    def limit(self) -> float:
        """See `FilmFlowRule`."""
        return self.stress

    def advance(self, trial: PlaneStress, dt: Expr, local_solution: Expr) -> Expr:
        """See `FilmFlowRule`."""
        sigma = trial.equivalent(local_solution)
        k = local_solution + sigma / trial.slope(local_solution) * (1 - sigma / self.stress)
        return _beyond(trial, self.stress, k)

    def solve(self, trial: PlaneStress, dt: float) -> Array:
        """See `FilmFlowRule`; solves sigma_y / sigma(k) = 1."""
        threshold = float(self.stress)

        def newton(k: Array) -> Array:
            sigma = trial.equivalent(k)
            return np.asarray(sigma / trial.slope(k) * (1 - sigma / threshold))

        return _climb(newton, trial.equivalent(0.0) > threshold)


@dataclass(frozen=True, slots=True)
class Perzyna:
    """Rate of alpha = <sigma - sigma_y> / eta.

    In equal biaxial tension the surface flows at half of that in each direction. (Perzyna 1966,
    with a linear overstress.)

    Attributes:
        stress: sigma_y [MPa].
        viscosity: eta [MPa s].
    """

    stress: float
    viscosity: float

    @property
    def limit(self) -> float:
        """See `FilmFlowRule`."""
        return inf

    def advance(self, trial: PlaneStress, dt: Expr, local_solution: Expr) -> Expr:
        """See `FilmFlowRule`."""
        sigma, slope = trial.equivalent(local_solution), trial.slope(local_solution)
        speed = dt * trial.young / self.viscosity
        residual = local_solution - speed * (1 - self.stress / sigma)
        k = local_solution - residual / (1 - speed * self.stress * slope / sigma**2)
        return _beyond(trial, self.stress, k)

    def solve(self, trial: PlaneStress, dt: float) -> Array:
        """See `FilmFlowRule`; solves k = (E dt/eta) (1 - sigma_y/sigma(k))."""
        threshold = float(self.stress)
        speed = dt * float(trial.young) / float(self.viscosity)

        def newton(k: Array) -> Array:
            sigma, slope = trial.equivalent(k), trial.slope(k)
            residual = k - speed * (1 - threshold / sigma)
            return np.asarray(-residual / (1 - speed * threshold * slope / sigma**2))

        return _climb(newton, trial.equivalent(0.0) > threshold)


@dataclass(frozen=True, slots=True)
class Garofalo:
    """Rate of alpha = A sinh(sigma / sigma_ref), at every stress (Garofalo 1963).

    Attributes:
        rate: A [1/s].
        stress: sigma_ref [MPa].
    """

    rate: float
    stress: float

    @property
    def limit(self) -> float:
        """See `FilmFlowRule`."""
        return inf

    def advance(self, trial: PlaneStress, dt: Expr, local_solution: Expr) -> Expr:
        """See `FilmFlowRule`."""
        sigma, slope = trial.equivalent(local_solution), trial.slope(local_solution)
        scale, x = dt * self.rate * trial.young, sigma / self.stress
        flow = scale * ufl.sinh(x) / sigma
        gain = scale * (x * ufl.cosh(x) - ufl.sinh(x)) / sigma**2
        return ufl.max_value(local_solution - (local_solution - flow) / (1 - gain * slope), 0.0)

    def solve(self, trial: PlaneStress, dt: float) -> Array:
        """See `FilmFlowRule`; solves asinh(k sigma(k) / (A dt E)) = sigma(k)/sigma_ref."""
        scale = dt * float(self.rate) * float(trial.young)
        reference = float(self.stress)

        def newton(k: Array) -> Array:
            sigma, slope = trial.equivalent(k), trial.slope(k)
            drive = k * sigma / scale
            residual = np.arcsinh(drive) - sigma / reference
            rise = (sigma + k * slope) / (scale * np.sqrt(1 + drive**2)) - slope / reference
            return np.asarray(-residual / rise)

        return _climb(newton, np.isfinite(trial.equivalent(0.0)))


def _beyond(trial: PlaneStress, threshold: float, k: Expr) -> Expr:
    """K where the trial stress is beyond the threshold, else zero."""
    return ufl.conditional(ufl.gt(trial.equivalent(0.0), threshold), ufl.max_value(k, 0.0), 0.0)


def _climb(newton: Callable[[Array], Array], flowing: npt.NDArray[np.bool_]) -> Array:
    """Newton's iteration for the root of a rising concave function, from k = 0.

    There it approaches the root from below and cannot miss it.

    Args:
        newton: Newton's increment at k.
        flowing: Where there is a root; k = 0 elsewhere.
    """
    k = np.zeros(flowing.shape)
    for _ in range(100):
        with np.errstate(divide="ignore", invalid="ignore"):  # where nothing is stressed
            step = np.where(flowing, newton(k), 0.0)
        k = np.maximum(k + step, 0.0)
        if np.all(np.abs(step) <= 1e-13 * k):
            break
    return k


@dataclass(frozen=True, slots=True)
class FilmResponse:
    """State of a film at the end of a step; per stress-free volume of the film.

    Attributes:
        strain: Trial elastic strain.
        trial: Trial stress, of what is left of it where the film slides.
        k: Plastic over elastic strain of the step [-]; see the module.
        slide: How the film slides on its surface in the step; None if it cannot.
    """

    strain: SurfaceStrain
    trial: PlaneStress
    k: Expr
    slide: Slide | None = None

    @property
    def _held(self) -> Expr | float:
        """Share of the trial strain that the bond holds."""
        return self.slide.share if self.slide else 1.0

    @property
    def _kept(self) -> tuple[Expr, Expr]:
        """Shares of p and t that are left of the trial stress."""
        a, b = self.trial.rates
        return 1 / (1 + a * self.k), 1 / (1 + b * self.k)

    @property
    def stress(self) -> Expr:
        """Second Piola-Kirchhoff stress along the surface [MPa], shape (3, 3)."""
        mean, shear = self._kept
        strain, trial = self.strain, self.trial
        modulus = trial.young / (1 + trial.poisson) / 2
        along = self._held * shear * modulus * atanh_ratio(strain.difference) / strain.square
        return mean * trial.mean * strain.surface.inverse_metric + along * strain.deviator

    @property
    def stress_free(self) -> Expr:
        """Inverse stress-free metric at the end of the step; see `SurfaceStrain`."""
        return self.stress_free_with(1.0)

    def stress_free_with(self, share: Expr | float) -> Expr:
        """Inverse stress-free metric in which only a share of the elastic strain is left.

        A film to which stress-free material is added has the force it had before, if the share is
        that of its old volume: strains are logarithmic, and stresses linear in them.

        Args:
            share: Of the elastic logarithmic strain at the end of the step.
        """
        mean, shear = self._kept
        strain, surface = self.strain, self.strain.surface
        share = share * self._held
        q = ufl.sqrt(strain.difference + 1e-30)
        apart = share * shear * q * atanh_ratio(strain.difference)
        deviator = ufl.sinh(apart) / (q * strain.square) * strain.deviator
        size = ufl.exp(2 * share * mean * strain.mean)
        return size * (ufl.cosh(apart) * surface.inverse_metric + deviator)

    @property
    def mean_and_half_difference(self) -> tuple[Expr, Expr]:
        """Mean p and half the difference t of the principal Kirchhoff stresses [MPa]."""
        mean, shear = self._kept
        return mean * self.trial.mean, shear * ufl.sqrt(self.trial.shear_square + 1e-30)

    @property
    def energy(self) -> Expr:
        """Elastic energy p^2 (1 - nu)/E + t^2 (1 + nu)/E [MPa]."""
        mean, half_difference = self.mean_and_half_difference
        nu = self.trial.poisson
        return (mean**2 * (1 - nu) + half_difference**2 * (1 + nu)) / self.trial.young

    @property
    def volume_ratio(self) -> Expr:
        """Current over stress-free volume: exp(2 p (1 - 2 nu)/E), as flow keeps the volume."""
        mean, _ = self.mean_and_half_difference
        return ufl.exp(2 * mean * (1 - 2 * self.trial.poisson) / self.trial.young)

    @property
    def principal(self) -> Expr:
        """Larger principal Kirchhoff stress along the surface [MPa]."""
        mean, half_difference = self.mean_and_half_difference
        return mean + half_difference

    @property
    def equivalent(self) -> Expr:
        """Von Mises' equivalent of the Kirchhoff stress [MPa]."""
        return self.trial.equivalent(self.k)

    @property
    def dissipation(self) -> Expr:
        """Plastic work of the step, sigma dalpha [MPa]; never negative."""
        return self.k * self.equivalent**2 / self.trial.young


@dataclass(frozen=True, slots=True)
class Film:
    """Compressible elastic-plastic film in plane stress; see the module.

    Exact for elastic strains of any size that Hencky's law is meant for: the force per length of
    a film that is stretched grows up to an elastic strain of 1, three times that of any recipe.

    Attributes:
        young: E [MPa].
        poisson: nu [-].
        flow: Flow law.
    """

    young: float
    poisson: float
    flow: FilmFlowRule

    def trial(self, strain: SurfaceStrain) -> PlaneStress:
        """Stress of an elastic strain."""
        z = strain.difference
        shear = self.young / (1 + self.poisson) / 2
        return PlaneStress(
            self.young / (1 - self.poisson) * strain.mean,
            shear**2 * atanh_ratio(z) ** 2 * z,
            self.young,
            self.poisson,
        )

    def respond(
        self,
        surface: Surface,
        stress_free: Expr,
        dt: Expr,
        local_solution: Expr,
        bond: BondState | None = None,
    ) -> FilmResponse:
        """Advance over a step of ``dt`` [s].

        Args:
            surface: Kinematics at its end.
            stress_free: Inverse stress-free metric at its start; see `SurfaceStrain`.
            dt: Length of the step [s].
            local_solution: Result of `FilmFlowRule.solve`.
            bond: By which it is held, at the start; None if it follows the surface.
        """
        strain = SurfaceStrain(surface, stress_free)
        trial = self.trial(strain)
        slide = bond.slide(strain, trial, self.flow.limit) if bond else None
        trial = slide.trial if slide else trial
        return FilmResponse(strain, trial, self.flow.advance(trial, dt, local_solution), slide)

    def virtual_work(self, response: FilmResponse, variation: Expr) -> Expr:
        """Internal virtual work per stress-free volume of the film [MPa].

        Args:
            response: State of the film.
            variation: Reference gradient of the virtual displacement, shape (3, 3).
        """
        F = response.strain.surface.F
        return ufl.inner(response.stress, ufl.dot(F.T, variation))

    def formed(self, surface: Surface, strain: float) -> Expr:
        """Inverse stress-free metric of a film that forms on a surface.

        Args:
            surface: Kinematics at formation.
            strain: By how much the film would be longer than the surface; positive presses it.
        """
        return (1 + strain) ** -2 * surface.inverse_metric

    def volume(self, formation: Expr, thickness: Expr, strain: float) -> Expr:
        """Stress-free volume of the film per reference area [um].

        Args:
            formation: Result of `formed`.
            thickness: At formation [um].
            strain: As in `formed`; a film that is pressed in its plane is thicker for it.
        """
        thinner = (1 + strain) ** (-2 * self.poisson / (1 - self.poisson))
        return thinner * thickness / ufl.sqrt(plane_determinant(formation))

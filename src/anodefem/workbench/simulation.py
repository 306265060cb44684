"""Problems put together by hand from a mesh and laws, and stepped by hand.

Material numbers are `fem.Constant`: problems that differ in numbers only share compiled forms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem

from anodefem.compilation import compile_form
from anodefem.errors import ConvergenceError
from anodefem.fem.contract import Physics
from anodefem.fem.fields import at_points
from anodefem.fem.model import Model, Updates
from anodefem.fem.points import PointValues
from anodefem.laws.film import Film
from anodefem.laws.film_bond import FilmBond
from anodefem.laws.film_cracks import FilmStrength
from anodefem.laws.membrane import GrapheneMembrane
from anodefem.laws.sei_growth import Growth
from anodefem.model.regions import Region
from anodefem.physics import (
    Cage,
    Cracks,
    Diffusion,
    Electrode,
    EnergyBalance,
    Fragments,
    Hull,
    Interfaces,
    Mechanics,
    Sei,
    SeiBond,
    SeiFailure,
    SeiGrowth,
    Storage,
    SurfaceFlux,
    Viscoelasticity,
    Void,
)
from anodefem.physics.interfaces import Interface
from anodefem.physics.surface_flux import Flux
from anodefem.results.metrics import Metrics
from anodefem.solve.newton import Newton
from anodefem.solve.staggered import CrackField, Monolithic, Solver, Staggered
from anodefem.workbench.numbers import Numbers

Array = npt.NDArray[Any]


class Simulation:
    """A problem with its solver, stepped by hand."""

    def __init__(
        self,
        numbers: Numbers,
        regions: Sequence[Region],
        *,
        film_law: Film | None = None,
        sheet_law: GrapheneMembrane | None = None,
        formation_strain: float = 0.0,
        cracks: Cracks | None = None,
        interfaces: Sequence[Interface] = (),
        medium_stiffness: float = 0.0,
        film_strength: FilmStrength | None = None,
        film_bond: FilmBond | None = None,
        film_growth: Growth | None = None,
        full: float = 0.995,
        empty: float = 0.005,
        flux: Flux | None = None,
        more: Sequence[Physics] = (),
        cathode: Callable[[Electrode], Physics] | None = None,
    ) -> None:
        """Put materials on a mesh; all else uses the groups of the mesh's roles.

        Args:
            numbers: Material numbers, and the mesh.
            regions: Solids with their laws.
            film_law: Of an SEI; none without it.
            sheet_law: Of a membrane; none without it.
            formation_strain: By which the SEI would be longer than what it forms on [-].
            cracks: What can break; nothing without it.
            interfaces: Interfaces that can debond.
            medium_stiffness: Of voids [MPa].
            film_strength: What the SEI bears, if its failure is followed.
            film_bond: Law of the bond on which the SEI slides, if it does.
            film_growth: Law by which the SEI grows, if it does.
            full: Surface fraction at which lithiation ends early.
            empty: Surface fraction at which delithiation ends early.
            flux: How the current is shared out; uniformly, over the flux surfaces, without it.
            more: Other physics.
            cathode: From this electrode the cathode of a full cell.
        """
        self.numbers, self.domain = numbers, numbers.domain
        roles = self.domain.manifest.roles
        self.storage = Storage(regions, full=full, empty=empty)
        self.flux = flux or SurfaceFlux(roles.flux)
        self.film: list[Sei] = []
        if film_law:
            film = Sei(film_law, film_surfaces=roles.sei, formation_strain=formation_strain)
            self.film = [film]
        electrode = Electrode(self.storage, self.flux)
        physics: list[Physics] = [
            self.storage,
            Diffusion(),
            self.flux,
            electrode,
            *([cathode(electrode)] if cathode else []),
            Hull(self.storage),
            *self.film,
            Mechanics(),
        ]
        physics += [Void(medium_stiffness)] if roles.medium else []
        physics += [Cage(sheet_law)] if sheet_law else []
        if film_strength:
            physics += [SeiFailure(film, film_strength) for film in self.film]
        if film_bond:
            physics += [SeiBond(film, film_bond) for film in self.film]
        if film_growth:
            physics += [SeiGrowth(film, film_growth, electrode) for film in self.film]
        physics += [Viscoelasticity(regions)] if any(region.viscous for region in regions) else []
        physics += [cracks] if cracks else []
        self.interfaces = [Interfaces(interfaces)] if interfaces else []
        physics += self.interfaces
        physics += [Fragments(), EnergyBalance()] if cracks or interfaces else []
        self.model = Model(self.domain, regions, [*physics, *more])
        self.symbols, self.state = self.model.symbols, self.model.state
        self.updates = Updates(self.model)
        self._newton: Solver | None = None

    @property
    def newton(self) -> Solver:
        """Solver, made at first use: constraints may be added to the problem before."""
        if self._newton is None:
            newton = Newton(self.model, self.updates, tolerance=1e-9)
            self._newton = Monolithic(newton, loaded=self.updates.loaded)
            if "crack" in self.state:
                crack = CrackField(self.model)
                self._newton = Staggered(
                    newton, crack, tolerance=1e-4, sweeps=1000, loaded=self.updates.loaded
                )
        return self._newton

    def metrics(self) -> Metrics:
        """Metrics of the problem, compiled anew."""
        return Metrics(self.model)

    def step(
        self,
        dt: float = 1.0,
        *,
        soc: float = 0.0,
        rate: float = 0.0,
        before_acceptance: Callable[[], None] = lambda: None,
    ) -> int:
        """Take a step of ``dt`` [s] and return its Newton iterations.

        Args:
            dt: Length of the step [s].
            soc: State of charge of uniform hosts at its end.
            rate: Charging rate of diffusing hosts [1/s].
            before_acceptance: Called when the step has been solved and is still under way.
        """
        state = self.state
        state.dt.value, state.soc.value, state.charging.value = dt, soc, rate
        outcome = self.newton.solve()
        if not outcome.converged:
            raise ConvergenceError(f"a step of {dt:g} s did not converge: {outcome}")
        before_acceptance()
        self.updates.accept()
        return outcome.iterations

    def form_film(self, thickness: float) -> None:
        """Let an SEI of ``thickness`` [um] form on the present surface."""
        for film in self.film:
            film.thickness = thickness
        self.updates.initialised()

    def start(self) -> None:
        """Take the present content and energy as the initial ones of the balances."""
        self.updates.initialised()
        self.updates.started()

    def fill(self, fraction: float) -> None:
        """Set the lithium fraction everywhere, with the potential of an ideal solution."""
        values = self.state["c"].x.array.reshape(-1, *self.state["c"].ufl_shape)
        values[:, :-1], values[:, -1] = fraction, np.log(fraction / (1.0 - fraction))
        self.state.begin()

    def at_points(self, region: str, expression: Any) -> Array:
        """Values of an expression at the quadrature points of a region, shape (points, ...).

        Args:
            region: Solid region.
            expression: UFL of any shape.
        """
        grid, shape = self.domain.mesh, expression.ufl_shape
        values = PointValues(fem.functionspace(grid, at_points(self.domain, *shape)))
        cells = self.domain.cells(region)
        values.add(expression, cells)
        field = values.evaluate()
        blocks = field.function_space.dofmap.list[cells].ravel()
        return np.asarray(field.x.array.reshape(-1, *shape)[blocks])

    def stress(self, region: str) -> Array:
        """Cauchy stress [MPa] there, components (rr, zz, tt, rz) in axisymmetry."""
        cauchy = self.symbols.responses[region].cauchy
        return self.at_points(region, self.domain.kinematics.components(cauchy))

    def radius(self, region: str) -> Array:
        """Distance of these points from the origin [um], reference configuration."""
        x = self.domain.kinematics.position
        return self.at_points(region, ufl.sqrt(ufl.dot(x, x)))

    def total(self, region: str, expression: Any) -> float:
        """Integral of a scalar over the reference volume of a region [um^3].

        Args:
            region: Solid region.
            expression: UFL of a scalar.
        """
        dx = self.domain.dx(region, degree=self.domain.solid_degree)
        return self.domain.total(compile_form(expression * self.domain.kinematics.weight * dx))

    def mean(self, region: str, expression: Any) -> float:
        """Mean of a scalar over the reference volume of a region.

        Args:
            region: Solid region.
            expression: UFL of a scalar.
        """
        return self.total(region, expression) / self.symbols.volume(region)

    def gauge(self, region: str, expression: Any) -> Callable[[], float]:
        """Compile the mean of a scalar over the reference volume of a region, to be read often.

        Args:
            region: Solid region.
            expression: UFL of a scalar.
        """
        dx = self.domain.dx(region, degree=self.domain.solid_degree)
        form = compile_form(expression * self.domain.kinematics.weight * dx)
        volume = self.symbols.volume(region)
        return lambda: self.domain.total(form) / volume

    def j_integral(
        self, region: str, weight: Callable[[Array], npt.ArrayLike]
    ) -> Callable[[], float]:
        """Compile the J-integral [MPa um] of a crack along x in plane strain, to be read often.

        Over an area, int [(P^T grad u)_1 . grad q - psi q,1] dX (Li, Shih and Needleman 1985).

        Args:
            region: Where ``weight`` varies.
            weight: q at points [um] of shape (3, n): 1 at the end of the crack, 0 at loads and at
                edges that do not run along x.
        """
        response, kinematics = self.symbols.responses[region], self.domain.kinematics
        q = fem.Function(fem.functionspace(self.domain.mesh, ("Lagrange", 1)))
        q.interpolate(weight)
        slope = kinematics.scalar_gradient(q)
        along = ufl.dot(response.piola.T, kinematics.gradient(self.state["u"])[:, 0])
        density = ufl.dot(along, slope) - response.energy * slope[0]
        form = compile_form(density * self.domain.dx(region, degree=self.domain.solid_degree))
        return lambda: self.domain.total(form)

    def pressure_gauge(self, region: str) -> Callable[[], float]:
        """Compile the pressure on a region [MPa]: minus the mean stress over its present volume.

        By the virial theorem it is exact for a uniform pressure, however the inside is loaded.
        """
        response = self.symbols.responses[region]
        J = ufl.det(response.F)
        work = self.gauge(region, -J * ufl.tr(response.cauchy) / 3)
        size = self.gauge(region, J)
        return lambda: work() / size()

    def nodal_volumes(self, region: str) -> Array:
        """Integral of every linear shape function over a region [um^3]."""
        test = ufl.TestFunction(fem.functionspace(self.domain.mesh, ("Lagrange", 1)))
        dx = self.domain.dx(region, degree=self.domain.solid_degree)
        form = compile_form(test * self.domain.kinematics.weight * dx)
        return np.asarray(fem.assemble_vector(form).array)

    def fraction_at(self, radius: float) -> float:
        """Mean lithium fraction of the nodes at a distance from the origin [um]."""
        nodes = self.state["c"].function_space.tabulate_dof_coordinates()
        near = np.abs(np.linalg.norm(nodes, axis=1) - radius) < 1e-6
        return float(self.state["c"].x.array.reshape(-1, 2)[near, 0].mean())

    def stretch_at(self, radius: float) -> float:
        """Mean distance from the origin of the nodes that were at ``radius``, over ``radius``."""
        nodes, displacement = self.displacement()
        near = np.abs(np.linalg.norm(nodes, axis=1) - radius) < 1e-4 * radius
        return float(np.linalg.norm(nodes + displacement, axis=1)[near].mean()) / radius

    def stretch_across(self) -> float:
        """Mean stretch along z of the plane that is farthest from z = 0."""
        nodes, displacement = self.displacement()
        height = nodes[:, 1].max()
        top = np.abs(nodes[:, 1] - height) < 1e-9
        return 1.0 + float(displacement[top, 1].mean()) / float(height)

    def displacement(self) -> tuple[Array, Array]:
        """Nodes [um] and their displacement [um], both of shape (nodes, dim)."""
        dim = self.domain.mesh.geometry.dim
        u = self.state["u"]
        return u.function_space.tabulate_dof_coordinates()[:, :dim], u.x.array.reshape(-1, dim)

"""The discrete problem of one step: forms, constraints and history updates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import default_scalar_type, fem, la
from ufl.core.expr import Expr

from anodefem.compilation import compile_form as compile_form
from anodefem.laws.cohesive import CohesiveResponse
from anodefem.laws.film import Film, FilmResponse
from anodefem.laws.film_cracks import FilmStrength
from anodefem.laws.fracture import crack_surface_density
from anodefem.laws.kinematics import IDENTITY
from anodefem.laws.medium import ThirdMedium
from anodefem.laws.membrane import GrapheneMembrane, Surface
from anodefem.laws.solid import History, Response
from anodefem.laws.viscoelasticity import NetworkHistory
from anodefem.model import residuals
from anodefem.model.bonds import Bond, shifted
from anodefem.model.crack import Fracture
from anodefem.model.domain import MEDIUM_DEGREE, SOLID_DEGREE, Domain
from anodefem.model.regions import Region
from anodefem.model.state import State

#: Ids of the surface integrals.
FLUX, FILM, SHEET, CONTACT, HULL = 1, 2, 3, 4, 5
#: Id of the first interface that can come apart; the others follow.
BOND = 6
#: One point per facet: the film's history is one value per facet, taken where it is integrated.
FILM_DEGREE = 1
SURFACE_DEGREE = 4


@dataclass(frozen=True)
class Problem:
    """What is solved in every step.

    Attributes:
        domain: Mesh and groups.
        regions: Solid regions.
        state: Fields.
        film_law: SEI, or None.
        sheet_law: Membrane cage, or None.
        film_surfaces, flux_surfaces: Facet groups.
        medium_law: Third medium of the void regions.
        formation_strain: Strain by which the SEI would be longer than the surface it forms on.
        current_area: The flux is uniform per current area instead of per reference area.
        fracture: Regions that can break, or None.
        bonds: Interfaces that can come apart.
        film_strength: What the SEI bears, or None if its failure is not followed.
    """

    domain: Domain
    regions: Sequence[Region]
    state: State
    flux_surfaces: Sequence[str]
    film_surfaces: Sequence[str]
    film_law: Film | None
    sheet_law: GrapheneMembrane | None
    medium_law: ThirdMedium
    formation_strain: float = 0.0
    current_area: bool = False
    fracture: Fracture | None = None
    bonds: Sequence[Bond] = ()
    film_strength: FilmStrength | None = None

    @property
    def diffusing(self) -> tuple[Region, ...]:
        """Regions whose lithium fraction is an unknown."""
        return tuple(region for region in self.regions if region.diffuses)

    @property
    def storing(self) -> tuple[Region, ...]:
        """Regions that take up lithium."""
        return tuple(region for region in self.regions if region.stores)

    @property
    def _idle_regions(self) -> list[str]:
        """Cell groups in which nothing diffuses."""
        busy = {region.name for region in self.diffusing}
        return [name for name in self.domain.regions if name not in busy]

    @cached_property
    def energy(self) -> float:
        """Reference stress of the residuals: the largest R T c_max [MPa]."""
        return max(region.guest.energy for region in self.storing if region.guest)

    @cached_property
    def ds(self) -> ufl.Measure:
        """One-sided surface measure with the ids of this module."""
        roles = self.domain.manifest.roles
        solids = [region.name for region in self.regions]
        storing = [region.name for region in self.storing]
        prefer = (storing, solids, tuple(roles.medium))
        inside_out = (tuple(roles.medium),)
        sides = self.domain.sides
        return self.domain.surface_measure(
            {
                FLUX: sides(self.flux_surfaces, prefer),
                FILM: sides(self.film_surfaces, prefer),
                SHEET: sides(roles.membrane.values(), prefer),
                CONTACT: sides(roles.contact, inside_out),
                HULL: sides(roles.hull, prefer),
            }
            | {
                BOND + place: self.domain.seen_from(
                    self.domain.between(bond.inside, bond.outside), ((bond.inside,),)
                )
                for place, bond in enumerate(self.bonds)
            }
        )

    def surface(self, number: int, degree: int = SURFACE_DEGREE) -> ufl.Measure:
        """Surface measure of one id with a quadrature degree."""
        return self.ds(number, metadata={"quadrature_degree": degree})

    def nodes(self, number: int) -> ufl.Measure:
        """Surface measure of one id with its points at the nodes of jumps (see `jump_degree`)."""
        if self.domain.dim == 3:
            return self.ds(number, metadata={"quadrature_rule": "vertex", "quadrature_degree": 1})
        return self.ds(number, metadata={"quadrature_rule": "GLL", "quadrature_degree": 3})

    @cached_property
    def normal(self) -> Expr:
        """Reference unit normal of facets, padded to three dimensions."""
        return self.domain.kinematics.vector(ufl.FacetNormal(self.domain.mesh))

    @cached_property
    def shifted(self) -> frozenset[str]:
        """Regions whose displacement holds the jump of their interfaces."""
        return shifted(self.bonds)

    @cached_property
    def _shift(self) -> fem.Function:
        """1 in the cells of `shifted`, 0 elsewhere."""
        field = fem.Function(fem.functionspace(self.domain.mesh, ("DG", 0)))
        field.x.array[self.domain.cells(*sorted(self.shifted))] = 1.0
        return field

    @cached_property
    def displacement(self) -> Expr:
        """Displacement of any cell [um]; on facets that of the cell from which they are seen."""
        if self.state.jump is None:
            return self.state.u
        return self.state.u + self._shift * self.state.jump

    def displacement_in(self, name: str) -> Expr:
        """Displacement of a region [um]."""
        if name in self.shifted:
            return self.state.u + self.state.jump
        return self.state.u

    @cached_property
    def deformation_gradient(self) -> Expr:
        """F at the end of the step, in any cell."""
        return self.domain.kinematics.deformation_gradient(self.displacement)

    def deformation_gradient_in(self, name: str) -> Expr:
        """F of a region at the end of the step."""
        return self.domain.kinematics.deformation_gradient(self.displacement_in(name))

    def history(self, region: Region) -> History:
        """State of a solid region at the start of the step, as UFL."""
        state, kinematics = self.state, self.domain.kinematics
        size = kinematics.symmetric_size
        flows: tuple[Expr, ...] = ()
        if (stored := state.viscous) is not None:
            flows = tuple(
                kinematics.symmetric([stored[size * place + i] for i in range(size)])
                for place in range(len(region.solid.network.branches))
            )
        network = NetworkHistory(flows, 0.0 if state.damage is None else state.damage)
        return History(kinematics.symmetric(state.plastic), state.alpha, state.guess, network)

    @cached_property
    def responses(self) -> Mapping[str, Response]:
        """State of each solid region at the end of the step, as UFL."""
        return {
            region.name: region.solid.respond(
                self.deformation_gradient_in(region.name),
                self.fraction(region),
                self.history(region),
                self.state.dt,
                self.state.crack if self.breaks(region.name) else None,
            )
            for region in self.regions
        }

    def breaks(self, name: str) -> bool:
        """Whether cracks can run through a region."""
        return self.fracture is not None and name in self.fracture.toughness

    def fraction(self, region: Region) -> Expr:
        """Lithium fraction of a region: unknown, following the state of charge, or zero."""
        if region.diffuses:
            return self.state.c[0]
        return self.state.soc if region.stores else ufl.as_ufl(0.0)

    @cached_property
    def film_response(self) -> FilmResponse:
        """State of the SEI at the end of the step, as UFL on `FILM` facets."""
        if self.film_law is None:
            raise TypeError("no surface carries an SEI")
        state = self.state
        stress_free = self.domain.kinematics.symmetric(state.film_plastic)
        return self.film_law.respond(self.film_kinematics, stress_free, state.dt, state.film_guess)

    @cached_property
    def film_formation(self) -> Expr:
        """Inverse stress-free metric of the SEI at its formation, as UFL on `FILM` facets."""
        return self.domain.kinematics.symmetric(self.state.film_formation)

    @cached_property
    def film_volume(self) -> Expr:
        """Stress-free volume of the SEI per reference area [um]."""
        if self.film_law is None:
            raise TypeError("no surface carries an SEI")
        return self.film_law.volume(
            self.film_formation, self.state.film_thickness, self.formation_strain
        )

    @cached_property
    def tangent(self) -> Expr:
        """Vector along a facet, from end to end, of meshes in two dimensions."""
        return ufl.classes.FacetJacobian(self.domain.mesh)[:, 0]

    @cached_property
    def film_kinematics(self) -> Surface:
        """Kinematics of the surfaces for a rule of degree `FILM_DEGREE`, as UFL on facets."""
        gradient = self.domain.kinematics.facet_gradient(self.displacement, self.tangent)
        return Surface(IDENTITY + gradient, self.normal)

    @cached_property
    def surface_kinematics(self) -> Surface:
        """Kinematics of the surfaces, as UFL on facets."""
        return Surface(self.deformation_gradient, self.normal)

    @cached_property
    def bond_responses(self) -> tuple[CohesiveResponse, ...]:
        """State of every interface that can come apart, as UFL at the `nodes` of its facets."""
        state, kinematics = self.state, self.domain.kinematics
        if state.jump is None:
            return ()
        # seen from the inside, the outside has the jump and the inside not, or the reverse
        across = 1 - 2 * self._shift
        jump, guess = (kinematics.vector(across * j) for j in (state.jump, state.jump_guess))
        normal = kinematics.unit_normal(self.displacement, self.normal)
        damage = state.bond_damage
        return tuple(
            bond.law.respond(jump, normal, damage, state.dt, guess, state.trust)
            for bond in self.bonds
        )

    @cached_property
    def insertion_amount(self) -> Expr:
        """Lithium entering per reference area in the step, in units of the reference c_max [um]."""
        state = self.state
        volume = sum(
            self.volume(region.name) * region.guest.energy / self.energy
            for region in self.diffusing
            if region.guest
        )
        return state.dt * state.flux * volume / self.flux_area

    @cached_property
    def insertion(self) -> tuple[tuple[Expr, ufl.Measure], ...]:
        """Lithium entering in the step, as integrands [um] or [-] with the measures they go with.

        Through the flux surfaces, and through the faces of cracks if they are wetted.
        """
        amount, weight = self.insertion_amount, self.domain.kinematics.weight
        ratio = self.surface_kinematics.area_ratio if self.current_area else 1.0
        parts = [(amount * ratio * weight, self.surface(FLUX))]
        if (wet := self._wet) is not None:
            density, dx = wet
            parts.append((amount * density * weight, dx))
        return tuple(parts)

    @property
    def _wet(self) -> tuple[Expr, ufl.Measure] | None:
        """Area of wetted crack faces per reference volume [1/um], and where; None if none are.

        The faces are those at the start of the step: what opens in it lets lithium in from its end.
        """
        crack, fracture = self.state.crack_n, self.fracture
        if crack is None or fracture is None or not fracture.wetted:
            return None
        names = [region.name for region in self.diffusing if self.breaks(region.name)]
        density = crack_surface_density(crack, self.domain.kinematics.scalar_gradient(crack))
        return density, self.domain.dx(*names, degree=SOLID_DEGREE)

    @cached_property
    def flux_area(self) -> fem.Constant:
        """Area through which lithium enters [um^2]: reference, or current at the last iterate."""
        value = default_scalar_type(self.domain.total(self._flux_area))
        return fem.Constant(self.domain.mesh, value)

    @cached_property
    def _flux_area(self) -> Any:
        weight = self.domain.kinematics.weight
        ratio = self.surface_kinematics.area_ratio if self.current_area else 1.0
        area = ratio * weight * self.surface(FLUX)
        if (wet := self._wet) is not None:
            area += wet[0] * weight * wet[1]
        return compile_form(area)

    @property
    def wetted(self) -> bool:
        """Lithium enters through the faces of cracks, too."""
        return self.fracture is not None and self.fracture.wetted

    def update_flux_area(self) -> None:
        """Measure anew the area through which lithium enters."""
        self.flux_area.value = self.domain.total(self._flux_area)

    def volume(self, *names: str) -> float:
        """Reference volume of regions [um^3]; per um of depth in plane strain."""
        weight = self.domain.kinematics.weight
        one = fem.Constant(self.domain.mesh, default_scalar_type(1.0))
        dx = self.domain.dx(*names, degree=SOLID_DEGREE)
        return self.domain.total(compile_form(one * weight * dx))

    @cached_property
    def fields(self) -> tuple[fem.Function, ...]:
        """Unknowns by block: displacement, chemistry if anything diffuses, jumps if any."""
        state = self.state
        blocks = (state.u, state.c) if self.diffusing else (state.u,)
        return blocks if state.jump is None else (*blocks, state.jump)

    @property
    def smallest_opening(self) -> float:
        """Separation at which the first of the interfaces has come apart [um]."""
        return min(
            2 * float(part.toughness) / float(part.strength)
            for part in (bond.law for bond in self.bonds)
        )

    @cached_property
    def residual(self) -> tuple[ufl.Form, ...]:
        """Residual by block."""
        state, domain, kinematics = self.state, self.domain, self.domain.kinematics
        w = residuals.Unknowns(
            u=state.u,
            c=state.c,
            c_n=state.c_n,
            c_rate=state.c_rate,
            v=ufl.TestFunction(state.u.function_space),
            q=ufl.TestFunction(state.c.function_space),
        )
        scale = self.energy
        mechanics, chemistry = [], []
        for region in self.regions:
            dx = domain.dx(region.name, degree=SOLID_DEGREE)
            response = self.responses[region.name]
            mechanics.append(residuals.momentum(w.v, kinematics, response, dx, stress=scale))
            if region.diffuses and region.guest:
                lumped = (domain.dx_lumped(region.name), self._lumped_weight(region.name))
                chemistry += [
                    residuals.lithium(
                        w,
                        kinematics,
                        region.guest,
                        response,
                        state.dt,
                        state.end_share,
                        dx,
                        lumped,
                        energy=scale,
                    ),
                    residuals.equilibrium(
                        w, kinematics, region.guest, response, dx, lumped, energy=scale
                    ),
                ]
        for name in domain.manifest.roles.medium:
            dx = domain.dx(name, degree=MEDIUM_DEGREE)
            mechanics.append(residuals.medium(w, kinematics, self.medium_law, dx, stress=scale))
        if self.film_law:
            ds = self.surface(FILM, FILM_DEGREE)
            mechanics.append(
                residuals.film(
                    w.v,
                    kinematics,
                    self.film_law,
                    self.film_response,
                    self.film_volume,
                    self.tangent,
                    ds,
                    stress=scale,
                )
            )
        if self.sheet_law:
            ds = self.surface(SHEET)
            mechanics.append(
                residuals.sheet(w, kinematics, self.sheet_law, self.normal, ds, stress=scale)
            )
        apart = () if state.jump is None else (self._separation(state.jump),)
        if not chemistry:
            return (sum(mechanics), *apart)
        if idle := self._idle_regions:
            # gives every constrained unknown a diagonal entry in the sparsity pattern
            zero = fem.Constant(domain.mesh, default_scalar_type(0.0))
            chemistry.append(zero * ufl.inner(w.c, w.q) * domain.dx_lumped(*idle))
        chemistry += [
            residuals.insertion(w, state.end_share * amount, measure)
            for amount, measure in self.insertion
        ]
        return sum(mechanics), sum(chemistry), *apart

    def _separation(self, jump: fem.Function) -> ufl.Form:
        """Residual of the jumps: balance of the regions that have them, and of the interfaces."""
        domain, kinematics, scale = self.domain, self.domain.kinematics, self.energy
        v = ufl.TestFunction(jump.function_space)
        parts = [
            residuals.momentum(
                v,
                kinematics,
                self.responses[name],
                domain.dx(name, degree=SOLID_DEGREE),
                stress=scale,
            )
            for name in sorted(self.shifted)
        ]
        if others := [name for name in domain.regions if name not in self.shifted]:
            # gives every constrained unknown a diagonal entry in the sparsity pattern
            zero = fem.Constant(domain.mesh, default_scalar_type(0.0))
            parts.append(zero * ufl.inner(jump, v) * domain.dx_lumped(*others))
        if self.film_law:
            parts.append(
                residuals.film(
                    self._shift * v,
                    kinematics,
                    self.film_law,
                    self.film_response,
                    self.film_volume,
                    self.tangent,
                    self.surface(FILM, FILM_DEGREE),
                    stress=scale,
                )
            )
        parts += [
            residuals.bond(
                (1 - 2 * self._shift) * v,
                kinematics,
                response,
                self.nodes(BOND + place),
                stress=scale,
            )
            for place, response in enumerate(self.bond_responses)
        ]
        return sum(parts)

    def _lumped_weight(self, name: str) -> fem.Function:
        """Factor that turns the vertex rule of a region into row sums of the quadrature's.

        Curved cells and those at the axis, where r = 0 at some vertices, need it: only row sums
        keep every bit of lithium and give every node its mass.
        """
        domain = self.domain
        sums = []
        space = fem.functionspace(domain.mesh, ("Lagrange", 1))
        test = ufl.TestFunction(space)
        for form in (
            test * domain.kinematics.weight * domain.dx(name, degree=SOLID_DEGREE),
            test * domain.dx_lumped(name),
        ):
            vector = fem.assemble_vector(compile_form(form))
            vector.scatter_reverse(la.InsertMode.add)
            vector.scatter_forward()
            sums.append(vector.array)
        ratio = fem.Function(space)
        np.divide(sums[0], sums[1], out=ratio.x.array, where=sums[1] > 0.0)
        return ratio

    @cached_property
    def jacobian(self) -> tuple[tuple[ufl.Form, ...], ...]:
        """Derivative of every residual block by every field."""
        return tuple(
            tuple(self._slope(row, field) for field in self.fields) for row in self.residual
        )

    def _slope(self, row: ufl.Form, field: fem.Function) -> ufl.Form:
        """Derivative of a block; a form of zeros where it does not depend on the field."""
        if field in row.coefficients():
            return ufl.derivative(row, field)
        (test,) = row.arguments()
        trial = ufl.TrialFunction(field.function_space)
        zero = fem.Constant(self.domain.mesh, default_scalar_type(0.0))
        return zero * trial[0] * test[0] * self.domain.dx(self.domain.regions[0], degree=0)

    @cached_property
    def crack_residual(self) -> ufl.Form:
        """Residual of the crack field at fixed displacement and chemistry.

        Raises:
            TypeError: Nothing can break.
        """
        if self.fracture is None or self.state.crack is None:
            raise TypeError("no region can break")
        crack, worked = self.state.crack, self.state.worked
        energy = 1 / self.energy * self.fracture.energy(self.domain, crack, self.responses, worked)
        test = ufl.TestFunction(crack.function_space)
        return ufl.derivative(energy, crack, test)

    @property
    def whole(self) -> npt.NDArray[np.int32]:
        """Unknowns of the crack field that no breaking cell touches, ghosts included."""
        if self.fracture is None or self.state.crack is None:
            raise TypeError("no region can break")
        return self._untouched(self.state.crack.function_space, tuple(self.fracture.toughness))

    @cached_property
    def constraints(self) -> tuple[list[fem.DirichletBC], ...]:
        """By block: symmetry planes and anchors; chemistry where nothing diffuses. Increments only.

        Constrained unknowns keep the value they have.
        """
        state = self.state
        blocks = [self._supports(state.u.function_space)]
        if self.diffusing:
            blocks.append([fem.dirichletbc(state.c, self._idle())])
        if state.jump is not None:
            space = state.jump.function_space
            joined = fem.dirichletbc(state.jump, self._joined(space))
            blocks.append([joined, *self._symmetry(space)])
        return tuple(blocks)

    def _joined(self, space: fem.FunctionSpace) -> npt.NDArray[np.int32]:
        """Blocks of a space of jumps at nodes of no interface, ghosts included."""
        facets = [self.domain.between(bond.inside, bond.outside) for bond in self.bonds]
        apart = fem.locate_dofs_topological(space, self.domain.dim - 1, np.concatenate(facets))
        count = space.dofmap.index_map
        return np.setdiff1d(np.arange(count.size_local + count.num_ghosts), apart).astype(np.int32)

    def _supports(self, space: fem.FunctionSpace) -> list[fem.DirichletBC]:
        """Symmetry planes and anchors on a space of displacements."""
        held, zero = self._symmetry(space), default_scalar_type(0.0)
        for point, component in self.domain.manifest.roles.anchor:
            dofs = self._at(space, point) * space.dofmap.index_map_bs + component
            held.append(fem.dirichletbc(zero, dofs.astype(np.int32), space.sub(component)))
        return held

    def _symmetry(self, space: fem.FunctionSpace) -> list[fem.DirichletBC]:
        """Symmetry planes on a space of displacements or their jumps."""
        domain, zero = self.domain, default_scalar_type(0.0)
        held = []
        for name, component in domain.manifest.roles.symmetry.items():
            part = space.sub(component)
            dofs = fem.locate_dofs_topological(part, domain.dim - 1, domain.facets(name))
            held.append(fem.dirichletbc(zero, dofs, part))
        return held

    @cached_property
    def coarse(self) -> tuple[ufl.Form, list[fem.DirichletBC]]:
        """Stiffness between P1 displacements, and their supports: a coarse level for `jacobian`."""
        grid = self.domain.mesh
        space = fem.functionspace(grid, ("Lagrange", 1, (grid.geometry.dim,)))
        residual = self.residual[0]
        (test,) = residual.arguments()
        linear = ufl.replace(residual, {test: ufl.TestFunction(space)})
        stiffness = ufl.derivative(linear, self.state.u, ufl.TrialFunction(space))
        return stiffness, self._supports(space)

    def _at(self, space: fem.FunctionSpace, point: Sequence[float]) -> npt.NDArray[np.int32]:
        """Blocks of a displacement space at a mesh vertex."""
        x = space.tabulate_dof_coordinates()[:, : len(point)]
        distance = np.linalg.norm(x - np.asarray(point), axis=1)
        size = self.domain.comm.allreduce(float(np.abs(x).max(initial=0.0)), op=MPI.MAX)
        return np.flatnonzero(distance < 1e-6 * size).astype(np.int32)

    def _idle(self) -> npt.NDArray[np.int32]:
        """Blocks of the chemistry space that no diffusing cell touches, ghosts included."""
        names = tuple(region.name for region in self.diffusing)
        return self._untouched(self.state.c.function_space, names)

    def _untouched(self, space: fem.FunctionSpace, names: Sequence[str]) -> npt.NDArray[np.int32]:
        """Blocks of a space that no cell of these regions touches, ghosts included."""
        touched = fem.Function(space)
        cells = self.domain.cells(*names)
        owned = cells[cells < self.domain.owned_cells]
        blocks = np.unique(space.dofmap.list[owned])
        size = space.dofmap.index_map_bs
        touched.x.array.reshape(-1, size)[blocks] = 1.0
        touched.x.scatter_reverse(la.InsertMode.add)
        touched.x.scatter_forward()
        return np.flatnonzero(touched.x.array.reshape(-1, size)[:, 0] == 0.0).astype(np.int32)

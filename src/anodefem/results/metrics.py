"""The numbers by which architectures are compared, each defined where it is computed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mpi4py import MPI

import basix.ufl
import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem, la

from anodefem.cards import FARADAY
from anodefem.laws.building import GAS_CONSTANT, MPA
from anodefem.laws.chemistry import mobility, potential
from anodefem.laws.kinematics import cofactor_normal, deviator
from anodefem.laws.membrane import SurfaceStrain
from anodefem.model.domain import MEDIUM_DEGREE, SOLID_DEGREE
from anodefem.model.facets import FacetMeans
from anodefem.model.history import PointValues
from anodefem.model.problem import (
    CONTACT,
    FILM,
    FILM_DEGREE,
    FLUX,
    HULL,
    Problem,
    compile_form,
)
from anodefem.model.regions import Guest
from anodefem.parallel import reduce
from anodefem.results.bonds import BondMetrics
from anodefem.results.energy import EnergyBalance
from anodefem.results.film_failure import FilmFailure
from anodefem.results.fragments import Fragments
from anodefem.results.quantiles import weighted_quantile

GPA = 1e-3  # GPa per MPa


@dataclass(frozen=True, slots=True)
class SeiLimits:
    """Strains of the SEI recipe.

    Attributes:
        yield_strain: Strain at which it yields [-].
        fracture_strain: Strain at which it breaks [-].
    """

    yield_strain: float
    fracture_strain: float


@dataclass(slots=True)
class Ledger:
    """What is summed over a run, and what it is compared with.

    Attributes:
        plastic_work: [MPa um^3].
        viscous_work: Lost in viscoelastic networks [MPa um^3].
        film_work: Plastic work in the SEI [MPa um^3].
        swelling_work: Done by swelling on the body, where something can break [MPa um^3].
        balance_error: Sum of the errors of the energy balance, likewise [MPa um^3].
        crack_release: Set free by cracks beyond their toughness [MPa um^3].
        bond_work: Spent by interfaces that came apart [MPa um^3].
        diffusion_dissipation: [MPa um^3].
        inserted: Lithium let in by the surface flux [um^3 of full reference host].
        initial: Lithium at the start, likewise.
        initial_soc: State of charge at the start [-].
        bared: Surface bared by cracks of the SEI before the present protocol step [um^2].
    """

    plastic_work: float = 0.0
    viscous_work: float = 0.0
    film_work: float = 0.0
    bond_work: float = 0.0
    swelling_work: float = 0.0
    balance_error: float = 0.0
    crack_release: float = 0.0
    diffusion_dissipation: float = 0.0
    inserted: float = 0.0
    initial: float = 0.0
    initial_soc: float = 0.0
    bared: float = 0.0


class Metrics:
    """Compiled metrics of a problem; every method is collective."""

    def __init__(self, problem: Problem, *, limits: SeiLimits | None, temperature: float) -> None:
        """Compile; the state is read when a row is asked for.

        Args:
            problem: What is solved.
            limits: Strains of the SEI recipe, or None without an SEI.
            temperature: T [K].
        """
        self.problem, self.limits = problem, limits
        self._thermal = GAS_CONSTANT * temperature / FARADAY  # V
        self.ledger = Ledger()
        self._capacity = sum(self._share(g) * problem.volume(n) for n, g in self._hosts)
        self._uniform_capacity = sum(
            self._share(g) * problem.volume(n) for n, g in self._hosts if g.uniform
        )
        self._host_volume = problem.volume(*(n for n, _ in self._hosts))
        self._stored_form, self._hull_form = compile_form(self._stored()), self._hull()
        self._hull_reference = problem.domain.total(self._hull_form)
        self._compile_rates()
        self._compile_cracks()
        self._bonds = BondMetrics(problem) if problem.bonds else None
        self._compile_stress()
        self._compile_surfaces()
        #: Where the energy goes, if something can break.
        self.energy = self._energy() if problem.fracture or problem.bonds else None
        #: Failure of the SEI, if it is followed.
        self.failure = FilmFailure(problem) if problem.film_strength else None

    @cached_property
    def _hosts(self) -> list[tuple[str, Guest]]:
        return [(r.name, r.guest) for r in self.problem.storing if r.guest]

    def _share(self, guest: Guest) -> float:
        return guest.energy / self.problem.energy

    def _stored(self) -> ufl.Form:
        domain = self.problem.domain
        weight = domain.kinematics.weight
        return sum(
            self._share(r.guest)
            * self.problem.fraction(r)
            * weight
            * domain.dx(r.name, degree=SOLID_DEGREE)
            for r in self.problem.storing
            if r.guest
        )

    def stored(self) -> float:
        """Lithium in the hosts, as volume of full reference host [um^3]."""
        return self.problem.domain.total(self._stored_form)

    def _hull(self) -> Any:
        problem = self.problem
        kinematics = problem.domain.kinematics
        position = kinematics.vector(kinematics.position) + kinematics.vector(problem.displacement)
        flow = ufl.dot(position, cofactor_normal(problem.deformation_gradient, problem.normal))
        return compile_form(flow * kinematics.weight * problem.surface(HULL))

    def _compile_rates(self) -> None:
        """Scalar forms of what a step dissipates and inserts."""
        problem, domain = self.problem, self.problem.domain
        weight = domain.kinematics.weight
        plastic = sum(
            problem.responses[r.name].dissipation * weight * domain.dx(r.name, degree=SOLID_DEGREE)
            for r in problem.regions
        )
        self._plastic_form = compile_form(plastic)
        self._viscous_form = None
        if viscous := [r.name for r in problem.regions if r.viscous]:
            loss = sum(
                problem.responses[name].viscous_dissipation
                * weight
                * domain.dx(name, degree=SOLID_DEGREE)
                for name in viscous
            )
            self._viscous_form = compile_form(loss)
            self._viscous_volume = problem.volume(*viscous)
        self._film_form = None
        if problem.film_law:
            ds = problem.surface(FILM, FILM_DEGREE)
            work = problem.film_volume * problem.film_response.dissipation * weight
            self._film_form = compile_form(work * ds)
        self._diffusion_form = self._insertion_form = None
        if not problem.diffusing:
            return
        x, mu = problem.state.c[0], problem.state.c[1]
        gradient = domain.kinematics.scalar_gradient(mu)
        diffusion = []
        for r in problem.diffusing:
            if r.guest is None:
                continue
            F = problem.responses[r.name].F
            M = mobility(r.guest.potential, r.guest.diffusivity, x)
            loss = ufl.inner(gradient, ufl.dot(ufl.inv(ufl.dot(F.T, F)), gradient))
            dx = domain.dx(r.name, degree=SOLID_DEGREE)
            diffusion.append(r.guest.energy * M * loss * problem.state.dt * weight * dx)
        self._diffusion_form = compile_form(sum(diffusion))
        inserted = [amount * measure for amount, measure in problem.insertion]
        self._insertion_form = compile_form(sum(inserted[1:], inserted[0]))

    def _compile_cracks(self) -> None:
        """Area and energy of the cracks of each region that can break."""
        problem, crack = self.problem, self.problem.state.crack
        self._crack_forms: dict[str, tuple[Any, Any]] = {}
        self._fragments: Fragments | None = None
        if problem.fracture is not None or problem.bonds:
            self._fragments = Fragments(problem)
        if problem.fracture is None or crack is None:
            return
        self._crack_forms = {
            name: (
                compile_form(problem.fracture.area(problem.domain, crack, name)),
                compile_form(problem.fracture.work(problem.domain, crack, name)),
            )
            for name in problem.fracture.toughness
        }
        hosts = [name for name, _ in self._hosts if problem.breaks(name)]
        self._faces = None
        if hosts:
            one = fem.Constant(problem.domain.mesh, 1.0)
            self._faces = compile_form(problem.fracture.faces(problem.domain, crack, hosts, one))

    def _energy(self) -> EnergyBalance:
        bonds = self._bonds.spent if self._bonds else None
        losses = (self._plastic_form, self._viscous_form, self._film_form, bonds)
        return EnergyBalance(self.problem, [form for form in losses if form is not None])

    def _compile_stress(self) -> None:
        """Von Mises and mean stress at the quadrature points."""
        problem, domain = self.problem, self.problem.domain
        element = basix.ufl.quadrature_element(
            domain.mesh.basix_cell(), value_shape=(2,), degree=SOLID_DEGREE
        )
        self.stress = PointValues(fem.functionspace(domain.mesh, element))
        for r in problem.regions:
            cauchy = problem.responses[r.name].cauchy
            s = deviator(cauchy)
            von_mises = ufl.sqrt(1.5 * ufl.inner(s, s) + 1e-24)
            pair = ufl.as_vector([von_mises, ufl.tr(cauchy) / 3])
            self.stress.add(pair, domain.cells(r.name))

    def _compile_surfaces(self) -> None:
        """Means over facets: SEI strain and stress, contact pressure; surface potentials."""
        problem, domain = self.problem, self.problem.domain
        kinematics, state = domain.kinematics, problem.state
        self.film: FacetMeans | None = None
        if problem.film_law:
            strain = SurfaceStrain(problem.film_kinematics, problem.film_formation).largest
            values = ufl.as_vector([strain, problem.film_response.principal])
            self.film = FacetMeans(problem, values, FILM, FILM_DEGREE)
        self._contact: FacetMeans | None = None
        if domain.manifest.roles.contact and domain.manifest.roles.medium:
            self._compile_contact()
        ds = problem.surface(FLUX)
        weight = kinematics.weight
        one = fem.Constant(domain.mesh, 1.0)
        if problem.diffusing and problem.diffusing[0].guest:
            x, mu = state.c[0], state.c[1]
            law = problem.diffusing[0].guest.potential
            forms = [mu * weight * ds, (mu - potential(law, x)) * weight * ds, one * weight * ds]
        else:
            region = problem.storing[0]
            dx = domain.dx(region.name, degree=SOLID_DEGREE)
            response = problem.responses[region.name]
            if region.guest is None:
                raise TypeError("a storing region has a guest")
            stress = response.dpsi_dx / region.guest.energy
            rest = potential(region.guest.potential, problem.fraction(region))
            forms = [(rest + stress) * weight * dx, stress * weight * dx, one * weight * dx]
        self._potential_forms = [compile_form(form) for form in forms]

    def _compile_contact(self) -> None:
        """Pressure through the void at facets, and the work that its forces do.

        Single stresses of a medium squeezed flat are off by a few per cent. Its nodal forces hold
        the body and are right, so the mean pressure is taken from their work.
        """
        problem, kinematics = self.problem, self.problem.domain.kinematics
        domain, F, weight = problem.domain, problem.deformation_gradient, kinematics.weight
        surface, piola = problem.surface_kinematics, problem.medium_law.piola(F)
        pressure = -ufl.dot(ufl.dot(piola, problem.normal), surface.normal)
        values = ufl.as_vector([pressure, surface.area_ratio])
        self._contact = FacetMeans(problem, values, CONTACT, 2)
        space = fem.functionspace(domain.mesh, ("Lagrange", 1, (domain.mesh.geometry.dim,)))
        #: Virtual displacement: unit vectors along the normals of the touching surface.
        self._push = fem.Function(space)
        test, ds = kinematics.vector(ufl.TestFunction(space)), problem.surface(CONTACT)
        area = cofactor_normal(F, problem.normal)
        dx = domain.dx(*domain.manifest.roles.medium, degree=MEDIUM_DEGREE)
        self._normals = compile_form(ufl.dot(area, test) * weight * ds)
        self._contact_work = (
            compile_form(-ufl.inner(piola, kinematics.gradient(self._push)) * weight * dx),
            compile_form(ufl.dot(area, kinematics.vector(self._push)) * weight * ds),
        )

    def accumulate(self) -> None:
        """Add what the step just solved has dissipated and inserted; call before acceptance."""
        total = self.problem.domain.total
        if self.energy:
            work, error, release = self.energy.settle()
            self.ledger.swelling_work += work
            self.ledger.balance_error += error
            self.ledger.crack_release += release
        self.ledger.plastic_work += total(self._plastic_form)
        if self._viscous_form is not None:
            self.ledger.viscous_work += total(self._viscous_form)
        if self._film_form is not None:
            self.ledger.film_work += total(self._film_form)
        if self._bonds:
            self.ledger.bond_work += total(self._bonds.spent)
        if self._diffusion_form is not None:
            self.ledger.diffusion_dissipation += total(self._diffusion_form)
            self.ledger.inserted += total(self._insertion_form)

    def row(self) -> dict[str, float]:
        """Metrics of the present state by column name, without those of the step control."""
        problem, total = self.problem, self.problem.domain.total
        stored = self.stored()
        hull = total(self._hull_form) / self._hull_reference
        potential_sum, stress_sum, measure = (total(form) for form in self._potential_forms)
        capacity = stored * problem.energy / MPA / (self._thermal * FARADAY)  # mol um^3/m^3
        exact = problem.domain.manifest.exact
        reference = exact.get("envelope", exact["hull"])
        per_host = 1 / (MPA * self._host_volume)
        low, high = self.fraction_range()
        row = {
            "soc [-]": stored / self._capacity,
            "lithium_balance_error [-]": self._balance(stored),
            "lithium_fraction_min [-]": low,
            "lithium_fraction_max [-]": high,
            "hull_volume_ratio [-]": hull,
        }
        row |= self._film_metrics() | self._stress_metrics() | self._contact_metrics()
        if self.failure:
            row |= self.failure.columns(self.ledger.bared)
        row |= self._network_metrics() | self._crack_metrics() | self._bond_metrics(per_host)
        row |= self._fragments.row() if self._fragments else {}
        row |= self._energy_metrics(per_host)
        row |= {
            "plastic_work [J/m^3]": self.ledger.plastic_work * per_host,
            "diffusion_dissipation [J/m^3]": self.ledger.diffusion_dissipation * per_host,
            "volumetric_capacity [Ah/L]": capacity * FARADAY / 3600 / 1000 / (hull * reference),
            "voltage [V]": -self._thermal * potential_sum / measure,
            "stress_overpotential [mV]": -1e3 * self._thermal * stress_sum / measure,
        }
        return row

    def _balance(self, stored: float) -> float:
        if self._insertion_form is None:
            return 0.0
        followed = self._uniform_capacity * (
            float(self.problem.state.soc.value) - self.ledger.initial_soc
        )
        return (stored - self.ledger.initial - self.ledger.inserted - followed) / self._capacity

    def start(self) -> None:
        """Take the present lithium content as the initial one of the balance."""
        self.ledger.initial = self.stored()
        self.ledger.initial_soc = float(self.problem.state.soc.value)
        if self.energy:
            self.energy.start()

    def begin(self) -> None:
        """Begin a protocol step."""
        if self.failure:
            self.ledger.bared = self.failure.bared()

    def resume(self) -> None:
        """Go on from the present state, whose sums are in the ledger."""
        if self.energy:
            self.energy.start()

    def loaded(self) -> None:
        """A step has been solved with the cracks as they were at its start."""
        if self.energy:
            self.energy.loaded()

    def rewind(self) -> None:
        """A step is taken back; no communication."""
        if self.energy:
            self.energy.rewind()

    def fraction_range(self) -> tuple[float, float]:
        """Smallest and largest lithium fraction at the nodes of the hosts."""
        state = self.problem.state
        if not self.problem.diffusing:
            return float(state.soc.value), float(state.soc.value)
        x = state.c.x.array.reshape(-1, 2)[self._active, 0]
        comm = self.problem.domain.comm
        return (
            comm.allreduce(float(x.min(initial=np.inf)), op=MPI.MIN),
            comm.allreduce(float(x.max(initial=-np.inf)), op=MPI.MAX),
        )

    @cached_property
    def _active(self) -> npt.NDArray[np.int32]:
        """Chemistry blocks of owned diffusing cells."""
        domain = self.problem.domain
        cells = domain.cells(*(r.name for r in self.problem.diffusing))
        return np.unique(
            self.problem.state.c.function_space.dofmap.list[cells[cells < domain.owned_cells]]
        )

    def _film_metrics(self) -> dict[str, float]:
        if self.film is None or self.limits is None:
            return {}
        values, areas = self.film.evaluate(), self.film.areas
        comm = self.problem.domain.comm
        strain = np.concatenate(comm.allgather(values[:, 0]))
        stress = np.concatenate(comm.allgather(values[:, 1]))
        area = np.concatenate(comm.allgather(areas))
        share = area / area.sum()
        return {
            "sei_strain_max [-]": float(strain.max()),
            "sei_strain_p99 [-]": weighted_quantile(strain, share, 0.99),
            "sei_strain_mean [-]": float(strain @ share),
            "sei_area_beyond_yield [-]": float(share[strain > self.limits.yield_strain].sum()),
            "sei_area_beyond_fracture [-]": float(
                share[strain > self.limits.fracture_strain].sum()
            ),
            "sei_stress_max [GPa]": GPA * float(stress.max()),
            # 1 MPa um is 1 J/m^2
            "sei_plastic_work [J/m^2]": self.ledger.film_work / float(area.sum()),
        }

    def _stress_metrics(self) -> dict[str, float]:
        domain = self.problem.domain
        field = self.stress.evaluate()
        values = field.x.array.reshape(-1, 2)
        row = {}
        for r in self.problem.regions:
            cells = domain.cells(r.name)
            blocks = field.function_space.dofmap.list[cells[cells < domain.owned_cells]].ravel()
            von_mises, mean = values[blocks].T
            high = np.array([von_mises.max(initial=0.0), mean.max(initial=-np.inf)])
            high = reduce(domain.comm, high, MPI.MAX)
            low = domain.comm.allreduce(float(mean.min(initial=np.inf)), op=MPI.MIN)
            row[f"von_mises_max_{r.name} [GPa]"] = GPA * float(high[0])
            row[f"hydrostatic_min_{r.name} [GPa]"] = GPA * low
            row[f"hydrostatic_max_{r.name} [GPa]"] = GPA * float(high[1])
        return row

    def _crack_metrics(self) -> dict[str, float]:
        crack, total = self.problem.state.crack, self.problem.domain.total
        if crack is None:
            return {}
        row, work = {}, 0.0
        for name, (area, energy) in self._crack_forms.items():
            row[f"crack_area_{name} [um^2]"] = total(area)
            work += total(energy)
        if self._faces is not None:
            row["crack_faces [um^2]"] = total(self._faces)
        row["crack_work [J/m^3]"] = work / (MPA * self._host_volume)
        local = float(crack.x.array.max(initial=0.0))
        row["crack_max [-]"] = self.problem.domain.comm.allreduce(local, op=MPI.MAX)
        return row

    @property
    def cracked(self) -> bool:
        """Whether something had broken by the last `row`, flaws aside."""
        return self._fragments is not None and self._fragments.cracked

    def _bond_metrics(self, per_host: float) -> dict[str, float]:
        if self._bonds is None:
            return {}
        return self._bonds.row() | {"bond_work [J/m^3]": self.ledger.bond_work * per_host}

    def _energy_metrics(self, per_host: float) -> dict[str, float]:
        if self.energy is None:
            return {}
        ledger, stored = self.ledger, self.energy.stored
        flow = ledger.plastic_work + ledger.viscous_work + ledger.film_work + ledger.bond_work
        scale = stored + flow + self.energy.cracks + ledger.crack_release
        return {
            "swelling_work [J/m^3]": ledger.swelling_work * per_host,
            "elastic_energy [J/m^3]": stored * per_host,
            "crack_release [J/m^3]": ledger.crack_release * per_host,
            "energy_balance_error [-]": ledger.balance_error / scale if scale else 0.0,
        }

    def _network_metrics(self) -> dict[str, float]:
        row, state = {}, self.problem.state
        if self._viscous_form is not None:
            work = self.ledger.viscous_work / (MPA * self._viscous_volume)
            row["viscous_work [J/m^3]"] = work
        for r in self.problem.regions:
            if r.solid.network.healing is None or state.damage is None:
                continue
            cells = self.problem.domain.cells(r.name)
            blocks = state.damage.function_space.dofmap.list[cells].ravel()
            local = float(state.damage.x.array[blocks].max(initial=0.0))
            largest = self.problem.domain.comm.allreduce(local, op=MPI.MAX)
            row[f"damage_max_{r.name} [-]"] = largest
        return row

    def _contact_metrics(self) -> dict[str, float]:
        if self._contact is None:
            return {}
        push, comm = self._push.x, self.problem.domain.comm
        push.array[:] = 0.0
        fem.assemble_vector(push.array, self._normals)
        push.scatter_reverse(la.InsertMode.add)
        push.scatter_forward()
        rows = push.array.reshape(-1, self.problem.domain.dim)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-300)
        work, area = (self.problem.domain.total(form) for form in self._contact_work)
        force, ratio = self._contact.evaluate().T
        largest = comm.allreduce(float((force / ratio).max(initial=-np.inf)), op=MPI.MAX)
        return {
            "contact_pressure_mean [GPa]": GPA * work / area,
            "contact_pressure_max [GPa]": GPA * largest,
        }

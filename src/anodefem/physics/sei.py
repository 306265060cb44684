"""The SEI: a film without thickness that stretches with the surface, flows, and presses on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem.compilation import compile_form
from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import ANYWHERE, FieldOutput, Integral, Nodes, Physics
from anodefem.fem.domain import Domain
from anodefem.fem.facets import FacetMeans
from anodefem.fem.fields import Memory
from anodefem.fem.periodic import Ties
from anodefem.fem.quantiles import weighted_quantile
from anodefem.fem.symbols import Symbols
from anodefem.fem.updates import Update
from anodefem.laws.film import Film, FilmResponse, PlaneStress
from anodefem.laws.film_cracks import FilmStrength
from anodefem.laws.membrane import Surface, SurfaceStrain
from anodefem.physics.mechanics import GPA

#: One point per facet: the film's history is one value per facet, taken where it is integrated.
FILM_DEGREE = 1


class Sei(Physics):
    """An SEI on some surfaces.

    Attributes:
        law: Elastic-plastic law of the film.
        film_surfaces: Facet groups that carry it.
        formation_strain: Strain by which it would be longer than the surface it forms on [-].
        thickness: With which it forms [um].
        strength: What it bears, if that is known.

    Others may offer "film_strain_left" and "film_energy_left" under `ANYWHERE`, the shares of its
    elastic strain and energy that are left when the step is over: where it grows, say; and
    "film_bond", by which it is held where it does not follow its surface.
    """

    name = "sei"
    field_units: Mapping[str, str] = {"sei_strain": "-", "sei_stress": "GPa"}

    def __init__(
        self,
        law: Film,
        *,
        film_surfaces: Sequence[str],
        formation_strain: float = 0.0,
        thickness: float = 0.0,
        strength: FilmStrength | None = None,
    ) -> None:
        """Describe the film; it forms when the hosts have been filled to the initial state.

        Args:
            law: Elastic-plastic law of the film.
            film_surfaces: Facet groups that carry it.
            formation_strain: Strain by which it would be longer than the surface it forms on [-].
            thickness: With which it forms [um].
            strength: What it bears; without it there are no columns of the film.
        """
        self.law, self.film_surfaces = law, tuple(film_surfaces)
        self.formation_strain, self.thickness = formation_strain, thickness
        self.strength = strength

    def memory(self, domain: Domain) -> Sequence[Memory]:
        """Inverse stress-free metric, now and at formation, and volume, by facet on its cell."""
        size = domain.kinematics.symmetric_size
        identity = (1.0,) * 3 + (0.0,) * (size - 3)
        tensor = ("DG", 0, (size,))
        return [
            Memory(name="sei_stress_free", element=tensor, initial=identity),
            Memory(name="sei_formation", element=tensor, initial=identity),
            Memory(name="sei_volume", element=("DG", 0)),
            Memory(name="sei_local_solution", element=("DG", 0), carried=False, stored=False),
        ]

    def surfaces(self, s: Symbols) -> Mapping[str, npt.NDArray[np.int32]]:
        """Surfaces of the film, seen from the body, and where it adds to the body's volume."""
        film = s.facing_solids(self.film_surfaces)
        return {"sei": film, "sei_added": film.reshape(-1, 2)[_adds_volume(s, film)].ravel()}

    def ds(self, s: Symbols) -> ufl.Measure:
        """Measure of the film, with one point per facet."""
        return s.ds("sei", degree=FILM_DEGREE)

    def formation(self, s: Symbols) -> Expr:
        """Inverse stress-free metric at formation, moved along where it slides, on facets."""
        formation = s.kinematics.symmetric(s.state["sei_formation"])
        slide = s.once(self.response).slide
        return slide.carried(formation) if slide else formation

    def volume(self, s: Symbols) -> Expr:
        """Stress-free volume of the film per reference area [um]."""
        return s.state["sei_volume"]

    def response(self, s: Symbols) -> FilmResponse:
        """State of the film at the end of the step, as UFL on facets."""
        stress_free = s.kinematics.symmetric(s.state["sei_stress_free"])
        bond = s.offered("film_bond").get(ANYWHERE)
        return self.law.respond(
            s.facet_surface, stress_free, s.state.dt, s.state["sei_local_solution"], bond
        )

    def strain(self, s: Symbols) -> Expr:
        """Largest principal logarithmic strain of the film along the surface since it formed."""
        return SurfaceStrain(s.facet_surface, self.formation(s)).largest

    def unrelaxed(self, s: Symbols) -> Expr:
        """Von Mises' stress [MPa] that it would have, had it not flowed since it formed."""
        strain = SurfaceStrain(s.facet_surface, self.formation(s))
        return self.law.trial(strain).equivalent(0.0)

    def offers(self, s: Symbols) -> Mapping[str, Callable[[], Mapping[str, ufl.Form]]]:
        """Its own volume [um^3], which the mesh leaves out, but for what grows into voids."""

        def added() -> Mapping[str, ufl.Form]:
            current = s.once(self.volume) * s.once(self.response).volume_ratio
            return {"sei": current * s.kinematics.weight * s.ds("sei_added", degree=FILM_DEGREE)}

        return {"added_volume": added}

    def forms(self, s: Symbols) -> Mapping[str, ufl.Form]:
        """Int volume (work of the film) dA, by motion."""
        response, volume, weight = s.once(self.response), s.once(self.volume), s.kinematics.weight
        return {
            each.unknown: volume
            * self.law.virtual_work(response, each.gradient)
            / s.stress_scale
            * weight
            * self.ds(s)
            for each in s.facet_variations()
        }

    def updates(self, s: Symbols) -> Sequence[Update]:
        """Formation and flow of the film."""
        return [_FilmHistory(s, self)]

    def energies(self, s: Symbols) -> Iterator[ufl.Form]:
        """Elastic energy of the film."""
        left = s.offered("film_energy_left").get(ANYWHERE, 1.0)
        energy = left * s.once(self.volume) * s.once(self.response).energy
        yield energy * s.kinematics.weight * self.ds(s)

    def integrals(self, s: Symbols) -> Sequence[Integral]:
        """Plastic work in the film."""
        work = s.once(self.volume) * s.once(self.response).dissipation * s.kinematics.weight
        return [Integral(name="sei_work", form=work * self.ds(s), lost=True)]

    def means(self, s: Symbols) -> FacetMeans:
        """Strain [-], largest principal stress and stress without flow [MPa], by facet."""
        values = [self.strain(s), s.once(self.response).principal, self.unrelaxed(s)]
        return FacetMeans(s.domain, ufl.as_vector(values), self.ds(s))

    @columns(
        Column(
            "sei_strain_max",
            "-",
            "largest principal logarithmic strain of the SEI along its surface since it formed; "
            "largest facet mean",
            log="  sei {:.4f}",
        ),
        Column("sei_strain_p99", "-", "99 % of the SEI's reference area is strained less"),
        Column("sei_strain_mean", "-", "mean over the SEI's reference area"),
        Column(
            "sei_area_beyond_yield",
            "-",
            "share of area strained beyond where the SEI flows: von Mises' stress that it would "
            "have without flow is above its yield stress",
        ),
        Column(
            "sei_area_beyond_fracture", "-", "share of area beyond the recipe's fracture strain"
        ),
        Column("sei_stress_max", "GPa", "largest principal Kirchhoff stress in the SEI"),
        Column(
            "sei_plastic_work", "J/m^2", "plastic work in the SEI so far over its reference area"
        ),
    )
    def strains(self, s: Symbols) -> Evaluate:
        """Distribution of strain over the film, and its extremes of stress."""
        if self.strength is None:
            return dict
        strength, means, comm = self.strength, s.once(self.means), s.domain.comm

        def evaluate() -> dict[str, float]:
            values = means.evaluate()
            strain = np.concatenate(comm.allgather(values[:, 0]))
            stress = np.concatenate(comm.allgather(values[:, 1]))
            unrelaxed = np.concatenate(comm.allgather(values[:, 2]))
            area = np.concatenate(comm.allgather(means.areas))
            share = area / area.sum()
            return {
                "sei_strain_max": float(strain.max()),
                "sei_strain_p99": weighted_quantile(strain, share, 0.99),
                "sei_strain_mean": float(strain @ share),
                "sei_area_beyond_yield": float(share[unrelaxed > strength.elastic_limit].sum()),
                "sei_area_beyond_fracture": float(share[strain > strength.fracture_strain].sum()),
                "sei_stress_max": GPA * float(stress.max()),
                # 1 MPa um is 1 J/m^2
                "sei_plastic_work": s.sums["sei_work"] / float(area.sum()),
            }

        return evaluate

    def outputs(self, s: Symbols) -> Sequence[FieldOutput]:
        """Strain and stress of the film at the nodes that it touches."""
        means = s.once(self.means)
        at_nodes = FacetNodalMeans(s, self.ds(s), 2)

        def values(nodes: Nodes) -> list[npt.NDArray[np.float64]]:
            return at_nodes.evaluate(nodes, means.cells, means.evaluate()[:, :2] * [1.0, GPA])

        return [FieldOutput(units=self.field_units, at_points=values)]


def film_area(s: Symbols, surface: Surface) -> Expr:
    """Area of the SEI per reference area at the end of the step: that of its surface if it follows.

    Args:
        s: Supplies how far it has slid.
        surface: Kinematics of the surface, as UFL on facets.
    """
    mismatch = s.offered("film_mismatch").get(ANYWHERE)
    return surface.area_ratio if mismatch is None else surface.area_ratio * ufl.exp(-mismatch)


def _adds_volume(s: Symbols, film: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Whether a film on facets adds to the volume within the hull: on it, or between solids.

    Args:
        s: Knows the mesh.
        film: (cell, local facet) pairs, flattened, shape (2 n,).

    Returns:
        One value per facet, shape (n,).
    """
    domain, roles = s.domain, s.domain.manifest.roles
    topology, dim = domain.mesh.topology, domain.dim
    hull, pairs = (each.reshape(-1, 2) for each in (s.facing_solids(roles.hull), film))
    # one number per facet: a cell has fewer than 8
    on_hull = np.isin(pairs @ [8, 1], hull @ [8, 1])
    cells, local = pairs.T
    facets = topology.connectivity(dim, dim - 1).array.reshape(-1, dim + 1)[cells, local]
    neighbours = topology.connectivity(dim - 1, dim)
    first, last = neighbours.offsets[facets], neighbours.offsets[facets + 1] - 1
    other = neighbours.array[first] + neighbours.array[last] - cells
    media = [domain.manifest.cells[name] for name in roles.medium]
    between = (first < last) & ~np.isin(domain.region_of_cells[other], media)
    return np.asarray(on_hull | between)


class FacetNodalMeans:
    """Nodal means of facet values: int q phi dA / int phi dA over the facets at a node.

    Nodes on periodic sides are one with their images.
    """

    def __init__(self, s: Symbols, ds: ufl.Measure, count: int) -> None:
        """Compile.

        Args:
            s: Supplies the mesh.
            ds: Measure of the facets.
            count: Number of values per facet.
        """
        grid = s.domain.mesh
        self._facet = fem.Function(fem.functionspace(grid, ("DG", 0, (count,))))
        linear = fem.functionspace(grid, ("Lagrange", 1))
        test = ufl.TestFunction(linear)
        self._sums = [compile_form(self._facet[i] * test * ds) for i in range(count)]
        self._area = compile_form(test * ds)
        self._linear = fem.Function(linear)
        self._ties = Ties(s.domain, linear)

    def evaluate(
        self, nodes: Nodes, cells: npt.NDArray[np.int32], values: npt.NDArray[np.float64]
    ) -> list[npt.NDArray[np.float64]]:
        """Means at the nodes of this rank, NaN where there is no facet; collective.

        Args:
            nodes: Where they are wanted.
            cells: Cells of the facets.
            values: Of these facets, shape (facets, count).
        """
        self._facet.x.array.reshape(-1, len(self._sums))[cells] = values
        area, found = self._assembled(nodes, self._area), []
        for form in self._sums:
            mean = np.full_like(area, np.nan)
            np.divide(self._assembled(nodes, form), area, out=mean, where=area > 0.0)
            found.append(mean)
        return found

    def _assembled(self, nodes: Nodes, form: fem.Form) -> npt.NDArray[np.float64]:
        self._ties.assemble(self._linear.x, form)
        self._ties.complete(self._linear.x.array)
        self._linear.x.scatter_forward()
        return nodes.values(self._linear)


class _FilmHistory(Update):
    """Formation of the film on the present surface, and its stress-free shape as it flows."""

    def __init__(self, s: Symbols, sei: Sei) -> None:
        self._state, self._sei = s.state, sei
        components, response, ds = s.kinematics.components, s.once(sei.response), sei.ds(s)
        formed = sei.law.formed(s.facet_surface, sei.formation_strain)
        volume = sei.law.volume(formed, s.one, sei.formation_strain)
        left = s.offered("film_strain_left").get(ANYWHERE, 1.0)
        trial = ufl.as_vector([response.trial.mean, response.trial.shear_square])
        end = response.stress_free_with(left)
        self._end = FacetMeans(s.domain, components(end), ds)
        self._volume = FacetMeans(s.domain, volume, ds)
        self._formed = FacetMeans(s.domain, components(formed), ds)
        self._trial = FacetMeans(s.domain, trial, ds)
        self._found = self._end.evaluate()

    def initialised(self) -> None:
        state = self._state
        self._formed.store(state["sei_formation"], self._formed.evaluate())
        state["sei_stress_free"].x.array[:] = state["sei_formation"].x.array
        volume = self._sei.thickness * self._volume.evaluate()
        self._volume.store(state["sei_volume"], volume)

    def local_solve(self) -> None:
        state, law = self._state, self._sei.law
        mean, shear_square = self._trial.evaluate().T
        trial = PlaneStress(mean, shear_square, float(law.young), float(law.poisson))
        solution = law.flow.solve(trial, float(state.dt.value))
        state["sei_local_solution"].x.array[self._trial.cells] = solution

    def evaluate(self) -> None:
        self._found = self._end.evaluate()

    def store(self) -> None:
        self._end.store(self._state["sei_stress_free"], self._found)
        self._state["sei_local_solution"].x.array[:] = 0.0

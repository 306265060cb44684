"""Failure of the SEI facet by facet: its load over its strength, and the history of its cracks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Any

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import ANYWHERE, Event, FieldOutput, Nodes, Physics
from anodefem.fem.domain import Domain
from anodefem.fem.facets import FacetMeans
from anodefem.fem.fields import Memory
from anodefem.fem.quantiles import bound
from anodefem.fem.symbols import Symbols
from anodefem.fem.updates import Update
from anodefem.laws.film_cracks import ExposedSurface, FilmLoad, FilmRatios, FilmStrength, compare
from anodefem.parallel import reduce
from anodefem.physics.failures import FAILURES, Failure
from anodefem.physics.sei import FacetNodalMeans, Sei, film_area

Array = npt.NDArray[np.float64]

_ABOVE = "share of area where it is above 1"
_P99 = "99 % of area is at or below it"


def _message(failure: Failure, row: Mapping[str, float]) -> str:
    return f"the SEI {failure.happens} at soc = {row['soc [-]']:.4f}"


class SeiFailure(Physics):
    """What the film bears, where it fails, and what its cracks expose.

    Attributes:
        sei: The film.
        strength: What it bears.
    """

    name = "sei_failure"
    field_units: Mapping[str, str] = {"sei_channel_ratio": "-", "sei_cracked": "-"}

    def __init__(self, sei: Sei, strength: FilmStrength) -> None:
        """Follow the failure of a film.

        Args:
            sei: The film.
            strength: What it bears.
        """
        self.sei, self.strength = sei, strength

    def memory(self, domain: Domain) -> Sequence[Memory]:
        """History of the film's cracks, one value per facet.

        Where the film stood at the start of the step: loads by strain and as a channel crack over
        what it bears, and area ratio [-]. Area ratio at which it broke, by either; 0 while it is
        intact. Surface that the cracks of either exposed so far, per reference area [-].
        """
        return [
            Memory(name="sei_reached", element=("DG", 0, (3,))),
            Memory(name="sei_broken", element=("DG", 0, (2,))),
            Memory(name="sei_exposed", element=("DG", 0, (2,))),
        ]

    def offers(self, s: Symbols) -> Mapping[str, Callable[[], Mapping[str, Any]]]:
        """Area ratio at which strain broke the film at the start of the step, 0 where intact."""
        return {"film_broken_at": lambda: {ANYWHERE: s.state["sei_broken"][0]}}

    def criteria(self, s: Symbols) -> FilmCriteria:
        """Load over strength."""
        return FilmCriteria(s, self.sei, self.strength)

    def updates(self, s: Symbols) -> Sequence[Update]:
        """History of the cracks."""
        return [_CrackHistory(s, s.once(self.criteria))]

    def events(self, s: Symbols) -> Sequence[Event]:
        """Each way in which the film fails for the first time."""
        return [
            Event(
                kind=failure.kind,
                level=partial(self._level, failure),
                message=partial(_message, failure),
            )
            for failure in FAILURES
        ]

    def _level(self, failure: Failure, row: Mapping[str, float]) -> float:
        """How far the film is beyond what it bears, as a share of that."""
        limit = self.strength.fracture_strain if failure.name == "strain" else 1.0
        return row.get(failure.column, -inf) / limit - 1.0

    @columns(
        Column(
            "sei_energy_ratio_max",
            "-",
            "energy of elastic deformation that the strain asks for, were there no flow, over "
            "U_max = 1/2 E e_y^2 of the recipe (Gao et al. 2021): (von Mises' stress without "
            "flow / yield stress)^2, 1 where the SEI begins to flow; largest facet mean",
        ),
        Column("sei_energy_ratio_p99", "-", "99 % of the SEI's reference area is at or below it"),
        Column(
            "sei_channel_ratio_max",
            "-",
            "energy release rate of a crack that runs through the SEI along the surface over the "
            "recipe's toughness; largest facet mean",
        ),
        Column("sei_channel_ratio_p99", "-", _P99),
        Column("sei_area_beyond_channel", "-", _ABOVE),
        Column(
            "sei_peel_ratio_max",
            "-",
            "elastic energy per area of the SEI in tension over the recipe's adhesion: it comes "
            "off from a crack or an edge; largest facet mean; absent without an adhesion",
        ),
        Column("sei_peel_ratio_p99", "-", _P99),
        Column("sei_area_beyond_peel", "-", _ABOVE),
        Column(
            "sei_buckling_ratio_max",
            "-",
            "compression of the SEI over the stress at which a strip of it buckles that does not "
            "adhere to the surface, of half width sei.blister; largest facet mean",
        ),
        Column("sei_buckling_ratio_p99", "-", _P99),
        Column("sei_area_beyond_buckling", "-", _ABOVE),
        Column(
            "sei_blister_ratio_max",
            "-",
            "energy release rate at the sides of the buckled strip over the recipe's adhesion: it "
            "spreads; largest facet mean; absent without an adhesion",
        ),
        Column("sei_blister_ratio_p99", "-", _P99),
        Column("sei_area_beyond_blister", "-", _ABOVE),
        Column(
            "sei_crack_density_max",
            "1/um",
            "one over the distance between channel cracks beyond which new ones come between "
            "them, 0 where none run; largest facet mean",
        ),
        Column("sei_area_cracked", "-", "share of area that passed the fracture strain so far"),
        Column("sei_area_channelled", "-", "share of area where a channel crack could run so far"),
        Column(
            "sei_exposed_area",
            "um^2",
            "surface exposed so far where the SEI passed its fracture strain: every growth of "
            "the gaps between its pieces, which keep the area at which they broke (of the meshed "
            "part, whole circles in axisymmetry, per um of depth in plane strain)",
        ),
        Column("sei_exposed_area_step", "um^2", "what of it came in the present protocol step"),
        Column("sei_exposed_ratio", "-", "sei_exposed_area over the SEI's reference area"),
        Column(
            "sei_exposed_area_channel",
            "um^2",
            "the same where a channel crack could run, whatever the strain",
        ),
    )
    def failure(self, s: Symbols) -> Evaluate:
        """Distribution of every ratio over the film, and what its cracks have exposed."""
        criteria = s.once(self.criteria)

        def evaluate() -> dict[str, float]:
            ratios, means = criteria.evaluate().ratios, criteria.means
            loads = {
                "energy": ratios.energy,
                "channel": ratios.channel,
                "peel": ratios.peel,
                "buckling": ratios.buckling,
                "blister": ratios.blister,
            }
            known = {name: load for name, load in loads.items() if load is not None}
            history = [means.own(s.state[name]) for name in ("sei_broken", "sei_exposed")]
            local = np.column_stack([*known.values(), ratios.density, *history, means.areas])
            table = np.concatenate(s.domain.comm.allgather(local))
            *values, density, broken, channelled, exposed, exposed_channel, area = table.T
            share = area / area.sum()
            row = {}
            for name, load in zip(known, values, strict=True):
                row[f"sei_{name}_ratio_max"] = float(load.max())
                row[f"sei_{name}_ratio_p99"] = bound(load, share, 0.99)
                if name != "energy":  # that is sei_area_beyond_yield
                    row[f"sei_area_beyond_{name}"] = float(share[load > 1.0].sum())
            total = float(exposed @ area)
            return row | {
                "sei_crack_density_max": float(density.max()),
                "sei_area_cracked": float(share[broken > 0.0].sum()),
                "sei_area_channelled": float(share[channelled > 0.0].sum()),
                "sei_exposed_area": total,
                "sei_exposed_area_step": total - s.sums.get("exposed_before", 0.0),
                "sei_exposed_ratio": float(exposed @ share),
                "sei_exposed_area_channel": float(exposed_channel @ area),
            }

        return evaluate

    def outputs(self, s: Symbols) -> Sequence[FieldOutput]:
        """Load as a channel crack over toughness, and 1 where strain broke the film."""
        criteria = s.once(self.criteria)
        at_nodes = FacetNodalMeans(s, self.sei.ds(s), 2)

        def values(nodes: Nodes) -> list[Array]:
            broken = criteria.means.own(s.state["sei_broken"])[:, 0] > 0.0
            ratio = criteria.evaluate().ratios.channel
            maps = np.stack([ratio, broken.astype(np.float64)], axis=1)
            return at_nodes.evaluate(nodes, criteria.means.cells, maps)

        return [FieldOutput(units=self.field_units, at_points=values)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmState:
    """The film on this rank's facets.

    Attributes:
        ratios: Load over strength.
        stretch: Js, current over reference area of the film.
    """

    ratios: FilmRatios
    stretch: Array

    @property
    def breaking(self) -> Array:
        """Loads by strain and as a channel crack, shape (facets, 2)."""
        return np.stack([self.ratios.strain, self.ratios.channel], axis=1)


class FilmCriteria:
    """Load of the film over what it bears, in the middle of every facet.

    The substrate is what lies below the facet, at its composition there, as if it were thick; below
    a membrane cage, the material of the cage.

    Attributes:
        means: What they are found from; knows the facets.
    """

    def __init__(self, s: Symbols, sei: Sei, strength: FilmStrength) -> None:
        """Compile; collective.

        Args:
            s: Symbols of the problem.
            sei: The film.
            strength: What it bears.
        """
        self._law, self._strength = sei.law, strength
        response, ds = s.once(sei.response), sei.ds(s)
        values = [
            sei.strain(s),
            *response.mean_and_half_difference,
            film_area(s, s.facet_surface),
            s.once(sei.volume),
            sei.unrelaxed(s),
        ]
        self.means = FacetMeans(s.domain, ufl.as_vector(values), ds)
        modulus = ufl.as_vector([_substrate(s, self.means.cells)])
        self._substrate = FacetMeans(s.domain, modulus, ds)

    def evaluate(self) -> FilmState:
        """Compare on this rank's facets; no communication."""
        law = self._law
        strain, mean, half_difference, stretch, volume, unrelaxed = self.means.evaluate().T
        # the sum of the elastic strains along the surface, by which it shrinks when cut free
        elastic = np.exp(2 * mean * (1 - law.poisson) / law.young)
        load = FilmLoad(
            mean=mean,
            half_difference=half_difference,
            unrelaxed=unrelaxed,
            thickness=volume * elastic / stretch,
            young=law.young,
            poisson=law.poisson,
            substrate=self._substrate.evaluate()[:, 0],
        )
        return FilmState(ratios=compare(load, strain, self._strength), stretch=stretch)


def _substrate(s: Symbols, cells: npt.NDArray[np.int32]) -> Expr:
    """E' below the film [MPa], as UFL on its facets.

    Args:
        s: Supplies regions and composition.
        cells: Those that have such a facet, on this rank.
    """
    space = fem.functionspace(s.domain.mesh, ("DG", 0))
    own = [np.intersect1d(cells, s.domain.cells(region.name)) for region in s.regions]
    touched = reduce(s.domain.comm, [float(len(each)) for each in own], MPI.SUM)
    rest = fem.Function(space)
    rest.x.array[cells] = 1.0
    modulus: Expr = ufl.as_ufl(0.0)
    for region, below, count in zip(s.regions, own, touched, strict=True):
        if count == 0.0:
            continue
        here = fem.Function(space)
        here.x.array[below], rest.x.array[below] = 1.0, 0.0
        x, elasticity = s.fraction(region.name), region.solid.elasticity
        shear, bulk = elasticity.shear(x), elasticity.bulk(x)
        modulus += here * 4 * shear * (3 * bulk + shear) / (3 * bulk + 4 * shear)
    for membrane in s.offered("substrate").values():
        modulus += rest * membrane
    return modulus


class _CrackHistory(Update):
    """Where the film has broken, and what its cracks have exposed; see `ExposedSurface`."""

    def __init__(self, s: Symbols, criteria: FilmCriteria) -> None:
        self._s, self._criteria = s, criteria
        self._ends: dict[str, Array] = {}

    def initialised(self) -> None:
        state = self._s.state
        for name in ("sei_broken", "sei_exposed"):
            state[name].x.array[:] = 0.0
        self._criteria.means.store(state["sei_reached"], _reached(self._criteria.evaluate()))

    def protocol_step(self) -> None:
        means = self._criteria.means
        area = means.own(self._s.state["sei_exposed"])[:, 0]
        parts = self._s.domain.comm.allgather(np.column_stack([area, means.areas]))
        exposed, areas = np.concatenate(parts).T
        self._s.sums["exposed_before"] = float(exposed @ areas)

    def evaluate(self) -> None:
        state, own = self._s.state, self._criteria.means.own
        self._ends = {}
        if not self._criteria.means.anywhere(state["sei_volume"]):  # none has formed yet
            return
        film = self._criteria.evaluate()
        reached, broken, exposed = (
            own(state[name]) for name in ("sei_reached", "sei_broken", "sei_exposed")
        )
        load, stretch = film.breaking, (reached[:, 2], film.stretch)
        after = [
            ExposedSurface(broken_at=broken[:, i], area=exposed[:, i]).after(
                load=(reached[:, i], load[:, i]), stretch=stretch
            )
            for i in range(load.shape[1])
        ]
        self._ends = {
            "sei_broken": np.stack([each.broken_at for each in after], axis=1),
            "sei_exposed": np.stack([each.area for each in after], axis=1),
            "sei_reached": _reached(film),
        }

    def store(self) -> None:
        for name, values in self._ends.items():
            self._criteria.means.store(self._s.state[name], values)


def _reached(film: FilmState) -> Any:
    return np.column_stack([film.breaking, film.stretch])

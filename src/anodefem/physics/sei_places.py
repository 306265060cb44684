"""Where the SEI grows: on a film, in its gaps, on faces of cracks; one step after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import default_scalar_type, fem
from ufl.core.expr import Expr

from anodefem.compilation import compile_form
from anodefem.fem.contract import ANYWHERE
from anodefem.fem.facets import FacetMeans
from anodefem.fem.symbols import Symbols
from anodefem.fem.updates import Update
from anodefem.laws.sei_growth import Deposit, Growth, Step
from anodefem.parallel import reduce
from anodefem.physics.sei import film_area

Array = npt.NDArray[np.float64]


def wetted_hosts(s: Symbols) -> list[tuple[str, Expr]]:
    """Hosts into whose cracks the electrolyte comes, with the density of their faces [1/um]."""
    wetted = s.offered("wetted")
    return [(region.name, wetted[region.name]) for region in s.storing if region.name in wetted]


def reacting_area(s: Symbols) -> ufl.Form:
    """Present area of the surfaces through which the species enters the hosts [um^2]."""
    return s.surface.area_ratio * s.kinematics.weight * s.ds("flux")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Where the SEI is; the same on every rank.

    Attributes:
        thinnest, thickest: Thickness of the film by facet [um].
        thickness: Its mean over the area that it covers now [um].
        reference: Reference area of the surface [um^2].
        made, dissolved: So far [um^3].
        rate: At which it was made in the last step [um^3/s].
        error: What is there or has dissolved beyond what was made [um^3].
    """

    thinnest: float
    thickest: float
    thickness: float
    reference: float
    made: float
    dissolved: float
    rate: float
    error: float


class _Place:
    """SEI on the facets of a surface, or on faces in cells, of this rank."""

    def __init__(self, means: FacetMeans, ledger: fem.Function) -> None:
        """Look at a ledger.

        Args:
            means: Knows facets or cells.
            ledger: Made, dissolved, and the rates of both, by facet or cell.
        """
        self.means, self.ledger = means, ledger
        self.deposit: Deposit | None = None

    def grow(
        self, growth: Growth, step: Step, volume: Array, area: Array, potential: float
    ) -> Deposit:
        """Find what is there at the end of a step.

        Args:
            growth: Law.
            step: Step.
            volume: At its start.
            area: At its end.
            potential: Likewise.
        """
        made, dissolved = self.means.own(self.ledger)[:, 2:].T
        self.deposit = step.grow(
            growth, volume, area=area, rates=(made, dissolved), potential=potential
        )
        return self.deposit

    def store(self, dt: float) -> None:
        """Add a step of length ``dt`` [s] to the ledger; collective."""
        if self.deposit is None:
            return
        change = np.stack([self.deposit.made, self.deposit.dissolved], axis=1)
        total = self.means.own(self.ledger)[:, :2] + change
        self.means.store(self.ledger, np.hstack([total, change / dt]))
        self.deposit = None

    def sums(self) -> Array:
        """Made, dissolved, and the rates of both, on this rank [um^3, um^3/s]."""
        return np.asarray(self.means.areas @ self.means.own(self.ledger))


class Places(Update):
    """Lets the SEI grow: on the film, in its gaps, on faces of cracks; every method is collective.

    Attributes:
        film: Facets of the film.
        found_at: V of the electrode at which the currents were found [V].
        in_series: Resistance [Ohm m^2] to the reaction on the hosts of an SEI that lies on none of
            them, but on a cage or a shell around them, through which their current flows: that
            of the whole SEI, over the present area of the hosts that react.
    """

    def __init__(self, s: Symbols, growth: Growth, rest: Callable[[], float] | None) -> None:
        """Compile.

        Args:
            s: Symbols of the problem.
            growth: Law.
            rest: V of an electrode whose reaction is infinitely fast [V]; None where V is unknown
                and offered.
        """
        self._s, self._growth = s, growth
        broken = s.offered("film_broken_at").get(ANYWHERE, s.zero)
        seen = ufl.as_vector([s.surface.area_ratio, broken, film_area(s, s.surface)])
        # the rule with which the current of the surface is summed up: balances close
        self.film = FacetMeans(s.domain, seen, s.ds("sei"))
        self._on_film = _Place(self.film, s.state["sei_ledger"])
        self._in_gaps = _Place(self.film, s.state["sei_gap_ledger"])
        self._in_cracks: _Place | None = None
        if wetted := wetted_hosts(s):
            # there is one crack field, so the density is the same expression in every host
            dx = s.domain.dx(*(name for name, _ in wetted), degree=s.domain.solid_degree)
            faces = FacetMeans(s.domain, ufl.as_vector([wetted[0][1]]), dx)
            self._in_cracks = _Place(faces, s.state["sei_crack_ledger"])
        self.found_at = fem.Constant(s.domain.mesh, default_scalar_type(0.0))
        self.in_series = fem.Constant(s.domain.mesh, default_scalar_type(0.0))
        around = rest is None and not self._touches_hosts()
        self._reacting = compile_form(reacting_area(s)) if around else None
        self._rest = rest
        self._ends: tuple[Array, Array] | None = None
        for name in ("sei_formed", "sei_made"):
            s.sums.setdefault(name, 0.0)

    @property
    def _places(self) -> list[_Place]:
        cracks = [self._in_cracks] if self._in_cracks else []
        return [self._on_film, self._in_gaps, *cracks]

    def _touches_hosts(self) -> bool:
        """Whether any of the film lies on a host; collective."""
        domain = self._s.domain
        hosts = [domain.manifest.cells[region.name] for region in self._s.storing]
        own = bool(np.isin(domain.region_of_cells[self.film.cells], hosts).any())
        return bool(domain.comm.allreduce(own, op=MPI.LOR))

    def _areas(self) -> tuple[Array, Array, Array]:
        """Area ratio of the surface, and the parts of it that film and gaps cover."""
        stretch, broken, film = self.film.evaluate().T
        film = np.minimum(film, stretch)  # the rest lies between pieces that slide
        gaps = np.where(broken > 0.0, np.maximum(film - broken, 0.0), 0.0)
        return stretch, film - gaps, gaps + (stretch - film)

    def _there(self) -> float:
        """SEI that is there [um^3]; collective."""
        state, own = self._s.state, self.film.own
        layers = own(state["sei_volume"])[:, 0] + own(state["sei_gap"])[:, 0]
        there = float(self.film.areas @ layers)
        if self._in_cracks:
            means = self._in_cracks.means
            there += float(means.areas @ means.own(state["sei_crack"])[:, 0])
        return float(self._s.domain.comm.allreduce(there, op=MPI.SUM))

    def initialised(self) -> None:
        """What has formed is there without charge."""
        self._s.sums["sei_formed"] = self._there()

    def started(self) -> None:
        """Find currents at the present thickness."""
        self._find()

    def local_solve(self) -> None:
        """Find currents at the present potential."""
        if self._rest is None:
            self._find()

    def _find(self) -> None:
        """Let it grow over the step, from what was there at its start."""
        s, state = self._s, self._s.state
        if s.sums["sei_formed"] == 0.0:  # no film has formed yet
            return
        self.found_at.value = self._rest() if self._rest else s.value("potential")
        at, growth = float(self.found_at.value), self._growth
        step = Step(dt=float(state.dt.value), weight=float(state.bdf_weight.value))
        stretch, covered, open_now = self._areas()
        volume = self.film.own(state["sei_volume"])[:, 0]
        in_gaps, open_before = self.film.own(state["sei_gap"]).T
        kept = np.minimum(open_now / np.where(open_before > 0.0, open_before, 1.0), 1.0)
        closed = np.where(open_before > 0.0, (1 - kept) * in_gaps, 0.0)
        film = self._on_film.grow(growth, step, volume + closed, covered, at)
        gaps = self._in_gaps.grow(growth, step, in_gaps - closed, open_now, at)
        self._ends = (volume, open_now)
        current, slope = (
            (a * covered + b * open_now) / stretch
            for a, b in ((film.current, gaps.current), (film.by_electrode, gaps.by_electrode))
        )
        resistance = growth.resistivity * film.volume / covered
        side = np.stack([current, slope, resistance], axis=1)
        self.film.store(state["sei_side"], side)
        if self._reacting is not None and growth.resistivity > 0.0:
            # all facets side by side, the same drop over each
            conductance = float(self.film.areas @ (stretch / resistance))
            conductance = float(s.domain.comm.allreduce(conductance, op=MPI.SUM))
            self.in_series.value = s.domain.total(self._reacting) / conductance
        if self._in_cracks:
            means = self._in_cracks.means
            faces = self._in_cracks.grow(
                growth, step, means.own(state["sei_crack"])[:, 0], means.evaluate()[:, 0], at
            )
            side = np.stack([faces.current, faces.by_electrode], axis=1)
            means.store(state["sei_crack_side"], side)

    def solved(self) -> None:
        """Find what is there at the end, and what is left of the film's strain and energy."""
        if self._rest is not None:
            self._find()
        if self._ends is None or self._on_film.deposit is None:
            return
        before, film = self._ends[0], self._on_film.deposit
        stays = np.maximum(before - film.dissolved, 0.0)
        strain = np.where(film.volume > 0.0, stays / np.where(film.volume > 0.0, film.volume, 1), 1)
        energy = strain * stays / np.where(before > 0.0, before, 1.0)
        self.film.store(self._s.state["sei_left"], np.stack([strain, energy], axis=1))
        made = sum(
            float(place.means.areas @ place.deposit.made) for place in self._places if place.deposit
        )
        self._s.sums["sei_made"] += float(self._s.domain.comm.allreduce(made, op=MPI.SUM))

    def store(self) -> None:
        """Make it what the next step starts from."""
        state, dt = self._s.state, float(self._s.state.dt.value)
        film, gaps = self._on_film.deposit, self._in_gaps.deposit
        if self._ends is None or film is None or gaps is None:
            return
        self.film.store(state["sei_volume"], film.volume[:, None])
        self.film.store(state["sei_gap"], np.stack([gaps.volume, self._ends[1]], axis=1))
        if self._in_cracks and self._in_cracks.deposit:
            faces = self._in_cracks.deposit.volume[:, None]
            self._in_cracks.means.store(state["sei_crack"], faces)
        for place in self._places:
            place.store(dt)
        self._ends = None

    def accepted(self) -> None:
        """The film of the next step is as strained as it is."""
        self._s.state["sei_left"].x.array[:] = 1.0

    def thickness(self) -> Array:
        """Of the film on this rank's facets [um]: volume free of stress over present area."""
        return np.asarray(self.film.own(self._s.state["sei_volume"])[:, 0] / self._areas()[1])

    def charge(self) -> float:
        """What growth has taken so far [C/m^2 um^2]; collective."""
        made = sum(float(place.sums()[0]) for place in self._places)
        made = float(self._s.domain.comm.allreduce(made, op=MPI.SUM))
        return made / self._growth.volume_per_charge

    def inventory(self) -> Inventory:
        """Look at everything; collective."""
        comm, sums = self._s.domain.comm, self._s.sums
        thickness, reference = self.thickness(), self.film.areas
        area = self._areas()[1] * reference
        extremes = [-thickness.min(initial=inf), thickness.max(initial=-inf)]
        thinnest, thickest = reduce(comm, np.array(extremes), MPI.MAX)
        whole = [float(thickness @ area), float(area.sum()), float(reference.sum())]
        volume, covered, surface = reduce(comm, np.array(whole), MPI.SUM)
        ledger = reduce(comm, np.sum([place.sums() for place in self._places], axis=0), MPI.SUM)
        made, dissolved, rate, _ = ledger
        return Inventory(
            thinnest=-float(thinnest),
            thickest=float(thickest),
            thickness=float(volume / covered),
            reference=float(surface),
            made=float(made),
            dissolved=float(dissolved),
            rate=float(rate),
            error=self._there() + float(dissolved) - sums["sei_formed"] - sums["sei_made"],
        )

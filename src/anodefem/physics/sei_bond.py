"""An SEI whose bond yields: it slides on its surface in pieces, and comes off where it is pressed.

The law is that of `anodefem.laws.film_bond`, one state per facet. Pieces keep their area, and what
the surface grows beyond it is exposed in the gaps between them. Where the SEI grows it also grows
in these gaps, and what has grown there belongs to the film as soon as the surface shrinks: the film
is as large as the surface then was, is pressed when it shrinks, and has wrinkles rather than flow
if its adhesion is low. Such a film needs no new SEI when its surface grows again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import ufl
from ufl.core.expr import Expr

from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import ANYWHERE, FieldOutput, Integral, Nodes, Physics
from anodefem.fem.domain import Domain
from anodefem.fem.facets import FacetMeans
from anodefem.fem.fields import Memory
from anodefem.fem.symbols import Symbols
from anodefem.fem.updates import Update
from anodefem.laws.film_bond import BondState, FilmBond, Slide
from anodefem.laws.sei_growth import THINNEST
from anodefem.physics.sei import FacetNodalMeans, Sei

Array = npt.NDArray[np.float64]

#: Volume [um] per reference area below which there is no film.
NONE = 1e-9


class SeiBond(Physics):
    """A bond that yields.

    Attributes:
        sei: The film.
        bond: Law.
    """

    name = "sei_bond"
    field_units: Mapping[str, str] = {"sei_mismatch": "-"}

    def __init__(self, sei: Sei, bond: FilmBond) -> None:
        """Let a film slide.

        Args:
            sei: The film.
            bond: Law of its bond.
        """
        self.sei, self.bond = sei, bond

    def memory(self, domain: Domain) -> Sequence[Memory]:
        """One value per facet, at the start of the step.

        Logarithm m of the area of the surface over that of the film [-]; area of the film, and
        surface that gaps exposed so far, per reference area [-].
        """
        return [Memory(name="sei_bond", element=("DG", 0, (3,)), initial=(0.0, 1.0, 0.0))]

    def offers(self, s: Symbols) -> Mapping[str, Callable[[], Mapping[str, Any]]]:
        """Bond at the start of the step, and how far the film has slid at its end."""
        return {
            "film_bond": lambda: {ANYWHERE: self.state(s)},
            "film_mismatch": lambda: {ANYWHERE: s.once(self.mismatch)},
        }

    def state(self, s: Symbols) -> BondState:
        """Bond at the start of the step, as UFL on facets."""
        mismatch, area, _ = (s.state["sei_bond"][i] for i in range(3))
        volume = ufl.max_value(s.once(self.sei.volume), NONE)
        return BondState(bond=self.bond, mismatch=mismatch, thickness=volume / area)

    def slide(self, s: Symbols) -> Slide:
        """How it slides in the step."""
        slide = s.once(self.sei.response).slide
        if slide is None:
            raise RuntimeError("an SEI with a bond has no slide")
        return slide

    def mismatch(self, s: Symbols) -> Expr:
        """Logarithm m of the area of the surface over that of the film at the end of the step."""
        return s.state["sei_bond"][0] + self.slide(s).mismatch

    def means(self, s: Symbols) -> FacetMeans:
        """M and area ratio of the surface at the end of the step, by facet."""
        values = [s.once(self.mismatch), s.facet_surface.area_ratio]
        return FacetMeans(s.domain, ufl.as_vector(values), self.sei.ds(s))

    def updates(self, s: Symbols) -> Sequence[Update]:
        """History of the bond."""
        return [_BondHistory(s, self)]

    def integrals(self, s: Symbols) -> Sequence[Integral]:
        """Work spent by the bond."""
        work = s.once(self.sei.volume) * self.slide(s).work * s.kinematics.weight
        return [Integral(name="sei_slip_work", form=work * self.sei.ds(s), lost=True)]

    @columns(
        Column(
            "sei_gap_share",
            "-",
            "share of the surface that lies in gaps between pieces of an SEI that slides",
            by_cycle=True,
        ),
        Column("sei_gap_share_max", "-", "largest facet mean of it"),
        Column(
            "sei_wrinkled_share",
            "-",
            "share of the area of an SEI that has come off which its surface is too small for",
            by_cycle=True,
        ),
        Column(
            "sei_slid_area",
            "um^2",
            "surface exposed so far in gaps between pieces that slide: every growth of them (of "
            "the meshed part, whole circles in axisymmetry, per um of depth in plane strain)",
            by_cycle=True,
        ),
        Column("sei_slid_ratio", "-", "sei_slid_area over the SEI's reference area"),
        Column(
            "sei_slip_work",
            "J/m^2",
            "work spent so far by the bond of the SEI, sliding and coming off, over its reference "
            "area",
        ),
    )
    def gaps(self, s: Symbols) -> Evaluate:
        """Gaps and wrinkles of the film."""
        means, comm = s.once(self.means), s.domain.comm

        def evaluate() -> dict[str, float]:
            mismatch, stretch = means.evaluate().T
            slid = means.own(s.state["sei_bond"])[:, 2]
            local = np.column_stack([mismatch, stretch, slid, means.areas])
            mismatch, stretch, slid, area = np.concatenate(comm.allgather(local)).T
            film, surface = stretch * np.exp(-mismatch) * area, stretch * area
            gaps, slack = np.maximum(surface - film, 0.0), np.maximum(film - surface, 0.0)
            return {
                "sei_gap_share": float(gaps.sum() / surface.sum()),
                "sei_gap_share_max": float((gaps / surface).max()),
                "sei_wrinkled_share": float(slack.sum() / film.sum()),
                "sei_slid_area": float(slid @ area),
                "sei_slid_ratio": float(slid @ area / area.sum()),
                # 1 MPa um is 1 J/m^2
                "sei_slip_work": s.sums["sei_slip_work"] / float(area.sum()),
            }

        return evaluate

    def outputs(self, s: Symbols) -> Sequence[FieldOutput]:
        """Mismatch of areas at the nodes that it touches."""
        means, at_nodes = s.once(self.means), FacetNodalMeans(s, self.sei.ds(s), 1)

        def values(nodes: Nodes) -> list[Array]:
            return at_nodes.evaluate(nodes, means.cells, means.evaluate()[:, :1])

        return [FieldOutput(units=self.field_units, at_points=values)]


class _BondHistory(Update):
    """Mismatch of areas, what moves with the pieces, and the surface that they expose."""

    def __init__(self, s: Symbols, physics: SeiBond) -> None:
        self._state, self._grows = s.state, "sei_gap" in s.state
        self._means = s.once(physics.means)
        formation = s.kinematics.components(physics.sei.formation(s))
        self._formation = FacetMeans(s.domain, formation, physics.sei.ds(s))
        self._ends: tuple[Array, Array] | None = None
        self._shrinks = np.zeros(len(self._means.cells), dtype=bool)

    def initialised(self) -> None:
        stretch = self._means.evaluate()[:, 1]
        nothing = np.zeros_like(stretch)
        bond = np.stack([nothing, stretch, nothing], axis=1)
        self._means.store(self._state["sei_bond"], bond)

    def evaluate(self) -> None:
        own = self._means.own
        self._ends = None
        if not self._means.anywhere(self._state["sei_volume"]):  # none has formed yet
            return
        before, film, slid = own(self._state["sei_bond"]).T
        mismatch, stretch = self._means.evaluate().T
        opened = stretch - np.minimum(stretch * np.exp(-mismatch), stretch)
        open_before = film * np.expm1(np.maximum(before, 0.0))
        self._shrinks = stretch < film * np.exp(before)
        slid = slid + np.maximum(opened - open_before, 0.0)
        end = np.stack([mismatch, stretch * np.exp(-mismatch), slid], axis=1)
        self._ends = end, self._formation.evaluate()

    def store(self) -> None:
        if self._ends is not None:
            self._means.store(self._state["sei_bond"], self._ends[0])
            self._formation.store(self._state["sei_formation"], self._ends[1])

    def accepted(self) -> None:
        """What has grown in gaps that begin to close belongs to the film."""
        if not self._grows or self._ends is None:
            return
        own, bond = self._means.own, self._state["sei_bond"]
        mismatch, film, slid = own(bond).T
        volume, opened = own(self._state["sei_gap"]).T
        filled = self._shrinks & (mismatch > 0.0) & (volume > THINNEST * opened)
        film = np.where(filled, film * np.exp(mismatch), film)
        mismatch = np.where(filled, 0.0, mismatch)
        self._means.store(bond, np.stack([mismatch, film, slid], axis=1))

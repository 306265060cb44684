"""Growth of the SEI on a surface that moves: on the film, in its gaps, and on faces of cracks.

New SEI is free of stress on the surface as it is when it forms. Layers of different age are not
kept apart: the film has one stress-free metric, and where material is added or dissolves a share of
its elastic logarithmic strain is left, that of what stays over what is there then. So growth leaves
the force in the film as it is. As long as nothing flows and principal axes do not turn, the force
is that of all layers at any later stretch, because stresses are linear in logarithmic strains; what
differs is when which layer flows (see the verification set).

A film that the surface stretches gets thinner. Where it broke by strain (`SeiFailure`), its pieces
keep the area at which they broke, and the gaps between them are bare when they open; a gap that
closes leaves its SEI to the film. With a uniform flux the current of growth is drawn on top of the
current that is stored; where one potential is shared, it is a part of the current. The drop of the
current over the SEI, a few mV, is left out of what drives growth.
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
from anodefem.fem.fields import Memory
from anodefem.fem.symbols import Symbols
from anodefem.fem.updates import Update
from anodefem.laws.building import UM
from anodefem.laws.sei_growth import Growth
from anodefem.physics.electrode import Electrode
from anodefem.physics.sei import FILM_DEGREE, FacetNodalMeans, Sei
from anodefem.physics.sei_places import Places, wetted_hosts

Array = npt.NDArray[np.float64]

NM = 1e3  # nm per um
#: Part of the capacity by which what is there may differ from what the current made.
BALANCE = 1e-10


class SeiGrowth(Physics):
    """Growth of a film.

    Attributes:
        sei: The film.
        growth: Its law.
        electrode: Knows its potential, and what is stored.
    """

    name = "sei_growth"
    field_units: Mapping[str, str] = {"sei_thickness": "nm"}

    def __init__(self, sei: Sei, growth: Growth, electrode: Electrode) -> None:
        """Let a film grow.

        Args:
            sei: The film.
            growth: Its law.
            electrode: Knows its potential, and what is stored.
        """
        self.sei, self.growth, self.electrode = sei, growth, electrode

    def memory(self, domain: Domain) -> Sequence[Memory]:
        """What was made and has dissolved, by place, per reference area or volume of the place.

        Of the film, the SEI in its gaps and that on faces of cracks: made and dissolved so far
        [um], and the rates of both in the last step [um/s]; of gaps and cracks what is there, and
        the area that it covers. What is left of the film's elastic strain and energy when the step
        is over. Current density of the side reaction, its derivative by V, and the resistance.
        """
        one, two, three, four = (("DG", 0, (n,)) for n in (1, 2, 3, 4))
        return [
            Memory(name="sei_ledger", element=four),
            Memory(name="sei_gap", element=two),
            Memory(name="sei_gap_ledger", element=four),
            Memory(name="sei_crack", element=one),
            Memory(name="sei_crack_ledger", element=four),
            Memory(name="sei_left", element=two, initial=(1.0,), carried=False, stored=False),
            Memory(name="sei_side", element=three, carried=False, stored=False),
            Memory(name="sei_crack_side", element=two, carried=False, stored=False),
        ]

    def offers(self, s: Symbols) -> Mapping[str, Callable[[], Mapping[str, Any]]]:
        """Shares of the film's strain and energy; side current, its charge, and the resistance."""
        left, side = s.state["sei_left"], s.state["sei_side"]
        return {
            "film_strain_left": lambda: {ANYWHERE: left[0]},
            "film_energy_left": lambda: {ANYWHERE: left[1]},
            "added_volume": lambda: {self.name: self.gap_volume(s)},
            "film_resistance": lambda: {
                region.name: side[2] + s.once(self.grown).in_series for region in s.diffusing
            },
            "side_current": lambda: {self.name: self.side_current(s)},
            "side_charge": lambda: {self.name: s.once(self.grown).charge},
        }

    def gap_volume(self, s: Symbols) -> ufl.Form:
        """Volume of the SEI in gaps that adds to the body's [um^3]."""
        ds = s.ds("sei_added", degree=FILM_DEGREE)
        return s.state["sei_gap"][0] * s.kinematics.weight * ds

    def side_current(self, s: Symbols) -> list[tuple[Expr, Any]]:
        """Current of the side reaction: integrands [A/m^2] and their measures.

        Linear in V around its last value, at which the currents were found.
        """
        V = s.offered("electrode_potential")[ANYWHERE]
        weight, places = s.kinematics.weight, s.once(self.grown)

        def of(field: Any) -> Expr:
            return field[0] + field[1] * (V - places.found_at)

        parts = [(of(s.state["sei_side"]) * s.surface.area_ratio * weight, s.ds("sei"))]
        for region, density in wetted_hosts(s):
            dx = s.domain.dx(region, degree=s.domain.solid_degree)
            parts.append((of(s.state["sei_crack_side"]) * density * weight, dx))
        return parts

    def grown(self, s: Symbols) -> Places:
        """Prepare to let it grow; compiles."""
        coupled = bool(s.offered("electrode_potential"))
        return Places(s, self.growth, None if coupled else s.once(self.electrode.rest))

    def updates(self, s: Symbols) -> Sequence[Update]:
        """Growth in every step."""
        return [s.once(self.grown)]

    def integrals(self, s: Symbols) -> Sequence[Integral]:
        """Elastic energy that one film of mean strain has less than its layers, or that dissolves.

        Self-equilibrated stresses of layers do no work on the surface any more.
        """
        energy = s.once(self.sei.volume) * s.once(self.sei.response).energy
        lost = (1 - s.state["sei_left"][1]) * energy * s.kinematics.weight
        return [Integral(name="sei_growth_loss", form=lost * self.sei.ds(s), lost=True)]

    @columns(
        Column(
            "sei_thickness_min",
            "nm",
            "smallest thickness of the SEI that grows, by facet",
            by_cycle=True,
        ),
        Column(
            "sei_thickness_mean", "nm", "mean over the area that the SEI covers now", by_cycle=True
        ),
        Column(
            "sei_thickness_max",
            "nm",
            "largest thickness, by facet",
            log="  sei {:.1f} nm",
            by_cycle=True,
        ),
        Column(
            "sei_charge",
            "C/m^2",
            "charge that the SEI has taken so far over its reference area, dissolved SEI, gaps and "
            "faces of cracks included; with a uniform flux it was drawn on top of the current",
            by_cycle=True,
        ),
        Column("sei_lithium", "-", "the same over the charge of full hosts", by_cycle=True),
        Column(
            "sei_dissolved",
            "C/m^2",
            "charge that it takes to make what has dissolved so far, over that area; SEI that was "
            "there at first included",
            by_cycle=True,
        ),
        Column("sei_current", "A/m^2", "mean current of growth in the last step over that area"),
        Column(
            "sei_resistance",
            "ohm*m^2",
            "mean resistance of the SEI to the current of ions",
            by_cycle=True,
        ),
        Column(
            "sei_balance_error",
            "-",
            "(SEI that is there or has dissolved - what its current has made) over the charge of "
            f"full hosts; a run ends where it is beyond {BALANCE:g}",
            limit=BALANCE,
        ),
    )
    def inventory(self, s: Symbols) -> Evaluate:
        """What has grown where."""
        places, unit = s.once(self.grown), self.growth.volume_per_charge
        storage = self.electrode.storage
        # C/m^3 of full host are 1e-6 C/m^2 per um
        capacity = storage.capacity(s) * storage.charge_density(s) / UM * unit

        def evaluate() -> dict[str, float]:
            found = places.inventory()
            return {
                "sei_thickness_min": NM * found.thinnest,
                "sei_thickness_mean": NM * found.thickness,
                "sei_thickness_max": NM * found.thickest,
                "sei_charge": found.made / (unit * found.reference),
                "sei_lithium": found.made / capacity,
                "sei_dissolved": found.dissolved / (unit * found.reference),
                "sei_current": found.rate / (unit * found.reference),
                "sei_resistance": self.growth.resistivity * found.thickness,
                "sei_balance_error": found.error / capacity,
            }

        return evaluate

    def outputs(self, s: Symbols) -> Sequence[FieldOutput]:
        """Thickness of the film at the nodes that it touches."""
        places = s.once(self.grown)
        at_nodes = FacetNodalMeans(s, self.sei.ds(s), 1)

        def values(nodes: Nodes) -> list[Array]:
            means = places.film
            return at_nodes.evaluate(nodes, means.cells, NM * places.thickness()[:, None])

        return [FieldOutput(units=self.field_units, at_points=values)]

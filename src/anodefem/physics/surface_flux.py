"""The surface flux: what shares the current out, and an even share of it for every surface.

The area over which it is even is the reference area of the flux surfaces, or their current one, and
the faces of cracks if they are wetted. Where the reaction shares out the current, see
`anodefem.physics.kinetics`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import ufl
from ufl.core.expr import Expr

from anodefem.compilation import compile_form
from anodefem.controls import Control
from anodefem.fem.contract import Integral, Physics, Rule
from anodefem.fem.domain import Domain
from anodefem.fem.fields import GLOBAL, Memory
from anodefem.fem.forms import added
from anodefem.fem.symbols import Symbols
from anodefem.fem.updates import Update
from anodefem.physics.hosts import balance_test

#: Integrands with the measures that they go with.
Parts = list[tuple[Expr, ufl.Measure]]


class Flux(Physics):
    """How the species enters the hosts in which it diffuses; what shares it out extends this.

    Attributes:
        groups: Facet groups through which the species enters.
    """

    def __init__(self, groups: Sequence[str]) -> None:
        """Describe what lets in.

        Args:
            groups: Facet groups through which the species enters.
        """
        self.groups = tuple(groups)

    def insertion(self, s: Symbols) -> Parts:
        """Species entering in the step, as integrands [um] or [-] and their measures.

        In units of the largest c_max of the hosts.
        """
        raise NotImplementedError

    def charge_rate(self, s: Symbols) -> ufl.Form:
        """Current [um^3 of full reference host per s], side reactions included."""
        raise NotImplementedError

    def overpotentials(self, s: Symbols) -> Mapping[str, tuple[Expr, Expr]]:
        """Overpotential of the reaction, and of films, on the flux surface of every host [V].

        Empty where the reaction is infinitely fast.
        """
        return {}

    def side_rate(self, s: Symbols) -> ufl.Form | None:
        """The part of the current that is not stored; None without side reactions."""
        return None

    def surfaces(self, s: Symbols) -> Mapping[str, npt.NDArray[np.int32]]:
        """Where the species enters, seen from the hosts: all of it, and by host."""
        pairs = s.facing_solids(self.groups)
        regions = s.domain.region_of_cells[pairs[::2]]
        by_host = {
            self.surface_of(region.name): pairs.reshape(-1, 2)[
                regions == s.domain.manifest.cells[region.name]
            ].ravel()
            for region in s.diffusing
        }
        return {"flux": pairs, **by_host}

    @staticmethod
    def surface_of(host: str) -> str:
        """Return the name of the surface through which the species enters a host."""
        return f"flux into {host}"

    def forms(self, s: Symbols) -> Mapping[str, ufl.Form]:
        """- int (amount in a step) q dA or dX."""
        if not s.diffusing:
            return {}
        q, weight = balance_test(s), s.state.bdf_weight
        return {
            "c": added(
                -(weight * amount) * q * measure for amount, measure in s.once(self.insertion)
            )
        }

    def integrals(self, s: Symbols) -> Sequence[Integral]:
        """What has entered [um^3 of full reference host]."""
        if not s.diffusing:
            return ()
        entered = added(amount * measure for amount, measure in s.once(self.insertion))
        return [Integral(name="inserted", form=entered, rule=Rule.BALANCE)]


class SurfaceFlux(Flux):
    """The same flux everywhere.

    Attributes:
        current_area: It is uniform per current area instead of per reference area.
    """

    name = "surface_flux"

    def __init__(self, groups: Sequence[str], *, current_area: bool = False) -> None:
        """Describe what lets in.

        Args:
            groups: Facet groups through which the species enters.
            current_area: The flux is uniform per current area instead of per reference area.
        """
        super().__init__(groups)
        self.current_area = current_area

    def memory(self, domain: Domain) -> Sequence[Memory]:
        """Area through which the species enters [um^2]: that at the last iterate."""
        return [Memory(name="flux_area", element=GLOBAL, initial=(1.0,), stored=False)]

    def insertion(self, s: Symbols) -> Parts:
        """Species entering in the step, as integrands [um] or [-] and their measures.

        In units of the largest c_max of the hosts.
        """
        volume = sum(
            s.volume(region.name) * region.species.RT_c_max / s.stress_scale
            for region in s.diffusing
            if region.species
        )
        amount = s.state.dt * s.state.charging * volume / s.state["flux_area"]
        return [(amount * area, measure) for area, measure in s.once(self.entrances)]

    def entrances(self, s: Symbols) -> Parts:
        """Area through which the species enters: integrands with the measures they go with."""
        weight = s.kinematics.weight
        ratio = s.surface.area_ratio if self.current_area else s.one
        wetted = s.offered("wetted")
        faces = [
            (wetted[region.name] * weight, s.domain.dx(region.name, degree=s.domain.solid_degree))
            for region in s.diffusing
            if region.name in wetted
        ]
        return [(ratio * weight, s.ds("flux")), *faces]

    def control(self, s: Symbols, control: Control) -> None:
        """Only a current can be shared out evenly.

        Args:
            s: Symbols of the problem.
            control: What is imposed.

        Raises:
            ValueError: It is no current.
        """
        if control.mode not in ("current", "rest"):
            raise ValueError(f"a uniform flux has no {control.mode} to give; take Butler-Volmer")
        s.state.charging.value = control.charging

    def charge_rate(self, s: Symbols) -> ufl.Form:
        """Current [um^3 of full reference host per s], side reactions included."""
        return added(
            s.state.charging
            * (region.species.RT_c_max / s.stress_scale)
            * s.kinematics.weight
            * s.domain.dx(region.name, degree=s.domain.solid_degree)
            for region in s.storing
            if region.species
        )

    def updates(self, s: Symbols) -> Sequence[Update]:
        """The area that shares out the current."""
        return [_FluxArea(s, self)] if s.diffusing else ()


class _FluxArea(Update):
    """Area through which the species enters [um^2]: reference, or current at the last iterate."""

    def __init__(self, s: Symbols, flux: SurfaceFlux) -> None:
        self._state, self._domain = s.state, s.domain
        self._always = flux.current_area
        self._wetted = bool(s.offered("wetted"))
        self._form = compile_form(added(a * measure for a, measure in s.once(flux.entrances)))
        self._measure()

    def _measure(self) -> None:
        self._state.set_value("flux_area", self._domain.total(self._form))

    def started(self) -> None:
        self._measure()

    def local_solve(self) -> None:
        if self._always:
            self._measure()

    def accepted(self) -> None:
        if self._wetted:
            self._measure()

"""Holes in hosts that no medium fills: how much of them is left, and the end when they shut."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf

import numpy as np
import numpy.typing as npt
import ufl

from anodefem.compilation import compile_form
from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import Event, Physics
from anodefem.fem.symbols import Symbols
from anodefem.laws.kinematics import cofactor_normal

#: Share of the volume of a hole at which it counts as shut: its walls fold before they meet.
SHUT = 0.05


class Hole(Physics):
    """Holes in hosts of a body that is meshed in the plane.

    Their walls would pass through each other when they meet, so that a step of the protocol ends
    before. As for the hull, planes of symmetry go through the origin.
    """

    name = "hole"

    def surfaces(self, s: Symbols) -> Mapping[str, npt.NDArray[np.int32]]:
        """Surface of the holes, seen from the hosts."""
        hosts = [region.name for region in s.storing]
        return {"hole": s.domain.one_sided(s.domain.facets_on_holes(*hosts), [hosts])}

    def share(self, s: Symbols) -> Callable[[], float]:
        """Prepare the volume of the holes over that in the empty body; collective."""
        vector = s.kinematics.vector
        position = vector(s.kinematics.position) + vector(s.displacement())
        flow = ufl.dot(position, cofactor_normal(s.F(), s.normal))
        form = compile_form(flow * s.kinematics.weight * s.ds("hole"))
        empty = s.domain.total(form)
        return lambda: s.domain.total(form) / empty

    @columns(
        Column(
            "hole_volume_ratio",
            "-",
            "volume of the holes that no medium fills over that in the empty body; what charges "
            f"the body ends where it is below {SHUT:g}",
        )
    )
    def volume(self, s: Symbols) -> Evaluate:
        """Volume by the flow of the position through their surface."""
        share = s.once(self.share)
        return lambda: {"hole_volume_ratio": share()}

    def events(self, s: Symbols) -> Sequence[Event]:
        """The holes are shut: walls that touch are not modelled."""
        share, charging = s.once(self.share), s.state.charging

        def shut(left: float) -> float:
            return SHUT - left if float(charging.value) > 0 else -inf

        return [
            Event(
                kind="shut",
                level=lambda row: shut(row["hole_volume_ratio [-]"]),
                now=lambda: shut(share()),
                message=lambda row: (
                    f"lithiation ended at soc = {row['soc [-]']:.4f}: the hole is shut (less than "
                    f"{SHUT:g} of its volume is left); walls that touch are not modelled in a hole"
                ),
                ends_step=True,
            )
        ]

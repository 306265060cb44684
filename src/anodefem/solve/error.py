"""Local error in time: what one step of the second-order formula adds to the error of a run.

It is estimated from the difference between the solution and the parabola through the last three
values, which is proportional to the third derivative like the error itself (Milne's device; Hairer,
Norsett and Wanner, Solving Ordinary Differential Equations I, III.5). Unknowns without a rate of
their own, such as potentials, have no weight: a jump of the current is no error.
"""

from __future__ import annotations

from math import pi, sqrt

from mpi4py import MPI

import numpy as np
import numpy.typing as npt

from anodefem.fem.model import Model
from anodefem.fem.supports import untouched
from anodefem.solve.clock import bdf_weight

#: Error of one step of backward Euler after a jump of the flux, over the response to that jump: a
#: diffusing body answers as the root of time, of which the step finds sqrt(pi)/2.
AFTER_A_JUMP = 1 - sqrt(pi) / 2


def share_of_departure(dt: float, before: float, earlier: float) -> float:
    """Local error of a step over its departure from the extrapolation.

    With steps of equal length it is 2/11. Without two steps before it, the extrapolation is a
    straight line: that difference is taken as the error of a formula of first order. Without one,
    see `AFTER_A_JUMP`.

    Args:
        dt: Length of the step [s].
        before: Length of the step before [s]; 0 if there is none.
        earlier: Length of the step before that one [s]; 0 if there is none.
    """
    if not before:
        return AFTER_A_JUMP
    ratio = dt / before
    if not earlier:
        return ratio / (1 + ratio)
    formula = bdf_weight(ratio)
    extrapolation = 1 + (before + earlier) / dt
    return formula / (formula + extrapolation)


class TimeError:
    """Estimates the error of the step that has been solved."""

    def __init__(self, model: Model) -> None:
        """Find what has a weight.

        Args:
            model: What is solved.
        """
        self._state, self._comm = model.state, model.domain.comm
        self._weights = {
            name: self._nodal_weights(model, name)
            for name, unknown in model.state.unknowns.items()
            if any(unknown.error_weights)
        }

    @staticmethod
    def _nodal_weights(model: Model, name: str) -> npt.NDArray[np.float64]:
        """Weight of every value of an unknown that this rank owns; 0 inside voids."""
        unknown, space = model.state.unknowns[name], model.state[name].function_space
        dofmap = space.dofmap
        blocks = dofmap.index_map.size_local + dofmap.index_map.num_ghosts
        weights = np.resize(unknown.error_weights, (blocks, dofmap.index_map_bs))
        solids = [region.name for region in model.symbols.regions]
        weights[untouched(model.domain, space, solids)] = 0.0
        return weights[: dofmap.index_map.size_local].ravel()

    def largest(self, before: float, earlier: float) -> float:
        """Largest weighted error; collective.

        Args:
            before: Length of the step before [s]; 0 if there is none.
            earlier: Length of the step before that one [s]; 0 if there is none.
        """
        largest = 0.0
        for name, weights in self._weights.items():
            departure = self._state.departure(name, before if earlier else 0.0)
            parts = np.abs(departure[: weights.size]) * weights
            largest = max(largest, float(parts.max(initial=0.0)))
        share = share_of_departure(float(self._state.dt.value), before, earlier)
        return share * float(self._comm.allreduce(largest, op=MPI.MAX))

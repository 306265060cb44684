"""Everything that changes during a run, in one place.

``u`` and ``c`` are the unknowns at the end of the step; the ``_n`` fields and the histories belong
to its start and change only when a step is accepted.
"""

from __future__ import annotations

from dataclasses import dataclass

import basix.ufl
import numpy as np
import numpy.typing as npt
from dolfinx import default_scalar_type, fem

from anodefem.model.domain import SOLID_DEGREE, Domain

#: Fields that a rejected step must give back.
CARRIED = ("u", "c", "plastic", "alpha", "film_plastic", "film_formation")
#: Fields from which a run can go on.
STORED = (*CARRIED, "u_rate", "c_rate")


@dataclass(frozen=True)
class State:
    """Fields and step constants.

    Attributes:
        u, u_n: Displacement [um], P2.
        c, c_n: (lithium fraction, mu/(RT)), P1, shape (2,).
        u_rate, c_rate: Their change over the last accepted step [1/s].
        plastic: Components of Cp^-1 at the quadrature points of the solids.
        alpha: Equivalent plastic strain there [-].
        guess: Local solution of rate laws there [-].
        film_plastic: Components of the film's Cp^-1, one value per facet, on the cell it lies on.
        film_formation: The same for the stress-free metric at formation.
        film_thickness: SEI thickness [um]; zero until it has formed.
        soc: State of charge at the end of the step [-]: the fraction of uniform hosts.
        dt: Length of the step [s].
        end_share: Part of the change of the lithium fraction over the step that follows from the
            fluxes at its end; the rest follows from ``c_rate``. 1 is backward Euler.
        flux: Charging rate of the diffusing hosts [1/s], positive when lithiating.
    """

    u: fem.Function
    u_n: fem.Function
    c: fem.Function
    c_n: fem.Function
    u_rate: fem.Function
    c_rate: fem.Function
    plastic: fem.Function
    alpha: fem.Function
    guess: fem.Function
    film_plastic: fem.Function
    film_formation: fem.Function
    film_thickness: fem.Constant
    soc: fem.Constant
    dt: fem.Constant
    end_share: fem.Constant
    flux: fem.Constant

    @classmethod
    def create(cls, domain: Domain) -> State:
        """Undeformed, empty, never yielded."""
        grid, cell = domain.mesh, domain.mesh.basix_cell()
        size = domain.kinematics.symmetric_size
        dim = grid.geometry.dim
        displacement = fem.functionspace(grid, ("Lagrange", 2, (dim,)))
        chemistry = fem.functionspace(grid, ("Lagrange", 1, (2,)))
        scalar = fem.functionspace(grid, basix.ufl.quadrature_element(cell, degree=SOLID_DEGREE))
        tensor = fem.functionspace(
            grid, basix.ufl.quadrature_element(cell, value_shape=(size,), degree=SOLID_DEGREE)
        )
        facet = fem.functionspace(grid, ("DG", 0, (size,)))
        spaces = (
            (displacement, ("u", "u_n", "u_rate")),
            (chemistry, ("c", "c_n", "c_rate")),
            (tensor, ("plastic",)),
            (scalar, ("alpha", "guess")),
            (facet, ("film_plastic", "film_formation")),
        )
        fields = {name: fem.Function(space) for space, names in spaces for name in names}
        for name in ("plastic", "film_plastic", "film_formation"):
            fields[name].x.array.reshape(-1, size)[:, :3] = 1.0
        constants = {
            name: fem.Constant(grid, default_scalar_type(0.0))
            for name in ("film_thickness", "soc", "dt", "end_share", "flux")
        }
        constants["end_share"].value = 1.0
        return cls(**fields, **constants)

    def snapshot(self) -> dict[str, npt.NDArray[np.float64]]:
        """Copy of the fields of `CARRIED`, this rank's part with ghosts."""
        return {name: getattr(self, name).x.array.copy() for name in CARRIED}

    def restore(self, values: dict[str, npt.NDArray[np.float64]]) -> None:
        """Undo everything since a `snapshot`."""
        for name, array in values.items():
            getattr(self, name).x.array[:] = array
        self.u_n.x.array[:] = self.u.x.array
        self.c_n.x.array[:] = self.c.x.array

"""Everything that changes during a run, in one place.

``u`` and ``c`` are the unknowns at the end of the step; the ``_n`` fields and the histories belong
to its start and change only when a step is accepted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import basix.ufl
import numpy as np
import numpy.typing as npt
from dolfinx import default_scalar_type, fem

from anodefem.model.domain import SOLID_DEGREE, Domain
from anodefem.model.regions import Region

#: Fields that a rejected step must give back.
CARRIED = (
    "u",
    "c",
    "crack",
    "jump",
    "bond_damage",
    "plastic",
    "alpha",
    "viscous",
    "damage",
    "worked",
    "film_plastic",
    "film_formation",
    "film_reached",
    "film_broken",
    "film_bared",
)
#: Fields from which a run can go on.
STORED = (*CARRIED, "u_rate", "c_rate", "jump_rate")


def jump_degree(domain: Domain) -> int:
    """Degree of the jumps of displacement.

    Quadratic in 2D, like the displacement: linear ones would make the faces of a crack share their
    curvature. In 3D linear, since a rule with points at the nodes of quadratic triangles gives the
    vertices nothing.
    """
    return 2 if domain.dim == 2 else 1


@dataclass(frozen=True)
class State:
    """Fields and step constants.

    Attributes:
        u, u_n: Displacement [um], P2.
        c, c_n: (lithium fraction, mu/(RT)), P1, shape (2,).
        u_rate, c_rate: Their change over the last accepted step [1/s].
        crack, crack_n: Crack field, P1, 0 (whole) to 1 (broken); None if nothing can break.
        jump, jump_n: Jump of displacement across interfaces that can come apart [um], of
            `jump_degree`: added to ``u`` on one side of them; None if there is none.
        jump_guess: The jump at which Newton's method stands.
        jump_rate: Its change over the last accepted step [1/s].
        bond_damage: D of the interfaces, one value per facet and node, on the cell inside.
        plastic: Components of Cp^-1 at the quadrature points of the solids.
        alpha: Equivalent plastic strain there [-].
        guess: Local solution of rate laws there [-].
        viscous: Components of the Cv of every Maxwell branch there, one after the other; None
            if no solid has a branch.
        damage: Damage there [-]; None if no solid can be damaged.
        worked: Plastic work there so far, as if there were no cracks, per reference volume [MPa];
            None if it drives none.
        film_plastic: Components of the film's inverse stress-free metric, one value per facet, on
            the cell it lies on.
        film_formation: The same at formation.
        film_guess: Local solution of the film's flow law [-].
        film_reached: Where the film stood at the start of the step, one value per facet: loads by
            strain and as a channel crack over what it bears, and area ratio [-].
        film_broken: Area ratio at which the film broke, by either; 0 while it is whole.
        film_bared: Surface that the cracks of either laid bare so far, per reference area [-].
        film_thickness: SEI thickness [um]; zero until it has formed.
        soc: State of charge at the end of the step [-]: the fraction of uniform hosts.
        dt: Length of the step [s].
        end_share: Part of the change of the lithium fraction over the step that follows from the
            fluxes at its end; the rest follows from ``c_rate``. 1 is backward Euler.
        trust: Share of the growth of damage of interfaces that enters the tangent (see
            `anodefem.laws.cohesive`).
        flux: Charging rate of the diffusing hosts [1/s], positive when lithiating.
    """

    u: fem.Function
    u_n: fem.Function
    c: fem.Function
    c_n: fem.Function
    u_rate: fem.Function
    c_rate: fem.Function
    crack: fem.Function | None
    crack_n: fem.Function | None
    jump: fem.Function | None
    jump_n: fem.Function | None
    jump_guess: fem.Function | None
    jump_rate: fem.Function | None
    bond_damage: fem.Function | None
    plastic: fem.Function
    alpha: fem.Function
    guess: fem.Function
    viscous: fem.Function | None
    damage: fem.Function | None
    worked: fem.Function | None
    film_plastic: fem.Function
    film_formation: fem.Function
    film_guess: fem.Function
    film_reached: fem.Function
    film_broken: fem.Function
    film_bared: fem.Function
    film_thickness: fem.Constant
    soc: fem.Constant
    dt: fem.Constant
    end_share: fem.Constant
    trust: fem.Constant
    flux: fem.Constant

    @classmethod
    def create(
        cls,
        domain: Domain,
        regions: Sequence[Region],
        *,
        cracks: bool = False,
        bonds: bool = False,
        plastic_driving: bool = False,
    ) -> State:
        """Undeformed, empty, whole, never yielded; with what the laws have to remember.

        Args:
            domain: Mesh.
            regions: Solids.
            cracks: Some region can break.
            bonds: Some interface can come apart.
            plastic_driving: Plastic work drives its cracks.
        """
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
            (fem.functionspace(grid, ("DG", 0)), ("film_guess",)),
            (fem.functionspace(grid, ("DG", 0, (3,))), ("film_reached",)),
            (fem.functionspace(grid, ("DG", 0, (2,))), ("film_broken", "film_bared")),
        )
        fields = {name: fem.Function(space) for space, names in spaces for name in names}
        for name in ("plastic", "film_plastic", "film_formation"):
            fields[name].x.array.reshape(-1, size)[:, :3] = 1.0
        constants = {
            name: fem.Constant(grid, default_scalar_type(0.0))
            for name in ("film_thickness", "soc", "dt", "end_share", "trust", "flux")
        }
        constants["end_share"].value = constants["trust"].value = 1.0
        networks = [region.solid.network for region in regions]
        branches = max((len(network.branches) for network in networks), default=0)
        viscous = damage = None
        if branches:
            element = basix.ufl.quadrature_element(
                cell, value_shape=(branches * size,), degree=SOLID_DEGREE
            )
            viscous = fem.Function(fem.functionspace(grid, element))
            viscous.x.array.reshape(-1, size)[:, :3] = 1.0
        if any(network.healing for network in networks):
            damage = fem.Function(scalar)
        crack = crack_n = None
        if cracks:
            linear = fem.functionspace(grid, ("Lagrange", 1))
            crack, crack_n = fem.Function(linear), fem.Function(linear)
        names = ("jump", "jump_n", "jump_guess", "jump_rate", "bond_damage")
        interfaces: dict[str, fem.Function | None] = dict.fromkeys(names)
        if bonds:
            degree = jump_degree(domain)
            vector = fem.functionspace(grid, ("Lagrange", degree, (dim,)))
            beside = fem.functionspace(grid, ("DG", degree))
            interfaces = {
                name: fem.Function(beside if name.startswith("bond") else vector) for name in names
            }
        return cls(
            **fields,
            crack=crack,
            crack_n=crack_n,
            viscous=viscous,
            damage=damage,
            **interfaces,
            worked=fem.Function(scalar) if plastic_driving else None,
            **constants,
        )

    def stored(self) -> dict[str, fem.Function]:
        """Fields of `STORED` that this state has."""
        return self._present(STORED)

    def _present(self, names: Sequence[str]) -> dict[str, fem.Function]:
        fields = {name: getattr(self, name) for name in names}
        return {name: field for name, field in fields.items() if field is not None}

    def snapshot(self) -> dict[str, npt.NDArray[np.float64]]:
        """Copy of the fields of `CARRIED`, this rank's part with ghosts."""
        return {name: field.x.array.copy() for name, field in self._present(CARRIED).items()}

    def restore(self, values: dict[str, npt.NDArray[np.float64]]) -> None:
        """Undo everything since a `snapshot`."""
        for name, array in values.items():
            getattr(self, name).x.array[:] = array
        self.begin()

    def begin(self) -> None:
        """Let the next step start from the present fields."""
        for now, start in (
            (self.u, self.u_n),
            (self.c, self.c_n),
            (self.crack, self.crack_n),
            (self.jump, self.jump_n),
        ):
            if now is not None and start is not None:
                start.x.array[:] = now.x.array

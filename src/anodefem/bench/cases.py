"""The benchmarks by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

#: An eighth of an elastic ball with diffusion, no SEI: what a script of one page can solve, too.
_REFERENCE = {
    "title": "Elastic ball",
    "geometry": {"plugin": "bare_particle", "kinematics": "3d", "particle_radius": "1 um"},
    "materials": {"particle": "silicon-kit"},
    "protocol": {"steps": ["lithiate at C/10 until soc = 0.9"]},
    "output": {"fields_every": 1.0},
}
#: The same with plastic flow and an SEI that yields.
_PLASTIC = _REFERENCE | {
    "title": "Plastic ball with SEI",
    "materials": {"particle": "silicon-amorphous"},
    "sei": {"recipe": "ec-dmc"},
}
#: With a cage around it, and the medium that fills the void.
_CAGE = _PLASTIC | {
    "title": "Ball in a cage",
    "geometry": {"plugin": "graphene_cage", "kinematics": "3d", "particle_radius": "1 um"},
    "materials": {"particle": "silicon-amorphous", "cage": "graphene-multilayer"},
}
#: A plane through the axis.
_AXISYMMETRIC = _PLASTIC | {
    "title": "Plastic ball with SEI, axisymmetric",
    "geometry": {"plugin": "bare_particle", "particle_radius": "1 um"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One way to solve a problem.

    Attributes:
        label: What tells it from the others of its benchmark.
        tables: Case file, section by section.
        changes: Dotted key -> value in place of the tables'.
        ranks: Started by mpirun if more than one.
        program: "anodefem", or "plain": a script of one page in plain dolfinx with MUMPS, on the
            mesh of the case.
    """

    label: str
    tables: Mapping[str, Any]
    changes: Mapping[str, Any] = field(default_factory=dict)
    ranks: int = 1
    program: Literal["anodefem", "plain"] = "anodefem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A baseline and what is compared with it.

    Attributes:
        text: One sentence for users.
        baseline: What is the measure of the other one.
        member: What is measured.
        refinements: Of the meshes, from coarse to fine; the first is the short benchmark.
        steps: In time that are counted.
        measure: Seconds of "processor" (one rank each) or "wall" clock.
    """

    text: str
    baseline: Member
    member: Member
    refinements: tuple[float, ...]
    steps: int = 6
    measure: Literal["processor", "wall"] = "processor"


def _by_solver(
    text: str, tables: Mapping[str, Any], *, refinements: tuple[float, ...]
) -> Benchmark:
    """A problem with the iterative solver, beside a factorisation.

    Args:
        text: One sentence for users.
        tables: Of the case.
        refinements: Of its meshes.
    """
    baseline, member = (
        Member(label=solver, tables=tables, changes={"solver.linear": solver})
        for solver in ("direct", "iterative")
    )
    return Benchmark(text=text, baseline=baseline, member=member, refinements=refinements)


def _by_ranks(text: str, tables: Mapping[str, Any], *, refinements: tuple[float, ...]) -> Benchmark:
    """A problem on two ranks, beside one.

    Args:
        text: One sentence for users.
        tables: Of the case.
        refinements: Of its meshes.
    """
    return Benchmark(
        text=text,
        baseline=Member(label="1 rank", tables=tables),
        member=Member(label="2 ranks", tables=tables, ranks=2),
        refinements=refinements,
        measure="wall",
    )


BENCHMARKS: dict[str, Benchmark] = {
    "reference": Benchmark(
        text="elastic ball in 3D with diffusion, beside a script in plain dolfinx with MUMPS",
        baseline=Member(label="plain dolfinx", tables=_REFERENCE, program="plain"),
        member=Member(label="anodefem", tables=_REFERENCE),
        refinements=(0.7, 1.0, 1.4),
    ),
    "plastic": _by_solver("plastic ball in 3D with SEI", _PLASTIC, refinements=(0.7, 1.0, 1.4)),
    "cage": _by_solver(
        "ball in a cage in 3D, with void and SEI", _CAGE, refinements=(0.4, 0.6, 0.8)
    ),
    "ranks-3d": _by_ranks("plastic ball in 3D with SEI", _PLASTIC, refinements=(1.0, 1.4)),
    "ranks-2d": _by_ranks(
        "plastic ball with SEI, axisymmetric", _AXISYMMETRIC, refinements=(1.0, 2.0)
    ),
}

"""Breaks laws on purpose, one at a time, and tells which problems notice.

Run ``python3 tests/verification/mutations.py [NAME ...]`` in the environment; every mutation solves
some problems that take a second each, and those named with it, on a copy of the package. A mutation
that nothing notices ends it with exit code 1.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Problems that every mutation is shown to.
ALWAYS = (
    "rigid-confinement",
    "clamped-film-elastic",
    "clamped-film-cycle",
    "stress-voltage-slope",
    "steady-filling",
    "energy-balance",
    "film-on-bar",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A change that makes the model wrong.

    Attributes:
        name: What is broken.
        file: Where, below ``src/anodefem``.
        right, wrong: A piece of source, and what takes its place.
        problems: Problems that are solved besides `ALWAYS`.
    """

    name: str
    file: str
    right: str
    wrong: str
    problems: tuple[str, ...] = ()


MUTATIONS = (
    Mutation(
        name="sign of the stress in the potential",
        file="physics/diffusion.py",
        right="local - stress",
        wrong="local + stress",
        problems=("stress-voltage-slope", "diffusion-induced-stress"),
    ),
    Mutation(
        name="factor Jc of the stress missing",
        file="laws/solid.py",
        right="return self.swelling * ufl.dot(self.tau",
        wrong="return ufl.dot(self.tau",
    ),
    Mutation(
        name="determinant of the elastic tensor drifts",
        file="laws/tensors.py",
        right="i = i - (i**3",
        wrong="i = i - 0 * (i**3",
    ),
    Mutation(
        name="storage of lithium not lumped",
        file="physics/diffusion.py",
        right="q * weight * dx_lumped + transport",
        wrong="q * s.kinematics.weight * dx + transport",
        problems=("sphere-constant-surface", "sphere-constant-flux", "steady-filling"),
    ),
    Mutation(
        name="hosts that touch share a fraction",
        file="physics/hosts.py",
        right="if i not in taken",
        wrong="if i < 1",
        problems=("two-hosts-in-touch",),
    ),
    Mutation(
        name="normal of surfaces wrong",
        file="fem/symbols.py",
        right="ufl.FacetNormal(self.domain.mesh)",
        wrong="ufl.as_vector([0, 1, 0][: self.domain.mesh.geometry.dim])",
        problems=("film-wrong-normal", "film-on-ball"),
    ),
    Mutation(
        name="plastic slope without its second term",
        file="laws/elasticity.py",
        right=" + 6 * ufl.det(s) / norm**2",
        wrong="",
        problems=("clamped-film-rates",),
    ),
    Mutation(
        name="flux not pulled back",
        file="physics/diffusion.py",
        right="drive = ufl.dot(ufl.inv(C), ",
        wrong="drive = ufl.dot(ufl.Identity(3), ",
        problems=("steady-filling", "manufactured-space"),
    ),
    Mutation(
        name="hoop strain of films from the middle of facets",
        file="laws/kinematics.py",
        right="ufl.grad(ufl.grad(v[0])), tangent)) / 8",
        wrong="ufl.grad(ufl.grad(v[0])), tangent)) * 0",
        problems=("film-at-axis",),
    ),
    Mutation(
        name="closing cracks bare surface too",
        file="laws/film_cracks.py",
        right="np.maximum(after - before, 0.0))",
        wrong="abs(after - before))",
        problems=("exposed-surface",),
    ),
    Mutation(
        name="forces on a periodic side lost",
        file="fem/periodic.py",
        right="given = values[self._follows]",
        wrong="given = 0.0 * values[self._follows]",
        problems=("periodic-layers-askew",),
    ),
)


def failed(mutation: Mutation) -> list[str]:
    """Return the problems that are not within their tolerances with a mutation."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "src", folder / "src")
        shutil.copytree(ROOT / "geometries", folder / "geometries")
        path = folder / "src" / "anodefem" / mutation.file
        source = path.read_text(encoding="utf-8")
        if source.count(mutation.right) != 1:
            raise SystemExit(f"{mutation.name}: {mutation.file} does not hold it once")
        path.write_text(source.replace(mutation.right, mutation.wrong), encoding="utf-8")
        environment = os.environ | {"PYTHONPATH": str(folder / "src")}
        answer = folder / "rows.json"
        command = [sys.executable, "-m", "anodefem", "verify", "--json", str(answer)]
        ids = {*ALWAYS, *mutation.problems}
        subprocess.run([*command, *ids], env=environment, cwd=folder, capture_output=True)
        rows = json.loads(answer.read_text(encoding="utf-8"))
    return sorted({row["id"] for row in rows if not row["pass"]})


def main() -> None:
    """Break the laws named on the command line, or all of them."""
    unnoticed = False
    for mutation in MUTATIONS:
        if sys.argv[1:] and mutation.name not in sys.argv[1:]:
            continue
        found = failed(mutation)
        unnoticed |= not found
        print(f"{mutation.name}: {', '.join(found) or 'NOTHING NOTICES'}", flush=True)
    raise SystemExit(unnoticed)


if __name__ == "__main__":
    main()

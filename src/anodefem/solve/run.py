"""One case from mesh to results."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mpi4py import MPI

import numpy as np
from dolfinx import fem

from anodefem._dolfinx import require_supported_version
from anodefem.cases import Case, Flaw, FractureChoice, InterfaceChoice, plausibility
from anodefem.errors import AnodefemError, InputError
from anodefem.laws.building import UM
from anodefem.laws.fracture import CrackModel
from anodefem.laws.medium import ThirdMedium
from anodefem.meshing import make_mesh
from anodefem.model import regions
from anodefem.model.bonds import Bond
from anodefem.model.crack import Fracture, scattered
from anodefem.model.domain import Domain
from anodefem.model.flaws import drawn, seed, weakened
from anodefem.model.history import Updates
from anodefem.model.problem import Problem
from anodefem.model.resolution import coarse_interfaces, thick_film
from anodefem.model.state import State
from anodefem.parallel import on_first_rank
from anodefem.results.checkpoint import Checkpoint
from anodefem.results.fields import FIELDS, FieldWriter
from anodefem.results.metrics import Ledger, Metrics, SeiLimits
from anodefem.results.record import Record
from anodefem.solve import interfaces
from anodefem.solve.fracture import CrackField, Staggered
from anodefem.solve.newton import Newton
from anodefem.solve.stepping import Clock, Event, StepLimits, TimeLoop

LOG = logging.getLogger("anodefem")

#: Least number of cells over the length of a crack; where its energy matters, 5.
CELLS_ACROSS = 2.0


def run(case: Case, output: Path, comm: MPI.Comm = MPI.COMM_WORLD, *, resume: bool = False) -> None:
    """Mesh, solve and write a case; collective.

    Args:
        case: What to run.
        output: Run folder; must not hold another run.
        comm: Communicator of the run.
        resume: Go on from the last checkpoint of the same case in ``output``, on any number of
            ranks.

    Raises:
        InputError: The case, the mesh or the folder cannot be used; nothing was overwritten.
        ConvergenceError: The run could not go on; what it had is kept and ``run.json`` says why.
    """
    require_supported_version()
    on_first_rank(comm, lambda: (_check_resume if resume else _prepare)(case, output))
    with _log_file(output, comm):
        domain = Domain.read(output / "mesh", comm)
        interfaces.check_named(case, domain)
        bonds, warnings = interfaces.bonds(case, domain)
        problem = _problem(case, domain, bonds)
        _solve(case, problem, output, warnings, resume=resume)


def _prepare(case: Case, output: Path) -> None:
    """Make the folder and the mesh; runs on rank 0."""
    if (output / "run.json").exists():
        raise InputError(
            f"{output} holds another run; name another folder with -o, or remove this one."
        )
    try:
        output.mkdir(parents=True, exist_ok=True)
        (output / "log.txt").write_text("", encoding="utf-8")
        # Error bars that were found for a case stand beside it, and go where its numbers go.
        errors = case.path.parent / "convergence.json"
        if case.path.is_file() and errors.is_file():
            shutil.copyfile(errors, output / errors.name)
    except OSError as error:
        raise InputError(
            f"{output}: cannot be written ({error.strerror}); name another folder with -o."
        ) from error
    geometry = case.geometry
    make_mesh(
        geometry.plugin,
        geometry.parameters,
        kinematics=geometry.kinematics,
        order=geometry.order,
        refinement=geometry.refinement,
        max_cells=geometry.max_cells,
        folder=output / "mesh",
    )


def _check_resume(case: Case, output: Path) -> None:
    """Refuse to go on with another case, a finished run or none; runs on rank 0."""
    try:
        former = json.loads((output / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{output} holds no run to resume; leave out --resume.") from error
    if former["status"] == "completed":
        raise InputError(f"{output} holds a completed run; there is nothing to resume.")
    now = json.loads(json.dumps(case.resolved()))
    # how it is solved and what is written may change on the way, what is modelled may not
    for section in ("geometry", "materials", "sei", "fracture", "interfaces", "protocol", "cards"):
        if _modelled(former["case"].get(section)) != _modelled(now.get(section)):
            raise InputError(
                f"{output} holds a run of another case: [{section}] differs; give the case file "
                "and settings of that run, or name another folder with -o."
            )


def _modelled(section: dict[str, Any] | None) -> dict[str, Any] | None:
    """Section of a resolved case without the numbers that say how it is solved."""
    return section and {key: section[key] for key in section.keys() - {"tolerance", "sweeps"}}


@contextmanager
def _log_file(output: Path, comm: MPI.Comm) -> Iterator[None]:
    """Keep what rank 0 says in ``log.txt``."""
    if comm.rank != 0:
        yield
        return
    handler = logging.FileHandler(output / "log.txt", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(message)s"))
    LOG.addHandler(handler)
    try:
        yield
    finally:
        LOG.removeHandler(handler)
        handler.close()


def _problem(case: Case, domain: Domain, bonds: Sequence[Bond]) -> Problem:
    """Put the case's materials on the mesh's groups."""
    roles = domain.manifest.roles
    solids = [
        regions.region(
            name,
            choice.card,
            transport=choice.transport,
            temperature=case.protocol.temperature,
            anisotropy=regions.anisotropy(choice.card, choice.frame, domain.kinematics),
        )
        for name, choice in case.materials.items()
        if name in domain.manifest.cells
    ]
    sheet = None
    for key in roles.membrane:
        sheet = regions.sheet(case.materials[key].card, thickness=roles.membrane_thickness[key])
    host = max(regions.stiffness(case.materials[name].card) for name in case.hosts)
    flaws = _flaws(case.fracture, domain) if case.fracture else ()
    fracture = _fracture(case.fracture, case.interfaces, domain, flaws) if case.fracture else None
    state = State.create(
        domain,
        solids,
        cracks=fracture is not None,
        bonds=bool(bonds),
        plastic_driving=fracture is not None and fracture.ductile,
    )
    problem = Problem(
        domain=domain,
        regions=solids,
        state=state,
        flux_surfaces=case.protocol.surfaces,
        film_surfaces=case.sei.surfaces if case.sei else (),
        film_law=regions.film(case.sei.recipe) if case.sei else None,
        sheet_law=sheet,
        medium_law=ThirdMedium(case.solver.medium_stiffness * host),
        formation_strain=case.sei.formation_strain if case.sei else 0.0,
        current_area=case.protocol.flux_area == "current",
        fracture=fracture,
        bonds=bonds,
        film_strength=(
            regions.film_strength(case.sei.recipe, blister=case.sei.blister) if case.sei else None
        ),
    )
    if flaws:
        seed(problem, flaws)
    return problem


def _flaws(choice: FractureChoice, domain: Domain) -> tuple[Flaw, ...]:
    """Flaws of a case, those at random places included."""
    if not choice.random_flaws:
        return choice.flaws
    return choice.flaws + drawn(domain, tuple(choice.toughness), choice.random_flaws)


def _fracture(
    choice: FractureChoice,
    named: Mapping[str, InterfaceChoice],
    domain: Domain,
    flaws: Sequence[Flaw],
) -> Fracture:
    """Cracks of a case on its mesh.

    Raises:
        InputError: The mesh is too coarse for their length.
    """
    size = domain.largest_cell(*choice.toughness)
    if choice.length < CELLS_ACROSS * size:
        raise InputError(
            f"fracture.length = {choice.length:g} um: the largest cell of {_listed(choice)} "
            f"measures {size:.3g} um; a crack needs a length of at least {CELLS_ACROSS:g} cells, "
            f"{CELLS_ACROSS * size:.3g} um. Raise the length, or geometry.refinement."
        )
    factor: Any = 1.0
    if choice.scatter:
        factor = scattered(
            domain, spread=choice.scatter, correlation=choice.correlation, seed=choice.seed
        )
    if any(flaw.toughness_kept for flaw in flaws):
        factor *= weakened(domain, flaws, choice.length)
    return Fracture(
        law=CrackModel(choice.model == "AT1", fem.Constant(domain.mesh, choice.length)),
        toughness={
            name: fem.Constant(domain.mesh, value)
            * factor
            * interfaces.beside(name, choice, named, domain)
            for name, value in choice.toughness.items()
        },
        plastic_share=fem.Constant(domain.mesh, choice.plastic_share),
        wetted=choice.wetted,
    )


def _listed(choice: FractureChoice) -> str:
    return ", ".join(choice.toughness)


def _solve(
    case: Case, problem: Problem, output: Path, warnings: list[str], *, resume: bool
) -> None:
    """Run the protocol and keep the record, whatever happens."""
    comm = problem.domain.comm
    updates = Updates(problem)
    newton = Newton(
        problem,
        updates,
        tolerance=case.solver.newton_tolerance,
        iterations=case.solver.newton_iterations,
        iterative=_iterative(case, problem),
    )
    sei = case.sei.recipe if case.sei else None
    limits = SeiLimits(sei.yield_strain, sei.fracture_strain) if sei else None
    metrics = Metrics(problem, limits=limits, temperature=case.protocol.temperature)
    solver: Newton | Staggered = newton
    if case.fracture:
        solver = Staggered(
            newton,
            CrackField(problem),
            tolerance=case.fracture.tolerance,
            sweeps=case.fracture.sweeps,
            loaded=metrics.loaded,
        )
    thickness = case.sei.thickness * UM if case.sei else 0.0
    warnings = warnings + coarse_interfaces(problem) + thick_film(problem, thickness)
    # what the mesh says of the film is exacter than what the case does
    warnings += [line for line in plausibility.before(case) if not line.startswith("sei.thickness")]
    for warning in warnings:
        LOG.warning("warning: %s", warning)
    record = Record(output, _facts(case, problem) | {"warnings": warnings}, comm)
    reporter = _Reporter(record, metrics, output, case.output.fields_every)
    settings = case.solver
    loop = TimeLoop(
        problem,
        updates,
        solver,
        metrics,
        StepLimits(
            soc=settings.max_soc_step,
            fraction=settings.max_concentration_step,
            initial=settings.initial_step,
            smallest=settings.minimum_step,
            full=settings.saturation_high,
            empty=settings.saturation_low,
            count=settings.max_steps,
        ),
        reporter,
        second_order=settings.time_integration == "bdf2",
    )
    reporter.loop = loop

    def finish(status: str, reason: str) -> None:
        facts = {
            "steps": loop.clock.steps,
            "newton_iterations": loop.clock.iterations,
            "rejected_steps": loop.clock.rejected,
            "events": [asdict(event) for event in loop.events],
        }
        found = plausibility.after(case, record.extremes())
        for warning in found:
            LOG.warning("warning: %s", warning)
        record.finish(status, reason, facts | {"warnings": [*warnings, *found]})

    try:
        if resume:
            reporter.resume(loop)
        else:
            record.save()
            loop.initialise(case.protocol.initial_soc, thickness)
        loop.run(case.protocol.steps)
    except AnodefemError as error:
        finish("failed", str(error))
        raise
    except BaseException as error:
        # perhaps on this rank only: the others wait elsewhere, so nothing collective here
        record.abandon(f"ended by an unexpected error: {error!r}")
        raise
    finish("completed", "")


def _iterative(case: Case, problem: Problem) -> bool:
    """Choose the linear solver: iterative in 3D where no third medium spoils the conditioning."""
    if case.solver.linear != "auto":
        return case.solver.linear == "iterative"
    domain = problem.domain
    plain = not domain.manifest.roles.medium and not problem.bonds
    return domain.kinematics.kind == "3d" and plain


def _facts(case: Case, problem: Problem) -> dict[str, Any]:
    """What ``run.json`` says before the first step."""
    domain = problem.domain
    sei = case.sei.recipe if case.sei else None
    maps = [field.function_space.dofmap for field in problem.fields]
    return {
        "title": case.title,
        "case": case.resolved(),
        "ranks": domain.comm.size,
        "mesh_hash": domain.manifest.hash,
        "cells": domain.mesh.topology.index_map(domain.dim).size_global,
        "unknowns": sum(m.index_map.size_global * m.index_map_bs for m in maps),
        "fields": FIELDS,
        "kinematics": domain.manifest.kinematics,
        "regions": dict(domain.manifest.cells),
        "media": list(domain.manifest.roles.medium),
        "hosts": list(case.hosts),
        "sei": {
            "recipe": sei.name,
            "yield_strain": sei.yield_strain,
            "fracture_strain": sei.fracture_strain,
        }
        if sei
        else None,
    }


class _Reporter:
    """Says and writes every accepted step, and keeps the checkpoint.

    Attributes:
        loop: The time loop that reports here.
    """

    loop: TimeLoop

    def __init__(self, record: Record, metrics: Metrics, output: Path, spacing: float) -> None:
        self._record, self._metrics, self._spacing = record, metrics, spacing
        self._writer = FieldWriter(metrics.problem, metrics, output)
        self._checkpoint = Checkpoint(metrics.problem, output)
        self._written = -np.inf

    def resume(self, loop: TimeLoop) -> None:
        """Restore state, clock and sums from the checkpoint, and forget what came after it."""
        facts, state = self._checkpoint.load(), self._metrics.problem.state
        loop.clock = Clock(**facts["clock"])
        loop.events = [Event(**event) for event in facts["events"]]
        self._metrics.ledger = Ledger(**facts["ledger"])
        state.film_thickness.value = facts["film_thickness"]
        state.soc.value = loop.clock.soc
        self._metrics.problem.flux_area.value = facts["flux_area"]
        self._metrics.resume()
        self._record.resume(loop.clock.steps)
        self._writer.resume(loop.clock.t)
        self._written = loop.clock.soc
        LOG.info("resumed at t = %.4g s, soc %.4f", loop.clock.t, loop.clock.soc)

    def _save(self) -> None:
        problem = self._metrics.problem
        self._checkpoint.save(
            {
                "clock": asdict(self.loop.clock),
                "events": [asdict(event) for event in self.loop.events],
                "ledger": asdict(self._metrics.ledger),
                "film_thickness": float(problem.state.film_thickness.value),
                "flux_area": float(problem.flux_area.value),
            }
        )

    def __call__(self, row: dict[str, float], end: bool) -> None:
        self._record.add(row)
        soc = row["soc [-]"]
        if end or abs(soc - self._written) >= self._spacing:
            self._writer.write(row["t [s]"])
            self._save()
            self._written = soc
        strain = row.get("sei_strain_max [-]")
        LOG.info(
            "step %d  t %10.4g s  dt %9.3g s  soc %.4f  its %2d  c %.3f..%.3f  hull %.4f%s",
            row["step [-]"],
            row["t [s]"],
            row["dt [s]"],
            soc,
            row["newton_iterations [-]"],
            row["lithium_fraction_min [-]"],
            row["lithium_fraction_max [-]"],
            row["hull_volume_ratio [-]"],
            "" if strain is None else f"  sei {strain:.4f}",
        )

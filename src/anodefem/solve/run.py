"""One case from mesh to results."""

from __future__ import annotations

import gc
import json
import logging
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mpi4py import MPI
from petsc4py import PETSc

from anodefem import checksums
from anodefem._dolfinx import require_supported_version
from anodefem.cases import CheckedCase, plausibility
from anodefem.errors import AlreadyCompleted, AnodefemError, ConvergenceError, InputError
from anodefem.fem import checkpoint
from anodefem.fem.contract import Physics
from anodefem.fem.domain import Domain
from anodefem.fem.model import Model, Updates
from anodefem.files import DiskError, FolderLock, folder_error, refuse_run
from anodefem.interruption import Interrupted, Orders
from anodefem.meshing import mesh_choice
from anodefem.parallel import all_arrive, ending_together, on_first_rank
from anodefem.physics.failures import first_failures
from anodefem.results.fields import field_units
from anodefem.results.log import log_file
from anodefem.results.metrics import Metrics
from anodefem.results.record import START_ANEW, Record, read_record
from anodefem.solve import linear
from anodefem.solve.build import build
from anodefem.solve.clock import StepLimits
from anodefem.solve.control import TimeLoop
from anodefem.solve.newton import Newton
from anodefem.solve.reporter import Reporter
from anodefem.solve.staggered import CrackField, Monolithic, Solver, Staggered

LOG = logging.getLogger("anodefem")

#: Unknowns in two dimensions up to which several ranks are advised against.
UNKNOWNS_FOR_RANKS = 50_000


def run(
    case: CheckedCase,
    output: Path,
    comm: MPI.Comm = MPI.COMM_WORLD,
    *,
    resume: bool = False,
    more: Sequence[Physics] = (),
) -> None:
    """Mesh, solve and write a case; collective.

    Args:
        case: What to run.
        output: Run folder; must not hold another run.
        comm: Communicator of the run.
        resume: Go on from the last checkpoint of the same case in ``output``, on any number of
            ranks.
        more: Physics of one's own, beside those of the case.

    Raises:
        InputError: The case, the mesh or the folder cannot be used; nothing was overwritten.
        ConvergenceError: The run could not go on; what it had is kept and ``run.json`` says why.
        InvariantError: A balance did not close, likewise.
        DiskError: A file could not be written; the run can be resumed.
        Interrupted: The run was ordered to end; it can be resumed.
    """
    require_supported_version()
    own = [f"{type(each).__module__}.{type(each).__qualname__}" for each in more]
    lock = FolderLock()
    with ending_together(comm), Orders(comm) as orders:
        try:
            resume = on_first_rank(comm, lambda: _enter(case, output, lock, own, resume=resume))
            with log_file(output, comm):
                domain = Domain.read(output / "mesh", comm)
                model, warnings = build(case, domain, more)
                known = {"more_physics": own} | _facts(case, model, output)
                _solve(case, model, output, known, warnings, orders, resume=resume)
            if comm.size > 1:
                # matrices on several ranks can only be freed by all of them at once
                gc.collect()
                PETSc.garbage_cleanup(domain.comm)
        finally:
            lock.release()


def _enter(
    case: CheckedCase, output: Path, lock: FolderLock, own: Sequence[str], *, resume: bool
) -> bool:
    """Take the run folder, and make or check what is in it; runs on rank 0.

    Args:
        case: What to run.
        output: Run folder.
        lock: Of the folder.
        own: Names of physics beside those of the case.
        resume: A run in it is to go on.

    Returns:
        Whether there is a checkpoint to go on from: a run that was ended before its first one
        begins anew.
    """
    if resume:
        read_record(output)
    try:
        output.mkdir(parents=True, exist_ok=True)
        lock.take(output)
    except OSError as error:
        raise folder_error(output, error) from error
    if resume:
        _check_resume(case, output, own)
        if checkpoint.checkpoints(output):
            _check_mesh(output)
            return True
        (output / "run.json").unlink()
    _prepare(case, output)
    return False


def _prepare(case: CheckedCase, output: Path) -> None:
    """Make the mesh and what else a new run needs; runs on rank 0."""
    refuse_run(output)
    try:
        (output / "log.txt").write_text("", encoding="utf-8")
        # Error bars that were found for a case stand beside it, and go where its numbers go.
        errors = case.path.parent / "convergence.json"
        if case.path.is_file() and errors.is_file():
            shutil.copyfile(errors, output / errors.name)
    except OSError as error:
        raise folder_error(output, error) from error
    mesh_choice(case.geometry, output / "mesh")


def _check_resume(case: CheckedCase, output: Path, own: Sequence[str]) -> None:
    """Refuse to go on with another case, a finished run or none; runs on rank 0.

    Args:
        case: What is to go on.
        output: Run folder.
        own: Names of physics beside those of the case.
    """
    former = read_record(output)
    if (before := former.get("more_physics", [])) != list(own):
        raise InputError(
            f"{output} holds a run with {' and '.join(before) or 'no physics'} beside those of its "
            f"case, not with {' and '.join(own) or 'none'}; give the same, or name another folder."
        )
    now = json.loads(json.dumps(case.resolved()))
    # how it is solved and what is written may change on the way, what is modelled may not
    if "electrochemistry" not in former["case"]:
        raise InputError(
            f"{output} holds a run of an older version of anodefem, whose checkpoints cannot be "
            "gone on from; start the run anew in another folder."
        )
    for section in (
        "geometry",
        "materials",
        "sei",
        "fracture",
        "interfaces",
        "cathode",
        "electrochemistry",
        "protocol",
        "cards",
    ):
        if _modelled(former["case"].get(section)) != _modelled(now.get(section)):
            raise InputError(
                f"{output} holds a run of another case: [{section}] differs; give the case file "
                "and settings of that run, or name another folder with -o."
            )
    if former["status"] == "completed":
        raise AlreadyCompleted(f"{output} holds a completed run; there is nothing to resume.")


def _mesh_files(output: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a run's mesh by name."""
    files = sorted(path for path in (output / "mesh").iterdir() if path.is_file())
    return {path.name: checksums.digest(path) for path in files}


def _check_mesh(output: Path) -> None:
    """Refuse to go on with a mesh that is not the one of the run; runs on rank 0."""
    expected = read_record(output).get(checksums.MESH_FILES, {})
    try:
        now = _mesh_files(output)
    except OSError as error:
        raise InputError(
            f"{output / 'mesh'}: cannot be read ({error.strerror}); {START_ANEW}"
        ) from error
    for name, digest in expected.items():
        if now.get(name) != digest:
            raise InputError(f"{output / 'mesh' / name} is damaged or missing; {START_ANEW}")


def _modelled(section: dict[str, Any] | None) -> dict[str, Any] | None:
    """Section of a resolved case without the numbers that say how it is solved."""
    return section and {key: section[key] for key in section.keys() - {"tolerance", "sweeps"}}


def _solve(
    case: CheckedCase,
    model: Model,
    output: Path,
    known: Mapping[str, Any],
    warnings: list[str],
    orders: Orders,
    *,
    resume: bool,
) -> None:
    """Run the protocol and keep the record, whatever happens.

    Args:
        case: What to run.
        model: Its model.
        output: Run folder.
        known: What ``run.json`` says of both.
        warnings: What the user should know.
        orders: Signals to end.
        resume: Go on from the last checkpoint.
    """
    settings, comm = case.solver, model.domain.comm
    updates = Updates(model)
    newton = Newton(
        model,
        updates,
        tolerance=settings.newton_tolerance,
        iterations=settings.newton_iterations,
        solver=linear.find(_linear_solver(case, model)),
        interrupted=orders.pending,
    )
    metrics = Metrics(model)
    solver: Solver = Monolithic(newton, loaded=updates.loaded)
    if case.fracture:
        solver = Staggered(
            newton,
            CrackField(model),
            tolerance=case.fracture.tolerance,
            sweeps=case.fracture.sweeps,
            loaded=updates.loaded,
        )
    warnings += [*plausibility.before(case), *_too_many_ranks(model, known["unknowns"])]
    for warning in warnings:
        LOG.warning("warning: %s", warning)
    record = Record(output, {**known, "warnings": warnings}, comm)
    reporter = Reporter(record, model, metrics, output, case.output, case.protocol)
    limits = StepLimits(
        soc=settings.max_soc_step,
        fraction=settings.max_concentration_step,
        initial=settings.initial_step,
        smallest=settings.minimum_step,
        count=settings.max_steps,
        error=settings.step_tolerance,
    )
    loop = TimeLoop(
        updates,
        solver,
        metrics,
        limits,
        reporter,
        interrupted=orders.pending,
        enough=reporter.enough,
    )
    reporter.loop = loop

    def finish(status: str, reason: str) -> None:
        facts = {
            "steps": loop.clock.steps,
            "newton_iterations": loop.clock.iterations,
            "rejected_steps": loop.clock.rejected,
            "step_statistics": loop.clock.statistics,
            "events": [asdict(event) for event in loop.log.occurrences],
            "first_failures": first_failures(loop.log.occurrences, record.last),
        }
        with suppress(DiskError):  # which the record says, too
            reporter.save_cycles()
        found = plausibility.after(case, record.extremes())
        if beyond := loop.clock.beyond:
            found.append(
                f"{beyond} of {loop.clock.steps} steps have an error in time beyond "
                "solver.step_tolerance, since shorter steps did not lessen it or were too short"
            )
        for warning in found:
            LOG.warning("warning: %s", warning)
        record.finish(status, reason, facts | {"warnings": [*warnings, *found]})

    orders.defer()
    try:
        if resume:
            reporter.resume()
        else:
            record.save()
            loop.initialise(case.protocol.initial_soc)
        loop.run(case.protocol.steps)
        reporter.completed()
    except Interrupted as error:
        # before the first report there is nothing to go on from
        if loop.clock.steps > 0 or loop.clock.step > 0:
            reporter.save()
        finish("interrupted", str(error))
        raise
    except AnodefemError as error:
        if isinstance(error, ConvergenceError):
            error.args = (str(error) + plausibility.beyond(case, record.extremes()),)
        if all_arrive(comm):
            with suppress(DiskError):  # the disk may be what failed: then that is what is said
                finish("failed", str(error))
        raise
    except BaseException as error:
        # perhaps on this rank only: the others wait elsewhere, so nothing collective here
        record.abandon(f"ended by an unexpected error: {error!r}")
        raise
    finish("completed", "")


def _linear_solver(case: CheckedCase, model: Model) -> str:
    """Choose the linear solver: iterative in 3D where no third medium spoils the conditioning."""
    if case.solver.linear != "auto":
        return case.solver.linear
    domain = model.domain
    plain = not domain.manifest.roles.medium and "jump" not in model.state
    return "iterative" if domain.kinematics.kind == "3d" and plain else "direct"


def _too_many_ranks(model: Model, unknowns: int) -> list[str]:
    """A sentence where one rank would be faster.

    Args:
        model: What is solved.
        unknowns: Their number.
    """
    ranks = model.domain.comm.size
    if ranks == 1 or model.domain.kinematics.kind == "3d" or unknowns > UNKNOWNS_FOR_RANKS:
        return []
    return [
        f"{unknowns} unknowns in two dimensions on {ranks} ranks: one rank is faster (two took 1.4 "
        "times as long for 15 000 unknowns). Run it without mpirun, and other cases beside it."
    ]


def _facts(case: CheckedCase, model: Model, output: Path) -> dict[str, Any]:
    """What ``run.json`` says before the first step; collective.

    Args:
        case: What is run.
        model: Its model.
        output: Run folder.
    """
    domain = model.domain
    sei = case.sei.recipe if case.sei else None
    maps = [model.state[name].function_space.dofmap for name in model.blocks]
    return {
        "title": case.title,
        "case": case.resolved(),
        "ranks": domain.comm.size,
        "mesh_hash": domain.manifest.hash,
        checksums.MESH_FILES: on_first_rank(domain.comm, lambda: _mesh_files(output)),
        "cells": domain.mesh.topology.index_map(domain.dim).size_global,
        "unknowns": sum(m.index_map.size_global * m.index_map_bs for m in maps),
        "fields": field_units(),
        "kinematics": domain.manifest.kinematics,
        "regions": dict(domain.manifest.cells),
        "media": list(domain.manifest.roles.medium),
        "hosts": list(case.hosts),
        "sei": {
            "recipe": sei.name,
            # on a surface that is stretched alike in all directions
            "yield_stretch": sei.yield_stretch,
            "elastic_energy_max": sei.elastic_energy_max * 1e-6,  # MJ/m^3
            "fracture_strain": sei.fracture_strain,
        }
        if sei
        else None,
    }

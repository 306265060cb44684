"""The command line; everything heavy is imported by the command that needs it."""

from __future__ import annotations

import enum
import logging
import os
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console
from typer.core import TyperGroup

from anodefem import __version__
from anodefem.errors import AnodefemError, ConvergenceError, InputError

if TYPE_CHECKING:
    from anodefem.cases import Case
    from anodefem.sweep import Fate, Point, Sweep

Result = TypeVar("Result")

_WIDTH = 140  # of tables that go to a file or a pipe


class _OneMessage(TyperGroup):
    """Turns an `AnodefemError` of any command into its message and its exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except AnodefemError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(error.exit_code) from error
        except ModuleNotFoundError as error:
            package = (error.name or "").partition(".")[0]
            if package == "anodefem":
                raise
            typer.echo(
                f"this command needs '{package}', which this Python does not have; "
                "use 'container/run anodefem ...', or install it.",
                err=True,
            )
            raise typer.Exit(InputError.exit_code) from error


app = typer.Typer(
    cls=_OneMessage,
    name="anodefem",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog="Exit codes: 0 success, 1 a mesh changed or a problem failed, 2 bad input, "
    "3 the run could not go on.",
)

CaseFile = Annotated[Path, typer.Argument(metavar="RUN.toml", help="Case file.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change one value of the case: a dotted key and a TOML value, for example "
        "--set geometry.particle_radius='\"2 um\"'. A bare word is a string. Repeatable.",
    ),
]


class Topic(enum.StrEnum):
    """What can be listed."""

    GEOMETRIES = "geometries"
    MATERIALS = "materials"
    SEI = "sei"
    LAWS = "laws"
    PROTOCOLS = "protocols"
    METRICS = "metrics"
    KEYS = "keys"


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _start(
    plugins: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            envvar="ANODEFEM_PLUGINS",
            help="Folder with geometries (*.py) and cards (materials/*.toml, sei/*.toml) of your "
            "own; they win over shipped ones of the same name. Repeatable, before the command.",
        ),
    ] = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and stop."
        ),
    ] = False,
) -> None:
    """Alloy battery anodes by finite elements: from a case file to a comparison of architectures.

    [b]anodefem check runs/*/run.toml[/b] reads cases, [b]mesh[/b] draws one, [b]run[/b] solves it
    (also under mpirun), [b]compare[/b] puts finished runs side by side.
    """
    from anodefem import registry

    registry.use_folders(plugins or ())


@app.command("list")
def list_(
    topic: Annotated[
        Topic | None, typer.Argument(help="What to list; everything if left out.")
    ] = None,
    name: Annotated[
        str | None,
        typer.Argument(
            help="One geometry, material, recipe, law or metric, or a section of the case file."
        ),
    ] = None,
) -> None:
    """List what is known: geometries, materials, SEI recipes, laws, protocol steps, metrics, keys.

    [b]anodefem list materials silicon-amorphous[/b] shows a card with the source of every number.
    """
    from anodefem import listing

    console = _console()
    if name is not None and topic is not None:
        console.print(listing.one(topic.value, name))
        return
    for each in [topic] if topic else list(Topic):
        console.print(listing.all_of(each.value))


@app.command()
def check(
    cases: Annotated[list[Path], typer.Argument(metavar="RUN.toml...", help="Case files.")],
    settings: Settings = None,
) -> None:
    """Read case files and say everything that is wrong with them; nothing is meshed or solved."""
    from anodefem.cases import load, plausibility

    told: list[str] = []
    for path in cases:
        try:
            case = load(path, settings or ())
        except InputError as error:
            told.append(str(error))
        else:
            typer.echo(f"{path}: good. {case.summary()}")
            for warning in plausibility.before(case):
                typer.echo(f"{path}: warning: {warning}", err=True)
    if told:
        raise InputError("\n".join(told))


@app.command()
def mesh(
    case_file: CaseFile,
    settings: Settings = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Default: out/meshes/NAME OF THE CASE."),
    ] = None,
) -> None:
    """Mesh a case and print sizes against exact ones and the quality of the cells."""
    from anodefem import cases, listing
    from anodefem.meshing import make_mesh

    case = cases.load(case_file, settings or ())
    folder = output or Path("out", "meshes", _name(case))
    _refuse_run(folder.parent if folder.name == "mesh" else folder)
    with Console(stderr=True).status(f"meshing {case.geometry.name}"):
        manifest = make_mesh(
            case.geometry.plugin,
            case.geometry.parameters,
            kinematics=case.geometry.kinematics,
            order=case.geometry.order,
            refinement=case.geometry.refinement,
            max_cells=case.geometry.max_cells,
            folder=folder,
        )
    _console().print(listing.mesh_quality(manifest))
    typer.echo(f"{manifest.counts['cells']} cells, {manifest.counts['points']} points in {folder}")


@app.command("mesh-check")
def mesh_check(
    geometries: Annotated[
        list[str] | None, typer.Argument(metavar="[GEOMETRY]...", help="All if none is named.")
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Pin what the meshes are now, and say what changed.")
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Also write all of it as JSON.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR",
            help="Keep meshes there and draw those that changed, beside the pinned ones if an "
            "earlier call kept them.",
        ),
    ] = None,
) -> None:
    """Mesh geometries at their pinned parameters and say what changed, by how much, if it matters.

    Exit code 0: identical or equivalent; 1: changed or broken, and not accepted.
    """
    from anodefem.meshing.regression.command import mesh_check as check_meshes

    def draw(before: Path | None, after: Path, path: Path) -> None:
        from anodefem.compare.meshes import draw

        draw(before, after, path)

    good = check_meshes(
        geometries or (),
        accept=accept,
        json_file=json_file,
        keep=output,
        draw=draw,
        say=typer.echo,
    )
    if not good:
        raise typer.Exit(1)


@app.command()
def run(
    case_file: CaseFile,
    settings: Settings = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Default: out/NAME OF THE CASE."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last checkpoint in DIR.")
    ] = False,
) -> None:
    """Mesh and solve a case, serially or under mpirun, and write metrics, fields and run.json.

    A run that was interrupted goes on from its last checkpoint with --resume and the same case, on
    any number of ranks.
    """
    from mpi4py import MPI

    from anodefem import cases
    from anodefem._dolfinx import require_supported_version

    comm = MPI.COMM_WORLD
    log = logging.getLogger("anodefem")
    log.setLevel(logging.INFO)
    if comm.rank == 0:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(message)s"))
        log.addHandler(handler)
    try:
        require_supported_version()
        case = _together(comm, lambda: cases.load(case_file, settings or ()))
        folder = output or Path("out", _name(case))
        if not resume:
            _together(comm, lambda: _refuse_run(folder))

        from anodefem.solve.run import run as solve  # may not even import with another dolfinx

        solve(case, folder, resume=resume)
    except AnodefemError as error:
        if comm.rank == 0:
            typer.echo(str(error), err=True)
        comm.Barrier()  # a launcher ends all ranks when one ends badly: first the message
        raise typer.Exit(error.exit_code) from error
    except Exception:
        if comm.size > 1:  # the other ranks wait for this one, which will not come
            traceback.print_exc()
            comm.Abort(1)
        raise
    if comm.rank == 0:
        typer.echo(f"results in {folder}")


@app.command()
def compare(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Folders of runs.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Where tables and figures go.")
    ] = Path("out", "comparison"),
    movie: Annotated[
        bool,
        typer.Option("--movie", help="Also film the swelling (MP4 and GIF); some minutes."),
    ] = False,
    field: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="What colours the bodies inside in figure and film: crack, say."
        ),
    ] = "von_mises",
) -> None:
    """Put finished runs side by side: a table (CSV and Markdown) and figures."""
    from anodefem.compare import compare as compare_runs

    with Console(stderr=True).status("comparing"):
        compare_runs(folders, output, movie=movie, field=field)
    typer.echo(f"comparison in {output}")


@app.command()
def view(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Folders of runs.")],
    field: Annotated[
        str, typer.Option(metavar="NAME", help="What colours the bodies inside, or their SEI.")
    ] = "von_mises",
    soc: Annotated[
        float | None, typer.Option(metavar="S", help="State of charge to start with.")
    ] = None,
    web: Annotated[bool, typer.Option("--web", help="Serve a page to a browser instead.")] = False,
    port: Annotated[int, typer.Option(metavar="N", help="Port of the page.")] = 8080,
) -> None:
    """Look at runs side by side: turn them, lead them along charge and discharge, choose fields.

    Where there is no screen, --web serves the same to a browser (from a cluster through
    'ssh -L 8080:localhost:8080 HOST').
    """
    from anodefem.compare import view as viewing

    if web:
        viewing.web(folders, field=field, soc=soc, port=port)
    else:
        viewing.window(folders, field=field, soc=soc)


@app.command()
def sweep(
    case_file: CaseFile,
    over: Annotated[
        list[str] | None,
        typer.Option(
            "--over",
            metavar="KEY=VALUES",
            help="A list a,b,c; a range 1.2:1.6:5 or '0.5 um:2 um:4' (log:1:100:5 for even steps "
            "in the logarithm); an interval 1.2..1.6 with --samples. 'card' is the range that the "
            "card of a number gives: log:card:5. Repeatable: all combinations.",
        ),
    ] = None,
    sensitivity: Annotated[
        list[str] | None,
        typer.Option(
            "--sensitivity",
            metavar="KEY[=LOW..HIGH]",
            help="Instead of --over: vary each key alone, over the range of its card or by 30 % to "
            "either side. 'sei' is every number of the recipe. Repeatable.",
        ),
    ] = None,
    settings: Settings = None,
    samples: Annotated[
        int | None,
        typer.Option(min=2, help="Points of a Latin hypercube over the intervals of --over."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the hypercube.")] = 0,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Default: out/NAME OF THE CASE-sweep."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("-j", "--jobs", min=1, help="Points run at a time; default: cores / ranks."),
    ] = None,
    ranks: Annotated[int, typer.Option(min=1, help="Ranks of each point, under mpirun.")] = 1,
    task: Annotated[
        int | None,
        typer.Option(
            metavar="I",
            min=1,
            help="Run point I alone, for job arrays; the same command without it then gathers.",
        ),
    ] = None,
    list_points: Annotated[
        bool, typer.Option("--list", help="Check and print the points; nothing is run.")
    ] = False,
) -> None:
    """Run a case at many values of its keys, and put them in one table and figures.

    [b]anodefem sweep RUN.toml --over geometry.gap_ratio=1.2:1.6:5 --over sei.recipe=ec-dmc,fec[/b]

    All points are checked before the first is run. The same command goes on where it was ended:
    finished points are kept. A point that fails does not stop the others, and is in the table.
    """
    from anodefem import launch
    from anodefem import sweep as sweeps

    if bool(over) == bool(sensitivity):
        raise InputError("give either --over or --sensitivity; see anodefem sweep --help.")
    launch.require_launcher(ranks)
    if over:
        plan = sweeps.sweep(case_file, settings or (), over, samples=samples, seed=seed)
    elif samples is not None:
        raise InputError("--samples: belongs to --over; leave it out.")
    else:
        plan = sweeps.sensitivity(case_file, settings or (), sensitivity or ())
    if task is not None and task > len(plan.points):
        raise InputError(f"--task {task}: there are {len(plan.points)} points.")
    cases = sweeps.check(plan)
    if list_points:
        for point in plan.points:
            typer.echo(f"{point.number:4}  {point.label}")
        return
    study = sweeps.Sweep(
        plan=plan,
        cases=cases,
        folder=output or Path("out", f"{_name(cases[0])}-{plan.kind}"),
    )
    study.prepare()
    points = plan.points if task is None else plan.points[task - 1 : task]
    fates = _run_points(study, points, jobs or max(1, launch.cores() // ranks), ranks)
    lost = [number for number, fate in fates.items() if fate.status != "completed"]
    if task is None:
        from anodefem.compare import sweeps as tables

        study.save(fates)
        with Console(stderr=True).status("drawing"):
            tables.write(study.folder)
    typer.echo(f"{len(fates) - len(lost)} of {len(fates)} points completed; {study.folder}")
    if lost:
        raise typer.Exit(ConvergenceError.exit_code)


@app.command()
def verify(
    problems: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="All if none is named.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Only those that are quick to solve.")
    ] = False,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Also write one object a check there."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Keep results and curves there."),
    ] = None,
    jobs: Annotated[
        int, typer.Option("-j", "--jobs", min=1, help="Problems solved at a time.")
    ] = os.cpu_count() or 1,
) -> None:
    """Solve problems whose answer is known and say how far off the computed one is.

    Exit code 0: every error is within its tolerance; 1: some are not.
    """
    import json

    from anodefem.verify import runner

    def say(result: runner.Result, number: int, count: int) -> None:
        worst = max((c["error"] / c["tolerance"] for c in result["checks"]), default=float("nan"))
        fate = "passed" if runner.passed(result) else "FAILED"
        typer.echo(
            f"{number:3}/{count} {fate} {result['id']:44} "
            f"largest error {worst:9.2e} of its tolerance {result['seconds']:6.1f} s"
        )

    results = runner.verify(problems or (), quick=quick, jobs=jobs, output=output, say=say)
    rows = runner.table(results)
    if json_file:
        json_file.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    for result in results:
        if result["failure"]:
            typer.echo(f"\n{result['id']}:\n{result['failure']}", err=True)
    for row in rows:
        if not row["pass"] and row["exact"] is not None:
            typer.echo(
                f"{row['id']}: {row['quantity']} is {row['computed']:.9g}, should be "
                f"{row['exact']:.9g}: error {row['error']:.2e}, allowed {row['tolerance']:.2e}",
                err=True,
            )
    failed = sum(not runner.passed(result) for result in results)
    typer.echo(f"{len(results)} problems, {len(rows)} checks, {failed} failed")
    if failed:
        raise typer.Exit(1)


def _run_points(study: Sweep, points: Sequence[Point], at_once: int, ranks: int) -> dict[int, Fate]:
    """Run points of a sweep, showing how far it is."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("points"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=len(points))

        def tell(point: Point, fate: Fate) -> None:
            progress.advance(bar)
            reason = f": {fate.reason}" if fate.reason else ""
            progress.console.print(
                f"{point.number:4}  {point.label}  {fate.status}{reason}", markup=False
            )

        return study.run(points, at_once=at_once, ranks=ranks, tell=tell)


@app.command()
def converge(
    case_file: CaseFile,
    settings: Settings = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="DIR", help="Default: out/convergence/NAME OF THE CASE."
        ),
    ] = None,
    ratio: Annotated[
        float, typer.Option("--ratio", help="Of the edges of one mesh and the next.")
    ] = 1.4,
    step_ratio: Annotated[
        float, typer.Option("--step-ratio", help="Of the steps of one level and the next.")
    ] = 2.0,
    finer: Annotated[
        int,
        typer.Option(
            "--finer",
            min=0,
            max=2,
            help="How many of the two other meshes, and of the two other lengths of steps, are "
            "finer than the case's own; the rest is coarser, which costs less.",
        ),
    ] = 2,
    ranks: Annotated[int, typer.Option("--ranks", min=1, help="Of every run, by mpirun.")] = 1,
    jobs: Annotated[
        int | None,
        typer.Option("-j", "--jobs", min=1, help="Runs at a time; as many as there are cores for."),
    ] = None,
    publish: Annotated[
        bool,
        typer.Option(
            "--publish",
            help="Put convergence.json beside the case file, where later runs take their error "
            "bars from, and the table into README.md there.",
        ),
    ] = False,
) -> None:
    """Estimate the discretisation error of every metric of a case.

    Runs it on three meshes and with three lengths of steps, five runs in all, and extrapolates. An
    interrupted study goes on where it was; runs that are there already are used again.
    """
    from anodefem import cases, launch
    from anodefem.converge import converge as study

    case = cases.load(case_file, settings or ())
    folder = output or Path("out", "convergence", _name(case))
    found = study(
        case_file,
        settings or (),
        folder,
        ratio=ratio,
        step_ratio=step_ratio,
        finer=finer,
        ranks=ranks,
        jobs=jobs or max(1, launch.cores() // ranks),
        publish=publish,
        say=typer.echo,
    )
    lost = sum(item.error == float("inf") for item in found)
    typer.echo(f"{len(found)} metrics, {lost} of which do not converge; errors in {folder}")


def _console() -> Console:
    """Return a console that does not cut tables where nobody looks at a terminal."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH)


def _name(case: Case) -> str:
    """Name of a case: its folder's, or its file's if that is not run.toml."""
    path = case.path.resolve()
    return path.parent.name if path.name == "run.toml" else path.stem


def _refuse_run(folder: Path) -> None:
    if (folder / "run.json").exists():
        raise InputError(
            f"{folder} holds another run; name another folder with -o, or remove this one."
        )


def _together(comm: Any, work: Callable[[], Result]) -> Result:
    """Do ``work`` on every rank; if it fails on one, raise that error on all of them."""
    result, mine = None, None
    try:
        result = work()
    except AnodefemError as error:
        mine = error
    first = next((error for error in comm.allgather(mine) if error is not None), None)
    if first is not None:
        raise first
    return result  # type: ignore[return-value]


def main() -> None:
    """Run the command line."""
    app()

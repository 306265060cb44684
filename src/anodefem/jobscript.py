"""Job scripts for clusters: one case or one sweep under Slurm or PBS, carried on until it is done.

A script asks the scheduler to be warned before its time is over, passes the warning on to the run
as SIGUSR1, and the run writes a checkpoint and ends with exit code 143. The script then submits
itself again, and the run goes on from that checkpoint; it stops when the run is done, has failed,
or has not completed a single step in a whole job, and when the job is cancelled.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Literal

from anodefem.errors import InputError

Scheduler = Literal["slurm", "pbs"]

#: A run is warned this share of its time before the end, but not less than `LEAST_WARNING`.
WARNING_SHARE = 0.05
#: Enough for a checkpoint of a large run on a busy file system [s].
LEAST_WARNING = 60
#: More have no machine.
MOST_RANKS = 10_000_000
_TIME = re.compile(
    r"(?:(?P<days>\d{1,3})-)?(?P<hours>\d{1,3}):(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d))?"
)
#: Options that a script has already, and how to ask for something else.
_OWN: dict[Scheduler, dict[str, str]] = {
    "slurm": {
        "(--time|-t)": "give --time",
        "(--ntasks|-n)": "give --ranks",
        "(--nodes|-N)": "give --nodes",
        "(--array|-a)": "give --over",
        "--signal": "the run is warned by it",
    },
    "pbs": {
        r"-l\s*walltime": "give --time",
        r"-l\s*(select|nodes)": "give --nodes and --ranks",
        "-J": "give --over",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a job does, and where.

    Attributes:
        name: Name of the job, and of its log.
        command: Words of `anodefem run` or `anodefem sweep` without ranks, output and resumption.
        folder: Output folder of the run or the sweep, seen from the project.
        project: Folder from which the command is run; absolute.
        tasks: Number of points of a sweep, which becomes a job array; None for a single run.
    """

    name: str
    command: tuple[str, ...]
    folder: Path
    project: Path
    tasks: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """What is asked of the scheduler.

    Attributes:
        nodes: Number of nodes.
        ranks: Number of MPI ranks in all; a multiple of the nodes.
        time: Longest duration of one job [s].
        options: Further options of the scheduler, as in "--partition=short" or "-q long".
        setup: Lines of shell before the run, as in "module load dolfinx/0.9".
        environment: Command that enters an environment, as in "apptainer exec image.sif"; "" where
            ``setup`` does it.
        launcher: Command that starts ranks within it; "{ranks}" stands for their number. A sweep
            starts its ranks itself, by mpirun.
        scratch: Folder on the node's own disk for compiled forms.
    """

    nodes: int
    ranks: int
    time: int
    options: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()
    environment: str = "container/run"
    launcher: str = "mpirun -n {ranks}"
    scratch: str = "/tmp"

    def __post_init__(self) -> None:
        if self.nodes < 1 or self.ranks < 1:
            raise InputError(
                f"--nodes {self.nodes} --ranks {self.ranks}: give at least one of each."
            )
        if self.ranks > MOST_RANKS:
            raise InputError(f"--ranks {self.ranks}: give at most {MOST_RANKS}.")
        words = {
            "--option": self.options,
            "--setup": self.setup,
            "--environment": (self.environment,),
            "--launcher": (self.launcher,),
            "--scratch": (self.scratch,),
        }
        for name, lines in words.items():
            for line in lines:
                if not line.isprintable():
                    raise InputError(f"{name} {line!r}: must be one line of plain text.")
                _check_quotes(name, line)
        for option in self.options:
            if not option.startswith("-"):
                raise InputError(
                    f"--option {option!r}: write it with its dashes, as in '--partition=short'."
                )
        if not self.scratch.startswith("/"):
            raise InputError(
                f"--scratch {self.scratch!r}: give an absolute path, such as /tmp: a job starts "
                "anywhere."
            )
        if self.ranks > 1 and not self.launcher.strip():
            raise InputError(
                f"--launcher '': starts one rank, not {self.ranks}; name one such as srun."
            )
        for name in re.findall(r"(?<!\$)\{([^}]*)", self.launcher):
            if name != "ranks":
                raise InputError(
                    f"--launcher {self.launcher!r}: only {{ranks}} stands for something, as in "
                    "'mpirun -n {ranks}'."
                )
        if self.ranks % self.nodes:
            raise InputError(
                f"--ranks {self.ranks} do not divide evenly among --nodes {self.nodes}; "
                f"take {self.ranks - self.ranks % self.nodes or self.nodes} or "
                f"{self.ranks + self.nodes - self.ranks % self.nodes}."
            )
        if self.nodes > 1 and self.environment == "container/run":
            raise InputError(
                f"--nodes {self.nodes}: the Debian environment of container/run runs on one node; "
                "name another with --environment, as in --environment '' --setup 'module load "
                "dolfinx' --launcher srun, or take --nodes 1."
            )
        if self.time < 2 * LEAST_WARNING:
            raise InputError(
                f"--time: {self.time} s leaves no time to run before the warning; give at least "
                f"{duration_text(2 * LEAST_WARNING)}."
            )

    @property
    def warning(self) -> int:
        """How long before its end a job is warned [s]."""
        return min(max(LEAST_WARNING, round(WARNING_SHARE * self.time)), self.time // 2)


def _check_quotes(name: str, line: str) -> None:
    """Refuse a line of shell whose quotes do not end: the script would end in it.

    Args:
        name: Option that it was given with.
        line: The line.
    """
    try:
        shlex.split(line, comments=True)
    except ValueError as error:
        raise InputError(f"{name} {line!r}: has a quote that does not end.") from error


def _check_options(options: Sequence[str], scheduler: Scheduler) -> None:
    """Refuse options that would take the place of what the script relies on.

    Args:
        options: Further options of the scheduler.
        scheduler: "slurm" or "pbs".
    """
    for option in options:
        for mine, asked in _OWN[scheduler].items():
            if re.match(rf"{mine}(?![a-z-])", option):
                raise InputError(
                    f"--option {option!r}: would contradict what the script asks for itself; "
                    f"{asked}."
                )


def duration(text: str) -> int:
    """Return seconds of "HH:MM", "HH:MM:SS" or "D-HH:MM:SS", as schedulers write durations.

    Raises:
        InputError: The text is none of them.
    """
    found = _TIME.fullmatch(text.strip())
    if not found:
        raise InputError(
            f"--time {text}: give hours and minutes, as in 04:00:00, or days, as in 1-12:00:00."
        )
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def duration_text(seconds: int) -> str:
    """Return "HH:MM:SS" of a duration [s]; hours are not limited to a day."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def script(work: Work, allocation: Allocation, scheduler: Scheduler, *, path: Path) -> str:
    """Return a job script.

    Args:
        work: What the job does.
        allocation: What is asked of the scheduler.
        scheduler: "slurm" or "pbs".
        path: Where the script will be kept: a job that is out of time submits this file again.
    """
    _check_options(allocation.options, scheduler)
    text = _SWEEP if work.tasks else _RUN
    directives = (_slurm if scheduler == "slurm" else _pbs)(work, allocation)
    here = shlex.quote(str(path))
    # PBS warns nobody before the end of a job
    seconds = allocation.time - allocation.warning
    alarm = f"timeout --foreground --preserve-status --signal=USR1 {seconds}"
    start = [
        alarm if scheduler == "pbs" else "",
        allocation.environment,
        "" if work.tasks else allocation.launcher.replace("{ranks}", str(allocation.ranks)),
    ]
    return _Script(text).substitute(
        {
            "submit": {"slurm": "sbatch", "pbs": "qsub"}[scheduler],
            "path": here,
            "directives": "\n".join(directives),
            "what": _WHAT[bool(work.tasks)],
            "project": shlex.quote(str(work.project)),
            "setup": "".join(f"{line}\n" for line in allocation.setup),
            "scratch": shlex.quote(allocation.scratch),
            "folder": shlex.quote(str(work.folder)),
            "launcher": " ".join(word for word in start if word),
            "command": shlex.join(work.command),
            "ranks": allocation.ranks,
            "seconds": seconds,
            "task": {"slurm": "$SLURM_ARRAY_TASK_ID", "pbs": "$PBS_ARRAY_INDEX"}[scheduler],
            "again": _AGAIN[scheduler].format(path=here),
        }
    )


def _slurm(work: Work, allocation: Allocation) -> list[str]:
    array = [f"--array=1-{work.tasks}"] if work.tasks else []
    log = f"{work.name}-%A-%a.log" if work.tasks else f"{work.name}-%j.log"
    options = [
        f"--job-name={work.name}",
        *array,
        f"--nodes={allocation.nodes}",
        f"--ntasks={allocation.ranks}",
        "--cpus-per-task=1",
        f"--time={duration_text(allocation.time)}",
        f"--signal=B:USR1@{allocation.warning}",
        f"--output={log}",
        *allocation.options,
    ]
    return [f"#SBATCH {option}" for option in options]


def _pbs(work: Work, allocation: Allocation) -> list[str]:
    per_node = allocation.ranks // allocation.nodes
    array = [f"-J 1-{work.tasks}"] if work.tasks else []
    options = [
        f"-N {work.name[:15]}",
        *array,
        f"-l select={allocation.nodes}:ncpus={per_node}:mpiprocs={per_node}",
        f"-l walltime={duration_text(allocation.time)}",
        "-j oe",
        *allocation.options,
    ]
    return [f"#PBS {option}" for option in options]


#: How a job that is out of time is followed by another one.
_AGAIN = {
    "slurm": 'sbatch --dependency="afterany:$SLURM_JOB_ID" {path}',
    "pbs": 'qsub -W depend="afterany:$PBS_JOBID" {path}',
}

#: What a script does, for a run and for a sweep.
_WHAT = {
    False: "When its time is nearly over, the run writes\n"
    "# a checkpoint and this script submits itself again, until the run is done.",
    True: "One point a task. When all have ended, the same\n"
    "# sweep without --task writes the table and the figures, and runs what is missing.",
}


class _Script(Template):
    """Text with "@name" where something is put in: "$" belongs to the shell."""

    delimiter = "@"


_HEAD = """\
#!/bin/bash
# Submit with: @submit @path
@directives
# Made by `anodefem jobscript`. @what
set -euo pipefail
heard="" work=""
trap 'heard+=" USR1"; [ -z "$work" ] || kill -USR1 "$work" 2>/dev/null || true' USR1
trap 'heard+=" TERM"; [ -z "$work" ] || kill -TERM "$work" 2>/dev/null || true' TERM
cd @project
@{setup}# Compiled forms go to the node's own disk: the next job there finds them again.
ANODEFEM_JIT_CACHE=@scratch/anodefem-jit-$(id -un)
export ANODEFEM_JIT_CACHE
# Ranks are the parallelism: one thread each.
export OMP_NUM_THREADS=1
"""

# A signal that comes before there is a command, or before that listens, is passed on, too. Signals
# interrupt `wait`, so it is called until the command has ended.
_WAIT = """\
work=$!
for signal in $heard; do kill "-$signal" "$work" 2>/dev/null || true; done
code=0 again=yes
while [ -n "$again" ]; do
    again=""
    wait "$work" && code=0 || code=$?
    if kill -0 "$work" 2>/dev/null; then again=yes; fi
done
"""

_RUN = f"""\
{_HEAD}\
out=@folder
rows() {{ wc -l 2>/dev/null <"$out/metrics.csv" || echo 0; }}
before=$(rows)
resume=()
[ ! -e "$out/run.json" ] || resume=(--resume)
@launcher @command -o "$out" "${{resume[@@]}}" &
{_WAIT}\
case $code$heard in
# 138: SIGUSR1 came before the run listened; 1: what mpirun makes of a signal that it hears
130* | 138* | 143* | '1 '*)
    # without a warning before: whoever cancels a job does not want another one
    case $heard in
    " TERM"*)
        if [ "$SECONDS" -lt @seconds ]; then
            echo "ended before its time; to go on from its last step: @submit" @path >&2
            exit 143
        fi
        ;;
    esac
    if [ "$(rows)" -le "$before" ]; then
        echo "no step was completed in the whole job: give it more time or more ranks" >&2
        exit 1
    fi
    @again
    ;;
*) exit "$code" ;;
esac
"""

_SWEEP = f"""\
{_HEAD}\
@launcher @command -o @folder --ranks @ranks --task "@task" &
{_WAIT}\
exit "$code"
"""

"""Work scripts: what they ask for, and how they carry a run on, with a scheduler that is played."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from anodefem.errors import InputError
from anodefem.jobscript import Allocation, Scheduler, Work, duration, duration_text, script

RUN = ("anodefem", "run", "runs/graphene-cage/run.toml", "--set", "geometry.gap_ratio=1.4")
SWEEP = ("anodefem", "sweep", "run.toml", "--over", "sei.recipe=ec-dmc,fec")


def made(
    folder: Path, scheduler: Scheduler, *, command: tuple[str, ...] = RUN, tasks: int | None = None
) -> str:
    """Text of a script for an hour on four ranks, whose program is a stand-in in ``folder``."""
    work = Work(name="cage", command=command, folder=Path("out/cage"), project=folder, tasks=tasks)
    allocation = Allocation(
        nodes=1, ranks=4, time=3600, environment=f"{folder}/program", launcher="-n {ranks}"
    )
    return script(work, allocation, scheduler, path=folder / "cage.sh")


def program(folder: Path, lines: str) -> None:
    """Put stand-ins for the run and for the schedulers into a folder; each notes its words."""
    for name, body in {"program": lines, "sbatch": "", "qsub": ""}.items():
        file = folder / name
        file.write_text(f'#!/bin/bash\necho "{name} $*" >>{folder}/calls\n{body}\n')
        file.chmod(0o755)


def carried_out(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Run a script as a node would."""
    file = folder / "cage.sh"
    file.write_text(text)
    environment = {
        "PATH": f"{folder}:/usr/bin:/bin",
        "SLURM_JOB_ID": "7",
        "SLURM_ARRAY_TASK_ID": "3",
        "PBS_JOBID": "7.host",
        "PBS_ARRAY_INDEX": "3",
    }
    return subprocess.run(
        ["bash", str(file)], env=environment, capture_output=True, text=True, timeout=30
    )


def calls(folder: Path) -> list[str]:
    return (folder / "calls").read_text().splitlines()


@pytest.mark.parametrize("scheduler", ["slurm", "pbs"])
def test_a_run_that_is_done_is_not_submitted_again(tmp_path: Path, scheduler: Scheduler) -> None:
    program(tmp_path, "exit 0")
    assert carried_out(tmp_path, made(tmp_path, scheduler)).returncode == 0
    assert calls(tmp_path) == [f"program -n 4 {' '.join(RUN)} -o out/cage"]


@pytest.mark.parametrize(
    ("scheduler", "submitted"),
    [
        ("slurm", "sbatch --dependency=afterany:7 {}/cage.sh"),
        ("pbs", "qsub -W depend=afterany:7.host {}/cage.sh"),
    ],
)
def test_a_run_out_of_time_goes_on_in_the_next_job(
    tmp_path: Path, scheduler: Scheduler, submitted: str
) -> None:
    program(
        tmp_path,
        "mkdir -p out/cage; touch out/cage/run.json; echo row >>out/cage/metrics.csv; exit 143",
    )
    for _ in range(2):
        assert carried_out(tmp_path, made(tmp_path, scheduler)).returncode == 0
    first, again, second, last = calls(tmp_path)
    assert again == last == submitted.format(tmp_path)
    assert "--resume" not in first
    assert second == f"{first} --resume"


def test_a_run_that_gets_nowhere_is_given_up(tmp_path: Path) -> None:
    program(tmp_path, "exit 143")
    ended = carried_out(tmp_path, made(tmp_path, "slurm"))
    assert ended.returncode == 1
    assert "no step was completed" in ended.stderr
    assert len(calls(tmp_path)) == 1


@pytest.mark.parametrize("code", [2, 3])
def test_a_run_that_failed_is_not_tried_again(tmp_path: Path, code: int) -> None:
    program(tmp_path, f"exit {code}")
    assert carried_out(tmp_path, made(tmp_path, "slurm")).returncode == code
    assert len(calls(tmp_path)) == 1


def test_the_warning_reaches_the_run(tmp_path: Path) -> None:
    program(
        tmp_path,
        "trap 'mkdir -p out/cage; echo row >out/cage/metrics.csv; exit 143' USR1\n"
        "kill -USR1 $PPID; for i in $(seq 100); do sleep 0.1; done; exit 9",
    )
    assert carried_out(tmp_path, made(tmp_path, "slurm")).returncode == 0
    assert calls(tmp_path)[-1].startswith("sbatch ")


@pytest.mark.parametrize("code", [1, 138, 143])
@pytest.mark.parametrize("steps", ["", "mkdir -p out/cage; echo row >out/cage/metrics.csv; "])
def test_a_job_that_is_cancelled_stays_so(tmp_path: Path, code: int, steps: str) -> None:
    program(tmp_path, f"{steps}trap 'exit {code}' TERM; kill -TERM $PPID; sleep 1; exit 9")
    ended = carried_out(tmp_path, made(tmp_path, "slurm"))
    assert ended.returncode == 143
    assert "ended before its time; to go on from its last step: sbatch " in ended.stderr
    assert not calls(tmp_path)[-1].startswith("sbatch ")


def test_a_signal_that_comes_before_the_run_is_passed_on(tmp_path: Path) -> None:
    program(tmp_path, "sleep 5; exit 9")
    text = made(tmp_path, "slurm").replace("export OMP_NUM", "kill -TERM $$\nexport OMP_NUM", 1)
    ended = carried_out(tmp_path, text)
    assert ended.returncode == 143
    assert "ended before its time" in ended.stderr


def test_a_job_that_is_ended_when_its_time_is_over_goes_on_in_the_next_one(tmp_path: Path) -> None:
    program(
        tmp_path,
        "trap 'mkdir -p out/cage; echo row >out/cage/metrics.csv; exit 143' TERM\n"
        "kill -TERM $PPID; for i in $(seq 100); do sleep 0.1; done; exit 9",
    )
    text = re.sub(r'"\$SECONDS" -lt \d+', '"$SECONDS" -lt 0', made(tmp_path, "pbs"))
    assert carried_out(tmp_path, text).returncode == 0
    assert calls(tmp_path)[-1].startswith("qsub ")


@pytest.mark.parametrize(("code", "signal"), [(138, "USR1"), (2, "TERM"), (3, "TERM"), (1, "")])
def test_a_job_whose_time_is_over_or_that_failed_does_not(
    tmp_path: Path, code: int, signal: str
) -> None:
    tell = f"trap 'exit {code}' {signal}; kill -{signal} $PPID; sleep 1; exit 9" if signal else ""
    program(tmp_path, tell or f"exit {code}")
    ended = carried_out(tmp_path, made(tmp_path, "slurm"))
    assert ended.returncode == (1 if signal == "USR1" else code)
    assert ("no step was completed" in ended.stderr) == (signal == "USR1")
    assert not calls(tmp_path)[-1].startswith("sbatch ")


@pytest.mark.parametrize("scheduler", ["slurm", "pbs"])
def test_a_sweep_is_an_array_of_its_points(tmp_path: Path, scheduler: Scheduler) -> None:
    program(tmp_path, "exit 0")
    text = made(tmp_path, scheduler, command=SWEEP, tasks=12)
    assert {"slurm": "#SBATCH --array=1-12", "pbs": "#PBS -J 1-12"}[scheduler] in text
    assert carried_out(tmp_path, text).returncode == 0
    assert calls(tmp_path) == [f"program {' '.join(SWEEP)} -o out/cage --ranks 4 --task 3"]


def test_what_is_asked_of_the_scheduler() -> None:
    work = Work(name="cage", command=RUN, folder=Path("out/cage"), project=Path("/work"))
    asked = Allocation(
        nodes=2,
        ranks=16,
        time=duration("1-12:00:00"),
        options=("--partition=long",),
        setup=("module load dolfinx",),
        environment="",
        launcher="srun",
    )
    slurm = script(work, asked, "slurm", path=Path("job.sh"))
    for line in ("--nodes=2", "--ntasks=16", "--time=36:00:00", "--signal=B:USR1@6480"):
        assert f"#SBATCH {line}\n" in slurm
    assert "#SBATCH --partition=long\n" in slurm
    assert "\nmodule load dolfinx\n" in slurm
    pbs = script(work, asked, "pbs", path=Path("job.sh"))
    assert "#PBS -l select=2:ncpus=8:mpiprocs=8\n" in pbs
    assert "#PBS -l walltime=36:00:00\n" in pbs
    assert f"--signal=USR1 {36 * 3600 - 6480} srun anodefem run" in pbs


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ranks": 0}, "at least one"),
        ({"nodes": 2, "ranks": 7}, "take 6 or 8"),
        ({"nodes": 2, "ranks": 8}, "runs on one node"),
        ({"time": 60}, "at least 00:02:00"),
        ({"ranks": 9 * 10**20}, "at most"),
        ({"launcher": "mpirun -n {n}"}, "only {ranks} stands for something"),
        ({"launcher": "mpirun {"}, "only {ranks}"),
        ({"options": ("--a\n#SBATCH --b",)}, "--option .* must be one line"),
        ({"setup": ("a\nb",)}, "--setup .* must be one line"),
        ({"setup": ("echo 'a",)}, "--setup .* has a quote that does not end"),
        ({"environment": 'a "b'}, "--environment .* has a quote that does not end"),
        ({"options": ("partition=short",)}, "--option .* write it with its dashes"),
        ({"options": ("",)}, "--option .* write it with its dashes"),
        ({"scratch": ""}, "--scratch .* absolute path"),
        ({"scratch": "tmp/x"}, "--scratch .* absolute path"),
        ({"launcher": ""}, "starts one rank, not 4"),
    ],
)
def test_what_cannot_be_asked(changes: dict[str, object], message: str) -> None:
    given: dict[str, object] = {"nodes": 1, "ranks": 4, "time": 3600}
    with pytest.raises(InputError, match=message):
        Allocation(**(given | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scheduler", "option", "told"),
    [
        ("slurm", "--time=1", "give --time"),
        ("slurm", "-n 8", "give --ranks"),
        ("slurm", "--array=1-5", "give --over"),
        ("slurm", "--signal=B:TERM@1", "the run is warned by it"),
        ("pbs", "-l walltime=1:00:00", "give --time"),
        ("pbs", "-l select=3", "give --nodes"),
        ("slurm", "--ntasks-per-node=2", ""),
        ("slurm", "--nodelist=a", ""),
        ("pbs", "-l mem=1gb", ""),
    ],
)
def test_options_that_the_script_has_itself(scheduler: Scheduler, option: str, told: str) -> None:
    work = Work(name="cage", command=RUN, folder=Path("out/cage"), project=Path("/work"))
    asked = Allocation(nodes=1, ranks=4, time=3600, options=(option,))
    if told:
        with pytest.raises(InputError, match=f"would contradict .*; {told}"):
            script(work, asked, scheduler, path=Path("job.sh"))
    else:
        assert f" {option}\n" in script(work, asked, scheduler, path=Path("job.sh"))


@pytest.mark.parametrize(
    ("text", "seconds"), [("04:00", 14400), ("00:02:30", 150), ("2-00:00:00", 172800)]
)
def test_durations(text: str, seconds: int) -> None:
    assert duration(text) == seconds
    assert duration(duration_text(seconds)) == seconds


@pytest.mark.parametrize("text", ["4h", "", "1:2:3", "12", "04:61:00", "04:00:60", "1000-00:00:00"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="hours and minutes"):
        duration(text)


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="needs shellcheck")
@pytest.mark.parametrize("scheduler", ["slurm", "pbs"])
@pytest.mark.parametrize("tasks", [None, 5])
def test_scripts_pass_shellcheck(tmp_path: Path, scheduler: Scheduler, tasks: int | None) -> None:
    file = tmp_path / "job.sh"
    file.write_text(made(tmp_path, scheduler, tasks=tasks))
    subprocess.run(["shellcheck", str(file)], check=True, timeout=60)


def test_the_command_writes_a_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from anodefem.cli import app

    root = Path(__file__).resolve().parents[2]
    monkeypatch.chdir(tmp_path)
    case = str(root / "runs" / "graphene-cage" / "run.toml")
    words = ["jobscript", case, "--scheduler", "slurm", "--ranks", "4", "--time", "01:00:00"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("sbatch graphene-cage.sh")
    text = (tmp_path / "graphene-cage.sh").read_text()
    assert f"container/run mpirun -n 4 anodefem run {case} -o" in text
    assert f'sbatch --dependency="afterany:$SLURM_JOB_ID" {tmp_path}/graphene-cage.sh' in text
    assert CliRunner().invoke(app, words).exit_code == 2  # nothing is overwritten
    over = [*words, "--over", "geometry.gap_ratio=1.2,1.3,1.4", "--script", "sweep.sh"]
    assert CliRunner().invoke(app, over).exit_code == 0
    assert "#SBATCH --array=1-3\n" in (tmp_path / "sweep.sh").read_text()
    for changed, told in (
        (["--script", "no/such/folder/x.sh"], "cannot be written"),
        (["--script", "x.sh", "--over", "geometry.gap=1,2"], "gap: unknown key"),
    ):
        done = CliRunner().invoke(app, [*words, *changed])
        assert done.exit_code == 2
        assert told in done.stderr
    assert not (tmp_path / "x.sh").exists()

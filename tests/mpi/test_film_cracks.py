"""An SEI that cracks: on any ranks, in one go or in two, and after a refused step."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

MPI = pytest.importorskip("mpi4py.MPI")

from anodefem.cases import load  # noqa: E402
from anodefem.errors import ConvergenceError  # noqa: E402
from anodefem.solve.clock import Clock, Rejection  # noqa: E402
from anodefem.solve.newton import Outcome  # noqa: E402
from anodefem.solve.run import run  # noqa: E402
from anodefem.solve.stepping import Stepper  # noqa: E402
from anodefem.verify.runs import Result, case_file  # noqa: E402

pytestmark = pytest.mark.mpi
COMM = MPI.COMM_WORLD

# Lithium comes from two sides at an edge, so the film breaks there first.
TEXT = """
title = "An SEI that cracks"

[geometry]
plugin = "bare_particle"
kinematics = "axisymmetric"
shape = "faceted"
refinement = 0.4

[materials]
particle = "silicon-amorphous"

[sei]
recipe = "ec-dmc"
toughness = "0.02 J/m^2"

[protocol]
steps = [
    "lithiate at 1C until soc = 0.1",
    "delithiate at 1C until soc = 0.06",
    "lithiate at 1C until soc = 0.1",
]

[solver]
linear = "direct"
initial_step = 0.004
max_soc_step = 0.004
step_tolerance = 0.1

[output]
fields_every = 0.004
"""
HISTORY = ("sei_reached", "sei_broken", "sei_exposed")


def assert_alike(one: Result, other: Result) -> None:
    """Compare every metric of the SEI, relative to its largest value, and what is told of it."""
    assert list(one.metrics) == list(other.metrics)
    for name, values in one.metrics.items():
        if name.startswith("sei_"):
            scale = max(float(np.abs(values).max()), 1e-12)
            assert np.abs(other[name] - values).max() <= 1e-8 * scale, name
    messages = [[event["message"] for event in r.record["events"]] for r in (one, other)]
    assert messages[0] == messages[1]
    failures = [json.dumps(r.record["first_failures"], sort_keys=True) for r in (one, other)]
    first, second = (json.loads(text) for text in failures)
    for name, when in first.items():
        assert (when is None) == (second[name] is None)
        if when is not None:
            assert second[name]["soc"] == pytest.approx(when["soc"], rel=1e-9)


@pytest.mark.slow
def test_cracks_of_a_film_depend_neither_on_ranks_nor_on_a_stop(shared_tmp_path: Path) -> None:
    path = case_file(shared_tmp_path, TEXT, COMM)
    alone, together, parts = (shared_tmp_path / name for name in ("alone", "together", "parts"))
    if COMM.rank == 0:
        run(load(path), alone, MPI.COMM_SELF)
        # in the middle of the way back: broken, and open in part
        with pytest.raises(ConvergenceError, match="after 26 steps"):
            run(load(path, ["solver.max_steps=26"]), parts, MPI.COMM_SELF)
    COMM.Barrier()
    stopped = Result.read(parts)
    assert stopped["step"][-1] == 2.0 and stopped["sei_exposed_area"][-1] > 0.0
    if COMM.size > 1:
        run(load(path), together, COMM)
    run(load(path), parts, COMM, resume=True)
    COMM.Barrier()
    whole = Result.read(alone)
    share = whole["sei_area_cracked"]
    assert ((share > 0.0) & (share < 1.0)).any() and share[-1] > 0.0
    assert (whole["sei_area_channelled"] > 0.0).any()
    for name in ("sei_exposed_area", "sei_exposed_area_channel"):
        assert (np.diff(whole[name]) >= 0.0).all()
        first, back = (whole[name][whole["step"] == step][-1] for step in (1.0, 2.0))
        # lithium still spreads when the current turns, so some facets open a little more
        assert 0.0 < first <= back < 1.01 * first
        assert whole[name][-1] > 1.2 * first
    third = whole["step"] == 3.0
    assert whole["sei_exposed_area_step"][third][-1] == pytest.approx(
        whole["sei_exposed_area"][-1] - whole["sei_exposed_area"][~third][-1]
    )
    if COMM.size > 1:
        assert_alike(whole, Result.read(together))
    assert_alike(whole, Result.read(parts))


def test_a_refused_step_leaves_no_cracks(
    shared_tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts: dict[int, list[list[np.ndarray]]] = {}
    refused: list[int] = []
    steps = [0]
    predict, fault = Stepper._predict, Stepper._fault

    def begin(self: Stepper, clock: Clock, dt: float) -> None:
        state = self.model.state
        fields = [state[name].x.array.copy() for name in HISTORY]
        starts.setdefault(clock.steps, []).append(fields)
        steps[0] = clock.steps
        predict(self, clock, dt)

    def refuse(self: Stepper, outcome: Outcome, change: float) -> Rejection | None:
        if steps[0] == 18 and not refused:
            refused.append(1)
            self.updates.accept()  # the worst that can happen to a step that is taken back
            return Rejection("state", "refused by the test")
        return fault(self, outcome, change)

    monkeypatch.setattr(Stepper, "_predict", begin)
    monkeypatch.setattr(Stepper, "_fault", refuse)
    path = case_file(shared_tmp_path, TEXT, COMM)
    with pytest.raises(ConvergenceError, match="after 19 steps"):
        run(load(path, ["solver.max_steps=19"]), shared_tmp_path / "out", COMM)
    first, again = starts[18]
    for before, after in zip(first, again, strict=True):
        np.testing.assert_array_equal(before, after)
    largest = COMM.allreduce(float(first[2].max(initial=0.0)), op=MPI.MAX)
    assert largest > 0.0


@pytest.mark.parametrize("sliding", [False, True])
def test_a_rank_may_have_no_film(shared_tmp_path: Path, sliding: bool) -> None:
    """A particle of a few cells, whose middle is a third of it: no rank waits for another."""
    words = 'shape = "faceted"\nrefinement = 0.4', 'toughness = "0.02 J/m^2"'
    text = TEXT.replace(words[0], "refinement = 0.2")
    if sliding:
        text = text.replace('recipe = "ec-dmc"', 'recipe = "lif-rich-thf"')
        text = text.replace(words[1], "slide = true")
    case = load(case_file(shared_tmp_path, text, COMM), ["solver.max_steps=1"])
    with pytest.raises(ConvergenceError, match="after 1 step"):
        run(case, shared_tmp_path / "out", COMM)

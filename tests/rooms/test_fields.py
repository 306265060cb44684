"""State: what a step carries, gives back, stores and predicts follows from the flags of fields."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("mpi4py.MPI")

from anodefem.fem.domain import Domain
from anodefem.fem.fields import GLOBAL, Memory, State, Unknown, at_points
from anodefem.workbench.bodies import block, read

pytestmark = pytest.mark.serial


@pytest.fixture(scope="module")
def domain(tmp_path_factory: pytest.TempPathFactory) -> Domain:
    """Return a unit square of eight triangles."""
    return read(block("plane_strain"), tmp_path_factory.mktemp("square"), order=1)


def state(domain: Domain) -> State:
    """Fields with every combination of flags that occurs."""
    return State(
        domain,
        [
            Unknown(name="moving", element=("Lagrange", 1), scales=(1.0,), step_weights=(1.0,)),
            Unknown(name="crack", element=("Lagrange", 1), scales=(1.0,), predicted=False),
            Unknown(name="mean", element=GLOBAL, scales=(1.0,)),
        ],
        [
            Memory(name="kept", element=at_points(domain, 3), initial=(1.0, 2.0, 3.0)),
            Memory(name="scratch", element=at_points(domain), carried=False, stored=False),
        ],
    )


def test_memories_begin_with_their_initial_value(domain: Domain) -> None:
    rows = state(domain)["kept"].x.array.reshape(-1, 3)
    np.testing.assert_array_equal(rows, np.tile([1.0, 2.0, 3.0], (len(rows), 1)))


def test_what_is_stored_follows_from_the_flags(domain: Domain) -> None:
    assert list(state(domain).stored()) == [
        "moving",
        "crack",
        "mean",
        "kept",
        "moving_rate",
        "mean_rate",
        "moving_bend",
        "mean_bend",
    ]


def test_a_snapshot_gives_back_unknowns_and_carried_memories_only(domain: Domain) -> None:
    fields = state(domain)
    before = fields.snapshot()
    assert list(before) == ["moving", "crack", "mean", "kept"]
    for name in (*before, "scratch"):
        fields[name].x.array[:] = 7.0
    fields.begin()
    fields.restore(before)
    for name, values in before.items():
        np.testing.assert_array_equal(fields[name].x.array, values, err_msg=name)
    np.testing.assert_array_equal(fields["scratch"].x.array, 7.0)
    np.testing.assert_array_equal(fields.start("moving").x.array, 0.0)


def test_predicted_unknowns_go_on_at_their_rate(domain: Domain) -> None:
    fields = state(domain)
    fields.dt.value = 2.0
    for name in ("moving", "crack", "mean"):
        fields[name].x.array[:] = 4.0
    fields.find_rates(0.0)
    fields.begin()
    fields.predict(3.0, 2.0)
    np.testing.assert_allclose(fields["moving"].x.array, 10.0, rtol=1e-15)
    np.testing.assert_array_equal(fields["crack"].x.array, 4.0)
    assert fields.value("mean") == pytest.approx(10.0, rel=1e-15)


def test_predicted_unknowns_follow_a_parabola(domain: Domain) -> None:
    """x(t) = 2 - 3 t + t^2 by steps of 1, 0.5 and 2."""
    fields, t, before = state(domain), 0.0, 0.0

    def x(t: float) -> float:
        return 2.0 - 3.0 * t + t**2

    fields["moving"].x.array[:] = x(t)
    fields.begin()
    for dt in (1.0, 0.5):
        t += dt
        fields.dt.value = dt
        fields["moving"].x.array[:] = x(t)
        fields.find_rates(before)
        fields.begin()
        before = dt
    fields.dt.value = 2.0
    fields.predict(2.0, before)
    np.testing.assert_allclose(fields["moving"].x.array, x(3.5), rtol=1e-14)
    np.testing.assert_allclose(fields.departure("moving", before), 0.0, atol=1e-14)
    fields["moving"].x.array[:] += 0.25
    np.testing.assert_allclose(fields.departure("moving", before), 0.25, rtol=1e-14)


def test_the_change_of_a_step_counts_what_has_a_weight(domain: Domain) -> None:
    fields = state(domain)
    fields["crack"].x.array[:] = 1.0
    fields["moving"].x.array[0] = -0.25
    assert fields.change() == 0.25

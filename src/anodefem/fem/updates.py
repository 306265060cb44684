"""What a physics does beside the forms as a run goes on."""

from __future__ import annotations


class Update:
    """Hooks of a run, in the order in which a step calls them; all are empty, all collective.

    `started` and `initialised` are called once, `protocol_step` at the start of every step of the
    protocol. A time step calls `local_solve` at every iterate of Newton's method, `loaded` when it
    has been solved with staggered unknowns (those that are not monolithic) held as at its start,
    then either `rejected`, or `solved`, `evaluate`, `store` and `accepted`.
    """

    def initialised(self) -> None:
        """The hosts have been filled to the initial state of charge: what forms then, forms."""

    def started(self) -> None:
        """The run begins, or goes on after a restart, from the present state."""

    def protocol_step(self) -> None:
        """A step of the protocol begins."""

    def local_solve(self) -> None:
        """Bring what is not in the forms up to the present fields."""

    def loaded(self) -> None:
        """The step has been solved with staggered unknowns held as at its start."""

    def rejected(self) -> None:
        """The step is taken back, the fields are those of its start; must not communicate."""

    def solved(self) -> None:
        """The step is accepted; fields are those of its end, histories those of its start."""

    def evaluate(self) -> None:
        """Find histories at the end of the step, from those at its start."""

    def store(self) -> None:
        """Make them those of the start of the next step."""

    def accepted(self) -> None:
        """All histories belong to the start of the next step, whose length is zero so far."""

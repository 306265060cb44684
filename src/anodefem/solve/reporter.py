"""Says and writes every accepted step, and keeps the checkpoint."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

from anodefem.cases import Output, Protocol
from anodefem.errors import InvariantError
from anodefem.fem.checkpoint import Checkpoint
from anodefem.fem.model import Model
from anodefem.parallel import on_first_rank
from anodefem.results.cycles import Cycles
from anodefem.results.fields import FieldWriter
from anodefem.results.metrics import Metrics
from anodefem.results.record import Record
from anodefem.solve.clock import Clock, Occurrence
from anodefem.solve.control import TimeLoop

LOG = logging.getLogger("anodefem")
#: Work that a run which is killed may lose at most, beside the step under way [s].
CHECKPOINT_AGE = 300.0


class Reporter:
    """Called by the time loop after every accepted step; collective.

    Attributes:
        loop: The time loop that reports here.
        cycles: What has been summed up of the cycles.
    """

    loop: TimeLoop

    def __init__(
        self,
        record: Record,
        model: Model,
        metrics: Metrics,
        folder: Path,
        output: Output,
        protocol: Protocol,
    ) -> None:
        """Prepare the files of a run.

        Args:
            record: Takes the rows of metrics.
            model: Supplies the fields.
            metrics: Knows the limits of columns, and which the log shows.
            folder: Run folder.
            output: What is written, and how often.
            protocol: What is done; knows the cycles.
        """
        self._record, self._model, self._metrics = record, model, metrics
        self._spacing = output.fields_every
        self._folder, self._protocol = folder, protocol
        self.cycles = Cycles(protocol.formation)
        #: Cycles whose fields are written: the first, every so many, and the last.
        last = max((step.cycle for step in protocol.steps), default=1)
        self._drawn = {0, *range(1, last, output.cycles_every), last}
        self._writer = FieldWriter(model, folder, output.formats, detailed=output.fields == "all")
        self._checkpoint = Checkpoint(model.domain, model.state, folder)
        self._written = -np.inf
        self._saved = time.monotonic()

    def resume(self) -> None:
        """Restore state, clock and sums from the checkpoint, and forget what came after it."""
        facts, loop = self._checkpoint.load(), self.loop
        loop.log.clock = Clock(**facts["clock"])
        loop.log.occurrences = [Occurrence(**event) for event in facts["events"]]
        self._model.symbols.sums.update(facts["sums"])
        self._model.state.soc.value = loop.clock.soc
        loop.updates.started()
        self._record.resume(loop.clock.steps, facts["metrics"])
        loop.log.before = self._record.last
        for row in self._record.rows:
            self.cycles.add(row)
        self._writer.resume(loop.clock.t)
        self._written = facts.get("drawn", self._record.last["soc [-]"])
        LOG.info("resumed at t = %.4g s, soc %.4f", loop.clock.t, loop.clock.soc)

    def save(self) -> None:
        """Write a checkpoint of the state as it is at the end of the last accepted step."""
        self._checkpoint.save(
            {
                "metrics": self._record.mark(),
                "clock": asdict(self.loop.clock),
                "events": [asdict(event) for event in self.loop.log.occurrences],
                "sums": self._model.symbols.sums,
                "drawn": self._written,
            }
        )
        self._saved = time.monotonic()

    def save_cycles(self) -> None:
        """Write cycles.csv as far as it goes; collective.

        Raises:
            DiskError: It cannot be written.
        """
        path, shown = self._folder / "cycles.csv", self._metrics.of_cycles
        on_first_rank(self._model.domain.comm, lambda: self.cycles.write(path, shown))

    def enough(self) -> str:
        """Why the run ends with the cycle that is over; "" if it goes on."""
        limit, kept = self._protocol.stop_at_retention, self.cycles.retention()
        if limit is None or not kept < limit:
            return ""
        return (
            f"capacity has fallen to {kept:.4g} of that of cycle {self.cycles.first}, below "
            f"{limit:g} (protocol.stop_at_retention)"
        )

    def completed(self) -> None:
        """Write the fields of the last state, if the run has ended before its last cycle."""
        if self.loop.clock.cycle not in self._drawn:
            self._writer.write(self.loop.clock.t)

    def _is_late(self) -> bool:
        """Whether the last checkpoint is older than `CHECKPOINT_AGE`; collective."""
        age = time.monotonic() - self._saved
        return bool(self._model.domain.comm.bcast(age > CHECKPOINT_AGE, root=0))

    def __call__(self, row: dict[str, float], end: bool) -> None:
        """Take an accepted step.

        Args:
            row: Its metrics by head of column.
            end: It ends a step of the protocol.

        Raises:
            InvariantError: A column with a limit is beyond it.
        """
        self._record.add(row)
        self.cycles.add(row)
        soc = row["soc [-]"]
        # before the checkpoint: a run must not go on from a state that cannot be trusted
        if broken := self._metrics.broken(row):
            raise InvariantError(
                f"stopped at t = {row['t [s]']:.6g} s, soc = {soc:.4f}: {broken}. What follows "
                "could not be trusted; please report the case."
            )
        if end or abs(soc - self._written) >= self._spacing:
            if row["cycle [-]"] in self._drawn:
                self._writer.write(row["t [s]"])
            self._written = soc
            self.save()
        elif self._is_late():
            self.save()
        if end:
            self.save_cycles()
        LOG.info(
            "step %d  t %10.4g s  dt %9.3g s  soc %.4f  its %2d%s",
            row["step [-]"],
            row["t [s]"],
            row["dt [s]"],
            soc,
            row["newton_iterations [-]"],
            self._metrics.logged(row),
        )

"""Many cases from one: planned, checked, run side by side, resumed."""

from __future__ import annotations

from anodefem.sweep.design import Plan, Point, check, sensitivity, sweep
from anodefem.sweep.run import Fate, Sweep

__all__ = ["Fate", "Plan", "Point", "Sweep", "check", "sensitivity", "sweep"]

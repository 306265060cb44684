"""Errors that a user can act on, and how they leave the program."""

from __future__ import annotations


class AnodefemError(Exception):
    """Base of every error that is reported as one message instead of a traceback.

    Attributes:
        exit_code: Exit code of the command line when this error ends it.
    """

    exit_code = 1


class InputError(AnodefemError):
    """The input cannot be used: says where, what was given, what is allowed and what to do."""

    exit_code = 2


class AlreadyCompleted(InputError):
    """A run that was to go on is done: no fault where a scheduler starts its job once more."""

    exit_code = 0


class InvariantError(AnodefemError):
    """The run has broken a law that it must keep; everything computed so far has been kept."""

    exit_code = 3


class ConvergenceError(AnodefemError):
    """The run cannot go on; everything computed so far has been kept."""

    exit_code = 3

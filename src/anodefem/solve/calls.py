"""What PETSc's objects call, without being kept alive by them.

They hold their callbacks where Python's collector does not look: an object that holds a solver
which calls it would outlive the run, with its mesh, matrices and factorisations.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any


def weakly(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that calls a bound method and does not keep its object alive.

    Args:
        method: Of an object that lives for as long as it is called.

    Raises:
        ReferenceError: By the function, if it does not.
    """
    reference = weakref.WeakMethod(method)

    def call(*arguments: Any) -> Any:
        alive = reference()
        if alive is None:
            raise ReferenceError("the object that this solver belongs to is gone")
        return alive(*arguments)

    return call

"""Sums of forms."""

from __future__ import annotations

from collections.abc import Iterable

import ufl


def added(forms: Iterable[ufl.Form]) -> ufl.Form:
    """Return the sum of one or more forms."""
    first, *others = forms
    return sum(others, first)

"""Numbers in a page: few bytes, read at once by a browser."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import numpy as np
import numpy.typing as npt

#: Code of "not a number" among 16-bit values.
MISSING = 0xFFFF


class Encoder:
    """Arrays in one block of bytes, described by small entries for JSON."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def integers(self, values: npt.NDArray[np.integer]) -> dict[str, Any]:
        """Store non-negative integers of any shape; returns their description."""
        flat = np.ascontiguousarray(values).ravel()
        kind = "u2" if flat.max(initial=0) < MISSING else "u4"
        return self._add(flat.astype(f"<{kind}"), kind)

    def floats(self, values: npt.NDArray[np.floating]) -> dict[str, Any]:
        """Store numbers of any shape in single precision; returns their description."""
        return self._add(np.ascontiguousarray(values).ravel().astype("<f4"), "f4")

    def scaled(self, values: npt.NDArray[np.floating]) -> dict[str, Any]:
        """Store numbers of any shape in 65 535 steps from the least to the largest.

        NaN stays NaN; returns their description.
        """
        flat = np.ascontiguousarray(values, dtype=float).ravel()
        known = np.isfinite(flat)
        low = float(flat[known].min()) if known.any() else 0.0
        step = (float(flat[known].max()) - low) / (MISSING - 1) if known.any() else 0.0
        codes = np.full(flat.shape, MISSING)
        codes[known] = np.round((flat[known] - low) / (step or 1.0))
        return self._add(codes.astype("<u2"), "u2") | {"low": low, "step": step}

    def text(self, header: dict[str, Any]) -> str:
        """Return a JSON header and all arrays, compressed, as text for a page."""
        head = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
        head += b" " * (-len(head) % 4)
        whole = b"".join([len(head).to_bytes(4, "little"), head, *self._parts])
        return base64.b64encode(gzip.compress(whole, compresslevel=9, mtime=0)).decode()

    def _add(self, values: npt.NDArray[Any], kind: str) -> dict[str, Any]:
        part = values.tobytes()
        entry = {"at": self._size, "n": int(values.size), "type": kind}
        part += b"\0" * (-len(part) % 4)
        self._parts.append(part)
        self._size += len(part)
        return entry


def number(value: float) -> float | None:
    """Return a number with six digits; None if it is not finite."""
    return float(f"{value:.6g}") if np.isfinite(value) else None


def numbers(values: npt.NDArray[np.floating]) -> list[float | None]:
    """Return numbers with six digits each; None where they are not finite."""
    return [number(float(value)) for value in values]

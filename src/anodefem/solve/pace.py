"""Whether a run gets on fast enough ever to reach the end of its protocol step."""

from __future__ import annotations

from collections import deque

#: Accepted steps over which the pace is measured.
WINDOW = 30
#: Steps that get longer by more, from the first half of these to the second, are getting on.
RECOVERY = 3.0


class Pace:
    """Measures how far the last steps of a protocol step have come."""

    def __init__(self, most: int) -> None:
        """Begin a protocol step.

        Args:
            most: Steps that a run may take.
        """
        self._most = most
        self._times: deque[float] = deque(maxlen=WINDOW + 1)

    def hopeless(self, t: float, end: float, steps: int) -> str | None:
        """Why there is no use in going on after one more step, or None.

        Args:
            t: Time at its end [s].
            end: Time at which the protocol step ends [s].
            steps: Steps of the run so far.
        """
        self._times.append(t)
        if len(self._times) <= WINDOW:
            return None
        advance, middle = t - self._times[0], self._times[WINDOW // 2]
        if t - middle > RECOVERY * (middle - self._times[0]):
            return None
        wanted = WINDOW * (end - t) / advance
        if steps + wanted <= self._most:
            return None
        return (
            f"the last {WINDOW} steps together took it {advance:.3g} s further, and "
            f"{end - t:.3g} s are left: at this pace {wanted:.2g} more steps"
        )

"""What to do about a sensor that is silent or gone, and when: the recovery ladder, without doing any of it."""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from itertools import accumulate
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from random import Random

# Silence that passes before each rung after the first, s of the night.
RUNG_WAITS_S = (3.0, 2.0, 3.0, 10.0)
# bleak-retry-connector begins at 0.1 s; a sensor that was just dropped takes longer to advertise again.
BACKOFF_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
# Several collectors, or several sensors of one, must not knock in step.
JITTER = 0.2
# A sensor that was just dropped, and the Bluetooth stack of the computer, need a moment (Windows up to 3 s).
SETTLE_S = (1.0, 2.0)
# So many rounds without data, and so soon one after the other: the adapter itself may hang.
ROUNDS = 3
ROUNDS_WITHIN_S = 120.0


class Rung(StrEnum):
    """One thing to try on a sensor that is connected and silent.

    Starting comes before stopping and starting, because a start that finds the sensor streaming changes nothing, and a
    stop may cost what the sensor still keeps.
    """

    READ_HEALTH = "read health"
    START_AGAIN = "start again"
    STOP_AND_START = "stop and start"
    SUBSCRIBE_AGAIN = "subscribe again"
    RECONNECT = "reconnect"


class SilenceLadder:
    """Says which rung is due on a connected sensor; good for one link.

    Parameters
    ----------
    silence_s : float
        Silence before the first rung, s of the night.
    waits_s : tuple of float
        Further silence before each of the other rungs, s of the night.
    mono_ns : int
        Monotonic time of the night at which the sensor was set up.

    Examples
    --------
    >>> ladder = SilenceLadder(3.0, RUNG_WAITS_S, mono_ns=0)
    >>> [str(ladder.due(second * NS_PER_S)) for second in (2, 4, 5, 7)]
    ['None', 'read health', 'None', 'start again']
    >>> ladder.hear(8 * NS_PER_S), ladder.due(9 * NS_PER_S)
    (2, None)
    """

    def __init__(self, silence_s: float, waits_s: tuple[float, ...], mono_ns: int) -> None:
        self.silence_s = silence_s
        due_s = accumulate(waits_s, initial=silence_s)
        self._plan = [(round(seconds * NS_PER_S), rung) for seconds, rung in zip(due_s, Rung, strict=True)]
        self._heard_ns = mono_ns
        self._climbed = 0

    def hear(self, mono_ns: int) -> int:
        """Take note of data, and return how many rungs had been climbed before it came."""
        climbed, self._climbed, self._heard_ns = self._climbed, 0, mono_ns
        return climbed

    def excuse(self, stalled_ns: int) -> None:
        """Take this computer's own stall out of the silence: nobody could have been heard."""
        self._heard_ns += stalled_ns

    def due(self, mono_ns: int) -> Rung | None:
        """Return the rung that is due now, each once per silence."""
        if self._climbed == len(self._plan):
            return None
        silence_ns, rung = self._plan[self._climbed]
        if mono_ns - self._heard_ns < silence_ns:
            return None
        self._climbed += 1
        return rung


class Backoff:
    """How long to wait before the next attempt to connect.

    Parameters
    ----------
    rng : random.Random
        Source of the jitter.

    Examples
    --------
    >>> from random import Random
    >>> backoff = Backoff(Random(1))
    >>> [backoff.next_s() < 40 for _ in range(7)] == [True] * 7 and 24 < backoff.next_s() < 36
    True
    """

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.failures = 0

    def next_s(self) -> float:
        """Count a failure and return the wait that follows it, s of the night."""
        base_s = BACKOFF_S[min(self.failures, len(BACKOFF_S) - 1)]
        self.failures += 1
        return base_s * self._rng.uniform(1 - JITTER, 1 + JITTER)

    def settle_s(self) -> float:
        """Return how long to leave a sensor alone that this computer itself disconnected, s of the night."""
        return self._rng.uniform(*SETTLE_S)

    @property
    def exhausted(self) -> bool:
        """Whether the longest wait has just been reached: time to raise the alarm, and to keep trying."""
        return self.failures == len(BACKOFF_S)

    def reset(self) -> None:
        """Forget the failures; the sensor delivers."""
        self.failures = 0


class FailedRounds:
    """Says when a sensor failed so often that the adapter is to blame.

    Parameters
    ----------
    within_s : float
        Three rounds that ended without data within this time are too many, s of the night.

    Examples
    --------
    >>> rounds = FailedRounds(120.0)
    >>> [rounds.fail(second * NS_PER_S) for second in (0, 50, 110, 160, 400)]
    [False, False, True, False, False]
    """

    def __init__(self, within_s: float) -> None:
        self._within_ns = round(within_s * NS_PER_S)
        self._failed_ns: deque[int] = deque(maxlen=ROUNDS)

    def fail(self, mono_ns: int) -> bool:
        """Count a round that ended without data, and tell whether it was one too many; then the count begins anew."""
        self._failed_ns.append(mono_ns)
        too_many = len(self._failed_ns) == ROUNDS and mono_ns - self._failed_ns[0] <= self._within_ns
        if too_many:
            self._failed_ns.clear()
        return too_many

    def reset(self) -> None:
        """Forget them; the sensor delivers."""
        self._failed_ns.clear()

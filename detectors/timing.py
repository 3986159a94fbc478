"""From hops to the times of an event."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from detectors.runs import Run
    from detectors.signal import Clock, Stream


@dataclass(frozen=True, slots=True)
class Timing:
    """How late an envelope says that something happened.

    Parameters
    ----------
    stream : Stream
        The stream.
    hop : int
        Samples per hop.
    delay : int
        Samples that the envelope is late: half of its window and the delay of its filter.
    lead : int
        Samples that activity begins before the envelope, moved back by `delay`, crosses its threshold.
    """

    stream: Stream
    hop: int
    delay: int
    lead: int = 0

    def sample(self, hop: int) -> int:
        """Return the sample that a change seen in hop `hop` happened at, 0 or later."""
        return max((hop + 1) * self.hop - self.delay, 0)

    def first(self, hop: int) -> int:
        """Return the sample that what is seen from hop `hop` on began at, 0 or later."""
        return max(self.sample(hop) - self.lead, 0)

    def span(self, run: Run, first_hop: int, stop_hop: int) -> tuple[int, int]:
        """Return the samples ``[onset, end)`` of a run.

        Parameters
        ----------
        run : Run
            Hops, as the envelope shows them.
        first_hop, stop_hop : int
            Extent of the signal without a gap around it; a run that reaches its end lasts to its
            last sample.

        Returns
        -------
        tuple of int
            Onset and end.
        """
        first, stop = first_hop * self.hop, stop_hop * self.hop
        onset = min(max(self.first(run.onset), first), stop)
        end = stop if run.end >= stop_hop else min(max(self.sample(run.end), first), stop)
        return onset, end

    def times_ns(self, clock: Clock, onset: int, end: int) -> tuple[int, int]:
        """Return UTC of the samples ``[onset, end)``, ns.

        The end is one sample after the last one, which the clock in force is sure to know. Where
        the clock steps back in between, the samples are counted instead.
        """
        onset_ns, last = clock.at(onset), max(end - 1, onset)
        if _steps_back(clock, onset, last):
            return onset_ns, onset_ns + round((end - onset) * NS_PER_S / self.stream.fs_hz)
        return onset_ns, clock.at(last) + (round(NS_PER_S / self.stream.fs_hz) if end > onset else 0)


def _steps_back(clock: Clock, first: int, last: int) -> bool:
    """Say whether time runs backwards anywhere between two samples."""
    start, stop = (bisect_right(clock.knots, index, key=lambda knot: knot.index) for index in (first, last))
    return any(knot.time_ns < clock.at(knot.index - 1) for knot in clock.knots[start:stop])

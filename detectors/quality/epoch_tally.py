"""How many seconds of each half minute were what they should be."""

from __future__ import annotations

from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from detectors.signal import Quantity
from detectors.track import Flag, TrackName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.quality.criteria import ValidityCriteria
    from detectors.signal import Stream
    from detectors.track import Track

EPOCH_S: Final = 30.0
# The track that comes last of each span, with a value and the flags of its frame for every hop that was there.
LEADING: Final = {Quantity.EMG: TrackName.ENVELOPE_UV, Quantity.ACCELERATION: TrackName.MOVEMENT_G}

_OFF = int(Flag.ELECTRODE_OFF)
_FLAT = int(Flag.FLAT | Flag.STUCK)
_SATURATED = int(Flag.SATURATED | Flag.CLIPPED)
_UNSCORED = int(Flag.DISABLED | Flag.LINE)
_DOUBTFUL = int(Flag.MOTION | Flag.POP | Flag.ECG | Flag.LINE_HIGH | Flag.POOR_CONTACT)
# Nothing is found in seconds that carry one of these.
_SPOILT = _OFF | _FLAT | _SATURATED | _UNSCORED


class EpochClass(IntEnum):
    """What half a minute of signal is good for."""

    BAD = 0
    USABLE = 1
    GOOD = 2


class EpochCounts(NamedTuple):
    """Hops of one epoch: how many were there, and how many carried which kind of flag."""

    present: int = 0
    off: int = 0
    flat: int = 0
    saturated: int = 0
    unscored: int = 0
    doubtful: int = 0
    clean: int = 0

    def plus(self, other: EpochCounts) -> EpochCounts:
        """Return the sum of both."""
        return EpochCounts(*map(int.__add__, self, other))


_KINDS = (_OFF, _FLAT, _SATURATED, _UNSCORED, _DOUBTFUL)


class EpochTally:
    """Count the hops of a segment in epochs that lie on multiples of 30 s from its sample 0.

    Parameters
    ----------
    stream : Stream
        The stream that the tracks are derived from.
    """

    def __init__(self, stream: Stream) -> None:
        self.length = round(EPOCH_S * stream.fs_hz)
        self.hop = 1
        self.stop = 0
        self._counts: dict[int, EpochCounts] = {}

    def add(self, track: Track) -> None:
        """Count the hops of a leading track."""
        if not len(track.values):
            return
        self.hop, self.stop = track.hop, track.stop
        for number, counts in self._counted(track):
            before = self._counts.get(number)
            self._counts[number] = counts if before is None else before.plus(counts)

    def numbers(self) -> list[int]:
        """Return the numbers of the epochs that have a hop, in order."""
        return sorted(self._counts)

    def clean(self, number: int) -> int:
        """Return in how many hops of an epoch something could be found."""
        return self._counts.get(number, EpochCounts()).clean

    def judge(self, number: int, criteria: ValidityCriteria, stop: int) -> EpochClass:
        """Say what an epoch is good for.

        Parameters
        ----------
        number : int
            The epoch, counted from sample 0.
        criteria : ValidityCriteria
            What is bad.
        stop : int
            Sample after the last one that could have come; what lies behind is not missing.

        Returns
        -------
        EpochClass
            Bad, usable or good.
        """
        counts = self._counts.get(number, EpochCounts())
        until = min((number + 1) * self.length, stop)
        expected = max(-(-until // self.hop) - -(-number * self.length // self.hop), 1)
        if counts.clean == counts.present >= expected and not counts.doubtful:
            return EpochClass.GOOD
        present = max(counts.present, 1)
        bad = (
            expected - counts.present > criteria.max_dropout_share * expected,
            counts.off > criteria.max_off_share * present,
            counts.flat > criteria.max_flat_share * present,
            counts.saturated > criteria.max_saturated_share * present,
            counts.unscored > criteria.max_unscored_share * present,
        )
        if any(bad):
            return EpochClass.BAD
        doubtful = counts.doubtful + counts.saturated + counts.unscored > criteria.max_doubtful_share * present
        return EpochClass.USABLE if doubtful else EpochClass.GOOD

    def forget_before(self, number: int) -> None:
        """Drop the epochs before a number."""
        for earlier in [known for known in self._counts if known < number]:
            del self._counts[earlier]

    def _counted(self, track: Track) -> Iterator[tuple[int, EpochCounts]]:
        """Yield what a track adds to each epoch that it reaches into."""
        first, last = track.start // self.length, (track.stop - track.hop) // self.length
        cuts = [0, *(-(-(n * self.length - track.start) // track.hop) for n in range(first + 1, last + 1))]
        lengths = [stop - start for start, stop in pairwise((*cuts, len(track.values)))]
        seen = int(np.bitwise_or.reduce(track.quality))
        if not seen & (_SPOILT | _DOUBTFUL):
            for at, present in enumerate(lengths):
                yield first + at, EpochCounts(present, clean=present)
            return
        columns = [_in_each(track, flag, cuts) if seen & flag else [0] * len(cuts) for flag in _KINDS]
        spoilt = _in_each(track, _SPOILT, cuts) if seen & _SPOILT else [0] * len(cuts)
        for at, present in enumerate(lengths):
            off, flat, saturated, unscored, doubtful = (column[at] for column in columns)
            clean = present - spoilt[at]
            yield first + at, EpochCounts(present, off, flat, saturated, unscored, doubtful, clean)


def _in_each(track: Track, flag: int, cuts: list[int]) -> list[int]:
    """Return how many hops of each stretch carry one of some flags."""
    flagged = (track.quality & flag) != 0
    counts: list[int] = np.add.reduceat(flagged, cuts, dtype=np.int64).tolist()
    return counts

"""The RMS of a band in hops, and its way past the resting level."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detectors.filters import SectionFilter, SlidingMean, hop_means
from detectors.resting import Levels, Spans
from detectors.signal import Gap
from detectors.track import Flag, Track

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from detectors.framing import Grid, Piece
    from detectors.resting import RestingLevel

Measured = tuple[Spans, Callable[[Levels], list[Track]]]
"""What the resting level looks at, and what makes tracks once it is known."""


@dataclass(frozen=True, slots=True)
class Hops:
    """The whole hops of a piece.

    Parameters
    ----------
    first : int
        Number of the first hop, counted from sample 0.
    inside : slice
        Their samples in the piece.
    power, envelope : ndarray of float64, shape (n_hops,)
        Mean square of each hop over all axes, and its RMS over the window.
    settling : int
        The window of so many of the first reaches back to where nothing is known.
    """

    first: int
    inside: slice
    power: NDArray[np.float64]
    envelope: NDArray[np.float64]
    settling: int

    def flags(self, frame_flags: NDArray[np.uint16]) -> NDArray[np.uint16]:
        """Return the flags of each hop from those of its frame."""
        flags = np.repeat(frame_flags, len(self.envelope) // len(frame_flags))
        flags[: self.settling] |= Flag.UNSETTLED.value
        return flags


@dataclass(frozen=True, slots=True)
class Band:
    """The filtered samples of the whole hops of a piece.

    Parameters
    ----------
    first : int
        Number of the first hop, counted from sample 0.
    inside : slice
        Their samples in the piece.
    samples : ndarray of float64, shape (n_hops * hop,)
        The samples, which may be changed.
    """

    first: int
    inside: slice
    samples: NDArray[np.float64]


class Envelope:
    """Measure the RMS of a band, in steps between which the band and its power may be cleaned.

    Parameters
    ----------
    grid : Grid
        Hops and frames.
    hop_s : float
        Length of a hop, s.
    sections : ndarray of float64, shape (n_sections, 6)
        The band.
    window_s : float
        Window of the RMS, s.
    sample_s : float
        The resting level looks at one value in so many seconds.
    """

    def __init__(
        self, grid: Grid, hop_s: float, sections: NDArray[np.float64], window_s: float, sample_s: float
    ) -> None:
        self._grid = grid
        self._filter = SectionFilter(sections)
        self._window = SlidingMean(max(1, round(window_s / hop_s)))
        self._unsettled = 0
        self._sample_every = max(1, round(sample_s / hop_s))
        self.values_per_s = 1 / (self._sample_every * hop_s)

    def band(self, piece: Piece) -> Band | None:
        """Filter the next piece; None if it does not fill a hop."""
        hop = self._grid.hop
        if piece.restart:
            self._filter.restart()
            self._window.restart()
            # Not more than a frame: behind the first whole one pieces are as long as it happens.
            self._unsettled = min(self._window.width, self._grid.hops_per_frame)
        filtered = self._filter.feed(piece.data)
        lead = -piece.start % hop
        n_hops = (len(filtered) - lead) // hop
        if n_hops < 1:
            return None
        inside = slice(lead, lead + n_hops * hop)
        return Band((piece.start + lead) // hop, inside, np.ascontiguousarray(filtered[inside, 0]))

    def power(self, band: Band) -> NDArray[np.float64]:
        """Return the mean square of each hop; the samples are squares afterwards."""
        return hop_means(np.multiply(band.samples, band.samples, out=band.samples), self._grid.hop)

    def hops(self, band: Band, power: NDArray[np.float64]) -> Hops:
        """Smooth the power of the hops, which come in order."""
        settling = min(self._unsettled, len(power))
        self._unsettled -= settling
        return Hops(band.first, band.inside, power, np.sqrt(self._window.feed(power)), settling)

    def spans(self, hops: Hops, usable: NDArray[np.bool_]) -> Spans:
        """Pick the values that the resting level looks at, given whether each frame is usable."""
        rows = hops.envelope.reshape(len(usable), -1)
        first = self._sample_every - 1
        skipped = -(-max(hops.settling - first, 0) // self._sample_every)
        return Spans(rows[:, first + skipped * self._sample_every :: self._sample_every], usable)


class Levelling:
    """Hold what was measured until the resting level is known.

    Parameters
    ----------
    resting : RestingLevel
        Looks at everything, in order.
    measure : callable
        Measures one piece; None if there is nothing in it.
    """

    def __init__(self, resting: RestingLevel, measure: Callable[[Piece], Measured | None]) -> None:
        self._resting = resting
        self._measure = measure
        self._held: list[Measured | Gap] = []

    def feed(self, pieces: Iterable[Piece | Gap]) -> list[Track | Gap]:
        """Take the next pieces and gaps, and return what is known now."""
        for piece in pieces:
            measured = piece if isinstance(piece, Gap) else self._measure(piece)
            if measured is None:
                continue
            if not isinstance(measured, Gap):
                self._resting.offer(measured[0])
            self._held.append(measured)
        return self._released() if self._resting.ready else []

    def finish(self, pieces: Iterable[Piece | Gap]) -> list[Track | Gap]:
        """Take the last pieces, and return all that was held back."""
        known = self.feed(pieces)
        self._resting.settle()
        return known + self._released()

    def _released(self) -> list[Track | Gap]:
        held, self._held = self._held, []
        out: list[Track | Gap] = []
        for item in held:
            if isinstance(item, Gap):
                out.append(item)
            else:
                spans, tracks = item
                out += tracks(self._resting.follow(spans))
        return out

"""A stream of a table looked through once: how many samples, how fast, what is missing, and where time jumps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from detectors.signal import NS_PER_S
from ingest.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# A step that is longer than this many usual ones lacks a sample.
_MOST_STEPS: Final = 1.5
# Times that are told more coarsely than this part of a step cannot show that one sample is missing.
_FINE_PART: Final = 0.25
# A column that is empty in most rows is one of a slower rate, and no signal with gaps.
_MOST_MISSING: Final = 0.5
_RATE_ERROR: Final = 0.01
_ROUNDING: Final = 2e-6


class Jump(NamedTuple):
    """A step in time that is not the usual one.

    Parameters
    ----------
    row : int
        The row after it.
    before_ns : int
        What the time column says before it, ns.
    step_ns : int
        How long it is, ns; it may go back.
    """

    row: int
    before_ns: int
    step_ns: int


class _AxisSurvey:
    """One axis: in the long form the pieces of a table need not hold as many samples of each."""

    def __init__(self) -> None:
        self.starts: list[int] = [0]
        self.missing: list[tuple[int, int]] = []

    def feed(self, values: NDArray[np.float32]) -> None:
        n_rows = self.starts[-1]
        edges = np.flatnonzero(np.diff(~np.isfinite(values), prepend=False, append=False)) + n_rows
        for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            if self.missing and self.missing[-1][1] == begin:
                begin = self.missing.pop()[0]  # noqa: PLW2901 - goes on from the piece before
            self.missing.append((begin, end))
        self.starts.append(n_rows + len(values))


class StreamSurvey:
    """One stream of a table.

    Parameters
    ----------
    place : str
        The file and the stream, for messages.
    fs_hz : float or None
        The rate that is declared.
    n_axes : int
        How many axes it has.
    """

    def __init__(self, place: str, fs_hz: float | None, n_axes: int) -> None:
        self._place, self._declared_hz = place, fs_hz
        self._axes = [_AxisSurvey() for _ in range(n_axes)]
        self.jumps: list[Jump] = []
        self.first_ns: int | None = None
        self._n_timed = 0
        self._last_ns = 0
        self._usual: tuple[float, int] | None = None
        self._regular = (0, 0)

    @property
    def starts(self) -> tuple[tuple[int, ...], ...]:
        """Of each axis, the first row of each piece, and the number of rows."""
        return tuple(tuple(axis.starts) for axis in self._axes)

    @property
    def n_rows(self) -> int:
        """How many samples there are."""
        return self._axes[0].starts[-1]

    @property
    def missing(self) -> list[tuple[int, int]]:
        """Rows ``[start, stop)`` without a number in some axis."""
        joined: list[tuple[int, int]] = []
        for begin, end in sorted(run for axis in self._axes for run in axis.missing):
            if joined and begin <= joined[-1][1]:
                joined[-1] = joined[-1][0], max(end, joined[-1][1])
            else:
                joined.append((begin, end))
        return joined

    def feed(self, values: Sequence[NDArray[np.float32]], times_ns: NDArray[np.int64] | None) -> None:
        """Take one piece.

        Parameters
        ----------
        values : sequence of ndarray of float32
            One per axis.
        times_ns : ndarray of int64 or None
            The time column, of the first axis.
        """
        if times_ns is not None and len(times_ns):
            self._time(times_ns)
            self._n_timed += len(times_ns)
        for axis, one in zip(self._axes, values, strict=True):
            axis.feed(one)

    def expect_samples(self) -> None:
        """Refuse a stream that is none: without a row, with axes of different lengths, or empty in most rows.

        Raises
        ------
        DecodeError
            If it is none.
        """
        lengths = sorted({axis.starts[-1] for axis in self._axes})
        n_missing = sum(end - begin for begin, end in self.missing)
        if len(lengths) > 1:
            raise DecodeError(
                f"{self._place}: {lengths[0]} to {lengths[-1]} samples in its axes, expected equally many"
            )
        if self.n_rows == 0:
            raise DecodeError(f"{self._place}: no row, expected samples")
        if n_missing > _MOST_MISSING * self.n_rows:
            raise DecodeError(
                f"{self._place}: empty in {n_missing} of {self.n_rows} rows, expected samples in most; "
                "signals of several rates need a file each, or the long form"
            )

    def rate_hz(self) -> float:
        """Return the sampling rate: as declared, or as the time column says it.

        Returns
        -------
        float
            Hz.

        Raises
        ------
        DecodeError
            If nothing says it, or the two differ.
        """
        n_steps, lasted_ns = self._regular
        measured_hz = n_steps * NS_PER_S / lasted_ns if lasted_ns > 0 else None
        if self._declared_hz is None:
            if measured_hz is None:
                raise DecodeError(
                    f"{self._place}: the time column does not say how fast it was measured, expected fs_hz"
                )
            # What is told in whole nanoseconds of a rate that is a whole number.
            whole_hz = round(measured_hz)
            return float(whole_hz) if whole_hz and abs(measured_hz / whole_hz - 1) < _ROUNDING else measured_hz
        if measured_hz is not None and abs(measured_hz / self._declared_hz - 1) > _RATE_ERROR:
            raise DecodeError(
                f"{self._place}: the time column says {measured_hz:g} Hz and fs_hz {self._declared_hz:g}, "
                "expected the same"
            )
        return self._declared_hz

    def _time(self, times_ns: NDArray[np.int64]) -> None:
        if self.first_ns is None:
            self.first_ns = self._last_ns = int(times_ns[0])
            steps, first_row = np.diff(times_ns), 1
        else:
            steps, first_row = np.diff(times_ns, prepend=self._last_ns), 0
        self._last_ns = int(times_ns[-1])
        if self._usual is None and len(steps):
            self._usual = self._usual_step(steps)
        if self._usual is None or not len(steps):
            return
        usual_ns, most_ns = self._usual
        if usual_ns <= 0:
            return
        # Times of a clock that is read on arrival go back a little now and then.
        odd = (steps > most_ns) | (steps < -usual_ns)
        for at in np.flatnonzero(odd) + first_row:
            step_ns = int(steps[at - first_row])
            self.jumps.append(Jump(self._n_timed + int(at), int(times_ns[at]) - step_ns, step_ns))
        n_steps, lasted_ns = self._regular
        self._regular = n_steps + int((~odd).sum()), lasted_ns + int(steps[~odd].sum())

    def _usual_step(self, steps: NDArray[np.int64]) -> tuple[float, int]:
        """Return the usual step, and the longest that lacks no sample, ns; 0 where the times are too coarse to say."""
        usual_ns = NS_PER_S / self._declared_hz if self._declared_hz else float(np.median(steps))
        positive = steps[steps > 0]
        resolution_ns = int(np.gcd.reduce(positive)) if len(positive) else 0
        if usual_ns <= 0 or resolution_ns > usual_ns * _MOST_STEPS:
            return 0.0, 0
        # Steps that are shorter than the usual one come of times that are rounded: then others are longer.
        is_rounded = resolution_ns > usual_ns * _FINE_PART and steps.min() < usual_ns * (1 - _FINE_PART)
        return usual_ns, round(usual_ns * _MOST_STEPS) + (resolution_ns if is_rounded else 0)

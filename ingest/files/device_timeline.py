"""When the blocks of a device's memory were measured: sample counts, gaps, and the clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.signal import NS_PER_S, Clock, Knot
from ingest.errors import DecodeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

KNOT_NS = 10 * NS_PER_S
"""Often enough for a crystal that warms up; far apart enough that the jitter of one reading does not count."""
LEAST_RATE_NS = 5 * NS_PER_S
"""Readings of the clock that are nearer to each other say nothing about the rate: the nominal one holds."""
MOST_RATE_ERROR = 0.1
"""Accelerometers miss their nominal rate by a few percent, never by more than this."""
SLACK_NS = NS_PER_S // 20
"""What is put down to jitter of a device's clock, besides a wrong rate."""


class Blocks(NamedTuple):
    """Blocks of samples in the order of the file.

    Parameters
    ----------
    n_samples : ndarray of int, shape (n_blocks,)
        How many samples each holds.
    read_at : ndarray of int, shape (n_blocks,)
        Which sample was the last when the device read its clock, counted from the first of the block; may lie outside.
    read_ns : ndarray of int64, shape (n_blocks,)
        What the clock showed, ns since 1970 as if it showed UTC.
    """

    n_samples: NDArray[np.int64]
    read_at: NDArray[np.int64]
    read_ns: NDArray[np.int64]


class Run(NamedTuple):
    """Samples without a gap.

    Parameters
    ----------
    first : int
        Index of the first one, missing ones counted.
    place : int
        How many samples of the file come before.
    n_samples : int
        How many.
    """

    first: int
    place: int
    n_samples: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """What was measured when.

    Parameters
    ----------
    runs : tuple of Run
        By index; between two of them samples are missing.
    knots : tuple of Knot
        Of the clock; times as the device showed them.
    """

    runs: tuple[Run, ...]
    knots: tuple[Knot, ...]

    @property
    def n_samples(self) -> int:
        """Length in samples, missing ones counted."""
        return self.runs[-1].first + self.runs[-1].n_samples

    @property
    def start_ns(self) -> int:
        """What the device's clock showed at the first sample, ns."""
        return self.knots[0].time_ns

    def clock(self, shift_ns: int) -> Clock:
        """Return the clock of the stream; UTC is so much later than what the device showed."""
        return Clock(tuple(Knot(one.index, one.time_ns + shift_ns, one.fs_hz) for one in self.knots))


def timeline(blocks: Blocks, fs_hz: float, place: str) -> Timeline:
    """Return when the samples of some blocks were measured.

    Parameters
    ----------
    blocks : Blocks
        At least one.
    fs_hz : float
        Nominal sampling rate, Hz.
    place : str
        The file, for the message.

    Returns
    -------
    Timeline
        The clock goes through the device's own readings, one in ten seconds; where a block begins later than the one
        before can have ended, samples are missing.

    Raises
    ------
    DecodeError
        If time goes backwards, or the readings do not fit the rate.

    Examples
    --------
    >>> second = np.arange(3)
    >>> blocks = Blocks(np.full(3, 50), second * 0, np.array([0, 1, 5]) * NS_PER_S)
    >>> [tuple(run) for run in timeline(blocks, 50.0, "night.gt3x").runs]
    [(0, 0, 100), (250, 100, 50)]
    """
    starts = _run_starts(blocks, fs_hz, place)
    places = np.concatenate([[0], np.cumsum(blocks.n_samples)])
    runs: list[Run] = []
    knots: list[Knot] = []
    for low, high in zip(starts, [*starts[1:], len(blocks.n_samples)], strict=True):
        own = _knots(Blocks(*(column[low:high] for column in blocks)), fs_hz, place)
        first = 0
        if runs:
            stop, end_ns = runs[-1].first + runs[-1].n_samples, _end_ns(runs[-1], knots[-1])
            missing_ns = max(own[0].time_ns - end_ns, 1)
            n_missing = max(round(missing_ns * fs_hz / NS_PER_S), 1)
            knots.append(Knot(stop, end_ns, n_missing * NS_PER_S / missing_ns))
            first = stop + n_missing
        knots += [Knot(first + one.index, one.time_ns, one.fs_hz) for one in own]
        runs.append(Run(first, int(places[low]), int(places[high] - places[low])))
    return Timeline(tuple(runs), tuple(knots))


def _run_starts(blocks: Blocks, fs_hz: float, place: str) -> list[int]:
    """Return the numbers of the blocks before which samples are missing, and of the first."""
    begins_ns = blocks.read_ns - np.rint(blocks.read_at * (NS_PER_S / fs_hz)).astype(np.int64)
    lasts_ns = np.rint(blocks.n_samples[:-1] * (NS_PER_S / fs_hz)).astype(np.int64)
    late_ns = np.diff(begins_ns) - lasts_ns
    slack_ns = MOST_RATE_ERROR * lasts_ns + SLACK_NS
    early = np.flatnonzero(late_ns < -slack_ns)
    if len(early):
        number = int(early[0])
        back_s = -late_ns[number] / NS_PER_S
        raise DecodeError(
            f"{place}: block {number + 2} begins {back_s:.3f} s before block {number + 1} ends, expected times that "
            "rise: the clock of the device was set back, or the file is damaged"
        )
    return [0, *(int(number) + 1 for number in np.flatnonzero(late_ns > slack_ns))]


def _knots(run: Blocks, fs_hz: float, place: str) -> list[Knot]:
    """Return the clock of a run by the device's own readings; its first sample has index 0."""
    index = np.concatenate([[0], np.cumsum(run.n_samples)[:-1]]) + run.read_at
    chosen = _chosen(run.read_ns)
    at, ns = index[chosen], run.read_ns[chosen]
    rates_hz = np.diff(at) * NS_PER_S / np.maximum(np.diff(ns), 1)
    wrong = np.flatnonzero(np.abs(rates_hz / fs_hz - 1) > MOST_RATE_ERROR)
    if len(wrong):
        raise DecodeError(f"{place}: {rates_hz[wrong[0]]:.1f} samples a second, expected about {fs_hz:g} Hz")
    # The line of the last two readings holds to the end, as that of the first two holds from the beginning.
    rates = [*map(float, rates_hz), float(rates_hz[-1]) if len(rates_hz) else fs_hz]
    n_samples = int(run.n_samples.sum())
    knots = [Knot(0, int(ns[0]) - round(int(at[0]) * NS_PER_S / rates[0]), rates[0])]
    for i, time_ns, rate in zip(map(int, at[1:-1]), map(int, ns[1:-1]), rates[1:-1], strict=True):
        if 0 < i < n_samples and rate != knots[-1].fs_hz:
            knots.append(Knot(i, time_ns, rate))
    return knots


def _chosen(read_ns: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return which readings become knots: the first in ten seconds, and the last of all."""
    turns = (read_ns - read_ns[0]) // KNOT_NS
    chosen = np.flatnonzero(np.diff(turns, prepend=-1) > 0)
    last = len(read_ns) - 1
    if chosen[-1] == last:
        return chosen
    if read_ns[last] - read_ns[chosen[-1]] >= LEAST_RATE_NS:
        return np.append(chosen, last)
    # The rest is too short for a rate of its own.
    return np.append(chosen[:-1], last) if len(chosen) > 1 else chosen


def _end_ns(run: Run, knot: Knot) -> int:
    """Return when the sample after the last of a run would have been, by the last knot."""
    return knot.time_ns + round((run.first + run.n_samples - knot.index) * NS_PER_S / knot.fs_hz)

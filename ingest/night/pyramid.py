"""Lowest and highest raw samples of a night in buckets, so that eight hours are drawn as fast as half a minute.

A bucket of the finest level holds about an eighth of a second; eight of them make one of the next level. Per stream
there are a header, one flat file of little-endian float32 per level (of each bucket the lowest sample of every axis,
then the highest), and a table of times. Buckets only follow on: whatever a killed writer left can be read up to its
last whole bucket, and a file beside them says of which log they are the whole.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np

from ingest.night.json_file import write_json
from ingest.night.pyramid_files import FACTOR, LEVELS, TIMES, VALUE, WHOLE, header_of, level_path, sizes, times_path
from ingest.stream_key import stream_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import BinaryIO

    from numpy.typing import NDArray

    from detectors.signal import Clock, Knot, SampleBlock, Stream
    from ingest.stream_key import StreamKey

BUCKET_S = 0.128
"""About the length of a finest bucket: 64 samples at 500 Hz."""
_MOST_EMPTY_S = 900.0
"""A longer gap is not filled with empty buckets; what comes behind it begins anew."""
_LATEST_NS = 2**62
"""Later than this, in the year 2116, is no time."""


def bucket_samples(fs_hz: float) -> int:
    """Return how many samples a bucket of the finest level holds: a power of two.

    Parameters
    ----------
    fs_hz : float
        Sampling rate, Hz.

    Examples
    --------
    >>> [bucket_samples(fs_hz) for fs_hz in (2000.0, 500.0, 50.0, 1.0)]
    [256, 64, 8, 1]
    """
    return int(2 ** max(0, round(math.log2(fs_hz * BUCKET_S))))


class PyramidStore:
    """Writes the buckets of one night.

    Parameters
    ----------
    directory : Path
        Where they are kept, inside the night's folder; what is there is removed.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        # Not with its parents: a night that was removed meanwhile must not come back.
        directory.mkdir(exist_ok=True)
        (directory / WHOLE).unlink(missing_ok=True)
        for path in directory.iterdir():
            path.unlink(missing_ok=True)
        self._streams: dict[StreamKey, _Buckets] = {}

    def append(self, block: SampleBlock) -> None:
        """Add samples that come later in their stream than those before; nothing is certain before :meth:`flush`."""
        if not len(block.data):
            return
        key = stream_key(block.stream)
        buckets = self._streams.get(key)
        if buckets is None:
            buckets = self._streams[key] = self._begin(block.stream)
        buckets.add(block)

    def flush(self) -> None:
        """Let readers see every bucket that is full."""
        for buckets in self._streams.values():
            buckets.flush()

    def finish(self, log_bytes: int) -> None:
        """Close what is open and say that this is the whole of a log of so many bytes.

        Raises
        ------
        OSError
            If the disk refuses it; then nothing says so.
        """
        for buckets in self._streams.values():
            buckets.end()
        self.close()
        write_json(self._directory / WHOLE, {"log_bytes": log_bytes, "files": sizes(self._directory)})

    def close(self) -> None:
        """Close all files; what is there was either finished or is made again.

        Raises
        ------
        OSError
            If the disk does not take the last of them; they are closed all the same.
        """
        with ExitStack() as closing:
            for buckets in self._streams.values():
                closing.callback(buckets.close)

    def _begin(self, stream: Stream) -> _Buckets:
        # The same name whichever stream of the night came first.
        number = sum((key.sensor, key.quantity) == (stream.sensor, stream.quantity) for key in self._streams)
        stem = f"{quote(stream.sensor, safe='')}-{stream.quantity}-{number}"
        n_samples = bucket_samples(stream.fs_hz)
        buckets = _Buckets(self._directory, stem, n_samples, len(stream.axes))
        write_json(self._directory / f"{stem}.json", header_of(stream, n_samples))
        return buckets


class _Buckets:
    """The buckets of one stream, over all its segments."""

    def __init__(self, directory: Path, stem: str, n_samples: int, n_axes: int) -> None:
        self._size = n_samples
        self._times: BinaryIO = times_path(directory, stem).open("wb")
        self._levels: list[BinaryIO] = [level_path(directory, stem, level).open("wb") for level in range(LEVELS)]
        self._tails = [np.empty((0, 2, n_axes), VALUE) for _ in range(LEVELS)]
        self._nothing = np.full((1, 2, n_axes), np.nan, VALUE)
        self._open = self._nothing
        self._n = 0
        self._segment: int | None = None
        self._run_start = self._run_bucket = self._expected = self._n_knots = 0

    def add(self, block: SampleBlock) -> None:
        """Take samples; a lost count, or a long gap, begins a run of its own."""
        if not 0 <= block.clock.at(block.start) <= block.clock.at(block.stop) <= _LATEST_NS:
            return  # on a broken clock
        most_empty = round(_MOST_EMPTY_S * block.stream.fs_hz)
        follows = block.stream.segment == self._segment and 0 <= block.start - self._expected <= most_empty
        if not follows:
            self.end()
            self._begin_run(block)
        self._note_knots(block.clock)
        self._fill(block)
        self._expected = block.stop

    def flush(self) -> None:
        """Hand what was written to the system, the finest level first."""
        for file in (self._times, *self._levels):
            file.flush()

    def end(self) -> None:
        """Close the open bucket, however few samples it has."""
        if self._expected > self._run_start + (self._n - self._run_bucket) * self._size:
            self._write(0, self._open)
        self._open = self._nothing

    def close(self) -> None:
        """Close the files, whatever becomes of any of them."""
        with ExitStack() as closing:
            for file in (self._times, *self._levels):
                closing.callback(file.close)

    def _begin_run(self, block: SampleBlock) -> None:
        knots = block.clock.knots
        self._segment, self._run_start, self._run_bucket = block.stream.segment, block.start, self._n
        self._n_knots = max(bisect_right(knots, block.start, key=lambda knot: knot.index), 1)
        self._note(block.start, block.clock, knots[self._n_knots - 1], begins=True)
        # Buckets of the new run must not be seen before it.
        self._times.flush()

    def _note_knots(self, clock: Clock) -> None:
        """Take over knots of the clock, each at the next beginning of a bucket."""
        for knot in clock.knots[self._n_knots :]:
            n_before = -((self._run_start - knot.index) // self._size)
            self._note(self._run_start + n_before * self._size, clock, knot, begins=False)
        self._n_knots = max(self._n_knots, len(clock.knots))

    def _note(self, index: int, clock: Clock, knot: Knot, *, begins: bool) -> None:
        bucket = self._run_bucket + (index - self._run_start) // self._size
        row = np.array([(bucket, clock.at(index), knot.fs_hz, begins)], TIMES)
        self._times.write(row.tobytes())

    def _fill(self, block: SampleBlock) -> None:
        with np.errstate(over="ignore"):
            data = block.data.astype(VALUE, copy=False)
        start, stop = block.start - self._run_start, block.stop - self._run_start
        n_closed = self._n - self._run_bucket
        first = start // self._size
        cuts = np.arange(first + 1, -(-stop // self._size)) * self._size - start
        edges = np.concatenate(([0], cuts))
        low, high = np.fmin.reduceat(data, edges, axis=0), np.fmax.reduceat(data, edges, axis=0)
        found = np.stack((low, high), axis=1)
        if first == n_closed:
            found[0] = _extremes((self._open[0], found[0]))
            before = []
        else:
            before = [self._open, np.repeat(self._nothing, first - n_closed - 1, axis=0)]
        is_full = stop % self._size == 0
        self._open = self._nothing if is_full else found[-1:].copy()
        self._write(0, np.concatenate([*before, found if is_full else found[:-1]]))

    def _write(self, level: int, buckets: NDArray[np.float32]) -> None:
        if not len(buckets):
            return
        self._levels[level].write(buckets.tobytes())
        if level == 0:
            self._n += len(buckets)
        if level + 1 == LEVELS:
            return
        waiting = np.concatenate((self._tails[level], buckets))
        n_full = len(waiting) // FACTOR * FACTOR
        grouped = waiting[:n_full].reshape(-1, FACTOR, *waiting.shape[1:])
        self._tails[level] = waiting[n_full:]
        self._write(level + 1, _extremes(grouped.swapaxes(0, 1)))


def _extremes(buckets: Iterable[NDArray[np.float32]] | NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the extremes of several sets of buckets, the lowest and the highest in the second last axis."""
    sets = np.asarray(buckets)
    low = np.fmin.reduce(sets[..., 0, :], axis=0)
    return np.stack((low, np.fmax.reduce(sets[..., 1, :], axis=0)), axis=-2)

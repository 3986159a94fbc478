"""Reads the buckets of a night, also while they are written; see :mod:`ingest.night.pyramid`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.signal import NS_PER_S, Leg, Quantity, Stream, Unit
from ingest.errors import DecodeError
from ingest.night.json_file import read_json
from ingest.night.pyramid_files import FACTOR, FORMAT, LEVELS, TIMES, VALUE, level_path, times_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Buckets:
    """Buckets of one stream in the order of time.

    Parameters
    ----------
    start_ns : ndarray of int64, shape (n,)
        UTC of the first sample of each, ns.
    low, high : ndarray of float32, shape (n, n_axes)
        Lowest and highest sample of each; NaN where there was none.
    """

    start_ns: NDArray[np.int64]
    low: NDArray[np.float32]
    high: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class StoredPyramid:
    """The buckets of one stream.

    Parameters
    ----------
    stream : Stream
        The stream; its segment says nothing, all of them are here.
    n_samples : int
        Samples of a bucket of the finest level.
    directory : Path
        Where the files are.
    stem : str
        What their names begin with.
    """

    stream: Stream
    n_samples: int
    directory: Path
    stem: str

    def hop_s(self, level: int) -> float:
        """Return the length of a bucket of a level at the nominal rate, s."""
        return float(self.n_samples * FACTOR**level / self.stream.fs_hz)

    def within(self, span_ns: tuple[int, int], level: int) -> Buckets:
        """Return the buckets that have a part in a span of time.

        Parameters
        ----------
        span_ns : tuple of (int, int)
            UTC, ns; half open.
        level : int
            How long buckets may be; at the ends of what follows on, shorter ones make up for what is missing.

        Raises
        ------
        FileNotFoundError
            If a scorer that starts again has just removed them.
        """
        rows = np.fromfile(times_path(self.directory, self.stem), TIMES)
        n_buckets = self._n_stored(0)
        found = [
            (_times(rows, positions, self.n_samples), values)
            for first, stop in _ranges(rows, n_buckets, self.n_samples, span_ns)
            for positions, values in self._read(level, first, stop)
        ]
        axes = len(self.stream.axes)
        start_ns = np.concatenate([np.empty(0, np.int64), *(times for times, _ in found)])
        values = np.concatenate([np.empty((0, 2, axes), VALUE), *(values for _, values in found)])
        return Buckets(start_ns, values[:, 0], values[:, 1])

    def _read(self, level: int, first: int, stop: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Yield buckets of `[first, stop)` of the finest level, as long as may be."""
        size = FACTOR**level
        inner = -(-first // size)
        outer = min(stop // size, self._n_stored(level))
        if level and outer <= inner:
            yield from self._read(level - 1, first, stop)
            return
        if level:
            yield from self._read(level - 1, first, inner * size) if first < inner * size else ()
        if outer > inner:
            yield np.arange(inner, outer, dtype=np.int64) * size, self._stored(level, inner, outer)
        if level:
            yield from self._read(level - 1, outer * size, stop) if outer * size < stop else ()

    def _n_stored(self, level: int) -> int:
        return level_path(self.directory, self.stem, level).stat().st_size // self._bucket_bytes

    @property
    def _bucket_bytes(self) -> int:
        return 2 * len(self.stream.axes) * VALUE.itemsize

    def _stored(self, level: int, first: int, stop: int) -> NDArray[np.float32]:
        n_axes = len(self.stream.axes)
        path = level_path(self.directory, self.stem, level)
        values = np.fromfile(path, VALUE, (stop - first) * 2 * n_axes, offset=first * self._bucket_bytes)
        if len(values) < (stop - first) * 2 * n_axes:
            raise FileNotFoundError(path)  # begun anew since its length was asked for
        return values.reshape(-1, 2, n_axes)


def stored_pyramids(directory: Path) -> Iterator[StoredPyramid]:
    """Yield what is stored of each stream, in the order of their names."""
    for path in sorted(directory.glob("*.json")):
        stored = _stored(path)
        if stored is not None:
            yield stored


def finest_that_fits(stored: StoredPyramid, hop_s: float) -> int:
    """Return the level with the longest buckets that are no longer than `hop_s`, 0 if none is."""
    return max((level for level in range(LEVELS) if stored.hop_s(level) <= hop_s), default=0)


def _stored(path: Path) -> StoredPyramid | None:
    """Return a stream from its header; None if it was just removed, or is not ours."""
    try:
        header: dict[str, Any] = read_json(path)
        if header["format"] != FORMAT:
            return None
        kind = Quantity(header["quantity"]), Unit(header["unit"]), tuple(header["axes"]), float(header["fs_hz"])
        stream = Stream(header["sensor"], Leg(header["leg"]), header["site"], *kind)
        return StoredPyramid(stream, int(header["n_samples"]), path.parent, path.stem)
    except (DecodeError, KeyError, TypeError, ValueError):
        return None


def _ranges(
    rows: NDArray[np.void], n_buckets: int, n_samples: int, span_ns: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    """Yield which buckets lie in a span, one range per run; runs are in the order of the log."""
    begins = np.flatnonzero(rows["begins"])
    run_stops = np.append(begins[1:], len(rows))
    bucket_stops = np.minimum(np.append(rows["bucket"][begins[1:]], n_buckets), n_buckets)
    for first_row, stop_row, stop in zip(begins, run_stops, bucket_stops, strict=True):
        run = rows[first_row:stop_row]
        first = int(run["bucket"][0])
        from_ns, to_ns = (int(t) for t in _times(run, np.array([first, stop], np.int64), n_samples))
        if to_ns <= span_ns[0] or from_ns >= span_ns[1]:
            continue
        lowest = max(_position(run, span_ns[0], n_samples), first)
        highest = min(_position(run, span_ns[1] - 1, n_samples) + 1, int(stop))
        if highest > lowest:
            yield lowest, highest


def _position(run: NDArray[np.void], t_ns: int, n_samples: int) -> int:
    """Return the bucket of a run that a time falls into."""
    row = run[max(int(np.searchsorted(run["time_ns"], t_ns, side="right")) - 1, 0)]
    return int(row["bucket"]) + int((t_ns - int(row["time_ns"])) * float(row["fs_hz"]) // (n_samples * NS_PER_S))


def _times(rows: NDArray[np.void], buckets: NDArray[np.int64], n_samples: int) -> NDArray[np.int64]:
    """Return when buckets begin, UTC ns."""
    row = rows[np.maximum(np.searchsorted(rows["bucket"], buckets, side="right") - 1, 0)]
    after_ns = np.round((buckets - row["bucket"]) * (n_samples * NS_PER_S) / row["fs_hz"]).astype(np.int64)
    times: NDArray[np.int64] = row["time_ns"] + after_ns
    return times

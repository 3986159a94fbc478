"""Thirty-second summaries of tracks: what a database and a dashboard can carry of a night."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.events import Epoch
from detectors.quality.epoch_tally import EPOCH_S, LEADING, EpochTally
from detectors.track import TrackName

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from detectors.quality.criteria import ValidityCriteria
    from detectors.signal import Stream
    from detectors.track import Track

    _Reduce = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def _mean(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of each row; np.mean costs five times as much on thirty values."""
    means: NDArray[np.float64] = np.add.reduce(rows, axis=1) / rows.shape[1]
    return means


def _highest(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    highest: NDArray[np.float64] = np.maximum.reduce(rows, axis=1)
    return highest


def _median(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median of each row; np.median costs ten times as much on thirty values."""
    ordered, middle = np.sort(rows, axis=1), rows.shape[1] // 2
    upper = ordered[:, middle]
    medians = upper if rows.shape[1] % 2 else (ordered[:, middle - 1] + upper) / 2
    # What is no number comes last, and makes the median none.
    return np.where(np.isnan(ordered[:, -1]), np.nan, medians)


_MEASURES: dict[TrackName, tuple[tuple[str, _Reduce], ...]] = {
    TrackName.ENVELOPE_UV: (("envelope_mean_uv", _mean), ("envelope_max_uv", _highest)),
    TrackName.RESTING_UV: (("resting_uv", _mean),),
    TrackName.LINE_RATIO: (("line_ratio", _mean),),
    TrackName.MOVEMENT_G: (("movement_mean_g", _mean), ("movement_max_g", _highest)),
    TrackName.TILT_DEG: (("tilt_deg", _median),),
}
# A leading track comes last of each span, with a value for every hop: it ends an epoch and tells how valid it is.
_LEADING = frozenset(LEADING.values())


class EpochBuilder:
    """Cut the tracks of one stream into epochs that lie on multiples of 30 s from its sample 0.

    Parameters
    ----------
    stream : Stream
        The stream that the tracks are derived from.
    criteria : ValidityCriteria, optional
        What is bad; without it epochs have no ``quality_class``.

    Notes
    -----
    An epoch is computed once, from all of its values together, so that it does not depend on how
    the tracks were cut. Epochs without any valid hop are not emitted. ``quality_class`` is 2 where
    the signal is good, 1 where it is usable and 0 where it is bad.
    """

    def __init__(self, stream: Stream, criteria: ValidityCriteria | None = None) -> None:
        self._stream = stream
        self._criteria = criteria
        self._tally = EpochTally(stream)
        self._length = round(EPOCH_S * stream.fs_hz)
        self._tracks: dict[TrackName, list[Track]] = {name: [] for name in _MEASURES}
        self._index = 0

    def feed(self, track: Track) -> list[Epoch]:
        """Take one track and return the epochs that it completes."""
        if track.name not in _MEASURES or not len(track.values):
            return []
        self._tracks[track.name].append(track)
        if track.name in _LEADING:
            self._tally.add(track)
        if track.name not in _LEADING or track.stop < (self._index + 1) * self._length:
            return []
        return self._emit(track.stop // self._length)

    def finish(self) -> list[Epoch]:
        """Return the last epochs, the unfinished one among them."""
        stop = max((track.stop for tracks in self._tracks.values() for track in tracks), default=0)
        return self._emit(-(-stop // self._length))

    def _emit(self, until: int) -> list[Epoch]:
        """Return the epochs before number `until` that have a valid hop, and forget their values."""
        edges = np.arange(self._index, until + 1) * self._length
        columns = [_column(tracks, edges) for tracks in self._tracks.values() if tracks]
        epochs = [
            epoch for number in range(len(edges) - 1) for epoch in self._epoch(number, int(edges[number]), columns)
        ]
        for name, tracks in self._tracks.items():
            self._tracks[name] = [track for track in tracks if track.stop > edges[-1]]
        self._index = until
        self._tally.forget_before(until)
        return epochs

    def _epoch(self, number: int, start: int, columns: list[_Column]) -> list[Epoch]:
        measures: dict[str, float] = {}
        for column in columns:
            n_values = column.n_values[number]
            if not n_values:
                continue
            measures |= {key: values[number] for key, values in column.measures.items()}
            if column.last.name in _LEADING:
                measures["valid_s"] = n_values * column.last.hop / self._stream.fs_hz
        if not measures.get("valid_s"):
            return []
        if self._criteria is not None:
            quality = self._tally.judge(self._index + number, self._criteria, self._tally.stop)
            measures["quality_class"] = float(quality)
        clock = next(column.last.clock for column in columns if column.last.name in _LEADING)
        stream = self._stream
        return [Epoch(stream.sensor, stream.leg, stream.quantity, clock.at(start), EPOCH_S, measures)]


class _Column(NamedTuple):
    """How many values of one track each epoch has, and what is measured of them."""

    n_values: list[int]
    measures: dict[str, list[float]]
    last: Track


def _column(tracks: list[Track], edges: NDArray[np.int64]) -> _Column:
    """Join pieces of a track, and measure the hops that begin inside each epoch."""
    starts = np.concatenate([np.arange(track.start, track.stop, track.hop) for track in tracks])
    values, cuts = np.concatenate([track.values for track in tracks]), np.searchsorted(starts, edges)
    measures = {key: _reduced(reduce, values, cuts) for key, reduce in _MEASURES[tracks[-1].name]}
    return _Column(np.diff(cuts).tolist(), measures, tracks[-1])


def _reduced(reduce: _Reduce, values: NDArray[np.float64], cuts: NDArray[np.intp]) -> list[float]:
    """Return what a function says of each part; nothing can be said of a part without values."""
    lengths = np.diff(cuts)
    if lengths.any() and (lengths == lengths[0]).all():
        together: list[float] = reduce(values[cuts[0] : cuts[-1]].reshape(len(lengths), -1)).tolist()
        return together
    parts = (values[np.newaxis, first:stop] for first, stop in pairwise(cuts.tolist()))
    return [float(reduce(part)[0]) if part.size else np.nan for part in parts]

"""Thirty-second summaries of tracks: what a database and a dashboard can carry of a night."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.events import Epoch
from detectors.signal import Track, TrackName

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from detectors.signal import Stream

    _Reduce = Callable[[NDArray[np.float64]], np.float64]

EPOCH_S = 30.0

_MEASURES: dict[TrackName, tuple[tuple[str, _Reduce], ...]] = {
    TrackName.ENVELOPE_UV: (("envelope_mean_uv", np.mean), ("envelope_max_uv", np.max)),
    TrackName.RESTING_UV: (("resting_uv", np.mean),),
    TrackName.LINE_RATIO: (("line_ratio", np.mean),),
    TrackName.MOVEMENT_G: (("movement_mean_g", np.mean), ("movement_max_g", np.max)),
    TrackName.TILT_DEG: (("tilt_deg", np.median),),
}
# The track that comes last of each span, with a value for every valid hop: it ends an epoch and tells how valid it is.
_LEADING = frozenset({TrackName.ENVELOPE_UV, TrackName.MOVEMENT_G})


class EpochBuilder:
    """Cut the tracks of one stream into epochs that lie on multiples of 30 s from its sample 0.

    Parameters
    ----------
    stream : Stream
        The stream that the tracks are derived from.

    Notes
    -----
    An epoch is computed once, from all of its values together, so that it does not depend on how
    the tracks were cut. Epochs without any valid hop are not emitted.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._length = round(EPOCH_S * stream.fs_hz)
        self._tracks: list[Track] = []
        self._index = 0

    def feed(self, track: Track) -> list[Epoch]:
        """Take one track and return the epochs that it completes."""
        if track.name not in _MEASURES or not len(track.values):
            return []
        self._tracks.append(track)
        if track.name not in _LEADING:
            return []
        return self._emit(track.stop // self._length)

    def finish(self) -> list[Epoch]:
        """Return the last epochs, the unfinished one among them."""
        stop = max((track.stop for track in self._tracks), default=0)
        return self._emit(-(-stop // self._length))

    def _emit(self, until: int) -> list[Epoch]:
        epochs: list[Epoch] = []
        while self._index < until and self._tracks:
            first = min(track.start for track in self._tracks) // self._length
            self._index = max(self._index, first)
            if self._index >= until:
                break
            epochs += self._epoch(self._index * self._length)
            self._index += 1
            self._tracks = [track for track in self._tracks if track.stop > self._index * self._length]
        return epochs

    def _epoch(self, start: int) -> list[Epoch]:
        measures: dict[str, float] = {}
        for name, measured in _MEASURES.items():
            pieces = [piece for track in self._tracks if track.name is name for piece in (self._cut(track, start),)]
            values = np.concatenate(pieces) if pieces else np.empty(0)
            if not len(values):
                continue
            measures |= {key: float(reduce(values)) for key, reduce in measured}
            if name in _LEADING:
                hop = next(track.hop for track in self._tracks if track.name is name)
                measures["valid_s"] = len(values) * hop / self._stream.fs_hz
        if not measures.get("valid_s"):
            return []
        clock = self._tracks[-1].clock
        return [Epoch(self._stream.sensor, self._stream.leg, self._stream.quantity, clock.at(start), EPOCH_S, measures)]

    def _cut(self, track: Track, start: int) -> NDArray[np.float64]:
        """Return the values of the hops that begin inside the epoch from `start`."""
        first = max(-(-(start - track.start) // track.hop), 0)
        last = max(-(-(start + self._length - track.start) // track.hop), 0)
        return track.values[first:last]

"""The signals of any recording in few values: of files out of the file, of stored nights as their pages have them."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np

from dashboards.signals import ExtremesView, UnreadableLogError
from detectors.signal import NS_PER_S, Quantity
from soleus.errors import ConfigError
from soleus.extremes import extremes
from soleus.pyramids import PyramidMaker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dashboards.bench_values import BenchRecording
    from detectors.recording import Recording, SampleSource
    from soleus.studio.catalogue import Catalogue

    Bucketed = tuple[NDArray[np.float32], NDArray[np.float32]]

SHOWN: Final = (Quantity.EMG, Quantity.ACCELERATION)
# As long as a piece of any recording that is scored.
_READ_S: Final = 300.0
# A window of this length or more is drawn from buckets that are kept, of so many seconds.
_LONG_S: Final = 600.0
_KEPT_S: Final = 0.5
# Kept buckets of a night take some megabytes.
_MOST_KEPT: Final = 8


class SignalViews:
    """Draws recordings; several threads may ask.

    Parameters
    ----------
    catalogue : Catalogue
        The recordings.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._maker = PyramidMaker()
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, int], tuple[Recording, list[Bucketed]]] = OrderedDict()

    def of(self, about: BenchRecording, onset_s: float, end_s: float, n_buckets: int) -> list[ExtremesView]:
        """Return ``[onset_s, end_s)`` of every stream as lowest and highest.

        Parameters
        ----------
        about : BenchRecording
            The recording.
        onset_s, end_s : float
            The stretch, s from its start.
        n_buckets : int
            About how many values of each stream.

        Returns
        -------
        list of ExtremesView
            EMG and acceleration, in the order of the recording; what does not reach into the stretch is left out.

        Raises
        ------
        ValueError
            If the stretch is empty, or `n_buckets` is less than 1.
        UnreadableLogError
            If the recording cannot be read.
        """
        if not onset_s < end_s or n_buckets < 1:
            msg = f"{n_buckets} values of {onset_s:g} s to {end_s:g} s, expected at least one of a stretch of time"
            raise ValueError(msg)
        if about.is_night:
            return self._of_night(about, (onset_s, end_s), n_buckets)
        try:
            recording = self._catalogue.opened(about.key)
        except ConfigError as error:
            raise UnreadableLogError(str(error)) from error
        sources = [source for source in recording.sources if source.stream.quantity in SHOWN]
        # One reader of a file at a time.
        with self._lock:
            if (end_s - onset_s) < _LONG_S or (end_s - onset_s) / n_buckets < _KEPT_S:
                found = [_read(recording, source, (onset_s, end_s), n_buckets) for source in sources]
            else:
                kept = self._whole(about.key, recording, sources)
                found = [
                    _thinned(recording, source, (onset_s, end_s), n_buckets, buckets)
                    for source, buckets in zip(sources, kept, strict=True)
                ]
        return [view for view in found if len(view.low)]

    def _of_night(self, about: BenchRecording, span_s: tuple[float, float], n_buckets: int) -> list[ExtremesView]:
        folder = self._catalogue.folder(about.key)
        onset_ns, end_ns = (about.start_ns + round(one * NS_PER_S) for one in span_s)
        worn = [sensor.name for sensor in folder.read_info().sensors]
        views = (view for name in worn for view in extremes(folder, name, (onset_ns, end_ns), n_buckets, self._maker))
        return [view for view in views if view.quantity in SHOWN]

    def _whole(self, key: str, recording: Recording, sources: Sequence[SampleSource]) -> list[Bucketed]:
        name = key, id(recording)
        if name not in self._kept:
            self._kept[name] = recording, [_bucketed(one, _kept_samples(one), 0, one.n_samples) for one in sources]
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(name)
        return self._kept[name][1]


def _kept_samples(source: SampleSource) -> int:
    return max(1, round(_KEPT_S * source.stream.fs_hz))


def _read(recording: Recording, source: SampleSource, span_s: tuple[float, float], n_buckets: int) -> ExtremesView:
    first, stop = _samples(recording, source, span_s)
    per_bucket = max(1, -(-(stop - first) // n_buckets))
    return _view(source, first, per_bucket, _bucketed(source, per_bucket, first, stop))


def _thinned(
    recording: Recording, source: SampleSource, span_s: tuple[float, float], n_buckets: int, kept: Bucketed
) -> ExtremesView:
    """Return a long stretch out of the buckets that are kept of the whole recording."""
    size = _kept_samples(source)
    first, stop = (at // size for at in _samples(recording, source, span_s))
    together = max(1, -(-(stop - first) // n_buckets))
    low, high = (one[first:stop] for one in kept)
    starts = np.arange(0, len(low), together)
    joined = (low, high) if not len(low) else (np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts))
    return _view(source, first * size, together * size, joined)


def _samples(recording: Recording, source: SampleSource, span_s: tuple[float, float]) -> tuple[int, int]:
    """Return the first sample of a stretch, and the one behind its last."""
    onset_ns, end_ns = (recording.start_ns + round(one * NS_PER_S) for one in span_s)
    first, stop = (min(max(source.clock.index_at(at), 0), source.n_samples) for at in (onset_ns, end_ns))
    return first, stop


def _bucketed(source: SampleSource, per_bucket: int, first: int, stop: int) -> Bucketed:
    """Return lowest and highest of so many samples each; a few minutes are in memory at a time."""
    step = max(1, round(_READ_S * source.stream.fs_hz) // per_bucket) * per_bucket
    none = np.zeros((0, len(source.stream.axes)), np.float32)
    low, high = [none], [none]
    for at in range(first, stop, step):
        data = source.read(at, min(at + step, stop))
        starts = np.arange(0, len(data), per_bucket)
        low.append(np.minimum.reduceat(data, starts, axis=0).astype(np.float32))
        high.append(np.maximum.reduceat(data, starts, axis=0).astype(np.float32))
    return np.concatenate(low), np.concatenate(high)


def _view(source: SampleSource, first: int, per_bucket: int, buckets: Bucketed) -> ExtremesView:
    stream = source.stream
    whose = (stream.sensor, stream.leg, stream.quantity, stream.unit, stream.axes)
    return ExtremesView(*whose, source.clock.at(first), per_bucket / stream.fs_hz, *buckets)

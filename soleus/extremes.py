"""A long stretch of one sensor in few values: from the stored buckets, and a short one from its samples."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from dashboards.signals import ExtremesView
from detectors.channels import channels
from detectors.signal import NS_PER_S, Quantity
from ingest.night.index import raw
from ingest.night.pyramid import BUCKET_S
from ingest.night.pyramid_files import is_whole
from ingest.night.pyramid_reading import finest_that_fits, stored_pyramids
from ingest.stream_key import stream_key
from soleus.build import decoder
from soleus.pyramids import PyramidMaker
from soleus.raw_stretch import joined_runs, worn_as

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from detectors.signal import SampleBlock, Stream
    from ingest.night.folder import NightFolder, NightInfo, NightSensor
    from ingest.stream_key import StreamKey

# Values further apart than half a finest bucket lose nothing by being as far apart as one.
_SHARE_OF_FINEST: Final = 0.5
# A value covers a finest bucket and a quarter at least: a clock that is corrected must not leave one empty.
_LEAST_PER_VALUE: Final = 1.25
# Where there are longer ones, so many: they are counted to the value in which they begin.
_BUCKETS_PER_VALUE: Final = 4.0
# However few values are wanted, more samples than these are not decoded for them.
_MOST_RAW_S: Final = 120.0


def extremes(
    folder: NightFolder, sensor: str, span_ns: tuple[int, int], n_buckets: int, maker: PyramidMaker | None = None
) -> Sequence[ExtremesView]:
    """Return a stretch of one sensor as lowest and highest, however long it is.

    Parameters
    ----------
    folder : NightFolder
        The night.
    sensor : str
        Which sensor, or which channel of one.
    span_ns : tuple of (int, int)
        The stretch, UTC, ns; half open.
    n_buckets : int
        About how many values to return for each stream, at least 1. A stream has as many in place of that as its
        samples, or its finest stored buckets, allow.
    maker : PyramidMaker, optional
        What has the stored buckets made of a night that has none, and knows what failed.

    Returns
    -------
    sequence of ExtremesView
        One for each quantity, and each channel of EMG, that has a value in the stretch. A sample counts to the value
        of its time, or to the one before: by a quarter of a value at most, or by an eighth of a second.

    Raises
    ------
    KeyError
        If no such sensor was worn.
    ValueError
        If the stretch is empty, or `n_buckets` is less than 1.
    DecodeError
        If the log cannot be read.
    UnreadableLogError
        If the stored buckets could not be made of it.
    """
    if span_ns[1] <= span_ns[0] or n_buckets < 1:
        msg = f"{n_buckets} values of {span_ns[0]} to {span_ns[1]} ns, expected at least one of a stretch of time"
        raise ValueError(msg)
    info = folder.read_info()
    worn = worn_as(info, sensor)
    span_s = (span_ns[1] - span_ns[0]) / NS_PER_S
    hop_s = span_s / n_buckets
    if span_s <= _MOST_RAW_S and hop_s < _SHARE_OF_FINEST * BUCKET_S:
        views = list(_measured(folder, info, worn, span_ns, hop_s))
    else:
        (maker or PyramidMaker()).expect(folder)
        whole = is_whole(folder.extremes_path, folder.packets)
        views = [replace(view, whole=whole) for view in _stored(folder, worn, span_ns, hop_s)]
    return [view for view in views if sensor in {view.sensor, worn.name} or view.quantity is not Quantity.EMG]


def _stored(folder: NightFolder, worn: NightSensor, span_ns: tuple[int, int], hop_s: float) -> Iterator[ExtremesView]:
    """Yield what the stored buckets say."""
    for stored in stored_pyramids(folder.extremes_path):
        if stored.stream.sensor != worn.name:
            continue
        level = finest_that_fits(stored, hop_s / _BUCKETS_PER_VALUE)
        hop_ns = round(max(hop_s, _LEAST_PER_VALUE * stored.hop_s(0)) * NS_PER_S)
        try:
            found = stored.within(span_ns, level)
        except FileNotFoundError:
            continue  # a scorer begins them again at this moment
        if len(found.start_ns):
            yield from _views(stored.stream, hop_ns, *_gathered(found.start_ns // hop_ns, found.low, found.high))


def _measured(
    folder: NightFolder, info: NightInfo, worn: NightSensor, span_ns: tuple[int, int], hop_s: float
) -> Iterator[ExtremesView]:
    """Yield what the samples say."""
    streams: dict[StreamKey, list[SampleBlock]] = {}
    for run in joined_runs(raw(folder, lambda: decoder(worn, info.speed), worn.name, span_ns)):
        streams.setdefault(stream_key(run.stream), []).append(run)
    for runs in streams.values():
        longest = max(runs, key=lambda run: len(run.data))
        # The sensor's own rate, which a cheap one misses by percents: samples must fall into one place each.
        step_ns = (longest.clock.at(longest.stop) - longest.clock.at(longest.start)) / len(longest.data)
        n_samples = max(1, int(hop_s * NS_PER_S / step_ns))
        places, data = _placed(runs, step_ns, span_ns)
        if len(places):
            yield from _views(longest.stream, n_samples * step_ns, *_gathered(places // n_samples, data, data))


def _placed(
    runs: Sequence[SampleBlock], step_ns: float, span_ns: tuple[int, int]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the samples of a span, each with its place on a grid of steps."""
    places, found = [], []
    for run in runs:
        own = round(run.clock.at(run.start) / step_ns) + np.arange(len(run.data), dtype=np.int64)
        inside = (own >= span_ns[0] / step_ns) & (own < span_ns[1] / step_ns)
        places.append(own[inside])
        found.append(run.data[inside].astype(np.float32))
    return np.concatenate(places), np.concatenate(found)


def _gathered(
    places: NDArray[np.int64], low: NDArray[np.float32], high: NDArray[np.float32]
) -> tuple[int, NDArray[np.float32], NDArray[np.float32]]:
    """Return the first place, and the extremes of all that lies in each; NaN where nothing does."""
    order = np.argsort(places, kind="stable")
    places = places[order]
    starts = np.flatnonzero(np.diff(places, prepend=places[0] - 1))
    gathered = np.full((2, int(places[-1] - places[0]) + 1, low.shape[1]), np.nan, dtype=np.float32)
    filled = places[starts] - places[0]
    gathered[0, filled] = np.fmin.reduceat(low[order], starts, axis=0)
    gathered[1, filled] = np.fmax.reduceat(high[order], starts, axis=0)
    return int(places[0]), gathered[0], gathered[1]


def _views(
    stream: Stream, hop_ns: float, first: int, low: NDArray[np.float32], high: NDArray[np.float32]
) -> Iterator[ExtremesView]:
    """Yield a view for each channel of EMG, and one for any other stream."""
    for axis, channel in enumerate(channels(stream)):
        own = slice(None) if len(channel.axes) == len(stream.axes) else slice(axis, axis + 1)
        whose = (channel.sensor, channel.leg, channel.quantity, channel.unit, channel.axes)
        yield ExtremesView(*whose, round(first * hop_ns), hop_ns / NS_PER_S, low[:, own], high[:, own])

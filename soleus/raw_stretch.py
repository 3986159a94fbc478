"""A short stretch of one sensor at full resolution, out of the packet log, with what the detectors saw in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dashboards.signals import RawView, Stretch, TrackView
from detectors.channels import channels, worn_name
from detectors.emg.features import EmgFeatures
from detectors.signal import NS_PER_S, Quantity, SampleBlock
from detectors.track import Track, TrackName
from ingest.night.index import raw
from soleus.build import decoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from detectors.criteria import Criteria
    from detectors.signal import Stream
    from ingest.night.folder import NightFolder, NightInfo, NightSensor

# Samples before a stretch that let filters and envelope settle; the resting level is as it was stored.
SETTLE_S = 30.0


def worn_as(info: NightInfo, sensor: str) -> NightSensor:
    """Return the sensor that a name means: its own, or one of its channels (``left-shin.ch2``).

    Parameters
    ----------
    info : NightInfo
        What was worn.
    sensor : str
        The name; it may come from a URL.

    Raises
    ------
    KeyError
        If no such sensor was worn.
    """
    sensors = {worn.name: worn for worn in info.sensors}
    name = worn_name(sensor, sensors)
    if name is None:
        raise KeyError(sensor)
    return sensors[name]


def raw_stretch(folder: NightFolder, criteria: Criteria, sensor: str, span_ns: tuple[int, int]) -> Stretch:
    """Return a stretch of one sensor at full resolution.

    Parameters
    ----------
    folder : NightFolder
        The night.
    criteria : Criteria
        Thresholds, for the envelope.
    sensor : str
        Which sensor, or which channel of one.
    span_ns : tuple of (int, int)
        The stretch, UTC, ns; half open.

    Returns
    -------
    Stretch
        Its raw samples, envelope and resting level.

    Raises
    ------
    KeyError
        If no such sensor was worn.
    """
    info = folder.read_info()
    worn = worn_as(info, sensor)
    blocks = raw(folder, lambda: decoder(worn, info.speed), worn.name, span_ns, settle_s=SETTLE_S)
    pieces = (piece for block in blocks for piece in channel_blocks(block))
    runs = list(joined_runs(piece for piece in pieces if is_wanted(piece.stream, sensor, worn.name)))
    signals = tuple(view for run in runs for view in _signal(run, span_ns))
    envelopes = (part for run in runs for part in _envelope(run, criteria, span_ns))
    return Stretch(signals, (*envelopes, *_resting(folder, {run.stream.sensor for run in runs}, span_ns)))


def channel_blocks(block: SampleBlock) -> Iterator[SampleBlock]:
    """Yield a block for each channel of one with several electrodes; others as they are."""
    for axis, stream in enumerate(channels(block.stream)):
        whole = len(stream.axes) == len(block.stream.axes)
        yield SampleBlock(stream, block.clock, block.start, block.data if whole else block.data[:, axis : axis + 1])


def is_wanted(stream: Stream, sensor: str, worn: str) -> bool:
    """Return whether a page that asks for `sensor` wants to see a stream: its channel, and the motion beside it."""
    return sensor in {stream.sensor, worn} or stream.quantity is not Quantity.EMG


def joined_runs(pieces: Iterable[SampleBlock]) -> Iterator[SampleBlock]:
    """Join blocks that follow on; a gap starts a new one."""
    open_runs: dict[Stream, list[SampleBlock]] = {}
    for piece in pieces:
        run = open_runs.setdefault(piece.stream, [])
        if run and run[-1].stop != piece.start:
            yield _joined(run)
            run.clear()
        run.append(piece)
    yield from (_joined(run) for run in open_runs.values() if run)


def view_of(run: SampleBlock) -> RawView:
    """Return a run of samples as a page draws it."""
    stream = run.stream
    whose = (stream.sensor, stream.leg, stream.quantity, stream.unit, stream.axes)
    return RawView(*whose, run.clock.at(run.start), stream.fs_hz, run.data.astype(np.float32))


def _joined(run: Sequence[SampleBlock]) -> SampleBlock:
    return replace(run[-1], start=run[0].start, data=np.concatenate([piece.data for piece in run]))


def _signal(run: SampleBlock, span_ns: tuple[int, int]) -> Iterator[RawView]:
    """Yield the part of a run that lies in the stretch, if there is one."""
    first, last = _range(run.clock.at(run.start), 1 / run.stream.fs_hz, len(run.data), span_ns)
    if last > first:
        yield view_of(replace(run, start=run.start + first, data=run.data[first:last]))


def _envelope(run: SampleBlock, criteria: Criteria, span_ns: tuple[int, int]) -> Iterator[TrackView]:
    """Compute the envelope of a run as the detectors see it."""
    if run.stream.quantity is not Quantity.EMG:
        return
    try:
        features = EmgFeatures(run.stream, criteria)
    except ValueError:
        return  # EMG in counts, or too slow for the band: no rule is applied to it, and it has no envelope
    items = [*features.feed(run), *features.finish()]
    pieces = [item for item in items if isinstance(item, Track) and item.name is TrackName.ENVELOPE_UV]
    if pieces:
        values = np.concatenate([piece.values for piece in pieces])
        quality = np.concatenate([piece.quality for piece in pieces])
        yield from _cut(_view(replace(pieces[0], values=values, quality=quality)), span_ns)


def _resting(folder: NightFolder, sensors: set[str], span_ns: tuple[int, int]) -> Iterator[TrackView]:
    """Yield the resting level as it was stored: it rests on minutes that a stretch does not have."""
    for track in folder.tracks().read():
        if track.name is TrackName.RESTING_UV and track.sensor in sensors:
            view = TrackView(track.sensor, track.leg, track.name, track.start_ns, track.hop_s, track.values)
            yield from _cut(view, span_ns)


def _view(track: Track) -> TrackView:
    stream = track.stream
    start_ns, hop_s = track.clock.at(track.start), track.hop / stream.fs_hz
    return TrackView(stream.sensor, stream.leg, track.name, start_ns, hop_s, track.values.astype(np.float32))


def _cut(view: TrackView, span_ns: tuple[int, int]) -> Iterator[TrackView]:
    """Yield the part of a view that lies in the stretch, if there is one."""
    first, last = _range(view.start_ns, view.hop_s, len(view.values), span_ns)
    if last > first:
        start_ns = view.start_ns + round(first * view.hop_s * NS_PER_S)
        yield replace(view, start_ns=start_ns, values=view.values[first:last])


def _range(start_ns: int, step_s: float, n: int, span_ns: tuple[int, int]) -> tuple[int, int]:
    """Return which of `n` values from `start_ns` on lie in a span."""
    first = min(max(round((span_ns[0] - start_ns) / NS_PER_S / step_s), 0), n)
    return first, min(max(round((span_ns[1] - start_ns) / NS_PER_S / step_s), first), n)

"""The nights as pages ask for them: out of the night folders and the journal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dashboards.book import NightCard, NightView, SensorView
from dashboards.signals import RawView, Stretch, TrackView
from detectors.channels import channels
from detectors.emg.features import EmgFeatures
from detectors.events import in_order
from detectors.signal import NS_PER_S, Quantity, SampleBlock
from detectors.track import Track, TrackName
from ingest.errors import DecodeError
from ingest.night.entries import event_of
from ingest.night.index import raw
from ingest.night.journal import Journal
from ingest.night.marks import leave_mark
from soleus.build import decoder
from soleus.nights import all_nights, journal_path, nights_dir

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from detectors.criteria import Criteria
    from detectors.events import Event
    from detectors.signal import Stream
    from ingest.night.folder import NightFolder, NightInfo
    from soleus.settings import Settings

# Samples before a stretch that let filters, envelope and resting level settle before what is shown.
SETTLE_S = 90.0
_ORDER = (TrackName.ENVELOPE_UV, TrackName.RESTING_UV, TrackName.MOVEMENT_G, TrackName.TILT_DEG)


class FolderBook:
    """A book of nights over a data folder; implements :class:`dashboards.book.NightBook`.

    Parameters
    ----------
    settings : Settings
        Where the nights are.
    criteria : Criteria
        Thresholds, for the envelope of a stretch.
    simulated : bool
        Whether all nights in it are simulated.
    """

    def __init__(self, settings: Settings, criteria: Criteria, *, simulated: bool = False) -> None:
        self._settings = settings
        self._criteria = criteria
        self._simulated = simulated

    def nights(self) -> Sequence[NightCard]:
        """Return every night, newest first."""
        return [self._card(folder) for folder in self._folders()]

    def night(self, night_id: str) -> NightView:
        """Return one night; KeyError if there is none of this name."""
        folder = self._folder(night_id)
        info = folder.read_info()
        return NightView(
            self._card(folder),
            tuple(SensorView(sensor.name, sensor.leg, sensor.site) for sensor in info.sensors),
            _summary(folder),
            tuple(self._events(info)),
            self._criteria.name,
            info.version,
            _completeness(folder),
        )

    def tracks(self, night_id: str) -> Sequence[TrackView]:
        """Return the night's tracks at about one value per second."""
        folder = self._folder(night_id)
        stored = [
            TrackView(track.sensor, track.leg, track.name, track.start_ns, track.hop_s, track.values)
            for track in folder.tracks().read()
            if track.name in _ORDER
        ]
        return sorted(stored, key=lambda view: (view.leg, view.sensor, _ORDER.index(view.name)))

    def raw(self, night_id: str, sensor: str, onset_ns: int, end_ns: int) -> Stretch:
        """Return a stretch of one sensor at full resolution, read from the packet log."""
        folder = self._folder(night_id)
        info = folder.read_info()
        worn = next((s for s in info.sensors if s.name == sensor or sensor.startswith(f"{s.name}.")), None)
        if worn is None:
            raise KeyError(sensor)
        before_ns = onset_ns - round(SETTLE_S * NS_PER_S)
        blocks = raw(folder, lambda: decoder(worn, info.speed), worn.name, before_ns, end_ns)
        pieces = [
            piece for block in blocks for piece in _channel_blocks(block) if _wanted(piece.stream, sensor, worn.name)
        ]
        runs = list(_runs(pieces))
        signals = tuple(view for run in runs for view in _signal(run, onset_ns, end_ns))
        resting = [
            part
            for track in self.tracks(night_id)
            if track.name is TrackName.RESTING_UV and any(track.sensor == run.stream.sensor for run in runs)
            for part in _cut(track, onset_ns, end_ns)
        ]
        return Stretch(signals, (*self._envelopes(runs, onset_ns, end_ns), *resting))

    def mark(self, night_id: str, label: str) -> None:
        """Mark this moment of a running night; KeyError if there is none of this name, ValueError if it is over."""
        folder = self._folder(night_id)
        if not self._card(folder).running:
            msg = f"{night_id} is over, expected a running night"
            raise ValueError(msg)
        leave_mark(folder.path, label, "page")

    def _folders(self) -> Iterator[NightFolder]:
        """Yield the nights that a page may show: nothing that a link leads to outside of the data folder."""
        inside = self._settings.data_dir.resolve()
        return (folder for folder in all_nights(self._settings) if _lies_in(folder, inside))

    def _folder(self, night_id: str) -> NightFolder:
        folder = next((f for f in self._folders() if f.path.name == night_id), None)
        if folder is None or folder.path.parent != nights_dir(self._settings):
            raise KeyError(night_id)
        return folder

    def _card(self, folder: NightFolder) -> NightCard:
        info = folder.read_info()
        progress = folder.read_summary()
        end_ns = info.start_ns if progress is None else int(progress["end_ns"])
        start_ns = info.start_ns if progress is None else int(progress["start_ns"])
        running = progress is None or not progress["final"]
        # No leg can sleep faster than the clock.
        simulated = self._simulated or info.speed != 1.0
        return NightCard(info.night, start_ns, end_ns, info.utc_offset_s, running=running, simulated=simulated)

    def _events(self, info: NightInfo) -> Iterator[Event]:
        path = journal_path(self._settings)
        if not path.is_file():
            return
        with Journal(path) as journal:
            entries = journal.events(info.person, info.night, info.scoring)
        yield from sorted(map(event_of, entries), key=in_order)

    def _envelopes(self, runs: Iterable[SampleBlock], onset_ns: int, end_ns: int) -> Iterator[TrackView]:
        """Compute the envelope of a stretch as the detectors see it; a gap starts a new view."""
        for run in runs:
            if run.stream.quantity is not Quantity.EMG:
                continue
            features = EmgFeatures(run.stream, self._criteria)
            items = [*features.feed(run), *features.finish()]
            pieces = [item for item in items if isinstance(item, Track) and item.name is TrackName.ENVELOPE_UV]
            if pieces:
                values = np.concatenate([piece.values for piece in pieces])
                quality = np.concatenate([piece.quality for piece in pieces])
                yield from _cut(_view(replace(pieces[0], values=values, quality=quality)), onset_ns, end_ns)


def _lies_in(folder: NightFolder, directory: Path) -> bool:
    links = (path for path in (folder.path, *folder.path.iterdir()) if path.is_symlink())
    return all(link.resolve().is_relative_to(directory) for link in links)


def _completeness(folder: NightFolder) -> str:
    """Return the verdict of a night's certificate; a page shows the night even if it cannot be read."""
    try:
        stated = folder.read_certificate() or {}
    except DecodeError:
        return ""
    verdict = stated.get("verdict", "")
    return verdict if isinstance(verdict, str) else ""


def _summary(folder: NightFolder) -> Mapping[str, object]:
    progress = folder.read_summary()
    summary = {} if progress is None else progress["summary"]
    return summary if isinstance(summary, dict) else {}


def _channel_blocks(block: SampleBlock) -> Iterator[SampleBlock]:
    for axis, stream in enumerate(channels(block.stream)):
        whole = len(stream.axes) == len(block.stream.axes)
        yield SampleBlock(stream, block.clock, block.start, block.data if whole else block.data[:, axis : axis + 1])


def _wanted(stream: Stream, sensor: str, worn: str) -> bool:
    """Return whether a page that asks for `sensor` wants to see a stream: its channel, and the motion beside it."""
    return sensor in {stream.sensor, worn} or stream.quantity is not Quantity.EMG


def _runs(pieces: Iterable[SampleBlock]) -> Iterator[SampleBlock]:
    """Join blocks that follow on; a gap starts a new one."""
    open_runs: dict[Stream, list[SampleBlock]] = {}
    for piece in pieces:
        run = open_runs.setdefault(piece.stream, [])
        if run and run[-1].stop != piece.start:
            yield _joined(run)
            run.clear()
        run.append(piece)
    yield from (_joined(run) for run in open_runs.values() if run)


def _joined(run: Sequence[SampleBlock]) -> SampleBlock:
    return replace(run[-1], start=run[0].start, data=np.concatenate([piece.data for piece in run]))


def _signal(run: SampleBlock, onset_ns: int, end_ns: int) -> Iterator[RawView]:
    """Yield the part of a run that lies in the stretch, if there is one."""
    stream, clock = run.stream, run.clock
    first, last = _range(clock.at(run.start), 1 / stream.fs_hz, len(run.data), (onset_ns, end_ns))
    if last > first:
        at_ns = clock.at(run.start + first)
        data = run.data[first:last].astype(np.float32)
        whose = (stream.sensor, stream.leg, stream.quantity, stream.unit, stream.axes)
        yield RawView(*whose, at_ns, stream.fs_hz, data)


def _view(track: Track) -> TrackView:
    stream = track.stream
    start_ns, hop_s = track.clock.at(track.start), track.hop / stream.fs_hz
    return TrackView(stream.sensor, stream.leg, track.name, start_ns, hop_s, track.values.astype(np.float32))


def _cut(view: TrackView, onset_ns: int, end_ns: int) -> Iterator[TrackView]:
    """Yield the part of a view that lies in the stretch, if there is one."""
    first, last = _range(view.start_ns, view.hop_s, len(view.values), (onset_ns, end_ns))
    if last > first:
        start_ns = view.start_ns + round(first * view.hop_s * NS_PER_S)
        yield replace(view, start_ns=start_ns, values=view.values[first:last])


def _range(start_ns: int, step_s: float, n: int, span_ns: tuple[int, int]) -> tuple[int, int]:
    """Return which of `n` values from `start_ns` on lie in a span."""
    first = min(max(round((span_ns[0] - start_ns) / NS_PER_S / step_s), 0), n)
    return first, min(max(round((span_ns[1] - start_ns) / NS_PER_S / step_s), first), n)

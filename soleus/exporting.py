"""A stored night as EDF+: read once to learn what is in it, and once more to write it, a few minutes in memory."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from detectors.events import EventKind
from detectors.signal import NS_PER_S, Gap
from ingest.clock import HostTime
from ingest.decoders.base import Marker
from ingest.files.edf_column import Column
from ingest.files.edf_grid import Grid
from ingest.files.edf_labels import labels_of, understood
from ingest.files.edf_notes import Note, NotePages
from ingest.files.edf_numbers import BDF_BYTES, EDF_BYTES
from ingest.files.edf_pages import RecordPages
from ingest.files.edf_scales import fits_16_bits, scales_of
from ingest.files.edf_steps import PREFIXES
from ingest.files.edf_survey import MS_PER_S, Signal, gathered, record_ms, surveyed
from ingest.files.edf_writing import Described, edf_header, with_records
from ingest.night.marks import legible
from ingest.night.records import Mark
from ingest.stream_key import stream_key
from soleus.errors import ConfigError
from soleus.export_timing import timing_of
from soleus.exported import Export, Exported
from soleus.machine import goes_on
from soleus.night_decoding import NightDecoding, log_pieces, patient_window_s

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from detectors.events import Event
    from ingest.decoders.base import Item
    from ingest.files.edf_steps import Scale
    from ingest.night.folder import NightFolder, NightInfo
    from soleus.export_timing import Timing

    Told = Callable[[int], None]

EQUIPMENT = "soleus_export"
BDF_SUFFIX = ".bdf"
NS_PER_MS = 1_000_000
CRAMP_SHOWN_TIER = 1


class _Pieces(NamedTuple):
    """What a file is written from."""

    head: bytes
    scales: Sequence[Scale]
    lengths: Sequence[int]
    notes: NotePages
    timing: Timing
    sample_bytes: int


class NightExport:
    """The export of one night.

    Parameters
    ----------
    folder : NightFolder
        The night.
    info : NightInfo
        What was worn.
    told : callable, optional
        Is told how many bytes of the packet log were read; it is read twice, or three times.

    Raises
    ------
    ConfigError
        If the night has no samples.
    """

    def __init__(self, folder: NightFolder, info: NightInfo, told: Told | None = None) -> None:
        self._folder = folder
        self._info = info
        self._told = told
        self._final = not goes_on(folder)
        self._markers: list[Marker] = []
        self._window_s: float | None = None
        self._signals = self._survey()
        if not self._signals:
            msg = f"{folder.packets}: no samples in it, expected a night that was recorded"
            raise ConfigError(msg)
        self._start_ns = min(one.first_ns for one in self._signals) // NS_PER_S * NS_PER_S
        self._record_ms = record_ms([(one.fs_hz, len(one.axes)) for one in self._signals])
        # The last sample may stand up to a step behind its time, and must have a place.
        length_ns = max(one.stop_ns + round(NS_PER_S / one.fs_hz) for one in self._signals) - self._start_ns
        self._n_records = -(-length_ns // (self._record_ms * NS_PER_MS))

    def write(self, path: Path, events: Sequence[Event] = (), *, in_utc: bool = False) -> Export:
        """Write the file.

        Parameters
        ----------
        path : Path
            The file; an existing one is replaced when the new one is whole. It is BDF+ if its name ends in ``.bdf``.
        events : sequence of Event
            What was found; each becomes an annotation.
        in_utc : bool
            Whether the header says the start in UTC rather than in the local time of the night.

        Returns
        -------
        Export
            What is in it.
        """
        offset = timedelta(0) if in_utc else timedelta(seconds=self._info.utc_offset_s)
        start = datetime.fromtimestamp(self._start_ns // NS_PER_S, UTC).astimezone(timezone(offset))
        zone = start.strftime("UTC%z")
        gaps = [note for signal in self._signals for note in self._gap_notes(signal)]
        told = Note(0.0, 0.0, f"Exported by Soleus: {start:%Y-%m-%d %H:%M:%S} {zone}")
        notes = [told, *self._ending_notes(), *gaps, *self._marker_notes(), *self._event_notes(events)]
        sample_bytes = BDF_BYTES if path.suffix == BDF_SUFFIX else EDF_BYTES
        pages_of_notes = NotePages(
            notes, n_records=self._n_records, record_ms=self._record_ms, sample_bytes=sample_bytes
        )
        channels, scales, timing = self._described(sample_bytes)
        record_s = self._record_ms / MS_PER_S
        head = edf_header(
            channels,
            start,
            record_s=record_s,
            note_bytes=pages_of_notes.n_bytes,
            told=(EQUIPMENT, zone),
            sample_bytes=sample_bytes,
        )
        lengths = [channel.n_per_record for channel in channels]
        pieces = _Pieces(with_records(head, self._n_records), scales, lengths, pages_of_notes, timing, sample_bytes)
        rows = tuple(self._rows(channels, scales, self._write(path, pieces)))
        n_gaps = sum(len(signal.missing) for signal in self._signals)
        return Export(start, self._n_records * record_s, rows, n_gaps, len(notes), lengths[-1] / record_s, self._final)

    @property
    def needs_24_bits(self) -> bool:
        """Whether 16 bits would clip a value, or make the steps of a channel coarser than the sensor's own."""
        return not all(map(fits_16_bits, self._signals))

    def _survey(self) -> list[Signal]:
        """Look through the night; a second time with more patience if samples came too late for the first."""
        decoding = NightDecoding(self._info)
        signals = surveyed(gathered(self._items(decoding, keep_markers=True)))
        if decoding.n_late:
            self._window_s = patient_window_s(self._info)
            signals = surveyed(gathered(self._items(self._decoding())))
        return signals

    def _decoding(self) -> NightDecoding:
        if self._window_s is None:
            return NightDecoding(self._info)
        return NightDecoding(self._info, window_s=self._window_s)

    def _items(self, decoding: NightDecoding, *, keep_markers: bool = False) -> Iterator[Item]:
        host = HostTime()
        marks: set[Mark] = set()
        for piece in log_pieces(self._folder.packets, self._told):
            for record in piece:
                host.feed(record)
                if keep_markers and isinstance(record, Mark) and record not in marks:
                    marks.add(record)
                    self._markers.append(Marker(record.source, host.utc_ns(record.mono_ns), legible(record.label)))
                for item in decoding.feed(record):
                    if keep_markers and isinstance(item, Marker):
                        self._markers.append(item)
                    yield item
        yield from decoding.finish()

    def _described(self, sample_bytes: int) -> tuple[list[Described], list[Scale], Timing]:
        channels, scales = [], []
        timing = timing_of(self._folder, self._info, self._signals, start_ns=self._start_ns, n_records=self._n_records)
        for signal, labels in zip(self._signals, labels_of([one.stream for one in self._signals]), strict=True):
            n_per_record = max(1, round(signal.fs_hz * self._record_ms / MS_PER_S))
            for label, scale in zip(labels, scales_of(signal, sample_bytes), strict=True):
                unit = PREFIXES[scale.factor] + signal.stream.unit.value
                channels.append(Described(label, unit, n_per_record, (scale.low, scale.high), scale.stored_range))
                scales.append(scale)
            fs_hz = n_per_record * MS_PER_S / self._record_ms
            timing.add(signal, labels, scales[-len(labels) :], Grid(self._start_ns, fs_hz))
        return [*channels, timing.channel()], scales, timing

    def _write(self, path: Path, pieces: _Pieces) -> list[Grid]:
        """Write the whole file beside its place, then put it there; nothing is left of one that fails."""
        # Under a name that nobody has, and as private as the folder of the night, wherever it is written.
        number, name = tempfile.mkstemp(prefix=".soleus-", suffix=".part", dir=path.parent)
        part = Path(name)
        try:
            with os.fdopen(number, "w+b") as file:
                file.write(pieces.head)
                pages = RecordPages(
                    file,
                    len(pieces.head),
                    n_records=self._n_records,
                    lengths=pieces.lengths,
                    notes=pieces.notes,
                    sample_bytes=pieces.sample_bytes,
                )
                columns = self._fill(pages, pieces.scales, pieces.lengths)
                pages.put(len(pieces.scales), 0, pieces.timing.words(columns))
                pages.close()
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return [column.grid for column in columns]

    def _fill(self, pages: RecordPages, scales: Sequence[Scale], lengths: Sequence[int]) -> list[Column]:
        """Write all samples, and a flat line where there are none; return where they went."""
        first_channel, columns = 0, {}
        for signal in self._signals:
            span = range(first_channel, first_channel + len(signal.axes))
            fs_hz = lengths[first_channel] * MS_PER_S / self._record_ms
            chosen = [scales[channel] for channel in span]
            columns[stream_key(signal.stream)] = Column(Grid(self._start_ns, fs_hz), span, chosen, signal)
            first_channel = span.stop
        for item in gathered(self._items(self._decoding())):
            # A night that goes on has more by now than when it was looked through.
            column = columns.get(stream_key(item.stream))
            if column is not None and not isinstance(item, Gap):
                column.put(item, pages)
        for one in columns.values():
            one.end(pages, self._n_records * lengths[one.channels.start])
        return list(columns.values())

    def _rows(
        self, channels: Sequence[Described], scales: Sequence[Scale], grids: Sequence[Grid]
    ) -> Iterator[Exported]:
        number = 0
        for signal, grid in zip(self._signals, grids, strict=True):
            missing_s = sum(gap.stop_ns - gap.start_ns for gap in signal.missing) / NS_PER_S
            for _ in signal.axes:
                channel, scale = channels[number], scales[number]
                fs_hz = channel.n_per_record * MS_PER_S / self._record_ms
                yield Exported(
                    label=channel.label,
                    sensor=signal.stream.sensor,
                    unit=channel.unit,
                    quantity=signal.stream.quantity.value,
                    leg=signal.stream.leg.value,
                    site=signal.stream.site,
                    fs_hz=fs_hz,
                    step=scale.exact_step,
                    scored=understood(channel.label),
                    n_samples=signal.n_samples,
                    n_clipped=scale.n_clipped,
                    n_repeated=grid.n_repeated,
                    n_left_out=grid.n_left_out,
                    n_overlap=grid.n_overlap,
                    worst_ms=grid.worst * MS_PER_S / fs_hz,
                    missing_s=missing_s,
                )
                number += 1

    def _gap_notes(self, signal: Signal) -> Iterator[Note]:
        whose = f"{signal.stream.sensor} {signal.stream.quantity}"
        for gap in signal.missing:
            yield self._note(gap.start_ns, gap.stop_ns, f"Signal gap, {' and '.join(gap.causes)}: {whose}")
        end_ns = self._start_ns + self._n_records * self._record_ms * NS_PER_MS
        step_ns = NS_PER_S / signal.fs_hz
        if signal.first_ns - self._start_ns > step_ns:
            yield self._note(self._start_ns, signal.first_ns, f"Signal gap, not started: {whose}")
        if self._final and end_ns - signal.stop_ns > step_ns:
            yield self._note(signal.stop_ns, end_ns, f"Signal gap, ended: {whose}")

    def _ending_notes(self) -> Iterator[Note]:
        if not self._final:
            end_ns = max(one.stop_ns for one in self._signals)
            yield self._note(end_ns, end_ns, "Exported while the night went on: what comes later is not here")

    def _marker_notes(self) -> Iterator[Note]:
        for marker in self._markers:
            yield self._note(marker.t_ns, marker.t_ns, f"Marker: {marker.label} ({marker.sensor})")

    def _event_notes(self, events: Sequence[Event]) -> Iterator[Note]:
        for event in events:
            is_shown = event.kind is not EventKind.CRAMP or event.measures.get("tier", 1) >= CRAMP_SHOWN_TIER
            if is_shown and event.kind not in {EventKind.MARKER, EventKind.SIGNAL_GAP}:
                kind = "cramp-like" if event.kind is EventKind.CRAMP else event.kind.value.replace("_", " ")
                yield self._note(event.onset_ns, event.end_ns, f"{kind.capitalize()} ({event.leg}, {event.sensor})")

    def _note(self, start_ns: int, stop_ns: int, text: str) -> Note:
        return Note(max((start_ns - self._start_ns) / NS_PER_S, 0.0), (stop_ns - start_ns) / NS_PER_S, text)

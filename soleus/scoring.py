"""From the packet log to events, epochs, tracks and the journal: one path for a live night and for a replay."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.events import in_order
from detectors.pipeline import Pipeline
from detectors.signal import NS_PER_S, Gap, Leg, SampleBlock, Stream, Watermark
from ingest.clock import HostTime
from ingest.decoders.base import Marker, Status
from ingest.decoders.outlet import BACKFILL_WINDOW_S
from ingest.night.entries import NightCourse, night_entry
from ingest.night.marks import legible
from ingest.night.minutes import HealthMinutes, News
from ingest.night.records import Mark, NightEnd, NightStart
from soleus import __version__
from soleus.configuration_words import configuration_words
from soleus.findings import Findings, entries_of
from soleus.night_decoding import NightDecoding
from soleus.scorable import expect_usable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from detectors.criteria import Criteria
    from detectors.events import Epoch, Event, EventKey
    from detectors.sleep.estimate import SleepSpan
    from ingest.decoders.base import Item
    from ingest.night.entries import Entry
    from ingest.night.folder import NightInfo
    from ingest.night.records import Record


class NightScoring:
    """Score a night from the records of its packet log.

    Parameters
    ----------
    info : NightInfo
        Whose night it is and which sensors were worn.
    criteria : Criteria
        Every threshold.
    window_s : float
        How late samples may come and still be used, s.

    Notes
    -----
    Records may come in pieces of any size. Samples that follow each other are gathered before they
    are scored, which changes nothing but the time it takes.
    """

    def __init__(self, info: NightInfo, criteria: Criteria, *, window_s: float = BACKFILL_WINDOW_S) -> None:
        self.info = info
        self.criteria = criteria
        self.decoding = NightDecoding(info, window_s=window_s)
        self._pipeline = Pipeline(criteria, movement_sensors=movement_sensors(info))
        self._pending: dict[Stream, list[SampleBlock]] = {}
        self._n_samples: dict[Stream, int] = {}
        self._newest: dict[EventKey, Event] = {}
        self._epochs: list[Epoch] = []
        self._host = HostTime()
        self._compressed = False
        self._started_ns: int | None = None
        self._first_sample_ns: int | None = None
        self._latest_ns = 0
        self._minutes = HealthMinutes((sensor.name for sensor in info.sensors), lambda: self.decoding.clocks)
        self._news = News()
        # A recorder that was killed in between logs the same record again; the clock may have been set since.
        self._marks: set[Mark] = set()
        self._marked_ns: dict[tuple[str, str], int] = {}
        self.ended = False

    def feed(self, records: Iterable[Record]) -> Findings:
        """Take the next records of the log.

        Parameters
        ----------
        records : iterable of Record
            In the order of the log.

        Returns
        -------
        Findings
            What they settle.
        """
        findings = Findings()
        for record in records:
            self._note(record)
            findings.statuses += self._minutes.note(record)
            if isinstance(record, Mark) and record not in self._marks:
                self._marks.add(record)
                # A log of an earlier version may hold a label that no file takes.
                at_ns = self._host.utc_ns(record.mono_ns)
                self._mark(Marker(legible(record.source), at_ns, legible(record.label)), Leg.UNKNOWN, findings)
            for item in self.decoding.feed(record):
                self._take(item, findings)
        self._flush(findings)
        return self._kept(findings)

    def finish(self) -> Findings:
        """End the night; only after this is the summary final."""
        findings = Findings()
        for item in self.decoding.finish():
            self._take(item, findings)
        self._flush(findings)
        findings.take(self._pipeline.finish())
        findings.statuses += self._minutes.finish()
        return self._kept(findings)

    def summary(self) -> Mapping[str, Any]:
        """Return the numbers of the night so far."""
        return self._pipeline.summary(*self.span_ns)

    @property
    def span_ns(self) -> tuple[int, int]:
        """First sample of the night and the latest time that is known of it, UTC ns."""
        started_ns = self._latest_ns if self._started_ns is None else self._started_ns
        start_ns = started_ns if self._first_sample_ns is None else self._first_sample_ns
        return start_ns, max(start_ns, self._latest_ns)

    @property
    def sleep(self) -> tuple[SleepSpan, ...]:
        """Sleep and wake of the finished night, by onset."""
        return self._pipeline.sleep

    @property
    def streams(self) -> Mapping[Stream, int]:
        """Every stream that was met, in the order of its first sample, and how many samples it had."""
        return self._n_samples

    @property
    def events(self) -> list[Event]:
        """The newest revision of every event, by onset."""
        return sorted(self._newest.values(), key=in_order)

    @property
    def epochs(self) -> list[Epoch]:
        """All epochs, by start."""
        return sorted(self._epochs, key=lambda epoch: (epoch.start_ns, epoch.sensor, epoch.quantity))

    @property
    def failed_plugins(self) -> Mapping[str, str]:
        """Detectors of others that broke the contract so far, by name, and how."""
        return self._pipeline.failures.told

    def final_entries(self) -> list[Entry]:
        """Return everything that this scoring says, as the journal keeps it."""
        info = self.info
        entries = entries_of(Findings(events=self.events, epochs=self.epochs), info)
        course = NightCourse(info.utc_offset_s, sleep_states(self.sleep))
        whose = (info.person, info.night, info.scoring)
        night = night_entry(self.summary(), *whose, span_ns=self.span_ns, course=course)
        scored_with = {"criteria": configuration_words(self.criteria), "version": __version__}
        return [*entries, replace(night, body={**night.body, **scored_with})]

    def _note(self, record: Record) -> None:
        """Learn what time it is."""
        if isinstance(record, NightStart):
            self._started_ns = record.utc_ns if self._started_ns is None else self._started_ns
            self._compressed = record.speed != 1.0
        self._host.feed(record)
        if not self._compressed:
            # In a compressed night the time of a record says how fast the computer was, not how late it is.
            self._latest_ns = max(self._latest_ns, self._host.utc_ns(record.mono_ns))
        self.ended = isinstance(record, NightEnd)

    def _take(self, item: Item, findings: Findings) -> None:
        self._minutes.take(item)
        match item:
            case SampleBlock():
                self._gather(item, findings)
            case Gap() | Watermark():
                self._flush_stream(item.stream, findings)
                findings.take(self._pipeline.feed(item))
            case Marker():
                self._mark(item, self._leg_of(item.sensor), findings)
            case Status() if self._news.is_new(item):
                findings.statuses.append((item, self._host.utc_ns(item.mono_ns)))

    def _mark(self, marker: Marker, leg: Leg, findings: Findings) -> None:
        """Take a marker unless it is the last one of its kind again: logged twice, or a button that bounces."""
        kind = marker.sensor, marker.label
        last_ns = self._marked_ns.get(kind)
        if last_ns is None or abs(marker.t_ns - last_ns) >= NS_PER_S:
            self._marked_ns[kind] = marker.t_ns
            findings.mark(marker, leg)

    def _gather(self, block: SampleBlock, findings: Findings) -> None:
        """Hold samples back to score many at once, except the first ones of a stream.

        A new stream must be known before others are scored past its beginning.
        """
        first_ns = block.clock.at(block.start)
        self._first_sample_ns = first_ns if self._first_sample_ns is None else min(first_ns, self._first_sample_ns)
        self._latest_ns = max(self._latest_ns, block.clock.at(block.stop))
        known = block.stream in self._n_samples
        self._n_samples[block.stream] = self._n_samples.get(block.stream, 0) + len(block.data)
        if not known:
            expect_usable(self.criteria, block.stream, name=self.info.night)
            self._flush(findings)
            self._score(block, findings)
            return
        self._pending.setdefault(block.stream, []).append(block)

    def _flush(self, findings: Findings) -> None:
        for stream in list(self._pending):
            self._flush_stream(stream, findings)

    def _flush_stream(self, stream: Stream, findings: Findings) -> None:
        blocks = self._pending.pop(stream, [])
        for run in _contiguous(blocks):
            data = run[0].data if len(run) == 1 else np.concatenate([block.data for block in run])
            self._score(SampleBlock(stream, run[-1].clock, run[0].start, data), findings)

    def _score(self, block: SampleBlock, findings: Findings) -> None:
        findings.samples.append(block)
        findings.take(self._pipeline.feed(block))

    def _leg_of(self, sensor: str) -> Leg:
        return next((worn.leg for worn in self.info.sensors if worn.name == sensor), Leg.UNKNOWN)

    def _kept(self, findings: Findings) -> Findings:
        for event in findings.events:
            held = self._newest.get(event.key)
            if held is None or event.revision > held.revision:
                self._newest[event.key] = event
        self._epochs += findings.epochs
        return findings


def movement_sensors(info: NightInfo) -> dict[Leg, str]:
    """Return which sensor scores the movements of a leg: the first that is worn on the tibialis anterior."""
    return {s.leg: s.name for s in reversed(info.sensors) if "tibialis" in s.site.lower()}


def sleep_states(spans: Iterable[SleepSpan]) -> list[tuple[int, int, str]]:
    """Return onset, end (UTC ns) and state of stretches of sleep and wake; what is not sure is ``in doubt``."""
    return [(s.onset_ns, s.end_ns, "in doubt" if s.uncertain else "asleep" if s.asleep else "awake") for s in spans]


def on_disk(path: os.PathLike[str]) -> Callable[[], None]:
    """Return a function that forces a file to the disk, whoever writes it.

    An event must never be older on the disk than the packets that it was found in.
    """

    def sync() -> None:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    return sync


def _contiguous(blocks: Sequence[SampleBlock]) -> list[list[SampleBlock]]:
    """Split blocks where one does not follow the other."""
    runs: list[list[SampleBlock]] = []
    for block in blocks:
        if runs and runs[-1][-1].stop == block.start:
            runs[-1].append(block)
        else:
            runs.append([block])
    return runs

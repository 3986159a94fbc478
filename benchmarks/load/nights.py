"""What a night sends: events and their revisions, epochs, minutes of health and the summary, of a simulated night."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.playing import recorded
from detectors.criteria import named
from detectors.pipeline import Pipeline
from detectors.recording import blocks
from detectors.signal import NS_PER_S
from detectors.simulate import simulate_night
from ingest import wire
from ingest.decoders.base import Status, StatusKind
from ingest.night.entries import Entry, NightCourse, TopicKind, epoch_entry, event_entry, health_entry, night_entry
from ingest.points import points_of
from ingest.wire import Delivered
from soleus import __version__
from soleus.scoring import sleep_states

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from detectors.chain import Output

# The evening of 20 November 2026, UTC.
START_NS = 1_795_212_000 * NS_PER_S
WHOSE = ("p1", "2026-11-20", "default")
# A restless one: some 1300 events.
REGIME, SEED = "hard", 1
# What comes out is the same for every cut; when it comes out is known to six seconds.
STEP_SAMPLES = 3000
MINUTE_S = 60
SENSORS = ("left-shin", "right-shin")
# A minute of a sensor with 500 Hz of EMG and 50 Hz of acceleration in packets of 116 and 38 samples.
MINUTE = {
    "minute_s": 60.0,
    "linked_share": 1.0,
    "n_expected": 33000.0,
    "n_received": 33000.0,
    "n_lost_air": 0.0,
    "n_duplicate": 0.0,
    "n_malformed": 0.0,
    "n_late": 0.0,
    "n_lead_off": 0.0,
    "n_device": 0.0,
    "notifications_per_s": 5.626,
    "longest_silence_s": 0.231,
    "battery_pct": 87.0,
    "battery_mv": 3912.0,
    "rssi_dbm": -61.0,
}


class Said(NamedTuple):
    """An entry, and how long after the beginning of its night it is written, s."""

    at_s: float
    entry: Entry


class Home(NamedTuple):
    """Who sends: names in topics, and the account at the broker."""

    site: str
    person: str
    collector: str
    account: str

    @property
    def rights(self) -> str:
        """Return the account as `soleus setup --stack` takes it."""
        return f"{self.account}:{self.site}:{self.person}:{self.collector}"


def home(number: int) -> Home:
    """Return the names of a home."""
    return Home(f"site{number:04d}", f"p{number:04d}", f"bedroom{number:04d}", f"home{number:04d}")


def of(whose: Home, entry: Entry) -> Entry:
    """Return an entry of the night as that of a home."""
    key = entry.key.replace(f'"{entry.person}"', f'"{whose.person}"', 1)
    return replace(entry, person=whose.person, key=key)


def night(hours: float, seed: int = SEED) -> list[Said]:
    """Return what a simulated night says, in order; simulated and scored once for each computer."""
    folder = Path(tempfile.gettempdir()) / f"soleus-load-{os.getuid()}-{__version__}"
    path = folder / f"night-{hours:g}h-{REGIME}-{seed}-slept.jsonl"
    if not path.exists():
        folder.mkdir(mode=0o700, exist_ok=True)
        made = path.with_suffix(f".{os.getpid()}")
        write(made, simulated(hours, seed))
        made.rename(path)
    return read(path)


def write(path: Path, said: Iterable[Said]) -> None:
    """Keep a night in a file."""
    with path.open("w", encoding="utf-8") as file:
        for at_s, entry in said:
            kept = (entry.topic_kind, entry.night, entry.scoring, entry.key, entry.revision, entry.body)
            file.write(json.dumps([at_s, entry.person, *kept]) + "\n")


def read(path: Path) -> list[Said]:
    """Return the night that a file keeps."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        at_s, person, kind, name, scoring, key, revision, body = json.loads(line)
        found.append(Said(at_s, Entry(TopicKind(kind), person, name, scoring, key, revision, valid=True, body=body)))
    return found


def simulated(hours: float, seed: int) -> list[Said]:
    """Simulate a night of two sensors, score it as it comes, and return what is written when."""
    recording = recorded(simulate_night(hours, seed=seed, regime=REGIME))
    pipeline = Pipeline(named("wasm-2016"), [source.stream for source in recording.sources])
    said, now_ns = [], 0
    for block in blocks(recording.sources, STEP_SAMPLES):
        now_ns = max(now_ns, block.clock.at(block.stop))
        said += [Said(now_ns / NS_PER_S, entry) for entry in _entries(pipeline.feed(block))]
    end = list(_entries(pipeline.finish()))
    span_ns = (START_NS, START_NS + now_ns)
    # UTC is the clock of the place.
    course = NightCourse(
        0, [(START_NS + a_ns, START_NS + b_ns, state) for a_ns, b_ns, state in sleep_states(pipeline.sleep)]
    )
    end.append(night_entry(pipeline.summary(0, now_ns), *WHOSE, span_ns=span_ns, course=course))
    said += [Said(now_ns / NS_PER_S, entry) for entry in end]
    return sorted([*said, *_minutes(now_ns / NS_PER_S)], key=lambda one: one.at_s)


def _entries(output: Output) -> Iterator[Entry]:
    for event in output.events:
        moved = replace(event, onset_ns=START_NS + event.onset_ns, end_ns=START_NS + event.end_ns)
        yield event_entry(moved, *WHOSE)
    for epoch in output.epochs:
        yield epoch_entry(replace(epoch, start_ns=START_NS + epoch.start_ns), *WHOSE)


def _minutes(length_s: float) -> Iterator[Said]:
    for start_s in range(0, int(length_s), MINUTE_S):
        for sensor in SENSORS:
            status = Status(sensor, StatusKind.MINUTE, 0, "battery and link", MINUTE)
            entry = health_entry(status, *WHOSE[:2], time_ns=START_NS + start_s * NS_PER_S)
            yield Said(min(start_s + MINUTE_S, length_s), entry)


def newest(said: Iterable[Said]) -> dict[str, Entry]:
    """Return the newest revision of each key."""
    kept: dict[str, Entry] = {}
    for _, entry in said:
        if entry.key not in kept or kept[entry.key].revision < entry.revision:
            kept[entry.key] = entry
    return kept


class Rows(NamedTuple):
    """What one home must have in a measurement: how many points, and the sum of their revisions."""

    points: int
    revisions: int


def rows(said: Iterable[Said]) -> dict[str, Rows]:
    """Return what the database must hold of a home, by measurement."""
    whose = home(1)
    kept: dict[str, dict[tuple[object, ...], int]] = {}
    for entry in newest(said).values():
        for point in points_of(Delivered(whose.site, whose.collector, 0, of(whose, entry))):
            mark = (*sorted(point.tags.items()), point.time_ns)
            kept.setdefault(point.measurement.name, {})[mark] = entry.revision
    return {name: Rows(len(points), sum(points.values())) for name, points in kept.items()}


class Size(NamedTuple):
    """What a night is on its way: messages, bytes of topics and payloads, points, bytes of line protocol."""

    messages: int
    entries: int
    mqtt_bytes: int
    points: int
    line_bytes: int


def size(said: Sequence[Said], kinds: Iterable[TopicKind] = tuple(TopicKind)) -> Size:
    """Measure a night's entries of some kinds; every revision is a message and its points are written again."""
    whose, wanted = home(1), frozenset(kinds)
    entries = [of(whose, one.entry) for one in said if one.entry.topic_kind in wanted]
    topics = sum(len(wire.entry_topic(whose.site, entry).encode()) for entry in entries)
    payloads = sum(len(wire.encode(entry, whose.collector)) for entry in entries)
    lines = [point.line() for entry in entries for point in points_of(Delivered(whose.site, whose.collector, 0, entry))]
    return Size(
        len(entries),
        len({entry.key for entry in entries}),
        topics + payloads,
        len(lines),
        sum(len(line.encode()) + 1 for line in lines),
    )


def fields_and_series(said: Iterable[Said]) -> tuple[int, int]:
    """Return how many fields a night writes, with every revision, and into how many series."""
    whose, fields, series = home(1), 0, set()
    for _, entry in said:
        for point in points_of(Delivered(whose.site, whose.collector, 0, of(whose, entry))):
            fields += len(point.fields)
            series.add((point.measurement.name, *sorted(point.tags.items())))
    return fields, len(series)

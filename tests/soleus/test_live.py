"""What pages follow of a running night: the newest samples, each once, whatever happens to the log."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest

from detectors.criteria import named
from detectors.signal import NS_PER_S, Quantity
from ingest.decoders.lsp_info import DATA_UUID, STATUS_UUID
from ingest.decoders.lsp_status import StatusPacket, encode_status
from ingest.decoders.reports import BATTERY_LEVEL_UUID
from ingest.night.frames import framed
from ingest.night.packets import PacketLogWriter
from ingest.night.record_bytes import record_to_bytes
from ingest.night.records import LinkDown, LinkUp, NightEnd, NightStart, Notification, Record
from soleus.live import KEPT_NS, LiveNights
from tests.night_log import UTC_NS, night_records, write_night

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dashboards.live import LiveFeed
    from dashboards.signals import RawView
    from ingest.night.folder import NightFolder

S = NS_PER_S
SENSOR = "left-shin"
EMG_BYTES = 200
"""A packet of 100 samples of EMG has more, one of acceleration less."""


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return night_records(0.05)


@dataclass
class Bed:
    """A night whose log grows as its clock does; every page's clock is this one."""

    folder: NightFolder
    records: list[Record]
    now_ns: int = 0
    n_written: int = 0
    live: LiveNights = field(init=False)
    log: PacketLogWriter | None = None
    pages: list[LiveFeed] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.live = LiveNights(named("wasm-2016"), now_s=lambda: self.now_ns / S, now_ns=lambda: UTC_NS + self.now_ns)

    def page(self) -> LiveFeed:
        self.pages.append(self.live.feed(self.folder))
        return self.pages[-1]

    def until(self, seconds: float) -> None:
        """Let the recorder write what came until then."""
        self.now_ns = round(seconds * S)
        self.log = self.log or PacketLogWriter(self.folder.packets)
        while self.n_written < len(self.records) and self.records[self.n_written].mono_ns <= self.now_ns:
            self.log.append(self.records[self.n_written])
            self.n_written += 1

    def stop(self) -> None:
        """Let the recorder stop; it begins again with the next word."""
        if self.log is not None:
            self.log.close()
        self.log = None


@pytest.fixture
def bed(records: list[Record], tmp_path: Path) -> Iterator[Bed]:
    made = Bed(write_night(tmp_path / "night", []), records)
    yield made
    made.stop()
    for page in made.pages:
        page.close()


def samples_of(views: list[RawView], sensor: str = SENSOR, quantity: Quantity = Quantity.EMG) -> np.ndarray[Any, Any]:
    found = [view.data[:, 0] for view in views if (view.sensor, view.quantity) == (sensor, quantity)]
    return np.concatenate(found) if found else np.empty(0, np.float32)


def followed(bed: Bed, feed: LiveFeed, to_s: float, step_s: float = 0.2) -> list[RawView]:
    """Poll until then and return all that came."""
    views: list[RawView] = []
    while bed.now_ns < to_s * S:
        bed.until(min(bed.now_ns / S + step_s, to_s))
        views += feed.poll()
    return views


def without(records: list[Record], gone: Callable[[Record], bool]) -> list[Record]:
    return [record for record in records if not gone(record)]


def test_the_first_answer_is_the_last_ten_seconds_and_then_each_sample_comes_once(bed: Bed) -> None:
    bed.until(100)
    feed = bed.page()
    first = feed.poll()
    assert {(view.sensor, view.quantity.value) for view in first} == {
        (f"{leg}-shin", quantity) for leg in ("left", "right") for quantity in ("emg", "acceleration")
    }
    for view in first:
        assert 9.0 <= len(view.data) / view.fs_hz <= KEPT_NS / S + 0.6
        end_s = (view.start_ns - UTC_NS) / S + len(view.data) / view.fs_hz
        assert 99.0 < end_s <= 100.0
    assert feed.poll() == []
    later = followed(bed, feed, 110.0)
    whole = bed.page().poll()
    tail = samples_of(list(first) + later)
    np.testing.assert_array_equal(tail[-4000:], samples_of(list(whole))[-4000:])
    assert len(tail) == pytest.approx(20 * 500, abs=300)


@pytest.mark.slow
def test_two_pages_see_the_same_and_the_log_is_read_once(bed: Bed) -> None:
    bed.until(30)
    one, other = bed.page(), bed.page()
    assert len(samples_of(list(one.poll()))) == len(samples_of(list(other.poll())))
    seen = followed(bed, one, 35.0)
    np.testing.assert_array_equal(samples_of(seen), samples_of(list(other.poll())))
    one.close()
    one.close()
    assert len(samples_of(followed(bed, other, 36.0))) > 0
    other.close()


@pytest.mark.slow
def test_a_page_that_stalls_goes_on_with_the_newest(bed: Bed) -> None:
    bed.until(20)
    feed = bed.page()
    feed.poll()
    bed.until(80)
    assert len(samples_of(list(feed.poll()))) == pytest.approx(10 * 500, abs=300)


def test_a_record_that_is_cut_off_is_read_when_it_is_whole(bed: Bed) -> None:
    bed.until(20)
    feed = bed.page()
    feed.poll()
    packet = next(r for r in bed.records[bed.n_written :] if isinstance(r, Notification) and r.sensor == SENSOR)
    whole = framed(record_to_bytes(packet))
    with bed.folder.packets.open("ab", buffering=0) as log:
        log.write(whole[:30])
        bed.now_ns += S
        assert feed.poll() == []
        log.write(whole[30:])
        bed.now_ns += S
        assert len(feed.poll()) == 1


def test_a_recorder_that_was_killed_in_a_record_and_began_again_is_followed(bed: Bed) -> None:
    bed.until(20)
    feed = bed.page()
    feed.poll()
    with bed.folder.packets.open("ab", buffering=0) as log:
        log.write(framed(record_to_bytes(bed.records[bed.n_written]))[:40])
    bed.now_ns += S
    feed.poll()
    again: list[Record] = [
        NightStart(22 * S, UTC_NS + 22 * S, 1.0, "test"),
        *(LinkUp(22 * S, f"{leg}-shin", 247) for leg in ("left", "right")),
    ]
    rest = without(bed.records[bed.n_written :], lambda r: r.mono_ns < 22 * S)
    bed.records, bed.n_written = [*again, *rest], 0
    bed.until(21.9)
    bed.until(22)
    (left, _) = feed.sensors()
    assert left.linked
    assert len(samples_of(followed(bed, feed, 27.0))) == pytest.approx(5 * 500, abs=600)
    assert not feed.over


def test_a_night_that_ends_is_over_and_one_that_goes_on_is_not(bed: Bed) -> None:
    bed.until(20)
    feed = bed.page()
    told = [feed.over]
    bed.records = [NightEnd(20 * S, UTC_NS + 20 * S, "stopped")]
    bed.records.append(NightStart(50 * S, UTC_NS + 50 * S, 1.0, "test"))
    bed.n_written = 0
    for seconds in (21, 51):
        bed.until(seconds)
        told.append(feed.over)
    assert told == [False, True, False]


def test_a_night_that_is_removed_is_over(bed: Bed) -> None:
    bed.until(20)
    feed = bed.page()
    feed.poll()
    bed.folder.packets.unlink()
    bed.now_ns += S
    assert feed.over
    assert feed.poll() == []


def test_a_night_without_a_word_yet_is_waited_for(bed: Bed) -> None:
    feed = bed.page()
    assert feed.poll() == []
    assert not feed.over
    assert [(sensor.name, sensor.linked, sensor.silent_s) for sensor in feed.sensors()] == [
        ("left-shin", False, None),
        ("right-shin", False, None),
    ]
    bed.until(5)
    assert len(feed.poll()) == 4


def test_a_lost_link_and_silence_are_told(bed: Bed) -> None:
    bed.records = sorted(
        [
            *without(bed.records, lambda r: getattr(r, "sensor", "") == SENSOR and 20 * S <= r.mono_ns < 40 * S),
            LinkDown(26 * S, SENSOR, "timeout"),
            LinkUp(35 * S, SENSOR, 247),
        ],
        key=lambda record: record.mono_ns,
    )
    feed = bed.page()
    told = []
    for seconds in (19.9, 25.0, 30.0, 36.0, 42.0):
        bed.until(seconds)
        (left, right) = feed.sensors()
        assert right.linked
        assert right.silent_s == pytest.approx(0.2, abs=0.2)
        told.append((left.linked, round(left.silent_s or 0.0)))
    assert told == [(True, 0), (True, 5), (False, 10), (True, 16), (True, 0)]


def test_silence_goes_on_when_nobody_writes_the_log_any_more(bed: Bed) -> None:
    bed.until(20)
    bed.now_ns = 3620 * S
    feed = bed.page()
    (left, _) = feed.sensors()
    assert left.silent_s == pytest.approx(3600, abs=1)
    bed.now_ns += 5 * S
    (left, _) = feed.sensors()
    assert left.silent_s == pytest.approx(3605, abs=1)


def status(mono_s: float, off: int, ohm: int | None = None) -> Notification:
    packet = StatusPacket(off, 0, 1, 0, 3900, 2500, 0, (ohm,))
    return Notification(round(mono_s * S), SENSOR, STATUS_UUID, encode_status(packet))


def test_battery_and_electrodes_are_as_the_sensor_says_last(bed: Bed) -> None:
    said = [
        Notification(10 * S, SENSOR, BATTERY_LEVEL_UUID, b"\x4d"),
        status(12, 0),
        status(14, 1),
        status(16, 0, 30_000),
        status(18, 0, 900_000),
        Notification(19 * S, SENSOR, BATTERY_LEVEL_UUID, b"\x4c"),
    ]
    bed.records = sorted([*bed.records, *said], key=lambda record: record.mono_ns)
    feed = bed.page()
    told = []
    for seconds in (9, 11, 13, 15, 17, 20):
        bed.until(seconds)
        (left, right) = feed.sensors()
        told.append((left.battery_pct, left.contact))
        assert (right.battery_pct, right.contact, right.rssi_dbm) == (None, None, None)
    assert told == [(None, None), (77.0, None), (77.0, True), (77.0, False), (77.0, True), (76.0, False)]


class Louder(NamedTuple):
    """A muscle that is active from one second to another, ten times and more above its noise."""

    from_s: float
    to_s: float

    def __call__(self, record: Record) -> Record:
        is_time = self.from_s * S <= record.mono_ns < self.to_s * S
        if not isinstance(record, Notification) or record.sensor != SENSOR or len(record.payload) < EMG_BYTES:
            return record
        if not is_time:
            return record
        raw = np.frombuffer(record.payload[-200:], "<i2") * 20
        return replace(record, payload=record.payload[:-200] + raw.astype("<i2").tobytes())


@pytest.mark.slow
def test_a_muscle_is_active_while_its_envelope_is_above_the_onset_threshold(bed: Bed) -> None:
    bed.records = [Louder(62, 66)(record) for record in bed.records]
    bed.until(58)
    feed = bed.page()
    told = []
    for seconds in (58.0, 60.0, 64.5, 65.5, 70.0):
        bed.until(seconds)
        (left, right) = feed.sensors()
        told.append((left.muscle_active, right.muscle_active))
    assert told == [(False, False), (False, False), (True, False), (True, False), (False, False)]
    bed.now_ns += 10 * S
    assert not any(sensor.muscle_active for sensor in feed.sensors())


@pytest.mark.parametrize("bad", ["cut", "empty"])
def test_packets_that_cannot_be_read_stop_nothing(bed: Bed, bad: str) -> None:
    rubbish = b"" if bad == "empty" else b"\x01"
    bed.records = sorted(
        [*bed.records, *(Notification(t * S, SENSOR, DATA_UUID, rubbish) for t in range(1, 20))],
        key=lambda record: record.mono_ns,
    )
    bed.until(20)
    assert len(samples_of(list(bed.page().poll()))) > 4000


@pytest.mark.slow
def test_a_log_that_grew_by_hours_meanwhile_is_not_read_through(bed: Bed) -> None:
    bed.live = LiveNights(named("wasm-2016"), most_behind_bytes=200_000, now_s=lambda: bed.now_ns / S)
    bed.until(20)
    feed = bed.page()
    feed.poll()
    bed.until(170)
    views = feed.poll()
    assert len(samples_of(list(views))) == pytest.approx(10 * 500, abs=300)
    assert [sensor.linked for sensor in feed.sensors()] == [True, True]


@pytest.mark.slow
def test_a_page_in_the_middle_of_a_night_is_told_what_was_set_up_at_its_start(bed: Bed) -> None:
    bed.until(175)
    feed = bed.page()
    assert len(feed.poll()) == 4
    assert [sensor.linked for sensor in feed.sensors()] == [True, True]

"""What pages follow of a running night: the newest samples, each once, whatever happens to the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.criteria import named
from ingest.decoders.lsp_info import DATA_UUID
from ingest.night.frames import framed
from ingest.night.record_bytes import record_to_bytes
from ingest.night.records import LinkUp, NightEnd, NightStart, Notification, Record
from soleus.live import KEPT_NS, LiveNights
from tests.live_bed import SENSOR, Bed, S, followed, samples_of, without
from tests.night_log import UTC_NS, night_records, write_night

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return night_records(0.05)


@pytest.fixture
def bed(records: list[Record], tmp_path: Path) -> Iterator[Bed]:
    made = Bed(write_night(tmp_path / "night", []), records)
    yield made
    made.stop()
    for page in made.pages:
        page.close()


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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

"""The night in which the clocks go back: Berlin, 25 October 2026, 03:00 is 02:00 again."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from dashboards.web.clocktime import clock_text, zone_text
from detectors.signal import NS_PER_S
from ingest.night.packets import PacketLogWriter
from ingest.night.records import NightEnd, TimePair
from soleus.nights import all_nights, start_or_resume
from soleus.settings import Settings
from tests.ingest import logged_sensor as log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def at(hour: int, minute: int = 0, *, day: int = 25) -> int:
    """A time of that October in UTC, ns."""
    return round(datetime(2026, 10, day, hour, minute, tzinfo=UTC).timestamp()) * NS_PER_S


@pytest.fixture(autouse=True)
def _in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def end(path: Path) -> None:
    with PacketLogWriter(path) as packets:
        packets.append(NightEnd(0, 0, "stopped"))


def test_a_night_over_the_change_is_named_by_its_evening_and_its_clock_times_stay_unambiguous(tmp_path: Path) -> None:
    folder = start_or_resume(Settings(data_dir=tmp_path), utc_ns=at(20, 30, day=24))
    info = folder.read_info()
    assert info.night == "2026-10-24-223000"
    assert zone_text(info.utc_offset_s) == "UTC+2"
    shown = [clock_text(at(hour, 30), info.utc_offset_s) for hour in (0, 1, 2)]
    assert shown == ["02:30", "03:30", "04:30"]


def test_nights_of_the_hour_that_comes_twice_have_different_names_and_the_later_one_is_the_newest(
    tmp_path: Path,
) -> None:
    settings = Settings(data_dir=tmp_path)
    names = []
    for utc_ns in (at(0, 40), at(1, 10), at(1, 40)):
        folder = start_or_resume(settings, utc_ns=utc_ns)
        end(folder.packets)
        names.append(folder.path.name)
    assert names == ["2026-10-25-024000", "2026-10-25-021000", "2026-10-25-024000-CET"]
    assert [folder.path.name for folder in all_nights(settings)] == names[::-1]


def test_a_night_that_was_cut_off_before_the_change_goes_on_after_it(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    folder = start_or_resume(settings, utc_ns=at(0, 50))
    with PacketLogWriter(folder.packets) as packets:
        packets.append(TimePair(0, at(0, 50)))
    assert start_or_resume(settings, utc_ns=at(1, 5)).path == folder.path


def test_samples_around_the_change_follow_one_another_by_the_second() -> None:
    change_s = (at(1) - log.UTC_NS) // NS_PER_S
    packets = [log.long_packet(number) for number in range(20 * 60)]
    shifted = [log.data(packet.payload, packet.mono_ns + (change_s - 30) * NS_PER_S) for packet in packets]
    start = log.night_start(mono_ns=(change_s - 31) * NS_PER_S)
    items = log.decode([start, log.link_up(start.mono_ns), log.info_read(mono_ns=start.mono_ns), *shifted])
    placed_ns = [block.clock.at(block.start) for block in log.blocks(items)]
    steps_ms = {round((after - before) / 1e6) for before, after in pairwise(placed_ns)}
    assert steps_ms <= {49, 50, 51}
    assert placed_ns[0] < at(1) < placed_ns[-1]

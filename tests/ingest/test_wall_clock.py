"""Clock times of files: the night in which the clocks go back, and the one in which they go forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from detectors.signal import NS_PER_S
from ingest.errors import DecodeError
from ingest.files.wall_clock import elapsed_ns, instant_ns, utc_ns, zone_of

BERLIN = "Europe/Berlin"


def clock(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute)  # noqa: DTZ001 - a clock on the wall


def utc(month: int, day: int, hour: int, minute: int = 0) -> int:
    return instant_ns(datetime(2026, month, day, hour, minute, tzinfo=UTC))


@pytest.mark.parametrize(
    ("shown", "meant"),
    [
        (clock(10, 24, 22, 30), utc(10, 24, 20, 30)),
        (clock(10, 25, 1, 59), utc(10, 24, 23, 59)),
        (clock(10, 25, 3, 0), utc(10, 25, 2, 0)),
        (clock(3, 28, 22, 30), utc(3, 28, 21, 30)),
        (clock(3, 29, 1, 59), utc(3, 29, 0, 59)),
        (clock(3, 29, 3, 0), utc(3, 29, 1, 0)),
    ],
)
def test_a_time_beside_the_change_is_the_one_instant_at_which_the_clock_showed_it(shown: datetime, meant: int) -> None:
    assert utc_ns(shown, BERLIN, "night.edf") == meant


@pytest.mark.parametrize("minute", [0, 30, 59])
def test_a_time_that_came_twice_is_refused_with_both_offsets_and_each_offset_is_taken(minute: int) -> None:
    twice = clock(10, 25, 2, minute)
    with pytest.raises(DecodeError, match=r"night.edf: begins at 2026-10-25 02:.*twice.*: \+02:00 or \+01:00$"):
        utc_ns(twice, BERLIN, "night.edf")
    assert utc_ns(twice, "+02:00", "night.edf") == utc(10, 25, 0, minute)
    assert utc_ns(twice, "UTC+1", "night.edf") == utc(10, 25, 1, minute)


@pytest.mark.parametrize("minute", [0, 30, 59])
def test_a_time_that_never_came_is_refused(minute: int) -> None:
    with pytest.raises(DecodeError, match=r"begins at 2026-03-29 02:.*never.*expected the offset"):
        utc_ns(clock(3, 29, 2, minute), BERLIN, "night.edf")


def test_without_a_zone_the_time_is_utc_and_with_an_offset_it_needs_none() -> None:
    assert utc_ns(clock(10, 25, 2, 30), None, "night.edf") == utc(10, 25, 2, 30)
    told = datetime.fromisoformat("2026-10-25T02:30:00+01:00")
    assert utc_ns(told, BERLIN, "night.edf") == utc(10, 25, 1, 30)


@pytest.mark.parametrize("told", ["0001-01-01T00:30:00", "0001-01-01T00:30:00+14:00", "9999-12-31T23:30:00"])
@pytest.mark.parametrize("zone", [None, BERLIN, "-10:00"])
def test_a_year_in_which_nothing_was_recorded_is_refused(told: str, zone: str | None) -> None:
    with pytest.raises(DecodeError, match=r"^night.edf: begins in the year (1|9999), expected 1700 to 2200$"):
        utc_ns(datetime.fromisoformat(told), zone, "night.edf")


@pytest.mark.parametrize("name", ["Europe/Berlinn", "Europe", "", "../etc/passwd", "+24:00", "+1:70"])
def test_what_is_no_time_zone_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(DecodeError, match="expected a name like 'Europe/Berlin' or an offset"):
        zone_of(name)


@pytest.mark.parametrize(("month", "day"), [(10, 24), (3, 28)])
def test_what_a_list_says_has_elapsed_runs_on_over_the_change(month: int, day: int) -> None:
    start_ns = utc_ns(clock(month, day, 22), BERLIN, "night.edf")
    later = clock(month, day, 22) + timedelta(hours=7, seconds=0.75)
    assert elapsed_ns(later, start_ns, BERLIN) == (7 * 3600 * NS_PER_S) + 750_000_000

"""What a person writes for a time, on a clock that is put forward in spring and back in autumn."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from detectors.signal import NS_PER_S
from soleus.entered_time import corrected_ns, entered_ns, shown_time

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The clock of this computer shows the time of Berlin, by its rule, whatever zones are installed."""
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(text: str, now: str) -> str:
    return datetime.fromtimestamp(entered_ns(text, datetime.fromisoformat(now)) // NS_PER_S, UTC).strftime("%d %H:%M")


@pytest.mark.parametrize(
    ("text", "now", "meant"),
    [
        ("02:40", "2026-11-20T07:30+01:00", "20 01:40"),
        ("2:40", "2026-11-20T02:39+01:00", "19 01:40"),
        (" yesterday  22:15 ", "2026-11-20T07:30+01:00", "19 21:15"),
        ("02:40:30", "2026-11-20T07:30+01:00", "20 01:40"),
        ("now", "2026-11-20T07:30+01:00", "20 06:30"),
        ("2026-07-01 02:40", "2026-11-20T07:30+01:00", "01 00:40"),
        ("2026-07-01T02:40Z", "2026-11-20T07:30+01:00", "01 02:40"),
        ("2026-07-01T02:40:00-05:00", "2026-11-20T07:30+01:00", "01 07:40"),
        # 02:30 comes twice on 25 October 2026: at 00:30 and at 01:30 UTC.
        ("02:30", "2026-10-25T08:00+01:00", "25 01:30"),
        ("02:30", "2026-10-25T02:40+02:00", "25 00:30"),
        ("2026-10-25 02:30", "2026-11-20T07:30+01:00", "25 00:30"),
        # 02:30 did not come on 29 March 2026.
        ("02:30", "2026-03-29T08:00+02:00", "28 01:30"),
    ],
)
def test_a_time_is_the_last_one_that_the_clock_showed(text: str, now: str, meant: str) -> None:
    assert at(text, now) == meant


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "expected 02:40"),
        ("24:00", "expected 02:40"),
        ("12:60", "expected 02:40"),
        ("half past two", "got 'half past two', expected"),
        ("2026-02-30 02:40", "expected 02:40"),
        ("2026-11-20", "expected 02:40"),
        ("1969-12-31 02:40", "between 1970 and 2262"),
        ("2262-01-02 00:00", "between 1970 and 2262"),
        ("2026-03-29 02:30", "which the clock here passed over"),
        ("yesterday 02:30", "which the clock here passed over"),
        ("0001-01-01 00:00", "expected 02:40"),
        ("9999-12-31 23:59-12:00", "between 1970 and 2262"),
    ],
)
def test_what_is_no_time_is_refused_with_what_is_expected(text: str, says: str) -> None:
    with pytest.raises(ValueError, match="expected") as refused:
        at(text, "2026-03-30T08:00+02:00")
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("text", "entry", "meant"),
    [
        ("02:55", "2026-11-17T02:40+01:00", "17 01:55"),
        ("23:50", "2026-11-17T00:10+01:00", "16 22:50"),
        ("00:10", "2026-11-16T23:50+01:00", "16 23:10"),
        ("09:00", "2026-11-20T07:00+01:00", "19 08:00"),  # it is half past seven
        ("21:00", "2026-11-30T18:00+01:00", "30 20:00"),  # what is planned lies ahead
        ("08:00", "2026-11-30T23:00+01:00", "01 07:00"),
        ("yesterday 22:15", "2026-11-17T02:40+01:00", "19 21:15"),
        ("2026-11-18 03:00", "2026-11-17T02:40+01:00", "18 02:00"),
    ],
)
def test_a_corrected_time_of_the_day_is_the_one_nearest_to_the_entry(text: str, entry: str, meant: str) -> None:
    time_ns = int(datetime.fromisoformat(entry).timestamp()) * NS_PER_S
    found_ns = corrected_ns(text, time_ns, datetime.fromisoformat("2026-11-20T07:30+01:00"))
    assert datetime.fromtimestamp(found_ns // NS_PER_S, UTC).strftime("%d %H:%M") == meant


def test_the_last_day_of_the_calendar_is_refused_where_utc_is_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "EST5")
    time.tzset()
    with pytest.raises(ValueError, match="expected 02:40"):
        entered_ns("9999-12-31 23:59")


def test_a_time_is_shown_with_its_offset_and_read_back_as_the_same_second() -> None:
    for second in (1_795_228_200, 1_782_866_400, 1_792_888_200):
        shown = shown_time(second * NS_PER_S + 5)
        assert shown[-6:] in {"+01:00", "+02:00"}
        assert entered_ns(shown) == second * NS_PER_S

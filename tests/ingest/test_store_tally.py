"""What a writer says of itself: counts since the last report that was written, and how late it is."""

from __future__ import annotations

import pytest

from ingest.schema import DELIVERY
from ingest.store_tally import MOST_LAGS, REPORT_S, StoreTally
from ingest.wire import Delivered
from tests.relay_scene import entry

NOW_NS = 1_795_212_000_000_000_000


class Clock:
    at_s = 0.0

    def __call__(self) -> float:
        return self.at_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tally(clock: Clock) -> StoreTally:
    return StoreTally("writer1", clock_s=clock, now_ns=lambda: NOW_NS)


def sent(lag_s: float) -> Delivered:
    return Delivered("home", "bedroom", 0, entry(1), NOW_NS - round(lag_s * 1e9))


def test_a_report_is_due_every_minute_also_when_there_was_nothing(tally: StoreTally, clock: Clock) -> None:
    assert tally.due_s == REPORT_S
    clock.at_s = REPORT_S
    assert tally.due_s == 0.0
    line = tally.report().line()
    assert line.startswith("delivery,kind=writer,name=writer1 n_entries=0.0,")
    assert "lag" not in line
    assert "since_s=60.0,valid=1i" in line


def test_lags_are_those_from_publishing_to_the_databases_yes(tally: StoreTally) -> None:
    tally.wrote([*(sent(0.5) for _ in range(98)), sent(7200.0), sent(7200.0)])
    tally.set_aside(2, 1)
    fields = tally.report().fields
    assert (fields["n_entries"], fields["n_refused"], fields["n_unreadable"]) == (100.0, 2.0, 1.0)
    assert fields["lag_p50_s"] == pytest.approx(0.5)
    assert fields["lag_p99_s"] == pytest.approx(7200.0)
    assert fields.keys() - {"valid"} <= DELIVERY.measures


def test_what_does_not_say_when_it_was_sent_has_no_lag_and_a_clock_ahead_gives_none_below_zero(
    tally: StoreTally,
) -> None:
    tally.wrote([Delivered("home", "bedroom", 0, entry(1))])
    assert "lag_p50_s" not in tally.report().fields
    tally.wrote([sent(-3.0)])
    assert tally.report().fields["lag_p99_s"] == 0.0


def test_counts_go_on_until_a_report_was_written(tally: StoreTally, clock: Clock) -> None:
    tally.wrote([sent(1.0)])
    tally.report()
    assert tally.report().fields["n_entries"] == 1.0
    clock.at_s = REPORT_S
    tally.begin_again()
    assert (tally.report().fields["n_entries"], tally.due_s) == (0.0, REPORT_S)


def test_a_week_of_lags_takes_no_more_room_than_a_minute_of_them(tally: StoreTally) -> None:
    tally.wrote([sent(100.0)] * MOST_LAGS)
    tally.wrote([sent(1.0)] * MOST_LAGS)
    assert tally.report().fields["lag_p99_s"] == pytest.approx(1.0)


@pytest.mark.parametrize(("name", "tag"), [("writer 1", "writer\\ 1"), ("a\\", "a"), ("a\nb", "ab")])
def test_no_name_keeps_a_writer_from_reporting(name: str, tag: str) -> None:
    assert StoreTally(name).report().line().startswith(f"delivery,kind=writer,name={tag} ")

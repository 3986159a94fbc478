"""Intervals between movements: each bin of a summary's histogram is a point, also when a later revision has none."""

from __future__ import annotations

import pytest

from detectors.signal import Leg
from ingest.errors import DecodeError
from ingest.interval_points import interval_points
from ingest.schema import NIGHT, NIGHT_INTERVAL, Point
from tests.made_nights import facts, numbers, series

TAGS = {"site": "home", "person": "p1", "scoring": "default"}
NIGHT_POINT = Point(NIGHT, TAGS, {"duration_s": 28_800.0, "revision": 2, "valid": 1}, 5)


def points(summary: dict[str, object]) -> list[Point]:
    return list(interval_points(NIGHT_POINT, summary))


def test_what_both_legs_did_together_is_one_movement_with_one_interval() -> None:
    left = series(1000, n=5, every_s=23.0)
    alone = numbers(facts(left))
    right = [type(one)(one.onset_ns + 100_000_000, one.end_ns, Leg.RIGHT, "right-shin") for one in left]
    together = numbers(facts([*left, *right]))
    for summary in (alone, together):
        counts = {point.tags["from_s"]: point.fields["n"] for point in points(dict(summary))}
        assert len(counts) == 50
        assert {edge: n for edge, n in counts.items() if n} == {"022": 4.0}


def test_each_bin_is_a_point_of_its_own_at_the_start_of_the_night() -> None:
    first, second = points({"imi_histogram": {"edges_s": [0.0, 2.0, 4.0], "counts": [3, 0]}})
    assert first.measurement is NIGHT_INTERVAL
    assert first.tags == {**TAGS, "from_s": "000"}
    assert (first.fields, first.time_ns) == ({"n": 3.0, "revision": 2, "valid": 1}, 5)
    assert second.tags["from_s"] == "002"
    assert second.fields["n"] == 0.0


def test_a_later_revision_without_signal_takes_every_bin_back() -> None:
    before = points(dict(numbers(facts(series(1000)))))
    after = points({"imi_histogram": None})
    assert [point.tags for point in after] == [point.tags for point in before]
    assert {point.fields["valid"] for point in after} == {0}


def test_a_summary_that_says_nothing_of_intervals_makes_no_points() -> None:
    assert points({"lm": 3}) == []


@pytest.mark.parametrize(
    "histogram", [3, [1], {"edges_s": [0.0]}, {"edges_s": [0.0], "counts": [1]}, {"edges_s": ["a", 2.0], "counts": [1]}]
)
def test_what_is_no_histogram_is_refused(histogram: object) -> None:
    with pytest.raises(DecodeError, match="imi_histogram"):
        points({"imi_histogram": histogram})

"""The charts that come with the page of a night, before any script."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from starlette.testclient import TestClient

from dashboards.web.app import create_app
from dashboards.web.classes import CONFIRMED, EventClass, class_of
from dashboards.web.filters import Filters
from dashboards.web.first_picture import LANE, POINTS, WIDTH, first_charts
from detectors.signal import Leg
from detectors.track import TrackName
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.synthetic_night import CRAMPS, DURATION_S, GAP_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.book import NightView
    from dashboards.signals import TrackView
    from dashboards.web.first_picture import FirstCharts


@pytest.fixture(scope="module")
def view() -> NightView:
    return FakeNightBook().night(NIGHT_ID)


@pytest.fixture(scope="module")
def tracks() -> Sequence[TrackView]:
    return FakeNightBook().tracks(NIGHT_ID)


def points(path: str) -> np.ndarray:
    """Return the points of a line, or of the upper edge of an area."""
    lines = re.sub(r"M[\d.]+ [\d.]+L|V\d+|M", " ", path).split()
    return np.array(lines, dtype=float).reshape(-1, 2)


def boxes(charts: FirstCharts, name: EventClass) -> list[tuple[float, float]]:
    found = [mark.path for mark in charts.marks if mark.style == name]
    return [(float(x), float(y)) for path in found for x, y in re.findall(r"M([\d.]+) ([\d.]+)h", path)]


def test_each_track_of_the_leg_is_there_with_few_points_and_in_its_place(
    view: NightView, tracks: Sequence[TrackView]
) -> None:
    charts = first_charts(view, tracks, Filters(), Leg.LEFT)
    assert [strip.name for strip in charts.strips] == ["envelope_uv", "movement_g", "tilt_deg"]
    envelope = next(t for t in tracks if t.leg is Leg.LEFT and t.name is TrackName.ENVELOPE_UV)
    drawn = points(charts.strips[0].trace)
    assert POINTS // 2 < len(drawn) <= POINTS
    assert drawn[:, 0].min() > 0
    assert drawn[:, 0].max() <= WIDTH
    # The highest value stands where it was measured, and reaches nearly to the top.
    peak_s = np.nanargmax(envelope.values) * envelope.hop_s
    highest = drawn[np.argmin(drawn[:, 1])]
    assert highest[0] == pytest.approx(WIDTH * peak_s / DURATION_S, abs=WIDTH / POINTS)
    assert 0 < highest[1] < 0.1 * charts.strips[0].height


def test_where_nothing_was_measured_nothing_is_drawn(view: NightView, tracks: Sequence[TrackView]) -> None:
    tilt = first_charts(view, tracks, Filters(), Leg.LEFT).strips[-1]
    begin, end = (WIDTH * at_s / DURATION_S for at_s in GAP_S)
    # A point stands for a bucket that may lie half in the gap.
    margin = WIDTH / POINTS
    x = points(tilt.trace)[:, 0]
    assert not ((x > begin + margin) & (x < end - margin)).any()
    assert end - begin > 4 * margin
    silent = [replace(track, values=np.full(5, np.nan, np.float32)) for track in tracks]
    assert {strip.trace for strip in first_charts(view, silent, Filters(), Leg.LEFT).strips} == {""}


def test_events_lie_in_the_lane_of_their_class_and_what_a_filter_leaves_out_is_not_drawn(
    view: NightView, tracks: Sequence[TrackView]
) -> None:
    charts = first_charts(view, tracks, Filters(), Leg.RIGHT)
    cramps = [c for c in CRAMPS if c.leg is Leg.RIGHT and class_of(c) is EventClass.CRAMP_PROBABLE]
    expected = [WIDTH * (c.onset_ns - view.card.start_ns) / 1e9 / DURATION_S for c in cramps]
    drawn = boxes(charts, EventClass.CRAMP_PROBABLE)
    assert [x for x, _ in drawn] == pytest.approx(expected, abs=0.1)
    assert {y // LANE for _, y in drawn} == {charts.lanes.index("Cramp-like")}
    filtered = first_charts(view, tracks, Filters(classes=frozenset({EventClass.MARKER})), Leg.RIGHT)
    assert not boxes(filtered, EventClass.CRAMP_PROBABLE)
    assert filtered.lanes == charts.lanes


def test_what_the_person_denied_is_faint(view: NightView, tracks: Sequence[TrackView]) -> None:
    denied = tuple(replace(e, measures={**e.measures, CONFIRMED: 0.0}) for e in view.events)
    marks = first_charts(replace(view, events=denied), tracks, Filters(), Leg.LEFT).marks
    assert {mark.denied for mark in marks} == {True}
    assert {mark.denied for mark in first_charts(view, tracks, Filters(), Leg.LEFT).marks} == {False}


class UndrawnBook(FakeNightBook):
    """A book whose tracks nobody may ask for."""

    def tracks(self, night_id: str) -> Sequence[TrackView]:
        raise AssertionError(night_id)


def test_who_asks_for_the_words_alone_gets_no_charts_and_no_track_is_read() -> None:
    path = f"/night/{NIGHT_ID}"
    whole = TestClient(create_app(FakeNightBook(), hosts=("testserver",))).get(path).text
    words = TestClient(create_app(UndrawnBook(), hosts=("testserver",))).get(f"{path}?charts=none").text
    assert "first-trace" in whole
    assert "first-trace" not in words
    assert re.findall("data-event=", words) == re.findall("data-event=", whole)

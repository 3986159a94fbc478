"""A body shift is no cramp-like contraction: the whole body moves with it, from the beginning."""

from __future__ import annotations

import pytest

from detectors.criteria import named
from detectors.events import Event, EventKind
from detectors.night.context import NightContext
from detectors.night.placement import Placement
from detectors.signal import NS_PER_S, Leg

CRITERIA = named("wasm-2016")


def shift(leg: Leg, onset_s: float, end_s: float) -> Event:
    measures = {"duration_s": end_s - onset_s, "orientation_change_deg": 40.0, "major": 1.0}
    return Event(EventKind.SHIFT, f"{leg}-ankle", leg, round(onset_s * NS_PER_S), round(end_s * NS_PER_S), measures)


@pytest.mark.parametrize(
    ("others", "share"),
    [
        ([], 0.4),
        ([shift(Leg.RIGHT, 105, 114)], 0.7),
        ([shift(Leg.RIGHT, 121, 130)], 0.4),
    ],
)
def test_a_leg_that_turns_first_and_the_other_after_it_are_one_body_shift(others: list[Event], share: float) -> None:
    context = NightContext(CRITERIA, Placement())
    context.add([shift(Leg.LEFT, 100.5, 108), *others])
    bout = Event(EventKind.CRAMP, "left-calf", Leg.LEFT, 100 * NS_PER_S, 120 * NS_PER_S, {"duration_s": 20.0})
    assert context.turning_share(bout, CRITERIA.restlessness) == pytest.approx(share, abs=0.03)


def test_the_other_leg_alone_turns_no_leg() -> None:
    context = NightContext(CRITERIA, Placement())
    context.add([shift(Leg.RIGHT, 100.5, 119)])
    bout = Event(EventKind.CRAMP, "left-calf", Leg.LEFT, 100 * NS_PER_S, 120 * NS_PER_S, {"duration_s": 20.0})
    assert context.turning_share(bout, CRITERIA.restlessness) == 0

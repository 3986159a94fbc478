"""The numbers of a night once the person has denied a cramp-like contraction."""

from __future__ import annotations

from typing import Any

import pytest

from dashboards.weeks import EventSpan
from detectors.events import Event, EventKind
from detectors.signal import NS_PER_S, Leg
from soleus.judged_numbers import Denied, denied_events, denied_spans, without_denied

START_NS = 1_790_022_600 * NS_PER_S + 123_456_789
HOUR_S = 3600.0
ONSETS_S = {Leg.LEFT: 0.5 * HOUR_S + 0.123456789, Leg.RIGHT: 2.5 * HOUR_S}


def night(**changes: Any) -> dict[str, Any]:
    """A probable contraction of 60 s on the left, a possible one of 10 s on the right; sleep began half an hour in."""
    cramps = [
        {
            "leg": str(leg),
            "tier": tier,
            "duration_s": lasts_s,
            "onset_s": ONSETS_S[leg],
            "since_sleep_onset_est_min": ONSETS_S[leg] / 60 - 30,
        }
        for leg, tier, lasts_s in ((Leg.LEFT, 2, 60.0), (Leg.RIGHT, 1, 10.0))
    ]
    return {
        "cramps": cramps,
        "cramp_events": 2,
        "cramp_probable": 1,
        "cramp_possible": 1,
        "cramp_total_s": 70.0,
        "cramp_longest_s": 60.0,
        "cramps_then_awake_est": 1,
        "longest_undisturbed_min": 84.0,
        "sleep_basis": "estimate",
        "by_hour": [{"hour": hour, "cramps": int(hour in {0, 2})} for hour in range(4)],
        "by_hour_est": [{"hour": hour, "cramps": int(hour in {0, 2})} for hour in range(3)],
        "reasons": {"plmw_wasm_per_h": "no sleep stages were given"},
        **changes,
    }


def denied(*legs: Leg) -> list[Denied]:
    return [Denied(leg, START_NS + round(ONSETS_S[leg] * NS_PER_S)) for leg in legs]


def told(summary: Any, *legs: Leg) -> Any:
    return without_denied(summary, denied(*legs), START_NS)


def test_what_was_denied_is_neither_counted_nor_listed_nor_summed() -> None:
    after = told(night(), Leg.LEFT)
    assert [cramp["leg"] for cramp in after["cramps"]] == ["right"]
    assert (after["cramp_events"], after["cramp_probable"], after["cramp_possible"]) == (1, 0, 1)
    assert (after["cramp_total_s"], after["cramp_longest_s"]) == (10.0, 10.0)
    assert [hour["cramps"] for hour in after["by_hour"]] == [0, 0, 1, 0]
    assert [hour["cramps"] for hour in after["by_hour_est"]] == [0, 0, 1]
    assert after["longest_undisturbed_min"] == 84.0


def test_hours_are_counted_from_where_the_night_counts_them() -> None:
    recorded, staged = (told(night(sleep_basis=basis), Leg.RIGHT) for basis in ("recording", "stages"))
    assert [hour["cramps"] for hour in recorded["by_hour"]] == [1, 0, 0, 0]
    # Two hours after sleep began it was, by stages: two and a half hours into the recording.
    assert [hour["cramps"] for hour in staged["by_hour"]] == [1, 0, 0, 0]
    early = night(sleep_basis="stages", by_hour=[{"hour": hour, "cramps": 1} for hour in range(3)])
    assert [hour["cramps"] for hour in told(early, Leg.LEFT)["by_hour"]] == [0, 1, 1]


def test_whether_one_was_awake_after_the_others_is_unknown_then() -> None:
    after = told(night(), Leg.LEFT)
    assert after["cramps_then_awake_est"] is None
    assert after["reasons"].keys() == {"plmw_wasm_per_h", "cramps_then_awake_est"}
    assert told(night(cramps_then_awake_est=0), Leg.LEFT)["cramps_then_awake_est"] == 0
    everything = told(night(), Leg.LEFT, Leg.RIGHT)
    assert (everything["cramps_then_awake_est"], everything["cramp_longest_s"]) == (0, 0.0)


def test_without_a_denial_and_without_a_count_nothing_changes() -> None:
    summary = night()
    assert told(summary) is summary
    assert without_denied(summary, [Denied(Leg.LEFT, START_NS)], START_NS) is summary
    unknown = night(cramps=None, cramp_probable=None)
    assert told(unknown, Leg.LEFT) is unknown
    assert told({}, Leg.LEFT) == {}


def test_the_numbers_of_the_detectors_are_not_changed() -> None:
    summary = night()
    told(summary, Leg.LEFT, Leg.RIGHT)
    assert summary == night()


@pytest.mark.parametrize(("word", "found"), [({"confirmed": 0.0}, 1), ({"confirmed": 1.0}, 0), ({}, 0)])
def test_only_a_contraction_that_was_denied_counts_as_denied(word: dict[str, float], found: int) -> None:
    event = Event(EventKind.CRAMP, "left-shin", Leg.LEFT, 5, 9, {"tier": 2.0, **word})
    movement = Event(EventKind.LEG_MOVEMENT, "left-shin", Leg.LEFT, 5, 9, word)
    assert denied_events([event, movement]) == (Denied(Leg.LEFT, 5),) * found
    said = None if not word else bool(word["confirmed"])
    spans = [EventSpan(kind, Leg.LEFT, 5, 9, 2, said) for kind in (EventKind.CRAMP, EventKind.LEG_MOVEMENT)]
    assert denied_spans(spans) == (Denied(Leg.LEFT, 5),) * found

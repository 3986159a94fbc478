"""How a night went on, and what happened in it: hours, halves, stillness, contractions, twitches."""

from __future__ import annotations

import pytest

from detectors.events import EventKind
from detectors.numbers.event_numbers import clusters
from detectors.signal import Leg, Quantity
from detectors.sleep.basis import SleepBasis, basis_of
from detectors.track import Flag
from tests.made_nights import event, facts, movement, numbers, series, span, times, valid_time

ASLEEP = basis_of("estimate", [span(1800, 27_000)], [span(0, 1800), span(27_000, 28_800)])
LEFT = times(valid_time(Leg.LEFT, Quantity.EMG), valid_time(Leg.LEFT, Quantity.ACCELERATION))


def test_the_course_counts_hours_since_sleep_onset_with_the_valid_hours_of_each() -> None:
    flags = [(slice(5400, 5400 + 2400), Flag.FLAT.value)]
    valid = times(valid_time(Leg.LEFT, Quantity.EMG, flags=flags))
    night = facts(series(2000, n=6) + series(8500), [event(EventKind.CRAMP, 2500, 20, tier=1.0)])
    hours = numbers(night, valid, sleep=ASLEEP)["by_hour_est"]
    assert len(hours) == 7
    assert hours[0] == {"hour": 0, "valid_h": 1.0, "lm": 6, "plms_wasm": 6, "cramps": 1, "plms_wasm_per_h": 6.0}
    assert hours[1] == {
        "hour": 1,
        "valid_h": pytest.approx(1 / 3),
        "lm": 5,
        "plms_wasm": 5,
        "cramps": 0,
        "plms_wasm_per_h": None,
        "reason": "0.3 h of valid signal, an index needs 0.5 h",
    }


def test_without_sleep_the_course_begins_with_the_recording() -> None:
    assert [hour["plms_wasm"] for hour in numbers(facts(series(2000) + series(8000)))["by_hour"]][:3] == [5, 0, 5]


def test_the_ratio_of_the_halves_of_sleep_is_more_than_one_where_movements_become_fewer() -> None:
    night = facts(series(2000, n=12) + series(20_000, n=4))
    assert numbers(night, sleep=ASLEEP)["plms_half_night_ratio_est"] == pytest.approx(3.0)


def test_a_night_whose_end_was_not_seen_has_no_ratio_of_halves() -> None:
    to_the_end = basis_of("estimate", [span(1800, 28_800 - 60)], [span(0, 1800)])
    summary = numbers(facts(series(2000)), sleep=to_the_end)
    assert summary["truncated"] is True
    assert summary["reasons"]["plms_half_night_ratio_est"] == "the recording ended before the sleep did"
    assert numbers(facts(series(2000)), sleep=ASLEEP)["truncated"] is False


@pytest.mark.parametrize(
    "kind", [EventKind.RESTLESSNESS, EventKind.CRAMP, EventKind.AWAKENING, EventKind.BED_EXIT, EventKind.SHIFT]
)
def test_the_longest_undisturbed_stretch_ends_with_what_disturbs(kind: EventKind) -> None:
    expected = 480.0 if kind is EventKind.SHIFT else 360.0
    summary = numbers(facts(events=[event(kind, 7200, 10, tier=1.0)]))
    assert summary["longest_undisturbed_min"] == pytest.approx(expected, abs=0.2)


def test_wake_ends_the_longest_undisturbed_stretch() -> None:
    assert numbers(facts(), sleep=ASLEEP)["longest_undisturbed_min"] == pytest.approx(420.0)


def test_a_series_ends_the_longest_undisturbed_stretch_and_a_single_movement_does_not() -> None:
    assert numbers(facts([movement(14_400)]))["longest_undisturbed_min"] == pytest.approx(480.0)
    assert numbers(facts(series(14_400)))["longest_undisturbed_min"] == pytest.approx(240.0)


def test_the_movement_index_is_the_share_of_half_minutes_with_a_movement() -> None:
    moves = [movement(3600), movement(3605), movement(7229.0, 2.0)]
    assert numbers(facts(moves))["movement_index_percent"] == pytest.approx(100 * 3 / 960)


def test_the_fragmentation_index_adds_mobile_minutes_and_short_still_bouts() -> None:
    moves = [movement(120 * 60.0), movement(122 * 60.0)]
    expected = 100 * 2 / 480 + 100 * 1 / 3
    assert numbers(facts(moves))["fragmentation_index"] == pytest.approx(expected)


def test_restlessness_counts_what_overlaps_on_both_legs_once() -> None:
    events = [
        event(EventKind.RESTLESSNESS, 3600, 20),
        event(EventKind.SHIFT, 3610, 5),
        event(EventKind.SHIFT, 3612, 5, Leg.RIGHT),
        event(EventKind.SHIFT, 9000, 5),
        event(EventKind.SHIFT, 100, 5),
        event(EventKind.RESTLESSNESS, 12_000, 90, prolonged=1.0),
    ]
    summary = numbers(facts(events=events), LEFT, sleep=ASLEEP)
    assert summary["restlessness_per_h"] == pytest.approx(3 / 8)
    assert summary["restlessness_per_h_est"] == pytest.approx(2 / 7)
    assert (summary["shifts"], summary["restlessness"]) == (3, 2)


def test_a_possible_episode_that_emg_saw_as_well_counts_there_only() -> None:
    events = [event(EventKind.POSSIBLE_EPISODE, at, 20, with_cramp=both) for at, both in ((3600, 1.0), (9000, 0.0))]
    assert numbers(facts(events=events), LEFT)["possible_episodes"] == 1


def test_the_halves_of_a_night_without_stages_are_compared_by_the_estimate_only() -> None:
    summary = numbers(facts(series(2000, n=12) + series(20_000, n=4)), sleep=ASLEEP)
    assert summary["reasons"]["plms_half_night_ratio"] == "no sleep stages were given"


def test_without_acceleration_restlessness_is_unknown_and_not_none() -> None:
    summary = numbers(facts())
    assert summary["reasons"]["restlessness_per_h"] == "no valid signal of acceleration"
    assert summary["reasons"]["bed_exits"] == "no valid signal of acceleration"


def test_each_cramp_like_contraction_has_its_clock_time_and_its_time_since_sleep_onset() -> None:
    events = [
        event(EventKind.CRAMP, 5400, 40, tier=2.0, confidence=0.8),
        event(EventKind.CRAMP, 9000, 90, tier=1.0, confidence=0.6),
        event(EventKind.CRAMP, 9500, 500, tier=0.0, confidence=0.1),
    ]
    summary = numbers(facts(events=events), sleep=ASLEEP)
    assert (summary["cramp_probable"], summary["cramp_possible"]) == (1, 1)
    assert summary["cramp_events"] == 2
    assert (summary["cramp_total_s"], summary["cramp_longest_s"]) == (130.0, 90.0)
    assert summary["cramps"][0] == {
        "leg": "left",
        "sensor": "left-shin",
        "tier": 2,
        "confidence": 0.8,
        "onset_s": 5400.0,
        "clock_utc": "1970-01-01T01:30:00Z",
        "duration_s": 40.0,
        "since_sleep_onset_est_min": 60.0,
    }
    assert numbers(facts(events=events))["cramps"][0]["since_sleep_onset_est_min"] is None


@pytest.mark.parametrize(
    ("onsets_s", "expected"),
    [
        ((0, 5, 10), 1),
        ((0, 5, 10.001), 0),
        ((0, 5.001, 6, 7), 1),
        ((0, 5.001, 6), 0),
        ((0, 1), 0),
        ((0, 1, 2, 3, 20, 21, 22), 2),
    ],
)
def test_three_twitches_within_ten_seconds_and_no_gap_over_five_are_a_cluster(
    onsets_s: tuple[float, ...], expected: int
) -> None:
    assert clusters([event(EventKind.TWITCH, at, 0.02) for at in onsets_s]) == expected


def test_twitches_are_counted_per_minute_of_quiet_emg() -> None:
    twitches = [event(EventKind.TWITCH, 1000 + 60 * i, 0.02) for i in range(100)]
    active = event(EventKind.CRAMP, 14_400, 3600, tier=1.0)
    summary = numbers(facts(series(600), [*twitches, active]))
    assert summary["twitches"] == 100
    assert summary["twitches_per_quiet_min"] == pytest.approx(100 / (420 - 10 / 60), rel=1e-6)


@pytest.mark.parametrize(("wakes_s", "expected"), [(300, 1), (301, 0), (10, 1)])
def test_wake_within_five_minutes_after_a_contraction_is_its_consequence(wakes_s: float, expected: int) -> None:
    onset_s = 7200 + 40 + wakes_s
    basis = basis_of(
        "estimate",
        [span(1800, onset_s), span(onset_s + 180, 27_000)],
        [span(0, 1800), span(onset_s, onset_s + 180), span(27_000, 28_800)],
    )
    summary = numbers(facts(events=[event(EventKind.CRAMP, 7200, 40, tier=1.0)]), sleep=basis)
    assert summary["cramps_then_awake_est"] == expected
    assert summary["awake_after_cramps_est_min"] == 3 * expected


def test_wake_that_follows_two_contractions_counts_once_and_only_from_their_ends_on() -> None:
    # Awake from 7300 s to 7540 s; the second contraction ends within that.
    basis = basis_of(
        "estimate",
        [span(1800, 7300), span(7540, 27_000)],
        [span(0, 1800), span(7300, 7540), span(27_000, 28_800)],
    )
    cramps = [event(EventKind.CRAMP, 7200, 40, tier=1.0), event(EventKind.CRAMP, 7280, 80, tier=2.0)]
    summary = numbers(facts(events=cramps), sleep=basis)
    assert summary["cramps_then_awake_est"] == 2
    assert summary["awake_after_cramps_est_min"] == 4.0
    alone = numbers(facts(events=cramps[1:]), sleep=basis)
    assert alone["awake_after_cramps_est_min"] == 3.0


def test_getting_up_after_a_series_is_its_consequence_and_a_short_restlessness_is_not() -> None:
    for kind, prolonged, expected in (
        (EventKind.BED_EXIT, 0.0, 1),
        (EventKind.RESTLESSNESS, 1.0, 1),
        (EventKind.RESTLESSNESS, 0.0, 0),
    ):
        night = facts(series(7200), [event(kind, 7400, 20, prolonged=prolonged)])
        assert numbers(night, LEFT)["series_then_awake_est"] == expected


def test_a_contraction_out_of_wake_has_no_consequence() -> None:
    basis: SleepBasis = basis_of("estimate", [span(9000, 27_000)], [span(0, 9000), span(27_000, 28_800)])
    summary = numbers(facts(events=[event(EventKind.CRAMP, 7200, 40, tier=1.0)]), sleep=basis)
    assert summary["cramps_then_awake_est"] == 0

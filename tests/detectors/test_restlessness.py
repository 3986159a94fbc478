"""Movements that together are a large one, and movements that the body follows (science.md 5.5, 6.6)."""

from __future__ import annotations

import pytest

from detectors.events import Event, EventKind, EventQuality
from detectors.signal import NS_PER_S, Leg
from tests.night_events import bout, combiner, emg_movement, event, last_words, seen_movement, told

BOTH = (Leg.LEFT, Leg.RIGHT)


def clusters(*events: Event) -> list[Event]:
    return last_words(told(combiner(motion=BOTH), events), EventKind.RESTLESSNESS)


def hard(onset_s: float, duration_s: float, leg: Leg = Leg.LEFT, turn_deg: float = 12.0) -> Event:
    """A movement with two signs of its own: it is hard, and the leg lies differently after it."""
    return seen_movement(onset_s, duration_s, leg, peak_g=0.2, orientation_change_deg=turn_deg)


@pytest.mark.parametrize(("duration_s", "n"), [(2.9, 0), (3.0, 1)])
def test_restlessness_lasts_3_s_at_the_least(duration_s: float, n: int) -> None:
    assert len(clusters(hard(100, duration_s))) == n


@pytest.mark.parametrize(("duration_s", "prolonged"), [(45.0, 0.0), (45.1, 1.0)])
def test_more_than_45_s_is_prolonged(duration_s: float, prolonged: float) -> None:
    assert [one.measures["prolonged"] for one in clusters(hard(100, duration_s))] == [prolonged]


@pytest.mark.parametrize(("pause_s", "durations_s"), [(1.9, [9.9]), (2.0, [4.0, 4.0])])
def test_movements_less_than_2_s_apart_are_one_cluster(pause_s: float, durations_s: list[float]) -> None:
    found = clusters(hard(100, 4), hard(104 + pause_s, 4))
    assert [one.duration_s for one in found] == durations_s


@pytest.mark.parametrize(("peak_g", "turn_deg", "n"), [(0.050, 10.0, 0), (0.051, 10.0, 1), (0.051, 9.9, 0)])
def test_two_signs_are_needed_above_50_mg_and_from_10_degrees(peak_g: float, turn_deg: float, n: int) -> None:
    after = seen_movement(103, 1, peak_g=0.03)
    assert len(clusters(seen_movement(100, 2, peak_g=peak_g, orientation_change_deg=turn_deg), after)) == n


@pytest.mark.parametrize(("each_s", "n"), [(1.5, 1), (1.4, 0)])
def test_leg_movements_in_emg_are_a_sign_from_3_s_on(each_s: float, n: int) -> None:
    emg = [emg_movement(100, each_s), emg_movement(102, each_s)]
    assert len(clusters(seen_movement(100, 4, peak_g=0.2), *emg)) == n


def test_a_movement_of_the_other_leg_is_a_sign() -> None:
    left = [seen_movement(100, 1, peak_g=0.2), seen_movement(102, 2)]
    (one,) = clusters(*left, seen_movement(103.9, 1, Leg.RIGHT, peak_g=0.03))
    assert (one.leg, one.measures["both_legs"]) == (Leg.LEFT, 1.0)
    assert clusters(*left, seen_movement(104, 1, Leg.RIGHT)) == []


def test_restlessness_measures_all_of_its_movements() -> None:
    emg = [emg_movement(101, 2), emg_movement(104, 1.5)]
    (one,) = clusters(hard(100, 2), seen_movement(103, 3, peak_g=0.4, quality=EventQuality.LOW), *emg)
    assert one.measures == {
        "duration_s": 6.0,
        "peak_g": 0.4,
        "orientation_change_deg": 12.0,
        "emg_active_s": 3.5,
        "both_legs": 0.0,
        "prolonged": 0.0,
    }
    assert one.quality is EventQuality.LOW


@pytest.mark.parametrize(("duration_s", "n"), [(10.0, 0), (10.1, 1)])
def test_one_leg_movement_that_is_short_enough_for_a_series_is_no_restlessness(duration_s: float, n: int) -> None:
    """Both legs move for seconds and hard in a periodic movement, too."""
    both = [emg_movement(100, duration_s), seen_movement(100, duration_s), emg_movement(100.1, duration_s, Leg.RIGHT)]
    assert len([one for one in clusters(*both) if one.leg is Leg.LEFT]) == n


@pytest.mark.parametrize(("moving_s", "n"), [(2.9, 0), (3.0, 1)])
def test_one_turn_of_the_leg_is_a_shift_and_restlessness_only_if_the_leg_moves_for_3_s(moving_s: float, n: int) -> None:
    assert len(clusters(emg_movement(100, 6), hard(101, moving_s))) == n
    assert len(clusters(emg_movement(100, 10.1), hard(101, moving_s))) == 1


def test_a_leg_that_never_rests_is_told_in_pieces_of_15_minutes() -> None:
    found = clusters(*(hard(t, 4) for t in range(0, 2000, 5)))
    assert [one.onset_ns // NS_PER_S for one in found] == [0, 900, 1800]


def test_rhythmic_trains_are_no_restlessness() -> None:
    bursts = [emg_movement(100 + t, 0.6) for t in range(10)]
    train = event(EventKind.RHYTHMIC_TRAIN, 100.05, 9.5)
    assert len(clusters(*bursts, seen_movement(100, 9.6))) == 1
    assert clusters(*bursts, seen_movement(100, 9.6), train) == []


def test_a_cramp_like_contraction_is_no_movement() -> None:
    other = emg_movement(110, 2, Leg.RIGHT)
    assert clusters(emg_movement(100, 60), other) != []
    assert clusters(emg_movement(100, 60), other, bout(101, 58)) == []
    shift = [emg_movement(100, 13), bout(100, 12.9), hard(100.3, 11)]
    assert [one.measures["emg_active_s"] for one in clusters(*shift)] == [13.0]


@pytest.mark.parametrize(("onset_s", "n"), [(102.0, 1), (101.9, 0)])
def test_a_leg_that_stands_for_most_of_it_walks_and_is_not_restless(onset_s: float, n: int) -> None:
    assert len(clusters(hard(100, 4), event(EventKind.UPRIGHT, onset_s, 60))) == n


def test_a_cluster_without_enough_signs_is_turned_down_with_its_comparisons() -> None:
    night = combiner(motion=BOTH)
    told(night, [seen_movement(100, 1, peak_g=0.2, orientation_change_deg=5.0), seen_movement(102, 2)])
    (rejected,) = night.rejected()
    assert {step.rule: step.held for step in rejected.why} == {
        "min_s": True,
        "peak_g": True,
        "orientation_deg": False,
        "emg_s": False,
        "both_legs": False,
        "min_signs": False,
    }
    assert night.rejected() == []


def activation(*after: Event) -> float | None:
    said = told(combiner(motion=(Leg.LEFT,)), [emg_movement(100, 2), *after])
    return last_words(said, EventKind.LEG_MOVEMENT)[0].measures.get("with_activation")


@pytest.mark.parametrize(("onset_s", "expected"), [(111.9, 1.0), (112.0, 0.0)])
def test_a_movement_that_a_shift_follows_within_10_s_is_one_with_activation(onset_s: float, expected: float) -> None:
    assert activation(event(EventKind.SHIFT, onset_s, 2, orientation_change_deg=12.0)) == expected


@pytest.mark.parametrize(("onset_s", "expected"), [(111.9, 1.0), (112.0, 0.0)])
def test_a_movement_that_restlessness_follows_within_10_s_is_one_with_activation(
    onset_s: float, expected: float
) -> None:
    assert activation(seen_movement(onset_s, 5), seen_movement(onset_s + 6, 5, orientation_change_deg=11.0)) == expected


def test_a_movement_is_not_activated_by_its_own_acceleration() -> None:
    assert activation(seen_movement(100, 3)) == 0.0


def test_activation_is_not_said_of_a_leg_without_a_motion_sensor() -> None:
    (one,) = last_words(told(combiner(), [emg_movement(100, 2)]), EventKind.LEG_MOVEMENT)
    assert not {"with_activation", "moved"} & set(one.measures)


@pytest.mark.parametrize(("onset_s", "moved"), [(102.4, 1.0), (102.5, 0.0)])
def test_an_emg_movement_was_seen_to_move_within_half_a_second(onset_s: float, moved: float) -> None:
    said = told(combiner(motion=(Leg.LEFT,)), [emg_movement(100, 2), seen_movement(onset_s, 1, peak_g=0.07)])
    (one,) = last_words(said, EventKind.LEG_MOVEMENT)
    assert (one.measures["moved"], one.measures.get("moved_peak_g")) == (moved, 0.07 if moved else None)

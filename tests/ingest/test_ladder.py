"""The recovery ladder: when which rung is due, and how long to wait between attempts."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from detectors.signal import NS_PER_S
from ingest.ladder import BACKOFF_S, RUNG_WAITS_S, Backoff, Rung, SilenceLadder


def seeded(seed: int) -> Backoff:
    return Backoff(Random(seed))  # noqa: S311 - a test must be repeatable


def climb(ladder: SilenceLadder, seconds: int) -> list[tuple[int, Rung]]:
    """Ask once a second."""
    asked = [(second, ladder.due(second * NS_PER_S)) for second in range(seconds)]
    return [(second, rung) for second, rung in asked if rung is not None]


def test_the_rungs_follow_at_3_6_8_11_and_21_seconds_of_silence() -> None:
    assert climb(SilenceLadder(3.0, RUNG_WAITS_S, mono_ns=0), 60) == [
        (3, Rung.READ_HEALTH),
        (6, Rung.START_AGAIN),
        (8, Rung.STOP_AND_START),
        (11, Rung.SUBSCRIBE_AGAIN),
        (21, Rung.RECONNECT),
    ]


@given(st.lists(st.integers(0, 2_999), min_size=1, max_size=50))
def test_a_sensor_that_is_heard_every_three_seconds_is_never_bothered(pauses_ms: list[int]) -> None:
    ladder = SilenceLadder(3.0, RUNG_WAITS_S, mono_ns=0)
    now_ns = 0
    for pause_ms in pauses_ms:
        now_ns += pause_ms * 1_000_000
        assert ladder.due(now_ns) is None
        assert ladder.hear(now_ns) == 0


def test_data_bring_the_ladder_back_to_its_foot() -> None:
    ladder = SilenceLadder(3.0, RUNG_WAITS_S, mono_ns=0)
    assert ladder.due(3 * NS_PER_S) is Rung.READ_HEALTH
    assert ladder.hear(4 * NS_PER_S) == 1
    assert ladder.due(6 * NS_PER_S) is None
    assert ladder.due(7 * NS_PER_S) is Rung.READ_HEALTH


def test_a_stall_of_the_computer_is_not_a_silence_of_the_sensor() -> None:
    ladder = SilenceLadder(3.0, RUNG_WAITS_S, mono_ns=0)
    ladder.excuse(10 * NS_PER_S)
    assert ladder.due(12 * NS_PER_S) is None
    assert ladder.due(13 * NS_PER_S) is Rung.READ_HEALTH


@given(st.integers(0, 2**32 - 1))
def test_waits_grow_to_30_s_and_stay_within_20_percent(seed: int) -> None:
    backoff = seeded(seed)
    for base_s in (*BACKOFF_S, BACKOFF_S[-1], BACKOFF_S[-1]):
        assert 0.8 * base_s <= backoff.next_s() <= 1.2 * base_s


def test_the_alarm_is_raised_once_when_the_longest_wait_is_reached() -> None:
    backoff = seeded(1)
    raised = []
    for _attempt in range(10):
        backoff.next_s()
        raised.append(backoff.exhausted)
    assert raised == [False] * 5 + [True] + [False] * 4


def test_a_sensor_that_delivered_is_tried_again_at_once() -> None:
    backoff = seeded(1)
    for _attempt in range(6):
        backoff.next_s()
    backoff.reset()
    assert backoff.next_s() <= 1.2 * BACKOFF_S[0]

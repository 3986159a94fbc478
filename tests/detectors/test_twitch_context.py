"""Twitches count in a leg at rest only, and not where every channel shows them at once (science.md 4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from detectors.events import Event, EventKind
from detectors.signal import Leg
from tests.night_events import bout, combiner, emg_movement, event, told

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from detectors.night.combine import NightCombiner


def twitch(onset_s: float, leg: Leg = Leg.LEFT, sensor: str | None = None) -> Event:
    return event(EventKind.TWITCH, onset_s, 0.02, leg, sensor=sensor, peak_uv=40.0)


def against(events: Sequence[Event], night: NightCombiner | None = None) -> list[str | None]:
    """The rule that turned each twitch down, by onset; None for those that stand."""
    night = night or combiner(motion=(Leg.LEFT, Leg.RIGHT))
    said: dict[int, str | None] = {e.onset_ns: None for e in told(night, events) if e.kind is EventKind.TWITCH}
    said |= {e.onset_ns: e.why[-1].rule for e in night.rejected() if e.kind is EventKind.TWITCH}
    return [said[onset_ns] for onset_ns in sorted(said)]


@pytest.mark.parametrize(("onset_s", "rule"), [(98.979, None), (98.981, "twitch_clear_s"), (103.0, None)])
@pytest.mark.parametrize("make", [emg_movement, bout])
def test_a_twitch_lies_1_s_clear_of_movements_and_contractions(
    make: Callable[[float, float], Event], onset_s: float, rule: str | None
) -> None:
    assert against([make(100, 2), twitch(onset_s)]) == [rule]


def test_a_movement_of_the_other_leg_does_not_matter() -> None:
    assert against([emg_movement(100, 2, Leg.RIGHT), twitch(101)]) == [None]


def test_the_bursts_of_a_train_are_no_twitches() -> None:
    train = event(EventKind.RHYTHMIC_TRAIN, 100, 20, rate_hz=1.0, anchor_s=0.0)
    assert against([train, twitch(105), twitch(130)]) == ["twitch_clear_s", None]


def test_a_leg_that_stands_has_no_twitches() -> None:
    standing = event(EventKind.UPRIGHT, 90, 100)
    assert against([standing, twitch(100), twitch(200)]) == ["upright", None]


@pytest.mark.parametrize(("lag_s", "rule"), [(0.005, "twitch_together_s"), (0.006, None)])
def test_what_every_channel_shows_within_5_ms_is_an_artefact(lag_s: float, rule: str | None) -> None:
    assert against([twitch(100), twitch(100 + lag_s, Leg.RIGHT)]) == [rule, rule]


def test_what_one_of_three_channels_does_not_show_is_none() -> None:
    night = combiner()
    night.emg_on(Leg.LEFT, "left-calf", "gastrocnemius", 500.0)
    assert against([twitch(100), twitch(100.001, Leg.RIGHT)], night) == [None, None]


def test_on_a_night_with_one_channel_twitches_stand() -> None:
    assert against([twitch(100)], combiner(emg=(Leg.LEFT,))) == [None]


def test_a_twitch_waits_until_no_movement_can_begin_close_to_it() -> None:
    night = combiner()
    assert night.feed([twitch(100)], 101_020_000_000 - 1) == []
    assert len(night.feed([], 101_020_000_000)) == 1

"""The range of an index under other thresholds is what scoring the night again with them would give."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detectors.criteria import Criteria, named
from detectors.numbers.index_range import range_of
from detectors.numbers.robustness import MOST_ACTIVE_S, Robustness, variants
from detectors.numbers.unknown import Unknown
from detectors.pipeline import Score, score
from detectors.proposed.validity import VALIDITY
from detectors.recording import ArraySource, Recording, steady_clock
from detectors.signal import Leg, Quantity, Stream, Unit
from detectors.track import Track, TrackName
from tests import made_nights
from tests.made_legs import emg, emg_stream

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.slow

CRITERIA = replace(named("wasm-2016"), validity=replace(VALIDITY, min_index_h=0.0))
FS_HZ = 250.0
DURATION_S = 700.0


def source(leg: Leg, bursts: Sequence[tuple[float, float, float]]) -> ArraySource:
    stream = Stream(f"{leg}-shin", leg, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("ta",), FS_HZ)
    return ArraySource(stream, steady_clock(0, FS_HZ), emg(DURATION_S, bursts, fs_hz=FS_HZ, noise_uv=2.0))


def near_every_limit() -> tuple[ArraySource, ...]:
    """Movements whose strength, length and distance lie around the thresholds, and a loss of both legs."""
    rng = np.random.default_rng(8)
    onsets_s = np.cumsum(rng.choice([4.4, 5.5, 8.5, 9.5, 11.0, 13.0, 20.0, 40.0, 80.0, 100.0], 22)) + 70.0
    left = [(float(t), float(d), float(a)) for t, d, a in _drawn(onsets_s, rng)]
    right = [(float(t), float(d), float(a)) for t, d, a in _drawn(onsets_s[::2] + 0.7, rng)]
    sources = source(Leg.LEFT, left), source(Leg.RIGHT, right)
    for one in sources:
        one.data[round(400 * FS_HZ) : round(415 * FS_HZ)] = np.nan
    return sources


def _drawn(onsets_s: np.ndarray[Any, Any], rng: np.random.Generator) -> Any:
    durations_s = rng.choice([0.45, 0.55, 0.8, 2.0, 3.0, 8.5, 11.0], len(onsets_s))
    strengths_uv = rng.choice([9.0, 11.0, 14.0, 30.0, 60.0], len(onsets_s))
    return zip(onsets_s, durations_s, strengths_uv, strict=True)


def scored(criteria: Criteria) -> Score:
    return score(Recording("made", 0, near_every_limit()), criteria)


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return dict(scored(CRITERIA).summary)


def test_the_thresholds_as_they_are_give_the_indices_of_the_night(found: dict[str, Any]) -> None:
    for name in ("lm_per_h", "clm_per_h", "plms_wasm_per_h", "plms_aasm_per_h"):
        assert found["robustness"][name]["value"] == pytest.approx(found[name], rel=1e-12)


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("leg_movement.onset_uv", "lower"),
        ("leg_movement.offset_uv", "higher"),
        ("leg_movement.quiet_s", "higher"),
        ("leg_movement.min_s", "lower"),
        ("wasm.imi_min_s", "lower"),
        ("aasm.bilateral_onsets_s", "higher"),
    ],
)
def test_a_threshold_that_is_changed_gives_what_a_full_score_with_it_gives(
    found: dict[str, Any], name: str, side: str
) -> None:
    sides = {"lower": -1, "higher": 1}
    (variant,) = (v for v in variants(CRITERIA) if v.name == name and (v.factor - 1) * sides[side] > 0)
    criteria = replace(CRITERIA, leg_movement=variant.movement, wasm=variant.wasm, aasm=variant.aasm)
    summary = scored(criteria).summary
    index = "plms_aasm_per_h" if name.startswith("aasm") else "plms_wasm_per_h"
    assert found["robustness"]["by_threshold"][name][side] == pytest.approx(summary[index], rel=1e-12)


def test_the_made_night_has_indices_that_depend_on_thresholds(found: dict[str, Any]) -> None:
    told = found["robustness"]
    changed = [name for name, pair in told["by_threshold"].items() if len(set(pair.values())) > 1]
    assert len(changed) > 4
    assert told["lm_per_h"]["low"] < told["lm_per_h"]["value"] < told["lm_per_h"]["high"]
    assert told["plms_per_h"]["low"] < told["plms_per_h"]["high"]


def test_the_share_above_the_limit_counts_what_is_more_than_it() -> None:
    told = range_of([("", 15.0), ("a", 15.1), ("b", 14.0), ("c", 20.0)], 15.0)
    assert (told["value"], told["low"], told["high"], told["share_above"]) == (15.0, 14.0, 20.0, 0.5)


def test_the_threshold_that_moves_an_index_most_is_told(found: dict[str, Any]) -> None:
    told = found["robustness"]
    value = told["plms_wasm_per_h"]["value"]
    moved = {
        name: max(abs(rate - value) for rate in pair.values())
        for name, pair in told["by_threshold"].items()
        if not name.startswith("aasm.")
    }
    assert moved[told["plms_wasm_per_h"]["widest"]] == max(moved.values()) > 0
    assert told["lm_per_h"]["widest"].startswith(("leg_movement.", "wasm."))
    assert range_of([("", 4.0), ("a", 4.0)], 15.0)["widest"] == ""


def test_every_threshold_is_varied_both_ways_and_none_contradicts_another() -> None:
    names = [(v.name, v.factor) for v in variants(CRITERIA)]
    assert names[0] == ("", 1.0)
    assert len(names) == len(set(names)) == 1 + 2 * (8 + 6 + 5)
    low = next(v for v in variants(CRITERIA) if v.name == "leg_movement.min_s" and v.factor < 1)
    assert (low.movement.min_s, low.wasm.lm_min_s, low.aasm.lm_min_s) == (0.4, 0.4, 0.4)
    close = replace(CRITERIA, leg_movement=replace(CRITERIA.leg_movement, offset_uv=7.9))
    assert ("leg_movement.offset_uv", 1.2) not in [(v.name, v.factor) for v in variants(close)]


def test_a_night_of_acceleration_says_why_nothing_is_varied() -> None:
    assert isinstance(Robustness(CRITERIA).finish(made_nights.view()), Unknown)
    assert "acceleration" in Robustness(CRITERIA).finish(made_nights.view()).why  # type: ignore[union-attr] # asserted above


def test_a_night_with_too_few_valid_hours_says_so() -> None:
    told = Robustness(CRITERIA).finish(made_nights.view(hours=2.0))
    assert told == Unknown("2.0 h of valid signal, an index needs 4 h")


@pytest.mark.parametrize("rests", [True, False])
def test_more_than_three_hours_of_activity_are_not_kept(rests: bool) -> None:  # noqa: FBT001 - in pieces, or without end
    stream, clock = emg_stream(), steady_clock(0, 500.0)
    robustness = Robustness(CRITERIA)
    hour = 100 * 3600
    for first in range(0, round(MOST_ACTIVE_S / 3600 + 2) * hour, hour):
        frames, flags = np.full(3600, 2.0), np.zeros(3600, np.uint16)
        robustness.feed(stream, Track(stream, clock, TrackName.RESTING_UV, first * 5, 500, frames, flags))
        envelope = np.full(hour, 50.0)
        if rests:
            envelope[-200:] = 1.0
        quality = np.zeros(hour, np.uint16)
        robustness.feed(stream, Track(stream, clock, TrackName.ENVELOPE_UV, first * 5, 5, envelope, quality))
    assert robustness.finish(made_nights.view()) == Unknown("more than three hours of activity on one leg")
    assert [channel.n_waiting for channel in robustness._channels.values()] == [0]

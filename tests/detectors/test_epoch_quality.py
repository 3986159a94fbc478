"""Half minutes of signal are good, usable or bad by the rules of science.md 7.3, however the stream was cut."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.epochs import EpochBuilder
from detectors.proposed.validity import VALIDITY
from detectors.quality.epoch_tally import EpochClass, EpochTally
from detectors.quality.validity import EpochQuality
from detectors.recording import steady_clock
from detectors.signal import Gap, GapCause, Leg, Quantity, Stream, Unit
from detectors.track import Flag, Track, TrackName

if TYPE_CHECKING:
    from collections.abc import Sequence

HOP = 5
EPOCH = 3000
"""Hops of 10 ms in 30 s."""


def emg(fs_hz: float = 500.0) -> Stream:
    return Stream("left-shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("ta",), fs_hz)


def acceleration() -> Stream:
    return Stream("left-shin", Leg.LEFT, "ankle", Quantity.ACCELERATION, Unit.G, ("x", "y", "z"), 50.0)


def envelope(first_hop: int, flags: np.ndarray, *, stream: Stream | None = None, hop: int = HOP) -> Track:
    stream = stream or emg()
    clock = steady_clock(0, stream.fs_hz)
    name = TrackName.ENVELOPE_UV if stream.quantity is Quantity.EMG else TrackName.MOVEMENT_G
    return Track(stream, clock, name, first_hop * hop, hop, np.ones(len(flags)), flags.astype(np.uint16))


def flagged(n_hops: int, flag: Flag, total: int = EPOCH) -> np.ndarray:
    flags = np.zeros(total, np.uint16)
    flags[100 : 100 + n_hops] = flag.value
    return flags


def judged(*tracks: Track, epoch: int = 0) -> EpochClass:
    tally = EpochTally(tracks[0].stream)
    for track in tracks:
        tally.add(track)
    return tally.judge(epoch, VALIDITY, max(track.stop for track in tracks))


def test_an_epoch_without_flags_is_good() -> None:
    assert judged(envelope(0, flagged(0, Flag.GOOD))) is EpochClass.GOOD


def test_an_epoch_with_a_fifth_missing_is_good_and_with_more_it_is_bad() -> None:
    missing = EPOCH // 5
    clean = np.zeros(EPOCH)
    after = envelope(EPOCH, clean)
    assert judged(envelope(0, clean[missing:]), after) is EpochClass.GOOD
    assert judged(envelope(0, clean[missing + 1 :]), after) is EpochClass.BAD


@pytest.mark.parametrize("flag", [Flag.SATURATED, Flag.CLIPPED])
def test_an_epoch_with_a_tenth_saturated_is_not_bad_and_with_more_it_is(flag: Flag) -> None:
    assert judged(envelope(0, flagged(EPOCH // 10, flag))) is not EpochClass.BAD
    assert judged(envelope(0, flagged(EPOCH // 10 + 1, flag))) is EpochClass.BAD


@pytest.mark.parametrize("flag", [Flag.ELECTRODE_OFF, Flag.FLAT, Flag.STUCK])
def test_one_second_of_an_electrode_that_is_off_or_of_a_flat_line_makes_an_epoch_bad(flag: Flag) -> None:
    assert judged(envelope(0, flagged(100, flag))) is EpochClass.BAD


@pytest.mark.parametrize("flag", [Flag.DISABLED, Flag.LINE])
def test_an_epoch_in_which_amplitude_rules_did_not_apply_for_a_fifth_is_not_bad_and_for_more_it_is(flag: Flag) -> None:
    assert judged(envelope(0, flagged(EPOCH // 5, flag))) is not EpochClass.BAD
    assert judged(envelope(0, flagged(EPOCH // 5 + 1, flag))) is EpochClass.BAD


@pytest.mark.parametrize("flag", [Flag.MOTION, Flag.LINE_HIGH, Flag.POOR_CONTACT, Flag.ECG, Flag.POP])
def test_an_epoch_with_doubts_in_more_than_a_fifth_is_usable(flag: Flag) -> None:
    assert judged(envelope(0, flagged(EPOCH // 5, flag))) is EpochClass.GOOD
    assert judged(envelope(0, flagged(EPOCH // 5 + 1, flag))) is EpochClass.USABLE
    assert judged(envelope(0, flagged(EPOCH, flag))) is EpochClass.USABLE


def test_an_epoch_is_bad_to_events_that_touch_it_and_not_to_their_neighbours() -> None:
    quality = EpochQuality(emg(), VALIDITY)
    quality.feed(envelope(0, np.concatenate([flagged(0, Flag.GOOD), flagged(200, Flag.FLAT), flagged(0, Flag.GOOD)])))
    assert quality.judged == 3 * 15_000
    assert not quality.bad(0, 15_000)
    assert quality.bad(0, 15_001)
    assert quality.bad(15_000, 15_000)
    assert quality.bad(29_999, 30_000)
    assert not quality.bad(30_000, 45_000)


def test_a_gap_that_covers_an_epoch_makes_it_bad_and_judges_it() -> None:
    quality = EpochQuality(emg(), VALIDITY)
    quality.feed(envelope(0, np.zeros(EPOCH)))
    quality.feed(Gap(emg(), steady_clock(0, 500.0), 15_000, 20_000, GapCause.AIR))
    assert quality.judged == 30_000
    assert quality.bad(15_000, 15_001)
    assert not quality.bad(0, 100)


def test_a_gap_of_unknown_length_judges_nothing() -> None:
    quality = EpochQuality(emg(), VALIDITY)
    quality.feed(envelope(0, np.zeros(EPOCH - 1)))
    quality.feed(Gap(emg(), steady_clock(0, 500.0), 14_995, None, GapCause.SILENCE))
    assert quality.judged == 0


def test_the_last_epoch_is_judged_by_what_there_was_of_it() -> None:
    quality = EpochQuality(emg(), VALIDITY)
    quality.feed(envelope(0, np.zeros(EPOCH + 100)))
    quality.finish()
    quality.finish()
    assert quality.judged == 30_000
    assert not quality.bad(0, 15_500)


def test_a_signal_that_begins_late_in_its_first_epoch_begins_with_a_bad_one() -> None:
    quality = EpochQuality(emg(), VALIDITY)
    quality.feed(envelope(10 * EPOCH + 1000, np.zeros(2 * EPOCH)))
    assert quality.bad(10 * 15_000 + 5000, 11 * 15_000)
    assert not quality.bad(11 * 15_000, 12 * 15_000)


def test_what_is_forgotten_is_no_longer_bad() -> None:
    quality = EpochQuality(emg(), VALIDITY)
    quality.feed(envelope(0, np.full(2 * EPOCH, Flag.FLAT.value)))
    quality.forget_before(15_000)
    assert (quality.bad(0, 15_000), quality.bad(15_000, 30_000)) == (False, True)
    assert len(quality._bad) == 1


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(1, 8999), max_size=8), fs_hz=st.sampled_from([100.0, 200.0, 500.0, 1111.7]))
def test_epochs_are_judged_the_same_for_every_cut(cuts: list[int], fs_hz: float) -> None:
    rng = np.random.default_rng(2)
    flags = rng.choice([0, 0, 0, Flag.SATURATED.value, Flag.MOTION.value, Flag.DISABLED.value], 90).repeat(100)
    stream, hop = emg(fs_hz), max(1, round(fs_hz / 100))

    def bad(edges: Sequence[int]) -> list[bool]:
        quality = EpochQuality(stream, VALIDITY)
        for a, b in pairwise(edges):
            quality.feed(envelope(a, flags[a:b], stream=stream, hop=hop))
        quality.finish()
        return [quality.bad(at, at + 1) for at in range(0, 9000 * hop, 1000)]

    assert bad([0, *sorted(set(cuts)), 9000]) == bad([0, 9000])


@pytest.mark.parametrize(("flag", "expected"), [(Flag.GOOD, 2.0), (Flag.MOTION, 1.0), (Flag.STUCK, 0.0)])
def test_an_epoch_carries_its_class(flag: Flag, expected: float) -> None:
    builder = EpochBuilder(acceleration(), VALIDITY)
    (epoch,) = builder.feed(envelope(0, np.full(1500, flag.value), stream=acceleration(), hop=1))
    assert epoch.measures["quality_class"] == expected


@pytest.mark.parametrize(
    "changes", [{"max_dropout_share": 1.0}, {"grade_b_h": 6.0}, {"low_weight": 1.5}, {"min_index_h": -1.0}]
)
def test_limits_that_contradict_each_other_are_refused(changes: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="validity"):
        replace(VALIDITY, **changes)

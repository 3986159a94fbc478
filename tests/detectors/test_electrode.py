"""An electrode that comes off is told by each rule of science.md 7.1, and nothing is scored while it is off."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detectors.emg.electrode import ElectrodeDetector, ElectrodeWatch
from detectors.events import EventKind
from detectors.recording import steady_clock
from detectors.signal import Gap, GapCause, SampleBlock
from detectors.track import Flag, TrackName
from tests.bad_nights import all_parts, hum, measured, white
from tests.made_legs import CRITERIA, emg, emg_parts, emg_stream, envelope_tracks, run, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.events import Event

N_REST, REST_UV = 120, 2.0
STREAM = emg_stream()
OFF_S = (150.0, 250.0)
BURSTS = [(70.0 + 40 * number, 2.0, 40.0) for number in range(9)]
MUSCLE = (0.1, 1.0, 0.8, 0.3, 0.1)
FLAT = (1.0, 1.1, 0.9, 1.0, 1.0)
TOP_HZ = 225.0


def watched(
    n_frames: int,
    *,
    share: float = 0.04,
    level_uv: float = REST_UV,
    rest_uv: float = REST_UV,
    mean_step_uv: float = 0.0,
    noise: Sequence[float] = MUSCLE,
) -> np.ndarray[Any, Any]:
    """Judge so many frames after two minutes of rest."""
    total = N_REST + n_frames
    shares, rms_uv, mean_uv = np.full(total, 0.04), np.full(total, rest_uv), np.zeros(total)
    shares[N_REST:], rms_uv[N_REST:] = share, level_uv
    mean_uv[N_REST:] = mean_step_uv * np.arange(1, n_frames + 1)
    parts = np.concatenate([np.tile(MUSCLE, (N_REST, 1)), np.tile(noise, (n_frames, 1))])
    both = np.stack([shares] * 2, axis=1)
    return ElectrodeWatch(1.0, CRITERIA, TOP_HZ).feed(mean_uv, both, rms_uv, parts)[N_REST:]


@pytest.mark.parametrize(("share", "level_uv", "off"), [(0.6, 20.1, 0), (0.61, 20.0, 0), (0.61, 20.1, 1)])
def test_mains_in_three_fifths_of_a_signal_of_five_times_rest_for_10_s(share: float, level_uv: float, off: int) -> None:
    assert watched(10, share=share, level_uv=level_uv, rest_uv=4.0).tolist() == [False] * 9 + [bool(off)]


@pytest.mark.parametrize(("n_frames", "level_uv", "off"), [(59, 100.1, False), (60, 100.1, True), (60, 100.0, False)])
def test_mains_alone_for_a_minute_is_an_electrode_fault(n_frames: int, level_uv: float, off: bool) -> None:  # noqa: FBT001 - a case
    assert watched(n_frames, share=0.61, level_uv=level_uv, rest_uv=25.0).any() == off


@pytest.mark.parametrize(
    ("step_uv", "n_frames", "off"), [(5000.0, 9, 0), (5001.0, 1, 0), (5001.0, 2, 1), (-5001.0, 2, 1)]
)
def test_a_signal_that_drifts_by_more_than_5_mv_in_a_second(step_uv: float, n_frames: int, off: int) -> None:
    assert watched(n_frames, mean_step_uv=step_uv).any() == bool(off)


@pytest.mark.parametrize(
    ("level_uv", "n_frames", "off"),
    [(6.0, 30, False), (6.1, 9, False), (6.1, 10, True)],
    ids=["twice", "too short", "off"],
)
def test_flat_noise_of_more_than_twice_rest_for_10_s(level_uv: float, n_frames: int, off: bool) -> None:  # noqa: FBT001 - a case
    assert watched(n_frames, rest_uv=3.0, level_uv=level_uv, noise=FLAT).any() == off


@pytest.mark.parametrize(("share", "level_uv", "off"), [(0.2, 6.1, True), (0.21, 9.0, False), (0.21, 9.1, True)])
def test_beside_a_hum_it_is_three_times_rest(share: float, level_uv: float, off: bool) -> None:  # noqa: FBT001 - a case
    assert watched(10, rest_uv=3.0, share=share, level_uv=level_uv, noise=FLAT).any() == off


def test_a_cramp_is_as_strong_and_not_flat() -> None:
    assert not watched(300, level_uv=80.0).any()


def test_noise_that_is_flat_and_weak_is_a_contact_and_no_open_electrode() -> None:
    assert not watched(60, level_uv=5.0, noise=FLAT).any()


@pytest.mark.parametrize(
    ("noise", "top_hz", "off"),
    [
        ((4.0, 2.9, 1.5, 1.1, 1.0), 225.0, True),
        ((4.0, 3.1, 1.5, 1.1, 1.0), 225.0, False),
        ((4.0, 2.9, 1.7, 1.1, 1.0), 225.0, False),
        ((4.0, 2.9, 1.5, 1.1, 1.0), 200.0, True),
        ((4.0, 2.9, 1.5, 1.1, 1.0), 199.0, False),
    ],
)
def test_noise_with_drift_is_flat_above_70_hz_if_the_sensor_records_up_to_200_hz(
    noise: Sequence[float],
    top_hz: float,
    off: bool,  # noqa: FBT001 - a case
) -> None:
    level_uv = np.repeat([REST_UV, 20.0], [N_REST, 10])
    watch = ElectrodeWatch(1.0, CRITERIA, top_hz)
    parts = np.tile(noise, (len(level_uv), 1))
    assert watch.feed(np.zeros_like(level_uv), np.full((len(level_uv), 2), 0.04), level_uv, parts).any() == off


def test_flat_noise_is_the_new_noise_floor_after_a_quarter_of_an_hour() -> None:
    off = watched(1000, level_uv=40.0, noise=FLAT)
    assert off[20:900].all()
    assert not off[900:].any()


def events_of(flags: np.ndarray[Any, Any], *, gap_after_s: int | None = None) -> list[Event]:
    tracks = []
    for at, flag in enumerate(flags.tolist()):
        frame = envelope_tracks(STREAM, np.full(100, 2.0), flags=Flag.ELECTRODE_OFF.value if flag else 0, line=0.9)
        tracks += [replace(track, start=track.start + at * 500) for track in frame]
    detector, events = ElectrodeDetector(STREAM, CRITERIA), []
    for track in tracks:
        if gap_after_s is not None and track.start == gap_after_s * 500 and track.name is TrackName.RESTING_UV:
            events += detector.feed(Gap(STREAM, track.clock, track.start - 10, 10, GapCause.AIR))
        events += detector.feed(track)
        assert detector.settled <= track.stop
    assert not detector.rejected()
    return events + detector.finish()


def test_seconds_without_electrode_are_one_event() -> None:
    flags = np.zeros(40, np.bool_)
    flags[10:25] = True
    (event,) = events_of(flags)
    assert (event.kind, seconds(event)) == (EventKind.ELECTRODE_OFF, (10.0, 25.0))
    assert event.measures == {"duration_s": 15.0, "line_ratio": pytest.approx(0.9)}
    assert [(step.rule, step.held) for step in event.why] == [("max_line_share", True)]


@pytest.mark.slow
def test_a_long_time_without_electrode_comes_in_pieces_of_a_quarter_of_an_hour() -> None:
    spans = [seconds(event) for event in events_of(np.ones(2000, np.bool_))]
    assert spans == [(0.0, 900.0), (900.0, 1800.0), (1800.0, 2000.0)]


def test_a_gap_ends_the_event() -> None:
    spans = [seconds(event) for event in events_of(np.ones(20, np.bool_), gap_after_s=10)]
    assert spans == [(0.0, 10.0), (10.0, 20.0)]


def fallen_off(level_uv: float = 300.0, after: float = 1.0) -> np.ndarray[Any, Any]:
    data = emg(420.0, BURSTS)
    off = slice(*(round(at_s * 500) for at_s in OFF_S))
    data[off] = (hum(420.0, level_uv) + white(420.0, 2.0))[off]
    data[off.stop :] *= after
    return data


@pytest.fixture(scope="module")
def put_back() -> tuple[list[Event], dict[TrackName, np.ndarray[Any, Any]]]:
    return run(all_parts(), STREAM, fallen_off(after=3.0))


def test_while_the_electrode_is_off_nothing_is_scored(put_back: Any) -> None:
    events, _ = put_back
    (off,) = [event for event in events if event.kind is EventKind.ELECTRODE_OFF]
    assert seconds(off) == pytest.approx((160.0, 255.0), abs=6.0)
    others = [seconds(event) for event in events if event is not off]
    assert not [span for span in others if span[1] > OFF_S[0] and span[0] < OFF_S[1]]


def test_after_it_is_put_back_the_resting_level_is_right_within_a_minute(put_back: Any) -> None:
    events, tracks = put_back
    level_uv = tracks[TrackName.RESTING_UV]
    assert level_uv[310] == pytest.approx(3 * level_uv[149], rel=0.15)
    later = [
        round(seconds(event)[0]) for event in events if event.kind is EventKind.LEG_MOVEMENT and event.onset_ns > 3e11
    ]
    assert later == [310, 350, 390]


def test_what_looks_like_a_movement_before_the_rule_speaks_is_rejected_with_its_reason() -> None:
    parts = emg_parts()
    features, detector = parts.features(STREAM), parts.detectors[0](STREAM)
    for item in features.feed(SampleBlock(STREAM, steady_clock(0, 500.0), 0, fallen_off())):
        detector.feed(item)
    (rejected,) = [event for event in detector.rejected() if event.duration_s > 5.0]
    assert seconds(rejected)[0] == pytest.approx(OFF_S[0], abs=0.2)
    assert "electrode_off" in {step.rule for step in rejected.why if not step.held}


@pytest.mark.parametrize(("noise_uv", "poor"), [(4.0, False), (10.0, True)])
def test_contact_is_poor_above_5_uv_at_rest(noise_uv: float, poor: bool) -> None:  # noqa: FBT001 - a case
    values, flags = measured(emg(100.0, [], noise_uv=noise_uv))
    assert (values[TrackName.RESTING_UV] > 5.0).all() == poor
    assert ((flags & Flag.POOR_CONTACT.value) > 0).all() == poor

"""What EMG features measure, and what they survive."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detectors.emg.features import EmgFeatures
from detectors.recording import steady_clock
from detectors.signal import Gap, GapCause, SampleBlock, Unit
from detectors.track import Flag, Track, TrackName
from tests.made_legs import CRITERIA, emg, emg_parts, emg_stream, run, run_items

STREAM = emg_stream()
CLOCK = steady_clock(0, 500.0)


def block(data: np.ndarray, start: int = 0) -> SampleBlock:
    return SampleBlock(STREAM, CLOCK, start, data)


def outputs(*items: SampleBlock | Gap) -> list[Track | Gap]:
    features = EmgFeatures(STREAM, CRITERIA)
    return [output for item in items for output in features.feed(item)] + features.finish()


def quality(items: list[Track | Gap], name: TrackName) -> np.ndarray:
    return np.concatenate([item.quality for item in items if isinstance(item, Track) and item.name is name])


def test_the_envelope_of_a_sine_in_the_band_is_its_rms() -> None:
    t_s = np.arange(70 * 500) / 500
    _, tracks = run(emg_parts(), STREAM, (10.0 * np.sin(2 * np.pi * 45 * t_s))[:, np.newaxis])
    assert tracks[TrackName.ENVELOPE_UV][100:] == pytest.approx(10 / np.sqrt(2), rel=0.05)


def test_the_offset_of_an_electrode_does_not_count() -> None:
    data = emg(70.0, [])
    _, plain = run(emg_parts(), STREAM, data)
    _, lifted = run(emg_parts(), STREAM, data + 30_000.0)
    assert lifted[TrackName.ENVELOPE_UV] == pytest.approx(plain[TrackName.ENVELOPE_UV], abs=0.05)


def test_slow_tracks_come_before_the_fast_ones_of_the_same_span() -> None:
    names = [item.name for item in outputs(block(emg(61.0, []))) if isinstance(item, Track)]
    slow, fast = names.index(TrackName.LINE_RATIO), names.index(TrackName.POWER_UV2)
    assert names[: slow + 1] == [
        TrackName.RESTING_UV,
        TrackName.LF_HF_RATIO,
        TrackName.RISE_RATIO,
        TrackName.LINE_RATIO,
    ]
    assert names[fast : fast + 2] == [TrackName.POWER_UV2, TrackName.ENVELOPE_UV]
    assert slow < fast


def test_nothing_comes_out_before_the_resting_level_is_known() -> None:
    features = EmgFeatures(STREAM, CRITERIA)
    data = emg(62.0, [])
    assert not features.feed(block(data[: 59 * 500]))
    assert features.feed(block(data[59 * 500 :], 59 * 500))


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
def test_mains_of_either_frequency_is_found_and_flagged(mains_hz: float) -> None:
    t_s = np.arange(90 * 500) / 500
    data = emg(90.0, []) + 40 * np.sin(2 * np.pi * mains_hz * t_s)[:, np.newaxis]
    found = outputs(block(data))
    ratios = np.concatenate(
        [item.values for item in found if isinstance(item, Track) and item.name is TrackName.LINE_RATIO]
    )
    assert ratios.min() > 0.9
    flags = quality(found, TrackName.ENVELOPE_UV)[1000:]
    assert (flags & Flag.LINE_HIGH.value).all()
    assert not (flags & Flag.LINE.value).any()


def test_muscle_is_neither_mains_nor_artefact() -> None:
    _, tracks = run(emg_parts(), STREAM, emg(90.0, [(0.0, 90.0, 30.0)]))
    assert np.median(tracks[TrackName.LINE_RATIO]) < 0.12
    assert np.median(tracks[TrackName.LF_HF_RATIO]) < 0.15


def test_the_mains_average_forgets_after_ten_seconds() -> None:
    t_s = np.arange(90 * 500) / 500
    mains = np.where(t_s < 70, 20.0, 0.0) * np.sin(2 * np.pi * 50 * t_s)
    _, tracks = run(emg_parts(), STREAM, emg(90.0, []) + mains[:, np.newaxis])
    assert tracks[TrackName.LINE_RATIO][78] > 0.9
    assert tracks[TrackName.LINE_RATIO][80] < 0.3


def test_a_moving_cable_is_flagged_and_a_leg_is_not() -> None:
    t_s = np.arange(90 * 500) / 500
    data = emg(90.0, [(70.0, 2.0, 50.0)])
    data[:, 0] += np.where((t_s >= 80) & (t_s < 84), 400.0, 0.0) * np.sin(2 * np.pi * 5 * t_s)
    flags = quality(outputs(block(data)), TrackName.RESTING_UV) & Flag.MOTION.value
    assert flags[80:84].all()
    assert not flags[:79].any()


def test_a_flat_line_and_two_codes_are_flat() -> None:
    codes = np.tile([0.0, 4.0], 250 * 40)[:, np.newaxis]
    for data in (np.zeros((40 * 500, 1)), codes):
        assert (quality(outputs(block(data)), TrackName.RESTING_UV) & Flag.FLAT.value).all()


def test_a_rail_that_is_touched_often_is_saturation() -> None:
    data = emg(70.0, [(62.0, 4.0, 500.0)])
    flags = quality(outputs(block(np.clip(data, -600, 600))), TrackName.RESTING_UV) & Flag.SATURATED.value
    assert flags[62:66].all()
    assert not flags[:62].any()
    assert not (quality(outputs(block(data)), TrackName.RESTING_UV) & Flag.SATURATED.value).any()


def test_a_resting_level_above_15_uv_disables_amplitude_rules() -> None:
    flags = quality(outputs(block(emg(70.0, [], noise_uv=40.0))), TrackName.ENVELOPE_UV)
    assert (flags & Flag.DISABLED.value).all()


@pytest.mark.parametrize("n_samples", [0, 1, 4, 5, 60, 499, 500, 501])
def test_a_recording_shorter_than_any_window_survives(n_samples: int) -> None:
    events, tracks = run(emg_parts(), STREAM, emg(2.0, [])[:n_samples])
    assert not events
    assert len(tracks.get(TrackName.ENVELOPE_UV, ())) == n_samples // 5


@pytest.mark.parametrize("value", [0.0, 17.0, 1e6])
def test_a_dead_channel_has_no_event(value: float) -> None:
    events, _ = run(emg_parts(), STREAM, np.full((700 * 500, 1), value))
    assert not events


@pytest.mark.slow
def test_samples_that_are_no_numbers_are_one_gap_however_they_are_cut() -> None:
    data = emg(100.0, [(70.0, 4.0, 40.0)])
    data[71 * 500 : 72 * 500 + 13] = np.nan
    whole = [item for item in outputs(block(data)) if isinstance(item, Gap)]
    pieces = [block(data[at : at + 333], at) for at in range(0, len(data), 333)]
    cut = [item for item in outputs(*pieces) if isinstance(item, Gap)]
    assert [(gap.first_missing, gap.n_missing, gap.cause) for gap in whole] == [(35500, 513, GapCause.MALFORMED)]
    assert whole == cut
    assert run_items(emg_parts(), STREAM, [block(data)])[0] == run_items(emg_parts(), STREAM, pieces)[0]


def test_a_channel_of_no_numbers_only_has_neither_tracks_nor_events() -> None:
    events, tracks = run(emg_parts(), STREAM, np.full((3000, 1), np.nan))
    assert (events, tracks) == ([], {})


def test_after_a_gap_hops_lie_on_the_same_grid() -> None:
    data = emg(80.0, [])
    gap = Gap(STREAM, CLOCK, 30_103, 38, GapCause.AIR)
    found = outputs(block(data[:30_103]), gap, block(data[30_141:], 30_141))
    after = [item for item in found[found.index(gap) :] if isinstance(item, Track)]
    assert after[0].name is TrackName.POWER_UV2
    assert (after[0].start, after[-1].stop) == (30_145, 80 * 500)


def test_a_jump_of_the_count_that_nobody_reported_is_a_gap() -> None:
    data = emg(80.0, [])
    found = outputs(block(data[:30_000]), block(data[30_050:], 30_050))
    assert [(gap.first_missing, gap.n_missing) for gap in found if isinstance(gap, Gap)] == [(30_000, 50)]


def test_samples_that_come_twice_are_refused() -> None:
    data = emg(2.0, [])
    with pytest.raises(ValueError, match="left-shin: block starts at sample 400, expected 500 or later"):
        outputs(block(data[:500]), block(data[400:], 400))


def test_single_precision_gives_the_same_events() -> None:
    data = emg(100.0, [(70.0, 3.0, 30.0), (80.0, 10.0, 30.0)])
    double, _ = run(emg_parts(), STREAM, data)
    single, _ = run(emg_parts(), STREAM, data.astype(np.float32))
    assert [(event.kind, event.onset_ns, event.end_ns) for event in single] == [
        (event.kind, event.onset_ns, event.end_ns) for event in double
    ]


def test_streams_that_are_not_one_channel_of_microvolts_are_refused() -> None:
    with pytest.raises(ValueError, match="1 x emg in counts, expected one channel of EMG in uV"):
        EmgFeatures(replace(STREAM, unit=Unit.COUNTS), CRITERIA)
    with pytest.raises(ValueError, match="2 x emg in uV"):
        EmgFeatures(replace(STREAM, axes=("ta", "gm")), CRITERIA)
    with pytest.raises(ValueError, match="a band of 20-18 Hz"):
        EmgFeatures(emg_stream(40.0), CRITERIA)

"""One answer: however a night is cut, the events, epochs and numbers are the same."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.channels import channels
from detectors.criteria import named
from detectors.events import EventKind
from detectors.pipeline import Pipeline, score
from detectors.recording import ArraySource, Recording, steady_clock
from detectors.signal import (
    NS_PER_S,
    Gap,
    GapCause,
    Leg,
    Quantity,
    SampleBlock,
    Stream,
    Unit,
    Watermark,
)
from detectors.simulate import SimulatedNight, simulate_night

pytestmark = pytest.mark.slow

CRITERIA = named("wasm-2016")
START_NS = 1_790_000_000 * NS_PER_S


def emg_stream(leg: Leg, **changes: object) -> Stream:
    values = {"sensor": f"{leg}-shin", "site": "tibialis anterior", "axes": ("emg",), "fs_hz": 500.0, **changes}
    return Stream(leg=leg, quantity=Quantity.EMG, unit=Unit.MICROVOLT, **values)  # type: ignore[arg-type] # values of several types


def motion_stream(leg: Leg) -> Stream:
    return Stream(f"{leg}-shin", leg, "ankle", Quantity.ACCELERATION, Unit.G, ("x", "y", "z"), 50.0)


def recording(night: SimulatedNight, *, seconds: float | None = None) -> Recording:
    sources = []
    for leg in night.legs:
        n_emg = leg.n_emg if seconds is None else round(seconds * leg.emg_fs_hz)
        n_motion = leg.n_acceleration if seconds is None else round(seconds * leg.acceleration_fs_hz)
        sources += [
            ArraySource(emg_stream(leg.leg), steady_clock(START_NS, 500.0), leg.emg(0, n_emg)),
            ArraySource(motion_stream(leg.leg), steady_clock(START_NS, 50.0), leg.acceleration(0, n_motion)),
        ]
    return Recording("simulated", START_NS, tuple(sources))


@pytest.fixture(scope="module")
def night() -> SimulatedNight:
    return simulate_night(0.25, seed=4, regime="clean")


def test_the_score_is_the_same_for_every_block_size(night: SimulatedNight) -> None:
    whole = score(recording(night), CRITERIA, block_samples=10**9)
    assert {EventKind.LEG_MOVEMENT, EventKind.CRAMP} <= {event.kind for event in whole.events}
    for block_samples in (None, 1000, 30_011):
        assert score(recording(night), CRITERIA, block_samples=block_samples) == whole


def test_the_score_is_the_same_for_blocks_of_one_and_of_seven_samples(night: SimulatedNight) -> None:
    whole = score(recording(night, seconds=70), CRITERIA)
    assert score(recording(night, seconds=70), CRITERIA, block_samples=7) == whole
    assert score(recording(night, seconds=20), CRITERIA, block_samples=1) == score(
        recording(night, seconds=20), CRITERIA
    )


def test_two_channels_of_one_sensor_score_as_two_channels_and_movements_of_the_leg_once() -> None:
    signal = simulate_night(0.3, seed=5, regime="clean", muscles=("tibialis anterior", "gastrocnemius")).legs[0]
    stream = emg_stream(Leg.LEFT, site="tibialis anterior, gastrocnemius", axes=("ta", "gm"))
    source = ArraySource(stream, steady_clock(START_NS, 500.0), signal.emg(0, signal.n_emg))
    scored = score(Recording("two", START_NS, (source,)), CRITERIA)
    assert [channel.sensor for channel in channels(stream)] == ["left-shin.ta", "left-shin.gm"]
    movements = {event.sensor for event in scored.events if event.kind is EventKind.LEG_MOVEMENT}
    assert movements == {"left-shin.ta"}
    assert set(scored.summary["valid_h"]) == {"left-shin.ta", "left-shin.gm"}


def test_a_leg_without_emg_scores_movements_by_acceleration(night: SimulatedNight) -> None:
    motion = tuple(s for s in recording(night).sources if s.stream.quantity is Quantity.ACCELERATION)
    scored = score(Recording("motion", START_NS, motion), CRITERIA)
    movements = [event for event in scored.events if event.kind is EventKind.LEG_MOVEMENT]
    assert movements
    assert all("peak_g" in event.measures for event in movements)
    assert scored.summary["cramp_probable"] is None
    assert scored.summary["reasons"]["cramp_probable"] == "no valid signal"


def test_an_emg_movement_says_whether_it_was_seen_by_acceleration(night: SimulatedNight) -> None:
    scored = score(recording(night), CRITERIA)
    seen = Counter(e.measures["moved"] for e in scored.events if e.kind is EventKind.LEG_MOVEMENT)
    assert set(seen) <= {0.0, 1.0}
    assert seen[1.0] > 0


def test_a_recording_without_streams_has_no_numbers() -> None:
    scored = score(Recording("empty", START_NS, ()), CRITERIA)
    assert scored.events == ()
    assert scored.summary["lm_per_h"] is None
    assert scored.summary["reasons"]["lm_per_h"] == "no valid signal"


def test_a_block_size_of_zero_is_refused(night: SimulatedNight) -> None:
    with pytest.raises(ValueError, match="block_samples is 0, expected 1 or more"):
        score(recording(night, seconds=1), CRITERIA, block_samples=0)


def test_a_stream_in_counts_is_not_scored() -> None:
    stream = Stream("x", Leg.LEFT, "shin", Quantity.EMG, Unit.COUNTS, ("emg",), 500.0)
    source = ArraySource(stream, steady_clock(START_NS, 500.0), np.ones((5000, 1)))
    assert score(Recording("counts", START_NS, (source,)), CRITERIA).events == ()


def fed(items: list[SampleBlock | Gap | Watermark]) -> list[tuple[object, ...]]:
    """Feed items and return the newest revision of each event, with its span, by onset."""
    pipeline = Pipeline(CRITERIA)
    said = [event for item in items for event in pipeline.feed(item).events] + list(pipeline.finish().events)
    newest = {}
    for event in said:
        if event.key not in newest or event.revision > newest[event.key].revision:
            newest[event.key] = event
    return sorted((e.onset_ns, e.end_ns, e.kind, e.leg, tuple(e.measures.items())) for e in newest.values())


def cut(stream: Stream, data: np.ndarray, gaps: list[tuple[int, int]], sizes: list[int]) -> list[SampleBlock | Gap]:
    """Cut a stream with gaps into blocks of the given sizes, repeated."""
    clock = steady_clock(START_NS, stream.fs_hz)
    items: list[SampleBlock | Gap] = []
    at, turn = 0, 0
    for first, length in [*gaps, (len(data), 0)]:
        while at < first:
            stop = min(at + sizes[turn % len(sizes)], first)
            items.append(SampleBlock(stream, clock, at, data[at:stop]))
            at, turn = stop, turn + 1
        if length:
            items.append(Gap(stream, clock, first, length, GapCause.AIR))
            at = first + length
    return items


@settings(max_examples=5, deadline=None)
@given(sizes=st.lists(st.integers(50, 20_000), min_size=1, max_size=6))
def test_gaps_do_not_make_the_answer_depend_on_the_cut(night: SimulatedNight, sizes: list[int]) -> None:
    signal = night.legs[0]
    data = signal.emg(0, 240_000)
    gaps = [(20_000, 37), (90_123, 60_000), (200_000, 1)]
    assert fed(cut(emg_stream(Leg.LEFT), data, gaps, sizes)) == fed(cut(emg_stream(Leg.LEFT), data, gaps, [10**6]))


def test_a_gap_is_an_event_from_a_tenth_of_a_second_on() -> None:
    data = np.zeros((30_000, 1))
    spans = [(at[1] - at[0], at[2]) for at in fed(cut(emg_stream(Leg.LEFT), data, [(1000, 49), (9000, 50)], [500]))]
    assert spans == [(NS_PER_S // 10, EventKind.SIGNAL_GAP)]


def test_a_silent_leg_delays_the_other_no_longer_than_its_watermark(night: SimulatedNight) -> None:
    left, right = night.legs
    pipeline = Pipeline(CRITERIA)
    clock = steady_clock(START_NS, 500.0)
    for leg, stop in ((left, 60_000), (right, left.n_emg)):
        for at in range(0, stop, 30_000):
            stream = emg_stream(leg.leg)
            pipeline.feed(SampleBlock(stream, clock, at, leg.emg(at, min(at + 30_000, stop))))
    before = pipeline.feed(Watermark(emg_stream(Leg.LEFT), START_NS + 120 * NS_PER_S)).events
    after = pipeline.feed(Watermark(emg_stream(Leg.LEFT), START_NS + 1200 * NS_PER_S)).events
    assert all(event.onset_ns < START_NS + 120 * NS_PER_S for event in before)
    assert any(event.onset_ns > START_NS + 500 * NS_PER_S for event in after)

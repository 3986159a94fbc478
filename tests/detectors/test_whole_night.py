"""What a whole night must get right whatever happens in it: its end, its losses, its muscles, its numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.criteria import named
from detectors.events import Event, EventKind, Stage, StageSpan
from detectors.pipeline import Pipeline, Score, score
from detectors.proposed.validity import VALIDITY
from detectors.recording import ArraySource, Recording, steady_clock
from detectors.signal import NS_PER_S, Gap, GapCause, Leg, Quantity, SampleBlock, Stream, Unit, Watermark
from tests.made_legs import emg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detectors.chain import Output

pytestmark = pytest.mark.slow

# These nights last minutes; an index needs hours.
CRITERIA = replace(named("wasm-2016"), validity=replace(VALIDITY, min_index_h=0.0))
FS_HZ = 500.0
Bursts = list[tuple[float, float, float]]


def stream(leg: Leg = Leg.LEFT, *, segment: int = 0, **changes: Any) -> Stream:
    values = {"sensor": f"{leg}-shin", "site": "tibialis anterior", "axes": ("emg",), **changes}
    return Stream(leg=leg, quantity=Quantity.EMG, unit=Unit.MICROVOLT, fs_hz=FS_HZ, segment=segment, **values)


def source(bursts: Bursts, duration_s: float, **changes: Any) -> ArraySource:
    one = stream(**changes)
    return ArraySource(one, steady_clock(0, FS_HZ), emg(duration_s, bursts, noise_uv=1.0))


def scored(*sources: ArraySource, block_samples: int | None = None, stages: Sequence[StageSpan] = ()) -> Score:
    return score(Recording("made", 0, sources, tuple(stages)), CRITERIA, block_samples=block_samples)


def kinds(events: Sequence[Event], kind: EventKind) -> list[Event]:
    return [event for event in events if event.kind is kind]


def newest(outputs: Sequence[Output]) -> list[Event]:
    last: dict[Any, Event] = {}
    for event in (event for output in outputs for event in output.events):
        if event.key not in last or event.revision > last[event.key].revision:
            last[event.key] = event
    return list(last.values())


def blocks(of: Stream, data: np.ndarray[Any, Any], *, first: int = 0, start_ns: int = 0) -> list[SampleBlock]:
    clock = steady_clock(start_ns, FS_HZ)
    return [SampleBlock(of, clock, first + at, data[at : at + 5000]) for at in range(0, len(data), 5000)]


@pytest.mark.parametrize("rest_s", [0.0, 5.0, 25.0, 100.0])
def test_a_contraction_that_ends_near_the_end_of_the_night_is_kept(rest_s: float) -> None:
    duration_s = 400.0
    made = source([(duration_s - rest_s - 40.0, 40.0, 60.0)], duration_s)
    (cramp,) = kinds(scored(made).events, EventKind.CRAMP)
    assert cramp.duration_s == pytest.approx(40.0, abs=0.5)


def test_legs_that_take_turns_for_minutes_keep_every_movement_however_the_night_is_cut() -> None:
    left: Bursts = [(100 + t, 3.0, 40.0) for t in range(0, 600, 6)]
    right: Bursts = [(103 + t, 3.0, 40.0) for t in range(0, 600, 6)]
    sources = (source(left, 800.0), source(right, 800.0, leg=Leg.RIGHT))
    whole = scored(*sources, block_samples=10**9)
    assert len(kinds(whole.events, EventKind.LEG_MOVEMENT)) >= 195
    for block_samples in (250, 30_000):
        assert scored(*sources, block_samples=block_samples) == whole


def test_the_tibialis_anterior_scores_movements_wherever_it_stands_in_the_stream() -> None:
    two = stream(site="gastrocnemius, tibialis anterior", axes=("gm", "ta"))
    rest, moving = emg(200.0, []), emg(200.0, [(100.0, 2.0, 40.0)])
    events = scored(ArraySource(two, steady_clock(0, FS_HZ), np.hstack([rest, moving]))).events
    assert [event.sensor for event in kinds(events, EventKind.LEG_MOVEMENT)] == ["left-shin.ta"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_sensor_named_beforehand_scores_movements_whichever_is_heard_first(order: tuple[int, int]) -> None:
    calf, shin = stream(sensor="calf", site="gastrocnemius"), stream(sensor="shin")
    pipeline = Pipeline(CRITERIA, movement_sensors={Leg.LEFT: "shin"})
    heard = (blocks(calf, emg(200.0, [])), blocks(shin, emg(200.0, [(100.0, 2.0, 40.0)])))
    outputs = [pipeline.feed(block) for pair in zip(*(heard[i] for i in order), strict=True) for block in pair]
    events = newest([*outputs, pipeline.finish()])
    assert [event.sensor for event in kinds(events, EventKind.LEG_MOVEMENT)] == ["shin"]


def lost(how: str) -> list[SampleBlock | Gap]:
    """Five movements 20 s apart with 18 s lost between the second and the third, in one of three ways."""
    data = emg(220.0, [(100.0 + 20 * n, 2.0, 40.0) for n in range(5)])
    first, last = 61_500, 69_500
    before, after = data[:first], data[last:]
    clock = steady_clock(0, FS_HZ)
    if how == "gap":
        gap = Gap(stream(), clock, first, last - first, GapCause.AIR)
        return [*blocks(stream(), before), gap, *blocks(stream(), after, first=last)]
    if how == "not a number":
        data[first:last] = np.nan
        return [*blocks(stream(), data)]
    start_ns = clock.at(last)
    return [*blocks(stream(), before), *blocks(stream(segment=1), after, start_ns=start_ns)]


@pytest.mark.parametrize("how", ["gap", "not a number", "reboot"])
def test_a_loss_is_an_event_and_makes_its_series_uncertain_however_it_came_about(how: str) -> None:
    pipeline = Pipeline(CRITERIA)
    events = newest([*(pipeline.feed(item) for item in lost(how)), pipeline.finish()])
    (gap,) = kinds(events, EventKind.SIGNAL_GAP)
    assert gap.duration_s == pytest.approx(16.0, abs=0.1)
    (series,) = kinds(events, EventKind.PERIODIC_SERIES)
    assert (series.measures["n"], series.measures["uncertain"]) == (5.0, 1.0)


def test_silence_that_lasts_ends_the_series_on_the_only_leg() -> None:
    pipeline = Pipeline(CRITERIA)
    data = emg(150.0, [(80.0 + 15 * n, 2.0, 40.0) for n in range(4)])
    outputs = [pipeline.feed(block) for block in blocks(stream(), data)]
    outputs += [pipeline.feed(Watermark(stream(), t_s * NS_PER_S)) for t_s in range(160, 300, 10)]
    series = kinds([event for output in outputs for event in output.events], EventKind.PERIODIC_SERIES)
    assert len(series) == 1


def test_a_sensor_that_falls_silent_before_it_has_settled_still_says_what_it_heard() -> None:
    pipeline = Pipeline(CRITERIA)
    data = emg(40.0, [(20.0, 2.0, 40.0)])
    outputs = [pipeline.feed(block) for block in blocks(stream(), data)]
    outputs += [pipeline.feed(Watermark(stream(), t_s * NS_PER_S)) for t_s in range(50, 200, 10)]
    assert len(kinds(newest(outputs), EventKind.LEG_MOVEMENT)) == 1


def test_finished_segments_are_forgotten() -> None:
    pipeline = Pipeline(CRITERIA)
    for segment in range(20):
        start_ns = segment * 20 * NS_PER_S
        for block in blocks(stream(segment=segment), emg(10.0, []), start_ns=start_ns):
            pipeline.feed(block)
    assert len(pipeline._chains) == 1


def test_hours_are_those_of_the_muscle_that_scores_movements() -> None:
    shin = source([(100.0 + 20 * n, 2.0, 40.0) for n in range(10)], 3600.0)
    shin.data[60_000 * 3 :] = 0.0
    calf = source([], 3600.0, sensor="calf", site="gastrocnemius")
    summary = scored(shin, calf).summary
    assert summary["valid_h"]["calf"] == pytest.approx(1.0, abs=0.01)
    assert summary["lm_per_h"] == pytest.approx(10 / 0.1, rel=0.05)


def test_a_rate_per_hour_of_sleep_counts_only_sleep_with_signal() -> None:
    movements: Bursts = [(100.0 + 20 * n, 2.0, 40.0) for n in range(10)]
    eight_h = 8 * 3600 * NS_PER_S
    summary = scored(source(movements, 600.0), stages=[StageSpan(0, eight_h, Stage.N2)]).summary
    assert summary["plms_wasm_per_h"] == pytest.approx(60.0, rel=0.06)


def test_time_without_signal_is_not_undisturbed() -> None:
    made = source([], 3600.0)
    made.data[round(600 * FS_HZ) :] = np.nan
    assert scored(made).summary["longest_undisturbed_min"] == pytest.approx(10.0, abs=0.51)
    made.data[:] = 0.0
    flat = scored(made).summary
    assert flat["longest_undisturbed_min"] is None
    assert flat["reasons"]["longest_undisturbed_min"] == "no valid signal"


def test_a_cramp_like_contraction_ends_the_undisturbed_stretch() -> None:
    made = source([(900.0, 60.0, 60.0)], 1800.0)
    assert scored(made).summary["longest_undisturbed_min"] == pytest.approx(15.0, abs=0.1)


def test_a_leg_that_gives_no_signal_does_not_count_as_a_leg() -> None:
    dead = source([], 200.0, leg=Leg.RIGHT)
    dead.data[:] = 0.0
    assert scored(source([], 200.0), dead).summary["one_leg"] is True
    assert scored(source([], 200.0), source([], 200.0, leg=Leg.RIGHT)).summary["one_leg"] is False


def test_one_contraction_seen_by_two_muscles_is_one_bout() -> None:
    bursts: Bursts = [(100.0, 40.0, 60.0)]
    calf = source(bursts, 300.0, sensor="calf", site="gastrocnemius")
    (cramp,) = kinds(scored(source(bursts, 300.0), calf).events, EventKind.CRAMP)
    assert cramp.measures["n_bouts"] == 1.0


def test_sensors_of_unknown_legs_are_not_taken_for_one_leg() -> None:
    one = source([(100.0, 40.0, 60.0)], 300.0, leg=Leg.UNKNOWN, sensor="a")
    other = source([(150.0, 40.0, 60.0)], 300.0, leg=Leg.UNKNOWN, sensor="b")
    assert [e.sensor for e in kinds(scored(one, other).events, EventKind.CRAMP)] == ["a", "b"]


def test_wake_all_night_is_told_as_no_sleep() -> None:
    summary = scored(source([], 200.0), stages=[StageSpan(0, 200 * NS_PER_S, Stage.WAKE)]).summary
    assert summary["tst_est_h"] == 0.0
    assert summary["reasons"]["waso_est_min"] == "no sleep in the stages"


def test_sleep_after_onset_and_awakenings_of_two_minutes_come_from_the_stages() -> None:
    order = [Stage.WAKE, Stage.N1, Stage.N2, Stage.WAKE, Stage.WAKE, Stage.N2, Stage.REM, Stage.WAKE, Stage.N2]
    spans = [StageSpan(n * 60 * NS_PER_S, (n + 1) * 60 * NS_PER_S, stage) for n, stage in enumerate(order)]
    summary = scored(source([], 200.0), stages=spans).summary
    assert summary["waso_est_min"] == 3.0
    assert summary["awakenings_est"] == 1
    assert summary["tst_est_h"] == pytest.approx(5 / 60)


NIGHT: Mapping[Leg, np.ndarray[Any, Any]] = {
    Leg.LEFT: emg(500.0, [*((80 + 3.0 * n, 2.0, 40.0) for n in range(40)), (300.0, 35.0, 60.0), (455.0, 45.0, 60.0)]),
    Leg.RIGHT: emg(500.0, [(82 + 21.0 * n, 2.0, 40.0) for n in range(18)]),
}


def items(leg: Leg, sizes: list[int]) -> list[SampleBlock | Gap]:
    """One leg's night with a gap in it, cut into blocks of the given sizes in turn."""
    data, clock, gap = NIGHT[leg], steady_clock(0, FS_HZ), (110_000, 111_500)
    out: list[SampleBlock | Gap] = []
    at, turn = 0, 0
    while at < len(data):
        if at == gap[0]:
            out.append(Gap(stream(leg), clock, gap[0], gap[1] - gap[0], GapCause.AIR))
            at = gap[1]
        stop = min(at + sizes[turn % len(sizes)], gap[0] if at < gap[0] else len(data))
        out.append(SampleBlock(stream(leg), clock, at, data[at:stop]))
        at, turn = stop, turn + 1
    return out


def onset_ns(item: SampleBlock | Gap) -> int:
    return item.clock.at(item.start if isinstance(item, SampleBlock) else item.first_missing)


def story(left: list[int], right: list[int]) -> list[object]:
    pipeline = Pipeline(CRITERIA, [stream(leg) for leg in NIGHT])
    both = sorted([*items(Leg.LEFT, left), *items(Leg.RIGHT, right)], key=onset_ns)
    events = newest([*(pipeline.feed(item) for item in both), pipeline.finish()])
    facts = [(e.onset_ns, e.kind, e.leg, e.end_ns, sorted(e.measures.items()), e.revision) for e in events]
    return [*sorted(facts), sorted(pipeline.summary(0, 500 * NS_PER_S)["valid_h"].items())]


SIZES = st.lists(st.integers(200, 60_000), min_size=1, max_size=5)


@settings(max_examples=5, deadline=None)
@given(left=SIZES, right=SIZES)
def test_two_legs_with_gaps_and_long_chains_tell_one_story_however_they_are_cut(
    left: list[int], right: list[int]
) -> None:
    assert story(left, right) == story([10**9], [10**9])

"""From samples to UTC: an event never ends before it begins, whatever its clock does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from detectors.signal import NS_PER_S, Clock, Knot, SampleBlock
from detectors.timing import Timing
from tests.made_legs import emg, emg_parts, emg_stream, motion_parts, motion_stream, run_items, turned

if TYPE_CHECKING:
    import numpy as np

    from detectors.chain import Parts
    from detectors.signal import Stream

TIMING = Timing(emg_stream(), hop=5, delay=0)


def stepped(fs_hz: float, at_s: float, step_s: float) -> Clock:
    """A clock that is set `step_s` on (or back) at one sample."""
    return Clock((Knot(0, 0, fs_hz), Knot(round(at_s * fs_hz), round((at_s + step_s) * NS_PER_S), fs_hz)))


@pytest.mark.parametrize("step_s", [-100.0, -4.0, -0.01])
def test_where_the_clock_steps_back_the_samples_are_counted(step_s: float) -> None:
    clock = stepped(500.0, 10.0, step_s)
    assert TIMING.times_ns(clock, 4500, 5500) == (9 * NS_PER_S, 11 * NS_PER_S)
    assert TIMING.times_ns(clock, 5000, 5500) == (clock.at(5000), clock.at(5000) + NS_PER_S)
    assert TIMING.times_ns(clock, 4500, 5000) == (9 * NS_PER_S, 10 * NS_PER_S)


def test_a_clock_that_only_runs_faster_or_is_set_on_is_believed() -> None:
    assert TIMING.times_ns(stepped(500.0, 10.0, 0.5), 4500, 5500) == (9 * NS_PER_S, round(11.5 * NS_PER_S))
    fast = Clock((Knot(0, 0, 550.0),))
    assert TIMING.times_ns(fast, 0, 550) == (0, round(549 * NS_PER_S / 550) + NS_PER_S // 500)


@pytest.mark.parametrize(
    ("parts", "stream", "data", "at_s"),
    [
        (emg_parts(), emg_stream(), emg(90.0, [(70.0, 8.0, 40.0)]), 71.0),
        (motion_parts(), motion_stream(), turned(80.0, [(60.0, 30.0, 2.0, 0.0)]), 61.0),
    ],
)
def test_a_clock_that_steps_back_inside_a_movement_costs_no_event(
    parts: Parts, stream: Stream, data: np.ndarray, at_s: float
) -> None:
    clock = stepped(stream.fs_hz, at_s, -60.0)
    events, _ = run_items(parts, stream, [SampleBlock(stream, clock, 0, data)])
    assert events
    for event in events:
        assert event.duration_s == pytest.approx(event.measures["duration_s"], abs=1e-8)


def test_a_knot_that_would_make_time_run_backwards_is_refused() -> None:
    clock = Clock((Knot(0, 0, 500.0),))
    before_ns = clock.at(999)
    assert clock.with_knot(Knot(1000, before_ns, 500.0)).at(1000) == before_ns
    with pytest.raises(ValueError, match="knot at sample 1000 is at 1997999999 ns, expected 1998000000 ns"):
        clock.with_knot(Knot(1000, before_ns - 1, 500.0))
    with pytest.raises(ValueError, match="knots must rise: 0 is followed by 0"):
        clock.with_knot(Knot(0, 0, 500.0))

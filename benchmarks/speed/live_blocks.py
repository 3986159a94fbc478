"""What a block of 25 samples costs when a night is scored as it arrives."""

from __future__ import annotations

import statistics
import time

from benchmarks.speed.rows import Row, at_most
from detectors.criteria import named
from detectors.pipeline import Pipeline
from detectors.recording import steady_clock
from detectors.signal import Quantity, SampleBlock, Stream, Unit
from detectors.simulate import simulate_night

AIM_US = 500.0
LIVE_BLOCK = 25
LIVE_S = 300
NS_PER_US = 1000
S_PER_H = 3600


def live_blocks() -> list[SampleBlock]:
    """Return the blocks of two sensors in the order in which they would arrive."""
    timed: list[tuple[float, SampleBlock]] = []
    for leg in simulate_night(LIVE_S / S_PER_H, seed=2, regime="clean").legs:
        emg = Stream(
            f"{leg.leg}-shin", leg.leg, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("emg",), leg.emg_fs_hz
        )
        axes, fs_hz = ("x", "y", "z"), leg.acceleration_fs_hz
        motion = Stream(f"{leg.leg}-shin", leg.leg, "shin", Quantity.ACCELERATION, Unit.G, axes, fs_hz)
        for stream, data in ((emg, leg.emg(0, leg.n_emg)), (motion, leg.acceleration(0, leg.n_acceleration))):
            clock = steady_clock(0, stream.fs_hz)
            timed += [
                (start / stream.fs_hz, SampleBlock(stream, clock, start, data[start : start + LIVE_BLOCK]))
                for start in range(0, len(data), LIVE_BLOCK)
            ]
    return [block for _, block in sorted(timed, key=lambda entry: entry[0])]


def live_us() -> dict[str, float]:
    """Return microseconds of processor per block of 25 samples, by stream, when a night is scored as it arrives."""
    spent_ns: dict[str, list[int]] = {}
    pipeline = Pipeline(named("wasm-2016"))
    for block in live_blocks():
        stream = block.stream
        began_ns = time.thread_time_ns()
        pipeline.feed(block)
        taken_ns = time.thread_time_ns() - began_ns
        spent_ns.setdefault(f"{stream.quantity}, {len(stream.axes)} x {stream.fs_hz:g} Hz", []).append(taken_ns)
    return {name: statistics.fmean(taken_ns) / NS_PER_US for name, taken_ns in spent_ns.items()}


def live_rows() -> list[Row]:
    """Return one row per kind of stream."""
    return [
        Row(
            f"live, per block of {LIVE_BLOCK} samples: {name}",
            "",
            f"{us:.0f} µs",
            f"{AIM_US:g} µs or less",
            at_most(us, AIM_US),
            {"us_per_block": us},
        )
        for name, us in live_us().items()
    ]

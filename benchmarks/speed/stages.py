"""``python -m benchmarks.speed.stages``: where the processor time of one EMG channel goes, in ns per sample.

Beside the stages stand two calls into compiled code that the features cannot do without.
"""

from __future__ import annotations

import argparse
import json
import time
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from benchmarks.playing import emg_source
from benchmarks.speed.one_night import FS_HZ
from benchmarks.speed.peers import night_array
from detectors.butterworth import sections_of, steady_states
from detectors.criteria import named
from detectors.kernels import filter_sections
from detectors.memory import keep_freed_memory
from detectors.parts import emg_parts
from detectors.recording import READ_S
from detectors.signal import Leg, SampleBlock

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Result = TypeVar("Result")

LENGTH_S = 2400.0
FRAME = round(FS_HZ)


def timed(spent: dict[str, float], name: str, run: Callable[[], Result]) -> Result:
    """Return what a call returns, and note what it took."""
    began_ns = time.process_time_ns()
    result = run()
    spent[name] = spent.get(name, 0.0) + time.process_time_ns() - began_ns
    return result


def spent_ns(data_uv: NDArray[np.float64]) -> dict[str, float]:
    """Score one channel once and return the time of each stage."""
    source, parts = emg_source(Leg.LEFT, data_uv, FS_HZ), emg_parts(named("wasm-2016"), scores_movements=True)
    features, detectors = parts.features(source.stream), [build(source.stream) for build in parts.detectors]
    spent: dict[str, float] = {}
    length = round(READ_S * FS_HZ)
    for start in range(0, len(data_uv), length):
        block = SampleBlock(source.stream, source.clock, start, source.read(start, min(start + length, len(data_uv))))
        for item in timed(spent, "features", partial(features.feed, block)):
            for detector in detectors:
                timed(spent, type(detector).__name__, partial(detector.feed, item))
    sections = sections_of(2, 20.0, 200.0, FS_HZ)
    rows, states = data_uv[np.newaxis].copy(), np.ascontiguousarray(steady_states(sections)[np.newaxis])
    timed(spent, "one band-pass of two (compiled)", partial(filter_sections, sections, rows, states))
    timed(spent, "the spectra (compiled)", partial(np.fft.rfft, data_uv.reshape(-1, FRAME)))
    return spent


def main() -> None:
    """Print the least time of each stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0, help="length of the night that a part is taken of")
    parser.add_argument("--runs", type=int, default=7, help="runs, of which the least counts")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    arguments = parser.parse_args()
    data_uv = np.load(night_array(arguments.hours), mmap_mode="r")[0, : round(LENGTH_S * FS_HZ)].astype(np.float64)
    keep_freed_memory()
    runs = [spent_ns(data_uv) for _ in range(arguments.runs)]
    least = {name: min(run[name] for run in runs) / len(data_uv) for name in runs[0]}
    if arguments.json:
        print(json.dumps(least, indent=2))
        return
    print("| stage | ns per sample |\n|---|---|")
    print("\n".join(f"| {name} | {value:.1f} |" for name, value in least.items()))


if __name__ == "__main__":
    main()

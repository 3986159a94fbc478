"""``python -m benchmarks.speed.rescoring NIGHT.npy``: other thresholds for a night that was scored before."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.playing import emg_source
from benchmarks.speed.one_night import FS_HZ
from benchmarks.speed.peers import night_array
from benchmarks.speed.processes import said
from benchmarks.speed.rows import Row, at_most
from detectors.criteria import named
from detectors.pipeline import score
from detectors.recording import Recording
from detectors.rescore import Rescorer
from detectors.signal import Leg

if TYPE_CHECKING:
    from detectors.criteria import Criteria

AIM_MS, AIM_SWEEP_S = 50.0, 20.0
SWEEP = 1000
MS_PER_S = 1000.0
# Onset of a leg movement above rest, µV: around the 8 µV of WASM, and nothing that its offset of 2 µV forbids.
LOWEST_UV, HIGHEST_UV = 4.0, 16.0


def with_onset(criteria: Criteria, onset_uv: float) -> Criteria:
    """Return criteria with another onset of a leg movement, µV."""
    return replace(criteria, leg_movement=replace(criteria.leg_movement, onset_uv=onset_uv))


def main() -> None:
    """Score the night in full, then a thousand times with another threshold; print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("night", help="array of shape (2, n_samples), microvolt")
    parser.add_argument("--sweep", type=int, default=SWEEP)
    arguments = parser.parse_args()
    legs = np.load(arguments.night).astype(np.float64)
    sources = [emg_source(leg, data_uv, FS_HZ) for leg, data_uv in zip((Leg.LEFT, Leg.RIGHT), legs, strict=True)]
    recording, wasm = Recording("night", 0, tuple(sources)), named("wasm-2016")
    began_s = time.process_time()
    score(recording, wasm)
    full_s = time.process_time() - began_s
    rescorer = Rescorer(recording, wasm)
    rescorer.score(wasm)
    taken_s = []
    for onset_uv in np.linspace(LOWEST_UV, HIGHEST_UV, arguments.sweep).tolist():
        began_s = time.process_time()
        rescorer.score(with_onset(wasm, onset_uv))
        taken_s.append(time.process_time() - began_s)
    print(json.dumps({"full_s": full_s, "one_s": statistics.median(taken_s), "sweep_s": sum(taken_s)}))


def rescoring_rows(hours: float, sweep: int = SWEEP) -> list[Row]:
    """Return the row on one changed threshold and the row on a sweep."""
    found = said("benchmarks.speed.rescoring", str(night_array(hours)), "--sweep", str(sweep))
    one_ms, full_s, sweep_s = found["one_s"] * MS_PER_S, found["full_s"], found["sweep_s"]
    anchor = f"full score: {full_s:.2f} s of processor"
    figures = {"one_ms": one_ms, "sweep_s": sweep_s, "anchor_cpu_s": full_s}
    return [
        Row(
            f"score again after a threshold was changed, one night of {hours:g} h, 2 legs x 1 EMG channel",
            anchor,
            f"{one_ms:.0f} ms of processor, {full_s / found['one_s']:.0f} times faster",
            f"{AIM_MS:g} ms or less",
            at_most(one_ms, AIM_MS),
            figures,
        ),
        Row(
            f"{sweep} values of one threshold, the same night",
            anchor,
            f"{sweep_s:.1f} s of processor",
            f"{AIM_SWEEP_S:g} s or less",
            at_most(sweep_s, AIM_SWEEP_S),
            figures,
        ),
    ]


if __name__ == "__main__":
    main()

"""``python -m benchmarks.speed.one_night soleus NIGHT.npy``: one program scores one night; JSON says what it took.

The night is in memory before the clock is started, and a minute of it was scored before: imports and what a
program makes once are nobody's fault here.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.playing import emg_source
from detectors.criteria import named
from detectors.pipeline import score
from detectors.recording import Recording
from detectors.signal import Leg

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

FS_HZ = 500.0
EPOCH_S = 30
S_PER_H = 3600


def soleus(legs: NDArray[np.floating], *, movements_alone: bool = False) -> int:
    """Score both legs with every EMG detector and the numbers of the night."""
    sources = [emg_source(leg, data_uv, FS_HZ) for leg, data_uv in zip((Leg.LEFT, Leg.RIGHT), legs, strict=True)]
    recording = Recording("night", 0, tuple(sources))
    return len(score(recording, named("wasm-2016"), movements_alone=movements_alone).events)


def soleus_movements(legs: NDArray[np.floating]) -> int:
    """Ask for what psgscoring is asked for: leg movements and series of both legs."""
    return soleus(legs, movements_alone=True)


def psgscoring(legs: NDArray[np.floating], **options: Any) -> int:
    """Ask for the leg movements and the series of both legs, every epoch called sleep."""
    # Only the accuracy group has it installed.
    from psgscoring.plm import analyze_plm  # noqa: PLC0415 - a development-only dependency

    asleep = ["N2"] * (round(legs.shape[1] / FS_HZ) // EPOCH_S + 1)
    answer = analyze_plm(legs[0], legs[1], FS_HZ, asleep, leg_unit="uV", **options)
    if not answer["success"]:
        msg = f"psgscoring: {answer['error']}"
        raise RuntimeError(msg)
    return len(answer["events"])


def psgscoring_all(legs: NDArray[np.floating]) -> int:
    """Ask as ``make accuracy`` asks, for every movement and not for the first 200."""
    return psgscoring(legs, event_list_cap=None)


def neurokit2(legs: NDArray[np.floating]) -> int:
    """Clean the EMG of one leg, find its amplitude and its activations."""
    # Only the accuracy group has it installed, and it takes seconds to import.
    import neurokit2 as peer  # type: ignore[import-untyped]  # noqa: PLC0415 - a development-only dependency

    signals, _ = peer.emg_process(legs[0], sampling_rate=int(FS_HZ))
    return int(signals["EMG_Onsets"].sum())


PROGRAMS: dict[str, Callable[[NDArray[np.floating]], int]] = {
    "soleus": soleus,
    "soleus-movements": soleus_movements,
    "psgscoring": psgscoring,
    "psgscoring-all": psgscoring_all,
    "neurokit2": neurokit2,
}
WARM_UP_S = 60


def main() -> None:
    """Score the night with one program and print processor and wall seconds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("program", choices=PROGRAMS)
    parser.add_argument("night", help="array of shape (2, n_samples), microvolt")
    parser.add_argument("--hours", type=float, help="only so much of it")
    arguments = parser.parse_args()
    legs = np.load(arguments.night).astype(np.float64)
    if arguments.hours is not None:
        legs = legs[:, : round(arguments.hours * S_PER_H * FS_HZ)]
    program = PROGRAMS[arguments.program]
    # What other programs warn of is not ours to mend, and would be in the way of the figures.
    warnings.simplefilter("ignore")
    program(legs[:, : round(WARM_UP_S * FS_HZ)])
    began_s, cpu_s = time.perf_counter(), time.process_time()
    found = program(legs)
    taken = {"cpu_s": time.process_time() - cpu_s, "wall_s": time.perf_counter() - began_s, "found": found}
    print(json.dumps(taken))


if __name__ == "__main__":
    main()

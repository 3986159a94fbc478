"""Evaluate against a list: found leg movements against onsets and ends that somebody else has marked.

Here the list is the truth of a simulated night, which says that the code works and nothing about people. Yours is an
array of onset and end in seconds, one row per event.

Prints
------
hits 6, missed 2, false 0, neither 5
sensitivity 0.75, onset error 2 ms (median)
"""

from functools import partial

import numpy as np

from detectors import EventKind, Leg, Quantity, Stream, Unit, match, named, recording_of, score, simulate_night
from detectors.evaluate.agreement import pooled, tally

simulated = simulate_night(0.25, seed=1008, regime="hard").legs[0]
shin = Stream("shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("emg",), simulated.emg_fs_hz)
night = score(recording_of({shin: simulated.emg(0, simulated.n_emg)}), named("wasm-2016"))

found = [(e.onset_ns / 1e9, e.end_ns / 1e9) for e in night.events if e.kind is EventKind.LEG_MOVEMENT]
marked = [(e.onset_s, e.end_s) for e in simulated.truth if e.kind is EventKind.LEG_MOVEMENT and e.clear]
# Where found events count neither way: true ones that nobody is asked to find as this class.
unclear = [(e.onset_s, e.end_s) for e in simulated.truth if not (e.kind is EventKind.LEG_MOVEMENT and e.clear)]


def spans(rows: list[tuple[float, float]]) -> np.ndarray:
    """Return onset and end, s, one row per event."""
    return np.array(rows, float).reshape(-1, 2)


counts = tally(
    spans(found),
    spans(marked),
    partial(match, iou_min=0.3),
    neutral=spans(unclear),
    hours=simulated.duration_s / 3600.0,
)
agreement = pooled([counts])
print(f"hits {counts.hits}, missed {counts.missed}, false {counts.false}, neither {counts.neutral}")
print(f"sensitivity {agreement.sensitivity:.2f}, onset error {np.median(counts.onset_errors) * 1000:.0f} ms (median)")

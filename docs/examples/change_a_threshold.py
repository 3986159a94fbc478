"""Change a threshold and compare: what shorter movements add, on the same simulated quarter of an hour.

A set of criteria is a frozen dataclass of frozen dataclasses: ``dataclasses.replace`` makes another, and values that
contradict each other are refused.

Prints
------
at least 0.5 s: 9, at least 0.1 s: 10
found by both: 9, only now: 1, no longer: 0
new at 827.2 s, for 0.2 s
"""

from dataclasses import replace

import numpy as np

from detectors import EventKind, Leg, Quantity, Score, Stream, Unit, match, named, recording_of, score, simulate_night

simulated = simulate_night(0.25, seed=1000, regime="clean").legs[0]
shin = Stream("shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("emg",), simulated.emg_fs_hz)
recording = recording_of({shin: simulated.emg(0, simulated.n_emg)})


def movements(night: Score) -> np.ndarray:
    """Return onset and end of each leg movement, s."""
    spans = [(event.onset_ns, event.end_ns) for event in night.events if event.kind is EventKind.LEG_MOVEMENT]
    return np.array(spans, float).reshape(-1, 2) / 1e9


published = named("wasm-2016")
shorter = replace(published, name="mine", leg_movement=replace(published.leg_movement, min_s=0.1))
before, after = movements(score(recording, published)), movements(score(recording, shorter))

pairs = match(after, before, iou_min=0.3)
print(f"at least {published.leg_movement.min_s:g} s: {len(before)}, at least 0.1 s: {len(after)}")
print(f"found by both: {len(pairs.pairs)}, only now: {len(pairs.false)}, no longer: {len(pairs.missed)}")
for onset_s, end_s in after[list(pairs.false)]:
    print(f"new at {onset_s:.1f} s, for {end_s - onset_s:.1f} s")

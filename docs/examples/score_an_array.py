"""Score an array: three minutes of EMG from one leg to events and numbers.

The samples are made here and stand for nobody. Yours go where ``emg_uv`` is: one value per sample, in µV. Numbers per
hour need more valid signal than this and are None.

Prints
------
leg_movement on the left leg at 89.9 s for 2.1 s
leg_movement on the left leg at 119.9 s for 2.2 s
leg movements: 2, per hour: None
"""

import numpy as np

from detectors import Leg, Quantity, Stream, Unit, named, recording_of, score

FS_HZ = 500.0
SECONDS = 180

# A resting muscle, and two contractions of two seconds.
emg_uv = np.random.default_rng(1).normal(0.0, 1.0, round(SECONDS * FS_HZ))
for onset_s in (90.0, 120.0):
    emg_uv[round(onset_s * FS_HZ) : round((onset_s + 2.0) * FS_HZ)] *= 60.0

shin = Stream("shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("emg",), FS_HZ)
night = score(recording_of({shin: emg_uv}), named("wasm-2016"))

for event in night.events:
    print(f"{event.kind} on the {event.leg} leg at {event.onset_ns / 1e9:.1f} s for {event.duration_s:.1f} s")
print(f"leg movements: {night.summary['lm']}, per hour: {night.summary['lm_per_h']}")

"""Acceleration: our own numbers, reasoned and tried on simulated signals, not validated on people.

Published numbers stand in ``published.py`` and are only referred to from here. Everything in this
file can be changed in ``soleus.toml`` or with ``--set group.field=value``.
"""

from __future__ import annotations

from typing import Final

from detectors.motion.brief_criteria import JerkCriteria, PossibleEpisodeCriteria
from detectors.motion.criteria import MotionCriteria, OrientationCriteria

MOTION: Final = MotionCriteria(
    band_low_hz=0.5,  # breathing lies below
    band_high_hz=10.0,
    nyquist_share=0.45,
    filter_order=2,
    envelope_s=0.2,
    onset_g=0.020,  # noise of a quiet sensor stays under 7.5 mg in 99.99 % of its time
    onset_mad=6.0,
    offset_g=0.010,
    offset_mad=3.0,
    quiet_s=0.5,  # as for EMG
    min_s=0.3,  # a jerk is shorter than the contraction behind it
    min_peak_g=0.030,  # one slow crossing below it is the mattress
    min_crossings=2,
    delay_s=0.07,  # onsets of 100 simulated movements then lie within 20 ms; ends are late by 0.8 s, the filter rings
    gate_g=0.010,  # the offset threshold
    gate_ratio=0.5,
    rise_g=0.0001,
    fall_g=0.0002,
    floor_g=0.001,
    adapt_s=3600.0,
    adapt_minute_s=60.0,
    adapt_quantile=0.95,
    adapt_ratio=3.0,
)

ORIENTATION: Final = OrientationCriteria(
    mean_s=5.0,  # longer than a breath
    guard_s=1.0,  # the leg settles
    shift_deg=10.0,
    major_deg=20.0,
)

JERK: Final = JerkCriteria(
    peak_g=0.015,  # twice the noise of a quiet sensor
)

POSSIBLE_EPISODE: Final = PossibleEpisodeCriteria(
    quiet_s=180.0,  # a leg that was asleep
)

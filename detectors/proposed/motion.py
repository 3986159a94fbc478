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
    held_deg=0.7,  # a breath turns the leg by less, the smallest movement that is seen by more
    held_after_s=0.3,
    max_held_s=10.0,  # the longest candidate movement of one leg
    min_peak_g=0.030,  # one slow crossing below it is the mattress
    min_crossings=2,
    delay_s=0.07,  # onsets of 150 simulated movements then lie within 30 ms in the middle half
    turn_s=0.1,  # ends then do too; the ringing of the filter would make them a second late
    gate_g=0.010,  # the offset threshold
    gate_ratio=0.5,
    rise_g=0.0001,
    fall_g=0.0002,
    floor_g=0.001,
    adapt_s=3600.0,
    adapt_minute_s=60.0,
    adapt_quantile=0.95,
    adapt_ratio=3.0,
    activity_g=0.020,  # the onset threshold: what is below it is not a movement
    pulse_low_hz=0.8,  # 48 beats a minute
    pulse_high_hz=2.0,  # 120
    spike_g=3.0,  # a kick changes by less between two samples; an impact that does not is late by one
    spike_s=0.010,  # one sample at 50 Hz, five at 500
    range_g=16.0,  # the widest of the common parts
    clip_margin_g=0.5,  # van Hees' rule, as GGIR has it
    rail_g=1.5,  # the smallest range is 2 g; a leg at rest measures 1
    rail_samples=3,
    stuck_g=0.0001,  # below the noise of any sensor
    stuck_s=10.0,
    stuck_beside_g=0.010,  # more than noise, so that a coarse sensor at rest is not called stuck
    dead_g=0.5,
    still_g=0.013,  # the standard deviation of a sensor that lies still, as for non-wear
    norm_low_g=0.95,
    norm_high_g=1.05,
)

ORIENTATION: Final = OrientationCriteria(
    mean_s=5.0,  # longer than a breath
    guard_s=1.0,  # the leg settles
    shift_deg=10.0,
    major_deg=20.0,
)

JERK: Final = JerkCriteria(
    band_low_hz=2.0,
    band_high_hz=20.0,
    envelope_s=0.05,  # as short as the shortest jerk
    peak_g=0.015,  # more than twice the noise of a quiet sensor
    peak_mad=6.0,  # as for movements
    peak_ratio=2.0,  # of a sensor with 8 mg of noise the two before leave a false one every hour, this none in ten
    level_s=120.0,  # half of it may be movement
    level_every_s=20.0,  # as for the resting level
    width_share=0.5,
    min_s=0.040,  # shorter is not a leg but its sensor
    max_s=0.300,  # longer is a movement
    isolated_s=1.0,
    max_busy_s=0.300,  # a movement, however sharply it begins, turns the leg for longer
    max_turn_deg=3.0,
    mean_s=2.0,  # the jerk is alone for a second only
    min_fs_hz=25.0,  # 300 ms are seven samples
    full_fs_hz=50.0,  # the whole band
)

POSSIBLE_EPISODE: Final = PossibleEpisodeCriteria(
    quiet_s=180.0,  # a leg that was asleep
    abrupt_s=5.0,
    abrupt_g=0.100,  # a turn of three degrees in a third of a second reaches 80 mg
    abrupt_deg=15.0,
    window_s=120.0,  # people who wake by a cramp stretch, rub and get up within two minutes
    min_terms=2,
    burst_g=0.050,  # more than the mattress passes on
    burst_quiet_s=0.5,  # as between movements
    min_bursts=5,
    held_deg=15.0,
    held_s=10.0,
    tremor_low_hz=5.0,
    tremor_high_hz=12.0,
    tremor_ratio=3.0,
    tremor_s=5.0,
    end_quiet_s=60.0,  # longer than the pauses of somebody who rubs a calf
    max_s=900.0,  # no cramp in the literature lasts longer than ten minutes
    mean_s=5.0,
    guard_s=1.0,
    max_hole_s=10.0,  # some lost packets, not a night's worth
    base_confidence=0.15,
    weight_held=0.10,
    weight_tremor=0.05,
    weight_upright=0.10,
)

"""Our own numbers: reasoned, tried on simulated signals, not validated on people.

Published numbers stand in ``published.py`` and are only referred to from here. Everything in this
file can be changed in ``soleus.toml`` or with ``--set group.field=value``.
"""

from __future__ import annotations

from typing import Final

from detectors.emg.cramp_criteria import CrampCriteria
from detectors.emg.criteria import LegMovementCriteria, QualityCriteria, RestingCriteria
from detectors.motion.criteria import MotionCriteria, OrientationCriteria
from detectors.published import WASM_2016_AMPLITUDE

LEG_MOVEMENT: Final = LegMovementCriteria(
    band_low_hz=20.0,  # keeps movement artefact and most of the heart beat out; costs under 5 % of the amplitude
    band_high_hz=100.0,  # the band in which amplitude rules are defined, whatever the sampling rate
    nyquist_share=0.45,  # a digital filter's edge needs room below half the sampling rate
    filter_order=2,  # about 4 ms of delay; order 4 has 8 ms and rings longer
    envelope_s=0.15,  # shorter windows are noisier, longer ones lengthen movements
    onset_uv=WASM_2016_AMPLITUDE.onset_uv,
    onset_ratio=1.0,  # with 12 uV of noise the absolute rule alone overlaps the truth by 0.7, with this by 0.92
    offset_uv=WASM_2016_AMPLITUDE.offset_uv,
    offset_ratio=0.5,  # at 5 uV of noise and more the literal 2 uV is never undercut for half a second
    quiet_s=WASM_2016_AMPLITUDE.quiet_s,
    min_s=WASM_2016_AMPLITUDE.min_s,
    morphology_s=WASM_2016_AMPLITUDE.morphology_s,
    max_resting_uv=15.0,  # the Johns Hopkins scorer stops above this level too
    max_lf_hf=2.0,  # movement artefacts have 6 to 12, muscle less than 0.1
)

QUALITY: Final = QualityCriteria(
    flat_uv=0.2,  # below the noise of any electrode
    clip_share=0.01,  # one sample in a hundred at the rail distorts the spectrum
    clip_span_uv=300.0,  # full scale is not known, and a coarse converter repeats its extremes at rest
    line_average_s=10.0,  # long enough to tell a line from a burst
    max_line_share=0.6,  # an open electrode has about 1, muscle 0.04
    motion_lf_hf=2.0,  # as for movements
    low_hz=1.0,  # below it lies the drift of the electrode
)

RESTING: Final = RestingCriteria(
    sample_s=0.1,  # about the length of the envelope, so that values are nearly independent
    seed_s=60.0,  # two thirds of it may be movement
    seed_wait_s=600.0,  # a person settles within ten minutes
    seed_quantile=0.2,  # the quiet part, whatever else happens
    gate_uv=4.0,  # half of the onset threshold
    gate_ratio=0.5,  # the same, where the level is high
    buffer_s=120.0,  # a leg that moves every 20 s is quiet for long enough in it
    rise_uv=0.01,  # a 5-minute contraction cannot lift it by more than its own slow rise
    rise_ratio=0.01,
    fall_uv=0.02,  # down is safe: the level is at most too sensitive
    fall_ratio=0.02,
    escape_s=900.0,  # no cramp in the literature lasts longer than ten minutes
    target_s=20.0,  # a median over 120 s does not change in less, and it is what takes time
    guard_s=900.0,  # its lowest fifth is quiet even around a ten-minute cramp
    guard_ratio=2.0,  # wider than any slew within the hold time
    guard_hold_s=300.0,  # longer than a series of bursts looks like a level
    floor_uv=0.5,  # the noise of a good electrode; a dead channel must not make every microvolt an event
)

CRAMP: Final = CrampCriteria(
    smoothing_s=0.5,  # ripple of 8 % instead of 14 %
    onset_uv=6.0,  # cramps in sleeping calves rose to 2-6 times rest only
    onset_ratio=1.5,
    offset_uv=3.0,  # half of the onset
    offset_ratio=0.75,
    quiet_s=2.0,  # discharge is patchy and decays slowly
    min_s=5.0,  # shorter ones are leg movements
    possible_min_s=10.0,  # up to this length both standards call it a leg movement, and strong ones last 5-8 s
    probable_min_s=15.0,  # longer than any candidate leg movement
    max_s=900.0,  # the longest cramps described last 10 minutes
    duty_window_s=0.25,
    min_duty=0.85,  # body shifts and rhythmic movements fall below
    modulation_window_s=0.1,
    modulation_low_hz=0.5,
    modulation_high_hz=8.0,
    max_modulation=0.45,  # cramps 0.19-0.30, rhythmic leg movements 0.57-1.19
    rhythm_window_s=0.04,  # 100 ms would halve the modulation of a clonus
    rhythm_mean_s=2.0,
    rhythm_segment_s=4.0,
    rhythm_low_hz=3.5,
    rhythm_high_hz=9.0,
    rhythm_floor_hz=1.0,
    rhythm_ceiling_hz=20.0,
    rhythm_half_width_hz=0.75,
    rhythm_share=0.25,  # found all of 120 simulated clonus trains and none of 120 cramps
    rhythm_prominence=8.0,
    max_lf_hf=1.0,  # muscle 0.04, movement artefact 9
    max_line_share=0.3,  # muscle 0.04, open electrode 1
    merge_s=30.0,  # a cramp comes back while it is being stretched
    rest_before_s=30.0,  # a cramp begins in a leg at rest
    context_s=120.0,  # people woke about 40 s after the tension had begun to rise
    consequence_min_s=3.0,  # the shortest large movement
    full_duration_s=20.0,
    no_amplitude_ratio=2.5,
    full_amplitude_ratio=8.0,
    full_modulation=0.30,
    no_profile=0.5,
    full_profile=2.0,
    weight_duration=0.20,
    weight_amplitude=0.15,
    weight_stationarity=0.15,
    weight_cleanliness=0.10,
    weight_profile=0.05,
    weight_rest_before=0.10,
    weight_consequence=0.10,
    cap_without_context=0.80,  # EMG alone cannot tell a cramp from a voluntary hold
    possible_confidence=0.50,
    probable_confidence=0.75,
)

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

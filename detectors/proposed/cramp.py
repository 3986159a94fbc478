"""Cramp-like contractions: our own numbers, reasoned and tried on simulated signals, not validated on people.

Published numbers stand in ``published.py`` and are only referred to from here. Everything in this
file can be changed in ``soleus.toml`` or with ``--set group.field=value``.
"""

from __future__ import annotations

from typing import Final

from detectors.emg.cramp_criteria import CrampCriteria

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
    core_pause_s=0.5,  # longer than a pause of a discharge that goes on; movements before and after lie further apart
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
    weight_muscle=0.10,
    weight_twitches=0.05,
    weight_rest_before=0.10,
    weight_consequence=0.10,
    low_quality_factor=0.5,  # as for everything that touches a bad half minute
    cap_without_context=0.80,  # EMG alone cannot tell a cramp from a voluntary hold
    possible_confidence=0.50,
    probable_confidence=0.75,
)

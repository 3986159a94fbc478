"""Posture, sleep and wear: our own numbers, reasoned and tried on simulated signals, not validated on people.

Published numbers stand in ``published.py`` and are only referred to from here. Everything in this
file can be changed in ``soleus.toml`` or with ``--set group.field=value``.
"""

from __future__ import annotations

from typing import Final

from detectors.motion.posture_criteria import PostureCriteria
from detectors.published import HDCZA_2018, KRIPKE_ETH_ANKLE, VAN_HEES_2015
from detectors.sleep.criteria import SleepCriteria, WearCriteria

POSTURE: Final = PostureCriteria(
    long_axis=0,  # x lies along the shank as the sensor is meant to be worn
    mean_s=5.0,  # a walk swings the leg once a second
    gravity_tolerance_g=0.05,  # what is longer or shorter is not gravity alone
    upright_deg=35.0,  # a leg that stands, hangs or walks
    lying_deg=60.0,  # knees that are drawn up in bed stay below it and change nothing
    min_s=10.0,  # long enough for a leg that only swings over the edge of the bed
    max_piece_s=900.0,  # everything after it waits as long as it is open
    step_g=0.08,  # a careful step at night; a still standing leg stays under 0.01
    step_low_hz=1.0,
    step_high_hz=2.5,
    min_steps=5,  # from the bed to the door
    standing_s=60.0,  # a leg that is only stretched out of bed comes back sooner
)

SLEEP: Final = SleepCriteria(
    bin_s=HDCZA_2018.bin_s,
    median_s=HDCZA_2018.median_s,
    window_quantile=HDCZA_2018.quantile,
    window_ratio=HDCZA_2018.ratio,
    window_least_deg=HDCZA_2018.least_deg,
    window_most_deg=HDCZA_2018.most_deg,
    block_s=HDCZA_2018.block_s,
    gap_s=HDCZA_2018.gap_s,
    change_deg=VAN_HEES_2015.change_deg,
    still_s=VAN_HEES_2015.still_s,
    wake_sum=KRIPKE_ETH_ANKLE.wake_sum,
    activity_gain=0.4,  # made movements give 2 to 3 times the published activity in our band and over our dead band
    isolated_min_s=0.5,  # a candidate leg movement
    isolated_max_s=10.0,  # the same
    isolated_change_deg=10.0,  # from here on it is a shift
    isolated_apart_s=5.0,  # periodic movements are 10 s apart and more, a restless leg moves again at once
    isolated_margin_s=1.0,  # a frame, and the filter rings for 0.8 s
    onset_s=600.0,  # ten minutes ...
    onset_wake_s=60.0,  # ... with at most one of wake
    awakening_s=120.0,  # shorter ones follow every turn in bed
    long_awakening_s=300.0,  # those that people remember
    in_bed_s=600.0,
    min_known_s=3600.0,  # the lowest tenth of an hour is a few minutes
)

WEAR: Final = WearCriteria(
    min_s=1800.0,  # a sleeping leg seldom lies still for longer
    max_sd_g=0.013,  # as GGIR has it
    max_range_g=0.05,  # as in the older papers; the newer 150 mg is for an hour
    coarse_g=0.0001,  # steps of the converter that hide everything
    respiration_low_hz=0.15,
    respiration_high_hz=0.45,  # means of a second end at 0.5 Hz
    respiration_segment_s=120.0,  # lines of 0.01 Hz
    min_respiration_ratio=1.6,  # 30 min of noise gave up to 1.54, breath of 0.5 mg in 4 mg of noise 3.5 or more
    faint_breath_g=0.0005,  # the faintest that simulated legs have
    breath_width_hz=0.04,  # smoothing and the change of the rate together
    pulse_width_hz=1.33,  # of a band-pass of second order from 0.8 to 2 Hz
    min_pulse_ratio=1.15,  # noise gave 0.99 to 1.01, heart beats of 1.5 mg in 4 mg of noise 1.04 to 1.3
    handling_s=120.0,
    handling_deg=180.0,  # a turn in bed is 20 to 120 degrees
    least_turn_deg=5.0,
    electrode_off_share=0.5,
)

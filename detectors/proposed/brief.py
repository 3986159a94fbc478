"""Brief and rhythmic EMG events: our own numbers, reasoned and tried on simulated signals, not validated on people.

Published numbers stand in ``published.py`` and are only referred to from here. Everything in this
file can be changed in ``soleus.toml`` or with ``--set group.field=value``.
"""

from __future__ import annotations

from typing import Final

from detectors.emg.brief_criteria import RhythmCriteria, TwitchCriteria
from detectors.emg.tonic_criteria import TonicCriteria

TWITCH: Final = TwitchCriteria(
    band_low_hz=20.0,  # keeps movement artefact out
    band_high_hz=240.0,  # a fasciculation of 8 ms has little above
    nyquist_share=0.45,  # a digital filter's edge needs room below half the sampling rate
    filter_order=2,  # steeper ones ring longer than a twitch
    min_fs_hz=200.0,  # slower sensors show a potential of 10 ms in one sample or none
    shape_fs_hz=500.0,  # 50 ms are 12 samples at 250 Hz
    noise_s=60.0,
    noise_step_s=10.0,  # a median over 60 s does not change in less
    noise_gate_ratio=2.0,  # a second of movement is louder
    noise_escape_s=300.0,  # few contractions last as long, and twitches inside one are not counted
    peak_uv=15.0,  # above the noise of any good electrode
    peak_sigma=6.0,  # Gaussian noise gets there once in ten days
    transient_uv=20.0,  # slow sampling blurs a potential and folds noise in
    transient_sigma=8.0,
    tkeo_ratio=10.0,  # a slow wave has height but no energy
    refractory_s=0.03,
    merge_s=0.1,
    width_sigma=3.0,
    width_share=0.1,  # the filter rings after a strong potential, by less than this
    min_width_s=0.004,  # nothing in a muscle is shorter
    fasciculation_s=0.05,
    burst_s=0.2,
    max_s=0.5,  # from here on it is a leg movement
    isolation_s=0.1,
    isolation_uv=2.0,  # as for the end of a leg movement
    isolation_ratio=0.5,
    lf_hf_s=0.1,
    max_lf_hf=2.0,  # as for leg movements
    step_s=0.05,
    step_sigma=4.0,
    boundary_s=0.05,  # a packet that was lost, or sewn on wrongly
    amplitude_s=0.015,
    beat_low_s=0.4,
    beat_high_s=1.5,
    beat_cv=0.15,  # the heart of a sleeper varies by 5 %, twitches by 100 %
    beat_ratio=1.5,  # a twitch may fall between two beats
    beat_window_s=10.0,  # enough beats of the slowest heart on both sides
    min_beats=8.0,  # five intervals that happen to be alike are not rare
)

RHYTHM: Final = RhythmCriteria(
    onset_uv=6.0,  # the envelope of a burst of 100 ms is a fifth lower than the burst
    onset_ratio=1.0,  # as for leg movements
    offset_uv=2.0,
    offset_ratio=0.5,
    offset_share=0.33,  # where bursts follow closely the signal does not come back to rest in between
    pause_share=0.22,  # the noise of a steady contraction falls as low in one window out of some thousands
    nearby_s=0.75,  # two or three bursts of a fast train; in a slow one pauses are rest
    window_s=0.06,  # 100 ms would fill the pauses of 4 bursts a second
    level_s=0.15,
    min_pause_s=0.06,  # a window of noise; pauses inside a burst are shorter
    min_burst_s=0.1,
    max_burst_s=1.0,
    min_interval_s=0.25,  # 4 bursts a second; faster is clonus or tremor
    max_interval_s=3.3,  # 0.3 bursts a second; slower are leg movements
    max_change=1.8,  # of intervals at random six in ten change by more
    max_unlike=2.5,  # bursts of a tremor are alike, those of a body shift are not
    min_bursts=4.0,
    max_cv=0.35,  # intervals at random have 1
    few_bursts=6.0,
    max_cv_few=0.25,  # three intervals are alike by chance more often than ten
    max_lf_hf=2.0,  # as for leg movements
    heart_burst_s=0.15,
    heart_cv=0.12,  # noise alone makes short bursts of one muscle differ by 0.23
    longest_s=600.0,  # the longest train described lasted 6 minutes
    tremor_burst_s=0.25,
    movement_burst_s=0.5,
    clonus_min_s=2.0,
    clonus_low_hz=4.5,  # about 5-8 Hz, and the line of a short rhythm is half a hertz wide
    clonus_high_hz=8.5,
    clonus_min_depth=0.2,  # muscle without a rhythm fluctuates by 0.1 in the width of a line
    clonus_short_depth=0.35,  # of leg movements of 2 to 5 s one in seventy reaches 0.25 by chance
    clonus_band_hz=80.0,  # from 20 to 100 Hz
    clonus_max_half=1.0,  # bursts three times a second have an overtone at six
)

TONIC: Final = TonicCriteria(
    window_s=2.0,  # scatters by 4 %
    rise_uv=1.5,
    rise_ratio=1.0,  # cramps in sleeping calves rose to 2-6 times rest
    high_uv=9.0,  # above 6 uV a cramp begins, and its resting level may have crept along by some
    high_ratio=2.5,
    bridged_s=3.0,
    min_s=15.0,  # longer than any candidate leg movement
    max_s=900.0,  # longer ones are a change of the electrode rather than of the muscle
    level_s=600.0,  # ten times as long as a rise creeps in
    level_share=0.1,  # nine minutes of activity leave it where it is
    level_step_s=30.0,
    seed_s=60.0,
    max_lf_hf=1.0,  # as for cramps
    max_line_share=0.3,  # as for cramps
)

"""EMG: our own numbers, reasoned and tried on simulated signals, not validated on people.

Published numbers stand in ``published.py`` and are only referred to from here. Everything in this
file can be changed in ``soleus.toml`` or with ``--set group.field=value``.
"""

from __future__ import annotations

from typing import Final

from detectors.emg.criteria import LegMovementCriteria, QualityCriteria, RestingCriteria
from detectors.emg.quality_criteria import EcgCriteria, ElectrodeCriteria, LineCriteria
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
    onset_lead_s=0.015,  # movements rise in 30 to 250 ms: simulated ones of the tuning seeds were found 6 to 30 ms late
    min_s=WASM_2016_AMPLITUDE.min_s,
    morphology_s=WASM_2016_AMPLITUDE.morphology_s,
    max_resting_uv=15.0,  # the Johns Hopkins scorer stops above this level too
    max_lf_hf=2.0,  # movement artefacts have 6 to 12, muscle less than 0.1
    min_rise_ratio=0.06,  # one in twenty simulated artefacts has more, and 98 of 100 movements with an artefact
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
    loss_s=10.0,  # in less nobody puts an electrode back
    renew_s=30.0,  # so that the level is right within a minute
    floor_uv=0.5,  # the noise of a good electrode; a dead channel must not make every microvolt an event
)

LINE: Final = LineCriteria(
    treat_from=0.2,  # below it a treatment costs more than it gives
    treat_to=0.6,  # above it there is more mains than muscle
    weak_uv=15.0,  # beside a good contact a hum of some uV has as large a share; amplitude rules end here too
    strong_uv=100.0,  # unshielded cables on skin pick up tens of uV, an open input hundreds
    hold_s=900.0,  # longer than any cramp
    harmonics_share=1.2,  # the band-pass leaves a trace of what lies just above
)

ECG: Final = EcgCriteria(
    block_s=30.0,  # as the Johns Hopkins scorer looks for beats
    every_s=60.0,  # contact does not change from minute to minute
    peak_s=0.03,  # a QRS complex after the band-pass
    peak_ratio=5.0,  # Gaussian noise reaches it about once in half a minute; a weaker beat prolongs no movement
    inner_s=0.06,  # half the template of the same scorer's successors
    outer_s=0.15,
    distance_s=0.15,  # as the Johns Hopkins scorer
    min_interval_s=0.4,  # 150 beats per minute
    max_interval_s=1.5,  # 40 beats per minute
    max_variation=0.15,  # healthy hearts at rest vary by 5 %
    min_share=0.5,  # movements may hide the others
    tolerance=0.2,
    max_missed=3.0,  # hidden in a movement of some seconds
)

ELECTRODE: Final = ElectrodeCriteria(
    line_s=10.0,  # longer than a burst of mains when a hand comes near
    line_ratio=5.0,
    line_alone_s=60.0,
    drift_uv_per_s=5000.0,  # skin and electrode drift a hundred times slower
    drift_s=2.0,  # a single step is a pop or a movement
    noise_ratio=2.0,  # what is flat is no muscle, and at twice the noise a contraction before it would not end
    noise_hum_ratio=3.0,  # mains is no noise: its level comes on top
    noise_s=10.0,
    noise_flatness=1.8,  # of white noise the parts differ by up to 1.4 in ten seconds, of muscle by more than 5
    noise_top_hz=200.0,  # further up there is little muscle left, and as much noise as anywhere
    noise_upper_flatness=1.6,  # above 70 Hz an electrode's noise is white, whatever drift it has; muscle falls by 2.5
    noise_slope=3.0,  # what drift leaves between 20 and 70 Hz; a muscle under thick skin has ten times as much there
    noise_max_s=900.0,  # as the escape of the resting level
    reference_s=300.0,
    reference_quantile=0.2,  # the quiet part
    poor_contact_uv=5.0,  # the resting EMG of a valid recording is not above 5 uV rectified (WASM 2006)
    max_span_s=900.0,  # nothing may wait longer for the rest of the night
    pop_ratio=20.0,
    pop_uv=200.0,  # the smallest pops described; fasciculations reach 200 uV over several milliseconds
    pop_recovery_s=0.3,
    pop_settling_s=0.1,  # the 20 Hz high-pass needs as long to bring 5 mV below 1 uV
)

"""Numbers from papers, one constant per rule set; nothing that we chose ourselves stands here."""

from __future__ import annotations

from typing import Final

from detectors.emg.criteria import AmplitudeRule
from detectors.night.context_criteria import AlternationRule
from detectors.rules.series_criteria import IndexCriteria, RespiratoryAnchor, SeriesCriteria, ShortInterval
from detectors.sleep.criteria import ActivityRule, InactivityRule, SleepWindowRule

# Ferri R, Fulda S, Allen RP, et al. World Association of Sleep Medicine (WASM) 2016 standards for recording
# and scoring leg movements in polysomnograms. Sleep Medicine 2016;26:86-95. PMID 27890390.
# [T3] values as printed in table 3 of PMC9619152, which sets the 2016 standard beside the AASM manual.
# [B] Ferri R et al. Bilateral leg movements during sleep. Sleep Medicine 2017;32:10-15. PMID 28366320.
# [JHU] the scorer of the Johns Hopkins sleep laboratory (github.com/pskeba1/MATPLM-Score, candidate_lms.m).
# [SOMAS] the scorer SOMAS (get_PLM_indices_WASM.m), which follows the standard's appendix 1.
WASM_2016: Final = SeriesCriteria(
    name="wasm-2016",
    lm_min_s=0.5,  # [T3] minimum duration 0.5 s
    lm_max_s=None,  # [T3] maximum duration of an LM: none
    clm_max_s=10.0,  # [T3] candidate LM: 0.5-10 s
    bilateral_clm_max_s=15.0,  # [B] a maximum duration of 15 seconds
    max_components=4,  # [B] no more than four individual LM
    long_component_spoils=True,  # [JHU], [SOMAS] a bilateral CLM contains only CLM
    same_leg_gap_s=0.5,  # [T3] an LM ends only with 0.5 s that do not exceed 2 uV above resting
    bilateral_gap_s=0.5,  # [B] overlapping, or onset < 0.5 s after the offset of the preceding one
    bilateral_onsets_s=None,  # not used by this standard
    imi_min_s=10.0,  # [T3] intermovement interval 10-90 s
    imi_max_s=90.0,  # [T3]
    min_series=4,  # [T3] at least 4 candidate LM
    # [T3] an interval < 10 s ends the sequence. [JHU] lets the movement begin the next one, [SOMAS] does not.
    short_imi=ShortInterval.ENDS_SERIES_AND_MAY_START,
    non_clm_ends_series=True,  # [T3] LM that are not CLM end the sequence
    sleep_only=False,  # quoted from memory: series are built on the whole record, counted as PLMS and PLMW afterwards
    respiratory_anchor=RespiratoryAnchor.END,  # [T3] 2 s before to 10.25 s after the end of the event
    respiratory_before_s=2.0,  # [T3]
    respiratory_after_s=10.25,  # [T3]
    respiratory_excluded=False,  # abstract: the rate is given with and without respiratory movements
    arousal_gap_s=0.5,  # [T3] overlapping, or < 0.5 s between end and onset, whichever is first
)

# The amplitude rules of one movement in the same table [T3]; WASM adds the shape for scoring by computer.
# The AASM manual has the same amplitudes and no rule of shape.
WASM_2016_AMPLITUDE: Final = AmplitudeRule(
    onset_uv=8.0,  # [T3] onset: rise of 8 uV above resting EMG
    offset_uv=2.0,  # [T3] offset: start of a period in which EMG does not exceed 2 uV above resting
    quiet_s=0.5,  # [T3] that period lasts at least 0.5 s
    min_s=0.5,  # [T3] minimum duration 0.5 s
    morphology_s=0.5,  # [T3] the event contains so long a stretch with a median of at least 2 uV above resting
    morphology_uv=2.0,  # [T3] the median amplitude of that stretch
)

# Berry RB, Albertario CL, Harding SM, et al. The AASM Manual for the Scoring of Sleep and Associated Events,
# version 2.5. American Academy of Sleep Medicine, 2018.
# [T3] as above. [NSRR] section 6.8.4 of the reading centre's manual of the National Sleep Research Resource,
# which quotes the AASM rules. What the manual leaves open is marked as practice.
AASM: Final = SeriesCriteria(
    name="aasm",
    lm_min_s=0.5,  # [T3], [NSRR] A.1
    lm_max_s=10.0,  # [T3], [NSRR] A.2: the maximum duration of an LM
    clm_max_s=10.0,  # the same: AASM knows no candidates
    bilateral_clm_max_s=None,  # not stated
    max_components=None,  # not stated
    long_component_spoils=False,  # does not arise: what is over 10 s is no LM
    same_leg_gap_s=0.5,  # [NSRR] A.5: an LM ends only with 0.5 s of rest
    bilateral_gap_s=None,  # not used by this standard
    bilateral_onsets_s=5.0,  # [NSRR] B.4: separated by less than 5 s between onsets
    imi_min_s=5.0,  # [T3], [NSRR] B.2
    imi_max_s=90.0,  # [T3], [NSRR] B.3
    min_series=4,  # [T3], [NSRR] B.1
    short_imi=ShortInterval.DROPPED,  # practice, not rule: older scorers leave the movement out
    non_clm_ends_series=False,  # not stated
    sleep_only=True,  # quoted from memory: PLMS are movements in sleep; wake under 90 s breaks nothing by itself
    respiratory_anchor=RespiratoryAnchor.WHOLE,  # [T3] 0.5 s preceding or following a respiratory event
    respiratory_before_s=0.5,  # [T3]
    respiratory_after_s=0.5,  # [T3]
    respiratory_excluded=True,  # [T3] such an LM should not be scored
    arousal_gap_s=0.5,  # [T3]
)

# Periodicity: Ferri R et al. New approaches to the study of periodic leg movements during sleep in restless
# legs syndrome. Sleep 2006;29:759-769. Short-interval movements: J Sleep Med 2018;15:68-73.
LM_INDICES: Final = IndexCriteria(
    periodic_over_s=10.0,  # Ferri 2006: 10 < interval <= 90 s
    periodic_up_to_s=90.0,
    periodic_run=3,  # Ferri 2006: at least three such intervals in a row, hence four movements
    short_below_s=10.0,  # J Sleep Med 2018: interval < 10 s
    spread_from_s=10.0,  # WASM 2016: mean and SD of the log interval between 10 and 90 s
    spread_to_s=90.0,
    histogram_bin_s=2.0,  # Ferri 2006: 2-s bins up to 100 s
    histogram_to_s=100.0,
    histogram_log_bin=0.1,
)

# Alternating leg muscle activation: the AASM manual as above, quoted from memory and not read again.
ALMA: Final = AlternationRule(
    low_hz=0.5,  # alternating bursts at 0.5 to 3.0 Hz
    high_hz=3.0,
    burst_min_s=0.1,  # each of 100 to 500 ms
    burst_max_s=0.5,
)

# van Hees VT, Sabia S, Jones SE, et al. Estimating sleep parameters using an accelerometer without sleep diary.
# Scientific Reports 2018;8:12975 (HDCZA), with the clamp as in GGIR (github.com/wadpac/GGIR, HASPT.R). For the wrist.
HDCZA_2018: Final = SleepWindowRule(
    bin_s=5.0,
    median_s=300.0,
    quantile=0.10,
    ratio=15.0,
    least_deg=0.13,  # [HASPT.R]
    most_deg=0.50,  # [HASPT.R]
    block_s=1800.0,
    gap_s=3600.0,
)

# van Hees VT, Sabia S, Anderson KN, et al. A novel, open access method to assess sleep duration using a
# wrist-worn accelerometer. PLoS One 2015;10:e0142533 (GGIR: HASIB.R).
VAN_HEES_2015: Final = InactivityRule(change_deg=5.0, still_s=300.0)

# Kripke DF, Hahn EK, Grizas AP, et al. Wrist actigraphic scoring for sleep laboratory patients. J Sleep Res
# 2010;19:612-619, in the version for raw acceleration of the Mobile Health Systems Lab, ETH Zurich
# (github.com/mhslETH/ActimeterSleepAnalysis, sleepwakeClassification_Kripke.m, 2017), whose activity is the integral
# of the acceleration over a minute, 1-4 Hz and over 80 mg, in g s.
KRIPKE_ETH_ANKLE: Final = ActivityRule(
    scale=0.3,
    weights=(0.0138, 0.0224, 0.0236, 0.0316, 0.0944, 0.03, 0.0212),
    minutes_before=5,
    wake_sum=0.0037,  # the ankle; 0.009 for the wrist
)

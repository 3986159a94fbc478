"""What the thresholds of the quality of a signal are, in a few words."""

from __future__ import annotations

from typing import Final

QUALITY: Final = {
    "flat_uv": "Standard deviation of a flat line",
    "clip_share": "Share of samples at the extreme that makes a second saturated",
    "clip_span_uv": "Span that such a second has at least",
    "line_average_s": "Time over which mains power is averaged",
    "max_line_share": "Most mains in the band: more is an open electrode",
    "motion_lf_hf": "Power below the band, relative to the band, of a moving cable",
    "low_hz": "Lower edge of the power below the band",
}
LINE: Final = {
    "treat_from": "Share of mains in the band from which on it is taken out",
    "treat_to": "Share above which it may be an electrode fault",
    "weak_uv": "Signal that such a fault is stronger than",
    "strong_uv": "Mains above which the signal is left as it is",
    "hold_s": "How long treatment goes on",
    "harmonics_share": "Harmonics up to so many times the upper edge of the band are taken out",
}
ECG: Final = {
    "block_s": "Stretch in which heart beats are looked for",
    "every_s": "Time from one stretch to the next",
    "peak_s": "Window that a beat fills",
    "peak_ratio": "Power of a beat, as a multiple of what is around it",
    "inner_s": "What is around a beat begins so far from it",
    "outer_s": "What is around a beat ends so far from it",
    "distance_s": "Peaks closer than this are one",
    "min_interval_s": "Shortest interval between beats",
    "max_interval_s": "Longest interval between beats",
    "max_variation": "Most scatter of the intervals",
    "min_share": "Share of the expected beats that has to be seen",
    "tolerance": "How far a beat may come off its time, as a share of an interval",
    "max_missed": "Beats in a row that may have been hidden",
}
ELECTRODE: Final = {
    "line_s": "Time with too much mains after which an electrode is off",
    "line_ratio": "RMS meanwhile, as a multiple of earlier quiet seconds",
    "line_alone_s": "Time with too much mains where mains is strong, whatever was before",
    "drift_uv_per_s": "Drift of the raw signal that is faster than skin",
    "drift_s": "How long it drifts in one direction",
    "noise_ratio": "RMS of an open electrode, as a multiple of earlier quiet seconds",
    "noise_hum_ratio": "RMS of an open electrode where there is much mains, as such a multiple",
    "noise_s": "How long its noise lasts",
    "noise_flatness": "Factor that the parts of its spectrum differ by at most",
    "noise_top_hz": "Frequency up to which a fast sensor's spectrum is looked at",
    "noise_upper_flatness": "Factor that the upper three quarters differ by at most there",
    "noise_slope": "Factor that the lowest quarter may be stronger by there",
    "noise_max_s": "Time after which flat noise is the new noise floor",
    "reference_s": "Signal that earlier quiet seconds are taken from",
    "reference_quantile": "Quantile that they are",
    "poor_contact_uv": "Resting level above which contact is poor",
    "max_span_s": "A longer time without electrode comes in several events",
    "pop_ratio": "Jump of a pop, as a multiple of the usual change within two samples",
    "pop_uv": "Smallest pop",
    "pop_recovery_s": "What goes on for longer is no pop",
    "pop_settling_s": "Time that the band needs to recover after a pop",
}
WEAR: Final = {
    "min_s": "Shortest time that a sensor is not worn",
    "max_sd_g": "Standard deviation that every axis stays below",
    "max_range_g": "Range of the means of a second that every axis stays below",
    "coarse_g": "Spread below which a sensor is too coarse to show breath or heart",
    "respiration_low_hz": "Slowest breathing",
    "respiration_high_hz": "Fastest breathing",
    "respiration_segment_s": "Length of the pieces of the spectrum",
    "min_respiration_ratio": "Height of a peak, as a multiple of the median, from which on somebody breathes",
    "faint_breath_g": "Amplitude of a faint breath",
    "breath_width_hz": "How far its rate spreads",
    "pulse_width_hz": "Width of the band of the heart beat",
    "min_pulse_ratio": "Multiple of the noise from which on a heart beats",
    "handling_s": "Time before and after in which a sensor may have been handled",
    "handling_deg": "Turns that add up to this are handling",
    "least_turn_deg": "Smaller turns from one second to the next do not add up",
    "electrode_off_share": "Share with an electrode off that is enough",
}
VALIDITY: Final = {
    "max_dropout_share": "Most missing samples in a valid half minute",
    "max_saturated_share": "Most saturated seconds in a valid half minute",
    "max_flat_share": "Most flat seconds in a valid half minute",
    "max_off_share": "Most seconds with an electrode off in a valid half minute",
    "max_unscored_share": "Most seconds that cannot be scored in a valid half minute",
    "max_doubtful_share": "Most seconds with any other flag in a good half minute",
    "min_index_h": "Valid hours that an index per hour needs",
    "grade_a_h": "Good hours of grade A",
    "grade_a_share": "Share of the sleep period that good hours of grade A are",
    "grade_b_h": "Valid hours of grade B",
    "low_weight": "What a movement in a bad half minute counts for",
    "vary_share": "By how much thresholds are varied to see how far an index hangs on them",
    "compare_per_h": "Index that the variants are compared with",
}

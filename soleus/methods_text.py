"""The sentences of a methods section: every number in them is a threshold, ``{group.field|unit}``."""

from __future__ import annotations

from typing import Final

# No sentence holds a digit of its own, so that no number can differ from what was applied.
PARAGRAPHS: Final = {
    "Leg movements in the electromyogram": (
        "The electromyogram (EMG) of each leg was band-passed from {leg_movement.band_low_hz|Hz} to "
        "{leg_movement.band_high_hz|Hz}, at most to {leg_movement.nyquist_share} of the sampling rate "
        "(Butterworth, order {leg_movement.filter_order}), and its root mean square was taken over "
        "{leg_movement.envelope_s|s}, without any look ahead. The resting level was the median of the last "
        "{resting.buffer_s|s} of quiet signal. A leg movement began where the envelope exceeded the resting level "
        "by {leg_movement.onset_uv|µV} or by {leg_movement.onset_ratio} times that level, whichever was more, "
        "less {leg_movement.onset_lead_s|s}, and ended where the envelope did not exceed the resting level by "
        "{leg_movement.offset_uv|µV} or by {leg_movement.offset_ratio} times that level, whichever was more, for "
        "{leg_movement.quiet_s|s}. It lasted {leg_movement.min_s|s} or more and held a stretch of "
        "{leg_movement.morphology_s|s} whose median lay above the threshold for the end. Where the resting level "
        "was above {leg_movement.max_resting_uv|µV} no amplitude rule was applied. Activity with more than "
        "{leg_movement.max_lf_hf} times as much power below the band as in it was taken for an artefact, unless "
        "the upper half of the band rose by at least {leg_movement.min_rise_ratio} of the power below."
    ),
    "Periodic leg movements": (
        "By the rules of the World Association of Sleep Medicine, candidate movements lasted {wasm.lm_min_s|s} to "
        "{wasm.clm_max_s|s}, or up to {wasm.bilateral_clm_max_s|s} where both legs took part (at most "
        "{wasm.max_components} movements, less than {wasm.bilateral_gap_s|s} apart), and a series had "
        "{wasm.min_series} or more candidates with intervals of {wasm.imi_min_s|s} to {wasm.imi_max_s|s} from "
        "onset to onset. By the rules of the American Academy of Sleep Medicine, movements lasted "
        "{aasm.lm_min_s|s} to {aasm.lm_max_s|s}, those of two legs were one where their onsets were less than "
        "{aasm.bilateral_onsets_s|s} apart, and a series had {aasm.min_series} or more movements with intervals "
        "of {aasm.imi_min_s|s} to {aasm.imi_max_s|s}."
    ),
    "Movements by acceleration": (
        "Where a leg had no EMG its movements were found by acceleration, band-passed from "
        "{motion.band_low_hz|Hz} to {motion.band_high_hz|Hz}, root mean square over {motion.envelope_s|s}: from a "
        "rise above the resting level of {motion.onset_g|g} or {motion.onset_mad} times its median absolute "
        "deviation, whichever was more, to {motion.offset_g|g} or {motion.offset_mad} times that deviation for "
        "{motion.quiet_s|s}, of {motion.min_s|s} or more. Contractions that do not move the leg cannot be found "
        "in this way."
    ),
    "Cramp-like contractions": (
        "Cramp-like sustained contractions were marked where the root mean square of the EMG over "
        "{cramp.smoothing_s|s} exceeded the resting level by {cramp.onset_uv|µV} or {cramp.onset_ratio} times "
        "that level, whichever was more, until it did not exceed it by {cramp.offset_uv|µV} or "
        "{cramp.offset_ratio} times that level for {cramp.quiet_s|s}; for {cramp.min_s|s} or more and less than "
        "{cramp.max_s|s}; active in {cramp.min_duty} of that time or more; with a relative fluctuation between "
        "{cramp.modulation_low_hz|Hz} and {cramp.modulation_high_hz|Hz} of {cramp.max_modulation} or less; and "
        "without the rhythm of a clonus between {cramp.rhythm_low_hz|Hz} and {cramp.rhythm_high_hz|Hz}. A "
        "confidence, a weighted sum of signs and no probability, of {cramp.possible_confidence} or more and more "
        "than {cramp.possible_min_s|s} made one possible, {cramp.probable_confidence} or more and "
        "{cramp.probable_min_s|s} or more made one probable. EMG cannot tell them from a muscle that is held on "
        "purpose, and the wearer has not confirmed them unless that is stated."
    ),
    "Sleep and valid signal": (
        "Where no person had scored sleep stages, sleep and wake were estimated from acceleration of the leg by "
        "rules that were made for the wrist: no change of angle of more than {sleep.change_deg|degrees} for "
        "{sleep.still_s|s}, inside a window of blocks of at least {sleep.block_s|s} that lie no more than "
        "{sleep.gap_s|s} apart. Awakenings are stretches of {sleep.awakening_s|s} or more that look awake. "
        "Numbers per hour were given from {validity.min_index_h|h} of valid signal on."
    ),
}
HEADING: Final = "Methods"
OPENING: Final = "Recordings were scored with Soleus, version {version}, with the criteria set {name}"
UNCHANGED: Final = " as it is."
CHANGED: Final = ", of which {changes} here: {listed}."
PLUGIN: Final = "The detector {name}{version}, which is not part of Soleus, was used with {numbers}."
SOURCES: Final = (
    "Numbers in brackets refer to the published rules below. † our own number, reasoned and tried on simulated "
    "signals, not validated on people. ‡ changed by the user. Events are found by software and can be wrong. They "
    "are no diagnosis, and what is found in simulated signals says nothing about accuracy in people."
)

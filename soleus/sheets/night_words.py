"""What each number of a night says, for whoever opens a table of nights."""

from __future__ import annotations

from typing import Final

from dashboards.web.night_labels import NIGHT_LABELS

_COUNTS = {
    "lm": "Leg movements, counted after the legs are combined",
    "clm": "Candidate leg movements (WASM 2016)",
    "plm_wasm": "Periodic leg movements by WASM 2016",
    "plm_aasm": "Periodic leg movements by AASM",
    "plm_series": "Periodic series (WASM 2016)",
    "plm_series_mean_n": "Movements of a series, mean",
    "plms_wasm_per_h": "Periodic leg movements per hour by WASM 2016",
    "cramp_probable": "Cramp-like contractions, probable",
    "cramp_possible": "Cramp-like contractions, possible",
    "cramp_total_s": "Cramp-like contractions, together",
    "cramp_longest_s": "Cramp-like contractions, the longest",
    "possible_episodes": "Possible episodes by acceleration; never counted as cramp-like contractions",
    "longest_undisturbed_min": "Longest time without movement or other disturbance",
    "fragmentation_index": "Fragmentation by movement",
    "restlessness_per_h": "Restlessness per hour",
    "restlessness": "Stretches of restlessness",
    "shifts": "Turns of a leg",
    "shifts_major": "Turns of a leg, large ones",
    "bed_exits": "Times out of bed",
    "brief_jerks": "Short jerks by acceleration",
    "rhythmic_trains": "Trains of rhythmic bursts",
    "clonus": "Bursts at 5 to 8 per second",
    "twitches": "Twitches",
    "twitch_clusters": "Clusters of twitches",
}
_TEXTS = {
    "night_grade": "Grade of the night's signal, A (best) to C",
    "movement_source": "What leg movements were counted in: emg, acceleration or mixed",
    "sleep_basis": "What the numbers of sleep rest on: recording (none), estimate or stages",
}
NUMBER_WORDS: Final = {**NIGHT_LABELS, **_COUNTS}
TEXT_WORDS: Final = _TEXTS

"""Artefacts alone: no muscle acts all night, so that every muscle event that is found is false."""

from __future__ import annotations

import math
from dataclasses import replace

from detectors.simulate.ranges import clean, hard
from detectors.simulate.regimes import OtherRegime
from detectors.simulate.splits import Split

STILL = OtherRegime(
    fasciculations_per_h=(0.0, 0.0),
    fasciculation_uv=(15.0, 200.0),
    myoclonus_per_h=(0.0, 0.0),
    jerks_per_h=0.0,
    trains_per_h=0.0,
    alternating_per_h=0.0,
    clonus_per_h=0.0,
    spasms_per_h=0.0,
    holds_per_h=0.0,
)

TEST = replace(
    hard.TEST,
    name="artefact",
    emg=replace(hard.TEST.emg, noise_uv=(1.5, 8.0), tail_share=0.2, line_uv=(1.0, 15.0), ecg_uv=(5.0, 60.0)),
    movements=replace(hard.TEST.movements, series_gap_s=math.inf, isolated_per_h=0.0, short_interval_share=0.0),
    cramps=replace(hard.TEST.cramps, stratum_s=math.inf),
    shifts=replace(hard.TEST.shifts, interval_s=(math.inf, math.inf)),
    other=STILL,
    sleep=replace(hard.TEST.sleep, toilet_share=0.0, restless_per_h=0.0),
    contact=replace(
        hard.TEST.contact, pops_per_h=6.0, off_per_h=0.5, poor_per_h=0.5, gain_steps_per_h=0.2, humming_per_h=1.0
    ),
    bed=replace(hard.TEST.bed, partner_per_h=8.0, knocks_per_h=4.0, table_share=0.7),
)

TUNING = replace(
    TEST,
    split=Split.TUNING,
    emg=replace(hard.TUNING.emg, noise_uv=(0.7, 1.45), tail_share=0.1, line_uv=(15.5, 50.0), ecg_uv=(1.0, 4.9)),
    acceleration=replace(clean.TUNING.acceleration),
    contact=replace(TEST.contact, pop_uv=(3100.0, 5000.0)),
)

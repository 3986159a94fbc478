"""Somebody without complaint: few events, and much that could be taken for one."""

from __future__ import annotations

import math
from dataclasses import replace

from detectors.simulate.ranges import clean
from detectors.simulate.regimes import AmplitudeLaw, Course
from detectors.simulate.splits import Split

TEST = replace(
    clean.TEST,
    name="healthy",
    emg=replace(
        clean.TEST.emg,
        noise_uv=(1.5, 3.0),
        tail_share=0.2,
        pink_corner_hz=20.0,
        units=(60.0, 160.0),
        line_uv=(0.2, 1.5),
        ecg_uv=(0.0, 15.0),
        motion_artefact_uv=(10.0, 60.0),
    ),
    movements=replace(
        clean.TEST.movements,
        series_gap_s=9000.0,
        severity=0.9,
        series_length=(4.0, 8.0),
        isolated_per_h=4.0,
        amplitude_uv=(12.0, 120.0),
        spike_share=0.1,
        course=Course.BELL,
    ),
    cramps=replace(clean.TEST.cramps, stratum_s=math.inf),
    shifts=replace(clean.TEST.shifts, interval_s=(900.0, 2400.0), large_share=0.5),
    other=replace(
        clean.TEST.other,
        fasciculations_per_h=(5.0, 60.0),
        fasciculation_uv=(20.0, 150.0),
        myoclonus_per_h=(3.0, 60.0),
        jerks_per_h=0.5,
        trains_per_h=0.3,
        alternating_per_h=0.15,
        holds_per_h=0.4,
    ),
    sleep=replace(clean.TEST.sleep, latency_s=(300.0, 2400.0), awakenings=(1.0, 6.0), awakening_s=(120.0, 1800.0)),
    contact=replace(clean.TEST.contact, pops_per_h=1.0, pop_uv=(200.0, 3000.0), off_per_h=0.03),
    bed=replace(clean.TEST.bed, partner_per_h=3.0, knocks_per_h=0.3),
)

TUNING = replace(
    TEST,
    split=Split.TUNING,
    emg=replace(
        TEST.emg,
        noise_uv=(0.7, 1.45),
        tail_share=0.1,
        pink_corner_hz=15.0,
        spectrum_low_hz=(28.0, 39.0),
        spectrum_high_hz=(70.0, 88.0),
        units=(161.0, 200.0),
        line_hz=60.0,
        line_uv=(1.6, 4.0),
        ecg_uv=(16.0, 30.0),
        motion_artefact_uv=(61.0, 150.0),
    ),
    acceleration=replace(TEST.acceleration, noise_g=(0.0012, 0.0024), step_g=0.002),
    movements=replace(
        TEST.movements, interval_s=(30.5, 38.0), amplitude_law=AmplitudeLaw.LOG_NORMAL, visible_share=(0.4, 0.59)
    ),
    contact=replace(TEST.contact, pop_uv=(3100.0, 5000.0)),
)

"""Spasticity: clonus, tonic spasms and periodic leg movements that are shorter and less regular."""

from __future__ import annotations

from dataclasses import replace

from detectors.simulate.ranges import clean
from detectors.simulate.regimes import AmplitudeLaw
from detectors.simulate.splits import Split

TEST = replace(
    clean.TEST,
    name="spastic",
    emg=replace(
        clean.TEST.emg,
        noise_uv=(1.5, 4.0),
        tail_share=0.3,
        pink_corner_hz=20.0,
        units=(40.0, 150.0),
        line_uv=(0.2, 2.0),
        ecg_uv=(0.0, 20.0),
        motion_artefact_uv=(10.0, 80.0),
    ),
    movements=replace(
        clean.TEST.movements,
        series_gap_s=1500.0,
        severity=0.4,
        interval_s=(16.0, 34.0),
        isolated_per_h=6.0,
        short_interval_share=0.15,
        amplitude_uv=(12.0, 180.0),
        spike_share=0.15,
    ),
    cramps=replace(clean.TEST.cramps, stratum_s=14400.0, ratio=(5.0, 40.0), wakes_share=0.6, twitches=(0.0, 20.0)),
    shifts=replace(clean.TEST.shifts, interval_s=(1800.0, 4200.0), large_share=0.4),
    other=replace(
        clean.TEST.other,
        fasciculations_per_h=(3.0, 40.0),
        fasciculation_uv=(20.0, 200.0),
        myoclonus_per_h=(3.0, 60.0),
        jerks_per_h=1.5,
        trains_per_h=0.2,
        clonus_per_h=2.0,
        spasms_per_h=1.0,
        holds_per_h=0.1,
    ),
    contact=replace(clean.TEST.contact, pops_per_h=1.0, pop_uv=(200.0, 3000.0), off_per_h=0.03),
    bed=replace(clean.TEST.bed, partner_per_h=1.0, knocks_per_h=0.2),
)

TUNING = replace(
    TEST,
    split=Split.TUNING,
    emg=replace(
        TEST.emg,
        noise_uv=(0.7, 1.45),
        tail_share=0.15,
        pink_corner_hz=15.0,
        spectrum_low_hz=(28.0, 39.0),
        spectrum_high_hz=(70.0, 88.0),
        units=(151.0, 200.0),
        line_hz=60.0,
        line_uv=(2.1, 5.0),
        ecg_uv=(21.0, 40.0),
        motion_artefact_uv=(81.0, 200.0),
    ),
    acceleration=replace(TEST.acceleration, noise_g=(0.0012, 0.0024), step_g=0.002),
    movements=replace(
        TEST.movements, interval_s=(34.5, 42.0), amplitude_law=AmplitudeLaw.LOG_NORMAL, visible_share=(0.4, 0.59)
    ),
    contact=replace(TEST.contact, pop_uv=(3100.0, 5000.0)),
)

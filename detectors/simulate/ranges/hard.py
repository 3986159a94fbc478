"""A bad night at home: noise, hum, heart, poor contact, weak and short movements, everything at once."""

from __future__ import annotations

from dataclasses import replace

from detectors.simulate.ranges import clean
from detectors.simulate.regimes import AccelerationRegime, AmplitudeLaw, Course, MovementRegime, OtherRegime, Regime
from detectors.simulate.splits import Split
from detectors.simulate.surroundings import BedRegime, ContactRegime, SleepRegime

TEST = Regime(
    name="hard",
    split=Split.TEST,
    emg=replace(
        clean.TEST.emg,
        noise_uv=(3.5, 7.0),
        tail_share=0.4,
        pink_corner_hz=25.0,
        spectrum_low_hz=(28.0, 42.0),
        spectrum_high_hz=(68.0, 95.0),
        units=(30.0, 120.0),
        line_uv=(0.5, 2.5),
        ecg_uv=(5.0, 30.0),
        motion_artefact_uv=(20.0, 150.0),
    ),
    acceleration=AccelerationRegime(
        noise_g=(0.005, 0.007),
        drift_g=0.003,
        step_g=0.004,
        breathing_g=(0.001, 0.003),
        ballistic_g=(0.0005, 0.002),
    ),
    movements=MovementRegime(
        series_gap_s=1200.0,
        severity=0.5,
        series_length=(4.0, 26.0),
        interval_s=(18.0, 34.0),
        isolated_per_h=7.0,
        short_interval_share=0.15,
        bilateral_share=0.5,
        visible_share=(0.3, 0.7),
        amplitude_uv=(8.0, 160.0),
        amplitude_law=AmplitudeLaw.LOG_UNIFORM,
        spike_share=0.15,
        angle_deg=(1.0, 12.0),
        course=Course.DECLINE,
    ),
    cramps=replace(
        clean.TEST.cramps,
        duration_s=(8.0, 600.0),
        ratio=(2.5, 40.0),
        rise_s=(0.5, 20.0),
        creeping_share=0.25,
        wakes_share=0.6,
        exit_share=0.5,
        twitches=(0.0, 30.0),
    ),
    shifts=replace(
        clean.TEST.shifts,
        interval_s=(700.0, 2400.0),
        angle_deg=(15.0, 120.0),
        duration_s=(1.0, 5.0),
        large_share=0.5,
    ),
    other=OtherRegime(
        fasciculations_per_h=(3.0, 120.0),
        fasciculation_uv=(15.0, 200.0),
        myoclonus_per_h=(3.0, 60.0),
        jerks_per_h=1.0,
        trains_per_h=0.5,
        alternating_per_h=0.3,
        clonus_per_h=0.0,
        spasms_per_h=0.0,
        holds_per_h=0.3,
    ),
    sleep=SleepRegime(
        latency_s=(600.0, 2400.0),
        cycle_s=(4800.0, 6600.0),
        awakenings=(2.0, 6.0),
        awakening_s=(120.0, 1800.0),
        toilet_share=0.4,
        upright_s=(60.0, 300.0),
        restless_per_h=15.0,
    ),
    contact=ContactRegime(
        pops_per_h=3.0,
        pop_uv=(200.0, 3000.0),
        off_per_h=0.15,
        off_s=(120.0, 1200.0),
        poor_per_h=0.2,
        poor_s=(60.0, 1200.0),
        gain_steps_per_h=0.08,
        humming_per_h=0.2,
    ),
    bed=BedRegime(
        partner_per_h=4.0,
        partner_g=(0.004, 0.04),
        knocks_per_h=0.5,
        table_share=0.15,
        table_s=(1900.0, 3600.0),
    ),
)

TUNING = replace(
    TEST,
    split=Split.TUNING,
    emg=replace(
        TEST.emg,
        noise_uv=(1.7, 3.4),
        tail_share=0.25,
        pink_corner_hz=18.0,
        spectrum_low_hz=(43.0, 60.0),
        spectrum_high_hz=(96.0, 130.0),
        units=(125.0, 200.0),
        line_hz=60.0,
        line_uv=(2.6, 6.0),
        ecg_uv=(31.0, 50.0),
        motion_artefact_uv=(155.0, 400.0),
    ),
    acceleration=replace(TEST.acceleration, noise_g=(0.0036, 0.0048), step_g=0.008),
    movements=replace(
        TEST.movements, interval_s=(34.5, 42.0), amplitude_law=AmplitudeLaw.LOG_NORMAL, visible_share=(0.71, 0.95)
    ),
    cramps=replace(TEST.cramps, median_s=70.0),
    contact=replace(TEST.contact, pop_uv=(3100.0, 5000.0)),
)

"""Good contact, clear movements, sleep with two or three awakenings: what a detector must not miss."""

from __future__ import annotations

from dataclasses import replace

from detectors.simulate.regimes import (
    AccelerationRegime,
    AmplitudeLaw,
    Course,
    CrampRegime,
    EmgRegime,
    MovementRegime,
    OtherRegime,
    Regime,
    ShiftRegime,
)
from detectors.simulate.splits import Split
from detectors.simulate.surroundings import BedRegime, ContactRegime, SleepRegime

TEST = Regime(
    name="clean",
    split=Split.TEST,
    emg=EmgRegime(
        noise_uv=(1.0, 1.6),
        tail_share=0.0,
        pink_corner_hz=15.0,
        spectrum_low_hz=(40.0, 60.0),
        spectrum_high_hz=(90.0, 120.0),
        units=(100.0, 200.0),
        line_hz=50.0,
        line_uv=(0.0, 0.3),
        ecg_uv=(0.0, 0.0),
        motion_artefact_uv=(0.0, 0.0),
    ),
    acceleration=AccelerationRegime(
        noise_g=(0.0025, 0.0035),
        drift_g=0.001,
        step_g=0.001,
        breathing_g=(0.0005, 0.002),
        ballistic_g=(0.0005, 0.001),
    ),
    movements=MovementRegime(
        series_gap_s=1700.0,
        severity=0.2,
        series_length=(5.0, 24.0),
        interval_s=(22.0, 30.0),
        isolated_per_h=4.0,
        short_interval_share=0.06,
        bilateral_share=0.58,
        visible_share=(0.6, 0.8),
        amplitude_uv=(14.0, 200.0),
        amplitude_law=AmplitudeLaw.LOG_UNIFORM,
        spike_share=0.0,
        angle_deg=(3.0, 15.0),
        course=Course.DECLINE,
    ),
    cramps=CrampRegime(
        stratum_s=7200.0,
        median_s=50.0,
        duration_s=(16.0, 240.0),
        ratio=(15.0, 100.0),
        rise_s=(0.5, 3.0),
        creeping_share=0.0,
        wakes_share=0.0,
        exit_share=0.0,
        twitches=(0.0, 0.0),
    ),
    shifts=ShiftRegime(
        interval_s=(1500.0, 3300.0),
        angle_deg=(25.0, 110.0),
        duration_s=(1.0, 3.5),
        large_share=0.0,
        large_s=(3.0, 12.0),
    ),
    other=OtherRegime(
        fasciculations_per_h=(3.0, 10.0),
        fasciculation_uv=(60.0, 200.0),
        myoclonus_per_h=(0.0, 0.0),
        jerks_per_h=0.0,
        trains_per_h=0.25,
        alternating_per_h=0.0,
        clonus_per_h=0.0,
        spasms_per_h=0.0,
        holds_per_h=0.0,
    ),
    sleep=SleepRegime(
        latency_s=(300.0, 900.0),
        cycle_s=(4800.0, 6600.0),
        awakenings=(1.0, 4.0),
        awakening_s=(180.0, 900.0),
        toilet_share=0.4,
        upright_s=(90.0, 240.0),
        restless_per_h=12.0,
    ),
    contact=ContactRegime(
        pops_per_h=0.0,
        pop_uv=(0.0, 0.0),
        off_per_h=0.0,
        off_s=(120.0, 900.0),
        poor_per_h=0.0,
        poor_s=(120.0, 900.0),
        gain_steps_per_h=0.0,
        humming_per_h=0.0,
    ),
    bed=BedRegime(
        partner_per_h=0.0,
        partner_g=(0.004, 0.02),
        knocks_per_h=0.0,
        table_share=0.0,
        table_s=(2400.0, 4800.0),
    ),
)

TUNING = replace(
    TEST,
    split=Split.TUNING,
    emg=replace(
        TEST.emg,
        noise_uv=(0.6, 0.98),
        pink_corner_hz=20.0,
        spectrum_low_hz=(28.0, 39.0),
        spectrum_high_hz=(70.0, 88.0),
        units=(50.0, 95.0),
        line_hz=60.0,
        line_uv=(0.31, 0.6),
    ),
    acceleration=replace(TEST.acceleration, noise_g=(0.0012, 0.0024), step_g=0.002),
    movements=replace(
        TEST.movements,
        series_gap_s=1500.0,
        interval_s=(30.5, 38.0),
        amplitude_law=AmplitudeLaw.LOG_NORMAL,
        visible_share=(0.4, 0.59),
    ),
    cramps=replace(TEST.cramps, median_s=70.0, rise_s=(3.1, 5.0)),
)

"""What a label of an EDF file means, and what its unit does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.signal import Leg, Quantity
from ingest.errors import DecodeError
from ingest.files.edf_channels import MUSCLES, Channel, channel_of, factor_to_unit

LEFT_TIBIALIS = [
    "EMG TA-L", "EMG LAT", "LEG/L", "Leg/L", "TIB L", "PLM l", "PLMl", "L Leg", "Leg L", "LLEG", "LegL", "LAT",
    "L-TIB", "EMG Tib-L", "TIBsx", "Left Leg", "Leg Left", "EMG Ant Tib L", "Left Tibialis Anterior", "LAT1-LAT2",
    "LAT1", "TA_L", "L.Leg", "EMG LLeg", "LEG L-Ref", "ATL", "LEG/L 1", "TIB L2",
]  # fmt: skip
RIGHT_TIBIALIS = ["EMG TA-R", "EMG RAT", "LEG/R", "RAT", "TIB Rt", "PLMr", "R Leg", "RLEG", "Tib dx", "Right Leg"]
NO_LEG = [
    "EEG C3-M2", "EMG Chin", "EMG1", "EMG L", "LOC", "E1-M2", "ECG L", "Pleth", "LAT-RAT", "Leg", "PLM", "Flow", "SpO2",
    "L Arm", "EMG FDS-L", "ACC x", "Plat", "EMG", "", "-", "L", "µ", "LEFT", "ROC-LOC", "Gas R Flow", "L 1", "SOL",
]  # fmt: skip


@pytest.mark.parametrize("label", LEFT_TIBIALIS)
def test_a_label_means_the_left_tibialis_anterior(label: str) -> None:
    assert channel_of(label) == Channel(Leg.LEFT, Quantity.EMG, "ta")


@pytest.mark.parametrize("label", RIGHT_TIBIALIS)
def test_a_label_means_the_right_tibialis_anterior(label: str) -> None:
    assert channel_of(label) == Channel(Leg.RIGHT, Quantity.EMG, "ta")


@pytest.mark.parametrize(
    ("label", "muscle"),
    [
        ("EMG GM-L", "gm"), ("L Calf", "gas"), ("GASTROC L", "gas"), ("EMG GL-L", "gl"), ("SOL l", "so"),
        ("L Gastrocnemius Med", "gm"),
    ],
)  # fmt: skip
def test_a_label_means_a_muscle_of_the_left_calf(label: str, muscle: str) -> None:
    assert channel_of(label) == Channel(Leg.LEFT, Quantity.EMG, muscle)


@pytest.mark.parametrize("label", ["ACC-L x", "ACC L X", "ACCLx", "L ACC x", "ACC x L", "Accel Left x", "acc_x_l"])
def test_a_label_means_an_axis_of_the_left_accelerometer(label: str) -> None:
    assert channel_of(label) == Channel(Leg.LEFT, Quantity.ACCELERATION, "x")


@pytest.mark.parametrize("label", NO_LEG)
def test_a_label_that_names_no_leg_is_left_alone(label: str) -> None:
    assert channel_of(label) is None


@pytest.mark.slow
@given(
    st.sampled_from(list(MUSCLES)),
    st.sampled_from([("L", Leg.LEFT), ("R", Leg.RIGHT)]),
    st.sampled_from(["EMG ", "emg-", ""]),
    st.text("-_/ .:", min_size=1, max_size=2),
)
def test_case_blanks_and_punctuation_make_no_difference(
    muscle: str, side: tuple[str, Leg], before: str, between: str
) -> None:
    letter, leg = side
    expected = Channel(leg, Quantity.EMG, muscle)
    for label in (f"{before}{muscle}{between}{letter}", f"{before}{letter}{between}{muscle}"):
        assert channel_of(label) == channel_of(label.upper()) == channel_of(label.lower()) == expected


@pytest.mark.slow
@given(st.text(max_size=16))
def test_any_text_can_be_a_label(label: str) -> None:
    assert channel_of(label) is None or channel_of(label) == channel_of(label.upper().lower())


@pytest.mark.parametrize(
    ("unit", "factor"), [("uV", 1), ("µV", 1), ("μV", 1), ("UV", 1), ("mV", 1000), ("V", 1e6), ("nV", 0.001)]
)
def test_emg_comes_in_microvolts(unit: str, factor: float) -> None:
    assert factor_to_unit(Quantity.EMG, unit, "night.edf") == factor


@pytest.mark.parametrize(("unit", "factor"), [("g", 1), ("G", 1), ("mg", 0.001)])
def test_acceleration_comes_in_g(unit: str, factor: float) -> None:
    assert factor_to_unit(Quantity.ACCELERATION, unit, "night.edf") == factor


@pytest.mark.parametrize(
    ("quantity", "unit"),
    [(Quantity.EMG, ""), (Quantity.EMG, "g"), (Quantity.EMG, "%"), (Quantity.ACCELERATION, "uV")],
)
def test_any_other_unit_is_refused(quantity: Quantity, unit: str) -> None:
    with pytest.raises(DecodeError, match=f"^night.edf: channel 'LEG/L': the unit is {unit!r}, expected "):
        factor_to_unit(quantity, unit, "night.edf: channel 'LEG/L'")

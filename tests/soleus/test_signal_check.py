"""What a check before bed says of ten seconds of signal, and of what a sensor says about itself."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.criteria import named
from detectors.signal import NS_PER_S, Clock, Gap, GapCause, Knot, Leg, Quantity, SampleBlock, Stream, Unit
from ingest.decoders.base import Status, StatusKind
from soleus.listening import Heard
from soleus.sensor_check import judge_sensor
from soleus.settings import SensorSettings
from soleus.signal_check import judge_signal
from soleus.verdicts import Finding, Verdict

CRITERIA = named("wasm-2016")
T_S = np.arange(5000) / 500.0
EMG = Stream("left", Leg.UNKNOWN, "", Quantity.EMG, Unit.MICROVOLT, ("ch1",), 500.0)
ACCELERATION = Stream("left", Leg.UNKNOWN, "", Quantity.ACCELERATION, Unit.G, ("x", "y", "z"), 50.0)


def quiet(level_uv: float = 1.0) -> NDArray[np.float64]:
    return np.random.default_rng(1).normal(0, level_uv, len(T_S))


def hum(level_uv: float) -> NDArray[np.float64]:
    return np.asarray(level_uv * np.sin(2 * np.pi * 50 * T_S))


def still(norm_g: float) -> NDArray[np.float64]:
    return np.random.default_rng(2).normal(0, 0.002, (500, 3)) + np.array([0.0, 0.0, norm_g])


def block(stream: Stream, samples: NDArray[np.float64], start: int = 0) -> SampleBlock:
    clock = Clock((Knot(0, 0, stream.fs_hz),))
    return SampleBlock(stream, clock, start, samples.reshape(len(samples), -1).astype(np.float32))


def of(findings: list[Finding] | tuple[Finding, ...], about: str) -> Finding:
    return next(finding for finding in findings if finding.about == about)


@pytest.mark.parametrize(
    ("samples", "verdict", "seen"),
    [
        (quiet(), Verdict.OK, "resting level"),
        (np.zeros(5000), Verdict.WRONG, "flat"),
        (np.clip(2000 * np.sin(2 * np.pi * 3 * T_S), -400, 400), Verdict.WRONG, "cut off"),
        (quiet() + hum(300), Verdict.WRONG, "hum"),
        (quiet(20.0), Verdict.WARNING, "expected 5 or less"),
    ],
)
def test_contact_is_judged_by_the_flags_of_the_night(samples: NDArray[np.float64], verdict: Verdict, seen: str) -> None:
    found = of(judge_signal([block(EMG, samples)], CRITERIA), "contact")
    assert found.verdict is verdict
    assert seen in found.seen
    assert bool(found.advice) is (verdict is not Verdict.OK)


def test_a_hum_that_the_night_takes_out_is_yellow_and_no_red() -> None:
    found = judge_signal([block(EMG, quiet() + hum(40))], CRITERIA)
    assert of(found, "contact").verdict is Verdict.OK
    assert of(found, "hum").verdict is Verdict.WARNING


def test_every_channel_is_judged_by_itself() -> None:
    two = Stream("left", Leg.UNKNOWN, "", Quantity.EMG, Unit.MICROVOLT, ("ch1", "ch2"), 500.0)
    found = judge_signal([block(two, np.stack([quiet(), np.zeros(5000)], axis=1))], CRITERIA)
    assert of(found, "contact ch1").verdict is Verdict.OK
    assert of(found, "contact ch2").verdict is Verdict.WRONG


@pytest.mark.parametrize(
    ("norm_g", "verdict"),
    [(1.0, Verdict.OK), (1.07, Verdict.WARNING), (0.5, Verdict.WRONG), (2.0, Verdict.WRONG)],
)
def test_a_sensor_at_rest_measures_one_g(norm_g: float, verdict: Verdict) -> None:
    assert of(judge_signal([block(ACCELERATION, still(norm_g))], CRITERIA), "gravity").verdict is verdict


def test_gravity_of_a_leg_that_moves_is_not_known() -> None:
    moving = still(1.0) + np.sin(2 * np.pi * np.arange(500) / 50.0)[:, None]
    assert of(judge_signal([block(ACCELERATION, moving)], CRITERIA), "gravity").verdict is Verdict.UNKNOWN


def test_counts_are_shown_and_not_judged_unless_nothing_moves() -> None:
    counts = Stream("left", Leg.UNKNOWN, "", Quantity.EMG, Unit.COUNTS, ("ch1",), 500.0)
    assert judge_signal([block(counts, quiet(100.0))], CRITERIA)[0].verdict is Verdict.UNKNOWN
    assert judge_signal([block(counts, np.full(5000, 7.0))], CRITERIA)[0].verdict is Verdict.WRONG


def heard(*statuses: Status, leg: Leg = Leg.UNKNOWN, every: int = 500) -> Heard:
    """Have ten seconds of a sensor in packets, `every` so many samples."""
    sensor = SensorSettings("left", "lsp", "C4:00:00:00:00:01", Leg.LEFT)
    one = Heard(sensor, -60.0, statuses=list(statuses), linked_ns=0, began_ns=0)
    stream = Stream("left", leg, "", Quantity.EMG, Unit.MICROVOLT, ("ch1",), 500.0)
    samples = quiet()
    for start in range(0, 5000, every):
        stop_ns = round((start + every) * NS_PER_S / 500)
        one.take(block(stream, samples[start : start + every], start), stop_ns)
    return one


def judged(one: Heard) -> tuple[Finding, ...]:
    return judge_sensor(one, CRITERIA, hours=8.0, seconds=10.0).findings


def status(kind: StatusKind, **values: float) -> Status:
    return Status("left", kind, 0, "", values)


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ({"battery_pct": 80.0}, Verdict.OK),
        ({"battery_pct": 30.0}, Verdict.WARNING),
        ({"battery_pct": 5.0}, Verdict.WRONG),
        ({"battery_mv": 4000.0}, Verdict.OK),
        ({"battery_mv": 3700.0}, Verdict.WARNING),
        ({"battery_mv": 3500.0}, Verdict.WRONG),
    ],
)
def test_the_battery_is_held_against_half_a_charge(values: dict[str, float], verdict: Verdict) -> None:
    assert of(judged(heard(status(StatusKind.BATTERY, **values))), "battery").verdict is verdict


def test_a_battery_that_nobody_tells_of_is_said_to_be_unknown() -> None:
    assert of(judged(heard()), "battery").verdict is Verdict.UNKNOWN


def test_the_sensors_own_word_on_its_electrodes_goes_before_the_signal() -> None:
    off = status(StatusKind.LEAD_OFF, lead_off_p=1.0, lead_off_n=0.0)
    on = status(StatusKind.LEAD_OFF, lead_off_p=0.0, lead_off_n=0.0)
    assert [found.verdict for found in judged(heard(off)) if found.about == "contact"] == [Verdict.WRONG]
    assert of(judged(heard(off, on)), "contact").verdict is Verdict.OK


@pytest.mark.parametrize(("ohm", "verdict"), [(2e4, Verdict.OK), (1e5, Verdict.WARNING), (9e5, Verdict.WRONG)])
def test_the_worst_electrode_decides(ohm: float, verdict: Verdict) -> None:
    measured = status(StatusKind.DEVICE, impedance_ch1_ohm=5e3, impedance_ch2_ohm=ohm)
    assert of(judged(heard(measured)), "impedance").verdict is verdict


def test_the_rate_is_that_of_the_arrivals() -> None:
    assert of(judged(heard()), "rate emg").values["rate_hz"] == pytest.approx(500.0)
    slow = heard()
    for blocks in slow.blocks.values():
        blocks[:] = [(one, 2 * mono_ns) for one, mono_ns in blocks]
    assert of(judged(slow), "rate emg").verdict is Verdict.WARNING


@pytest.mark.parametrize(("n_lost", "verdict"), [(0, Verdict.OK), (100, Verdict.WARNING), (1000, Verdict.WRONG)])
def test_loss_is_the_share_of_all_samples(n_lost: int, verdict: Verdict) -> None:
    one = heard()
    clock = Clock((Knot(0, 0, 500.0),))
    one.take(Gap(EMG, clock, 100, n_lost, GapCause.AIR), 0)
    found = of(judged(one), "loss")
    assert found.verdict is verdict
    assert found.values["lost_share"] == pytest.approx(n_lost / (5000 + n_lost), abs=1e-5)


@pytest.mark.parametrize(
    ("leg", "verdict"), [(Leg.LEFT, Verdict.OK), (Leg.RIGHT, Verdict.WRONG), (Leg.UNKNOWN, Verdict.UNKNOWN)]
)
def test_a_sensor_that_is_marked_for_the_other_leg_is_noticed(leg: Leg, verdict: Verdict) -> None:
    assert of(judged(heard(leg=leg)), "leg").verdict is verdict


def test_each_of_two_streams_of_one_quantity_is_judged_and_named() -> None:
    one = heard()
    second = Stream("left", Leg.UNKNOWN, "", Quantity.EMG, Unit.MICROVOLT, ("s1ch1",), 500.0)
    one.take(block(second, np.zeros(5000)), 10 * NS_PER_S)
    check = judge_sensor(one, CRITERIA, hours=8.0, seconds=10.0)
    assert of(check.findings, "contact ch1").verdict is Verdict.OK
    assert of(check.findings, "contact s1ch1").verdict is Verdict.WRONG
    assert {"rate emg ch1", "rate emg s1ch1"} <= {found.about for found in check.findings}
    assert len(check.streams) == 2


def test_the_picture_ends_where_the_time_asked_for_ends() -> None:
    check = judge_sensor(heard(), CRITERIA, hours=8.0, seconds=4.9)
    assert check.streams[0][-1].stop == 2450

"""The events of a night of both legs, made from a seed, and its summary."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from dashboards.book import SensorView
from detectors.events import Event, EventKind, EventQuality, Step
from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


START_NS = int(datetime(2026, 3, 14, 21, 47, tzinfo=UTC).timestamp()) * NS_PER_S
UTC_OFFSET_S = 3600
DURATION_S = 27_000
RESTING_UV = 1.6
SENSORS = (
    SensorView("left-shin", Leg.LEFT, "tibialis anterior"),
    SensorView("right-shin", Leg.RIGHT, "tibialis anterior"),
)
GAP_S = (11_700.0, 12_110.0)
"""When the left sensor is silent."""


@dataclass(frozen=True, slots=True)
class Burst:
    """One contraction: where, when, how long and how strong, and how much the leg moves with it."""

    leg: Leg
    onset_s: float
    duration_s: float
    peak_uv: float
    peak_g: float


def sensor_of(leg: Leg) -> str:
    return f"{leg}-shin"


def to_ns(t_s: float) -> int:
    return START_NS + round(t_s * NS_PER_S)


def _event(kind: EventKind, leg: Leg, span_s: tuple[float, float], measures: Mapping[str, float], *why: Step) -> Event:
    measures = {"duration_s": round(span_s[1] - span_s[0], 3), **measures}
    sensor = "" if leg is Leg.BOTH else sensor_of(leg)
    return Event(kind, sensor, leg, to_ns(span_s[0]), to_ns(span_s[1]), measures, why=why)


def cramp(leg: Leg, onset_s: float, duration_s: float, peak_uv: float, confidence: float) -> Event:
    onset_uv, offset_uv = RESTING_UV + 6.0, RESTING_UV + 3.0
    tier = float((confidence >= 0.5) + (confidence >= 0.75))
    measures = {
        "peak_uv": peak_uv,
        "mean_uv": peak_uv * 0.71,
        "resting_uv": RESTING_UV,
        "confidence": confidence,
        "tier": tier,
        "n_bouts": 1.0,
        "term_duration": min(1.0, (duration_s - 5) / 15),
        "term_amplitude": 0.9,
    }
    return _event(
        EventKind.CRAMP,
        leg,
        (onset_s, onset_s + duration_s),
        measures,
        Step("onset_uv", peak_uv * 0.4, onset_uv, held=True),
        Step("duration_s", duration_s, 5.0, held=True),
        Step("duty", 0.97, 0.85, held=True),
        Step("modulation", 0.31, 0.45, held=True),
        Step("lf_hf_ratio", 0.22, 1.0, held=True),
        Step("offset_uv", 2.9, offset_uv, held=True),
        Step("probable_s", duration_s, 15.0, held=duration_s >= 15.0),
    )


def movement(burst: Burst, *, periodic: bool) -> Event:
    measures = {
        "peak_uv": burst.peak_uv,
        "resting_uv": RESTING_UV,
        "clm": float(burst.duration_s <= 10),
        "plm_wasm": float(periodic),
        "plm_aasm": float(periodic),
        "moved": 1.0,
    }
    return _event(
        EventKind.LEG_MOVEMENT,
        burst.leg,
        (burst.onset_s, burst.onset_s + burst.duration_s),
        measures,
        Step("onset_uv", burst.peak_uv, RESTING_UV + 8.0, held=True),
        Step("offset_uv", 2.1, RESTING_UV + 2.0, held=True),
        Step("duration_s", burst.duration_s, 0.5, held=True),
    )


CRAMPS = (
    cramp(Leg.RIGHT, 12_643.0, 74.0, 212.0, 0.88),
    cramp(Leg.LEFT, 17_150.0, 12.5, 64.0, 0.61),
    cramp(Leg.RIGHT, 21_294.0, 31.0, 128.0, 0.79),
    cramp(Leg.LEFT, 9_300.0, 6.0, 18.0, 0.31),
)
SERIES_S = ((2_350.0, 5_900.0), (7_400.0, 9_000.0), (22_900.0, 24_400.0))


def _movements(rng: np.random.Generator) -> list[Event]:
    found = []
    for begin_s, stop_s in SERIES_S:
        t_s = begin_s
        while t_s < stop_s:
            legs = [leg for leg in (Leg.LEFT, Leg.RIGHT) if rng.random() < 0.75] or [Leg.RIGHT]
            for leg in legs:
                burst = Burst(leg, t_s + float(rng.uniform(0, 0.3)), float(rng.uniform(0.9, 4.5)), 0.0, 0.0)
                found.append(_with_size(burst, rng, periodic=True))
            t_s += float(rng.normal(25, 3.5))
    for t_s in np.sort(rng.uniform(300, DURATION_S - 300, 46)):
        leg = Leg.LEFT if rng.random() < 0.5 else Leg.RIGHT
        burst = Burst(leg, float(t_s), float(rng.uniform(0.6, 7.0)), 0.0, 0.0)
        found.append(_with_size(burst, rng, periodic=False))
    return [event for event in found if not _silent(event)]


def _with_size(burst: Burst, rng: np.random.Generator, *, periodic: bool) -> Event:
    peak_uv = round(float(rng.lognormal(np.log(38), 0.45)), 1)
    return movement(Burst(burst.leg, burst.onset_s, burst.duration_s, peak_uv, 0.1), periodic=periodic)


def _silent(event: Event) -> bool:
    return event.leg is Leg.LEFT and event.onset_ns < to_ns(GAP_S[1]) and event.end_ns > to_ns(GAP_S[0])


def _others(rng: np.random.Generator) -> list[Event]:
    shifts = [
        _event(EventKind.SHIFT, leg, (t_s, t_s + 6.0), {"shift_deg": float(rng.integers(21, 95))})
        for t_s in (1_250.0, 6_480.0, 10_310.0, 14_020.0, 19_400.0, 25_610.0)
        for leg in (Leg.LEFT, Leg.RIGHT)
    ]
    series = [
        _event(
            EventKind.PERIODIC_SERIES, Leg.BOTH, span, {"n_movements": round((span[1] - span[0]) / 25), "imi_s": 25.0}
        )
        for span in SERIES_S
    ]
    twitches = [
        _event(EventKind.TWITCH, Leg.RIGHT, (t_s, t_s + 0.2), {"peak_uv": 44.0})
        for t_s in (15_105.0, 15_109.5, 15_117.0)
    ]
    gap = Event(
        EventKind.SIGNAL_GAP,
        "left-shin",
        Leg.LEFT,
        to_ns(GAP_S[0]),
        to_ns(GAP_S[1]),
        {"duration_s": GAP_S[1] - GAP_S[0], "n_missing": (GAP_S[1] - GAP_S[0]) * 500.0},
        quality=EventQuality.LOW,
    )
    up = _event(EventKind.BED_EXIT, Leg.BOTH, (21_350.0, 21_610.0), {})
    return [*shifts, *series, *twitches, gap, up, _event(EventKind.MARKER, Leg.RIGHT, (21_329.0, 21_329.0), {})]


@functools.cache
def events() -> tuple[Event, ...]:
    rng = np.random.default_rng(11)
    found = [*CRAMPS, *_movements(rng), *_others(rng)]
    return tuple(sorted(found, key=lambda event: (event.onset_ns, event.kind, event.leg)))


def summary(night: Sequence[Event]) -> dict[str, object]:
    valid_h = {
        "left-shin/emg": 7.386,
        "left-shin/acceleration": 7.386,
        "right-shin/emg": 7.5,
        "right-shin/acceleration": 7.5,
    }
    moves = [event for event in night if event.kind is EventKind.LEG_MOVEMENT]
    cramps = [event for event in night if event.kind is EventKind.CRAMP and event.measures["tier"] >= 1]
    shown = [event for event in cramps if event.measures.get("confirmed") != 0.0]
    no_stages = "no sleep stages were given and there is no estimate of sleep"
    missing = ("plmw_wasm_per_h", "tst_est_h", "waso_est_min", "awakenings_est")
    periodic = sum(event.measures["plm_wasm"] for event in moves)
    return {
        "valid_h": valid_h,
        "grade": dict.fromkeys(valid_h, "A"),
        "one_leg": False,
        "sleep_basis": "recording",
        "lm_per_h": len(moves) / 7.5,
        "clm_per_h": sum(event.measures["clm"] for event in moves) / 7.5,
        "plms_wasm_per_h": periodic / 1.5 / 7.5,
        "plms_aasm_per_h": periodic / 1.5 / 7.5,
        "periodicity_index": 0.83,
        "cramp_probable": sum(event.measures["tier"] == 2 for event in shown),
        "cramp_possible": sum(event.measures["tier"] == 1 for event in shown),
        "cramp_total_s": sum(event.duration_s for event in shown),
        "longest_undisturbed_min": 69.1,
        **dict.fromkeys(missing),
        "reasons": dict.fromkeys(missing, no_stages),
    }

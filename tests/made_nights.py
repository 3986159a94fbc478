"""Nights made of movements and events at known times, without any samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.annotations import Span
from detectors.criteria import named
from detectors.events import Event, EventKind
from detectors.night.combine import NightFacts
from detectors.numbers.night_view import NightView
from detectors.numbers.summary import summarise
from detectors.quality.epoch_tally import LEADING
from detectors.quality.validity import ValidTime, ValidTimes
from detectors.recording import steady_clock
from detectors.rules.combined import LegMovement
from detectors.rules.scored_movements import apply_rules
from detectors.signal import NS_PER_S, Leg, Quantity, Stream, Unit
from detectors.track import Track

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detectors.night.movement_notes import MovementNote

CRITERIA = named("wasm-2016")
S_PER_H = 3600
NIGHT_H = 8.0
FS_HZ = 500.0


def ns(seconds: float) -> int:
    return round(seconds * NS_PER_S)


def span(onset_s: float, end_s: float) -> Span:
    return Span(ns(onset_s), ns(end_s))


def valid_time(
    leg: Leg, quantity: Quantity, hours: float = NIGHT_H, flags: Sequence[tuple[slice, int]] = (), fs_hz: float = FS_HZ
) -> Any:
    """The valid time of a sensor that gave a signal for some hours, flagged in some stretches of seconds."""
    unit = Unit.MICROVOLT if quantity is Quantity.EMG else Unit.G
    stream = Stream(f"{leg}-shin", leg, "shin", quantity, unit, ("x",), fs_hz)
    quality = np.zeros(round(hours * S_PER_H), np.uint16)
    for where, flag in flags:
        quality[where] |= flag
    valid = ValidTime(stream.sensor, leg, quantity, CRITERIA.validity)
    clock = steady_clock(0, fs_hz)
    valid.add(Track(stream, clock, LEADING[quantity], 0, round(fs_hz), np.ones(len(quality)), quality))
    return valid


def times(*streams: ValidTime) -> ValidTimes:
    scoring: dict[Leg, ValidTime] = {}
    for quantity in (Quantity.ACCELERATION, Quantity.EMG):
        scoring |= {one.leg: one for one in streams if one.quantity is quantity}
    return ValidTimes({(one.sensor, one.quantity): one for one in streams}, scoring)


EMG = times(valid_time(Leg.LEFT, Quantity.EMG))


def movement(onset_s: float, duration_s: float = 2.0, leg: Leg = Leg.LEFT) -> LegMovement:
    return LegMovement(ns(onset_s), ns(onset_s + duration_s), leg, f"{leg}-shin")


def series(first_s: float, n: int = 5, every_s: float = 20.0, leg: Leg = Leg.LEFT) -> list[LegMovement]:
    return [movement(first_s + every_s * i, leg=leg) for i in range(n)]


def event(kind: EventKind, onset_s: float, duration_s: float = 1.0, leg: Leg = Leg.LEFT, **measures: float) -> Event:
    return Event(kind, f"{leg}-shin", leg, ns(onset_s), ns(onset_s + duration_s), measures)


def facts(
    movements: Sequence[LegMovement] = (),
    events: Sequence[Event] = (),
    notes: Mapping[LegMovement, MovementNote] | None = None,
) -> NightFacts:
    wasm, aasm = (apply_rules(movements, rules) for rules in (CRITERIA.wasm, CRITERIA.aasm))
    found = [
        Event(EventKind.PERIODIC_SERIES, "left-shin", Leg.LEFT, s.onset_ns, s.end_ns, {"n": float(s.n)})
        for s in wasm.series
    ]
    ordered = sorted([*events, *found], key=lambda e: e.onset_ns)
    return NightFacts(wasm.movements, aasm.movements, tuple(ordered), notes or {})


def numbers(night: NightFacts, valid: ValidTimes = EMG, *, hours: float = NIGHT_H, **known: Any) -> Mapping[str, Any]:
    return summarise(night, valid, CRITERIA, span_ns=(0, ns(hours * S_PER_H)), **known)


def view(night: NightFacts | None = None, valid: ValidTimes | None = None, *, hours: float = NIGHT_H) -> NightView:
    """The night as its numbers see it, without known sleep."""
    valid = valid or times(valid_time(Leg.LEFT, Quantity.EMG, hours))
    return NightView(night or facts(), valid.without(()), CRITERIA, span(0, hours * S_PER_H), None)

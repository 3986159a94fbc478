"""Thirty-nine nights before the simulated one of `tests.night_log`, made from a seed without any samples.

Movements and events are drawn; which of them are periodic, and every number of a night, is what the rules and the
summary of the detectors make of them. No night is anybody's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.events import Event, EventKind, EventQuality
from detectors.signal import NS_PER_S, Leg, Quantity
from detectors.sleep.basis import basis_of
from detectors.track import Flag
from ingest.night.entries import Entry, NightCourse, event_entry, night_entry
from tests.made_nights import facts, movement, ns, numbers, series, span, times, valid_time
from tests.night_beside_events import beside
from tests.night_log import INFO

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from detectors.quality.validity import ValidTimes
    from detectors.rules.combined import CombinedMovement, LegMovement

N_NIGHTS: Final = 39
DAY_NS: Final = 24 * 3600 * NS_PER_S
DARK: Final = frozenset({6, 27})
"""Nights before the simulated one in which nobody had charged a sensor, or an electrode was off all night."""
SHORT: Final = frozenset({14})
"""Nights that are too short for an index per hour."""
SLEEPLESS: Final = frozenset({9, 10})
"""Nights whose sleep nobody estimated."""
SCORED_TWICE: Final = range(1, 9)
"""Nights that were scored once more, under `AGAIN`."""
AGAIN: Final = "onset-12"
OLDER_VERSION: Final = 30
"""Nights further back were scored by an older version."""
SECOND_PERSON: Final = "p2"
LEGS: Final = (Leg.LEFT, Leg.RIGHT)


@dataclass(frozen=True, slots=True)
class MadeNight:
    """One night.

    Parameters
    ----------
    ago : int
        How many days before the simulated night.
    start_ns, end_ns : int
        UTC, ns.
    entries : tuple of Entry
        What a collector would have put into its journal.
    """

    ago: int
    start_ns: int
    end_ns: int
    entries: tuple[Entry, ...]


def made_nights(n_nights: int = N_NIGHTS, *, seed: int = 40) -> list[MadeNight]:
    """Return the nights of a person, oldest first, a day apart; the same seed gives the same nights."""
    return [_night(ago, np.random.default_rng((seed, ago))) for ago in reversed(range(1, n_nights + 1))]


def of_person(night: MadeNight, person: str) -> list[Entry]:
    """Return the entries of a night as those of somebody else."""
    return [
        replace(entry, person=person, key=entry.key.replace(f'"{entry.person}"', f'"{person}"', 1))
        for entry in night.entries
    ]


def _night(ago: int, rng: np.random.Generator) -> MadeNight:
    hours = 2.4 if ago in SHORT else round(float(rng.uniform(6.5, 8.5)), 2)
    start_ns = INFO.start_ns - ago * DAY_NS + ns(round(float(rng.normal(0, 1500))))
    name = f"night-{ago:02d}-before"
    whose = (INFO.person, name, INFO.scoring)
    found = _unseen(hours) if ago in DARK else _found(rng, hours, per_night=1.4 if ago >= 15 else 2.6)
    entries = _scored(found, whose, start_ns, hours, ago)
    if ago in SCORED_TWICE:
        n_kept = len(found.movements) * 3 // 4
        fewer = replace(found, movements=found.movements[:n_kept], strengths_uv=found.strengths_uv[:n_kept])
        entries += _scored(fewer, (INFO.person, name, AGAIN), start_ns, hours, ago)
    span_ns = (start_ns, start_ns + ns(hours * 3600))
    entries += beside(rng, whose, span_ns, is_dark=ago in DARK, with_remedy=ago >= 15)
    return MadeNight(ago, *span_ns, tuple(entries))


@dataclass(frozen=True, slots=True)
class _Found:
    """What there was in a night; times count from its start."""

    movements: tuple[LegMovement, ...]
    strengths_uv: tuple[float, ...]
    events: tuple[Event, ...]


def _found(rng: np.random.Generator, hours: float, per_night: float) -> _Found:
    length_s = hours * 3600
    drawn: list[LegMovement] = []
    for first_s in rng.uniform(1800, length_s - 1500, 5):
        every_s, leg = float(rng.uniform(14, 40)), LEGS[int(rng.random() < 0.6)]
        drawn += series(float(first_s), int(rng.integers(5, 12)), every_s, leg)
        drawn += series(float(first_s) + 0.2, 3, every_s, Leg.RIGHT if leg is Leg.LEFT else Leg.LEFT)
    drawn += [
        movement(float(at_s), float(rng.uniform(0.6, 9.0)), LEGS[number % 2])
        for number, at_s in enumerate(rng.uniform(300, length_s - 60, 30))
    ]
    movements = _apart(drawn)
    strengths = tuple(float(one) for one in rng.lognormal(3.5, 0.6, len(movements)))
    # Each kind on each leg, so that every strip of a dashboard has something to show.
    events = [
        _event(rng, kind, length_s, leg)
        for kind in _LASTING_S
        for leg in ((Leg.BOTH,) if kind in _OF_BOTH else LEGS)
        if kind is not EventKind.CRAMP
    ]
    drawn_legs = [LEGS[int(rng.random() < 0.6)] for _ in range(1 + int(rng.poisson(per_night)))]
    events += [_event(rng, EventKind.CRAMP, length_s, leg) for leg in drawn_legs]
    return _Found(movements, strengths, tuple(sorted(events, key=lambda one: one.onset_ns)))


def _unseen(hours: float) -> _Found:
    """Return a night of which nothing was seen: an electrode off, and the other sensor not charged."""
    end_ns = ns(hours * 3600)
    lost = {EventKind.ELECTRODE_OFF: Leg.LEFT, EventKind.SIGNAL_GAP: Leg.RIGHT}
    return _Found((), (), tuple(Event(kind, f"{leg}-shin", leg, 0, end_ns, {}) for kind, leg in lost.items()))


def _apart(drawn: Sequence[LegMovement]) -> tuple[LegMovement, ...]:
    """Leave out what begins before the movement before it on the same leg is over."""
    kept: list[LegMovement] = []
    for leg in LEGS:
        free_ns = 0
        for one in sorted((one for one in drawn if one.leg is leg), key=lambda one: one.onset_ns):
            if one.onset_ns > free_ns:
                kept.append(one)
                free_ns = one.end_ns + NS_PER_S
    return tuple(sorted(kept, key=lambda one: one.onset_ns))


# Longest of each kind that is drawn, s.
_LASTING_S: Final = {
    EventKind.CRAMP: 140.0,
    EventKind.TONIC: 60.0,
    EventKind.TWITCH: 0.4,
    EventKind.BRIEF_JERK: 0.4,
    EventKind.RHYTHMIC_TRAIN: 20.0,
    EventKind.CLONUS: 6.0,
    EventKind.SHIFT: 8.0,
    EventKind.RESTLESSNESS: 90.0,
    EventKind.UPRIGHT: 400.0,
    EventKind.BED_EXIT: 420.0,
    EventKind.AWAKENING: 700.0,
    EventKind.POSSIBLE_EPISODE: 80.0,
    EventKind.NOT_WORN: 300.0,
    EventKind.ELECTRODE_OFF: 200.0,
    EventKind.SIGNAL_GAP: 240.0,
    EventKind.MARKER: 0.001,
}
_OF_BOTH: Final = frozenset({EventKind.BED_EXIT, EventKind.AWAKENING, EventKind.RESTLESSNESS})


def _event(rng: np.random.Generator, kind: EventKind, length_s: float, leg: Leg) -> Event:
    onset_ns = ns(float(rng.uniform(600, length_s - 900)))
    duration_s = float(rng.uniform(0.2, 1.0)) * _LASTING_S[kind]
    sensor = "" if leg is Leg.BOTH else f"{leg}-shin"
    measures = _measures(rng, kind, duration_s)
    quality = EventQuality.GOOD if rng.random() < 0.9 else EventQuality.LOW
    return Event(kind, sensor, leg, onset_ns, onset_ns + ns(duration_s), measures, quality)


def _measures(rng: np.random.Generator, kind: EventKind, duration_s: float) -> dict[str, float]:
    uv = float(rng.lognormal(3.5, 0.6))
    emg = {"peak_uv": 1.5 + uv, "mean_uv": uv / 2, "resting_uv": 1.5, "band_low_hz": 20.0, "band_high_hz": 200.0}
    if kind is EventKind.CRAMP:
        confidence = float(rng.uniform(0.3, 1.0))
        tier = float((confidence >= 0.5) + (confidence >= 0.75))
        # Some people press a key in the morning.
        word = {} if rng.random() < 0.5 else {"confirmed": float(rng.random() < 0.8)}
        return {**emg, **word, "confidence": confidence, "tier": tier, "ratio": uv / 1.5, "p95_uv": uv}
    told: dict[EventKind, dict[str, float]] = {
        EventKind.TONIC: emg,
        EventKind.RHYTHMIC_TRAIN: {**emg, "rate_hz": 1.2},
        EventKind.CLONUS: {**emg, "rate_hz": 5.5},
        EventKind.TWITCH: {"peak_uv": uv, "peak_to_peak_uv": 1.8 * uv, "noise_uv": 2.0, "transient": 0.0},
        EventKind.POSSIBLE_EPISODE: {"confidence": float(rng.uniform(0.3, 0.6)), "peak_g": 0.2, "held_s": duration_s},
        EventKind.SIGNAL_GAP: {"n_missing": round(duration_s * 500.0)},
        EventKind.SHIFT: {"orientation_change_deg": float(rng.uniform(20, 120)), "major": 1.0},
    }
    silent = {EventKind.MARKER, EventKind.AWAKENING, EventKind.ELECTRODE_OFF, EventKind.NOT_WORN}
    return told.get(kind, {} if kind in silent else {"peak_g": float(rng.uniform(0.02, 0.4))})


def _scored(found: _Found, whose: tuple[str, str, str], start_ns: int, hours: float, ago: int) -> list[Entry]:
    known = facts(found.movements, found.events)
    events = [*found.events, *_movement_events(found, known.wasm, known.aasm)]
    events += [event for event in known.events if event.kind is EventKind.PERIODIC_SERIES]
    entries = [event_entry(_at(event, start_ns), *whose) for event in events]
    length_s = hours * 3600
    wake = [(0.0, 900.0), (length_s / 2, length_s / 2 + 1200.0), (length_s - 600.0, length_s)]
    asleep = [(900.0, length_s / 2), (length_s / 2 + 1200.0, length_s - 600.0)]
    is_known = ago not in SLEEPLESS | DARK
    basis = basis_of("estimate", [span(*one) for one in asleep], [span(*one) for one in wake]) if is_known else None
    summary = numbers(known, _valid(hours, is_dark=ago in DARK), hours=hours, sleep=basis)
    stretches = sorted([(*one, "awake") for one in wake] + [(*one, "asleep") for one in asleep]) if is_known else []
    sleep = [(start_ns + ns(onset_s), start_ns + ns(end_s), state) for onset_s, end_s, state in stretches]
    course = NightCourse(INFO.utc_offset_s, sleep)
    span_ns = (start_ns, start_ns + ns(length_s))
    night = night_entry(summary, *whose, span_ns=span_ns, course=course)
    criteria = "wasm-2016" if whose[-1] != AGAIN else "wasm-2016, leg_movement.onset_uv = 12.0"
    scored_with = {"criteria": criteria, "version": "0.0.9" if ago > OLDER_VERSION else "0.1.0"}
    return [*entries, replace(night, body={**night.body, **scored_with})]


def _at(event: Event, start_ns: int) -> Event:
    return replace(event, onset_ns=start_ns + event.onset_ns, end_ns=start_ns + event.end_ns)


def _movement_events(found: _Found, wasm: Iterable[CombinedMovement], aasm: Iterable[CombinedMovement]) -> list[Event]:
    by_wasm, by_aasm = ({part: one for one in combined for part in one.parts} for combined in (wasm, aasm))
    return [
        Event(
            EventKind.LEG_MOVEMENT,
            one.sensor,
            one.leg,
            one.onset_ns,
            one.end_ns,
            _movement_measures(strength_uv, by_wasm[one], by_aasm[one]),
        )
        for one, strength_uv in zip(found.movements, found.strengths_uv, strict=True)
    ]


def _movement_measures(strength_uv: float, wasm: CombinedMovement, aasm: CombinedMovement) -> Mapping[str, float]:
    return {
        "peak_uv": 1.5 + strength_uv,
        "mean_uv": strength_uv / 2,
        "resting_uv": 1.5,
        "area_uv_s": strength_uv / 2 * wasm.duration_s,
        "clm": float(wasm.clm),
        "plm_wasm": float(wasm.plm),
        "plm_aasm": float(aasm.plm),
        "bilateral": float(wasm.leg is Leg.BOTH),
        "moved": 1.0,
        "moved_peak_g": 0.05,
        "in_cramp": 0.0,
        "in_train": 0.0,
    }


def _valid(hours: float, *, is_dark: bool) -> ValidTimes:
    """Return the valid time of two legs with two kinds of signal each; of a dark night there is none."""
    flags = [(slice(None), Flag.FLAT.value)] if is_dark else []
    kinds = [(leg, quantity) for leg in LEGS for quantity in (Quantity.EMG, Quantity.ACCELERATION)]
    return times(*(valid_time(leg, quantity, hours, flags) for leg, quantity in kinds))

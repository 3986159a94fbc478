"""Forty nights of a person, made from a seed: numbers, short spans of events and a diary; no night is anybody's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dashboards.diary import DiaryEntry
from dashboards.weeks import EventSpan, NightFigures
from detectors.events import EventKind
from detectors.signal import NS_PER_S, Leg
from tests.fake_diary import rating, remedy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.book import NightCard
    from detectors.events import Event

N_NIGHTS = 40
DAY_S = 86_400
NO_SIGNAL = "no valid signal"
NO_STAGES = "no sleep stages were given and there is no estimate of sleep"
TOO_SHORT = "2.4 h of valid signal, an index needs 4 h"
DARK_NIGHTS = frozenset({6, 27})
"""Nights before the newest without any valid signal: a sensor that nobody charged."""
SHORT_NIGHTS = frozenset({14})
"""Nights that are too short for an index per hour; what was counted is known."""
SLEEPLESS_NIGHTS = frozenset({9, 10})
"""Nights whose sleep nobody estimated."""
MAGNESIUM_UNTIL = 15
"""From the oldest night that many days ago to this one the diary says magnesium."""
OLDER_VERSION_UNTIL = 30
_RATES = ("lm_per_h", "clm_per_h", "plms_wasm_per_h", "plms_aasm_per_h", "periodicity_index")
_SLEEP = (
    "tst_est_h",
    "waso_est_min",
    "se_est_percent",
    "awakenings_est",
    "cramps_then_awake_est",
    "awake_after_cramps_est_min",
)
_COUNTS = (
    "cramp_probable",
    "cramp_possible",
    "cramp_total_s",
    "cramp_longest_s",
    "lm",
    "plm_wasm",
    "shifts",
    "bed_exits",
)
_OTHERS = ("longest_undisturbed_min", "fragmentation_index", "movement_index_percent")


@dataclass(frozen=True, slots=True)
class _Draw:
    """What is drawn for one night: how many days ago it was, its card, its hours, and the dice for the rest."""

    ago: int
    card: NightCard
    valid_h: float
    rng: np.random.Generator


def forty_nights(newest: NightCard, *, seed: int = 40, n_nights: int = N_NIGHTS) -> tuple[NightFigures, ...]:
    """Return nights that end with `newest`, oldest first, a day apart; the same seed gives the same nights."""
    return tuple(_night(newest, ago, np.random.default_rng((seed, ago))) for ago in reversed(range(n_nights)))


def span_of(event: Event) -> EventSpan | None:
    """Return the short form of an event; None for what no page shows."""
    tier = int(event.measures.get("tier", 0)) if event.kind is EventKind.CRAMP else 0
    if event.kind is EventKind.CRAMP and not tier:
        return None
    word = event.measures.get("confirmed")
    return EventSpan(event.kind, event.leg, event.onset_ns, event.end_ns, tier, None if word is None else bool(word))


def _night(newest: NightCard, ago: int, rng: np.random.Generator) -> NightFigures:
    late_s = 0 if ago == 0 else round(float(rng.normal(0, 1500)))
    start_ns = newest.start_ns + (late_s - ago * DAY_S) * NS_PER_S
    valid_h = {**dict.fromkeys(DARK_NIGHTS, 0.0), **dict.fromkeys(SHORT_NIGHTS, 2.4)}.get(
        ago, float(rng.uniform(5.6, 8.4))
    )
    long_s = round((valid_h or 7.0) * 3600 + float(rng.uniform(60, 900)))
    date = str(np.datetime64(start_ns // NS_PER_S + newest.utc_offset_s - DAY_S // 2, "s").astype("datetime64[D]"))
    card = replace(newest, night_id=date, start_ns=start_ns, end_ns=start_ns + long_s * NS_PER_S, running=False)
    draw = _Draw(ago, newest if ago == 0 and not newest.running else card, valid_h, rng)
    spans = _spans(draw) if valid_h else (_silence(draw.card),)
    version = "0.0.9" if ago >= OLDER_VERSION_UNTIL else "0.1.0"
    return NightFigures(draw.card, _summary(draw, spans), spans, _diary(draw, spans), "wasm-2016", version)


def _spans(draw: _Draw) -> tuple[EventSpan, ...]:
    card, rng = draw.card, draw.rng
    length_s = (card.end_ns - card.start_ns) / NS_PER_S
    # Fewer while the diary says magnesium: simulated, so that a page has something to draw.
    per_night = 1.4 if draw.ago >= MAGNESIUM_UNTIL else 2.6
    found = []
    for kind, n, longest_s in (
        (EventKind.CRAMP, rng.poisson(per_night), 140.0),
        (EventKind.LEG_MOVEMENT, rng.poisson(draw.valid_h * 18), 5.0),
        (EventKind.PERIODIC_SERIES, rng.poisson(2), 2400.0),
        (EventKind.SHIFT, rng.poisson(6), 8.0),
        (EventKind.AWAKENING, 0 if draw.ago in SLEEPLESS_NIGHTS else rng.poisson(2), 700.0),
        (EventKind.BED_EXIT, rng.poisson(0.6), 420.0),
        (EventKind.SIGNAL_GAP, rng.poisson(1), 240.0),
    ):
        for _ in range(n):
            onset_s = float(rng.uniform(60, length_s - 2700))
            found.append(_span(card, kind, onset_s, float(rng.uniform(0.1, 1)) * longest_s, rng))
    return tuple(sorted(found, key=lambda span: (span.onset_ns, span.kind, span.leg)))


def _span(card: NightCard, kind: EventKind, onset_s: float, lasts_s: float, rng: np.random.Generator) -> EventSpan:
    both = kind in {EventKind.PERIODIC_SERIES, EventKind.AWAKENING, EventKind.BED_EXIT}
    leg = Leg.BOTH if both else (Leg.LEFT, Leg.RIGHT)[int(rng.random() < 0.6)]
    onset_ns = card.start_ns + round(onset_s * NS_PER_S)
    tier = 1 + int(rng.random() < 0.7) if kind is EventKind.CRAMP else 0
    word = (None, True, False)[int(rng.choice(3, p=(0.6, 0.3, 0.1)))] if tier else None
    return EventSpan(kind, leg, onset_ns, onset_ns + round(lasts_s * NS_PER_S), tier, word)


def _silence(card: NightCard) -> EventSpan:
    return EventSpan(EventKind.SIGNAL_GAP, Leg.LEFT, card.start_ns, card.end_ns)


def _summary(draw: _Draw, spans: tuple[EventSpan, ...]) -> Mapping[str, object]:
    if not draw.valid_h:
        return _unknown(draw)
    # What the person denied is not counted.
    shown = [span for span in spans if span.tier and span.confirmed is not False]
    cramps = [(span.end_ns - span.onset_ns) / NS_PER_S for span in shown]
    n_of = {kind: sum(span.kind is kind for span in spans) for kind in EventKind}
    lm, valid_h, rng = n_of[EventKind.LEG_MOVEMENT], draw.valid_h, draw.rng
    waso_min = sum((s.end_ns - s.onset_ns) / NS_PER_S / 60 for s in spans if s.kind is EventKind.AWAKENING)
    known: dict[str, object] = {
        "cramp_probable": sum(span.tier > 1 for span in shown),
        "cramp_possible": sum(span.tier == 1 for span in shown),
        "cramp_total_s": sum(cramps),
        "cramp_longest_s": max(cramps, default=0.0),
        "lm": lm,
        "shifts": n_of[EventKind.SHIFT],
        "bed_exits": n_of[EventKind.BED_EXIT],
        "plm_wasm": round(0.55 * lm),
        "lm_per_h": lm / valid_h,
        "clm_per_h": 0.9 * lm / valid_h,
        "plms_wasm_per_h": 0.55 * lm / valid_h,
        "plms_aasm_per_h": 0.58 * lm / valid_h,
        "periodicity_index": float(rng.uniform(0.3, 0.85)),
        "tst_est_h": max(0.0, valid_h - 0.4 - waso_min / 60),
        "waso_est_min": waso_min,
        "se_est_percent": 100 * (1 - (0.4 + waso_min / 60) / valid_h),
        "awakenings_est": n_of[EventKind.AWAKENING],
        "cramps_then_awake_est": min(len(cramps), n_of[EventKind.AWAKENING]),
        "awake_after_cramps_est_min": 0.4 * waso_min if cramps else 0.0,
        "longest_undisturbed_min": float(rng.uniform(25, 150)),
        "fragmentation_index": float(rng.uniform(20, 55)),
        "movement_index_percent": float(rng.uniform(6, 22)),
    }
    if draw.ago not in SLEEPLESS_NIGHTS:
        known["by_hour_est"] = _hours(draw, shown)
    why = dict.fromkeys(_SLEEP, NO_STAGES) if draw.ago in SLEEPLESS_NIGHTS else {}
    if draw.ago in SHORT_NIGHTS:
        why |= dict.fromkeys(_RATES, TOO_SHORT)
    return {**_facts(draw), **known, **dict.fromkeys(why), "reasons": why}


def _hours(draw: _Draw, cramps: list[EventSpan]) -> list[dict[str, float]]:
    """Count cramps hour by hour, as if sleep began twenty minutes into the night."""
    onset_ns = draw.card.start_ns + 1200 * NS_PER_S
    at = [(span.onset_ns - onset_ns) // (3600 * NS_PER_S) for span in cramps]
    whole = int(draw.valid_h)
    return [{"hour": hour, "valid_h": 0.95, "cramps": at.count(hour)} for hour in range(whole)]


def _facts(draw: _Draw) -> dict[str, object]:
    streams = [f"{leg}-shin/{what}" for leg in ("left", "right") for what in ("emg", "acceleration")]
    grade = "A" if draw.valid_h >= 6 else "B" if draw.valid_h >= 4 else "C"
    return {
        "valid_h": dict.fromkeys(streams, round(draw.valid_h, 6)),
        "grade": dict.fromkeys(streams, grade),
        "night_grade": grade,
        "one_leg": False,
        "both_legs_h": round(draw.valid_h, 6),
        "sleep_basis": "recording" if draw.ago in SLEEPLESS_NIGHTS or not draw.valid_h else "estimate",
    }


def _unknown(draw: _Draw) -> Mapping[str, object]:
    why = dict.fromkeys((*_RATES, *_COUNTS, *_OTHERS), NO_SIGNAL) | dict.fromkeys(_SLEEP, NO_STAGES)
    return {**_facts(draw), **dict.fromkeys(why), "valid_h": {}, "grade": {}, "reasons": why}


def _diary(draw: _Draw, spans: tuple[EventSpan, ...]) -> tuple[DiaryEntry, ...]:
    card, rng = draw.card, draw.rng
    entries = []
    if draw.ago >= MAGNESIUM_UNTIL:
        entries.append(remedy(card.start_ns - 3600 * NS_PER_S))
    pressed = [span for span in spans if span.kind is EventKind.CRAMP and rng.random() < 0.5]
    entries += [DiaryEntry(span.onset_ns + 5 * NS_PER_S, "marker", "cramp") for span in pressed]
    if rng.random() < 0.8:
        entries.append(rating(card.end_ns + 600 * NS_PER_S, float(rng.integers(1, 6))))
    return tuple(sorted(entries, key=lambda entry: entry.time_ns))

"""A night's worth of entries, made from a seed, and what InfluxDB has to hold of them."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from detectors.events import Epoch, Event, EventKind, EventQuality, Step
from detectors.signal import NS_PER_S, Leg, Quantity
from ingest.decoders.base import Status, StatusKind
from ingest.night.entries import Entry, TopicKind, epoch_entry, event_entry, health_entry, night_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# The evening of 20 November 2026, UTC.
START_NS = 1_795_212_000 * NS_PER_S
WHOSE = ("p1", "2026-11-20", "default")
NS_PER_MS = 1_000_000
SUMMARY = {
    "valid_h": {"left-shin/emg": 7.5, "left-shin/acceleration": 7.75, "right-shin": 7.25},
    "grade": {"left-shin/emg": "A", "left-shin/acceleration": "A", "right-shin": "A"},
    "sleep_basis": "recording",
    "one_leg": False,
    "lm_per_h": 21.5,
    "clm_per_h": 17.25,
    "plms_wasm_per_h": 11.0,
    "plms_aasm_per_h": 12.5,
    "plmw_wasm_per_h": None,
    "periodicity_index": 0.4,
    "cramp_events": 3,
    "cramp_probable": 1,
    "cramp_possible": 2,
    "cramp_total_s": 95.5,
    "longest_undisturbed_min": 84.0,
    "imi_histogram": {"edges_s": [0.0, 2.0], "counts": [3]},
    "reasons": {"plmw_wasm_per_h": "no sleep stages were given"},
}


def generated_night(seed: int, n_movements: int = 150) -> list[Entry]:
    """Return entries in the order in which a collector writes them; many come again with a higher revision."""
    rng = random.Random(seed)  # noqa: S311 - a seeded night
    entries: list[Entry] = []
    onset_ns = START_NS
    for number in range(n_movements):
        onset_ns += rng.randrange(5 * NS_PER_S, 90 * NS_PER_S)
        event = _event(rng, number, onset_ns)
        entries.append(event_entry(event, *WHOSE))
        for revision in range(1, rng.randrange(1, 4)):
            later = {**event.measures, "clm": 1.0, "plm_wasm": float(rng.randrange(2)), "plm_aasm": 1.0}
            event = replace(event, measures=later, revision=revision)
            entries.append(event_entry(event, *WHOSE))
    for number in range(120):
        measures = {"envelope_mean_uv": rng.uniform(1, 5), "envelope_max_uv": 9.0, "resting_uv": 1.5}
        measures |= {"movement_max_g": 0.25, "valid_s": 30.0}
        leg = (Leg.LEFT, Leg.RIGHT)[number % 2]
        epoch = Epoch(f"{leg}-shin", leg, Quantity.EMG, START_NS + number // 2 * 30 * NS_PER_S, 30.0, measures)
        entries.append(epoch_entry(epoch, *WHOSE))
    for number in range(10):
        status = Status("left-shin", StatusKind.BATTERY, 0, "", {"battery_pct": 90.0 - number})
        entries.append(health_entry(status, *WHOSE[:2], time_ns=START_NS + number * 600 * NS_PER_S))
    entries.append(night_entry(SUMMARY, *WHOSE, span_ns=(START_NS, START_NS + 8 * 3600 * NS_PER_S)))
    return entries


def _event(rng: random.Random, number: int, onset_ns: int) -> Event:
    kind = EventKind.CRAMP if number % 29 == 28 else EventKind.LEG_MOVEMENT
    leg = rng.choice((Leg.LEFT, Leg.RIGHT))
    measures = {"peak_uv": rng.uniform(10, 200), "mean_uv": float(rng.randrange(5, 50))}
    if kind is EventKind.CRAMP:
        measures |= {"confidence": rng.random(), "tier": float(rng.randrange(3))}
    length_ns = rng.randrange(NS_PER_S // 2, 40 * NS_PER_S)
    quality = rng.choice(list(EventQuality))
    why = (Step("onset_uv", measures["peak_uv"], 8.0, held=True),)
    return Event(kind, f"{leg}-shin", leg, onset_ns, onset_ns + length_ns, measures, quality, why)


def newest(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Return the newest revision of each key."""
    kept: dict[str, Entry] = {}
    for entry in entries:
        if entry.key not in kept or kept[entry.key].revision < entry.revision:
            kept[entry.key] = entry
    return kept


def expected_rows(entries: Iterable[Entry], site: str = "home") -> list[dict[str, Any]]:
    """Return the rows of leg_event that these entries must make, written down independently of the program."""
    rows = []
    for entry in newest(entries).values():
        if entry.topic_kind is not TopicKind.EVENT:
            continue
        body: dict[str, Any] = dict(entry.body)
        rows.append(
            {
                "time": body["onset_ns"],
                "site": site,
                "person": entry.person,
                "scoring": entry.scoring,
                "kind": body["kind"],
                "sensor": body["sensor"],
                "leg": body["leg"],
                "duration_s": (body["end_ns"] - body["onset_ns"]) / NS_PER_S,
                "end_ms": body["end_ns"] // NS_PER_MS,
                "quality": body["quality"],
                "revision": entry.revision,
                "valid": int(entry.valid),
                **body["measures"],
            }
        )
    return by_time(rows)


def by_time(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows without empty fields, in a fixed order."""
    full = [{name: value for name, value in row.items() if value is not None} for row in rows]
    return sorted(full, key=lambda row: (row["time"], row["kind"], row["sensor"]))

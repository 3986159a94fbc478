"""A data folder with any number of nights of one person, from a seed: files and journal, but no packets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.criteria import named
from detectors.events import Event, EventKind, Step
from detectors.recording import steady_clock
from detectors.signal import NS_PER_S, Leg, Quantity, Stream, Unit
from detectors.track import Track, TrackName
from ingest.decoders.base import Marker, Status, StatusKind
from ingest.night.certificate import CERTIFICATE_FORMAT
from ingest.night.entries import event_entry, health_entry, marker_entry
from ingest.night.folder import NightFolder
from ingest.night.journal import Journal
from ingest.notes import Note, note_entry
from soleus.config import Config
from soleus.effective import effective
from soleus.nights import journal_path, nights_dir
from soleus.settings import Settings
from tests.night_log import INFO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ingest.night.entries import Entry
    from ingest.night.folder import NightInfo

CRITERIA = named("wasm-2016")
FIRST = datetime(2025, 9, 1, 20, 30, tzinfo=UTC)
LASTS_S = 28_800
GAP_S = (3_600.0, 3_720.0)
"""When the left sensor of every night is away."""


@dataclass(frozen=True, slots=True)
class Made:
    """How much there is in each night."""

    n_events: int = 12
    n_minutes: int = 5
    tracks: bool = False


def made_folder(top: Path, n_nights: int, made: Made = Made()) -> Settings:
    """Fill a data folder and return its settings; the last night is the newest."""
    settings = Settings(person="p1", data_dir=top)
    top.mkdir(exist_ok=True)
    config = effective(Config(settings, CRITERIA, {}))
    with Journal(journal_path(settings)) as journal:
        for number in range(n_nights):
            info = made_info(number)
            folder = NightFolder(nights_dir(settings) / info.night)
            folder.write_info(info)
            folder.write_config(config)
            folder.write_summary(_summary(info, made.n_events))
            folder.write_certificate(_certificate(info))
            if made.tracks:
                write_tracks(folder, info)
            journal.put(made_entries(info, made))
    return settings


def made_info(number: int) -> NightInfo:
    start = FIRST + timedelta(days=number)
    return replace(INFO, night=f"{start:%Y-%m-%d-%H%M%S}", start_ns=int(start.timestamp()) * NS_PER_S, version="0.0.9")


def made_events(info: NightInfo, n_events: int) -> tuple[Event, ...]:
    """Movements, and a cramp of each tier in turn for every tenth of them, and one gap."""
    rng = np.random.default_rng(info.start_ns % 2**32)
    events = []
    for number, onset_s in enumerate(np.sort(rng.uniform(0, LASTS_S - 60, n_events))):
        leg = (Leg.LEFT, Leg.RIGHT)[number % 2]
        onset_ns = info.start_ns + round(float(onset_s) * NS_PER_S)
        tenth, is_tenth = divmod(number, 10)[0], number % 10 == 0
        kind = EventKind.CRAMP if is_tenth else EventKind.LEG_MOVEMENT
        measures = {"peak_uv": 41.5, "mean_uv": 22.0, "resting_uv": 1.6, "clm": 1.0, "plm_wasm": 0.0, "moved": 1.0}
        tier = {"tier": float(2 - tenth % 3), "confidence": 0.7} if is_tenth else {}
        why = (Step("onset_uv", 41.5, 9.6, held=True), Step("duration_s", 2.0, 0.5, held=True)) * 3
        events.append(Event(kind, f"{leg}-shin", leg, onset_ns, onset_ns + 2 * NS_PER_S, {**measures, **tier}, why=why))
    onset_ns, end_ns = (info.start_ns + round(at_s * NS_PER_S) for at_s in GAP_S)
    measures = {"duration_s": GAP_S[1] - GAP_S[0]}
    return (*events, Event(EventKind.SIGNAL_GAP, "left-shin", Leg.LEFT, onset_ns, end_ns, measures))


def made_entries(info: NightInfo, made: Made) -> list[Entry]:
    whose = (info.person, info.night)
    events = [event_entry(event, *whose, info.scoring) for event in made_events(info, made.n_events)]
    note = note_entry(Note("remedy", "magnesium", {"dose_mg": 300.0}, None), info.start_ns - 3600 * NS_PER_S, *whose)
    button = marker_entry(Marker("left-shin", info.start_ns + 5 * NS_PER_S, "cramp"), *whose)
    return [*events, note, button, *made_minutes(info, made.n_minutes)]


def made_minutes(info: NightInfo, n_minutes: int) -> Iterator[Entry]:
    """The second minute of the left sensor lacks half, and nobody knows its signal strength."""
    for minute in range(n_minutes):
        for sensor in info.sensors:
            half = minute == 1 and sensor.leg is Leg.LEFT
            values = {
                "minute_s": 60.0,
                "linked_share": 0.5 if half else 1.0,
                "n_expected": 33_000.0,
                "n_received": 16_500.0 if half else 33_000.0,
                "longest_silence_s": 30.0 if half else 0.2,
                "battery_pct": 90.0 - minute,
                **({} if half else {"rssi_dbm": -60.0}),
            }
            said = Status(sensor.name, StatusKind.MINUTE, 0, "battery and link", values)
            yield health_entry(said, info.person, info.night, time_ns=info.start_ns + minute * 60 * NS_PER_S)


def _summary(info: NightInfo, n_events: int) -> dict[str, Any]:
    shown = [event for event in made_events(info, n_events) if event.measures.get("tier")]
    cramps = [
        {
            "leg": str(event.leg),
            "tier": int(event.measures["tier"]),
            "onset_s": (event.onset_ns - info.start_ns) / NS_PER_S,
            "duration_s": event.duration_s,
        }
        for event in shown
    ]
    n_probable = sum(event.measures["tier"] > 1 for event in shown)
    counts = {"cramps": cramps, "cramp_probable": n_probable, "cramp_possible": len(shown) - n_probable}
    # As many values as the summary of a real night has.
    bulk = {f"number_{n}": 1.25 * n for n in range(300)}
    summary = {**counts, **bulk, "lm_per_h": 12.5, "night_grade": "A", "reasons": {}}
    return {"start_ns": info.start_ns, "end_ns": info.start_ns + LASTS_S * NS_PER_S, "final": True, "summary": summary}


def _certificate(info: NightInfo) -> dict[str, Any]:
    return {
        "format": CERTIFICATE_FORMAT,
        "version": "0.1.0",
        "start_ns": info.start_ns,
        "end_ns": info.start_ns + LASTS_S * NS_PER_S,
        "verdict": "7 h 58 min of 8 h 00 min, 99.5 %; 1 gap, longest 2 min 00 s",
        "sensors": [
            {
                "sensor": sensor.name,
                "missing_s": {},
                "link_losses": [{"time_ns": info.start_ns, "reason": "the link was lost", "links": 2, "away_s": 120.0}],
                "streams": [_stream(info, 500, away=sensor.leg is Leg.LEFT), _stream(info, 50, away=False)],
            }
            for sensor in info.sensors
        ],
    }


def _stream(info: NightInfo, fs_hz: int, *, away: bool) -> dict[str, Any]:
    n_missing = fs_hz * round(GAP_S[1] - GAP_S[0]) if away else 0
    start_ns = info.start_ns + round(GAP_S[0] * NS_PER_S)
    gap = {"start_ns": start_ns, "length_s": GAP_S[1] - GAP_S[0], "n_missing": n_missing, "cause": "reconnect"}
    clock = {"n_minima": 900, "slope_ppm": 11.0 if fs_hz == 500 else -4.0}
    whole = {"start_ns": info.start_ns, "end_ns": info.start_ns + LASTS_S * NS_PER_S, "clock": clock}
    first = {**whole, "end_ns": start_ns, "clock": {**clock, "slope_ppm": 99.0}}
    return {
        "expected": fs_hz * LASTS_S,
        "received": fs_hz * LASTS_S - n_missing,
        "missing": n_missing,
        "recovered_at_once": 40,
        "recovered_late": 2,
        "gaps": [gap] if away else [],
        "segments": [first, whole],
    }


def write_tracks(folder: NightFolder, info: NightInfo) -> None:
    rng = np.random.default_rng(8)
    store = folder.tracks()
    clock = steady_clock(info.start_ns, 100.0)
    for sensor in info.sensors:
        for name in (TrackName.ENVELOPE_UV, TrackName.RESTING_UV, TrackName.MOVEMENT_G, TrackName.TILT_DEG):
            stream = Stream(sensor.name, sensor.leg, sensor.site, Quantity.EMG, Unit.MICROVOLT, ("ch1",), 100.0)
            values = rng.gamma(2, 1, LASTS_S)
            store.append(Track(stream, clock, name, 0, 100, values, np.zeros(LASTS_S, np.uint16)))
    store.close()

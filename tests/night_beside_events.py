"""What a made night sends besides events and numbers: epochs, health of the sensors, and a diary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detectors.events import Epoch
from detectors.signal import NS_PER_S, Leg, Quantity
from ingest.decoders.base import Marker, Status, StatusKind
from ingest.night.entries import epoch_entry, health_entry, marker_entry
from ingest.notes import Note, note_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from ingest.night.entries import Entry

EPOCH_S: Final = 30
# An epoch in six minutes and a minute in ten: enough to draw, and a night takes a broker a fraction of a second.
EPOCH_EVERY_S: Final = 360
MINUTE_EVERY_S: Final = 600
LEGS: Final = (Leg.LEFT, Leg.RIGHT)


def beside(
    rng: np.random.Generator,
    whose: tuple[str, str, str],
    span_ns: tuple[int, int],
    *,
    is_dark: bool,
    with_remedy: bool,
) -> list[Entry]:
    """Return the entries of a night that are no events; when it is dark one sensor is silent and one bad."""
    start_ns, end_ns = span_ns
    length_s = (end_ns - start_ns) // NS_PER_S
    worn = LEGS[:1] if is_dark else LEGS
    entries = [
        epoch_entry(epoch, *whose)
        for at_s in range(0, length_s, EPOCH_EVERY_S)
        for leg in worn
        for epoch in _epochs(rng, leg, start_ns + at_s * NS_PER_S, quality=0.0 if is_dark else float(at_s % 7 > 0) + 1)
    ]
    for leg in LEGS:
        for status, at_s in _said(rng, f"{leg}-shin", length_s, is_silent=leg not in worn):
            entries.append(health_entry(status, *whose[:2], time_ns=start_ns + at_s * NS_PER_S))
    return [*entries, *_diary(rng, whose, span_ns, with_remedy=with_remedy)]


def _epochs(rng: np.random.Generator, leg: Leg, start_ns: int, quality: float) -> Iterator[Epoch]:
    level_uv = float(rng.lognormal(0.6, 0.5))
    emg = {"envelope_mean_uv": level_uv, "envelope_max_uv": 3 * level_uv, "resting_uv": 1.5, "line_ratio": 0.1}
    tilt = {"movement_mean_g": 0.01, "movement_max_g": float(rng.uniform(0.0, 0.3)), "tilt_deg": 90.0}
    for quantity, measures in ((Quantity.EMG, emg), (Quantity.ACCELERATION, tilt)):
        whole = {**measures, "valid_s": float(EPOCH_S), "quality_class": quality}
        yield Epoch(f"{leg}-shin", leg, quantity, start_ns, float(EPOCH_S), whole)


def _said(rng: np.random.Generator, sensor: str, length_s: int, *, is_silent: bool) -> Iterator[tuple[Status, int]]:
    if is_silent:
        yield (
            Status(sensor, StatusKind.AWAY, 0, "not seen since the night began", {"away_s": 600.0, "is_over": 0.0}),
            600,
        )
    # Of a silent sensor every minute of the first hour and up to the end: who watches over sensors adds them up.
    last_s = 1260 if is_silent else 0
    silent = {*range(0, 3600, 60), *range(length_s - 60, length_s - last_s, -60)} if is_silent else ()
    minutes = {*range(0, length_s - last_s, MINUTE_EVERY_S), *silent}
    for at_s in sorted(minutes):
        minute = _minute(rng, at_s / length_s, linked_share=0.0 if is_silent else 1.0)
        yield Status(sensor, StatusKind.MINUTE, 0, "battery and link", minute), at_s
    if is_silent:
        return
    yield Status(sensor, StatusKind.LINK, 0, "up", {"up": 1.0, "mtu": 247.0}), 1
    yield Status(sensor, StatusKind.LINK, 0, "down: connection lost", {"up": 0.0}), length_s // 3
    yield Status(sensor, StatusKind.AWAY, 0, "away for 75 s", {"away_s": 75.0, "is_over": 1.0}), length_s // 3 + 75
    yield Status(sensor, StatusKind.MALFORMED, 0, "a packet of 3 bytes", {"count": 1.0}), length_s // 3 + 80
    yield Status(sensor, StatusKind.LEAD_OFF, 0, "electrode off", {"lead_off": 1.0}), length_s // 2
    yield Status(sensor, StatusKind.LEAD_OFF, 0, "electrode back", {"lead_off": 0.0}), length_s // 2 + 40
    yield Status(sensor, StatusKind.REBOOT, 0, "the counter began again", {}), length_s * 2 // 3


def _minute(rng: np.random.Generator, share: float, linked_share: float) -> dict[str, float]:
    n_expected = 33_000.0
    lost = float(rng.poisson(40)) * linked_share
    told = {
        "battery_pct": 95.0 - 30.0 * share,
        "battery_mv": 4050.0 - 300.0 * share,
        "temperature_c": 31.0,
        "rssi_dbm": -60.0 - float(rng.uniform(0, 20)),
        "queue_pct": 2.0,
        "clock_ppm": 12.0,
        "clock_spread_ms": 1.5,
    }
    return {
        "minute_s": 60.0,
        "linked_share": linked_share,
        "n_expected": n_expected * linked_share,
        "n_received": n_expected * linked_share - lost,
        "n_lost_air": lost,
        "n_lost_device": 0.0,
        "n_lost_reconnect": 25.0 * linked_share,
        "n_lost_malformed": 0.0,
        "n_duplicate": 0.0,
        "n_malformed": 0.0,
        "n_late": 12.0 * linked_share,
        "n_lead_off": 0.0,
        "n_device": 0.0,
        "notifications_per_s": 5.6 * linked_share,
        "longest_silence_s": 0.3 if linked_share else 60.0,
        **(told if linked_share else {}),
    }


def _diary(
    rng: np.random.Generator, whose: tuple[str, str, str], span_ns: tuple[int, int], *, with_remedy: bool
) -> Iterator[Entry]:
    start_ns, end_ns = span_ns
    person, night, _ = whose
    if with_remedy:
        remedy = Note("remedy", "magnesium", {"dose_mg": 300.0}, None)
        yield note_entry(remedy, start_ns - 3600 * NS_PER_S, person, night)
        period = Note("period", "with magnesium", {"duration_h": 24.0}, None)
        yield note_entry(period, start_ns - 8 * 3600 * NS_PER_S, person, night)
    written = (
        (Note("caffeine", "one cup", {"dose_mg": 40.0}, None), start_ns - 5 * 3600 * NS_PER_S),
        (Note("medicine", "as every evening", {}, None), start_ns - 1800 * NS_PER_S),
        (Note("cramp", "right calf", {"intensity_1_10": 6.0, "pain_0_10": 5.0}, None), start_ns + 9000 * NS_PER_S),
        (Note("note", "slept badly", {}, None), end_ns + 300 * NS_PER_S),
        (Note("rating", "", {"sleep_quality": float(rng.integers(1, 6))}, None), end_ns + 600 * NS_PER_S),
    )
    for note, time_ns in written:
        yield note_entry(note, time_ns, person, night)
    yield marker_entry(Marker("page", start_ns + 8990 * NS_PER_S, "cramp"), person, night)

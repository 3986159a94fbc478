"""A night as plain JSON values, and the columns of its tracks and raw samples."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dashboards.web.classes import TEXTS, class_of, title_of, word_of
from dashboards.web.columns import Column, encode, min_max
from dashboards.web.diary_cramps import beside
from dashboards.web.numbers import headline, status
from detectors.signal import NS_PER_S
from detectors.track import TrackName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dashboards.book import NightCard, NightView
    from dashboards.diary import DiaryEntry
    from dashboards.signals import ExtremesView, RawView, Stretch, TrackView
    from detectors.events import Event

DRAWN = frozenset({TrackName.ENVELOPE_UV, TrackName.RESTING_UV, TrackName.MOVEMENT_G, TrackName.TILT_DEG})
STEADY = frozenset({TrackName.RESTING_UV, TrackName.TILT_DEG})
"""Of a position or a level no value stands out; of everything else the highest does."""
LEVELS = frozenset({"onset_uv", "offset_uv", "onset_g", "offset_g"})
"""Rules whose thresholds are levels of a signal: the page draws them as lines."""
FULL_RATE_S = 60.0
"""Raw stretches up to this length are sent sample by sample; longer ones as lowest and highest of each bucket."""
LONGEST_RAW_S = 600.0
BUCKETS = 4000
"""Buckets of a long raw stretch: twice the pixels of a wide screen."""


def event_id(event: Event) -> str:
    """Return the key of an event as one piece of a URL path."""
    return f"{event.onset_ns}/{event.kind}/{event.leg}/{event.sensor}"


def find_event(view: NightView, wanted: str) -> Event:
    """Return the event of an id.

    Raises
    ------
    KeyError
        If the night has no such event.
    """
    for event in view.events:
        if event_id(event) == wanted:
            return event
    raise KeyError(wanted)


def seconds_of(card: NightCard, t_ns: int) -> float:
    """Return time since the start of the night, s: what the page counts in, as ns do not fit a browser's number."""
    return (t_ns - card.start_ns) / NS_PER_S


def _finite(value: object) -> object:
    """Return JSON's null for numbers that JSON cannot write."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return value


def _event_json(card: NightCard, event: Event) -> dict[str, object]:
    return {
        "id": event_id(event),
        "kind": event.kind,
        "class": class_of(event),
        "title": title_of(event),
        "leg": event.leg,
        "sensor": event.sensor,
        "onset_s": seconds_of(card, event.onset_ns),
        "end_s": seconds_of(card, event.end_ns),
        "quality": event.quality,
        "revision": event.revision,
        "confirmed": word_of(event),
        "measures": {key: _finite(float(value)) for key, value in event.measures.items()},
        "levels": {step.rule: _finite(float(step.threshold)) for step in event.why if step.rule in LEVELS},
    }


def night_json(view: NightView, diary: Sequence[DiaryEntry] = ()) -> dict[str, object]:
    """Return the facts that the page draws; cramp-like candidates of the lowest tier carry the class null."""
    card = view.card
    return {
        "night": card.night_id,
        "start_ns": str(card.start_ns),
        "duration_s": seconds_of(card, card.end_ns),
        "utc_offset_s": card.utc_offset_s,
        "running": card.running,
        "simulated": card.simulated,
        "status": status(view),
        "headline": headline(view),
        "criteria": view.criteria,
        "version": view.version,
        "sensors": [{"name": s.name, "leg": s.leg, "site": s.site} for s in view.sensors],
        "classes": [{"name": name, "legend": text.legend, "lane": text.lane} for name, text in TEXTS.items()],
        "summary": {key: _finite(value) for key, value in view.summary.items()},
        "events": [_event_json(card, event) for event in view.events],
        "sleep": [
            {
                "onset_s": seconds_of(card, span.onset_ns),
                "end_s": seconds_of(card, span.end_ns),
                "asleep": span.asleep,
                "uncertain": span.uncertain,
            }
            for span in view.sleep
        ],
        "diary": [
            {
                "at_s": seconds_of(card, entry.time_ns),
                "key": entry.key,
                "kind": entry.kind,
                "text": entry.text,
                "values": {key: _finite(float(value)) for key, value in entry.values.items()},
                "words": dict(entry.words),
            }
            for entry in diary
        ],
        "beside": beside(view.events, diary).counts._asdict(),
    }


def track_columns(card: NightCard, tracks: Sequence[TrackView], since_s: float, points: int | None = None) -> bytes:
    """Return the values that begin at or after `since_s`; ``first`` says how many were left out before them.

    With `points` each track has as many values at most, each the one of its bucket that a chart would show; the header
    says whether that is the ``whole`` of them. The buckets of all tracks are alike, so that what belongs together
    stays together where one of them is a value longer.
    """
    drawn = [track for track in tracks if track.name in DRAWN]
    longest = max((len(track.values) for track in drawn), default=0)
    size = 1 if points is None else max(1, math.ceil(longest / points))
    columns = [_track_column(card, track, since_s, size) for track in drawn]
    return encode(columns, {"running": card.running, "whole": size == 1})


def _track_column(card: NightCard, track: TrackView, since_s: float, size: int) -> Column:
    values, hop_s = of_buckets(track.values, size, steady=track.name in STEADY), track.hop_s * size
    start_s = seconds_of(card, track.start_ns)
    first = min(max(0, math.ceil((since_s - start_s) / hop_s)), len(values))
    facts = {"sensor": track.sensor, "leg": track.leg, "name": track.name, "start_s": start_s, "hop_s": hop_s}
    return Column({**facts, "first": first}, values[first:])


def of_buckets(values: NDArray[np.float32], size: int, *, steady: bool) -> NDArray[np.float32]:
    """Return of each bucket the highest value, of a steady track the first; NaN where nothing was measured.

    Parameters
    ----------
    values : ndarray of float32, shape (n,)
        Values of a track.
    size : int
        So many values are a bucket.
    steady : bool
        Whether no value of the track stands out.

    Returns
    -------
    ndarray of float32, shape (n / size, rounded up)
        One value per bucket.
    """
    if size == 1:
        return values
    n = math.ceil(len(values) / size)
    filled = np.full(n * size, np.nan, np.float32)
    filled[: len(values)] = values
    rows = filled.reshape(n, size)
    found: NDArray[np.float32] = (
        rows[np.arange(n), np.argmax(np.isfinite(rows), axis=1)] if steady else np.fmax.reduce(rows, axis=1)
    )
    return found


def raw_columns(card: NightCard, stretch: Stretch) -> bytes:
    """Return raw samples, one column per axis (``low`` and ``high`` where the stretch is long), then tracks."""
    columns = [column for signal in stretch.signals for column in _signal_columns(card, signal)]
    columns += [
        Column(
            {
                "sensor": track.sensor,
                "leg": track.leg,
                "name": track.name,
                "start_s": seconds_of(card, track.start_ns),
                "hop_s": track.hop_s,
            },
            track.values,
        )
        for track in stretch.tracks
    ]
    return encode(columns)


def extremes_columns(card: NightCard, found: Sequence[ExtremesView]) -> bytes:
    """Return the lowest and the highest of each bucket, two columns per axis, as of a long raw stretch.

    The header says whether that is the ``whole`` stretch, where there is anything of it.
    """
    columns = [
        Column(
            {
                "sensor": stream.sensor,
                "leg": stream.leg,
                "quantity": stream.quantity,
                "unit": stream.unit,
                "start_s": seconds_of(card, stream.start_ns),
                "hop_s": stream.hop_s,
                "axis": axis,
                "extreme": extreme,
            },
            values[:, i],
        )
        for stream in found
        for i, axis in enumerate(stream.axes)
        for extreme, values in (("low", stream.low), ("high", stream.high))
    ]
    return encode(columns, {"whole": all(stream.whole for stream in found)} if found else None)


def _signal_columns(card: NightCard, signal: RawView) -> list[Column]:
    facts = {
        "sensor": signal.sensor,
        "leg": signal.leg,
        "quantity": signal.quantity,
        "unit": signal.unit,
        "start_s": seconds_of(card, signal.start_ns),
    }
    if len(signal.data) <= FULL_RATE_S * signal.fs_hz:
        hop = {"hop_s": 1 / signal.fs_hz}
        return [Column({**facts, **hop, "axis": axis}, signal.data[:, i]) for i, axis in enumerate(signal.axes)]
    reduced = min_max(np.asarray(signal.data), BUCKETS)
    hop = {"hop_s": reduced.bucket / signal.fs_hz}
    return [
        Column({**facts, **hop, "axis": axis, "extreme": extreme}, values[:, i])
        for i, axis in enumerate(signal.axes)
        for extreme, values in (("low", reduced.low), ("high", reduced.high))
    ]

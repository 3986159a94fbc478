"""A scored recording as one JSON object, and what differs between two of them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.signal import NS_PER_S
from soleus import __version__
from soleus.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from detectors.criteria import Criteria
    from detectors.events import Event
    from detectors.pipeline import Score
    from detectors.recording import Recording

# What two events must share to be the same event at another time.
SAME = ("kind", "leg", "sensor")


def result(recording: Recording, criteria: Criteria, score: Score) -> dict[str, Any]:
    """Return a scored recording as plain values.

    Parameters
    ----------
    recording : Recording
        What was scored.
    criteria : Criteria
        What it was scored with.
    score : Score
        What was found.

    Returns
    -------
    dict
        Keys ``recording``, ``criteria``, ``version``, ``events``, ``summary``; onsets in seconds
        from the start of the recording.
    """
    return {
        "recording": {
            "file": recording.name,
            "start": datetime.fromtimestamp(recording.start_ns / NS_PER_S, UTC).isoformat().replace("+00:00", "Z"),
            "duration_s": recording.duration_s,
            "streams": [
                {
                    "sensor": source.stream.sensor,
                    "leg": source.stream.leg,
                    "site": source.stream.site,
                    "quantity": source.stream.quantity,
                    "unit": source.stream.unit,
                    "fs_hz": source.stream.fs_hz,
                    "n_samples": source.n_samples,
                }
                for source in recording.sources
            ],
        },
        "criteria": asdict(criteria),
        "version": __version__,
        "events": event_rows(score.events, recording.start_ns),
        "summary": dict(score.summary),
    }


def dumps(value: object) -> str:
    """Return a value as one line of JSON, the same for the same value.

    Parameters
    ----------
    value : object
        Plain values; numpy's scalars are taken as well.

    Returns
    -------
    str
        One line.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    return json.dumps(value, allow_nan=False, default=_plain, separators=(", ", ": "))


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    msg = f"{value!r} has no place in a result"
    raise TypeError(msg)


def event_rows(events: Iterable[Event], start_ns: int) -> list[dict[str, Any]]:
    """Return events as plain values, their times in seconds from `start_ns` (UTC, ns)."""
    return [_event(event, start_ns) for event in events]


def _event(event: Event, start_ns: int) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "leg": event.leg,
        "sensor": event.sensor,
        "onset_s": (event.onset_ns - start_ns) / NS_PER_S,
        "end_s": (event.end_ns - start_ns) / NS_PER_S,
        "quality": event.quality,
        "measures": {name: event.measures[name] for name in sorted(event.measures)},
    }


@dataclass(frozen=True, slots=True)
class Difference:
    """What happened to the events between two results of the same recording.

    Parameters
    ----------
    added, lost : tuple of mapping
        Events that only the new, or only the other result has.
    moved : tuple of (mapping, mapping)
        Events that overlap and have another onset or end: the other's, the new one's.
    kept : int
        How many are the same.
    """

    added: tuple[Mapping[str, Any], ...]
    lost: tuple[Mapping[str, Any], ...]
    moved: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...]
    kept: int


def difference(events: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]]) -> Difference:
    """Compare the events of two results.

    Parameters
    ----------
    events, others : sequence of mapping
        The ``events`` of the new and of the other result.

    Returns
    -------
    Difference
        Which events came, went, moved and stayed. One event is paired with the one of the same
        kind, leg and sensor that it overlaps most, largest overlaps first.

    Examples
    --------
    >>> def lm(onset_s, end_s):
    ...     return {"kind": "leg_movement", "leg": "left", "sensor": "a", "onset_s": onset_s, "end_s": end_s}
    >>> found = difference([lm(0, 1), lm(5, 7)], [lm(0, 1), lm(6, 7), lm(9, 10)])
    >>> found.kept, len(found.moved), len(found.lost), len(found.added)
    (1, 1, 1, 0)
    """
    pairs = [
        (_overlap_s(new, old), i, j)
        for i, new in enumerate(events)
        for j, old in enumerate(others)
        if all(new[key] == old[key] for key in SAME) and _overlap_s(new, old) > 0
    ]
    partners: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if i not in partners and j not in taken:
            partners[i] = j
            taken.add(j)
    moved = [(others[j], events[i]) for i, j in sorted(partners.items()) if _span(events[i]) != _span(others[j])]
    return Difference(
        added=tuple(event for i, event in enumerate(events) if i not in partners),
        lost=tuple(event for j, event in enumerate(others) if j not in taken),
        moved=tuple(moved),
        kept=len(partners) - len(moved),
    )


def _span(event: Mapping[str, Any]) -> tuple[float, float]:
    return event["onset_s"], event["end_s"]


def _overlap_s(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    if _span(one) == _span(other):
        # The same event, even where it has no length; nothing overlaps it better.
        return float("inf")
    return float(min(one["end_s"], other["end_s"]) - max(one["onset_s"], other["onset_s"]))


def read_events(path: Path, recording: str) -> list[dict[str, Any]]:
    """Read the events of one recording from what ``soleus score --format json`` wrote.

    Parameters
    ----------
    path : Path
        One JSON object per line.
    recording : str
        The file that was scored; looked up by its name where the result holds several.

    Returns
    -------
    list of dict
        Its events.

    Raises
    ------
    ConfigError
        If it is no such file, or the recording is not in it.
    """
    try:
        results = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        named = {Path(one["recording"]["file"]).name: one["events"] for one in results}
        spans = [_span(event) + tuple(event[key] for key in SAME) for events in named.values() for event in events]
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"--diff {path}: cannot be read as the output of `soleus score --format json`: {error}"
        raise ConfigError(msg) from error
    name = Path(recording).name
    if name not in named and len(named) != 1:
        msg = f"--diff {path}: holds {', '.join(sorted(named))} ({len(spans)} events), expected {name}"
        raise ConfigError(msg)
    events: list[dict[str, Any]] = named[name] if name in named else next(iter(named.values()))
    return events

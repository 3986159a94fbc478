"""A scored recording as one JSON object, and what differs between two of them."""

from __future__ import annotations

import json
import math
from bisect import bisect_left, bisect_right
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import accumulate, chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.signal import NS_PER_S
from soleus import __version__
from soleus.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from detectors.criteria import Criteria
    from detectors.events import Event
    from detectors.pipeline import Score
    from detectors.recording import Recording
    from detectors.signal import Stream

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

    See Also
    --------
    soleus.explanation : The same events with the reasons for them.
    """
    return {
        "recording": {
            "file": recording.name,
            "start": datetime.fromtimestamp(recording.start_ns / NS_PER_S, UTC).isoformat().replace("+00:00", "Z"),
            "duration_s": recording.duration_s,
            "streams": [stream_row(source.stream, source.n_samples) for source in recording.sources],
        },
        "criteria": asdict(criteria),
        "version": __version__,
        "events": event_rows(score.events, recording.start_ns),
        "summary": dict(score.summary),
    }


def stream_row(stream: Stream, n_samples: int) -> dict[str, Any]:
    """Return a stream and its length in samples as plain values."""
    return {
        "sensor": stream.sensor,
        "leg": stream.leg,
        "site": stream.site,
        "quantity": stream.quantity,
        "unit": stream.unit,
        "fs_hz": stream.fs_hz,
        "n_samples": n_samples,
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
    if isinstance(value, type):
        # The class of a plug-in.
        return f"{value.__module__}:{value.__qualname__}"
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
    partners: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in sorted(_overlaps(events, others), key=lambda pair: (-pair[0], pair[1], pair[2])):
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


def _overlaps(
    events: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[float, int, int]]:
    """Yield the overlap, s, and the two positions of each pair that could be the same event."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for j in sorted(range(len(others)), key=lambda j: _span(others[j])):
        groups.setdefault(_same(others[j]), []).append(j)
    onsets = {same: [others[j]["onset_s"] for j in group] for same, group in groups.items()}
    # The latest end so far: what lies before the first that reaches an event has ended before it.
    ends = {same: list(accumulate((others[j]["end_s"] for j in group), max)) for same, group in groups.items()}
    for i, event in enumerate(events):
        same = _same(event)
        if same not in groups:
            continue
        first = bisect_left(ends[same], event["onset_s"])
        for j in groups[same][first : bisect_right(onsets[same], event["end_s"])]:
            overlap_s = _overlap_s(event, others[j])
            if overlap_s > 0:
                yield overlap_s, i, j


def _same(event: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(event[key] for key in SAME)


def _span(event: Mapping[str, Any]) -> tuple[float, float]:
    return event["onset_s"], event["end_s"]


def _overlap_s(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    if _span(one) == _span(other):
        # The same event, even where it has no length; nothing overlaps it better.
        return float("inf")
    return float(min(one["end_s"], other["end_s"]) - max(one["onset_s"], other["onset_s"]))


def read_events(path: Path, recordings: Sequence[str]) -> list[list[dict[str, Any]]]:
    """Read the events of recordings from what ``soleus score --format json`` wrote.

    Parameters
    ----------
    path : Path
        One JSON object per line.
    recordings : sequence of str
        The files that are scored. One is looked up as it is given; if it is not there, by its base name where
        that is the name of one result and of one of the recordings only.

    Returns
    -------
    list of list of dict
        The events of each.

    Raises
    ------
    ConfigError
        If it is no such file, or does not tell which result is a recording's.
    """
    try:
        results = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        # One of several that could not be scored has an error in place of events.
        results = [one for one in results if "error" not in one]
        files = [str(Path(one["recording"]["file"])) for one in results]
        found: list[list[dict[str, Any]]] = [one["events"] for one in results]
        for event in chain.from_iterable(found):
            _expect_event(event)
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"--diff {path}: cannot be read as the output of `soleus score --format json`: {error}"
        raise ConfigError(msg) from error
    return [found[_position(files, one, recordings, path)] for one in recordings]


def _expect_event(event: Mapping[str, Any]) -> None:
    onset_s, end_s = _span(event)
    if not (all(isinstance(event[key], str) for key in SAME) and -math.inf < onset_s <= end_s < math.inf):
        msg = f"an event is {event}"
        raise ValueError(msg)


def _position(files: Sequence[str], recording: str, recordings: Sequence[str], path: Path) -> int:
    """Return which of the files that were scored a recording is."""
    name = Path(recording).name
    matching = [i for i, file in enumerate(files) if file == str(Path(recording))]
    if not matching and sum(Path(other).name == name for other in recordings) == 1:
        matching = [i for i, file in enumerate(files) if Path(file).name == name]
    if len(matching) != 1:
        msg = f"--diff {path}: holds {', '.join(sorted(files)) or 'nothing'}, expected one result of {recording}"
        raise ConfigError(msg)
    return matching[0]

"""What differs between the events of a golden night and those that are committed."""

from __future__ import annotations

import json
import math
import platform
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import scipy

from detectors.evaluate import pooled, tally
from detectors.matching import match
from detectors.signal import NS_PER_S
from soleus.result import difference, dumps, event_rows, stream_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from benchmarks.golden.recipe import GoldenNight, Made
    from detectors.pipeline import Score

    Row = Mapping[str, Any]

EVENTS = "events.json"
# On another machine: measures may differ by this much, relative; onsets by one sample.
MEASURE_TOLERANCE = 1e-9
# What is left of a nanosecond in a number of seconds.
ROUNDING_S = 1e-9
IOU_MIN = 0.3
MS_PER_S = 1000
S_PER_H = 3600.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What scoring a golden night again has given.

    Parameters
    ----------
    name : str
        The night.
    stored : mapping
        What would be committed now.
    added, lost, moved, changed : tuple of str
        Events that came, went, have another onset or end, or have other measures; one line each.
    f1, onset_ms : float
        How well its leg movements agree with the true ones: F1 at IoU 0.3, median onset error, ms.
    """

    name: str
    stored: Row
    added: tuple[str, ...]
    lost: tuple[str, ...]
    moved: tuple[str, ...]
    changed: tuple[str, ...]
    f1: float
    onset_ms: float

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not (self.added or self.lost or self.moved or self.changed)

    @property
    def n_events(self) -> int:
        """How many events there are."""
        return len(self.stored["events"])


def compared(night: GoldenNight) -> Outcome:
    """Make a golden night, score it and compare it with what is committed; nothing committed is all new."""
    made = night.made()
    stored = _stored(night, made, night.scored(made))
    path = night.folder / EVENTS
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"made_with": None, "events": []}
    return Outcome(night.name, stored, *differences(before, stored), *_agreement(made, stored["events"]))


class Differences(NamedTuple):
    """One line for each event that came, went, has another onset or end, or has other measures."""

    added: tuple[str, ...]
    lost: tuple[str, ...]
    moved: tuple[str, ...]
    changed: tuple[str, ...]


def differences(before: Row, after: Row) -> Differences:
    """Say what differs between two results of one night.

    Parameters
    ----------
    before, after : mapping
        ``made_with`` and ``events``, as they are committed; `after` with its ``streams``.

    Returns
    -------
    Differences
        Where both were made with the same processor and libraries, whatever is not equal. Else onsets
        and ends may differ by one sample, and measures by a billionth.
    """
    exact = before["made_with"] == after["made_with"]
    slack_s: dict[str, float] = {}
    for row in () if exact else after["streams"]:
        slack_s[row["sensor"]] = min(slack_s.get(row["sensor"], inf), 1.0 / row["fs_hz"])
    found = difference(after["events"], before["events"])
    moved = [pair for pair in found.moved if _shift_s(*pair) > slack_s.get(pair[1]["sensor"], 0.0) + ROUNDING_S]
    same = _pairs(before["events"], after["events"])
    changed = [
        f"{_line(new)}: {', '.join(names)}"
        for old, new in same
        if (names := _differing(old, new, 0.0 if exact else MEASURE_TOLERANCE))
    ]
    return Differences(
        tuple(_line(event) for event in found.added),
        tuple(_line(event) for event in found.lost),
        tuple(f"{_line(old)} -> {new['onset_s']:.3f} to {new['end_s']:.3f} s" for old, new in moved),
        tuple(changed),
    )


def write(path: Path, stored: Row) -> None:
    """Write the events of a night, one per line, so that a change can be read."""
    head = [f"{dumps(key)}: {dumps(stored[key])}" for key in ("made_with", "criteria", "streams")]
    events = ",\n".join(f"  {dumps(event)}" for event in stored["events"])
    path.write_text("{" + ",\n".join([*head, f'"events": [\n{events}\n]']) + "}\n", encoding="utf-8")


def made_with() -> dict[str, Any]:
    """Return what decides the last bits of a number: processor and numerical libraries."""
    extensions = np.show_config(mode="dicts")["SIMD Extensions"]
    return {
        "machine": platform.machine(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "extensions": " ".join(extensions.get("found", ())),
    }


def _stored(night: GoldenNight, made: Made, score: Score) -> Row:
    streams = [stream_row(source.stream, source.n_samples) for source in made.recording.sources]
    stored = {
        "made_with": made_with(),
        "criteria": night.recipe["criteria"],
        "streams": streams,
        "events": event_rows(score.events, made.recording.start_ns),
    }
    # As it will be read back.
    plain: Row = json.loads(dumps(stored))
    return plain


def _pairs(before: Sequence[Row], after: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    """Yield the events of the same class, place and time."""
    held = {_place(event): event for event in before}
    for event in after:
        if (old := held.get(_place(event))) is not None:
            yield old, event


def _differing(old: Row, new: Row, tolerance: float) -> list[str]:
    """Name what differs between two events, with both values."""
    one = {**old["measures"], "quality": old["quality"]}
    other = {**new["measures"], "quality": new["quality"]}
    return [
        f"{name} {_short(one.get(name))} -> {_short(other.get(name))}"
        for name in sorted(one.keys() | other.keys())
        if not _alike(one.get(name), other.get(name), tolerance)
    ]


def _alike(one: object, other: object, tolerance: float) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other or math.isclose(one, other, rel_tol=tolerance, abs_tol=0.0)
    return one == other


def _short(value: object) -> str:
    return f"{value:.12g}" if isinstance(value, int | float) else "none" if value is None else str(value)


def _place(event: Row) -> tuple[object, ...]:
    # To the nanosecond; another machine's last bit is far below.
    times = (round(event["onset_s"] * NS_PER_S), round(event["end_s"] * NS_PER_S))
    return event["kind"], event["leg"], event["sensor"], *times


def _shift_s(old: Row, new: Row) -> float:
    return max(abs(old["onset_s"] - new["onset_s"]), abs(old["end_s"] - new["end_s"]))


def _line(event: Row) -> str:
    return f"{event['leg']} {event['kind']} {event['onset_s']:.3f} to {event['end_s']:.3f} s"


def _agreement(made: Made, events: Sequence[Row]) -> tuple[float, float]:
    """Return F1 and the median onset error, ms, of the leg movements."""
    legs = []
    for leg, truth in made.movements.items():
        spans = [(e["onset_s"], e["end_s"]) for e in events if (e["kind"], e["leg"]) == ("leg_movement", leg)]
        found = np.array(spans, dtype=float).reshape(-1, 2)
        how = partial(match, iou_min=IOU_MIN)
        legs.append(tally(found, truth, how, neutral=made.neutral[leg], hours=made.recording.duration_s / S_PER_H))
    both = pooled(legs)
    return both.f1 if both.f1 is not None else math.nan, both.onset_error.median * MS_PER_S

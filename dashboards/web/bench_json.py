"""What the page *Bench* is told, as plain JSON: events in columns, as there are tens of thousands of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from dashboards.bench_values import BenchEvent
from dashboards.web.bench_words import GROUPS, NUMBERS, class_title, group_title, groups_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboards.bench import BenchBook
    from dashboards.bench_values import (
        Answer,
        BenchNight,
        BenchRecording,
        CurvePoint,
        Flip,
        Number,
        Reach,
        SavedCriteria,
        Threshold,
    )

LEGS: Final[Mapping[str, str]] = {"left": "l", "right": "r", "both": "b"}
STATES: Final[Mapping[str, str]] = {"hit": "h", "false": "f", "missed": "m"}
UNKNOWN_LEG, UNJUDGED = "u", "-"
N_FIELDS: Final = len(BenchEvent._fields)


def bench_json(book: BenchBook) -> dict[str, object]:
    """Return what there is to choose from.

    Parameters
    ----------
    book : BenchBook
        Recordings, thresholds and references.
    """
    return {
        "recordings": [recording_json(one) for one in book.recordings()],
        "criteria": list(book.criteria()),
        "classes": [
            {"word": word, "title": class_title(word), "groups": list(groups_of(word))} for word in book.words()
        ],
        "groups": [{"name": name, "title": title} for name, title in GROUPS.items()],
        "numbers": [number._asdict() for number in NUMBERS],
    }


def recording_json(recording: BenchRecording) -> dict[str, object]:
    """Return a recording."""
    return {
        "key": recording.key,
        "name": recording.name,
        "subject": recording.subject,
        "start_ns": str(recording.start_ns),
        "utc_offset_s": recording.utc_offset_s,
        "duration_s": recording.duration_s,
        "is_night": recording.is_night,
        "simulated": recording.simulated,
        "scorers": list(recording.scorers),
        "problem": recording.problem,
        "veil": recording.veil,
    }


def threshold_json(threshold: Threshold) -> dict[str, object]:
    """Return a threshold."""
    group = threshold.name.partition(".")[0]
    return {
        "name": threshold.name,
        "group": group,
        "group_title": group_title(group),
        "text": threshold.text,
        "unit": threshold.unit,
        "value": threshold.value,
        "published": threshold.published,
        "low": threshold.low,
        "high": threshold.high,
        "step": threshold.step,
        "choices": list(threshold.choices),
        "source": threshold.source,
        "url": threshold.url,
        "changed": threshold.changed,
        "before": threshold.before,
    }


def answer_json(answer: Answer, *, marks: bool = True) -> dict[str, object]:
    """Return what recordings are with some thresholds.

    Parameters
    ----------
    answer : Answer
        That.
    marks : bool
        Whether to say when the marks of the reference begin and end: they never change with a threshold, and a page
        that has them asks for their state alone.
    """
    return {
        "nights": [_night_json(night, marks=marks) for night in answer.nights],
        "agreement": [number_json(number) for number in answer.agreement],
    }


def number_json(number: Number) -> dict[str, object]:
    """Return a number with its interval."""
    return {
        "name": number.name,
        "value": known(number.value),
        "low": known(number.low),
        "high": known(number.high),
        "why": number.why,
    }


def point_json(point: CurvePoint) -> dict[str, float | None]:
    """Return a point of a curve."""
    return {name: known(value) for name, value in point._asdict().items()}


def flip_json(flip: Flip) -> dict[str, object]:
    """Return an event that comes, goes or moves."""
    return {
        "key": flip.key,
        "way": flip.way,
        "before": None if flip.before is None else flip.before._asdict(),
        "after": None if flip.after is None else flip.after._asdict(),
    }


def reach_json(reach: Reach) -> dict[str, object]:
    """Return how far an index hangs on the thresholds."""
    return {
        "name": reach.name,
        "value": known(reach.value),
        "low": known(reach.low),
        "high": known(reach.high),
        "widest": reach.widest,
        "why": reach.why,
    }


def saved_json(saved: SavedCriteria) -> dict[str, object]:
    """Return a criteria file that was written."""
    return {"name": saved.name, "path": saved.path, "text": saved.text}


def known(value: float | None) -> float | None:
    """Return a number that JSON can hold, or None."""
    return value if value is not None and math.isfinite(value) else None


def _night_json(night: BenchNight, *, marks: bool) -> dict[str, object]:
    numbers = night.numbers or {}
    return {
        "key": night.key,
        "problem": night.problem,
        "opening": night.opening,
        "veil": night.veil,
        "numbers": {name: known(value) for name, value in numbers.items()},
        "events": _columns(night.events),
        # A page may hold marks from before somebody began to score blind: it is told that there are none.
        "marks": _columns(night.marks) if marks or night.veil else {"state": _letters(night.marks)},
    }


def _columns(events: Sequence[BenchEvent]) -> dict[str, object]:
    """Return events in columns; of pages there are none where no event has one."""
    onset_s, end_s, legs, _, states, pages = zip(*events, strict=True) if events else ((),) * N_FIELDS
    return {
        "onset_s": onset_s,
        "end_s": end_s,
        "leg": "".join([LEGS.get(leg, UNKNOWN_LEG) for leg in legs]),
        "state": "".join([STATES.get(state, UNJUDGED) for state in states]),
        "page": pages if any(pages) else (),
    }


def _letters(events: Sequence[BenchEvent]) -> str:
    return "".join([STATES.get(event.state, UNJUDGED) for event in events])

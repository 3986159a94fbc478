"""Two sets of thresholds side by side: what differs, what becomes of the numbers, and event by event."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

from starlette.exceptions import HTTPException

from dashboards.bench_values import Asked, Setting
from dashboards.web.bench_asked import MOST_KEYS
from dashboards.web.bench_words import NUMBERS, class_title, group_title
from dashboards.web.clocktime import clock_text, duration_text
from dashboards.web.marking import BAD_REQUEST, NOT_FOUND
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.templating import Jinja2Templates

    from dashboards.bench import BenchBook
    from dashboards.bench_values import BenchEvent, BenchRecording, Flip, Number, Threshold
    from dashboards.web.bench_words import NumberWords

MOST_SHOWN: Final = 500
"""Events of one recording that are listed; of more the first ones, and how many there are."""
NOT_THERE: Final = "not there"
WAYS: Final[Mapping[str, str]] = {"gained": "only second", "lost": "only first", "moved": "moved"}


class ThresholdRow(NamedTuple):
    """A threshold with its value in both sets."""

    name: str
    group: str
    text: str
    unit: str
    values: tuple[str, str]


class NumberRow(NamedTuple):
    """A number with what it is in both sets."""

    title: str
    note: str
    values: tuple[str, str]


class FlipRow(NamedTuple):
    """An event of one set that the other has not, or elsewhere."""

    way: str
    said: str
    clock: str
    leg: str
    lasts: str
    path: str


class FlipGroup(NamedTuple):
    """The events of one recording."""

    recording: BenchRecording
    n: int
    rows: tuple[FlipRow, ...]


def compared_page(book: BenchBook, templates: Jinja2Templates, request: Request) -> Response:
    """Show two sets of thresholds side by side, for the recordings that the address names.

    Parameters
    ----------
    book : BenchBook
        Recordings, thresholds and references.
    templates : Jinja2Templates
        The pages.
    request : Request
        Asks by ``a``, ``b``, ``r`` (as often as there are recordings), ``word`` and ``ref``.

    Raises
    ------
    HTTPException
        If it names what there is not.
    """
    recordings = [one for one in book.recordings() if not one.problem]
    names, words = tuple(book.criteria()), tuple(book.words())
    query = request.query_params
    keys = tuple(dict.fromkeys(query.getlist("r")))[:MOST_KEYS]
    a, b = query.get("a", names[0] if names else ""), query.get("b", "")
    word, reference = query.get("word", words[0] if words else ""), query.get("ref", "")
    _expect("a set of thresholds", (a, b), names)
    _expect("a class", (word,), words)
    _expect("a recording", keys, tuple(one.key for one in recordings), NOT_FOUND)
    context: dict[str, object] = {
        "recordings": recordings,
        "criteria": names,
        "words": [(one, class_title(one)) for one in words],
        "scorers": sorted({scorer for one in recordings for scorer in one.scorers}),
        "chosen": {"a": a, "b": b, "r": keys, "word": word, "ref": reference},
        "thresholds": _thresholds(book, a, b) if b else (),
        "numbers": (),
        "flips": (),
        "ways": {},
        "n_opening": 0,
    }
    if b and keys:
        asked = Asked(keys, Setting(b), word, reference)
        context.update(_results(book, asked, Setting(a), recordings))
    return templates.TemplateResponse(request, "bench_compare.html", context)


def threshold_rows(first: Sequence[Threshold], second: Sequence[Threshold]) -> tuple[ThresholdRow, ...]:
    """Return the thresholds that differ, in the order of the first set.

    Parameters
    ----------
    first, second : sequence of Threshold
        Two sets.
    """
    others = {threshold.name: threshold for threshold in second}
    names = {threshold.name for threshold in first}
    shared = [_row(one, value_text(one.value), _value(others.get(one.name))) for one in first]
    added = [_row(one, NOT_THERE, value_text(one.value)) for one in second if one.name not in names]
    return tuple(row for row in (*shared, *added) if row.values[0] != row.values[1])


def value_text(value: float | bool | str | None) -> str:  # noqa: FBT001 - a value like any other
    """Return a value as a person reads it.

    Examples
    --------
    >>> [value_text(value) for value in (8.0, 0.25, True, None, "end")]
    ['8', '0.25', 'on', 'none', 'end']
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _thresholds(book: BenchBook, a: str, b: str) -> tuple[ThresholdRow, ...]:
    return threshold_rows(book.thresholds(a), book.thresholds(b))


def _value(threshold: Threshold | None) -> str:
    return NOT_THERE if threshold is None else value_text(threshold.value)


def _row(threshold: Threshold, first: str, second: str) -> ThresholdRow:
    group = group_title(threshold.name.partition(".")[0])
    return ThresholdRow(threshold.name, group, threshold.text, threshold.unit, (first, second))


def _results(
    book: BenchBook, asked: Asked, before: Setting, recordings: Sequence[BenchRecording]
) -> Mapping[str, object]:
    """Return numbers and events of both sets."""
    settled = [book.settle(one) for one in (replace(asked, setting=before), asked)]
    answers = [{number.name: number for number in answer.agreement} for answer in settled]
    flips = book.flips(asked, before)
    known = {recording.key: recording for recording in recordings}
    return {
        "n_opening": max(sum(night.opening for night in answer.nights) for answer in settled),
        "numbers": tuple(
            NumberRow(
                words.title,
                words.note,
                (_number(answers[0].get(words.name), words), _number(answers[1].get(words.name), words)),
            )
            for words in NUMBERS
            if any(words.name in answer for answer in answers)
        ),
        "flips": tuple(_group(known[key], tuple(rows)) for key, rows in groupby(flips, key=lambda flip: flip.key)),
        "ways": {said: sum(flip.way == way for flip in flips) for way, said in WAYS.items()},
    }


def _number(number: Number | None, words: NumberWords) -> str:
    if number is None or number.value is None:
        why = number.why if number is not None and number.why else words.unknown
        return f"not known: {why}" if why else "not known"
    digits = words.digits
    text = f"{number.value:.{digits}f}"
    if number.low is None or number.high is None:
        return text
    return f"{text} ({number.low:.{digits}f} to {number.high:.{digits}f})"


def _group(recording: BenchRecording, flips: Sequence[Flip]) -> FlipGroup:
    shown = [(flip.way, flip.after or flip.before) for flip in flips[:MOST_SHOWN]]
    rows = [_flip_row(recording, way, event) for way, event in shown if event is not None]
    return FlipGroup(recording, len(flips), tuple(rows))


def _flip_row(recording: BenchRecording, way: str, event: BenchEvent) -> FlipRow:
    t_ns = recording.start_ns + round(event.onset_s * NS_PER_S)
    return FlipRow(
        way,
        WAYS[way],
        clock_text(t_ns, recording.utc_offset_s, seconds=True),
        event.leg,
        duration_text(event.end_s - event.onset_s),
        event_path(recording, event),
    )


def event_path(recording: BenchRecording, event: BenchEvent) -> str:
    """Return where an event can be looked at: its own page, or its moment where marks are made."""
    key = quote(recording.key, safe="")
    if event.page:
        return f"/night/{key}/event/{quote(event.page)}"
    return f"/label/{key}?at={event.onset_s:.3f}"


def _expect(what: str, names: Sequence[str], known: Sequence[str], code: int = BAD_REQUEST) -> None:
    """Refuse a name that there is not; an empty one says nothing."""
    missing = [name for name in names if name and name not in known]
    if missing:
        raise HTTPException(code, f"{missing[0][:60]!r}: expected {what} that there is")

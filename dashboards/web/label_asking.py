"""What the page *Label* is asked for: a recording, a rater, a stretch, an act; and what is wrong with a question."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from starlette.exceptions import HTTPException

from dashboards.bench_values import Asked, Setting
from dashboards.labelling import Act, ActWay, BlindError, Label
from dashboards.signals import UnreadableLogError
from dashboards.web.marking import BAD_REQUEST, CONFLICT, NOT_FOUND
from dashboards.web.signal_views import DEFAULT_BUCKETS, MOST_BUCKETS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.datastructures import QueryParams
    from starlette.requests import Request

    from dashboards.bench import BenchBook
    from dashboards.bench_values import BenchRecording

LONGEST_S: Final = 172_800.0
"""Nobody sleeps for two days; what is longer is a slip."""
MOST_TEXT: Final = 200
"""Of a name or a key; what they may be made of is for the book to say."""
MOST_SUGGESTIONS: Final = 100
USUAL_SUGGESTIONS: Final = 10
ALL: Final = "all"
UNDO, REDO, BLIND, OPEN, FINISH, UNFINISH = "undo", "redo", "blind", "open", "finish", "unfinish"
OTHERWISE: Final = (UNDO, REDO, BLIND, OPEN, FINISH, UNFINISH)
"""What a rater does besides acts on one label."""
EXPECTED: Final = (
    'expected {"rater": "who", "key": "made by the page", "do": "add", "change" or "delete", "label": {"key", "kind",'
    f' "leg", "onset_s", "end_s"}}}}, or without a label "do": {", ".join(OTHERWISE)}'
)


class Doing(NamedTuple):
    """What a rater does: an act on a label, or without one something else, by its word."""

    rater: str
    key: str
    word: str
    act: Act | None


@contextmanager
def one_line() -> Iterator[None]:
    """Say in one line why a book refuses.

    Raises
    ------
    HTTPException
        404 for a recording that there is not, 409 for a rater who scores blind or signals that cannot be read, 400 for
        everything else.
    """
    try:
        yield
    except (BlindError, UnreadableLogError) as error:
        raise HTTPException(CONFLICT, str(error)) from error
    except KeyError:
        raise HTTPException(NOT_FOUND, "there is no recording of this name") from None
    except ValueError as error:
        raise HTTPException(BAD_REQUEST, str(error)) from error


def recording_of(bench: BenchBook, request: Request) -> BenchRecording:
    """Return the recording that an address names.

    Raises
    ------
    HTTPException
        If there is none.
    """
    with one_line():
        return bench.recording(request.path_params["recording"])


def text_of(query: QueryParams, name: str) -> str:
    """Return a text that must be there.

    Raises
    ------
    HTTPException
        If it is not, or is longer than any name.
    """
    text = query.get(name, "")
    if not 0 < len(text) <= MOST_TEXT:
        raise HTTPException(BAD_REQUEST, f"{name} has {len(text)} characters, expected 1 to {MOST_TEXT}")
    return text


def stretch_of(query: QueryParams) -> tuple[float, float, int]:
    """Return from when to when, s, and how many buckets.

    Raises
    ------
    HTTPException
        If that is no stretch.
    """
    onset_s, end_s = _seconds(query, "from"), _seconds(query, "to")
    if not 0 < end_s - onset_s <= LONGEST_S:
        span = f"from {onset_s:g} to {end_s:g} is {end_s - onset_s:g} s"
        raise HTTPException(BAD_REQUEST, f"{span}, expected more than 0 and at most {LONGEST_S:g} s")
    return onset_s, end_s, count_of(query, "buckets", DEFAULT_BUCKETS, MOST_BUCKETS)


def count_of(query: QueryParams, name: str, default: int, most: int) -> int:
    """Return a whole number from 1 to `most`.

    Raises
    ------
    HTTPException
        If it is none.
    """
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most):
        raise HTTPException(BAD_REQUEST, f"{name} is {text[:40]!r}, expected a whole number from 1 to {most}")
    return int(text)


def asked_of(query: QueryParams, keys: tuple[str, ...], rater: str) -> Asked:
    """Return what is looked at, with a rater's marks as the reference.

    Raises
    ------
    HTTPException
        If a change of a threshold is none.
    """
    changes = []
    for change in query.getlist("set"):
        name, equals, value = change.partition("=")
        if not (name and equals):
            raise HTTPException(BAD_REQUEST, f"set is {change[:40]!r}, expected threshold=value")
        changes.append((name, value))
    setting = Setting(query.get("criteria", Setting().criteria), tuple(changes))
    return Asked(keys, setting, query.get("word", "leg_movement"), reference=rater)


def doing_of(body: Mapping[str, object]) -> Doing:
    """Return what a rater does.

    Raises
    ------
    HTTPException
        If it is nothing that can be done.
    """
    rater, key, word = (body.get(name) for name in ("rater", "key", "do"))
    if not (isinstance(rater, str) and isinstance(key, str) and isinstance(word, str)):
        raise HTTPException(BAD_REQUEST, EXPECTED)
    if not (0 < len(rater) <= MOST_TEXT and 0 < len(key) <= MOST_TEXT):
        raise HTTPException(BAD_REQUEST, EXPECTED)
    if word in OTHERWISE:
        return Doing(rater, key, word, None)
    if word not in set(ActWay):
        raise HTTPException(BAD_REQUEST, EXPECTED)
    return Doing(rater, key, word, Act(key, ActWay(word), _label(body.get("label"))))


def _label(stored: object) -> Label:
    if not isinstance(stored, dict):
        raise HTTPException(BAD_REQUEST, EXPECTED)
    key, kind, leg = (_text(stored.get(name)) for name in ("key", "kind", "leg"))
    onset_s, end_s = (_time(stored.get(name)) for name in ("onset_s", "end_s"))
    return Label(key, kind, leg, onset_s, end_s)


def _text(value: object) -> str:
    if not (isinstance(value, str) and 0 < len(value) <= MOST_TEXT):
        raise HTTPException(BAD_REQUEST, EXPECTED)
    return value


def _time(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= LONGEST_S:
        raise HTTPException(BAD_REQUEST, EXPECTED)
    return float(value)


def _seconds(query: QueryParams, name: str) -> float:
    text = query.get(name)
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not abs(value) <= LONGEST_S:
        shown = "missing" if text is None else f"{text[:40]!r}"
        raise HTTPException(BAD_REQUEST, f"{name} is {shown}, expected seconds since the start of the recording")
    return value

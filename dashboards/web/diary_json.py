"""The diary for scripts, and for the buttons of the page: as JSON, each press kept once."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from dashboards.diary import Written
from dashboards.web.bodies import json_sent
from dashboards.web.diary_list import AHEAD_NS, entry_of
from dashboards.web.marking import BAD_REQUEST, NO_CONTENT, NOT_FOUND
from dashboards.web.tonight_press import LONGEST_AGE_S, LONGEST_NAME
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from dashboards.diary import DiaryBook, DiaryEntry, PastEntry
    from dashboards.web.diary_presses import DiaryPresses

CREATED = 201
LARGEST_BODY_BYTES = 16_384
MOST_DIGITS = 19
USUAL_NS = 90 * 86_400 * NS_PER_S
JUST_NOW_S = 1.0
"""A press that is no older than this is of now: a night that is played at speed has its own now."""
EXPECTED = (
    'expected {"kind": "cramp", "time_ns": "UTC in nanoseconds", "text": "", "values": {}, "words": {}}; all but the '
    f'kind may be left out; "age_s" (at most {LONGEST_AGE_S:g}) instead of a time, and "press", a name of at most '
    f"{LONGEST_NAME} characters"
)
GONE = "there is no such entry, or it was removed"


@dataclass(frozen=True, slots=True)
class DiaryJson:
    """The addresses of the diary for scripts.

    Parameters
    ----------
    book : DiaryBook
        Where the diary is.
    presses : DiaryPresses
        What keeps what is entered, once.
    """

    book: DiaryBook
    presses: DiaryPresses

    def entries(self, request: Request) -> Response:
        """Return the entries of some time, oldest first."""
        end_ns = _time(request.query_params.get("to_ns"), "to_ns")
        end_ns = time.time_ns() + AHEAD_NS if end_ns is None else end_ns
        onset_ns = _time(request.query_params.get("from_ns"), "from_ns")
        onset_ns = max(0, end_ns - USUAL_NS) if onset_ns is None else onset_ns
        return JSONResponse([entry_json(entry) for entry in self.book.diary_between(onset_ns, end_ns)])

    async def write(self, request: Request) -> Response:
        """Keep an entry, and return it as it is kept."""
        body = await json_sent(request, LARGEST_BODY_BYTES)
        name, age_s = body.get("press", ""), _age_s(body.get("age_s", 0.0))
        if not (isinstance(name, str) and len(name) <= LONGEST_NAME):
            raise HTTPException(BAD_REQUEST, EXPECTED)
        then_ns = time.time_ns() - round(age_s * NS_PER_S) if age_s > JUST_NOW_S else None
        entry = _written(body, then_ns)
        try:
            kept = await run_in_threadpool(self.presses.keep, entry, name)
        except ValueError as error:
            raise HTTPException(BAD_REQUEST, str(error)) from error
        return JSONResponse(entry_json(kept), CREATED)

    def entry(self, request: Request) -> Response:
        """Return one entry."""
        try:
            return JSONResponse(entry_json(entry_of(self.book, request.path_params["key"])))
        except KeyError:
            raise HTTPException(NOT_FOUND, GONE) from None

    async def amend(self, request: Request) -> Response:
        """Let an entry say something else, and return it."""
        entry = _written(await json_sent(request, LARGEST_BODY_BYTES), None)
        try:
            kept = await run_in_threadpool(self.book.amend, request.path_params["key"], entry)
        except KeyError:
            raise HTTPException(NOT_FOUND, GONE) from None
        except ValueError as error:
            raise HTTPException(BAD_REQUEST, str(error)) from error
        return JSONResponse(entry_json(kept))

    def strike(self, request: Request) -> Response:
        """Take an entry back."""
        try:
            self.book.strike(request.path_params["key"])
        except KeyError:
            raise HTTPException(NOT_FOUND, GONE) from None
        return Response(status_code=NO_CONTENT)


def entry_json(entry: DiaryEntry) -> dict[str, object]:
    """Return an entry as plain JSON values."""
    past = [{**_said(one), "changed_ns": str(one.changed_ns)} for one in entry.history]
    return {"key": entry.key, **_said(entry), "history": past}


def _said(entry: DiaryEntry | PastEntry) -> dict[str, object]:
    return {
        "time_ns": str(entry.time_ns),
        "kind": entry.kind,
        "text": entry.text,
        "values": dict(entry.values),
        "words": dict(entry.words),
    }


def _age_s(age_s: object) -> float:
    if isinstance(age_s, bool) or not isinstance(age_s, int | float) or not 0 <= age_s <= LONGEST_AGE_S:
        raise HTTPException(BAD_REQUEST, EXPECTED)
    return float(age_s)


def _written(body: Mapping[str, object], then_ns: int | None) -> Written:
    kind, text, stated = body.get("kind"), body.get("text", ""), body.get("time_ns")
    values, words = body.get("values", {}), body.get("words", {})
    if not (isinstance(kind, str) and isinstance(text, str) and isinstance(values, dict) and isinstance(words, dict)):
        raise HTTPException(BAD_REQUEST, EXPECTED)
    if not (stated is None or isinstance(stated, str)):
        raise HTTPException(BAD_REQUEST, EXPECTED)
    time_ns = _time(stated, "time_ns")
    try:
        return Written(kind, then_ns if time_ns is None else time_ns, text, values, words)
    except ValueError as error:
        raise HTTPException(BAD_REQUEST, str(error)) from error


def _time(text: str | None, name: str) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise HTTPException(BAD_REQUEST, f"{name} is {text[:40]!r}, expected UTC in nanoseconds")
    return int(text)

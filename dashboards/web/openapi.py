"""The JSON API of the app as an OpenAPI 3.1 description, kept by hand as data and served at ``/api/openapi.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import JSONResponse
from starlette.routing import Route

from dashboards.web.night_json import FULL_RATE_S, LONGEST_RAW_S
from dashboards.web.openapi_bench import bench_paths
from dashboards.web.openapi_label import label_paths
from dashboards.web.openapi_operations import BYTES, JSON, answered, parameter, refusals, sent, within
from dashboards.web.openapi_parts import NUMBER, TEXT, Schema, described, ref
from dashboards.web.openapi_schemas import SCHEMAS
from dashboards.web.signal_views import COLUMNS_TYPE, DEFAULT_BUCKETS, MOST_BUCKETS
from dashboards.web.tonight_stream import STREAM_TYPE
from dashboards.web.weeks import CHOICES, USUAL

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from dashboards.book import NightBook

API: Final = "/api/"
OPENAPI_PATH: Final = "/api/openapi.json"
API_VERSION: Final = "1"
_NIGHT: Final = "/api/night/{night_id}"
_REASONS: Final = {
    "400": "The question is not understood.",
    "404": "There is no such night, event, sensor or entry.",
    "409": "The night is over, or what is asked for cannot be kept in it, or its log cannot be read.",
    "413": "What was sent is too long.",
    "415": "What was sent is no JSON.",
    "503": "As many pages follow the night as are let.",
}
_ABOUT: Final = (
    "What the pages of `soleus serve` are made of, for scripts. Times count in seconds from the start of the night."
    " The app listens on this computer only unless it was told otherwise; reached from elsewhere it answers 401 until"
    " one has signed in on its page, and 429 to whoever asks too often. It answers 403 to what another site's page"
    " sends. Counts are of events that software marked: cramp-like, not cramps."
)


def openapi_routes(book: NightBook) -> list[BaseRoute]:
    """Return the addresses of the description, and of the list of nights.

    Parameters
    ----------
    book : NightBook
        Where the nights are.
    """

    def describe(_: Request) -> Response:
        return JSONResponse(description())

    def nights(_: Request) -> Response:
        return JSONResponse(
            [
                {
                    "night": card.night_id,
                    "start_ns": str(card.start_ns),
                    "end_ns": str(card.end_ns),
                    "utc_offset_s": card.utc_offset_s,
                    "running": card.running,
                    "simulated": card.simulated,
                }
                for card in book.nights()
            ]
        )

    return [Route(OPENAPI_PATH, describe, name="openapi"), Route("/api/nights", nights, name="nights_json")]


def description() -> dict[str, object]:
    """Return the description.

    Returns
    -------
    dict
        Plain JSON values, after the OpenAPI Specification 3.1.
    """
    return {
        "openapi": "3.1.0",
        "info": {"title": "Soleus", "version": API_VERSION, "description": _ABOUT},
        "paths": {
            OPENAPI_PATH: {"get": _asking("This description.", {"type": "object"})},
            "/api/nights": {"get": _asking("Every night, newest first.", ref("Nights"))},
            _NIGHT: _of_night(get=_asking("A night: its numbers, events, sleep and diary.", ref("Night"), "404")),
            f"{_NIGHT}/tracks": _of_night(get=_tracks()),
            f"{_NIGHT}/raw": _of_night(get=_raw()),
            f"{_NIGHT}/extremes": _of_night(get=_extremes()),
            f"{_NIGHT}/sensors": _of_night(get=_asking("How each sensor did.", ref("Sensors"), "404")),
            f"{_NIGHT}/live": _of_night(get=_live()),
            f"{_NIGHT}/judgements": _of_night(post=_sending("Keep what the person says of an event.", "Judgement")),
            f"{_NIGHT}/notes": _of_night(post=_sending("Keep a note.", "Note")),
            f"{_NIGHT}/marks": _of_night(post=_sending("Mark a moment of a running night.", "Mark")),
            "/api/weeks": {"get": _weeks()},
            "/api/compare": {"get": _compare()},
            "/api/diary": {"get": _diary(), "post": _sending("Write an entry.", "DiaryWritten", "201", "DiaryEntry")},
            "/api/diary/entry/{key}": _of_entry(),
            **bench_paths(),
            **label_paths(),
        },
        "components": {"schemas": dict(SCHEMAS)},
    }


def _tracks() -> Schema:
    since = parameter("since", described(NUMBER, "seconds; leave out what is older"), required=False)
    most: Schema = {"type": "integer", "minimum": 1, "maximum": MOST_BUCKETS}
    points = parameter("points", described(most, "so many values of each track at most"), required=False)
    return _asking(
        "Envelope, resting level, movement and tilt.", BYTES, "400", "404", query=[since, points], kind=COLUMNS_TYPE
    )


def _raw() -> Schema:
    said = (
        f"Samples of one sensor, at most {LONGEST_RAW_S:g} s; more than {FULL_RATE_S:g} s come as lowest and highest."
    )
    return _asking(said, BYTES, "400", "404", "409", query=_stretch(), kind=COLUMNS_TYPE)


def _extremes() -> Schema:
    buckets: Schema = {"type": "integer", "minimum": 1, "maximum": MOST_BUCKETS, "default": DEFAULT_BUCKETS}
    query = [*_stretch(), parameter("buckets", described(buckets, "about how many of each"), required=False)]
    said = (
        "The lowest and the highest of one sensor, however long the stretch; the header says whether they are `whole`."
    )
    return _asking(said, BYTES, "400", "404", "409", query=query, kind=COLUMNS_TYPE)


def _live() -> Schema:
    said = "The newest samples of a running night, 25 times a second until it ends."
    return _asking(said, BYTES, "404", "409", "503", kind=STREAM_TYPE)


def _weeks() -> Schema:
    n: Schema = {"type": "integer", "enum": list(CHOICES), "default": USUAL, "description": "how many nights"}
    said = "The newest nights that are over: numbers, events in columns, and what changed as far as one can tell."
    return _asking(said, ref("Weeks"), "400", query=[parameter("n", n, required=False)])


def _diary() -> Schema:
    query = [
        parameter("from_ns", described(TEXT, "UTC in nanoseconds; without it 90 days before the end"), required=False),
        parameter(
            "to_ns", described(TEXT, "UTC in nanoseconds, not part of it; without it a day from now"), required=False
        ),
    ]
    return _asking("What was written, by time, and the marks of buttons.", ref("Diary"), "400", query=query)


def _of_entry() -> Schema:
    return within(
        "key",
        "what the entry is called",
        get=_asking("One entry, with what it said before.", ref("DiaryEntry"), "404"),
        post=_sending("Change it; what it said becomes history.", "DiaryChange", "200", "DiaryEntry"),
        delete={
            "summary": "Take it back.",
            "responses": {"204": {"description": "It is taken back."}, **refusals(_REASONS, ("404",))},
        },
    )


def _compare() -> Schema:
    query = [
        parameter(f"{side}{part}", described(TEXT, f"{which} period: {said}"), required=False)
        for side, which in (("a", "first"), ("b", "second"))
        for part, said in (
            ("", "its `key`"),
            ("_first", "its first evening instead"),
            ("_last", "its last evening"),
            ("_name", "what to call it"),
        )
    ]
    said = "The periods of the diary, and the comparison of two where two are named."
    return _asking(said, ref("Compared"), "400", query=query)


def _stretch() -> list[Schema]:
    return [
        parameter("sensor", described(TEXT, "name of the sensor")),
        parameter("from", described(NUMBER, "begin, s")),
        parameter("to", described(NUMBER, "end, s; not part of it")),
    ]


def _of_night(**operations: Schema) -> Schema:
    return within("night_id", "the name of the night, as `/api/nights` tells it", **operations)


def _asking(said: str, schema: Schema, *codes: str, query: list[Schema] | None = None, kind: str = JSON) -> Schema:
    return answered(said, {kind: schema}, refusals(_REASONS, codes), query)


def _sending(said: str, name: str, code: str = "204", answer: str = "") -> Schema:
    told: Schema = {"description": "It is kept."}
    content = {"content": {JSON: {"schema": ref(answer)}}} if answer else {}
    return {
        "summary": said,
        **sent(JSON, ref(name)),
        "responses": {code: {**told, **content}, **refusals(_REASONS, ("400", "404", "409", "413", "415"))},
    }

"""The page *Label* in the description of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dashboards.labelling import ActWay
from dashboards.web.label_asking import ALL, MOST_SUGGESTIONS, OTHERWISE, USUAL_SUGGESTIONS
from dashboards.web.label_json import FORMS
from dashboards.web.openapi_operations import BYTES, JSON, answered, parameter, refusals, sent, within
from dashboards.web.openapi_parts import (
    BOOLEAN,
    COUNT,
    KNOWN,
    NANOSECONDS,
    NUMBER,
    OFFSET,
    TEXT,
    Schema,
    array_of,
    described,
    map_of,
    one_of,
    record,
    ref,
)
from dashboards.web.signal_views import COLUMNS_TYPE, DEFAULT_BUCKETS, MOST_BUCKETS
from detectors.signal import Leg

if TYPE_CHECKING:
    from collections.abc import Mapping

_API: Final = "/api/label/{recording}"
_REASONS: Final[Mapping[str, str]] = {
    "400": "The question, the name of the rater, the mark or the file is none.",
    "404": "There is no such recording.",
    "409": "The rater scores blind.",
    "413": "What was sent is too long.",
    "415": "What was sent is no JSON.",
    "503": "The marks cannot be read or kept now, or the program is ending.",
}
_OPENING: Final[Schema] = {
    "description": "The recording is being opened: ask again in a moment.",
    "content": {JSON: {"schema": record({"opening": TEXT})}},
}
_AT: Final[Schema] = described(NUMBER, "seconds since the start of the recording, whole milliseconds")
_LEG: Final = one_of(*(str(leg) for leg in (Leg.LEFT, Leg.RIGHT, Leg.BOTH)))
_NUMBERS: Final = array_of(record({"name": TEXT, "value": KNOWN, "low": KNOWN, "high": KNOWN}))
_SHEET: Final[Mapping[str, Schema]] = {
    "labels": array_of(ref("Label")),
    "n_acts": described(COUNT, "grows with each act, also with one that takes another back"),
    "undoable": described(TEXT, "what would be taken back; empty where there is nothing"),
    "redoable": TEXT,
    "blind": described(BOOLEAN, "whether the rater sees nothing of others"),
    "was_open": described(BOOLEAN, "whether the rater ever could"),
    "finished": described(BOOLEAN, "whether the whole recording is scored"),
}
LABEL_SCHEMAS: Final[Mapping[str, Schema]] = {
    "Label": record(
        {
            "key": described(TEXT, "made by whoever marks, never used twice"),
            "kind": described(TEXT, "`leg_movement`, `cramp`, …; `nothing`: looked at, and there is none"),
            "leg": _LEG,
            "onset_s": _AT,
            "end_s": _AT,
        }
    ),
    "LabelFacts": record(
        {
            "key": TEXT,
            "name": TEXT,
            "start_ns": NANOSECONDS,
            "utc_offset_s": OFFSET,
            "duration_s": NUMBER,
            "simulated": BOOLEAN,
            "kinds": array_of(record({"kind": TEXT, "text": TEXT, "colour": TEXT})),
            "words": described(array_of(TEXT), "classes of which there are suggestions"),
        }
    ),
    "LabelSheet": record(_SHEET),
    "LabelOwnSheet": record({**_SHEET, "begun": described(BOOLEAN, "whether the rater has done anything here")}),
    "LabelAct": record(
        {
            "rater": TEXT,
            "key": described(TEXT, "names the act: one that comes twice is done once"),
            "do": one_of(*(str(way) for way in ActWay), *OTHERWISE),
            "label": ref("Label"),
        },
        "label",
    ),
    "LabelOthers": record(
        {
            "marks": described(map_of(array_of(ref("Label"))), "by rater, scorer, or `Soleus`"),
            "raters": array_of(record({"rater": TEXT, "n_labels": COUNT, "blind": BOOLEAN, "finished": BOOLEAN})),
            "opening": described(BOOLEAN, "what Soleus found is not known yet: ask again in a moment"),
        }
    ),
    "LabelAgreement": array_of(
        record(
            {
                "kind": TEXT,
                "text": TEXT,
                "n_one": COUNT,
                "n_other": COUNT,
                "n_both": COUNT,
                "f1": KNOWN,
                "kappa": described(KNOWN, "per second; null where it is not known"),
                "onset_off_s": KNOWN,
            }
        )
    ),
    "LabelSuggestions": array_of(
        record(
            {
                "key": described(TEXT, "the recording"),
                "name": TEXT,
                "onset_s": _AT,
                "end_s": _AT,
                "leg": TEXT,
                "kind": TEXT,
                "text": TEXT,
                "why": TEXT,
            }
        )
    ),
    "LabelLearned": record(
        {
            "n_yes": COUNT,
            "n_no": COUNT,
            "agreement": described(_NUMBERS, "on the answers, with the thresholds that fit them best"),
            "as_it_was": described(_NUMBERS, "with those that were asked about"),
            "criteria": {"type": ["string", "null"]},
            "changes": described(array_of({"type": "array", "items": TEXT}), "pairs, as after `--set`"),
            "why": described(TEXT, "what is unknown"),
        }
    ),
}


def label_paths() -> Mapping[str, Schema]:
    """Return the addresses of the page; there are none where nobody started a bench."""
    rater = parameter("rater", described(TEXT, "who labels"))
    other = parameter("other", described(TEXT, "a name out of `others`"))
    form = parameter("form", {**one_of(*FORMS), "description": "what kind of file"})
    name = parameter("name", described(TEXT, "what the file is called"))
    return {
        _API: _of(get=_told("What is to be labelled, and as what.", "LabelFacts", "404")),
        f"{_API}/signals": _of(get=_signals()),
        f"{_API}/sheet": _of(
            get=_told("What a rater has marked.", "LabelOwnSheet", "400", "404", "503", query=[rater])
        ),
        f"{_API}/acts": _of(post=_act()),
        f"{_API}/others": _of(
            get=_told("What others marked.", "LabelOthers", "400", "404", "409", "503", query=[rater])
        ),
        f"{_API}/agreement": _of(
            get=_told("How two agree.", "LabelAgreement", "400", "404", "409", "503", query=[rater, other])
        ),
        f"{_API}/export": _of(get=_file("A rater's marks as a file.", query=[rater, form])),
        f"{_API}/import": _of(post=_import(query=[rater, name])),
        f"{_API}/suggestions": _of(
            get=_told_once_open("What to label next.", "LabelSuggestions", [rater, *_setting(), _n()])
        ),
        f"{_API}/learned": _of(get=_told_once_open("What answers change.", "LabelLearned", [rater, *_setting()])),
    }


def _setting() -> list[Schema]:
    return [
        parameter("word", described(TEXT, "the class of events; `leg_movement` without it"), required=False),
        parameter("in", {**one_of(ALL), "description": "not only of this recording"}, required=False),
        parameter("criteria", described(TEXT, "a named set, or a criteria file that was saved"), required=False),
        parameter("set", described(array_of(TEXT), "threshold=value, more than once"), required=False),
    ]


def _n() -> Schema:
    most: Schema = {"type": "integer", "minimum": 1, "maximum": MOST_SUGGESTIONS, "default": USUAL_SUGGESTIONS}
    return parameter("n", described(most, "so many at most"), required=False)


def _signals() -> Schema:
    buckets: Schema = {"type": "integer", "minimum": 1, "maximum": MOST_BUCKETS, "default": DEFAULT_BUCKETS}
    query = [
        parameter("from", described(NUMBER, "begin, s")),
        parameter("to", described(NUMBER, "end, s; not part of it")),
        parameter("buckets", described(buckets, "about how many of each"), required=False),
    ]
    said = "The lowest and the highest of every stream."
    return _answer(said, {COLUMNS_TYPE: BYTES}, ("400", "404"), query)


def _act() -> Schema:
    told = _told("Keep what a rater does.", "LabelSheet", "400", "404", "413", "415", "503")
    return {**told, **sent(JSON, ref("LabelAct"))}


def _file(said: str, query: list[Schema]) -> Schema:
    return _answer(said, dict.fromkeys(FORMS.values(), BYTES), ("400", "404", "503"), query)


def _import(query: list[Schema]) -> Schema:
    told = _told("Add the marks of a file to a rater's.", "LabelSheet", "400", "404", "413", "503", query=query)
    return {**told, **sent("application/octet-stream", BYTES)}


def _told(said: str, name: str, *codes: str, query: list[Schema] | None = None) -> Schema:
    return _answer(said, {JSON: ref(name)}, codes, query)


def _told_once_open(said: str, name: str, query: list[Schema]) -> Schema:
    told = _told(said, name, "400", "404", "409", "503", query=query)
    responses: Any = told["responses"]
    return {**told, "responses": {**responses, "202": _OPENING}}


def _answer(said: str, content: Mapping[str, Schema], codes: tuple[str, ...], query: list[Schema] | None) -> Schema:
    return answered(said, content, refusals(_REASONS, codes), query)


def _of(**operations: Schema) -> Schema:
    return within("recording", "the key of the recording, as `/api/bench` tells it", **operations)

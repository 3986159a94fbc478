"""The bench in the description of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboards.web.openapi_operations import JSON, answered, refusals, sent, within
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

if TYPE_CHECKING:
    from collections.abc import Mapping

_API: Final = "/api/bench"
_REASONS: Final[Mapping[str, str]] = {
    "400": "The question is not understood, or names a threshold or a value that cannot be.",
    "404": "There is no such recording.",
    "409": "The name is none, or taken; or the recording cannot be scored.",
    "413": "What was sent is too long.",
    "415": "What was sent is no JSON.",
    "503": "The program is ending, or the marks of the reference cannot be read.",
}
_AT: Final[Schema] = described(NUMBER, "seconds since the start of the recording")
_VALUE: Final[Schema] = {"type": ["number", "boolean", "string", "null"], "description": "null where the rule is off"}
_LETTERS: Final = {
    "leg": described(TEXT, "a letter for each: `l`, `r`, `b` (both), `u` (unknown)"),
    "state": described(TEXT, "a letter for each: `h` (hit), `f` (false), `m` (missed), `-` (not judged)"),
}
_ONE_EVENT: Final = record(
    {"onset_s": _AT, "end_s": _AT, "leg": TEXT, "kind": TEXT, "state": TEXT, "page": TEXT},
)
_SETTING: Final[Mapping[str, Schema]] = {
    "criteria": described(TEXT, "a named set, or a criteria file that was saved"),
    "changes": described(map_of(TEXT), "what differs from it, by names as after `--set`"),
}
_ASKED: Final[Mapping[str, Schema]] = {
    "keys": described(array_of(TEXT), "recordings"),
    **_SETTING,
    "word": described(TEXT, "the class of events"),
    "reference": described(TEXT, "the scorer that judges; empty for nobody"),
}
_FOUR: Final = record(
    {
        "name": TEXT,
        "value": KNOWN,
        "low": KNOWN,
        "high": KNOWN,
        "why": described(TEXT, "why it is not known, or of which recordings; empty where it is of all"),
    }
)
_VEIL: Final = described(
    TEXT, "why lists are not shown: somebody scores it blind, or the marks cannot be read; empty where all are"
)
BENCH_SCHEMAS: Final[Mapping[str, Schema]] = {
    "BenchRecording": record(
        {
            "key": TEXT,
            "name": TEXT,
            "subject": TEXT,
            "start_ns": NANOSECONDS,
            "utc_offset_s": OFFSET,
            "duration_s": NUMBER,
            "is_night": BOOLEAN,
            "simulated": BOOLEAN,
            "scorers": array_of(TEXT),
            "problem": described(TEXT, "why it cannot be scored; empty where it can"),
            "veil": _VEIL,
        }
    ),
    "Bench": record(
        {
            "recordings": array_of(ref("BenchRecording")),
            "criteria": array_of(TEXT),
            "classes": array_of(
                record({"word": TEXT, "title": TEXT, "groups": described(array_of(TEXT), "that matter, most first")})
            ),
            "groups": array_of(record({"name": TEXT, "title": TEXT})),
            "numbers": array_of(
                record(
                    {
                        "name": TEXT,
                        "title": TEXT,
                        "note": TEXT,
                        "digits": COUNT,
                        "more_is_better": {"type": ["boolean", "null"]},
                        "unknown": described(TEXT, "why it is not known where no answer says more"),
                    }
                )
            ),
        }
    ),
    "Thresholds": array_of(
        record(
            {
                "name": TEXT,
                "group": TEXT,
                "group_title": TEXT,
                "text": TEXT,
                "unit": TEXT,
                "value": _VALUE,
                "changed": described(BOOLEAN, "another value than in the set that a saved file started from"),
                "before": {**_VALUE, "description": "that one"},
                "published": BOOLEAN,
                "low": KNOWN,
                "high": KNOWN,
                "step": KNOWN,
                "choices": array_of(TEXT),
                "source": TEXT,
                "url": TEXT,
            }
        )
    ),
    "BenchAsked": record(
        {**_ASKED, "marks": described(BOOLEAN, "false: the marks are known, and their state will do")},
        "changes",
        "marks",
    ),
    "BenchAnswer": record(
        {
            "nights": array_of(
                record(
                    {
                        "key": TEXT,
                        "problem": TEXT,
                        "opening": described(BOOLEAN, "ask again in a moment"),
                        "veil": _VEIL,
                        "numbers": described(map_of(KNOWN), "all of them from `settle`; some or none from `look`"),
                        "events": ref("BenchColumns"),
                        "marks": ref("BenchColumns"),
                    }
                )
            ),
            "agreement": array_of(_FOUR),
        }
    ),
    "BenchColumns": record(
        {
            "onset_s": array_of(_AT),
            "end_s": array_of(_AT),
            **_LETTERS,
            "page": described(array_of(TEXT), "last part of the address of each event; empty where none has one"),
        },
        "onset_s",
        "end_s",
        "leg",
        "page",
    ),
    "BenchCurve": record({**_ASKED, "threshold": TEXT, "values": array_of(NUMBER)}, "changes"),
    "BenchBefore": record({**_ASKED, "before": record(_SETTING, "changes")}, "changes"),
    "BenchFlips": array_of(
        record(
            {
                "key": TEXT,
                "way": one_of("gained", "lost", "moved"),
                "before": {"anyOf": [_ONE_EVENT, {"type": "null"}]},
                "after": {"anyOf": [_ONE_EVENT, {"type": "null"}]},
            }
        )
    ),
    "BenchOne": record({"key": TEXT, **_SETTING}, "changes"),
    "BenchReaches": array_of(
        record({"name": TEXT, "value": KNOWN, "low": KNOWN, "high": KNOWN, "widest": TEXT, "why": TEXT})
    ),
    "BenchSaving": record({**_ASKED, "name": TEXT, "reason": TEXT}, "changes"),
    "BenchSaved": record({"name": TEXT, "path": TEXT, "text": TEXT}),
}


def bench_paths() -> Mapping[str, Schema]:
    """Return the addresses of the bench; there are none where nobody started one."""
    said = "A line of JSON for each value, as it comes: `value` and the agreement there."
    return {
        _API: {"get": _told("Recordings, sets of thresholds and classes to choose from.", "Bench")},
        f"{_API}/thresholds/{{criteria}}": within(
            "criteria", "the name of a set", get=_told("Every threshold of a set.", "Thresholds", "400")
        ),
        f"{_API}/look": _asked("Events and agreement, as fast as can be.", "BenchAsked", "BenchAnswer"),
        f"{_API}/settle": _asked("Events and every number, as `soleus score --set`.", "BenchAsked", "BenchAnswer"),
        f"{_API}/curve": _asked(said, "BenchCurve", ""),
        f"{_API}/flips": _asked("Which events come, go or move.", "BenchBefore", "BenchFlips"),
        f"{_API}/robustness": _asked("How far indices hang on thresholds.", "BenchOne", "BenchReaches"),
        f"{_API}/save": _asked("Write a criteria file.", "BenchSaving", "BenchSaved"),
    }


def _told(said: str, answer: str, *codes: str) -> Schema:
    content = {JSON: ref(answer)} if answer else {"application/x-ndjson": TEXT}
    return answered(said, content, refusals(_REASONS, codes))


def _asked(said: str, body: str, answer: str) -> Schema:
    return {"post": {**_told(said, answer, *_REASONS), **sent(JSON, ref(body))}}

"""The diary and the comparison of periods in the description of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboards.comparison import Measure, Verdict
from dashboards.web.openapi_parts import (
    COUNT,
    KNOWN,
    NANOSECONDS,
    NUMBER,
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

_SAID: Final[Mapping[str, Schema]] = {
    "time_ns": NANOSECONDS,
    "kind": described(TEXT, "`cramp`, `note`, `remedy_on`, …: `docs/diary.md`"),
    "text": TEXT,
    "values": described(map_of(NUMBER), "numbers, the unit is in the name"),
    "words": described(map_of(TEXT), "`leg`, `muscle`, `helped`, `name`, `tags`, …"),
}
_DAY: Final[Schema] = {"type": "string", "format": "date", "description": "an evening; the small hours belong to it"}
_SIDE: Final = record(
    {
        "period": ref("Period"),
        "n_nights": COUNT,
        "n_valid_nights": COUNT,
        "valid_h": NUMBER,
        "count": described(KNOWN, "null with too few nights"),
    }
)
BESIDE: Final[Schema] = record({"both": COUNT, "sensors_only": COUNT, "diary_only": COUNT})
DIARY_SCHEMAS: Final[Mapping[str, Schema]] = {
    "DiaryEntry": record(
        {
            "key": described(TEXT, "what it is called when it is changed; empty of a mark, which is not changed"),
            **_SAID,
            "history": array_of(record({**_SAID, "changed_ns": NANOSECONDS})),
        }
    ),
    "Diary": array_of(ref("DiaryEntry")),
    "DiaryWritten": record(
        {
            **_SAID,
            "age_s": {"type": "number", "minimum": 0, "description": "how long ago it was, instead of a time"},
            "press": {"type": "string", "maxLength": 64, "description": "a name, so that it is kept once"},
        },
        "time_ns",
        "text",
        "values",
        "words",
        "age_s",
        "press",
    ),
    "DiaryChange": record(_SAID, "time_ns", "text", "values", "words"),
    "Period": record({"key": TEXT, "name": TEXT, "first": _DAY, "last": _DAY, "evenings": array_of(_DAY)}),
    "Compared": record(
        {
            "periods": array_of(ref("Period")),
            "comparisons": array_of(
                record(
                    {
                        "measure": one_of(*(str(one) for one in Measure)),
                        "a": _SIDE,
                        "b": _SIDE,
                        "ratio": described(KNOWN, "rate of `b` over rate of `a`, per valid hour"),
                        "low": described(KNOWN, "of its 95 % interval; null without a limit"),
                        "high": KNOWN,
                        "p_real": described(KNOWN, "probability of a real difference"),
                        "to_tell": described(KNOWN, "the ratio that `nights_more` is meant for"),
                        "verdict": one_of(*(str(one) for one in Verdict)),
                        "nights_more": {"type": ["integer", "null"]},
                        "why": TEXT,
                    }
                )
            ),
        }
    ),
}

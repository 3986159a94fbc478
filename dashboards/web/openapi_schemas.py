"""What the JSON answers of the app look like, as JSON Schema; every field stands here, and no other may be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboards.web.classes import EventClass
from dashboards.web.openapi_bench import BENCH_SCHEMAS
from dashboards.web.openapi_diary import BESIDE, DIARY_SCHEMAS
from dashboards.web.openapi_label import LABEL_SCHEMAS
from dashboards.web.openapi_parts import (
    BOOLEAN,
    COUNT,
    KIND,
    KNOWN,
    LEG,
    NANOSECONDS,
    NUMBER,
    OFFSET,
    PAIR,
    SECONDS,
    TEXT,
    VALUES,
    WORD,
    Schema,
    array_of,
    described,
    map_of,
    one_of,
    record,
    ref,
)
from detectors.events import EventQuality

if TYPE_CHECKING:
    from collections.abc import Mapping

_HOURS = array_of(record({"hour": COUNT, "n": COUNT, "signal_h": NUMBER}))
_EVENT = record(
    {
        "id": described(TEXT, "names the event; goes into its address and into a judgement"),
        "kind": KIND,
        "class": described(one_of(*(str(one) for one in EventClass), None), "null where the pages do not show it"),
        "title": TEXT,
        "leg": LEG,
        "sensor": TEXT,
        "onset_s": SECONDS,
        "end_s": SECONDS,
        "quality": one_of(*(str(quality) for quality in EventQuality)),
        "revision": COUNT,
        "confirmed": WORD,
        "measures": described(VALUES, "the unit is in the name"),
        "levels": described(VALUES, "thresholds that are drawn, µV or g"),
    }
)
_NIGHT = record(
    {
        "night": TEXT,
        "start_ns": NANOSECONDS,
        "duration_s": NUMBER,
        "utc_offset_s": OFFSET,
        "running": BOOLEAN,
        "simulated": BOOLEAN,
        "status": TEXT,
        "headline": TEXT,
        "criteria": TEXT,
        "version": TEXT,
        "sensors": array_of(record({"name": TEXT, "leg": LEG, "site": TEXT})),
        "classes": array_of(record({"name": TEXT, "legend": TEXT, "lane": TEXT})),
        "summary": {"type": "object", "description": "the numbers of the night: see `soleus score --format json`"},
        "events": array_of(ref("Event")),
        "sleep": array_of(record({"onset_s": SECONDS, "end_s": SECONDS, "asleep": BOOLEAN, "uncertain": BOOLEAN})),
        "diary": array_of(
            record({"at_s": SECONDS, "key": TEXT, "kind": TEXT, "text": TEXT, "values": VALUES, "words": map_of(TEXT)})
        ),
        "beside": described(BESIDE, "contractions and noted cramps, matched and never merged"),
    }
)
_NIGHTS = array_of(
    record(
        {
            "night": described(TEXT, "the name of the night, for the other addresses"),
            "start_ns": NANOSECONDS,
            "end_ns": NANOSECONDS,
            "utc_offset_s": OFFSET,
            "running": BOOLEAN,
            "simulated": BOOLEAN,
        }
    )
)
_METRIC = record(
    {
        "name": TEXT,
        "title": TEXT,
        "keys": described(array_of(TEXT), "keys of the summary that it is made of"),
        "values": array_of(KNOWN),
        "parts": array_of(array_of(KNOWN)),
        "why": described(array_of(TEXT), "why a night does not count; empty where it does"),
        "n_counted": COUNT,
        "median": KNOWN,
        "middle_half": PAIR,
        "trend": record(
            {
                "changed": {"type": ["boolean", "null"], "description": "null where one cannot tell"},
                "per_week": KNOWN,
                "interval": PAIR,
                "method": TEXT,
                "text": TEXT,
            }
        ),
    }
)
_WEEKS = record(
    {
        "headline": TEXT,
        "caveats": array_of(TEXT),
        "nights": array_of(
            record(
                {
                    "night": TEXT,
                    "day": TEXT,
                    "start_ns": NANOSECONDS,
                    "end_ns": NANOSECONDS,
                    "utc_offset_s": OFFSET,
                    "simulated": BOOLEAN,
                    "grade": {"type": ["string", "null"]},
                    "criteria": TEXT,
                    "version": TEXT,
                    "cramps_noted": {"type": ["integer", "null"]},
                    "diary": array_of(record({"s": SECONDS, "kind": TEXT, "text": TEXT, "values": VALUES})),
                }
            )
        ),
        "metrics": array_of(_METRIC),
        "events": record(
            {
                "night": described(array_of(COUNT), "positions in `nights`"),
                "kind": array_of(KIND),
                "tier": array_of(KNOWN),
                "leg": array_of(LEG),
                "onset_s": array_of(SECONDS),
                "duration_s": array_of(NUMBER),
                "confirmed": array_of(WORD),
            }
        ),
        "titles": map_of(TEXT),
        "by_clock_hour": _HOURS,
        "since_sleep_onset": _HOURS,
        "diary": array_of(TEXT),
        "notice": described(array_of(TEXT), "what else changed, as far as one can tell"),
        "periods": described(array_of(ref("Period")), "of the diary, whenever they were"),
    }
)
_SENSORS = record(
    {
        "night": TEXT,
        "sensors": array_of(
            record(
                {
                    "sensor": TEXT,
                    "leg": LEG,
                    "site": TEXT,
                    "device": TEXT,
                    "delivered": BOOLEAN,
                    "start_s": SECONDS,
                    "minutes": described(map_of(array_of(KNOWN)), "a value for each minute from `start_s` on"),
                    "account": {"type": "object", "description": "totals from the certificate of the night"},
                    "figures": map_of(record({"value": KNOWN, "text": TEXT})),
                    "missing": array_of(record({"onset_s": SECONDS, "duration_s": NUMBER, "cause": TEXT})),
                    "advice": array_of(TEXT),
                }
            )
        ),
    }
)
SCHEMAS: Final[Mapping[str, Schema]] = {
    "Error": record({"error": described(TEXT, "what was wrong, in a line")}),
    "Nights": _NIGHTS,
    "Night": _NIGHT,
    "Event": _EVENT,
    "Weeks": _WEEKS,
    "Sensors": _SENSORS,
    **DIARY_SCHEMAS,
    **BENCH_SCHEMAS,
    **LABEL_SCHEMAS,
    "Judgement": record({"event": described(TEXT, "the event's `id`"), "confirmed": WORD}),
    "Note": record(
        {
            "text": {"type": "string", "minLength": 1, "maxLength": 1000},
            "at_s": described(NUMBER, "seconds since the start of the night; without it now, while the night runs"),
        },
        "at_s",
    ),
    "Mark": record(
        {
            "label": described(TEXT, "what happened, as `cramp`"),
            "age_s": {"type": "number", "minimum": 0, "description": "how long ago it was pressed"},
            "press": {"type": "string", "maxLength": 64, "description": "a name, so that it is kept once"},
        },
        "label",
        "age_s",
        "press",
    ),
}

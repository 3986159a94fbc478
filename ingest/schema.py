"""What is in InfluxDB: measurements, tags, and the type of every field. ``docs/influxdb.md`` describes it.

InfluxDB takes the type of a field from the first value that it sees; here the type is fixed beforehand, so that a whole
number can never make a column of integers out of a measure.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ingest.diary_kinds import CHOICES, KINDS, NUMBERS, WORDS, check_entry
from ingest.measures import DELIVERY_MEASURES, EPOCH_MEASURES, EVENT_MEASURES, HEALTH_MEASURES, NIGHT_MEASURES
from ingest.unquoted import unquoted

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_HIGHEST_INT64 = 2**63 - 1


class FieldType(StrEnum):
    """Type of a field."""

    FLOAT = "float"
    INTEGER = "integer"
    STRING = "string"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measurement (the database's word for a table).

    Parameters
    ----------
    name : str
        Its name.
    tags : tuple of str
        Tags that its points may carry; a point leaves out what it has no value for.
    fields : mapping of str to FieldType
        Fields with a fixed name.
    measures : frozenset of str
        Further fields that this version writes, all of type float. A point may carry others: a detector may measure
        something new, and it is a float too.
    time : str
        What the time of a point is the time of, for the documentation.
    """

    name: str
    tags: tuple[str, ...]
    fields: Mapping[str, FieldType]
    measures: frozenset[str] = frozenset()
    time: str = ""

    def field_type(self, name: str) -> FieldType:
        """Return the type of a field.

        Raises
        ------
        ValueError
            If the name cannot be a field's name.
        """
        kind = self.fields.get(name)
        if kind is not None:
            return kind
        # Writers ask this for every field of every point: what we named ourselves need not be looked at.
        if name not in self.measures and (not _NAME.fullmatch(name) or name == "time" or name in self.tags):
            msg = f"{self.name}: {name!r} cannot be a field, expected lower case letters, digits and '_', and no tag"
            raise ValueError(msg)
        return FieldType.FLOAT

    def tag_text(self, tags: Mapping[str, str]) -> str:
        """Return tags in line protocol, each with a comma before it; a tag without a value is left out.

        Raises
        ------
        ValueError
            If there are others than those of the measurement, or a value cannot be one.
        """
        known = [name for name in sorted(tags) if name in self.tags]
        if len(known) < len(tags):
            msg = f"{self.name}: tags {sorted(tags.keys() - set(known))} are not in the schema"
            raise ValueError(msg)
        return "".join([f",{name}={_tag(self.name, name, tags[name])}" for name in known if tags[name]])


_REVISED = {"revision": FieldType.INTEGER, "valid": FieldType.INTEGER}

# What a night's summary says about each sensor; the other numbers are the whole night's and carry no tags
# `sensor` and `kind`.
PER_SENSOR = frozenset({"valid_h", "good_h", "grade"})

LEG_EVENT = Measurement(
    "leg_event",
    ("site", "person", "scoring", "kind", "sensor", "leg"),
    {"duration_s": FieldType.FLOAT, "end_ms": FieldType.INTEGER, "quality": FieldType.STRING, **_REVISED},
    frozenset(EVENT_MEASURES.split()),
    "onset",
)
LEG_EPOCH = Measurement(
    "leg_epoch",
    # `kind` is what the epoch summarises: emg or acceleration, which may share a sensor and a start.
    ("site", "person", "scoring", "kind", "sensor", "leg"),
    {"duration_s": FieldType.FLOAT, **_REVISED},
    frozenset(EPOCH_MEASURES.split()),
    "start of the 30 s",
)
SENSOR_HEALTH = Measurement(
    "sensor_health",
    ("site", "person", "sensor", "kind"),
    {"detail": FieldType.STRING, **_REVISED},
    frozenset(HEALTH_MEASURES.split()),
    "of the report",
)
NIGHT = Measurement(
    "night",
    ("site", "person", "scoring", "sensor", "kind"),
    {
        "duration_s": FieldType.FLOAT,
        "grade": FieldType.STRING,
        "night_grade": FieldType.STRING,
        "sleep_basis": FieldType.STRING,
        "movement_source": FieldType.STRING,
        # What it was scored with: the set and what was changed of it, and the version of the program.
        "criteria": FieldType.STRING,
        "version": FieldType.STRING,
        # Names of the numbers that this revision has no value for, each between two blanks.
        "unknown": FieldType.STRING,
        **_REVISED,
    },
    frozenset(NIGHT_MEASURES.split()),
    "start of the night",
)
NIGHT_HOUR = Measurement(
    "night_hour",
    # `since` is what the hours count from: sleep_onset, start (of the night) or midnight.
    ("site", "person", "scoring", "since", "hour"),
    dict(_REVISED),
    frozenset({"valid_h", "lm", "plms_wasm", "plms_wasm_per_h", "cramps"}),
    "start of the night",
)
NIGHT_INTERVAL = Measurement(
    "night_interval",
    # `from_s` is the lower edge of a bin of intervals between candidates for a series, with leading zeros: 022.
    ("site", "person", "scoring", "from_s"),
    dict(_REVISED),
    frozenset({"n"}),
    "start of the night",
)
SLEEP_EPOCH = Measurement(
    "sleep_epoch",
    ("site", "person", "scoring"),
    {"state": FieldType.STRING, "basis": FieldType.STRING, **_REVISED},
    time="start of the 30 s",
)
DIARY = Measurement(
    "diary",
    ("site", "person", "kind", "sensor"),
    # `end_ms` is there where an entry says for how long: of a medicine that is taken for two weeks, `duration_h`.
    {"text": FieldType.STRING, "end_ms": FieldType.INTEGER, **dict.fromkeys(WORDS, FieldType.STRING), **_REVISED},
    # What people may write down is without end; these are what Soleus asks for, and one that dashboards ask for.
    frozenset({*NUMBERS, "intensity_1_10"}),
    "of the entry",
)
# The words of the diary, for the pages as well: of all `ingest` they see this module alone.
DIARY_KINDS = KINDS
DIARY_NUMBERS = NUMBERS
DIARY_WORD_CHOICES = CHOICES
DIARY_WORDS = WORDS
check_diary = check_entry
DELIVERY = Measurement(
    "delivery",
    # `kind` is outbox (of the collector `name`) or writer (of that name; it serves all homes and has no person).
    ("site", "person", "kind", "name"),
    dict(_REVISED),
    frozenset(DELIVERY_MEASURES.split()),
    "of the report",
)


def unknown(numbers: Mapping[str, object]) -> str:
    """Return the names of a night's numbers that have no value, each between two blanks.

    A database keeps the number of an earlier revision where a later one has none; who reads it asks that the name is
    not in here.

    Parameters
    ----------
    numbers : mapping of str to object
        The summary of the night.

    Examples
    --------
    >>> " lm_per_h " in unknown({"lm_per_h": 21.5}), " lm_per_h " in unknown({"lm_per_h": None})
    (False, True)
    """
    names = NIGHT.measures - PER_SENSOR
    return f" {' '.join(sorted(name for name in names if not isinstance(numbers.get(name), int | float)))} "


_NIGHTS = (NIGHT, NIGHT_HOUR, NIGHT_INTERVAL, SLEEP_EPOCH)
MEASUREMENTS = {m.name: m for m in (LEG_EVENT, LEG_EPOCH, SENSOR_HEALTH, *_NIGHTS, DIARY, DELIVERY)}

Value = float | int | str


@dataclass(frozen=True, slots=True)
class Point:
    """One point: the same measurement, tags and time is the same point, and the last write wins field by field.

    Parameters
    ----------
    measurement : Measurement
        Where it belongs.
    tags : mapping of str to str
        Values of the measurement's tags; an empty one is left out.
    fields : mapping of str to value
        At least one.
    time_ns : int
        UTC, ns.
    """

    measurement: Measurement
    tags: Mapping[str, str]
    fields: Mapping[str, Value]
    time_ns: int

    def line(self) -> str:
        r"""Return the point in line protocol, with the types of the schema.

        Raises
        ------
        ValueError
            If a tag or field does not fit the schema.

        Examples
        --------
        >>> Point(DIARY, {"person": "p 1", "kind": "cramp"}, {"text": 'in "bed"', "valid": 1}, 5).line()
        'diary,kind=cramp,person=p\\ 1 text="in \\"bed\\"",valid=1i 5'
        """
        measurement = self.measurement
        if not self.fields:
            msg = f"{measurement.name}: the point has 0 fields, expected at least one"
            raise ValueError(msg)
        fields = [f"{name}={_field(measurement, name, value)}" for name, value in self.fields.items()]
        return f"{measurement.name}{measurement.tag_text(self.tags)} {','.join(fields)} {self.time_ns}"


def _tag(measurement: str, key: str, value: str) -> str:
    if value.isalnum():
        return value
    # A backslash at the end would escape the separator behind it, and line protocol has no way to escape it.
    if value.endswith("\\") or not value.isprintable():
        msg = f"{measurement}: tag {key} ends in a backslash or holds a control character"
        raise ValueError(msg)
    return value.replace(",", r"\,").replace("=", r"\=").replace(" ", r"\ ")


def _field(measurement: Measurement, name: str, value: Value) -> str:
    kind = measurement.field_type(name)
    # Most are floats.
    if kind is FieldType.FLOAT and isinstance(value, (int, float)) and math.isfinite(value):
        return repr(float(value))
    match kind:
        case FieldType.STRING if isinstance(value, str):
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        case FieldType.INTEGER if isinstance(value, int) and abs(value) <= _HIGHEST_INT64:
            return f"{int(value)}i"
        case _:
            msg = f"{measurement.name}.{name} is {unquoted(value)}, expected a {kind} that InfluxDB can hold"
            raise ValueError(msg)

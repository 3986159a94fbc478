"""What the schemas of the API are put together from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detectors.events import EventKind
from detectors.signal import Leg

if TYPE_CHECKING:
    from collections.abc import Mapping

Schema = dict[str, object]


def described(schema: Schema, text: str) -> Schema:
    """Return a schema with a description."""
    return {**schema, "description": text}


def array_of(items: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items}


def record(fields: Mapping[str, Schema], *optional: str) -> Schema:
    """Return the schema of an object with exactly these fields; `optional` ones may be left out."""
    return {
        "type": "object",
        "properties": dict(fields),
        "required": [name for name in fields if name not in optional],
        "additionalProperties": False,
    }


def one_of(*values: str | None) -> Schema:
    """Return the schema of one of a few values."""
    return {"enum": [*values]}


def ref(name: str) -> Schema:
    """Return what stands for the schema of a name."""
    return {"$ref": f"#/components/schemas/{name}"}


def map_of(values: Schema) -> Schema:
    """Return the schema of values by name."""
    return {"type": "object", "additionalProperties": values}


TEXT: Final[Schema] = {"type": "string"}
BOOLEAN: Final[Schema] = {"type": "boolean"}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
NUMBER: Final[Schema] = {"type": "number"}
KNOWN: Final[Schema] = {"type": ["number", "null"], "description": "null where it is not known"}
SECONDS: Final[Schema] = {"type": "number", "description": "seconds since the start of the night"}
NANOSECONDS: Final[Schema] = {
    "type": "string",
    "pattern": "^[0-9]+$",
    "description": "UTC in nanoseconds, as text: a number of JavaScript cannot hold it",
}
OFFSET: Final[Schema] = {"type": "integer", "description": "seconds that the clock of the place is ahead of UTC"}
WORD: Final[Schema] = {"type": ["boolean", "null"], "description": "what the person said; null where nothing was said"}
LEG: Final[Schema] = one_of(*(str(leg) for leg in Leg))
KIND: Final[Schema] = {
    "anyOf": [one_of(*(str(kind) for kind in EventKind)), {"type": "string", "pattern": "^plugin_[a-z][a-z0-9_]*$"}]
}
VALUES: Final[Schema] = map_of(KNOWN)
PAIR: Final[Schema] = {"type": "array", "items": KNOWN, "minItems": 2, "maxItems": 2}

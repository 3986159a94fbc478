"""The schemas of the messages, and what they say against a message."""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator

from ingest import wire
from ingest.night.entries import TopicKind

NAMES = (*TopicKind, "availability", "stored", "mark", "note", "tonight")


@functools.cache
def schema(name: str) -> dict[str, Any]:
    text = (resources.files("ingest") / "messages" / f"{name}.schema.json").read_text(encoding="utf-8")
    read: dict[str, Any] = json.loads(text)
    return read


@functools.cache
def validator(name: str) -> Draft202012Validator:
    Draft202012Validator.check_schema(schema(name))
    return Draft202012Validator(schema(name))


def faults(topic: str, payload: bytes) -> list[str]:
    """Return what a schema has against a message; a key that it does not name is one too."""
    name = topic.rpartition("/")[2]
    message = json.loads(payload)
    said = [f"{error.json_path}: {error.message}" for error in validator(name).iter_errors(message)]
    unknown = set(message) - set(schema(name)["properties"]) if isinstance(message, dict) else set()
    return said + [f"{key}: not in the schema" for key in sorted(unknown)]


def is_fine(name: str, message: object) -> bool:
    return bool(validator(name).is_valid(message))


def envelope(name: str) -> dict[str, Any]:
    return {key: value for key, value in schema(name)["properties"].items() if key in wire.ENVELOPE}

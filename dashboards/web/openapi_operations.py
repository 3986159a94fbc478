"""What the addresses of the API are put together from: parameters, answers, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboards.web.openapi_parts import TEXT, Schema, described, ref

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

JSON: Final = "application/json"
BYTES: Final[Schema] = {"type": "string", "contentEncoding": "binary"}


def parameter(name: str, schema: Schema, *, required: bool = True) -> Schema:
    """Return a parameter that stands behind the question mark."""
    return {"name": name, "in": "query", "required": required, "schema": schema}


def within(name: str, said: str, **operations: Schema) -> Schema:
    """Return the operations of an address with one part that is a name: what it is called, and what it names."""
    schema = described(TEXT, said)
    return {"parameters": [{"name": name, "in": "path", "required": True, "schema": schema}], **operations}


def answered(
    said: str, content: Mapping[str, Schema], refused: Schema, query: Sequence[Schema] | None = None
) -> Schema:
    """Return an operation: what it does, the schema of its answer by content type, what is refused, and its query."""
    answer = {"description": "The answer.", "content": {kind: {"schema": schema} for kind, schema in content.items()}}
    named = {"parameters": list(query)} if query else {}
    return {"summary": said, **named, "responses": {"200": answer, **refused}}


def sent(kind: str, schema: Schema) -> Schema:
    """Return what a request has to carry."""
    return {"requestBody": {"required": True, "content": {kind: {"schema": schema}}}}


def refusals(reasons: Mapping[str, str], codes: Iterable[str]) -> Schema:
    """Return the answers by which something is refused, each with its reason."""
    content = {JSON: {"schema": ref("Error")}}
    return {code: {"description": reasons[code], "content": content} for code in codes}

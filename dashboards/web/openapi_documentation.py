"""Write ``docs/api.md`` out of the description of the API: ``python -m dashboards.web.openapi_documentation``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashboards.web.openapi import description
from dashboards.web.openapi_schemas import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PATH = Path(__file__).parents[2] / "docs" / "api.md"
_HEAD = """# The JSON API

Written by `make docs` out of `dashboards/web/openapi.py`; the same as OpenAPI 3.1 is at `/api/openapi.json`.

"""
_COLUMNS = """## Columns

Signals come as `application/vnd.soleus.columns`: 4 bytes length of a header (unsigned, little-endian), the header
(UTF-8 JSON, padded with spaces to a multiple of 4), then each column as little-endian float32, NaN where nothing was
measured. The header says of each column `offset` (bytes from the end of the header), `n` (values), `start_s` and
`hop_s`, and which sensor and quantity it is. A stream (`application/vnd.soleus.live`) is such pieces one after the
other, each behind 4 bytes of its length.
"""
_JSON = "application/json"
_LONGEST_CHOICE = 6


def page() -> str:
    """Return the document.

    Returns
    -------
    str
        Markdown.
    """
    told: Any = description()
    lines = [told["info"]["description"], "", "## Addresses", "", "| ask | takes | answers |", "|---|---|---|"]
    lines += [row for path, item in told["paths"].items() for row in _rows(path, item)]
    lines += ["", "## Fields", ""]
    for name, schema in SCHEMAS.items():
        lines += [f"### {name}", "", "| field | is | |", "|---|---|---|", *_fields(schema), ""]
    return f"{_HEAD}{chr(10).join(lines)}\n{_COLUMNS}"


def _rows(path: str, item: Mapping[str, Any]) -> Iterator[str]:
    for method, operation in item.items():
        if method == "parameters":
            continue
        takes = [_taken(parameter) for parameter in operation.get("parameters", ())]
        if "requestBody" in operation:
            sent = operation["requestBody"]["content"]
            takes += [_kind(body["schema"]) if kind == _JSON else f"`{kind}`" for kind, body in sent.items()]
        codes = ", ".join(code for code in operation["responses"] if code not in {"200", "201", "204"})
        answers = " or ".join(
            _kind(content["schema"]) if kind == _JSON else f"`{kind}`"
            for content_of in (operation["responses"].get(code, {}).get("content", {}) for code in ("200", "201"))
            for kind, content in content_of.items()
        )
        refusals = f"; {codes}" if codes else ""
        yield (
            f"| `{method.upper()} {path}`<br>{operation['summary']} | {', '.join(takes)} "
            f"| {answers or 'nothing (204)'}{refusals} |"
        )


def _taken(parameter: Mapping[str, Any]) -> str:
    told = parameter["schema"].get("description", "")
    asked = "" if parameter["required"] else " (may be left out)"
    return f"`{parameter['name']}`: {told}{asked}"


def _fields(schema: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """Yield a line for each field, those of inner objects under their own path."""
    if schema.get("type") == "array":
        yield from _fields(schema["items"], f"{before}[]")
        return
    required = schema.get("required", ())
    for name, inner in schema.get("properties", {}).items():
        path = f"{before}.{name}" if before else name
        said = inner.get("description", "")
        may = "" if name in required else "; may be left out" if said else "may be left out"
        yield f"| `{path}` | {_kind(inner)} | {said}{may} |"
        held = inner.get("items", inner.get("additionalProperties") or inner)
        if isinstance(held, dict) and held.get("properties"):
            yield from _fields(held, f"{path}[]" if inner.get("type") == "array" else _inside(path, inner))


def _inside(path: str, inner: Mapping[str, Any]) -> str:
    return path if "properties" in inner else f"{path}.*"


def _kind(schema: Mapping[str, Any]) -> str:
    """Return what a value is in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in schema:
        values = schema["enum"]
        shown = [f"`{value}`" if value is not None else "null" for value in values[:_LONGEST_CHOICE]]
        return ", ".join([*shown, *(["…"] if len(values) > _LONGEST_CHOICE else [])])
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_kind(schema['items'])}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_kind(schema['additionalProperties'])} by name"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def main() -> None:
    """Write the file."""
    PATH.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()

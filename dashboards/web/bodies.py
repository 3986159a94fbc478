"""What a request carries: the fields of a form, or an object of JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException

from dashboards.web.marking import BAD_REQUEST, bounded_body, expect_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request


async def json_sent(request: Request, most_bytes: int) -> Mapping[str, object]:
    """Return the JSON object that a request carries.

    Parameters
    ----------
    request : Request
        What was sent.
    most_bytes : int
        A body that is longer is refused, and the rest of it not read.

    Raises
    ------
    HTTPException
        If it is not JSON by its content type, too long, or no object.
    """
    expect_json(request)
    return json_object(await bounded_body(request, most_bytes))


def json_object(body: bytes) -> Mapping[str, object]:
    """Return the object that a body holds.

    Parameters
    ----------
    body : bytes
        What was sent.

    Raises
    ------
    HTTPException
        If it is none.
    """
    try:
        stored = json.loads(body)
    except (ValueError, RecursionError):
        stored = None
    if not isinstance(stored, dict):
        raise HTTPException(BAD_REQUEST, "expected a JSON object")
    return stored


def form_fields(body: bytes, most_fields: int) -> Mapping[str, str]:
    """Return the fields of a form; nothing of what is none.

    Parameters
    ----------
    body : bytes
        What was sent, as ``application/x-www-form-urlencoded``.
    most_fields : int
        A form that has more is none of ours.
    """
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, errors="replace", max_num_fields=most_fields)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}

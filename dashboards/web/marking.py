"""A marker for a moment of a running night."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from dashboards.web.tonight_press import Presses, read_press

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from dashboards.book import NightBook
    from dashboards.web.tonight_press import Press

NO_CONTENT = 204
BAD_REQUEST = 400
NOT_FOUND = 404
CONFLICT = 409
TOO_LARGE = 413
UNSUPPORTED = 415
LARGEST_BODY_BYTES = 1024


def marks(book: NightBook) -> Callable[[Request], Awaitable[Response]]:
    """Return what answers to a marker that is sent as ``{"label": "..."}``, and may be one of a while ago.

    Parameters
    ----------
    book : NightBook
        Where the nights are.
    """
    presses = Presses(book)

    async def answer(request: Request) -> Response:
        expect_json(request)
        press = _press(await bounded_body(request, LARGEST_BODY_BYTES))
        try:
            await run_in_threadpool(presses.keep, request.path_params["night_id"], press)
        except KeyError:
            raise HTTPException(NOT_FOUND, "there is no night of this name") from None
        except ValueError as error:
            raise HTTPException(CONFLICT, str(error)) from error
        return Response(status_code=NO_CONTENT)

    return answer


def expect_json(request: Request) -> None:
    """Refuse what a form of a page elsewhere could send; a form cannot send JSON.

    Raises
    ------
    HTTPException
        If the request is not JSON.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(UNSUPPORTED, "expected content-type application/json")


async def bounded_body(request: Request, most_bytes: int) -> bytes:
    """Return what a request carries.

    Raises
    ------
    HTTPException
        If it is more than `most_bytes`; the rest is not read.
    """
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > most_bytes:
            raise HTTPException(TOO_LARGE, f"expected at most {most_bytes} bytes")
    return body


def _press(body: bytes) -> Press:
    try:
        return read_press(body)
    except ValueError as error:
        raise HTTPException(BAD_REQUEST, str(error)) from error

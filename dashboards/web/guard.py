"""What every answer carries and what no request may be: only this origin may load, embed, script, send or read."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, Response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1", "[::1]")
"""Names under which a browser on this computer asks; any other is a page elsewhere that had its name point here."""

EVERY_ADDRESS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared with, not listened on
"""What a server listens on that answers under every address of its computer."""

BAD_REQUEST = 400
FORBIDDEN = 403
READING = frozenset({"GET", "HEAD", "OPTIONS"})
# What a browser says of a request that this page itself makes.
OURS = ("same-origin", "none")
ONLY_OWN_PAGES = "this can only be sent by a page of Soleus itself"
HTTPS_ONLY = "max-age=2592000"
"""For 30 days a browser that saw the certificate asks by TLS only; that holds for the name, whatever the port."""

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::\d*)?", re.ASCII | re.IGNORECASE)
GUARD: Final = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    # A browser that must not name the page which it comes from does not name its origin with a form either, and then
    # nobody can tell our forms from those of a page elsewhere.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
"""The headers of every answer."""


def add_headers(headers: MutableHeaders, scope: Scope) -> None:
    """Add the headers to one answer; one that names no cache policy is not kept anywhere.

    Parameters
    ----------
    headers : MutableHeaders
        Those of the answer.
    scope : Scope
        The request.
    """
    for name, value in GUARD.items():
        headers[name] = value
    # A night is health data: it stays out of the browser's disk cache.
    headers.setdefault("cache-control", "no-store")
    # On loopback it would take other programs of this computer along, which have no certificate.
    if scope.get("scheme") == "https" and host_of(scope) not in LOOPBACK_HOSTS:
        headers["strict-transport-security"] = HTTPS_ONLY


def host_of(scope: Scope) -> str:
    """Return the name or address that a request asks for, in small letters and without the port; empty if none."""
    found = _HOST.fullmatch(Headers(scope=scope).get("host", ""))
    return (found[1] or found[2]).lower() if found else ""


def refusal(scope: Scope, code: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer to a request that no page of this app sends."""
    if scope["path"].startswith("/api/"):
        return JSONResponse({"error": detail}, code, headers)
    return PlainTextResponse(f"{detail}\n", code, headers)


class SecurityHeaders:
    """Add the headers to every answer of an app.

    Parameters
    ----------
    app : ASGIApp
        What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_headers(MutableHeaders(scope=message), scope)
            await send(message)

        await self._app(scope, receive, send_guarded)


class UnreadBodies:
    """Hang up after an answer that came before the whole request was there, so that nobody can go on sending.

    Parameters
    ----------
    app : ASGIApp
        What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = Headers(scope=scope) if scope["type"] == "http" else {}
        unread = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"

        async def receive_noting() -> Message:
            nonlocal unread
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body", False):
                unread = False
            return message

        async def send_closing(message: Message) -> None:
            if message["type"] == "http.response.start" and unread:
                MutableHeaders(scope=message)["connection"] = "close"
            await send(message)

        await self._app(scope, receive_noting, send_closing)


class KnownHosts:
    """Refuse a request for any other name than the app's, so that no page elsewhere has its own name point here.

    An address is no name that anybody could point here: where the app listens on every address, each is answered.

    Parameters
    ----------
    app : ASGIApp
        What answers.
    names : sequence of str
        Names and addresses of the app.
    """

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self._app = app
        self._names = frozenset(name.strip("[]").lower() for name in names if name)
        self._every_address = not EVERY_ADDRESS.isdisjoint(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer = self._app
        if scope["type"] == "http" and not self._is_ours(host_of(scope)):
            said = "this computer has no such name: ask by its address, or set web.name in soleus.toml"
            answer = refusal(scope, BAD_REQUEST, said)
        await answer(scope, receive, send)

    def _is_ours(self, host: str) -> bool:
        return host in self._names or (self._every_address and _is_address(host))


class OwnPages:
    """Refuse what a page elsewhere has a browser send, for every request that could change something.

    Parameters
    ----------
    app : ASGIApp
        What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer = self._app
        if scope["type"] == "http" and scope["method"] not in READING and not from_own_page(Headers(scope=scope)):
            answer = refusal(scope, FORBIDDEN, ONLY_OWN_PAGES)
        await answer(scope, receive, send)


def from_own_page(headers: Headers) -> bool:
    """Return whether a browser says that the request is ours; what says nothing is no browser and brings no cookie."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in OURS
    # Over plain HTTP from another computer there is only this one. The scheme is left out: TLS may end before us.
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == headers.get("host")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True

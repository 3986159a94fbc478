"""The door of an app that others can reach: one password, a page that asks for it, and who may try how often."""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dashboards.web.guard import FORBIDDEN, refusal
from dashboards.web.limits import TOO_MANY, Tries, client_of, retry_after
from dashboards.web.sessions import LONGEST_S, Password, Sessions, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.templating import Jinja2Templates
    from starlette.types import ASGIApp, Receive, Scope, Send

OK = 200
SEE_OTHER = 303
UNAUTHORISED = 401
LARGEST_FORM_BYTES = 4096
MOST_FIELDS = 8
LOGIN = "/login"
STATIC = "/static/"
"""Files that are the same in every home: nobody must sign in for them."""
# Printable, on this server, and nothing that a browser takes for a slash at the second place.
_OWN_PATH = re.compile(r"/(?:[!-.0-\[\]-~][!-\[\]-~]*)?")


def _nothing() -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Login:
    """One password for all pages.

    Parameters
    ----------
    password : Password
        The password.
    sessions : Sessions
        Who has signed in.
    tries : Tries
        Who may guess.
    refused : callable
        Called for each wrong password.
    """

    password: Password
    sessions: Sessions = field(default_factory=Sessions)
    tries: Tries = field(default_factory=Tries)
    refused: Callable[[], None] = _nothing
    _key: bytes = field(default_factory=secrets.token_bytes, repr=False)
    # A hash takes 16 MiB: whoever guesses in parallel waits in a row.
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    def token_of_session(self, request: Request) -> str | None:
        """Return the token of the session that a request belongs to, or None if it belongs to none."""
        token = request.cookies.get(cookie_name(request, "session"), "")
        return token if self.sessions.renew(token) else None

    def form_token(self, cookie: str) -> str:
        """Return what a form must bring beside a cookie: whoever cannot read our pages cannot know it."""
        return hmac.new(self._key, digest(cookie), "sha256").hexdigest()

    def is_form(self, form: Mapping[str, str], cookie: str) -> bool:
        """Return whether a form came from a page of ours in the browser that has the cookie."""
        given = form.get("token", "").encode("utf-8", "replace")
        return bool(cookie) and hmac.compare_digest(given, self.form_token(cookie).encode())

    async def is_right(self, given: str) -> bool:
        """Return whether this is the password."""
        async with self._one_at_a_time:
            return await run_in_threadpool(self.password.matches, given)


@dataclass(frozen=True, slots=True)
class LoginPages:
    """The pages of the door.

    Parameters
    ----------
    login : Login
        The door.
    templates : Jinja2Templates
        The pages.
    """

    login: Login
    templates: Jinja2Templates

    async def login_page(self, request: Request) -> Response:
        """Ask for the password, or look at the one that was given."""
        if request.method == "POST":
            return await self._try(request)
        goal = own_path(request.query_params.get("next", ""))
        if self.login.token_of_session(request) is not None:
            return RedirectResponse(goal, SEE_OTHER)
        return self._page(request, OK, "", goal)

    async def logout(self, request: Request) -> Response:
        """End the session of this browser."""
        token = self.login.token_of_session(request) or ""
        if not self.login.is_form(await _form(request), token):
            return refusal(request.scope, FORBIDDEN, "this form is too old, go back and load the page again")
        self.login.sessions.close(token)
        response = RedirectResponse(LOGIN, SEE_OTHER)
        _set_cookie(request, response, "session", "", age_s=0)
        return response

    async def _try(self, request: Request) -> Response:
        form = await _form(request)
        goal = own_path(form.get("next", ""))
        browser = request.cookies.get(cookie_name(request, "browser"), "")
        if not self.login.is_form(form, browser):
            said = "This page was too old, or the browser keeps no cookies. Please try again"
            return self._page(request, FORBIDDEN, said, goal)
        address = client_of(request.scope)
        wait_s = self.login.tries.begin(browser, address)
        if wait_s:
            headers = retry_after(wait_s)
            said = f"Too many wrong passwords. Please try again in {headers['retry-after']} s"
            return self._page(request, TOO_MANY, said, goal, headers)
        if not await self.login.is_right(form.get("password", "")):
            self.login.refused()
            return self._page(request, FORBIDDEN, "That is not the password", goal)
        response = RedirectResponse(goal, SEE_OTHER)
        renewed = secrets.token_urlsafe()
        self.login.tries.succeed(browser, address, renewed)
        _set_cookie(request, response, "browser", renewed)
        _set_cookie(request, response, "session", self.login.sessions.open())
        return response

    def _page(
        self, request: Request, code: int, said: str, goal: str, headers: Mapping[str, str] | None = None
    ) -> Response:
        known = request.cookies.get(cookie_name(request, "browser"))
        browser = known or secrets.token_urlsafe()
        context = {"said": said, "next": goal, "token": self.login.form_token(browser)}
        response = self.templates.TemplateResponse(request, "login.html", context, code, headers)
        if known is None:
            _set_cookie(request, response, "browser", browser)
        return response


class Door:
    """Let nobody to an app who has not signed in.

    Parameters
    ----------
    app : ASGIApp
        What answers.
    login : Login
        Who has signed in.
    """

    def __init__(self, app: ASGIApp, login: Login) -> None:
        self._app = app
        self._login = login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer = self._app
        if scope["type"] == "http" and not _is_open(scope["path"]):
            request = Request(scope)
            token = self._login.token_of_session(request)
            if token is None:
                answer = _turned_away(request)
            else:
                scope["sign_out"] = self._login.form_token(token)
        await answer(scope, receive, send)


def sign_out(request: Request) -> dict[str, object]:
    """Return what a template needs for the button that signs out; nothing where nobody has signed in."""
    return {"sign_out": request.scope.get("sign_out", "")}


def own_path(text: str) -> str:
    r"""Return where to go after signing in: a path of this app, whatever a link says.

    Examples
    --------
    >>> [own_path(text) for text in ("/night/a?b=1", "https://evil.example", "//evil.example", "/\\evil.example", "")]
    ['/night/a?b=1', '/', '/', '/', '/']
    """
    return text if _OWN_PATH.fullmatch(text) else "/"


def cookie_name(request: Request, what: str) -> str:
    """Return the name of a cookie; over TLS one that no other server and no plain connection can have set."""
    return f"__Host-soleus_{what}" if request.url.scheme == "https" else f"soleus_{what}"


def _set_cookie(request: Request, response: Response, what: str, value: str, age_s: float = LONGEST_S) -> None:
    response.set_cookie(
        cookie_name(request, what),
        value,
        max_age=round(age_s),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def _is_open(path: str) -> bool:
    return path == LOGIN or path.startswith(STATIC)


def _turned_away(request: Request) -> Response:
    """Lead a person to the page that asks for the password, and tell a program that it may not."""
    # A script of a page asks for anything, a browser that goes to an address asks for a page.
    asks_for_page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
    if request.method != "GET" or not asks_for_page:
        return refusal(request.scope, UNAUTHORISED, "sign in first")
    goal = quote(request.scope["path"])
    if request.url.query:
        goal += f"?{request.url.query}"
    return RedirectResponse(f"{LOGIN}?{urlencode({'next': own_path(goal)})}", SEE_OTHER)


async def _form(request: Request) -> Mapping[str, str]:
    """Return the fields of a form; nothing of what is none."""
    try:
        fields = parse_qs((await request.body()).decode("ascii"), errors="replace", max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}

"""The app: addresses, static files, errors as plain pages."""

from __future__ import annotations

import importlib.resources
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.templating import Jinja2Templates

from dashboards.unavailable import UnavailableError
from dashboards.web.assets import Assets
from dashboards.web.at_time import at_time_routes
from dashboards.web.bench import bench_routes
from dashboards.web.compare import compare_routes
from dashboards.web.diary import diary_routes
from dashboards.web.guard import (
    LOOPBACK_HOSTS,
    KnownHosts,
    OwnPages,
    SecurityHeaders,
    UnreadBodies,
    add_headers,
)
from dashboards.web.judging import judging_routes
from dashboards.web.label import label_routes
from dashboards.web.limits import REQUESTS_AT_ONCE, REQUESTS_PER_S, Buckets, RequestRate
from dashboards.web.login import LARGEST_FORM_BYTES, LOGIN, Door, LoginPages, sign_out
from dashboards.web.marking import BAD_REQUEST, NOT_FOUND, marks
from dashboards.web.openapi import openapi_routes
from dashboards.web.places import navigation
from dashboards.web.sensors import sensors_routes
from dashboards.web.signal_views import COLUMNS_TYPE, signal_routes
from dashboards.web.tonight import tonight_routes
from dashboards.web.tonight_stream import STREAM_TYPE
from dashboards.web.views import Views
from dashboards.web.weeks import weeks_routes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from dashboards.bench import Studio
    from dashboards.book import NightBook
    from dashboards.web.login import Login

SERVER_ERROR = 500
UNAVAILABLE = 503
LARGEST_BODY_BYTES = 65_536
"""What a page sends is a few words; an address that takes more, or less, says so itself."""
GZIP_FROM_BYTES = 1000
GZIP_LEVEL = 4
"""A page in a fifth of the time of level 9, a tenth larger."""
_TITLES = {NOT_FOUND: "This page is not here", SERVER_ERROR: "Something went wrong"}
_HERE = Path(__file__).parent


def chart_directory() -> Path:
    """Return the directory of uPlot's files in the installed ``uplot-python`` package.

    Raises
    ------
    FileNotFoundError
        If the package does not hold them where this version expects them.
    """
    directory = Path(str(importlib.resources.files("uplot") / "static"))
    for name in ("uPlot.iife.js", "uPlot.min.css"):
        if not (directory / name).is_file():
            msg = f"uplot-python: {name} is missing in {directory}, expected it as in version 1.1.1"
            raise FileNotFoundError(msg)
    return directory


def create_app(
    book: NightBook,
    *,
    hosts: Sequence[str] = LOOPBACK_HOSTS,
    login: Login | None = None,
    studio: Studio | None = None,
) -> Starlette:
    """Return the web app over a book of nights.

    Parameters
    ----------
    book : NightBook
        Where the nights are.
    hosts : sequence of str
        Names under which the app may be asked for; a request for any other name is refused, so that a page elsewhere
        cannot point its own name at this computer and read the nights.
    login : Login, optional
        The door of an app that others can reach. Without one everybody who can ask is let in.
    studio : Studio, optional
        What *Bench* and *Label* are about; without it there are no such pages.

    Returns
    -------
    Starlette
        The app, ready for a server.

    Raises
    ------
    FileNotFoundError
        If uPlot's files are not where the installed package should have them.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    assets = Assets(_HERE / "static")
    environment.globals["modules"] = assets.modules
    templates = Jinja2Templates(env=environment, context_processors=[sign_out, navigation(book, studio)])
    return Starlette(
        routes=[*_nights(book, templates, assets), *_studio(studio, templates), *_doors(login, templates)],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(UnreadBodies),
            Middleware(KnownHosts, names=hosts),
            *_watch(login),
            Middleware(
                GZipMiddleware,
                minimum_size=GZIP_FROM_BYTES,
                compresslevel=GZIP_LEVEL,
                # Noise hardly shrinks, and packing the columns of a night takes longer than sending them.
                exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, STREAM_TYPE, COLUMNS_TYPE),
            ),
        ],
        exception_handlers={
            HTTPException: _refusal(templates),
            UnavailableError: _not_now(templates),
            ClientDisconnect: _gone,
            Exception: _failure(templates),
        },
    )


def _nights(book: NightBook, templates: Jinja2Templates, assets: Assets) -> list[BaseRoute]:
    views = Views(book, templates)
    return [
        Route("/", views.newest),
        Route("/night/{night_id}", views.night, name="night"),
        Route("/night/{night_id}/event/{event:path}", views.event, name="event"),
        Route("/api/night/{night_id}", views.night_json, name="night_json"),
        *signal_routes(book),
        *judging_routes(book),
        Route("/api/night/{night_id}/marks", marks(book), methods=["POST"], name="marks"),
        *tonight_routes(book, templates),
        *diary_routes(book, templates),
        *weeks_routes(book, templates),
        *compare_routes(book, templates),
        *sensors_routes(book, templates),
        *at_time_routes(book),
        *openapi_routes(book),
        Mount("/static/uplot", Assets(chart_directory()), name="uplot"),
        Mount("/static", assets, name="static"),
    ]


def _studio(studio: Studio | None, templates: Jinja2Templates) -> list[BaseRoute]:
    return [] if studio is None else [*bench_routes(studio, templates), *label_routes(studio, templates)]


def _doors(login: Login | None, templates: Jinja2Templates) -> list[BaseRoute]:
    if login is None:
        return []
    pages = LoginPages(login, templates)
    return [
        Route(LOGIN, pages.login_page, methods=["GET", "POST"], max_body_size=LARGEST_FORM_BYTES),
        Route("/logout", pages.logout, methods=["POST"], max_body_size=LARGEST_FORM_BYTES),
    ]


def _watch(login: Login | None) -> list[Middleware]:
    """Return what looks at a request before it is answered."""
    always = [
        Middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY_BYTES),
        Middleware(OwnPages),
    ]
    if login is None:
        return always
    rate = Middleware(RequestRate, requests=Buckets(REQUESTS_AT_ONCE, REQUESTS_PER_S))
    return [rate, *always, Middleware(Door, login=login)]


def _refusal(templates: Jinja2Templates) -> Callable[[Request, Exception], Response]:
    """Say in one line what was wrong with a request."""

    def respond(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        response = _say(templates, request, error.status_code, error.detail)
        # What may be asked instead, of a request whose method nobody answers.
        response.headers.update(error.headers or {})
        return response

    return respond


def _not_now(templates: Jinja2Templates) -> Callable[[Request, Exception], Response]:
    """Say in one line what a question needs that is not there now; a page that has something to keep asks again."""

    def respond(request: Request, error: Exception) -> Response:
        return _say(templates, request, UNAVAILABLE, str(error))

    return respond


def _gone(request: Request, error: Exception) -> Response:  # noqa: ARG001 - nobody hears it
    """Answer whoever left while we were still listening."""
    return Response(status_code=BAD_REQUEST)


def _failure(templates: Jinja2Templates) -> Callable[[Request, Exception], Response]:
    """Say that the page could not be made; Starlette hands the error on to the server's log."""

    def respond(request: Request, error: Exception) -> Response:  # noqa: ARG001 - details stay in the log
        response = _say(templates, request, SERVER_ERROR, "the page could not be made; the log of the server says why")
        # Starlette makes this answer outside of all middleware.
        add_headers(response.headers, request.scope)
        return response

    return respond


def _say(templates: Jinja2Templates, request: Request, code: int, detail: str) -> Response:
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": detail}, code)
    title = _TITLES.get(code, "This cannot be answered")
    return templates.TemplateResponse(request, "error.html", {"title": title, "detail": detail}, code)

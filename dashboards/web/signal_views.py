"""Signals as a browser asks for them: tracks, raw samples, and a long stretch as lowest and highest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from dashboards.signals import UnreadableLogError
from dashboards.web.marking import BAD_REQUEST, CONFLICT, NOT_FOUND
from dashboards.web.night_json import LONGEST_RAW_S, extremes_columns, raw_columns, track_columns
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from dashboards.book import NightBook, NightCard, NightView

Found = TypeVar("Found")

COLUMNS_TYPE = "application/vnd.soleus.columns"
MOST_BUCKETS = 8000
"""Twice the pixels of the widest screen."""
DEFAULT_BUCKETS = 1500
LONGEST_S = 172_800.0
"""Nobody sleeps for two days; what is longer is a slip."""


def signal_routes(book: NightBook) -> list[BaseRoute]:
    """Return the addresses of signals.

    Parameters
    ----------
    book : NightBook
        Where the nights are.
    """
    views = SignalViews(book)
    return [
        Route("/api/night/{night_id}/tracks", views.tracks, name="tracks"),
        Route("/api/night/{night_id}/raw", views.raw, name="raw"),
        Route("/api/night/{night_id}/extremes", views.extremes, name="extremes"),
    ]


@dataclass(frozen=True, slots=True)
class SignalViews:
    """What answers with columns; Starlette calls each in a worker thread, so the book may block.

    Parameters
    ----------
    book : NightBook
        Where the nights are.
    """

    book: NightBook

    def tracks(self, request: Request) -> Response:
        """Return the tracks of a night, from ``since`` seconds on, or in about ``points`` values each."""
        card = _card_of(self.book, request)
        since_s = _seconds(request, "since", default=0.0)
        points = _count(request, "points", 1, MOST_BUCKETS) if "points" in request.query_params else None
        return _columns(track_columns(card, self.book.tracks(card.night_id), since_s, points))

    def raw(self, request: Request) -> Response:
        """Return ``[from, to)`` seconds of one sensor at full resolution."""
        card = _card_of(self.book, request)
        sensor, onset_ns, end_ns = _stretch(request, card, LONGEST_RAW_S)
        try:
            stretch = self.book.raw(card.night_id, sensor, onset_ns, end_ns)
        except KeyError:
            raise HTTPException(NOT_FOUND, "this night has no such sensor") from None
        except UnreadableLogError as error:
            raise HTTPException(CONFLICT, str(error)) from error
        return _columns(raw_columns(card, stretch))

    def extremes(self, request: Request) -> Response:
        """Return ``[from, to)`` seconds of one sensor in about ``buckets`` lowest and highest values of each axis."""
        card = _card_of(self.book, request)
        sensor, onset_ns, end_ns = _stretch(request, card, LONGEST_S)
        n_buckets = _count(request, "buckets", DEFAULT_BUCKETS, MOST_BUCKETS)
        try:
            found = self.book.extremes(card.night_id, sensor, onset_ns, end_ns, n_buckets)
        except KeyError:
            raise HTTPException(NOT_FOUND, "this night has no such sensor") from None
        except UnreadableLogError as error:
            raise HTTPException(CONFLICT, str(error)) from error
        return _columns(extremes_columns(card, found))


def night_of(book: NightBook, request: Request) -> NightView:
    """Return the night that an address names.

    Raises
    ------
    HTTPException
        If there is none.
    """
    return _named(book.night, request)


def _card_of(book: NightBook, request: Request) -> NightCard:
    return _named(book.card, request)


def _named(find: Callable[[str], Found], request: Request) -> Found:
    try:
        return find(request.path_params["night_id"])
    except KeyError:
        raise HTTPException(NOT_FOUND, "there is no night of this name") from None


def _columns(body: bytes) -> Response:
    return Response(body, media_type=COLUMNS_TYPE)


def _stretch(request: Request, card: NightCard, longest_s: float) -> tuple[str, int, int]:
    """Return the sensor that is asked for, and the stretch in UTC ns."""
    sensor = request.query_params.get("sensor")
    if not sensor:
        raise HTTPException(BAD_REQUEST, "sensor is missing, expected the name of a sensor")
    from_s, to_s = _seconds(request, "from"), _seconds(request, "to")
    if not 0 < to_s - from_s <= longest_s:
        span = f"from {from_s:g} to {to_s:g} is {to_s - from_s:g} s"
        raise HTTPException(BAD_REQUEST, f"{span}, expected more than 0 and at most {longest_s:g} s")
    onset_ns, end_ns = (card.start_ns + round(t_s * NS_PER_S) for t_s in (from_s, to_s))
    return sensor, onset_ns, end_ns


def _seconds(request: Request, name: str, default: float | None = None) -> float:
    """Return a time since the start of the night, s, from the query."""
    text = request.query_params.get(name)
    if text is None and default is not None:
        return default
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not abs(value) < NS_PER_S:
        shown = "missing" if text is None else f"{text[:40]!r}"
        raise HTTPException(BAD_REQUEST, f"{name} is {shown}, expected seconds since the start of the night")
    return value


def _count(request: Request, name: str, default: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most):
        raise HTTPException(BAD_REQUEST, f"{name} is {text[:40]!r}, expected a whole number from 1 to {most}")
    return int(text)

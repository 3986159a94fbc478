"""From a time to the page of its night, or of the event that began then: where the dashboards' links lead.

A dashboard knows when something was and not the name of its night.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboards.web.night_json import event_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from dashboards.book import NightBook, NightCard
    from detectors.events import Event

NS_PER_MS = 1_000_000
BAD_REQUEST = 400
NOT_FOUND = 404
LATEST_MS = 2**53
"""A browser's numbers are whole up to here."""


def at_time_routes(book: NightBook) -> list[BaseRoute]:
    """Return the address ``/at/{time_ms}`` (UTC, ms).

    Its query says what is known besides: ``person``, and ``kind`` and ``leg`` of an event; and, with ``over=1``, that
    the newest night that is over is asked for.

    Parameters
    ----------
    book : NightBook
        Where the nights are.
    """

    def answer(request: Request) -> Response:
        at_ms = _milliseconds(request.path_params["time_ms"])
        cards = _nights_at(book, at_ms, request)
        found = _event_at(book, cards, at_ms, request)
        if found is None:
            return RedirectResponse(request.url_for("night", night_id=quote(cards[0].night_id, safe="")).path)
        card, event = found
        name = quote(card.night_id, safe="")
        return RedirectResponse(request.url_for("event", night_id=name, event=quote(event_id(event))).path)

    return [Route("/at/{time_ms}", answer, name="at_time")]


def _milliseconds(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > len(str(LATEST_MS)) or int(text) > LATEST_MS:
        raise HTTPException(BAD_REQUEST, f"the time is {text[:40]!r}, expected milliseconds of UTC since 1970")
    return int(text)


def _nights_at(book: NightBook, at_ms: int, request: Request) -> list[NightCard]:
    """Return the newest night that had begun at a time, which may have ended before it, and others that covered it.

    Several people may share a computer, and their nights one evening.
    """
    person, is_over = request.query_params.get("person") or None, request.query_params.get("over") == "1"
    # What is shown with whole milliseconds began within that millisecond.
    first_ns, until_ns = at_ms * NS_PER_MS, (at_ms + 1) * NS_PER_MS
    asked_for = [card for card in book.nights() if person in {None, card.person} and not (is_over and card.running)]
    begun = [card for card in asked_for if card.start_ns < until_ns]
    if not begun:
        raise HTTPException(NOT_FOUND, "no night had begun at this time")
    newest, *others = sorted(begun, key=lambda card: -card.start_ns)
    return [newest, *(card for card in others if card.end_ns >= first_ns)]


def _event_at(
    book: NightBook, cards: Sequence[NightCard], at_ms: int, request: Request
) -> tuple[NightCard, Event] | None:
    """Return the event that began in a millisecond, with its night: the one that was asked for, where several did."""
    kind, leg = (request.query_params.get(name, "") for name in ("kind", "leg"))
    fitting = []
    for card in cards:
        try:
            events = book.night(card.night_id).events
        except KeyError:
            raise HTTPException(NOT_FOUND, "this night is not there any more") from None
        fitting += [(card, event) for event in events if event.onset_ns // NS_PER_MS == at_ms]
    ranked = sorted(fitting, key=lambda found: (found[1].kind != kind, found[1].leg != leg))
    return ranked[0] if ranked else None

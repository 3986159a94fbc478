"""What a person says of an event, and notes: from the scripts of the pages as JSON, from plain forms without them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboards.web.bodies import form_fields, json_sent
from dashboards.web.marking import BAD_REQUEST, CONFLICT, NO_CONTENT, NOT_FOUND, bounded_body
from dashboards.web.night_json import find_event
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from dashboards.book import NightBook, NightView
    from detectors.events import Event

SEE_OTHER = 303
LARGEST_BODY_BYTES = 16_384
"""Of a note of a few paragraphs, however it is written down."""
MOST_FIELDS = 8
LATEST_S = 86_400.0
"""A note belongs to a moment of the night, or of the day around it."""
WORDS = {"yes": True, "no": False, "": None}
"""What the buttons of the form say; nothing takes a word back."""


def judging_routes(book: NightBook) -> list[BaseRoute]:
    """Return the addresses that take a person's word on an event, and notes.

    Parameters
    ----------
    book : NightBook
        Where both are kept.
    """
    judging = Judging(book)
    return [
        Route("/api/night/{night_id}/judgements", judging.judgement, methods=["POST"], name="judgements"),
        Route("/api/night/{night_id}/notes", judging.note, methods=["POST"], name="notes"),
        Route("/night/{night_id}/event/{event:path}", judging.judgement_form, methods=["POST"], name="judge"),
        Route("/night/{night_id}/notes", judging.note_form, methods=["POST"], name="note"),
    ]


@dataclass(frozen=True, slots=True)
class Judging:
    """What takes a person's word.

    Parameters
    ----------
    book : NightBook
        Where it is kept.
    """

    book: NightBook

    async def judgement(self, request: Request) -> Response:
        """Keep ``{"event": "...", "confirmed": true | false | null}``."""
        body = await json_sent(request, LARGEST_BODY_BYTES)
        event, confirmed = body.get("event"), body.get("confirmed", "")
        if not isinstance(event, str) or not (confirmed is None or isinstance(confirmed, bool)):
            raise HTTPException(BAD_REQUEST, 'expected {"event": "its id", "confirmed": true, false or null}')
        await run_in_threadpool(self._judge, request.path_params["night_id"], event, confirmed)
        return Response(status_code=NO_CONTENT)

    async def note(self, request: Request) -> Response:
        """Keep ``{"text": "...", "at_s": seconds since the start of the night}``; without a time, now."""
        body = await json_sent(request, LARGEST_BODY_BYTES)
        text, at_s = body.get("text"), body.get("at_s")
        if not isinstance(text, str) or isinstance(at_s, bool) or not (at_s is None or isinstance(at_s, int | float)):
            raise HTTPException(BAD_REQUEST, 'expected {"text": "words", "at_s": seconds since the start of the night}')
        await run_in_threadpool(self._note, request.path_params["night_id"], text, at_s)
        return Response(status_code=NO_CONTENT)

    async def judgement_form(self, request: Request) -> Response:
        """Keep what the form of an event says, a word or a note, and show the event again."""
        form = form_fields(await bounded_body(request, LARGEST_BODY_BYTES), MOST_FIELDS)
        night_id, event = request.path_params["night_id"], request.path_params["event"]
        if "text" in form:
            await run_in_threadpool(self._note_at, night_id, event, form["text"])
        elif form.get("confirmed") in WORDS:
            await run_in_threadpool(self._judge, night_id, event, WORDS[form["confirmed"]])
        else:
            raise HTTPException(BAD_REQUEST, f"expected confirmed to be one of {', '.join(map(repr, WORDS))}")
        return RedirectResponse(_own_address(request), SEE_OTHER)

    async def note_form(self, request: Request) -> Response:
        """Keep the note of a night, and show the night again."""
        night_id = request.path_params["night_id"]
        await run_in_threadpool(
            self._note,
            night_id,
            form_fields(await bounded_body(request, LARGEST_BODY_BYTES), MOST_FIELDS).get("text", ""),
            None,
        )
        return RedirectResponse(f"{_own_address(request).removesuffix('/notes')}#notes", SEE_OTHER)

    def _judge(self, night_id: str, wanted: str, confirmed: bool | None) -> None:  # noqa: FBT001 - called by one name
        event = _event(self._night(night_id), wanted)
        try:
            self.book.judge(night_id, event, confirmed=confirmed)
        except KeyError:
            raise HTTPException(NOT_FOUND, "this night has no such event") from None

    def _note_at(self, night_id: str, wanted: str, text: str) -> None:
        self._keep(night_id, text, _event(self._night(night_id), wanted).onset_ns)

    def _note(self, night_id: str, text: str, at_s: float | None) -> None:
        """Keep a note; one of a night that is over and of no moment is of its end."""
        card = self._night(night_id).card
        if at_s is None:
            self._keep(night_id, text, None if card.running else card.end_ns)
            return
        if not abs(at_s) <= LATEST_S:
            raise HTTPException(BAD_REQUEST, f"at_s is {at_s:g}, expected seconds since the start of the night")
        self._keep(night_id, text, card.start_ns + round(at_s * NS_PER_S))

    def _keep(self, night_id: str, text: str, time_ns: int | None) -> None:
        words = text.strip()
        if not words:
            raise HTTPException(BAD_REQUEST, "the note is empty, expected words")
        try:
            self.book.note(night_id, words, time_ns)
        except KeyError:
            raise HTTPException(NOT_FOUND, "there is no night of this name") from None
        except ValueError as error:
            raise HTTPException(CONFLICT, str(error)) from error

    def _night(self, night_id: str) -> NightView:
        try:
            return self.book.night(night_id)
        except KeyError:
            raise HTTPException(NOT_FOUND, "there is no night of this name") from None


def _event(view: NightView, wanted: str) -> Event:
    try:
        return find_event(view, wanted)
    except KeyError:
        raise HTTPException(NOT_FOUND, "this night has no such event") from None


def _own_address(request: Request) -> str:
    """Return the path that was asked for as an address: a name of a sensor may hold anything."""
    return quote(request.scope["path"])

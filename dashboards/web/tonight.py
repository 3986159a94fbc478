"""The page *Tonight*: what the sensors measure now, the counts so far, and one large button."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboards.web import clocktime, numbers
from dashboards.web.classes import class_of, title_of
from dashboards.web.places import TONIGHT, nights_of
from dashboards.web.tonight_press import Presses
from dashboards.web.tonight_stream import CONFLICT, NOT_FOUND, LiveStream
from dashboards.web.tonight_words import title_of as sensor_title
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.templating import Jinja2Templates

    from dashboards.book import NightBook, NightCard, NightView
    from detectors.events import Event

SEE_OTHER = 303
PRESSED: Final = "pressed"
"""In the address of the page after a press without a script."""


def tonight_routes(book: NightBook, templates: Jinja2Templates) -> list[BaseRoute]:
    """Return the addresses of the page *Tonight*.

    Parameters
    ----------
    book : NightBook
        Where the nights are.
    templates : Jinja2Templates
        The pages.
    """
    page = TonightPage(book, templates, Presses(book))
    return [
        Route(TONIGHT, page.tonight, name="tonight"),
        Route("/night/{night_id}/cramp", page.cramp_form, methods=["POST"], name="cramp"),
        Route("/api/night/{night_id}/live", LiveStream(book), name="live"),
    ]


@dataclass(frozen=True, slots=True)
class TonightPage:
    """The page, and the form on it.

    Parameters
    ----------
    book : NightBook
        Where the nights are.
    templates : Jinja2Templates
        The pages.
    presses : Presses
        What keeps a press of the form.
    """

    book: NightBook
    templates: Jinja2Templates
    presses: Presses

    def tonight(self, request: Request) -> Response:
        """Show the running night, or say how to start one."""
        nights = nights_of(self.book, request)
        card = running(nights)
        pressed = PRESSED in request.query_params
        if card is None:
            newest = next(iter(nights), None)
            context = {"newest": newest, "date": "" if newest is None else _date(newest), "pressed": pressed}
            return self.templates.TemplateResponse(request, "tonight_none.html", context)
        try:
            view = self.book.night(card.night_id)
        except KeyError:
            # It was removed a moment ago: what is there now is another page.
            return RedirectResponse(TONIGHT, SEE_OTHER)
        return self.templates.TemplateResponse(request, "tonight.html", {**tonight_context(view), "pressed": pressed})

    async def cramp_form(self, request: Request) -> Response:
        """Keep a press of the button where no script does, and show the page again."""
        night_id = request.path_params["night_id"]
        try:
            await run_in_threadpool(self.presses.keep_cramp, night_id)
        except KeyError:
            raise HTTPException(NOT_FOUND, "there is no night of this name") from None
        except ValueError as error:
            raise HTTPException(CONFLICT, str(error)) from error
        return RedirectResponse(f"{TONIGHT}?{PRESSED}", SEE_OTHER)


def running(nights: Sequence[NightCard]) -> NightCard | None:
    """Return the night that runs now, or None.

    Parameters
    ----------
    nights : sequence of NightCard
        Every night, newest first.
    """
    return nights[0] if nights and nights[0].running else None


def tonight_context(view: NightView) -> dict[str, object]:
    """Return what the page says of a running night besides its live traces.

    Parameters
    ----------
    view : NightView
        The night so far.
    """
    card = view.card
    last = last_event(view)
    return {
        "view": view,
        "card": card,
        "path": quote(card.night_id, safe=""),
        "since": clocktime.clock_text(card.start_ns, card.utc_offset_s),
        "so_far": _so_far(card),
        "counts": (
            ("Cramp-like, probable", numbers.figure(view, "cramp_probable")),
            ("Cramp-like, possible", numbers.figure(view, "cramp_possible")),
            ("Leg movements", numbers.figure(view, "lm")),
        ),
        "valid": numbers.valid_hours(view),
        "last": None if last is None else _event_words(view, last),
        "sensors": [(sensor.name, sensor_title(sensor.name, sensor.leg, sensor.site)) for sensor in view.sensors],
    }


def last_event(view: NightView) -> Event | None:
    """Return the newest event that the pages show, or None."""
    return next((event for event in reversed(view.events) if class_of(event) is not None), None)


def _event_words(view: NightView, event: Event) -> str:
    leg = f", {event.leg} leg" if event.leg in {"left", "right"} else ""
    return f"{clocktime.clock_text(event.onset_ns, view.card.utc_offset_s)} {title_of(event)}{leg}"


def _so_far(card: NightCard) -> str:
    whole_min = (card.end_ns - card.start_ns) // NS_PER_S // clocktime.S_PER_MIN
    return clocktime.duration_text(whole_min * clocktime.S_PER_MIN) if whole_min else "less than a minute"


def _date(card: NightCard) -> str:
    return clocktime.night_text(card.start_ns, card.end_ns, card.utc_offset_s)

"""One function per address: look the night up, say it as a page or as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from dashboards.web import clocktime, numbers, wording
from dashboards.web.beside import beside_groups
from dashboards.web.course import answer, course_of
from dashboards.web.filters import filters_of
from dashboards.web.first_picture import first_charts
from dashboards.web.flips import flips_of
from dashboards.web.marking import NOT_FOUND
from dashboards.web.night_json import find_event, night_json
from dashboards.web.places import nights_of
from dashboards.web.rows import chips, event_groups, is_near, note_rows, own_words, row_of
from dashboards.web.signal_views import night_of
from dashboards.web.streaming import streamed
from dashboards.web.weeks_words import MATCHED
from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.templating import Jinja2Templates

    from dashboards.book import NightBook, NightCard, NightView


@dataclass(frozen=True, slots=True)
class Views:
    """The addresses of the app; Starlette calls each in a worker thread, so the book may block.

    Parameters
    ----------
    book : NightBook
        Where the nights are.
    templates : Jinja2Templates
        The pages.
    """

    book: NightBook
    templates: Jinja2Templates

    def newest(self, request: Request) -> Response:
        """Lead to tonight, else to the newest night, or say how to record the first one."""
        nights = nights_of(self.book, request)
        if nights and nights[0].running:
            return RedirectResponse(request.url_for("tonight").path)
        if nights:
            return RedirectResponse(request.url_for("night", night_id=quote(nights[0].night_id)).path)
        return self.templates.TemplateResponse(request, "empty.html")

    def night(self, request: Request) -> Response:
        """Show one night."""
        view = night_of(self.book, request)
        filters = filters_of(request.query_params)
        diary = self.book.diary(view.card.night_id)
        # A running night asks for its words every other second, and draws its charts itself.
        drawn = request.query_params.get("charts") != "none"
        context = {
            **_frame(view),
            **_neighbours(view, nights_of(self.book, request)),
            "headline": numbers.headline(view),
            "answer": answer(view),
            "own_words": own_words(view),
            "course": course_of(view),
            "status": numbers.status(view),
            "cards": numbers.cards(view),
            "rest": numbers.rest(view),
            "unscored": numbers.unscored(view),
            "failed_detectors": numbers.failed_detectors(view),
            "filters": filters,
            "chips": chips(view, filters),
            # Hundreds of rows, and they stand below the charts: made when the page has come so far.
            "groups": partial(event_groups, view, filters),
            "notes": note_rows(view, diary),
            "beside": beside_groups(view, diary),
            "matched": MATCHED,
            "legs": legs_of(view),
            "first_charts": partial(first_charts, view, self.book.tracks(view.card.night_id), filters)
            if drawn
            else None,
        }
        return streamed(self.templates, request, "night.html", context)

    def event(self, request: Request) -> Response:
        """Show one event: why it was marked, and its measures; the page of the night lifts it into a dialog."""
        view = night_of(self.book, request)
        try:
            event = find_event(view, request.path_params["event"])
        except KeyError:
            raise HTTPException(NOT_FOUND, "this night has no such event") from None
        near = [entry for entry in self.book.diary(view.card.night_id) if is_near(entry, event)]
        context = {
            **_frame(view),
            "event": event,
            "row": row_of(view, event),
            "why": [(step, wording.reason_of(step)) for step in event.why],
            "flips": flips_of(event),
            "measures": wording.measures_of(event),
            "notes": note_rows(view, near),
        }
        return self.templates.TemplateResponse(request, "event.html", context)

    def night_json(self, request: Request) -> Response:
        """Return the facts of a night."""
        view = night_of(self.book, request)
        return JSONResponse(night_json(view, self.book.diary(view.card.night_id)))


def _neighbours(view: NightView, nights: Sequence[NightCard]) -> dict[str, object]:
    """Return the nights before and after."""
    ids = [card.night_id for card in nights]
    at = ids.index(view.card.night_id) if view.card.night_id in ids else None
    return {
        "earlier": nights[at + 1] if at is not None and at + 1 < len(nights) else None,
        "later": nights[at - 1] if at else None,
    }


def _frame(view: NightView) -> dict[str, object]:
    """Return what every page of a night shows around its content."""
    card = view.card
    return {
        "view": view,
        "card": card,
        "date": clocktime.night_text(card.start_ns, card.end_ns, card.utc_offset_s),
        "from_to": (
            clocktime.clock_text(card.start_ns, card.utc_offset_s),
            clocktime.clock_text(card.end_ns, card.utc_offset_s),
        ),
        "zone": clocktime.zone_text(card.utc_offset_s),
        "length": clocktime.duration_text((card.end_ns - card.start_ns) / NS_PER_S),
        "valid": numbers.valid_hours(view),
    }


def legs_of(view: NightView) -> tuple[Leg, ...]:
    """Return the legs that have a sensor, left first."""
    worn = {sensor.leg for sensor in view.sensors}
    return tuple(leg for leg in (Leg.LEFT, Leg.RIGHT, Leg.BOTH, Leg.UNKNOWN) if leg in worn)

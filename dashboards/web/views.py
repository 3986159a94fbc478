"""One function per address: look the night up, say it as a page, as JSON or as columns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from dashboards.web import classes, clocktime, numbers, wording
from dashboards.web.night_json import LONGEST_RAW_S, event_id, find_event, night_json, raw_columns, track_columns
from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.templating import Jinja2Templates

    from dashboards.book import NightBook, NightView
    from detectors.events import Event

BAD_REQUEST = 400
NOT_FOUND = 404
COLUMNS_TYPE = "application/vnd.soleus.columns"


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
        """Lead to the newest night, or say how to record the first one."""
        nights = self.book.nights()
        if nights:
            return RedirectResponse(request.url_for("night", night_id=quote(nights[0].night_id)).path)
        return self.templates.TemplateResponse(request, "empty.html")

    def night(self, request: Request) -> Response:
        """Show one night."""
        view = self._night(request)
        nights = tuple(self.book.nights())
        ids = [card.night_id for card in nights]
        at = ids.index(view.card.night_id) if view.card.night_id in ids else None
        context = {
            **_frame(view),
            "headline": numbers.headline(view),
            "status": numbers.status(view),
            "cards": numbers.cards(view),
            "rest": numbers.rest(view),
            "valid": numbers.valid_hours(view),
            "unscored": numbers.unscored(view),
            "groups": event_groups(view),
            "legs": legs_of(view),
            "earlier": nights[at + 1] if at is not None and at + 1 < len(nights) else None,
            "later": nights[at - 1] if at else None,
        }
        return self.templates.TemplateResponse(request, "night.html", context)

    def event(self, request: Request) -> Response:
        """Show one event: why it was marked, and its measures; the page of the night lifts it into a dialog."""
        view = self._night(request)
        try:
            event = find_event(view, request.path_params["event"])
        except KeyError:
            raise HTTPException(NOT_FOUND, "this night has no such event") from None
        context = {
            **_frame(view),
            "event": event,
            "row": _row(view, event),
            "why": [wording.reason_of(step) for step in event.why],
            "measures": wording.measures_of(event),
        }
        return self.templates.TemplateResponse(request, "event.html", context)

    def night_json(self, request: Request) -> Response:
        """Return the facts of a night."""
        return JSONResponse(night_json(self._night(request)))

    def tracks(self, request: Request) -> Response:
        """Return the tracks of a night, from ``since`` seconds on."""
        view = self._night(request)
        since_s = _seconds(request, "since", default=0.0)
        tracks = self.book.tracks(view.card.night_id)
        return Response(track_columns(view, tracks, since_s), media_type=COLUMNS_TYPE)

    def raw(self, request: Request) -> Response:
        """Return ``[from, to)`` seconds of one sensor at full resolution."""
        view = self._night(request)
        sensor = request.query_params.get("sensor")
        if not sensor:
            raise HTTPException(BAD_REQUEST, "sensor is missing, expected the name of a sensor")
        from_s, to_s = _seconds(request, "from"), _seconds(request, "to")
        if not 0 < to_s - from_s <= LONGEST_RAW_S:
            span = f"from {from_s:g} to {to_s:g} is {to_s - from_s:g} s"
            msg = f"{span}, expected more than 0 and at most {LONGEST_RAW_S:g} s"
            raise HTTPException(BAD_REQUEST, msg)
        onset_ns, end_ns = (view.card.start_ns + round(t_s * NS_PER_S) for t_s in (from_s, to_s))
        try:
            stretch = self.book.raw(view.card.night_id, sensor, onset_ns, end_ns)
        except KeyError:
            raise HTTPException(NOT_FOUND, "this night has no such sensor") from None
        return Response(raw_columns(view, stretch), media_type=COLUMNS_TYPE)

    def _night(self, request: Request) -> NightView:
        try:
            return self.book.night(request.path_params["night_id"])
        except KeyError:
            raise HTTPException(NOT_FOUND, "there is no night of this name") from None


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


def _row(view: NightView, event: Event) -> dict[str, object]:
    offset_s = view.card.utc_offset_s
    return {
        "id": event_id(event),
        "class": classes.class_of(event),
        "title": classes.title_of(event),
        "leg": {Leg.BOTH: "both legs", Leg.UNKNOWN: "leg not known"}.get(event.leg, f"{event.leg} leg"),
        "clock": clocktime.clock_text(event.onset_ns, offset_s, seconds=True),
        "duration": clocktime.duration_text(event.duration_s) if event.duration_s else "",
        "peak": next(
            (
                f"peak {wording.quantity_text(key, event.measures[key])}"
                for key in ("peak_uv", "peak_g")
                if key in event.measures
            ),
            "",
        ),
        "quality": event.quality,
    }


def event_groups(view: NightView) -> list[dict[str, object]]:
    """Return the list of events by class, in the order of the legend; classes without events are left out."""
    rows: dict[classes.EventClass, list[dict[str, object]]] = {}
    for event in view.events:
        name = classes.class_of(event)
        if name is not None:
            rows.setdefault(name, []).append(_row(view, event))
    return [
        {"name": name, "heading": text.heading, "rows": rows[name]}
        for name, text in classes.TEXTS.items()
        if name in rows
    ]

"""The page of the sensors of a night: battery, link, loss, gaps and clock, and what to do before the next night."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nlargest
from typing import TYPE_CHECKING

import numpy as np
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboards.web import clocktime
from dashboards.web import sensors_words as words
from dashboards.web.places import nights_of
from dashboards.web.sensors_drawing import SensorPicture, picture_of
from dashboards.web.sensors_figures import SensorFigures, figures_of
from detectors.channels import worn_name
from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.templating import Jinja2Templates

    from dashboards.book import NightBook, NightCard
    from dashboards.sensor_report import MissingSpan, SensorReport

NOT_FOUND = 404
MOST_LISTED = 40
_LEG_TEXTS = {Leg.BOTH: "both legs", Leg.UNKNOWN: "leg not known"}


@dataclass(frozen=True, slots=True)
class GapLine:
    """A gap in words: when, how long, and why."""

    clock: str
    lasts: str
    cause: str


@dataclass(frozen=True, slots=True)
class SensorPanel:
    """What the page shows of one sensor.

    Parameters
    ----------
    report : SensorReport
        What is known.
    leg : str
        Its leg in words.
    delivered : bool
        Whether anything arrived from it.
    facts : tuple of Fact
        Its numbers in words.
    advice : tuple of str
        What to do.
    picture : SensorPicture
        What is drawn.
    gaps : tuple of GapLine
        The longest gaps, by time.
    causes : tuple of tuple of str
        Class and words of each cause that occurs.
    """

    report: SensorReport
    leg: str
    delivered: bool
    facts: tuple[words.Fact, ...]
    advice: tuple[str, ...]
    picture: SensorPicture
    gaps: tuple[GapLine, ...]
    causes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SensorPages:
    """The addresses of the page; Starlette calls each in a worker thread, so the book may block.

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
        """Show the sensors of the newest night."""
        nights = nights_of(self.book, request)
        return self._page(request, nights, 0 if nights else None)

    def of_night(self, request: Request) -> Response:
        """Show the sensors of a night."""
        nights = nights_of(self.book, request)
        return self._page(request, nights, _position(nights, request))

    def json(self, request: Request) -> Response:
        """Return how each sensor of a night did, minute by minute and in all."""
        nights = nights_of(self.book, request)
        card = nights[_position(nights, request)]
        sensors = [_json(panel_of(report, card, valid), card) for report, valid in _with_valid(self.book, card)]
        return JSONResponse({"night": card.night_id, "sensors": sensors})

    def _page(self, request: Request, nights: Sequence[NightCard], at: int | None) -> Response:
        context: dict[str, object] = {"card": None, "panels": (), "earlier": None, "later": None}
        if at is not None:
            card = nights[at]
            offset_s = card.utc_offset_s
            context = {
                "card": card,
                "panels": [panel_of(report, card, valid) for report, valid in _with_valid(self.book, card)],
                "earlier": nights[at + 1] if at + 1 < len(nights) else None,
                "later": nights[at - 1] if at else None,
                "date": clocktime.night_text(card.start_ns, card.end_ns, offset_s),
                "zone": clocktime.zone_text(offset_s),
            }
        return self.templates.TemplateResponse(request, "sensors.html", context)


def sensors_routes(book: NightBook, templates: Jinja2Templates) -> list[BaseRoute]:
    """Return the addresses of the page of the sensors."""
    pages = SensorPages(book, templates)
    return [
        Route("/sensors", pages.newest, name="sensors"),
        Route("/night/{night_id}/sensors", pages.of_night, name="night_sensors"),
        Route("/api/night/{night_id}/sensors", pages.json, name="sensors_json"),
    ]


def _position(nights: Sequence[NightCard], request: Request) -> int:
    """Return which night is asked for; refuse one that there is not."""
    ids = [card.night_id for card in nights]
    if request.path_params["night_id"] not in ids:
        raise HTTPException(NOT_FOUND, "there is no night of this name")
    return ids.index(request.path_params["night_id"])


def _with_valid(book: NightBook, card: NightCard) -> Iterator[tuple[SensorReport, Mapping[str, float] | None]]:
    """Yield each report with the valid hours of its sensor by quantity; None while they are not known."""
    hours, reports = book.night(card.night_id).summary.get("valid_h"), book.sensors(card.night_id)
    worn = [report.view.name for report in reports]
    for report in reports:
        known: dict[str, float] = {}
        for label, value in hours.items() if isinstance(hours, dict) else ():
            # A stream may name a channel, and a quantity.
            name, _, quantity = label.partition("/")
            if value and worn_name(name, worn) == report.view.name:
                known[quantity] = max(known.get(quantity, 0.0), float(value))
        yield report, None if card.running or hours is None else known


def panel_of(report: SensorReport, card: NightCard, valid_h: Mapping[str, float] | None = None) -> SensorPanel:
    """Return what the page shows of a sensor.

    Parameters
    ----------
    report : SensorReport
        What is known of it.
    card : NightCard
        The night.
    valid_h : mapping of str to float, optional
        Hours by quantity in which it could be scored; empty where it never could.

    Returns
    -------
    SensorPanel
        Without a single sample there are no facts and no picture: only what to do.
    """
    figures = figures_of(report)
    valid = () if valid_h is None else (words.valid_fact(valid_h),)
    unscored = (words.UNSCORED,) if figures.delivered and valid_h == {} else ()
    longest = nlargest(MOST_LISTED, report.missing, key=lambda span: span.end_ns - span.onset_ns)
    return SensorPanel(
        report,
        _LEG_TEXTS.get(report.view.leg, f"{report.view.leg} leg"),
        figures.delivered,
        (*valid, *words.facts_of(report, figures, card)) if figures.delivered else (),
        (*unscored, *words.advice_of(report, figures, card, fine=not unscored)),
        picture_of(report, card),
        tuple(_gap_line(span, card) for span in sorted(longest, key=lambda span: span.onset_ns)),
        tuple((cause or "unknown", _cause_text(cause, figures)) for cause in figures.lost),
    )


def _gap_line(span: MissingSpan, card: NightCard) -> GapLine:
    return GapLine(
        clocktime.clock_text(span.onset_ns, card.utc_offset_s, seconds=True),
        clocktime.duration_text((span.end_ns - span.onset_ns) / NS_PER_S),
        words.CAUSES.get(span.cause, span.cause),
    )


def _cause_text(cause: str, figures: SensorFigures) -> str:
    one = figures.lost[cause]
    gaps = "1 gap" if one.n == 1 else f"{one.n} gaps"
    return f"{words.CAUSES.get(cause, cause)}: {clocktime.duration_text(one.total_s)} in {gaps}"


def _json(panel: SensorPanel, card: NightCard) -> dict[str, object]:
    report = panel.report
    return {
        "sensor": report.view.name,
        "leg": report.view.leg,
        "site": report.view.site,
        "device": report.device,
        "delivered": panel.delivered,
        "start_s": round((report.start_ns - card.start_ns) / NS_PER_S, 3),
        "minutes": {
            name: [round(float(value), 4) if np.isfinite(value) else None for value in values]
            for name, values in report.minutes.items()
        },
        "account": dict(report.account),
        "figures": {fact.key: {"value": fact.value, "text": fact.text} for fact in panel.facts},
        "missing": [
            {
                "onset_s": round((span.onset_ns - card.start_ns) / NS_PER_S, 3),
                "duration_s": round((span.end_ns - span.onset_ns) / NS_PER_S, 3),
                "cause": span.cause,
            }
            for span in report.missing
        ],
        "advice": panel.advice,
    }

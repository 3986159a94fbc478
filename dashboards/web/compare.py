"""The page that compares two periods: which evenings, what was counted in them, and how far one can tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboards.comparison import LEAST_VALID_NIGHTS, MOST_NAME, Period, Phase
from dashboards.web.compare_words import comparison_json, result_of
from dashboards.web.marking import BAD_REQUEST
from dashboards.web.period_words import period_json, period_key, period_text
from dashboards.web.places import COMPARE, nights_of
from dashboards.web.weeks_figures import evening_day
from dashboards.web.weeks_periods import EPOCH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.datastructures import QueryParams
    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.templating import Jinja2Templates

    from dashboards.book import NightBook
    from dashboards.comparison import Comparison

OK = 200
SIDES = (("a", "First period"), ("b", "Second period"))
ASKED = frozenset(f"{side}{part}" for side, _ in SIDES for part in ("", "_first", "_last", "_name"))


class SideFields(NamedTuple):
    """What the form asks of one of the two periods.

    Parameters
    ----------
    side, title : str
        What its fields and what it is called.
    chosen : str
        A period of the diary; empty where the evenings are given.
    name, first, last : str
        What is in the fields.
    """

    side: str
    title: str
    chosen: str
    name: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class ComparePages:
    """The addresses of the page; Starlette calls each in a worker thread, so the book may block.

    Parameters
    ----------
    book : NightBook
        Where nights and diary are.
    templates : Jinja2Templates
        The pages.
    """

    book: NightBook
    templates: Jinja2Templates

    def page(self, request: Request) -> Response:
        """Show the form, and the comparison that it asks for."""
        query, periods = request.query_params, tuple(self.book.periods())
        said = ""
        found: tuple[Comparison, ...] = ()
        if ASKED & set(query):
            try:
                found = self._compared(query, periods)
            except ValueError as error:
                said = str(error)
            sides = [_sent_fields(query, *side) for side in SIDES]
        else:
            sides = [
                _known_fields(period, periods, *side)
                for period, side in zip(self._suggested(periods), SIDES, strict=True)
            ]
        context: dict[str, object] = {
            "sides": sides,
            "periods": [(period_key(period), period_text(period)) for period in reversed(periods)],
            "said": said,
            "results": [result_of(comparison) for comparison in found],
            "n_simulated": self._n_simulated(request, found),
            "least": LEAST_VALID_NIGHTS,
        }
        return self.templates.TemplateResponse(request, "compare.html", context, BAD_REQUEST if said else OK)

    def json(self, request: Request) -> Response:
        """Return the periods of the diary, and the comparison of two where two are asked for."""
        query, periods = request.query_params, tuple(self.book.periods())
        try:
            found = self._compared(query, periods) if ASKED & set(query) else ()
        except ValueError as error:
            raise HTTPException(BAD_REQUEST, str(error)) from error
        return JSONResponse(
            {"periods": [period_json(period) for period in periods], "comparisons": list(map(comparison_json, found))}
        )

    def _compared(self, query: QueryParams, periods: Sequence[Period]) -> tuple[Comparison, ...]:
        known = {period_key(period): period for period in periods}
        a, b = (_asked_period(query, side, title, known) for side, title in SIDES)
        return tuple(self.book.compare(a, b))

    def _n_simulated(self, request: Request, found: Sequence[Comparison]) -> int:
        """Return how many nights of the two periods are simulated."""
        periods = {side.period for comparison in found for side in (comparison.a, comparison.b)}
        simulated = (card for card in nights_of(self.book, request) if card.simulated)
        evenings = [EPOCH + timedelta(evening_day(card.start_ns, card.utc_offset_s)) for card in simulated]
        return sum(any(period.holds(evening) for period in periods) for evening in evenings)

    def _suggested(self, periods: Sequence[Period]) -> tuple[Period | None, Period | None]:
        """Return what is likely compared: the plan's evenings off and on, else those before the last period and it."""
        plan = self.book.plan()
        if plan is not None:
            return plan.period(Phase.OFF), plan.period(Phase.ON)
        return (before(periods[-1]), periods[-1]) if periods else (None, None)


def compare_routes(book: NightBook, templates: Jinja2Templates) -> list[BaseRoute]:
    """Return the addresses of the page that compares two periods.

    Parameters
    ----------
    book : NightBook
        Where nights and diary are.
    templates : Jinja2Templates
        The pages.
    """
    pages = ComparePages(book, templates)
    return [Route(COMPARE, pages.page, name="compare"), Route("/api/compare", pages.json, name="compare_json")]


def before(period: Period) -> Period:
    """Return as many evenings before a period as it has.

    Examples
    --------
    >>> before(Period("magnesium", date(2026, 3, 11), date(2026, 3, 20)))
    Period(name='before magnesium', first=datetime.date(2026, 3, 1), last=datetime.date(2026, 3, 10), evenings=())
    """
    name = f"before {period.name}" if len(period.name) + len("before ") <= MOST_NAME else ""
    last = period.first - timedelta(days=1)
    return Period(name, last - (period.last - period.first), last)


def _sent_fields(query: QueryParams, side: str, title: str) -> SideFields:
    return SideFields(
        side, title, *(query.get(f"{side}{part}", "").strip() for part in ("", "_name", "_first", "_last"))
    )


def _known_fields(period: Period | None, known: Sequence[Period], side: str, title: str) -> SideFields:
    if period is None:
        return SideFields(side, title, "", "", "", "")
    if period in known:
        return SideFields(side, title, period_key(period), "", "", "")
    return SideFields(side, title, "", period.name, str(period.first), str(period.last))


def _asked_period(query: QueryParams, side: str, title: str, known: Mapping[str, Period]) -> Period:
    asked = _sent_fields(query, side, title)
    if asked.chosen:
        if asked.chosen not in known:
            msg = f"{title}: there is no period {asked.chosen[:60]!r} in the diary"
            raise ValueError(msg)
        return known[asked.chosen]
    if not asked.first and not asked.last:
        msg = f"{title}: neither a period nor evenings, expected one of them"
        raise ValueError(msg)
    first, last = (_evening(title, text) for text in (asked.first, asked.last))
    return Period(asked.name or title, first, last)


def _evening(title: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        msg = f"{title}: the evening is {text[:40]!r}, expected a date as in 2026-03-14"
        raise ValueError(msg) from None

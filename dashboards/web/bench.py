"""The page *Bench*: move a threshold, and see what becomes of the nights."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from dashboards.bench_values import UnknownSettingError
from dashboards.unavailable import EndingError
from dashboards.web.bench_asked import MOST_NAME, MOST_REASON, asked_of, setting_of, text_of, values_of
from dashboards.web.bench_compare import compared_page
from dashboards.web.bench_json import (
    answer_json,
    bench_json,
    flip_json,
    point_json,
    reach_json,
    saved_json,
    threshold_json,
)
from dashboards.web.bench_order import in_order
from dashboards.web.bodies import json_sent
from dashboards.web.marking import BAD_REQUEST, CONFLICT, NOT_FOUND

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.templating import Jinja2Templates

    from dashboards.bench import BenchBook, Studio
    from dashboards.bench_values import CurvePoint

T = TypeVar("T")
LARGEST_BODY_BYTES: Final = 65_536
"""Of five hundred recordings and a threshold or a hundred."""
LINES_TYPE: Final = "application/x-ndjson"
"""A JSON value on each line, as it comes."""


def bench_routes(studio: Studio, templates: Jinja2Templates) -> list[BaseRoute]:
    """Return the addresses of the page and of what it asks for.

    Parameters
    ----------
    studio : Studio
        What the page is about.
    templates : Jinja2Templates
        The pages.
    """
    views = BenchViews(studio.bench, templates)
    return [
        Route("/bench", views.page, name="bench"),
        Route("/bench/compare", views.compare, name="bench_compare"),
        Route("/api/bench", views.choices, name="bench_json"),
        Route("/api/bench/thresholds/{criteria}", views.thresholds, name="bench_thresholds"),
        Route("/api/bench/look", views.look, methods=["POST"], name="bench_look"),
        Route("/api/bench/settle", views.settle, methods=["POST"], name="bench_settle"),
        Route("/api/bench/curve", views.curve, methods=["POST"], name="bench_curve"),
        Route("/api/bench/flips", views.flips, methods=["POST"], name="bench_flips"),
        Route("/api/bench/robustness", views.robustness, methods=["POST"], name="bench_robustness"),
        Route("/api/bench/save", views.save, methods=["POST"], name="bench_save"),
    ]


@dataclass(frozen=True, slots=True)
class BenchViews:
    """The addresses of the page.

    Parameters
    ----------
    book : BenchBook
        Recordings, thresholds and references; it may block.
    templates : Jinja2Templates
        The pages.
    """

    book: BenchBook
    templates: Jinja2Templates

    def page(self, request: Request) -> Response:
        """Show the page; what is chosen stands in its address, and its script asks for all else."""
        recordings = self.book.recordings()
        return self.templates.TemplateResponse(request, "bench.html", {"recordings": recordings})

    def compare(self, request: Request) -> Response:
        """Show two sets of thresholds side by side."""
        return compared_page(self.book, self.templates, request)

    def choices(self, request: Request) -> Response:  # noqa: ARG002 - everything there is
        """Return what there is to choose from."""
        return JSONResponse(bench_json(self.book))

    def thresholds(self, request: Request) -> Response:
        """Return every threshold of a set."""
        criteria = request.path_params["criteria"]
        return JSONResponse([threshold_json(one) for one in in_order(_said(lambda: self.book.thresholds(criteria)))])

    async def look(self, request: Request) -> Response:
        """Return events and agreement as fast as can be."""
        body = await json_sent(request, LARGEST_BODY_BYTES)
        asked, marks = asked_of(body), body.get("marks") is not False
        return await _answered(lambda: answer_json(self.book.look(asked), marks=marks))

    async def settle(self, request: Request) -> Response:
        """Return events and every number."""
        body = await json_sent(request, LARGEST_BODY_BYTES)
        asked, marks = asked_of(body), body.get("marks") is not False
        return await _answered(lambda: answer_json(self.book.settle(asked), marks=marks))

    async def curve(self, request: Request) -> Response:
        """Return the agreement at each value of a threshold, a line each as it comes."""
        body = await json_sent(request, LARGEST_BODY_BYTES)
        asked, threshold, values = asked_of(body), text_of(body, "threshold"), values_of(body)
        points = await run_in_threadpool(_said, lambda: self.book.curve(asked, threshold, values))
        # What is refused is refused before the answer begins.
        first = await run_in_threadpool(_said, lambda: next(points, None))
        return StreamingResponse(_lines(first, points), media_type=LINES_TYPE)

    async def flips(self, request: Request) -> Response:
        """Return which events come, go or move from one setting to another."""
        body = await json_sent(request, LARGEST_BODY_BYTES)
        asked, before = asked_of(body), body.get("before")
        if not isinstance(before, dict):
            raise HTTPException(BAD_REQUEST, "before: expected an object with criteria and changes")
        setting = setting_of(before)
        return await _answered(lambda: [flip_json(flip) for flip in self.book.flips(asked, setting)])

    async def robustness(self, request: Request) -> Response:
        """Return how far each index of a recording hangs on its thresholds."""
        body = await json_sent(request, LARGEST_BODY_BYTES)
        key, setting = text_of(body, "key"), setting_of(body)
        return await _answered(lambda: [reach_json(one) for one in self.book.robustness(key, setting)])

    async def save(self, request: Request) -> Response:
        """Write a criteria file."""
        body = await json_sent(request, LARGEST_BODY_BYTES)
        asked, name, reason = asked_of(body), text_of(body, "name", MOST_NAME), text_of(body, "reason", MOST_REASON)
        return await _answered(lambda: saved_json(self.book.save(name.strip(), asked, reason.strip())))


async def _answered(work: Callable[[], object]) -> Response:
    """Do what may take a while, and say it, in a worker thread."""
    return await run_in_threadpool(lambda: JSONResponse(_said(work)))


def _said(work: Callable[[], T]) -> T:
    """Return what a book says, or refuse as it does."""
    try:
        return work()
    except KeyError:
        raise HTTPException(NOT_FOUND, "there is no recording of this name") from None
    except UnknownSettingError as error:
        raise HTTPException(BAD_REQUEST, str(error)) from error
    except ValueError as error:
        raise HTTPException(CONFLICT, str(error)) from error


async def _lines(first: CurvePoint | None, points: Iterator[CurvePoint]) -> AsyncIterator[str]:
    """Yield a line for each point; whoever leaves ends the work behind it, and so does the end of the program."""
    try:
        if first is not None:
            yield _line(first)
        with suppress(EndingError):
            async for point in iterate_in_threadpool(points):
                yield _line(point)
    finally:
        if isinstance(points, Generator):
            # While a thread is at work in it, it cannot be closed; it is when that lets go of it.
            with suppress(ValueError):
                points.close()


def _line(point: CurvePoint) -> str:
    return f"{json.dumps(point_json(point))}\n"

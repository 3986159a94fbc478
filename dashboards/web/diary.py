"""The page *Diary*: an entry with two taps at night, all others by a form, and what was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboards.diary import KINDS
from dashboards.web.bodies import form_fields
from dashboards.web.diary_forms import empty_form, filled_form, readable, sent_form, written
from dashboards.web.diary_json import DiaryJson
from dashboards.web.diary_list import days_of, entry_of, moment_text, newest_entries, past_rows, row_of
from dashboards.web.diary_presses import DiaryPresses
from dashboards.web.diary_times import LocalClock
from dashboards.web.diary_words import title_of
from dashboards.web.marking import BAD_REQUEST, NOT_FOUND, bounded_body
from dashboards.web.places import DIARY, nights_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.templating import Jinja2Templates

    from dashboards.book import NightBook
    from dashboards.diary import DiaryEntry, Written
    from dashboards.web.diary_forms import Form
    from dashboards.web.diary_list import EntryRow

SEE_OTHER = 303
LARGEST_BODY_BYTES = 16_384
MOST_FIELDS = 40
MOST_DIGITS = 19
"""Of a time in nanoseconds until the year 2262."""
LEGS = (("left", "Left leg"), ("right", "Right leg"), ("both", "Both legs"))
MEANWHILE = "the entry was changed elsewhere since this page was loaded: load it again to see what it says now"
GONE = "there is no such entry, or it was removed"


def diary_routes(book: NightBook, templates: Jinja2Templates) -> list[BaseRoute]:
    """Return the addresses of the diary.

    Parameters
    ----------
    book : NightBook
        Where it is.
    templates : Jinja2Templates
        The pages.
    """
    presses = DiaryPresses(book)
    pages, json = DiaryPages(book, templates, presses), DiaryJson(book, presses)
    return [
        Route(DIARY, pages.diary, name="diary"),
        Route(DIARY, pages.write, methods=["POST"], name="diary_write"),
        Route(f"{DIARY}/entry/{{key}}", pages.entry, name="diary_entry"),
        Route(f"{DIARY}/entry/{{key}}", pages.change, methods=["POST"], name="diary_change"),
        Route("/api/diary", json.entries, name="diary_json"),
        Route("/api/diary", json.write, methods=["POST"], name="diary_write_json"),
        Route("/api/diary/entry/{key}", json.entry, name="diary_entry_json"),
        Route("/api/diary/entry/{key}", json.amend, methods=["POST"], name="diary_amend_json"),
        Route("/api/diary/entry/{key}", json.strike, methods=["DELETE"], name="diary_strike_json"),
    ]


@dataclass(frozen=True, slots=True)
class DiaryPages:
    """The pages, and the forms on them.

    Parameters
    ----------
    book : NightBook
        Where the diary is.
    templates : Jinja2Templates
        The pages.
    presses : DiaryPresses
        What keeps what is entered, once.
    """

    book: NightBook
    templates: Jinja2Templates
    presses: DiaryPresses

    def diary(self, request: Request) -> Response:
        """Show the buttons, a form where a kind was chosen, and the newest entries."""
        return self._diary(request, self._asked_form(request))

    async def write(self, request: Request) -> Response:
        """Keep what a button or a form sent, and show the diary with it; a form that is wrong comes back as it was."""
        sent = form_fields(await bounded_body(request, LARGEST_BODY_BYTES), MOST_FIELDS)

        def keep() -> Response:
            try:
                kept = self.presses.keep(written(sent, self._clock(request)))
            except ValueError as error:
                form = sent_form(sent, sent.get("kind", "")) if sent.get("kind") in KINDS else None
                return self._diary(request, form, readable(str(error)))
            return RedirectResponse(f"{DIARY}?kept={quote(kept.key, safe='')}", SEE_OTHER)

        return await run_in_threadpool(keep)

    def entry(self, request: Request) -> Response:
        """Show one entry, with its form and what it said before."""
        found = self._found(request.path_params["key"])
        return self._entry(request, found, filled_form(found, self._clock(request)))

    async def change(self, request: Request) -> Response:
        """Let an entry say something else, or take it back."""
        sent = form_fields(await bounded_body(request, LARGEST_BODY_BYTES), MOST_FIELDS)
        act: Callable[[Request, Mapping[str, str]], Response] = self._strike if "strike" in sent else self._amend
        return await run_in_threadpool(act, request, sent)

    def _amend(self, request: Request, sent: Mapping[str, str]) -> Response:
        key = request.path_params["key"]
        found = self._found(key)
        try:
            new = written({"kind": found.kind, **sent}, self._clock(request), found)
            if sent.get("was", _changed(found)) != _changed(found) and _said(new) != _said(found):
                raise ValueError(MEANWHILE)  # noqa: TRY301 - said like everything else that keeps it from being saved
            kept = self.book.amend(key, new)
        except KeyError:
            raise HTTPException(NOT_FOUND, GONE) from None
        except ValueError as error:
            return self._entry(request, found, sent_form(sent, found.kind), readable(str(error)))
        return RedirectResponse(f"{DIARY}/entry/{quote(kept.key, safe='')}?changed", SEE_OTHER)

    def _strike(self, request: Request, _: Mapping[str, str]) -> Response:
        try:
            self.book.strike(request.path_params["key"])
        except KeyError:
            raise HTTPException(NOT_FOUND, GONE) from None
        return RedirectResponse(f"{DIARY}?removed", SEE_OTHER)

    def _diary(self, request: Request, form: Form | None, said: str = "") -> Response:
        clock = self._clock(request)
        entries, older_ns = newest_entries(self.book, _time_of(request, "before"))
        context = {
            "legs": LEGS,
            "kinds": [(kind, title_of(kind)) for kind in KINDS],
            "form": form,
            "said": said,
            "kept": self._kept(request, clock),
            "removed": "removed" in request.query_params,
            "days": days_of(entries, clock),
            "older": older_ns,
        }
        return self.templates.TemplateResponse(request, "diary.html", context, BAD_REQUEST if said else 200)

    def _kept(self, request: Request, clock: LocalClock) -> EntryRow | None:
        """Return the entry that was kept a moment ago; what is planned lies ahead of all that is listed."""
        try:
            return row_of(entry_of(self.book, request.query_params.get("kept", "")), clock)
        except KeyError:
            return None

    def _entry(self, request: Request, entry: DiaryEntry, form: Form, said: str = "") -> Response:
        clock = self._clock(request)
        context = {
            "row": row_of(entry, clock),
            "moment": moment_text(entry.time_ns, clock),
            "form": form,
            "said": said,
            "changed": "changed" in request.query_params,
            "past": past_rows(entry.history, clock),
            "was": _changed(entry),
        }
        return self.templates.TemplateResponse(request, "diary_entry.html", context, BAD_REQUEST if said else 200)

    def _asked_form(self, request: Request) -> Form | None:
        kind, at_ns = request.query_params.get("kind", ""), _time_of(request, "at")
        if kind not in KINDS:
            return None
        return empty_form(kind, "" if at_ns is None else self._clock(request).field_text(at_ns))

    def _found(self, key: str) -> DiaryEntry:
        try:
            return entry_of(self.book, key)
        except KeyError:
            raise HTTPException(NOT_FOUND, GONE) from None

    def _clock(self, request: Request) -> LocalClock:
        return LocalClock.of(nights_of(self.book, request))


def _changed(entry: DiaryEntry) -> str:
    """Return when an entry was changed last, by which a form knows that it is still of what it says."""
    return str(entry.history[-1].changed_ns) if entry.history else "0"


def _said(entry: DiaryEntry | Written) -> tuple[object, ...]:
    return entry.kind, entry.time_ns, entry.text, dict(entry.values), dict(entry.words)


def _time_of(request: Request, name: str) -> int | None:
    """Return a time of the address, UTC ns; None where there is none, or what no page wrote into it."""
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None

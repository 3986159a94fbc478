"""The page *Label* for scripts: signals, the marks of a rater, what he does, and what others marked, as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from dashboards.bench_values import Asked, Setting
from dashboards.book import NightCard
from dashboards.labelling import BlindError
from dashboards.web.bodies import json_sent
from dashboards.web.guard import FORBIDDEN, ONLY_OWN_PAGES, from_own_page
from dashboards.web.label_asking import (
    ALL,
    BLIND,
    FINISH,
    MOST_SUGGESTIONS,
    OPEN,
    REDO,
    UNDO,
    USUAL_SUGGESTIONS,
    asked_of,
    count_of,
    doing_of,
    one_line,
    recording_of,
    stretch_of,
    text_of,
)
from dashboards.web.label_words import asked_words, kind_facts, scored_kinds
from dashboards.web.marking import BAD_REQUEST, bounded_body
from dashboards.web.night_json import extremes_columns
from dashboards.web.signal_views import COLUMNS_TYPE
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from dashboards.bench import Studio
    from dashboards.bench_values import BenchRecording, Learned, Number
    from dashboards.labelling import Label, LabelBook, Sheet
    from dashboards.web.label_asking import Doing

LARGEST_ACT_BYTES: Final = 4_096
LARGEST_FILE_BYTES: Final = 8_388_608
"""A list of marks of a night is 100 kB; an EDF+ with annotations of years would fit."""
FORMS: Final = {"tsv": "text/tab-separated-values", "edf": "application/vnd.edf"}
ACCEPTED: Final = 202
_OPENING_SAID: Final = "the recording is being opened: ask again in a moment"
_BLIND_SAID: Final = "this rater scores blind: what others marked, and what Soleus found or suggests, is not shown"


@dataclass(frozen=True, slots=True)
class LabelJson:
    """The addresses of one recording; Starlette calls what does not await in a worker thread.

    Parameters
    ----------
    studio : Studio
        Recordings, and the marks of raters.
    """

    studio: Studio

    def facts(self, request: Request) -> Response:
        """Return what the page knows of a recording before anybody says who he is."""
        recording = recording_of(self.studio.bench, request)
        return JSONResponse(
            {
                "key": recording.key,
                "name": recording.name,
                "start_ns": str(recording.start_ns),
                "utc_offset_s": recording.utc_offset_s,
                "duration_s": recording.duration_s,
                "simulated": recording.simulated,
                "kinds": [facts._asdict() for facts in scored_kinds(self.studio.labels.kinds())],
                "words": [one.kind for one in asked_words(self.studio.bench.words(), self.studio.labels.kinds())],
            }
        )

    def signals(self, request: Request) -> Response:
        """Return ``[from, to)`` seconds of every stream in about ``buckets`` lowest and highest values."""
        recording = recording_of(self.studio.bench, request)
        onset_s, end_s, n_buckets = stretch_of(request.query_params)
        with one_line():
            found = self.studio.bench.signals(recording.key, onset_s, end_s, n_buckets)
        return Response(extremes_columns(_card(recording), found), media_type=COLUMNS_TYPE)

    def sheet(self, request: Request) -> Response:
        """Return what a rater has marked."""
        recording = recording_of(self.studio.bench, request)
        rater = text_of(request.query_params, "rater")
        labels = self.studio.labels
        with one_line():
            sheet = labels.sheet(recording.key, rater)
            known = any(card.rater == rater for card in labels.raters(recording.key))
        return JSONResponse({**sheet_json(sheet), "begun": known or sheet.blind or sheet.n_acts > 0})

    async def act(self, request: Request) -> Response:
        """Keep what a rater does, and return what he has marked then."""
        doing = doing_of(await json_sent(request, LARGEST_ACT_BYTES))
        return await run_in_threadpool(self._act, request, doing)

    def others(self, request: Request) -> Response:
        """Return who else marked something, and what; refused to a rater who scores blind."""
        _expect_own_page(request)
        recording = recording_of(self.studio.bench, request)
        rater = text_of(request.query_params, "rater")
        with one_line():
            # Nothing is opened for who may not see it.
            self._expect_sighted(recording.key, rater)
            # Before the marks: what was opened between the two is complete, and asked for once more.
            opening = self._is_opening(Asked((recording.key,), Setting()))
            marks = self.studio.labels.others(recording.key, rater)
            raters = self.studio.labels.raters(recording.key)
        return JSONResponse(
            {
                "marks": {name: [label_json(label) for label in found] for name, found in marks.items()},
                "raters": [card._asdict() for card in raters if card.rater != rater],
                "opening": opening,
            }
        )

    def agreement(self, request: Request) -> Response:
        """Return how two raters agree, by class; refused to a rater who scores blind."""
        _expect_own_page(request)
        recording = recording_of(self.studio.bench, request)
        rater, other = text_of(request.query_params, "rater"), text_of(request.query_params, "other")
        with one_line():
            found = self.studio.labels.agreement(recording.key, rater, other)
        texts = {facts.kind: facts.text for facts in kind_facts([row.kind for row in found])}
        return JSONResponse([{**row._asdict(), "text": texts[row.kind]} for row in found])

    def exported(self, request: Request) -> Response:
        """Return a rater's marks as a file."""
        recording = recording_of(self.studio.bench, request)
        rater, form = text_of(request.query_params, "rater"), text_of(request.query_params, "form")
        with one_line():
            content = self.studio.labels.exported(recording.key, rater, form)
        name = quote(f"{recording.key}-{rater}.{form}", safe="")
        headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(content, headers=headers, media_type=FORMS.get(form))

    async def imported(self, request: Request) -> Response:
        """Add the marks of a file, the body as it is, to a rater's."""
        content = await bounded_body(request, LARGEST_FILE_BYTES)
        return await run_in_threadpool(self._import, request, content)

    def suggestions(self, request: Request) -> Response:
        """Return what a rater should label next; refused to one who scores blind."""
        rater = text_of(request.query_params, "rater")
        n = count_of(request.query_params, "n", USUAL_SUGGESTIONS, MOST_SUGGESTIONS)
        bench = self.studio.bench
        with one_line():
            asked = self._asked(request, rater)
            if self._is_opening(asked):
                return _opening()
            found = bench.suggestions(asked, rater, n)
            names = {key: bench.recording(key).name for key in {one.key for one in found}}
        texts = {facts.kind: facts.text for facts in kind_facts([one.kind for one in found])}
        rows = ({**one._asdict(), "name": names[one.key], "text": texts[one.kind]} for one in found)
        return JSONResponse(list(rows))

    def learned(self, request: Request) -> Response:
        """Return what a rater's answers change; refused to one who scores blind."""
        rater = text_of(request.query_params, "rater")
        with one_line():
            asked = self._asked(request, rater)
            if self._is_opening(asked):
                return _opening()
            found = self.studio.bench.learned(asked, rater)
        return JSONResponse(learned_json(found))

    def _act(self, request: Request, doing: Doing) -> Response:
        recording = recording_of(self.studio.bench, request)
        with one_line():
            sheet = _done(self.studio.labels, recording.key, doing)
        return JSONResponse(sheet_json(sheet))

    def _import(self, request: Request, content: bytes) -> Response:
        recording = recording_of(self.studio.bench, request)
        rater, name = text_of(request.query_params, "rater"), text_of(request.query_params, "name")
        if not content:
            raise HTTPException(BAD_REQUEST, f"{name[:80]} is empty, expected a list of events")
        with one_line():
            sheet = self.studio.labels.imported(recording.key, rater, name, content)
        return JSONResponse(sheet_json(sheet))

    def _is_opening(self, asked: Asked) -> bool:
        return any(night.opening for night in self.studio.bench.look(asked).nights)

    def _expect_sighted(self, recording: str, rater: str) -> None:
        if self.studio.labels.sheet(recording, rater).blind:
            raise BlindError(_BLIND_SAID)

    def _is_sighted(self, recording: str, rater: str) -> bool:
        try:
            return not self.studio.labels.sheet(recording, rater).blind
        except ValueError:
            return False  # the marks are of another recording of this name, as its own page says

    def _asked(self, request: Request, rater: str) -> Asked:
        """Return what is looked at: this recording, or all in which the rater sees what others marked."""
        recording = recording_of(self.studio.bench, request)
        self._expect_sighted(recording.key, rater)
        keys: tuple[str, ...] = (recording.key,)
        if request.query_params.get("in") == ALL:
            others = [one.key for one in self.studio.bench.recordings() if not one.problem and one.key not in keys]
            keys += tuple(key for key in others if self._is_sighted(key, rater))
        return asked_of(request.query_params, keys, rater)


def _expect_own_page(request: Request) -> None:
    """Refuse a page elsewhere: that a rater saw what others marked is kept, so that this reading writes."""
    if not from_own_page(request.headers):
        raise HTTPException(FORBIDDEN, ONLY_OWN_PAGES)


def sheet_json(sheet: Sheet) -> dict[str, object]:
    """Return what a rater has marked as plain JSON values."""
    return {
        "labels": [label_json(label) for label in sheet.labels],
        "n_acts": sheet.n_acts,
        "undoable": sheet.undoable,
        "redoable": sheet.redoable,
        "blind": sheet.blind,
        "was_open": sheet.was_open,
        "finished": sheet.finished,
    }


def label_json(label: Label) -> dict[str, object]:
    """Return a mark as plain JSON values."""
    return label._asdict()


def learned_json(found: Learned) -> dict[str, object]:
    """Return what answers change as plain JSON values; of thresholds what stands after ``soleus score``."""
    setting = found.setting
    return {
        "n_yes": found.n_yes,
        "n_no": found.n_no,
        "agreement": _numbers(found.agreement),
        "as_it_was": _numbers(found.as_it_was),
        "criteria": setting.criteria if setting else None,
        "changes": [list(change) for change in setting.changes] if setting else [],
        "why": found.why,
    }


def _numbers(numbers: Sequence[Number]) -> list[dict[str, object]]:
    return [{"name": one.name, "value": one.value, "low": one.low, "high": one.high} for one in numbers]


def _done(labels: LabelBook, recording: str, doing: Doing) -> Sheet:
    rater = doing.rater
    if doing.act is not None:
        return labels.act(recording, rater, doing.act)
    if doing.word == UNDO:
        return labels.undo(recording, rater, doing.key)
    if doing.word == REDO:
        return labels.redo(recording, rater, doing.key)
    if doing.word in {BLIND, OPEN}:
        return labels.set_blind(recording, rater, blind=doing.word == BLIND)
    return labels.finish(recording, rater, finished=doing.word == FINISH)


def _opening() -> Response:
    """Return that there is nothing wrong, and no answer yet."""
    return JSONResponse({"opening": _OPENING_SAID}, ACCEPTED, {"retry-after": "1"})


def _card(recording: BenchRecording) -> NightCard:
    end_ns = recording.start_ns + round(recording.duration_s * NS_PER_S)
    return NightCard(recording.key, recording.start_ns, end_ns, recording.utc_offset_s, simulated=recording.simulated)

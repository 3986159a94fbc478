"""The page *Label*: mark what happened in a recording, by mouse, touch or keyboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from starlette.routing import Route

from dashboards.labelling_gain import GAIN_WORDS
from dashboards.web import clocktime
from dashboards.web.label_asking import recording_of
from dashboards.web.label_json import LARGEST_FILE_BYTES, LabelJson
from dashboards.web.label_words import KEYS, LEGS, WINDOWS, asked_words, scored_kinds
from dashboards.web.places import BENCH, LABEL
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.templating import Jinja2Templates

    from dashboards.bench import Studio

_API = "/api/label/{recording}"
_OF_THE_BENCH: Final = {"criteria": "criteria", "word": "word", "ref": "ref", "set": "set", "r": "r", "held": "at"}
"""What the bench gives along, and what it calls that in its own address."""


def label_routes(studio: Studio, templates: Jinja2Templates) -> list[BaseRoute]:
    """Return the addresses of the page and of what it asks for.

    Parameters
    ----------
    studio : Studio
        Recordings, and the marks of raters.
    templates : Jinja2Templates
        The pages.
    """
    page, json = LabelPage(studio, templates), LabelJson(studio)
    return [
        Route(f"{LABEL}/{{recording}}", page.page, name="label"),
        Route(_API, json.facts, name="label_json"),
        Route(f"{_API}/signals", json.signals, name="label_signals"),
        Route(f"{_API}/sheet", json.sheet, name="label_sheet"),
        Route(f"{_API}/acts", json.act, methods=["POST"], name="label_acts"),
        Route(f"{_API}/others", json.others, name="label_others"),
        Route(f"{_API}/agreement", json.agreement, name="label_agreement"),
        Route(f"{_API}/export", json.exported, name="label_export"),
        Route(f"{_API}/import", json.imported, methods=["POST"], name="label_import", max_body_size=LARGEST_FILE_BYTES),
        Route(f"{_API}/suggestions", json.suggestions, name="label_suggestions"),
        Route(f"{_API}/learned", json.learned, name="label_learned"),
    ]


@dataclass(frozen=True, slots=True)
class LabelPage:
    """The page itself; it is the same for every rater, and holds no mark of anybody.

    Parameters
    ----------
    studio : Studio
        Recordings, and the marks of raters.
    templates : Jinja2Templates
        The pages.
    """

    studio: Studio
    templates: Jinja2Templates

    def page(self, request: Request) -> Response:
        """Show one recording."""
        recording = recording_of(self.studio.bench, request)
        end_ns = recording.start_ns + round(recording.duration_s * NS_PER_S)
        context = {
            "recording": recording,
            "date": clocktime.night_text(recording.start_ns, end_ns, recording.utc_offset_s),
            "from_to": (
                clocktime.clock_text(recording.start_ns, recording.utc_offset_s),
                clocktime.clock_text(end_ns, recording.utc_offset_s),
            ),
            "length": clocktime.duration_text(recording.duration_s),
            "kinds": scored_kinds(self.studio.labels.kinds()),
            "words": asked_words(self.studio.bench.words(), self.studio.labels.kinds()),
            "legs": LEGS,
            "windows": WINDOWS,
            "keys": KEYS,
            "gain": GAIN_WORDS,
            "back": _way_back(request),
        }
        return self.templates.TemplateResponse(request, "label.html", context)


def _way_back(request: Request) -> str:
    """Return the address of the bench as it was when one left it."""
    asked = request.query_params.multi_items()
    kept = [(_OF_THE_BENCH[name], value) for name, value in asked if name in _OF_THE_BENCH]
    return f"{BENCH}?{urlencode(kept)}" if kept else BENCH

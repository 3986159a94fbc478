"""A synthetic night with an estimate of sleep, as a scored night of acceleration has one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from detectors.events import Event, EventKind
from detectors.signal import Leg
from detectors.sleep.estimate import SleepSpan
from tests.fakes import FakeNightBook
from tests.synthetic_night import DURATION_S, to_ns

if TYPE_CHECKING:
    from dashboards.book import NightView

# Begin, s; whether asleep; whether the votes differed.
_COURSE = (
    (0.0, False, False),
    (1_500.0, True, False),
    (6_480.0, True, True),
    (6_600.0, True, False),
    (12_720.0, False, False),
    (12_990.0, True, False),
    (21_330.0, False, False),
    (21_930.0, True, False),
    (26_400.0, False, False),
)
SUMMARY = {
    "sleep_basis": "estimate",
    "tst_est_h": (24_900.0 - 870.0) / 3600.0,
    "waso_est_min": 14.5,
    "awakenings_est": 2,
    "reasons": {},
}


def sleep() -> tuple[SleepSpan, ...]:
    edges = [*(begin_s for begin_s, *_ in _COURSE), float(DURATION_S)]
    return tuple(
        SleepSpan(to_ns(begin_s), to_ns(end_s), asleep, uncertain)
        for (begin_s, asleep, uncertain), end_s in zip(_COURSE, edges[1:], strict=True)
    )


def awakenings() -> tuple[Event, ...]:
    return tuple(
        Event(
            EventKind.AWAKENING,
            "estimate",
            Leg.BOTH,
            span.onset_ns,
            span.end_ns,
            {"duration_s": (span.end_ns - span.onset_ns) / 1e9, "long": 0.0, "uncertain_share": 0.0},
        )
        for span in sleep()[1:-1]
        if not span.asleep
    )


@dataclass(slots=True)
class SleepingBook(FakeNightBook):
    """Two nights of synthetic legs, and when their wearer seems to have slept."""

    def night(self, night_id: str) -> NightView:
        view = FakeNightBook.night(self, night_id)
        events = (*view.events, *awakenings())
        told = tuple(sorted(events, key=lambda event: (event.onset_ns, event.kind, event.leg)))
        return replace(view, events=told, sleep=sleep(), summary={**view.summary, **SUMMARY})

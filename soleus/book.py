"""The nights as pages ask for them: out of the night folders and the journal."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from dashboards.book import NOTE, NightView
from dashboards.signals import ExtremesView, TrackView, UnreadableLogError
from dashboards.weeks import NightFigures
from detectors.events import EventKind
from detectors.track import TrackName
from ingest.errors import DecodeError
from ingest.night.certificate import CERTIFICATE_FORMAT
from ingest.night.marks import leave_mark
from soleus.book_diary import PersonDiary
from soleus.book_journal import BookJournal, note_of
from soleus.errors import ConfigError
from soleus.evenings import evening, evening_here
from soleus.extremes import extremes
from soleus.helped.comparing import compare
from soleus.helped.periods import periods_of, plan_of
from soleus.judged_numbers import denied_events, denied_spans, without_denied
from soleus.live import LiveNights
from soleus.nights import journal_path
from soleus.pyramids import UNREADABLE, PyramidMaker
from soleus.raw_stretch import raw_stretch
from soleus.sensor_reports import Told, sensor_report
from soleus.shelf import Shelf, summary_of
from soleus.sleep_spans import sleep_spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from dashboards.book import NightCard
    from dashboards.comparison import Comparison, Period, Plan
    from dashboards.diary import DiaryEntry, Written
    from dashboards.live import LiveFeed
    from dashboards.sensor_report import SensorReport
    from dashboards.signals import Stretch
    from dashboards.weeks import EventSpan
    from detectors.criteria import Criteria
    from detectors.events import Event
    from ingest.night.folder import NightFolder
    from soleus.settings import Settings

log = logging.getLogger(__name__)
_FOREVER_NS = 2**63 - 1
_ORDER = (TrackName.ENVELOPE_UV, TrackName.RESTING_UV, TrackName.MOVEMENT_G, TrackName.TILT_DEG)


class FolderBook:
    """A book of nights over a data folder; implements :class:`dashboards.book.NightBook`.

    Parameters
    ----------
    settings : Settings
        Where the nights are.
    criteria : Criteria
        Thresholds, for the envelope of a stretch.
    simulated : bool
        Whether all nights in it are simulated.

    Notes
    -----
    What the person denied is counted nowhere that a person looks: not here (see
    :func:`soleus.judged_numbers.without_denied`), and not in what is told of the running night
    (:class:`ingest.tonight.Tonight`). The event itself stays, with the person's word as its measure ``confirmed``. The
    night's files, its row in the database and what is exported keep the numbers of the detectors, which do not depend
    on who looked.
    """

    def __init__(self, settings: Settings, criteria: Criteria, *, simulated: bool = False) -> None:
        self._criteria = criteria
        self._live = LiveNights(criteria)
        self._maker = PyramidMaker()
        self._person = settings.person
        self._shelf = Shelf(settings, simulated=simulated)
        self._journal = BookJournal(journal_path(settings))
        self._diary = PersonDiary(settings, self._shelf)

    def nights(self) -> Sequence[NightCard]:
        """Return every night, newest first."""
        return [self._shelf.card(folder) for folder in self._shelf.folders()]

    def night(self, night_id: str) -> NightView:
        """Return one night; KeyError if there is none of this name."""
        shelf, folder = self._shelf, self._shelf.folder(night_id)
        card, events = shelf.card(folder), self._journal.events(shelf.info(folder))
        return NightView(
            card,
            shelf.worn(folder),
            without_denied(summary_of(folder), denied_events(events), card.start_ns),
            events,
            shelf.criteria(folder),
            shelf.version(folder),
            shelf.completeness(folder),
            sleep_spans(folder),
        )

    def card(self, night_id: str) -> NightCard:
        """Return what the list of nights says of one night; KeyError if there is none of this name."""
        return self._shelf.card(self._shelf.folder(night_id))

    def tracks(self, night_id: str) -> Sequence[TrackView]:
        """Return the night's tracks at about one value per second."""
        stored = [
            TrackView(track.sensor, track.leg, track.name, track.start_ns, track.hop_s, track.values)
            for track in self._shelf.folder(night_id).tracks().read()
            if track.name in _ORDER
        ]
        return sorted(stored, key=lambda view: (view.leg, view.sensor, _ORDER.index(view.name)))

    def raw(self, night_id: str, sensor: str, onset_ns: int, end_ns: int) -> Stretch:
        """Return a stretch of one sensor at full resolution, read from the packet log."""
        folder = self._shelf.folder(night_id)
        with _reading():
            return raw_stretch(folder, self._criteria, sensor, (onset_ns, end_ns))

    def mark(self, night_id: str, label: str, *, age_s: float = 0.0) -> None:
        """Mark a moment of a running night; KeyError if there is none of this name, ValueError if it is over."""
        leave_mark(self._running(night_id).path, label, "page", age_s=age_s)

    def judge(self, night_id: str, event: Event, *, confirmed: bool | None) -> None:
        """Keep the person's word on an event; KeyError if there is no such night, or no such event in it."""
        self._journal.judge(self._shelf.info(self._shelf.folder(night_id)), event, confirmed=confirmed)

    def note(self, night_id: str, text: str, time_ns: int | None = None, *, kind: str = NOTE) -> None:
        """Keep a note; KeyError if there is no such night, ValueError if it cannot be one of this night.

        Notes
        -----
        Two notes of the same moment stay two, and the same words of the same moment are one. A night that is played at
        speed has come as far as it has been scored.
        """
        folder = self._shelf.folder(night_id) if time_ns is not None else self._running(night_id)
        info, card, note = self._shelf.info(folder), self._shelf.card(folder), note_of(text, kind)
        if time_ns is not None:
            self._journal.note_at(info, note, time_ns, span_ns=(card.start_ns, card.end_ns))
        else:
            self._journal.note(info, note, time.time_ns() if info.speed == 1.0 else card.end_ns)

    def diary(self, night_id: str) -> Sequence[DiaryEntry]:
        """Return the diary of a night, by time; KeyError if there is no night of this name."""
        folder = self._shelf.folder(night_id)
        card = self._shelf.card(folder)
        return self._diary.of_nights(self._shelf.info(folder).person, [card])[card.night_id]

    def diary_between(self, onset_ns: int, end_ns: int) -> Sequence[DiaryEntry]:
        """Return what was written of ``[onset_ns, end_ns)`` and the markers in it, by time."""
        return self._diary.between(onset_ns, end_ns)

    def write(self, entry: Written) -> DiaryEntry:
        """Keep what somebody entered; ValueError if its time lies more than a day ahead."""
        return self._diary.write(entry)

    def amend(self, key: str, entry: Written) -> DiaryEntry:
        """Let an entry say something else; KeyError if there is none, ValueError if it lies more than a day ahead."""
        return self._diary.amend(key, entry)

    def strike(self, key: str) -> None:
        """Take an entry back; KeyError if there is none."""
        self._diary.strike(key)

    def weeks(self, n_nights: int) -> Sequence[NightFigures]:
        """Return the newest nights of the configured person of which the final word has been said, oldest first."""
        return self._told(list(islice(self._final(), max(0, n_nights)))[::-1])

    def periods(self) -> Sequence[Period]:
        """Return the periods that the diary tells of, by first evening."""
        return periods_of(self._diary.between(0, _FOREVER_NS), evening_here, evening_here(time.time_ns()))

    def plan(self) -> Plan | None:
        """Return the plan of on and off that was written last; None where there is none."""
        return plan_of(self._diary.between(0, _FOREVER_NS), evening_here)

    def compare(self, a: Period, b: Period) -> tuple[Comparison, ...]:
        """Return how each number of two periods differs; ValueError if an evening is in both."""
        cards = ((folder, self._shelf.card(folder)) for folder in self._final())
        dated = [(folder, evening(card.start_ns, card.utc_offset_s)) for folder, card in cards]
        return compare(self._told([folder for folder, day in dated if a.holds(day) or b.holds(day)]), a, b)

    def _final(self) -> Iterator[NightFolder]:
        """Yield the nights of the configured person of which the final word has been said, newest first."""
        shelf = self._shelf
        # What changed over weeks is asked of one person, also where several share a computer.
        own = (folder for folder in shelf.folders() if shelf.info(folder).person == self._person)
        return (folder for folder in own if shelf.is_final(folder))

    def _told(self, folders: Sequence[NightFolder]) -> list[NightFigures]:
        shelf = self._shelf
        spans = self._journal.spans([shelf.info(folder) for folder in folders])
        diary = self._diary.of_nights(self._person, [shelf.card(folder) for folder in folders])
        return [self._figures(folder, each, diary) for folder, each in zip(folders, spans, strict=True)]

    def _figures(
        self, folder: NightFolder, spans: tuple[EventSpan, ...], diary: Mapping[str, tuple[DiaryEntry, ...]]
    ) -> NightFigures:
        shelf, card = self._shelf, self._shelf.card(folder)
        summary = without_denied(summary_of(folder), denied_spans(spans), card.start_ns)
        return NightFigures(card, summary, spans, diary[card.night_id], shelf.criteria(folder), shelf.version(folder))

    def sensors(self, night_id: str) -> Sequence[SensorReport]:
        """Return how each sensor of a night did; KeyError if there is no night of this name."""
        folder = self._shelf.folder(night_id)
        info, card = self._shelf.info(folder), self._shelf.card(folder)
        gaps = [event for event in self._journal.events(info) if event.kind is EventKind.SIGNAL_GAP]
        views = self._shelf.worn(folder)
        names = tuple(view.name for view in views)
        told = Told(card.start_ns, self._journal.health(info), gaps, _certificate(folder), names)
        return [sensor_report(view, worn, told) for view, worn in zip(views, info.sensors, strict=True)]

    def extremes(
        self, night_id: str, sensor: str, onset_ns: int, end_ns: int, n_buckets: int
    ) -> Sequence[ExtremesView]:
        """Return a stretch of one sensor as lowest and highest; KeyError if there is no such night or sensor."""
        folder = self._shelf.folder(night_id)
        with _reading():
            return extremes(folder, sensor, (onset_ns, end_ns), n_buckets, self._maker)

    def live(self, night_id: str) -> LiveFeed:
        """Return what the sensors of a running night measure; KeyError or ValueError if there is nothing to follow."""
        return self._live.feed(self._running(night_id))

    def _running(self, night_id: str) -> NightFolder:
        folder = self._shelf.folder(night_id)
        if not self._shelf.card(folder).running:
            msg = f"{night_id} is over, expected a running night"
            raise ValueError(msg)
        return folder


@contextmanager
def _reading() -> Iterator[None]:
    """Say of a log that is damaged, or of a sensor that this version does not know, the same on every page."""
    try:
        yield
    except (DecodeError, ConfigError) as error:
        log.warning("the samples of a night are not shown: %s", error)
        raise UnreadableLogError(UNREADABLE) from error


def _certificate(folder: NightFolder) -> Mapping[str, Any]:
    """Return the certificate of a night; empty before there is one, or if this version does not read it."""
    try:
        stated = folder.read_certificate() or {}
    except DecodeError:
        return {}
    return stated if stated.get("format") == CERTIFICATE_FORMAT else {}

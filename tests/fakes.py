"""Stand-ins that implement our protocols."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dashboards.book import NOTE, NightCard, NightView
from dashboards.diary import DiaryEntry
from dashboards.signals import Stretch
from soleus.evenings import evening
from soleus.helped.comparing import compare
from soleus.helped.periods import periods_of, plan_of
from tests import fake_diary, fake_sensors, fake_weeks
from tests import synthetic_night as synthetic
from tests import synthetic_signal as signal
from tests.fake_diary import FakeDiary
from tests.fake_live import FakeFeed, LiveScene

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from dashboards.comparison import Comparison, Period, Plan
    from dashboards.diary import Written
    from dashboards.sensor_report import SensorReport
    from dashboards.signals import ExtremesView, TrackView
    from dashboards.weeks import NightFigures
    from detectors.events import Event, EventKey

NIGHT_ID = "2026-03-14"
EARLIER_ID = "2026-03-13"
MOST_TEXT = 1000


@dataclass(slots=True)
class FakeNightBook:
    """Two nights of synthetic legs, the newer one filling while `so_far_s` grows, and 38 before them in few words.

    Parameters
    ----------
    so_far_s : int
        How much of the newer night there is, s.
    running : bool
        Whether the newer night is still running.
    summary : mapping or None
        Summary to show instead of the synthetic one.
    empty : bool
        Whether there is no night at all.
    scene : LiveScene
        What the feed of a running night shows.
    now_s : callable or None
        Returns the time since the start of the night for the feed, s; `so_far_s` if not given.
    """

    so_far_s: int = synthetic.DURATION_S
    running: bool = False
    summary: Mapping[str, object] | None = None
    empty: bool = False
    all_events: tuple[Event, ...] = field(default_factory=synthetic.events)
    completeness: str = ""
    marked: list[tuple[str, str]] = field(default_factory=list)
    mark_ages_s: list[float] = field(default_factory=list)
    scene: LiveScene = field(default_factory=LiveScene)
    now_s: Callable[[], float] | None = None
    judged: list[tuple[str, EventKey, bool | None]] = field(default_factory=list)
    written: list[tuple[str, DiaryEntry]] = field(default_factory=list)
    kept: FakeDiary = field(default_factory=FakeDiary)
    feeds: list[FakeFeed] = field(default_factory=list)

    def nights(self) -> tuple[NightCard, ...]:
        if self.empty:
            return ()
        end_ns = synthetic.to_ns(self.so_far_s)
        newest = NightCard(NIGHT_ID, synthetic.START_NS, end_ns, synthetic.UTC_OFFSET_S, self.running, simulated=True)
        return newest, replace(newest, night_id=EARLIER_ID, running=False)

    def night(self, night_id: str) -> NightView:
        card = self._card(night_id)
        events = tuple(event for event in self.all_events if event.end_ns <= card.end_ns)
        told = tuple(self._with_words(night_id, event) for event in events)
        summary = synthetic.summary(told) if self.summary is None else self.summary
        return NightView(card, synthetic.SENSORS, summary, told, "wasm-2016", "0.1.0", self.completeness)

    def card(self, night_id: str) -> NightCard:
        return self._card(night_id)

    def tracks(self, night_id: str) -> tuple[TrackView, ...]:
        self._card(night_id)
        return signal.tracks(self.all_events, self.so_far_s)

    def raw(self, night_id: str, sensor: str, onset_ns: int, end_ns: int) -> Stretch:
        self._card(night_id)
        legs = {view.name: view.leg for view in synthetic.SENSORS}
        span_ns = (max(onset_ns, synthetic.START_NS), min(end_ns, synthetic.to_ns(self.so_far_s)))
        if span_ns[0] >= span_ns[1]:
            return Stretch(())
        return Stretch(*signal.raw(self.all_events, legs[sensor], span_ns))

    def mark(self, night_id: str, label: str, *, age_s: float = 0.0) -> None:
        if not self._card(night_id).running:
            message = f"{night_id} is over, expected a running night"
            raise ValueError(message)
        self.marked.append((night_id, label))
        self.mark_ages_s.append(age_s)

    def extremes(
        self, night_id: str, sensor: str, onset_ns: int, end_ns: int, n_buckets: int
    ) -> tuple[ExtremesView, ...]:
        self._card(night_id)
        leg = {view.name: view.leg for view in synthetic.SENSORS}[sensor]
        span_ns = (max(onset_ns, synthetic.START_NS), min(end_ns, synthetic.to_ns(self.so_far_s)))
        return signal.extremes(self.all_events, leg, span_ns, n_buckets)

    def judge(self, night_id: str, event: Event, *, confirmed: bool | None) -> None:
        if all(known.key != event.key for known in self.night(night_id).events):
            raise KeyError(event.key)
        self.judged.append((night_id, event.key, confirmed))

    def note(self, night_id: str, text: str, time_ns: int | None = None, *, kind: str = NOTE) -> None:
        card = self._card(night_id)
        if not text.strip() or len(text) > MOST_TEXT:
            message = f"a note has {len(text)} characters, expected 1 to {MOST_TEXT}"
            raise ValueError(message)
        if time_ns is None and not card.running:
            message = f"{night_id} is over, expected the time of the note"
            raise ValueError(message)
        self.written.append((night_id, DiaryEntry(card.end_ns if time_ns is None else time_ns, kind, text)))

    def diary(self, night_id: str) -> tuple[DiaryEntry, ...]:
        card = self._card(night_id)
        kept = self.kept.between(card.start_ns - 12 * fake_diary.HOUR_NS, card.start_ns + 20 * fake_diary.HOUR_NS)
        so_far = [entry for entry in kept if not card.running or entry.time_ns <= card.end_ns]
        own = [entry for night, entry in self.written if night == night_id]
        return tuple(sorted([*so_far, *own], key=lambda entry: entry.time_ns))

    def diary_between(self, onset_ns: int, end_ns: int) -> tuple[DiaryEntry, ...]:
        own = [entry for _, entry in self.written if onset_ns <= entry.time_ns < end_ns]
        return tuple(sorted([*self.kept.between(onset_ns, end_ns), *own], key=lambda entry: entry.time_ns))

    def write(self, entry: Written) -> DiaryEntry:
        return self.kept.write(entry)

    def amend(self, key: str, entry: Written) -> DiaryEntry:
        return self.kept.amend(key, entry)

    def strike(self, key: str) -> None:
        self.kept.strike(key)

    def weeks(self, n_nights: int) -> tuple[NightFigures, ...]:
        over = [card for card in self.nights() if not card.running]
        return fake_weeks.forty_nights(over[0])[-n_nights:] if over and n_nights > 0 else ()

    def periods(self) -> tuple[Period, ...]:
        until = evening(self.kept.now_ns, synthetic.UTC_OFFSET_S)
        return periods_of(self.diary_between(0, 2**63 - 1), self._evening_of, until)

    def plan(self) -> Plan | None:
        return plan_of(self.diary_between(0, 2**63 - 1), self._evening_of)

    def compare(self, a: Period, b: Period) -> tuple[Comparison, ...]:
        return compare(self.weeks(fake_weeks.N_NIGHTS), a, b)

    @staticmethod
    def _evening_of(time_ns: int) -> date:
        return evening(time_ns, synthetic.UTC_OFFSET_S)

    def sensors(self, night_id: str) -> tuple[SensorReport, ...]:
        self._card(night_id)
        return fake_sensors.reports(self.so_far_s)

    def live(self, night_id: str) -> FakeFeed:
        if not self._card(night_id).running:
            message = f"{night_id} is over, expected a running night"
            raise ValueError(message)
        feed = FakeFeed(self.scene, self.now_s or (lambda: float(self.so_far_s)), lambda: not self.running)
        self.feeds.append(feed)
        return feed

    def _card(self, night_id: str) -> NightCard:
        return {card.night_id: card for card in self.nights()}[night_id]

    def _with_words(self, night_id: str, event: Event) -> Event:
        """Return an event with the last word on it, as the journal tells it: a new revision for each word."""
        words = [word for night, key, word in self.judged if night == night_id and key == event.key]
        if not words:
            return event
        said = {} if words[-1] is None else {"confirmed": float(words[-1])}
        return replace(event, measures={**event.measures, **said}, revision=event.revision + len(words))

"""Stand-ins that implement our protocols."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dashboards.book import NightCard, NightView
from dashboards.signals import Stretch
from tests import synthetic_night as synthetic
from tests import synthetic_signal as signal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.signals import TrackView
    from detectors.events import Event

NIGHT_ID = "2026-03-14"
EARLIER_ID = "2026-03-13"


@dataclass(slots=True)
class FakeNightBook:
    """Two nights of synthetic legs, the newer one filling while `so_far_s` grows.

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
    """

    so_far_s: int = synthetic.DURATION_S
    running: bool = False
    summary: Mapping[str, object] | None = None
    empty: bool = False
    all_events: tuple[Event, ...] = field(default_factory=synthetic.events)
    completeness: str = ""
    marked: list[tuple[str, str]] = field(default_factory=list)

    def nights(self) -> tuple[NightCard, ...]:
        if self.empty:
            return ()
        end_ns = synthetic.to_ns(self.so_far_s)
        newest = NightCard(NIGHT_ID, synthetic.START_NS, end_ns, synthetic.UTC_OFFSET_S, self.running, simulated=True)
        return newest, replace(newest, night_id=EARLIER_ID, running=False)

    def night(self, night_id: str) -> NightView:
        card = self._card(night_id)
        events = tuple(event for event in self.all_events if event.end_ns <= card.end_ns)
        summary = synthetic.summary(events) if self.summary is None else self.summary
        return NightView(card, synthetic.SENSORS, summary, events, "wasm-2016", "0.1.0", self.completeness)

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

    def mark(self, night_id: str, label: str) -> None:
        if not self._card(night_id).running:
            message = f"{night_id} is over, expected a running night"
            raise ValueError(message)
        self.marked.append((night_id, label))

    def _card(self, night_id: str) -> NightCard:
        return {card.night_id: card for card in self.nights()}[night_id]

"""Rhythmic trains: which movements lie in them, and whether the legs take turns (science.md 1.7)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from detectors.events import Event, EventKind, Step
from detectors.night.placement import other
from detectors.night.seen import SeenEvents
from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from detectors.criteria import Criteria
    from detectors.night.context import NightContext
    from detectors.night.context_criteria import ContextCriteria
    from detectors.night.placement import Placement

TRAINS: Final = frozenset({EventKind.RHYTHMIC_TRAIN, EventKind.CLONUS})
_HALF_A_TURN: Final = 0.5


class Trains:
    """Hold trains until it is known whether the other leg takes turns with them.

    Parameters
    ----------
    criteria : Criteria
        ``criteria.context`` is used.
    placement : Placement
        Where there is EMG on one leg only, nothing is said about turns.
    context : NightContext
        Posture.

    Notes
    -----
    A train is said once no train that overlaps it can begin any more, a shift of position once no
    walking that overlaps it can. Both are turned down where more than ``walking_share`` of them lies
    in walking; the movements in a train belong to it all the same. New measures: ``alternating`` and
    ``alma`` (0 or 1), where both legs have EMG and the train has a rate.
    """

    def __init__(self, criteria: Criteria, placement: Placement, context: NightContext) -> None:
        self._criteria = criteria.context
        self._placement = placement
        self._context = context
        self._seen = SeenEvents()
        self._rejected: list[Event] = []
        self._waiting: list[Event] = []

    def add(self, train: Event) -> None:
        """Take a train of one leg."""
        self._seen.add(train)
        self._waiting.append(train)

    def add_shift(self, shift: Event) -> None:
        """Take a shift of one leg's position."""
        self._waiting.append(shift)

    def advance(self, horizon_ns: int) -> list[Event]:
        """Return what is decided once no event before `horizon_ns` (UTC) can come any more."""
        done = [event for event in self._waiting if event.end_ns <= horizon_ns]
        if done:
            self._waiting = [event for event in self._waiting if event.end_ns > horizon_ns]
        return [self._told(event) for event in done if self._stands(event)]

    def share_of(self, movement: Event) -> float:
        """Return which share of a movement lies in trains of its leg, 0 to 1."""
        return share_in(self._seen, movement)

    def on_leg(self, leg: Leg, start_ns: int, stop_ns: int) -> list[Event]:
        """Return the trains of a leg that overlap ``[start, stop)``, UTC ns."""
        return self._seen.between(start_ns, stop_ns, TRAINS, leg)

    @property
    def waiting_from_ns(self) -> int | None:
        """Onset of the first event that is held back, UTC ns; None if there is none."""
        return min((event.onset_ns for event in self._waiting), default=None)

    def _stands(self, event: Event) -> bool:
        """Return whether a train or a shift is none of walking, in which every step shows a burst and turns the leg."""
        share, most = self._context.walking(event.leg, event.onset_ns, event.end_ns), self._criteria.walking_share
        if share <= most:
            return True
        self._rejected.append(replace(event, why=(*event.why, Step("walking_share", share, most, held=False))))
        return False

    def rejected(self) -> list[Event]:
        """Return the trains and shifts that were turned down since the last call, and forget them."""
        rejected, self._rejected = self._rejected, []
        return rejected

    def forget(self, before_ns: int) -> None:
        """Drop what ended before a time, UTC ns."""
        self._seen.forget(before_ns)

    def _told(self, train: Event) -> Event:
        beside = other(train.leg)
        if beside is None or not self._placement.emg_on_both() or not _is_timed(train):
            return train
        partners = [p for p in self.on_leg(beside, train.onset_ns, train.end_ns) if _is_timed(p)]
        turns = any(takes_turns(train, partner, self._criteria) for partner in partners)
        return replace(
            train,
            measures={
                **train.measures,
                "alternating": float(turns),
                "alma": float(turns and self._is_alma(train)),
            },
        )

    def _is_alma(self, train: Event) -> bool:
        """Say whether rate and bursts are those of alternating leg muscle activation."""
        criteria, burst_s = self._criteria, train.measures.get("burst_s")
        return (
            burst_s is not None
            and criteria.alma_low_hz <= train.measures["rate_hz"] <= criteria.alma_high_hz
            and criteria.alma_burst_min_s <= burst_s <= criteria.alma_burst_max_s
        )


def share_in(seen: SeenEvents, movement: Event) -> float:
    """Return which share of a movement lies in those trains of its leg that were seen, 0 to 1."""
    start_ns, stop_ns = movement.onset_ns, movement.end_ns
    if stop_ns == start_ns:
        return 0.0
    trains = seen.between(start_ns, stop_ns, TRAINS, movement.leg)
    if not trains:
        return 0.0
    inside_ns, at_ns = 0, start_ns
    for train in sorted(trains, key=lambda train: train.onset_ns):
        inside_ns += max(min(train.end_ns, stop_ns) - max(train.onset_ns, at_ns), 0)
        at_ns = max(at_ns, train.end_ns)
    return inside_ns / (stop_ns - start_ns)


def takes_turns(first: Event, second: Event, criteria: ContextCriteria) -> bool:
    """Return whether two trains that overlap have one rate and bursts in turn.

    Parameters
    ----------
    first, second : Event
        Trains with measures ``rate_hz`` and ``anchor_s``, the time of one burst after the onset, s.
    criteria : ContextCriteria
        How much rates may differ, and phases from half a turn.

    Returns
    -------
    bool
        Compared in the middle of the overlap, where the rates' errors have run up least.
    """
    rates_hz = (first.measures["rate_hz"], second.measures["rate_hz"])
    if max(rates_hz) - min(rates_hz) > criteria.alternating_rate * max(rates_hz):
        return False
    middle_ns = (max(first.onset_ns, second.onset_ns) + min(first.end_ns, second.end_ns)) // 2
    turn = (_turns(first, middle_ns) - _turns(second, middle_ns)) % 1.0
    return abs(turn - _HALF_A_TURN) <= criteria.alternating_phase


def _turns(train: Event, at_ns: int) -> float:
    """Return how many bursts a train is past its anchor."""
    since_s = (at_ns - train.onset_ns) / NS_PER_S - train.measures["anchor_s"]
    return since_s * train.measures["rate_hz"]


def _is_timed(train: Event) -> bool:
    return train.measures.get("rate_hz", 0.0) > 0 and "anchor_s" in train.measures

"""Stage three: left with right, EMG with motion, bouts with episodes, movements with series.

Nothing here looks at samples. Events arrive when they are settled, together with the time before
which no other stream will report any more; what is said depends on both and not on how the
streams were cut.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from detectors.combined import LegMovement
from detectors.episodes import CrampEpisodes
from detectors.events import Event, EventKind
from detectors.losses import CommonLoss
from detectors.movement_notes import note_of
from detectors.movements import MovementRules
from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from detectors.annotations import Annotations
    from detectors.criteria import Criteria
    from detectors.movement_notes import MovementNote
    from detectors.series import CombinedMovement

# Movements of the other sensor of the same leg, seen by acceleration, are the same movement when they lie this close.
MOVED_TOLERANCE_S = 0.5
# Longest look back that any rule takes: rest before a cramp and what followed it.
MEMORY_S = 1200.0


@dataclass(frozen=True, slots=True)
class NightFacts:
    """What the numbers of a night are computed from.

    Parameters
    ----------
    wasm, aasm : tuple of CombinedMovement
        Combined movements under each rule set, by onset.
    events : tuple of Event
        Newest revisions of all other events, by onset.
    notes : mapping of LegMovement to MovementNote
        What was said about each part of the combined movements.
    """

    wasm: tuple[CombinedMovement, ...]
    aasm: tuple[CombinedMovement, ...]
    events: tuple[Event, ...]
    notes: Mapping[LegMovement, MovementNote] = field(default_factory=dict)


class NightCombiner:
    """Combine the events of all streams of one night.

    Parameters
    ----------
    criteria : Criteria
        Every threshold.
    annotations : Annotations
        Sleep stages, where they are known beforehand.
    """

    def __init__(self, criteria: Criteria, annotations: Annotations) -> None:
        self._emg_legs: set[Leg] = set()
        self._motion_legs: set[Leg] = set()
        self._seen_moving: dict[Leg, list[Event]] = {}
        self._movements = MovementRules(criteria, annotations)
        self._episodes = CrampEpisodes(criteria)
        self._losses = CommonLoss()
        self._waiting: list[Event] = []
        self._horizon_ns: int | None = None
        self._newest: dict[tuple[object, ...], Event] = {}
        self._notes: dict[LegMovement, MovementNote] = {}

    def movements_from_emg(self, leg: Leg) -> None:
        """State that a leg's movements come from its EMG."""
        self._emg_legs.add(leg)
        self._losses.watch(leg)

    def motion_on(self, leg: Leg) -> None:
        """State that a leg has a motion sensor."""
        self._motion_legs.add(leg)
        self._losses.watch(leg)

    def lost(self, leg: Leg, onset_ns: int, end_ns: int) -> None:
        """Hear that a leg's movements could not be scored in ``[onset_ns, end_ns)``, UTC ns."""
        self._losses.add(leg, onset_ns, end_ns)

    def feed(self, events: Iterable[Event], settled_ns: int | None) -> list[Event]:
        """Take events and the time before which no other will begin.

        Parameters
        ----------
        events : iterable of Event
            Settled events of any stream.
        settled_ns : int or None
            UTC, ns; None while a known stream has not begun.

        Returns
        -------
        list of Event
            Events that are decided by now, and newer revisions of earlier ones.
        """
        self._waiting += events
        if settled_ns is None or (
            self._horizon_ns is not None and settled_ns <= self._horizon_ns and not self._waiting
        ):
            return []
        self._horizon_ns = settled_ns if self._horizon_ns is None else max(settled_ns, self._horizon_ns)
        return self._advance(self._horizon_ns)

    def finish(self) -> list[Event]:
        """Decide everything that is still open; the night is over."""
        last_ns = max((event.onset_ns + 1 for event in self._waiting), default=0)
        said = self._advance(max(last_ns, self._horizon_ns or 0)) if self._waiting else []
        said += self._movements.finish(self._moved)
        return self._kept([*said, *self._episodes.finish(self._seen_moving)])

    def night(self) -> NightFacts:
        """Return what the numbers of the night are computed from."""
        events = sorted(self._newest.values(), key=lambda event: (event.onset_ns, event.kind, event.leg))
        return NightFacts(*self._movements.combined(), tuple(events), self._notes)

    def _advance(self, horizon_ns: int) -> list[Event]:
        ready = sorted(
            (e for e in self._waiting if e.onset_ns < horizon_ns),
            key=lambda e: (e.onset_ns, e.end_ns, e.kind, e.leg, e.sensor),
        )
        self._waiting = [e for e in self._waiting if e.onset_ns >= horizon_ns]
        said: list[Event] = []
        for event in ready:
            said += self._sorted_in(event)
        for onset_ns, end_ns in self._losses.up_to(horizon_ns):
            self._movements.interrupt(onset_ns, end_ns)
        said += self._movements.advance(horizon_ns, self._moved)
        said += self._episodes.advance(horizon_ns, self._seen_moving)
        self._forget(horizon_ns - round(MEMORY_S * NS_PER_S))
        return self._kept(said)

    def _sorted_in(self, event: Event) -> list[Event]:
        """Send an event where it belongs; what needs no combination is said at once."""
        from_motion = "peak_g" in event.measures
        if event.kind is EventKind.LEG_MOVEMENT and from_motion:
            self._seen_moving.setdefault(event.leg, []).append(event)
            if event.leg in self._emg_legs:
                return []
        if event.kind is EventKind.LEG_MOVEMENT:
            self._movements.add(event)
            return []
        if event.kind is EventKind.CRAMP:
            seen = self._seen_moving.get(event.leg, []) if event.leg in self._motion_legs else None
            self._episodes.add(event, seen)
            return []
        if event.kind is EventKind.SHIFT:
            self._seen_moving.setdefault(event.leg, []).append(event)
        return [event]

    def _moved(self, movement: Event) -> bool | None:
        """Say whether a movement was also seen by acceleration; None where that leg has no such sensor."""
        if movement.leg not in self._motion_legs:
            return None
        seen = self._seen_moving.get(movement.leg, [])
        margin = round(MOVED_TOLERANCE_S * NS_PER_S)
        return any(e.onset_ns < movement.end_ns + margin and e.end_ns > movement.onset_ns - margin for e in seen)

    def _forget(self, before_ns: int) -> None:
        for leg, seen in self._seen_moving.items():
            self._seen_moving[leg] = [event for event in seen if event.end_ns >= before_ns]

    def _kept(self, said: Sequence[Event]) -> list[Event]:
        for event in said:
            if event.kind is EventKind.LEG_MOVEMENT:
                part = LegMovement(event.onset_ns, event.end_ns, event.leg, event.sensor)
                self._notes[part] = note_of(event)
            else:
                self._newest[event.key] = event
        return list(said)

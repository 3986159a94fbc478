"""Stage three: left with right, EMG with motion, bouts with episodes, movements with series.

Nothing here looks at samples. Events arrive when they are settled, together with the time before
which no other stream will report any more; what is said depends on both and not on how the
streams were cut. Each rule waits until every event that it could compare with is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from detectors.annotations import Span, common_ns, nanoseconds
from detectors.emg.confidence import STORED
from detectors.events import Event, EventKind, in_order
from detectors.night.activation import ACTIVATION, Activation
from detectors.night.context import MOST, NightContext
from detectors.night.cramp_context import CrampContext
from detectors.night.episodes import CrampEpisodes
from detectors.night.fusion import IN_TRAIN, MOVED, MovementFusion, is_motion
from detectors.night.losses import CommonLoss
from detectors.night.movement_notes import note_of
from detectors.night.movements import MovementRules
from detectors.night.placement import Placement
from detectors.night.possible_episodes import PossibleEpisodes
from detectors.night.restlessness import Restlessness
from detectors.night.tonic_context import TonicContext
from detectors.night.trains import TRAINS, Trains
from detectors.night.twitches import TwitchContext
from detectors.rules.combined import LegMovement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from detectors.annotations import Annotations
    from detectors.criteria import Criteria
    from detectors.events import Epoch
    from detectors.night.movement_notes import MovementNote
    from detectors.rules.series import CombinedMovement
    from detectors.signal import Leg, Quantity
    from detectors.track import Track

# Longer than any rule looks back from what it is undecided about: what followed a cramp, and the level before it.
MEMORY_S = 300.0
# Later than any night.
_NEVER_NS = 2**62
_IN_CRAMP = "in_cramp"


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
    losses : tuple of Span
        Stretches in which no leg had a signal, UTC ns.
    """

    wasm: tuple[CombinedMovement, ...]
    aasm: tuple[CombinedMovement, ...]
    events: tuple[Event, ...]
    notes: Mapping[LegMovement, MovementNote] = field(default_factory=dict)
    losses: tuple[Span, ...] = ()

    def and_also(self, events: Iterable[Event]) -> NightFacts:
        """Return the facts with further events."""
        return replace(self, events=tuple(sorted((*self.events, *events), key=in_order)))


class NightCombiner:
    """Combine the events of all streams of one night.

    Parameters
    ----------
    criteria : Criteria
        Every threshold.
    annotations : Annotations
        Sleep stages, where they are known beforehand.
    at_once : bool
        Whether the night is over already: then only the last word on a movement is said, by :meth:`finish`.

    Notes
    -----
    New measures of a ``leg_movement``: ``clm``, ``plm_wasm``, ``plm_aasm``, ``bilateral``,
    ``in_train``, ``in_cramp`` and, where the leg has a motion sensor, ``moved``, ``moved_peak_g``
    and ``with_activation``. The parts say what is new in other events.
    """

    def __init__(self, criteria: Criteria, annotations: Annotations, *, at_once: bool = False) -> None:
        self._emg_legs: set[Leg] = set()
        self._placement = Placement()
        self._context = NightContext(criteria, self._placement)
        self._trains = Trains(criteria, self._placement, self._context)
        self._fusion = MovementFusion(criteria, self._placement, self._trains)
        self._restlessness = Restlessness(criteria, self._context)
        self._twitches = TwitchContext(criteria, self._placement, self._context, self._trains)
        surroundings = CrampContext(criteria, self._placement, self._context, self._twitches)
        self._episodes = CrampEpisodes(criteria, surroundings)
        self._tonic = TonicContext(criteria, self._placement, self._context, self._episodes, self._trains)
        self._possible = PossibleEpisodes(criteria, self._placement, self._context, self._episodes)
        self._activation = Activation(criteria, self._context)
        self._movements = MovementRules(criteria, annotations, at_once=at_once)
        self._losses = CommonLoss()
        self._cramps: list[Event] = []
        self._waiting: list[Event] = []
        self._horizon_ns: int | None = None
        self._newest: dict[tuple[object, ...], Event] = {}
        self._notes: dict[LegMovement, MovementNote] = {}
        self._lost: list[Span] = []

    def movements_from_emg(self, leg: Leg) -> None:
        """State that a leg's movements come from its EMG."""
        self._emg_legs.add(leg)
        self._losses.watch(leg)

    def emg_on(self, leg: Leg, sensor: str, site: str, fs_hz: float) -> None:
        """State that a leg has a channel of EMG: its name, where it sits, and its sampling rate, Hz."""
        self._placement.emg_on(leg, sensor, site, fs_hz)

    def motion_on(self, leg: Leg, sensor: str | None = None) -> None:
        """State that a leg has a motion sensor; with its name it counts only when it is :meth:`heard`."""
        self._placement.motion_on(leg, sensor)
        self._losses.watch(leg)

    def heard(self, track: Track) -> None:
        """Take a track of a channel: when it gave a signal."""
        self._placement.heard(track)

    def heard_in(self, sensor: str, quantity: Quantity, spans: Iterable[Span]) -> None:
        """Hear that a channel gave a signal in some stretches, which come in order, UTC ns."""
        self._placement.heard_in(sensor, quantity, spans)

    def lost(self, leg: Leg, onset_ns: int, end_ns: int) -> None:
        """Hear that a leg's movements could not be scored in ``[onset_ns, end_ns)``, UTC ns."""
        self._losses.add(leg, onset_ns, end_ns)

    def note(self, epochs: Iterable[Epoch]) -> None:
        """Take epochs of EMG, as soon as they are there: their resting levels say which muscle is active."""
        self._context.add_epochs(epochs)

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
        return self._kept([*self._advance(_NEVER_NS), *self._movements.finish()])

    def rejected(self) -> list[Event]:
        """Return the events that others spoke against since the last call, with their ``why``, and forget them."""
        parts = (self._restlessness, self._twitches, self._tonic, self._possible, self._trains)
        return [event for part in parts for event in part.rejected()]

    def night(self) -> NightFacts:
        """Return what the numbers of the night are computed from."""
        events = sorted(self._newest.values(), key=lambda event: (event.onset_ns, event.kind, event.leg))
        return NightFacts(*self._movements.combined(), tuple(events), self._notes, tuple(self._lost))

    def _advance(self, horizon_ns: int) -> list[Event]:
        ready = sorted(
            (e for e in self._waiting if e.onset_ns < horizon_ns),
            key=lambda e: (e.onset_ns, e.end_ns, e.kind, e.leg, e.sensor),
        )
        if ready:
            self._waiting = [e for e in self._waiting if e.onset_ns >= horizon_ns]
        self._context.add(ready)
        said = [event for event in ready if not self._is_held(event)]
        said += self._trains.advance(horizon_ns)
        moving = self._fusion.advance(horizon_ns)
        settled_ns = self._fusion.settled_ns(horizon_ns)
        said += self._ruled(moving, settled_ns)
        restless = self._restless(moving, settled_ns)
        said += restless
        calm_ns = min(self._restlessness.settled_ns(settled_ns), horizon_ns)
        twitches = self._twitches.advance(horizon_ns)
        calm_ns = min(calm_ns, self._twitches.settled_ns(horizon_ns))
        said += twitches
        said += self._episodes.advance(horizon_ns, calm_ns)
        said += self._tonic.advance(calm_ns)
        said += self._possible.advance(calm_ns)
        said += self._learned(settled_ns, calm_ns)
        self._forget(min(settled_ns, calm_ns))
        return self._kept(said)

    def _is_held(self, event: Event) -> bool:
        """Give an event to the part that knows what to compare it with; False if it can be said at once."""
        if event.kind is EventKind.LEG_MOVEMENT:
            self._fusion.add(event)
        elif event.kind is EventKind.SHIFT:
            self._fusion.add(event)
            self._trains.add_shift(event)
        elif event.kind in TRAINS:
            self._trains.add(event)
        elif event.kind is EventKind.CRAMP:
            self._episodes.add(event)
        elif event.kind is EventKind.TWITCH:
            self._twitches.add(event)
        elif event.kind is EventKind.TONIC and event.measures.get("low"):
            self._tonic.add(event)
        elif event.kind is EventKind.POSSIBLE_EPISODE:
            self._possible.add(event)
        else:
            return False
        return True

    def _ruled(self, moving: Sequence[Event], settled_ns: int) -> list[Event]:
        """Give the movements that count to the rules."""
        for movement in moving:
            from_emg = movement.leg in self._emg_legs
            if movement.kind is EventKind.SHIFT or (from_emg and is_motion(movement)):
                continue
            facts = {} if is_motion(movement) else {_IN_CRAMP: 0.0}
            # Of a movement in EMG it was said whether the leg moved where that could be seen.
            sees = self._fusion.sees(movement) if is_motion(movement) else MOVED in movement.measures
            if sees and not movement.measures[IN_TRAIN]:
                facts[ACTIVATION] = 0.0
                self._activation.watch(movement)
            self._movements.add(movement.again({**movement.measures, **facts}, movement.why))
        for onset_ns, end_ns in self._losses.up_to(settled_ns):
            self._movements.interrupt(onset_ns, end_ns)
            # A leg that stays silent is lost anew with every step.
            touches = bool(self._lost) and onset_ns <= self._lost[-1].end_ns
            first_ns = self._lost.pop().onset_ns if touches else onset_ns
            self._lost.append(Span(first_ns, end_ns))
        return self._movements.advance(settled_ns)

    def _restless(self, moving: Sequence[Event], settled_ns: int) -> list[Event]:
        """Return the restlessness that movements outside of trains amount to."""
        self._restlessness.add(movement for movement in moving if not movement.measures[IN_TRAIN])
        found = self._restlessness.advance(settled_ns)
        self._context.add(found)
        return found

    def _learned(self, settled_ns: int, calm_ns: int) -> list[Event]:
        """Return the movements of which more is known by now."""
        activated = [_part(movement) for movement in self._activation.advance(calm_ns)]
        said = self._movements.learn(activated, ACTIVATION)
        self._cramps += [cramp for cramp in self._episodes.finals() if cramp.measures["tier"] > STORED]
        over = [cramp for cramp in self._cramps if cramp.end_ns <= settled_ns]
        self._cramps = [cramp for cramp in self._cramps if cramp.end_ns > settled_ns]
        for cramp in over:
            known = self._movements.known_on(cramp.leg, cramp.onset_ns, cramp.end_ns)
            inside = [m for m in known if common_ns(m, cramp) > MOST * m.duration_ns]
            said += self._movements.learn(inside, _IN_CRAMP)
        return said

    def _forget(self, horizon_ns: int) -> None:
        """Drop what no rule can ask for any more."""
        firsts = (self._activation, self._tonic, self._possible, self._trains)
        open_ns = [part.waiting_from_ns for part in firsts if part.waiting_from_ns is not None]
        open_ns += [cramp.onset_ns for cramp in self._cramps]
        before_ns = min([self._episodes.settled_ns(horizon_ns), *open_ns]) - nanoseconds(MEMORY_S)
        self._placement.forget(before_ns)
        for part in (self._context, self._trains, self._fusion, self._twitches, self._episodes, self._movements):
            part.forget(before_ns)

    def _kept(self, said: Sequence[Event]) -> list[Event]:
        for event in said:
            if event.kind is EventKind.LEG_MOVEMENT:
                self._notes[_part(event)] = note_of(event)
            else:
                self._newest[event.key] = event
        return list(said)


def _part(movement: Event) -> LegMovement:
    return LegMovement(movement.onset_ns, movement.end_ns, movement.leg, movement.sensor)

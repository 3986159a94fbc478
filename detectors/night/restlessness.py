"""Restlessness: movements of a leg that together are a large one (science.md 5.5)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from detectors.annotations import common_ns, nanoseconds
from detectors.events import Event, EventKind, EventQuality, Step, StepRole
from detectors.night.context import MOST, TURN
from detectors.night.fusion import PEAK, is_motion
from detectors.night.placement import other
from detectors.night.seen import SeenEvents
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detectors.criteria import Criteria
    from detectors.night.context import NightContext
    from detectors.night.restlessness_criteria import RestlessnessCriteria
    from detectors.signal import Leg

_MOVING = frozenset({EventKind.LEG_MOVEMENT, EventKind.SHIFT})


class Restlessness:
    """Find clusters of movement that more than one sign says to be large.

    Parameters
    ----------
    criteria : Criteria
        ``criteria.restlessness`` is used.
    context : NightContext
        Posture, and the contractions of every channel.

    Notes
    -----
    Movements of one leg with less than ``gap_s`` between them are a cluster, whichever sensor found
    them. A cluster of ``min_s`` or more is ``restlessness`` when ``min_signs`` of these hold:
    acceleration above ``peak_g``, a change of position of ``orientation_deg``, leg movements in EMG
    for ``emg_s``, a movement of the other leg. Measures: ``duration_s``, ``peak_g`` and
    ``orientation_change_deg`` where there is a motion sensor, ``emg_active_s``, ``both_legs`` and
    ``prolonged`` (longer than ``max_s``). A cluster without end is told in pieces of ``piece_s``.

    What is told already is not told again. One movement that a series could have (``clm_max_s``)
    and that leaves the leg where it was is a leg movement, however hard, and both legs often make
    it: of a night of periodic movements every fourth would be restlessness. One that leaves it
    elsewhere, but in which acceleration sees less than ``min_s`` of movement, is a shift. A
    cramp-like contraction is no movement, and walking no restlessness.
    """

    def __init__(self, criteria: Criteria, context: NightContext) -> None:
        self._criteria = criteria.restlessness
        self._context = context
        self._clm_max_s = criteria.wasm.clm_max_s
        self._gap_ns = nanoseconds(criteria.restlessness.gap_s)
        self._piece_ns = nanoseconds(criteria.restlessness.piece_s)
        self._open: dict[tuple[Leg, str], _Cluster] = {}
        self._closed: list[_Cluster] = []
        self._moving = SeenEvents()
        self._rejected: list[Event] = []
        self._settled_ns: int | None = None

    def add(self, movements: Iterable[Event]) -> None:
        """Take movements and shifts of any leg, in the order of their onsets."""
        for movement in movements:
            if self._is_contraction(movement):
                continue
            self._moving.add(movement)
            key = (movement.leg, "" if other(movement.leg) else movement.sensor)
            cluster = self._open.get(key)
            if cluster is not None and self._belongs(cluster, movement):
                cluster.add(movement)
                continue
            if cluster is not None:
                self._closed.append(cluster)
            self._open[key] = _Cluster(movement)

    def advance(self, settled_ns: int) -> list[Event]:
        """Return what is decided once no movement before `settled_ns` (UTC) can come any more."""
        for key, cluster in list(self._open.items()):
            if cluster.end_ns + self._gap_ns <= settled_ns:
                self._closed.append(self._open.pop(key))
        done = [cluster for cluster in self._closed if cluster.end_ns <= settled_ns]
        if done:
            self._closed = [cluster for cluster in self._closed if cluster.end_ns > settled_ns]
        pending = [cluster.onset_ns for cluster in (*self._open.values(), *self._closed)]
        self._settled_ns = min([settled_ns, *pending])
        told = [event for cluster in sorted(done, key=_onset_ns) if (event := self._told(cluster)) is not None]
        self._moving.forget(self._settled_ns)
        return told

    def settled_ns(self, settled_ns: int) -> int:
        """Return the time before which no later event will begin, UTC ns."""
        return settled_ns if self._settled_ns is None else self._settled_ns

    def rejected(self) -> list[Event]:
        """Return the clusters without enough signs since the last call, and forget them."""
        rejected, self._rejected = self._rejected, []
        return rejected

    def _is_contraction(self, movement: Event) -> bool:
        """Say whether a movement too long for a series is a sustained contraction and not a movement."""
        if is_motion(movement) or movement.duration_s <= self._clm_max_s:
            return False
        if self._context.turning_share(movement, self._criteria) > MOST:
            return False
        found = self._context.contractions(movement.leg, movement.onset_ns, movement.end_ns)
        bouts = [event for event in found if event.kind is EventKind.CRAMP]
        return sum(common_ns(bout, movement) for bout in bouts) > MOST * (movement.end_ns - movement.onset_ns)

    def _belongs(self, cluster: _Cluster, movement: Event) -> bool:
        goes_on = movement.onset_ns < cluster.end_ns + self._gap_ns
        return goes_on and movement.onset_ns < cluster.onset_ns + self._piece_ns

    def _told(self, cluster: _Cluster) -> Event | None:
        """Return the event that a cluster is, if it is one."""
        duration_s = (cluster.end_ns - cluster.onset_ns) / NS_PER_S
        if duration_s < self._criteria.min_s:
            return None
        measures = {"duration_s": duration_s, **cluster.measures(), "both_legs": float(self._other_moves(cluster))}
        measures["prolonged"] = float(duration_s > self._criteria.max_s)
        signs = _signs(measures, self._criteria)
        n_signs = sum(step.held for step in signs)
        why = [
            Step("min_s", duration_s, self._criteria.min_s, held=True),
            *signs,
            Step("min_signs", n_signs, self._criteria.min_signs, n_signs >= self._criteria.min_signs),
        ]
        if cluster.is_one and duration_s <= self._clm_max_s:
            why.append(self._single(cluster, duration_s, measures.get(TURN, 0.0)))
        first = cluster.first
        span = (cluster.onset_ns, cluster.end_ns)
        event = Event(EventKind.RESTLESSNESS, first.sensor, first.leg, *span, measures, cluster.quality, tuple(why))
        upright = self._context.upright(first.leg, *span)
        if upright is not None and common_ns(upright, event) > MOST * (span[1] - span[0]):
            event = replace(event, why=(*event.why, Step("upright", 1.0, 0.0, held=False)))
        if n_signs >= self._criteria.min_signs and event.why[-1].held:
            return event
        self._rejected.append(event)
        return None

    def _single(self, cluster: _Cluster, duration_s: float, turn_deg: float) -> Step:
        """Compare one short movement with what makes it more than a leg movement or a shift."""
        if turn_deg < self._criteria.orientation_deg:
            return Step("clm_max_s", duration_s, self._clm_max_s, held=False)
        moving_s = sum(movement.duration_s for movement in cluster.motion)
        return Step("min_s", moving_s, self._criteria.min_s, moving_s >= self._criteria.min_s)

    def _other_moves(self, cluster: _Cluster) -> bool:
        leg = other(cluster.first.leg)
        return leg is not None and any(self._moving.between(cluster.onset_ns, cluster.end_ns, _MOVING, leg))


@dataclass(slots=True)
class _Cluster:
    """Movements of one leg that belong together so far."""

    first: Event
    onset_ns: int = field(init=False)
    end_ns: int = field(init=False)
    quality: EventQuality = field(init=False)
    largest: dict[str, float] = field(init=False)
    emg_ns: int = field(init=False)
    emg_until_ns: int = field(init=False)
    emg: list[Event] = field(init=False)
    motion: list[Event] = field(init=False)

    def __post_init__(self) -> None:
        self.onset_ns = self.end_ns = self.emg_until_ns = self.first.onset_ns
        self.quality, self.largest, self.emg_ns = EventQuality.GOOD, {}, 0
        self.emg, self.motion = [], []
        self.add(self.first)

    def add(self, movement: Event) -> None:
        self.end_ns = max(self.end_ns, movement.end_ns)
        if movement.quality is EventQuality.LOW:
            self.quality = EventQuality.LOW
        motion = is_motion(movement)
        if movement.kind is not EventKind.SHIFT:
            (self.motion if motion else self.emg).append(movement)
        if motion:
            for name in (PEAK, TURN):
                if name in movement.measures:
                    self.largest[name] = max(self.largest.get(name, 0.0), movement.measures[name])
            return
        self.emg_ns += max(movement.end_ns - max(movement.onset_ns, self.emg_until_ns), 0)
        self.emg_until_ns = max(self.emg_until_ns, movement.end_ns)

    @property
    def is_one(self) -> bool:
        """Whether it is a single movement, seen by one sensor or by both."""
        if not self.emg:
            return len(self.motion) == 1
        if len(self.emg) > 1:
            return False
        (muscle,) = self.emg
        return all(m.onset_ns < muscle.end_ns and m.end_ns > muscle.onset_ns for m in self.motion)

    def measures(self) -> dict[str, float]:
        """Return what all of its movements measure together."""
        return {**self.largest, "emg_active_s": self.emg_ns / NS_PER_S}


def _onset_ns(cluster: _Cluster) -> int:
    return cluster.onset_ns


def _signs(measures: dict[str, float], criteria: RestlessnessCriteria) -> tuple[Step, ...]:
    """Return the comparisons of which enough must hold."""
    peak_g, turn_deg, either = measures.get(PEAK), measures.get(TURN), StepRole.ALTERNATIVE
    signs = [
        Step("emg_s", measures["emg_active_s"], criteria.emg_s, measures["emg_active_s"] >= criteria.emg_s, either),
        Step("both_legs", measures["both_legs"], 0.0, measures["both_legs"] > 0, either),
    ]
    if turn_deg is not None:
        held = turn_deg >= criteria.orientation_deg
        signs.insert(0, Step("orientation_deg", turn_deg, criteria.orientation_deg, held, either))
    if peak_g is not None:
        signs.insert(0, Step("peak_g", peak_g, criteria.peak_g, peak_g > criteria.peak_g, either))
    return tuple(signs)

"""Leg movements as events: what both rule sets say about each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from detectors.annotations import Annotations, nanoseconds
from detectors.events import Event, EventKind, EventQuality, Step, StepRole
from detectors.night.fusion import IN_TRAIN
from detectors.rules.combined import CombinedMovement, LegMovement, is_candidate
from detectors.rules.series import RuleEngine, Series
from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from detectors.criteria import Criteria

_OUTSIDE = {"clm": 0.0, "plm_wasm": 0.0, "plm_aasm": 0.0, "bilateral": 0.0}


@dataclass(slots=True)
class _Said:
    """What is known about one movement."""

    event: Event
    wasm: CombinedMovement | None = None
    aasm: CombinedMovement | None = None
    revision: int = -1
    facts: frozenset[str] = frozenset()


class MovementRules:
    """Apply WASM 2016 and AASM to one list of movements and keep each movement's event up to date.

    Parameters
    ----------
    criteria : Criteria
        ``criteria.wasm`` and ``criteria.aasm`` are used.
    annotations : Annotations
        Sleep stages, where they are known beforehand.
    at_once : bool
        Whether the night is over already: then only the last word on a movement is said, at its end.

    Notes
    -----
    A movement is said when both rule sets have given it its group, and again when it turns out to
    belong to a series, or when something else turns out to be true of it. The revision counts the
    series and the later facts, so the last word on a movement carries the same revision however
    the streams were cut. A movement that is part of a rhythmic train, or shorter than either rule
    set's shortest, is said, and is nothing to the rules.
    """

    def __init__(self, criteria: Criteria, annotations: Annotations, *, at_once: bool = False) -> None:
        self._criteria = criteria
        self._last_words: dict[int, _Said] | None = {} if at_once else None
        self._engines = (RuleEngine(criteria.wasm, annotations), RuleEngine(criteria.aasm, annotations))
        self._new: list[Event] = []
        self._said: dict[LegMovement, _Said] = {}
        self._combined: tuple[dict[tuple[LegMovement, ...], CombinedMovement], ...] = ({}, {})
        self._settled_ns: int | None = None
        self._shortest_ns = nanoseconds(max(criteria.wasm.lm_min_s, criteria.aasm.lm_min_s))

    def add(self, movement: Event) -> None:
        """Take one leg's movement; its measures say whether it is part of a train."""
        self._new.append(movement)

    def interrupt(self, onset_ns: int, end_ns: int) -> None:
        """Take a stretch in which no leg had a signal."""
        for engine in self._engines:
            engine.interrupt(onset_ns, end_ns)

    def advance(self, settled_ns: int) -> list[Event]:
        """Return what is decided once no movement before `settled_ns` (UTC) can come any more.

        Parameters
        ----------
        settled_ns : int
            UTC, ns.

        Returns
        -------
        list of Event
            Movements and series.
        """
        new, self._new = self._new, []
        said: list[Event] = []
        fresh = []
        for event in new:
            if event.measures.get(IN_TRAIN) or event.end_ns - event.onset_ns < self._shortest_ns:
                said.append(event.again({**event.measures, **_OUTSIDE}, event.why))
            elif self._settled_ns is not None and event.onset_ns < self._settled_ns:
                said.append(self._late(event))
            else:
                fresh.append(self._entered(event))
        self._settled_ns = settled_ns
        for number, engine in enumerate(self._engines):
            said += self._heard(number, engine.feed(fresh, settled_ns=settled_ns))
        return said

    def learn(self, movements: Iterable[LegMovement], fact: str) -> list[Event]:
        """Hear what turned out to be true of some movements.

        Parameters
        ----------
        movements : iterable of LegMovement
            What was added before and not forgotten; others are ignored.
        fact : str
            Name of the measure that is 1 from now on.

        Returns
        -------
        list of Event
            Newer revisions of what was said already.
        """
        said: list[Event] = []
        for movement in movements:
            known = self._said.get(movement)
            if known is not None and fact not in known.facts:
                known.facts |= {fact}
                said += self._updated(known)
        return said

    def known_on(self, leg: Leg, start_ns: int, stop_ns: int) -> list[LegMovement]:
        """Return the movements of a leg, not yet forgotten, that overlap ``[start, stop)``, UTC ns."""
        return [m for m in self._said if m.leg is leg and m.onset_ns < stop_ns and m.end_ns > start_ns]

    def finish(self) -> list[Event]:
        """Return what is still open; the night is over."""
        said = [event for number, engine in enumerate(self._engines) for event in self._heard(number, engine.finish())]
        return [*said, *(self._event(known) for known in (self._last_words or {}).values())]

    def forget(self, before_ns: int) -> None:
        """Drop movements that both rule sets have placed and that no series can reach any more.

        Parameters
        ----------
        before_ns : int
            UTC, ns; everything that can turn out to be true of earlier movements is known.
        """
        reach_ns = max(
            nanoseconds(c.imi_max_s) * (c.min_series + 1) for c in (self._criteria.wasm, self._criteria.aasm)
        )
        self._said = {
            movement: known
            for movement, known in self._said.items()
            if known.wasm is None or known.aasm is None or known.wasm.end_ns >= before_ns - reach_ns
        }

    def combined(self) -> tuple[tuple[CombinedMovement, ...], tuple[CombinedMovement, ...]]:
        """Return the combined movements under WASM 2016 and under AASM, by onset."""
        wasm, aasm = (tuple(sorted(found.values(), key=lambda m: m.onset_ns)) for found in self._combined)
        return wasm, aasm

    def _entered(self, event: Event) -> LegMovement:
        movement = LegMovement(event.onset_ns, event.end_ns, event.leg, event.sensor)
        self._said[movement] = _Said(event)
        return movement

    def _heard(self, number: int, items: Iterable[CombinedMovement | Series]) -> list[Event]:
        said: list[Event] = []
        by_wasm = number == 0
        for item in items:
            if isinstance(item, Series):
                said += [self._series(item)] if by_wasm else []
                continue
            self._combined[number][item.parts] = item
            for part in item.parts:
                known = self._said.get(part)
                if known is None:
                    continue
                if by_wasm:
                    known.wasm = item
                else:
                    known.aasm = item
                said += self._updated(known)
        return said

    def _updated(self, known: _Said) -> list[Event]:
        """Return the movement's event if there is something new to say."""
        if known.wasm is None or known.aasm is None:
            return []
        revision = int(known.wasm.plm) + int(known.aasm.plm) + len(known.facts)
        if revision <= known.revision:
            return []
        known.revision = revision
        if self._last_words is None:
            return [self._event(known)]
        self._last_words[id(known)] = known
        return []

    def _event(self, known: _Said) -> Event:
        """Return what is known of a movement that both rule sets have placed."""
        if known.wasm is None or known.aasm is None:
            return known.event
        flags = {
            "clm": float(known.wasm.clm),
            "plm_wasm": float(known.wasm.plm),
            "plm_aasm": float(known.aasm.plm),
            "bilateral": float(known.wasm.leg is Leg.BOTH),
            **(dict.fromkeys(sorted(known.facts), 1.0) if known.facts else {}),
        }
        why = (*known.event.why, *self._placed(known.wasm))
        return known.event.again({**known.event.measures, **flags}, why, known.revision)

    def _placed(self, movement: CombinedMovement) -> tuple[Step, ...]:
        """Return the comparisons of WASM 2016 that say whether a movement counts; it is a movement all the same."""
        rules, told, steps = self._criteria.wasm, StepRole.INFORMATION, []
        longest = rules.clm_max_s if movement.leg is not Leg.BOTH else rules.bilateral_clm_max_s
        if longest is not None:
            rule = "clm_max_s" if movement.leg is not Leg.BOTH else "bilateral_clm_max_s"
            duration_s = movement.duration_s
            steps.append(Step(rule, duration_s, longest, duration_s <= longest, told))
        if movement.imi_s is not None:
            steps.append(Step("imi_min_s", movement.imi_s, rules.imi_min_s, movement.imi_s >= rules.imi_min_s, told))
            steps.append(Step("imi_max_s", movement.imi_s, rules.imi_max_s, movement.imi_s <= rules.imi_max_s, told))
        steps.append(Step("in_series", float(movement.plm), 0.0, movement.plm, told))
        return tuple(steps)

    def _late(self, event: Event) -> Event:
        """Return a movement that came after its time was settled: stored, and part of nothing."""
        movement = LegMovement(event.onset_ns, event.end_ns, event.leg, event.sensor)
        flags = {**_OUTSIDE, "clm": float(is_candidate([movement], self._criteria.wasm))}
        return replace(event, measures={**event.measures, **flags}, quality=EventQuality.LOW)

    def _series(self, series: Series) -> Event:
        inside = [movement for movement in self._combined[0].values() if movement.series == series.number]
        first, legs = inside[0], {movement.leg for movement in inside}
        return Event(
            EventKind.PERIODIC_SERIES,
            first.parts[0].sensor,
            legs.pop() if len(legs) == 1 else Leg.BOTH,
            series.onset_ns,
            series.end_ns,
            {
                "duration_s": (series.end_ns - series.onset_ns) / NS_PER_S,
                "n": float(series.n),
                "uncertain": float(series.uncertain),
            },
            why=self._counted(series, inside),
        )

    def _counted(self, series: Series, inside: Sequence[CombinedMovement]) -> tuple[Step, ...]:
        """Return the comparisons that make a series: how many movements, and the intervals between them."""
        rules = self._criteria.wasm
        apart_s = [
            (later.onset_ns - first.onset_ns) / NS_PER_S
            for first, later in pairwise(sorted(inside, key=lambda movement: movement.onset_ns))
        ]
        intervals = (
            (("imi_min_s", min(apart_s), rules.imi_min_s), ("imi_max_s", max(apart_s), rules.imi_max_s))
            if apart_s
            else ()
        )
        return (
            Step("min_series", series.n, rules.min_series, held=True),
            *(Step(*step, held=True, role=StepRole.INFORMATION) for step in intervals),
        )

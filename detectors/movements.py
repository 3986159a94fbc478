"""Leg movements as events: what both rule sets say about each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from detectors.annotations import Annotations, nanoseconds
from detectors.combined import CombinedMovement, LegMovement, is_candidate
from detectors.events import Event, EventKind, EventQuality
from detectors.series import RuleEngine, Series
from detectors.signal import Leg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from detectors.criteria import Criteria


@dataclass(slots=True)
class _Said:
    """What is known about one movement."""

    event: Event
    wasm: CombinedMovement | None = None
    aasm: CombinedMovement | None = None
    revision: int = -1


class MovementRules:
    """Apply WASM 2016 and AASM to one list of movements and keep each movement's event up to date.

    Parameters
    ----------
    criteria : Criteria
        ``criteria.wasm`` and ``criteria.aasm`` are used.
    annotations : Annotations
        Sleep stages, where they are known beforehand.

    Notes
    -----
    A movement is said when both rule sets have given it its group, and again when it turns out to
    belong to a series. The revision counts the series that it belongs to, so the last word on a
    movement carries the same revision however the streams were cut.
    """

    def __init__(self, criteria: Criteria, annotations: Annotations) -> None:
        self._criteria = criteria
        self._engines = (RuleEngine(criteria.wasm, annotations), RuleEngine(criteria.aasm, annotations))
        self._new: list[Event] = []
        self._said: dict[LegMovement, _Said] = {}
        self._combined: tuple[dict[tuple[LegMovement, ...], CombinedMovement], ...] = ({}, {})
        self._horizon_ns: int | None = None

    def add(self, movement: Event) -> None:
        """Take one leg's movement."""
        self._new.append(movement)

    def interrupt(self, onset_ns: int, end_ns: int) -> None:
        """Take a stretch in which no leg had a signal."""
        for engine in self._engines:
            engine.interrupt(onset_ns, end_ns)

    def advance(self, horizon_ns: int, moved: Callable[[Event], bool | None]) -> list[Event]:
        """Return what is decided once no movement before `horizon_ns` can come any more.

        Parameters
        ----------
        horizon_ns : int
            UTC, ns.
        moved : callable
            Says of a movement whether acceleration saw it, or None where there is no such sensor.

        Returns
        -------
        list of Event
            Movements and series.
        """
        new, self._new = self._new, []
        late = [event for event in new if self._horizon_ns is not None and event.onset_ns < self._horizon_ns]
        fresh = [self._entered(event) for event in new if event not in late]
        self._horizon_ns = horizon_ns
        said = [self._alone(event, moved) for event in late]
        for number, engine in enumerate(self._engines):
            said += self._heard(number, engine.feed(fresh, settled_ns=horizon_ns), moved)
        self._forget(horizon_ns)
        return said

    def finish(self, moved: Callable[[Event], bool | None]) -> list[Event]:
        """Return what is still open; the night is over."""
        said = []
        for number, engine in enumerate(self._engines):
            said += self._heard(number, engine.finish(), moved)
        return said

    def combined(self) -> tuple[tuple[CombinedMovement, ...], tuple[CombinedMovement, ...]]:
        """Return the combined movements under WASM 2016 and under AASM, by onset."""
        wasm, aasm = (tuple(sorted(found.values(), key=lambda m: m.onset_ns)) for found in self._combined)
        return wasm, aasm

    def _entered(self, event: Event) -> LegMovement:
        movement = LegMovement(event.onset_ns, event.end_ns, event.leg, event.sensor)
        self._said[movement] = _Said(event)
        return movement

    def _heard(
        self, number: int, items: Iterable[CombinedMovement | Series], moved: Callable[[Event], bool | None]
    ) -> list[Event]:
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
                said += self._updated(known, moved)
        return said

    def _updated(self, known: _Said, moved: Callable[[Event], bool | None]) -> list[Event]:
        """Return the movement's event if there is something new to say."""
        if known.wasm is None or known.aasm is None:
            return []
        revision = int(known.wasm.plm) + int(known.aasm.plm)
        if revision <= known.revision:
            return []
        known.revision = revision
        flags = {
            "clm": float(known.wasm.clm),
            "plm_wasm": float(known.wasm.plm),
            "plm_aasm": float(known.aasm.plm),
            "bilateral": float(known.wasm.leg is Leg.BOTH),
        }
        return [_with_flags(known.event, flags, moved(known.event), revision)]

    def _alone(self, event: Event, moved: Callable[[Event], bool | None]) -> Event:
        """Return a movement that came after its time was settled: stored, and part of nothing."""
        movement = LegMovement(event.onset_ns, event.end_ns, event.leg, event.sensor)
        flags = {
            "clm": float(is_candidate([movement], self._criteria.wasm)),
            "plm_wasm": 0.0,
            "plm_aasm": 0.0,
            "bilateral": 0.0,
        }
        return replace(_with_flags(event, flags, moved(event), 0), quality=EventQuality.LOW)

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
                "duration_s": (series.end_ns - series.onset_ns) / 1e9,
                "n": float(series.n),
                "uncertain": float(series.uncertain),
            },
        )

    def _forget(self, horizon_ns: int) -> None:
        """Drop movements that both rule sets have placed and that no series can reach any more."""
        reach_ns = max(
            nanoseconds(c.imi_max_s) * (c.min_series + 1) for c in (self._criteria.wasm, self._criteria.aasm)
        )
        self._said = {
            movement: known
            for movement, known in self._said.items()
            if known.wasm is None or known.aasm is None or known.wasm.end_ns >= horizon_ns - reach_ns
        }


def _with_flags(event: Event, flags: dict[str, float], moved: bool | None, revision: int) -> Event:  # noqa: FBT001 - a fact, not a switch
    seen = {} if moved is None else {"moved": float(moved)}
    return replace(event, measures={**event.measures, **flags, **seen}, revision=revision)

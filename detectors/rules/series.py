"""Series of leg movements: one engine for the live night and for a finished list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from detectors.annotations import Annotations, asleep, nanoseconds
from detectors.rules.combined import CombinedMovement, LegMovement, SignalLoss
from detectors.rules.leg_combiner import LegCombiner
from detectors.rules.series_criteria import ShortInterval
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detectors.rules.series_criteria import SeriesCriteria

__all__ = ["CombinedMovement", "LegMovement", "RuleEngine", "Series", "SignalLoss"]

NOTHING_SCORED = Annotations()


@dataclass(frozen=True, slots=True)
class Series:
    """One finished series of periodic leg movements.

    Parameters
    ----------
    number : int
        Number of the series in the night, from 1.
    onset_ns, end_ns : int
        Onset of its first and end of its last movement to end, UTC ns.
    n : int
        Movements in it.
    uncertain : bool
        Whether signal was lost inside it.
    """

    number: int
    onset_ns: int
    end_ns: int
    n: int
    uncertain: bool


class _Run:
    """Candidates that follow each other at the right intervals; a series once there are enough of them."""

    def __init__(self, first: CombinedMovement) -> None:
        self.onset_ns = first.onset_ns
        self.last_ns = first.onset_ns
        self.end_ns = first.end_ns
        self.n = 0
        self.number: int | None = None
        self.uncertain = False
        self.held: list[CombinedMovement] = []

    def add(self, movement: CombinedMovement) -> None:
        self.n += 1
        self.last_ns = movement.onset_ns
        self.end_ns = max(self.end_ns, movement.end_ns)
        self.uncertain = self.uncertain or movement.uncertain

    def closed(self) -> list[Series]:
        if self.number is None:
            return []
        return [Series(self.number, self.onset_ns, self.end_ns, self.n, self.uncertain)]


class RuleEngine:
    """Combine leg movements and find the series among them, while the night goes on.

    Parameters
    ----------
    criteria : SeriesCriteria
        The rule set.
    annotations : Annotations
        Sleep stages and respiratory events, where they are known before the movements are.

    Notes
    -----
    A combined movement is returned when it can no longer grow, and once more, now as part of a
    series, when the movement that makes the series long enough has been found. What is returned,
    and in which order, does not depend on how the input was cut; only when it is returned does.
    The engine keeps no more than the movements that are still open.

    Examples
    --------
    >>> from detectors.published import WASM_2016
    >>> from detectors.signal import Leg
    >>> night = [LegMovement(t * NS_PER_S, (t + 2) * NS_PER_S, Leg.LEFT, "left") for t in (0, 20, 45, 70)]
    >>> whole = RuleEngine(WASM_2016)
    >>> said = whole.feed(night, settled_ns=0) + whole.finish()
    >>> [type(item).__name__ for item in said].count("CombinedMovement"), said[-1].n
    (7, 4)
    >>> pieces = RuleEngine(WASM_2016)
    >>> said == [x for m in night for x in pieces.feed([m], settled_ns=m.onset_ns)] + pieces.finish()
    True
    """

    def __init__(self, criteria: SeriesCriteria, annotations: Annotations = NOTHING_SCORED) -> None:
        self._criteria = criteria
        self._imi_min_ns, self._imi_max_ns = nanoseconds(criteria.imi_min_s), nanoseconds(criteria.imi_max_s)
        self._stages = annotations.stages
        self._combiner = LegCombiner(criteria, annotations.respiratory)
        self._waiting: list[LegMovement | SignalLoss] = []
        self._settled_ns: int | None = None
        self._run: _Run | None = None
        self._last_ns: int | None = None
        self._n_series = 0
        self._doubt = False
        self._lost: SignalLoss | None = None

    def feed(self, movements: Iterable[LegMovement], *, settled_ns: int) -> list[CombinedMovement | Series]:
        """Take movements in any order, and the time before which none will begin any more.

        Parameters
        ----------
        movements : iterable of LegMovement
            Movements; those shorter than ``lm_min_s`` are ignored.
        settled_ns : int
            UTC, ns. What was given or will be given later with an earlier onset is an error; a
            value before the one given last changes nothing.

        Returns
        -------
        list of CombinedMovement or Series
            What is decided by now.

        Raises
        ------
        ValueError
            If a movement begins before a time that was settled already.
        """
        shortest_ns = nanoseconds(self._criteria.lm_min_s)
        for movement in movements:
            if movement.duration_ns >= shortest_ns:
                self._accept(movement)
        self._settled_ns = settled_ns if self._settled_ns is None else max(settled_ns, self._settled_ns)
        return self._advance(self._settled_ns)

    def interrupt(self, onset_ns: int, end_ns: int) -> None:
        """Take a stretch without valid signal on any leg; it counts in the next call of `feed`.

        Parameters
        ----------
        onset_ns, end_ns : int
            UTC, ns; ``[onset, end)``. Stretches that touch count as one.

        Raises
        ------
        ValueError
            If it begins before a time that was settled already.
        """
        self._accept(SignalLoss(onset_ns, end_ns))

    def finish(self) -> list[CombinedMovement | Series]:
        """Return what is still open; the night is over."""
        return [*self._advance(None), *self._close()]

    def _accept(self, item: LegMovement | SignalLoss) -> None:
        if self._settled_ns is not None and item.onset_ns < self._settled_ns:
            msg = (
                f"{type(item).__name__} begins at {item.onset_ns} ns, expected {self._settled_ns} ns (settled) or later"
            )
            raise ValueError(msg)
        self._waiting.append(item)

    def _advance(self, settled_ns: int | None) -> list[CombinedMovement | Series]:
        ready = [item for item in self._waiting if settled_ns is None or item.onset_ns < settled_ns]
        self._waiting = [] if settled_ns is None else [item for item in self._waiting if item.onset_ns >= settled_ns]
        for item in sorted(ready, key=_order):
            self._combiner.add(item)
        said: list[CombinedMovement | Series] = []
        for entry in self._combiner.take(settled_ns):
            said += self._expire(entry.onset_ns)
            said += self._lose(entry) if isinstance(entry, SignalLoss) else self._enter(entry)
        frontier_ns = self._combiner.head_ns if self._combiner.head_ns is not None else settled_ns
        return said if frontier_ns is None else [*said, *self._expire(frontier_ns)]

    def _expire(self, now_ns: int) -> list[Series]:
        """End the series that nothing can follow any more."""
        if self._run is None or now_ns - self._run.last_ns <= self._imi_max_ns:
            return []
        return self._close()

    def _close(self) -> list[Series]:
        run, self._run = self._run, None
        self._doubt = False
        return [] if run is None else run.closed()

    def _lose(self, loss: SignalLoss) -> list[Series]:
        before = self._lost
        if before is not None and loss.onset_ns <= before.end_ns:
            loss = SignalLoss(before.onset_ns, max(before.end_ns, loss.end_ns))
        self._lost = loss
        if loss.end_ns - loss.onset_ns > self._imi_max_ns:
            self._last_ns = None
            return self._close()
        self._doubt = self._run is not None
        return []

    def _enter(self, movement: CombinedMovement) -> list[CombinedMovement | Series]:
        if not movement.clm:
            return [*(self._close() if self._criteria.non_clm_ends_series else []), movement]
        if movement.respiratory and self._criteria.respiratory_excluded:
            return [replace(movement, clm=False)]
        if self._criteria.sleep_only and self._stages and not asleep(movement.onset_ns, self._stages):
            return [movement]
        return self._candidate(movement)

    def _candidate(self, movement: CombinedMovement) -> list[CombinedMovement | Series]:
        """Measure the interval before a candidate and give it its place."""
        said: list[CombinedMovement | Series] = []
        imi_s = None
        if self._last_ns is not None:
            imi_ns = movement.onset_ns - self._last_ns
            imi_s = imi_ns / NS_PER_S
            if imi_ns < self._imi_min_ns:
                if self._criteria.short_imi is ShortInterval.DROPPED:
                    return [replace(movement, imi_s=imi_s)]
                said += self._close()
                if self._criteria.short_imi is ShortInterval.ENDS_SERIES:
                    self._last_ns = movement.onset_ns
                    return [*said, replace(movement, imi_s=imi_s)]
        self._last_ns = movement.onset_ns
        return said + self._join(movement, imi_s)

    def _join(self, movement: CombinedMovement, imi_s: float | None) -> list[CombinedMovement | Series]:
        if self._run is None:
            self._run = _Run(movement)
        run = self._run
        movement = _placed(movement, imi_s, uncertain=self._doubt)
        run.add(movement)
        self._doubt = False
        if run.n < self._criteria.min_series:
            run.held.append(movement)
            return [movement]
        if run.number is None:
            self._n_series += 1
            run.number = self._n_series
        held, run.held = run.held, []
        return [_placed(m, m.imi_s, uncertain=m.uncertain, series=run.number) for m in (*held, movement)]


def _placed(
    m: CombinedMovement, imi_s: float | None, *, uncertain: bool, series: int | None = None
) -> CombinedMovement:
    """Return a candidate with its place among others; `dataclasses.replace` takes twice as long."""
    span = (m.onset_ns, m.end_ns, m.leg, m.parts)
    return CombinedMovement(*span, m.clm, series is not None, series, imi_s, uncertain, m.respiratory)


def _order(item: LegMovement | SignalLoss) -> tuple[int, bool, int, str, str]:
    if isinstance(item, SignalLoss):
        return (item.onset_ns, False, item.end_ns, "", "")
    return (item.onset_ns, True, item.end_ns, item.leg, item.sensor)

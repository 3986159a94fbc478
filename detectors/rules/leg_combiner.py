"""Movements of one leg become movements of the person: joining them, while the night goes on."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from detectors.annotations import Span, is_respiratory, nanoseconds
from detectors.rules.combined import CombinedMovement, LegMovement, SignalLoss, is_candidate
from detectors.signal import Leg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.rules.series_criteria import SeriesCriteria


class _Limits(NamedTuple):
    """The limits of a rule set in whole ns, which every movement is compared with; None where there is none."""

    same_leg_gap_ns: int
    bilateral_gap_ns: int | None
    bilateral_onsets_ns: int
    longest_ns: int | None

    @classmethod
    def of(cls, criteria: SeriesCriteria) -> _Limits:
        gap_s, longest_s = criteria.bilateral_gap_s, criteria.lm_max_s
        return cls(
            nanoseconds(criteria.same_leg_gap_s),
            None if gap_s is None else nanoseconds(gap_s),
            nanoseconds(criteria.bilateral_onsets_s or 0.0),
            None if longest_s is None else nanoseconds(longest_s),
        )


class _Joined:
    """One leg from its first movement to its next rest: what the rules call a leg movement."""

    def __init__(self, first: LegMovement) -> None:
        self.parts = [first]
        self.whole = first

    @property
    def onset_ns(self) -> int:
        return self.whole.onset_ns

    def rested_ns(self, limits: _Limits) -> int:
        """Return the time from which on an onset of the leg is another movement."""
        return self.whole.end_ns + limits.same_leg_gap_ns

    def add(self, part: LegMovement) -> None:
        self.parts.append(part)
        self.whole = replace(self.whole, end_ns=max(part.end_ns, self.whole.end_ns))


class _Group:
    """Movements that belong together so far."""

    def __init__(self, first: _Joined, *, closed: bool) -> None:
        self.joined = [first]
        self.closed = closed
        self.end_ns = {first.whole.leg: first.whole.end_ns}

    @property
    def onset_ns(self) -> int:
        return self.joined[0].onset_ns

    def accepts(self, movement: LegMovement, limits: _Limits) -> bool:
        """Say whether a later movement belongs to the group."""
        other_ns = [end_ns for leg, end_ns in self.end_ns.items() if leg is not movement.leg]
        if not other_ns:
            return False
        if limits.bilateral_gap_ns is not None:
            return movement.onset_ns - max(other_ns) < limits.bilateral_gap_ns
        # From the first onset: chained, legs that take turns would be one movement lasting minutes.
        return movement.onset_ns - self.onset_ns < limits.bilateral_onsets_ns

    def add(self, joined: _Joined) -> None:
        self.joined.append(joined)
        leg, end_ns = joined.whole.leg, joined.whole.end_ns
        self.end_ns[leg] = max(end_ns, self.end_ns.get(leg, end_ns))

    def complete_ns(self, limits: _Limits) -> int:
        """Return the time from which on no onset belongs to the group."""
        if limits.bilateral_gap_ns is not None:
            return max(self.end_ns.values()) + limits.bilateral_gap_ns
        return self.onset_ns + limits.bilateral_onsets_ns

    def combined(self, criteria: SeriesCriteria, respiratory: Sequence[Span]) -> CombinedMovement:
        """Return what the group is, outside of any series."""
        movements = [joined.whole for joined in self.joined]
        parts = [part for joined in self.joined for part in joined.parts]
        if len(parts) > 1:
            parts.sort(key=attrgetter("onset_ns", "end_ns", "leg", "sensor"))
        breath = bool(respiratory) and any(
            is_respiratory(Span(m.onset_ns, m.end_ns), respiratory, criteria) for m in movements
        )
        return CombinedMovement(
            onset_ns=self.onset_ns,
            end_ns=max(self.end_ns.values()),
            leg=movements[0].leg if len(self.end_ns) == 1 else Leg.BOTH,
            parts=tuple(parts),
            clm=is_candidate(movements, criteria),
            plm=False,
            series=None,
            imi_s=None,
            uncertain=False,
            respiratory=breath,
        )


class LegCombiner:
    """Join the movements of the legs, in order of onset.

    First those of one leg between which it does not rest: only then is it known how long the leg
    movement is that the other rules speak of. Then those of two legs.

    Parameters
    ----------
    criteria : SeriesCriteria
        The rule set.
    respiratory : sequence of Span
        Respiratory events of the night, as far as they are known.
    """

    def __init__(self, criteria: SeriesCriteria, respiratory: Sequence[Span]) -> None:
        self._criteria = criteria
        self._limits = _Limits.of(criteria)
        self._respiratory = respiratory
        self._last: dict[Leg, _Joined] = {}
        self._joining: deque[_Joined | SignalLoss] = deque()
        self._pending: deque[_Group | SignalLoss] = deque()
        self._open: _Group | None = None

    @property
    def head_ns(self) -> int | None:
        """Onset of the first thing that is held back, UTC ns; None if there is none."""
        held = self._pending or self._joining
        return held[0].onset_ns if held else None

    def add(self, item: LegMovement | SignalLoss) -> None:
        """Take the next movement or loss of signal; onsets never go back."""
        if isinstance(item, SignalLoss):
            self._joining.append(item)
            return
        last = self._last.get(item.leg)
        if last is not None and item.onset_ns < last.rested_ns(self._limits):
            last.add(item)
            return
        self._last[item.leg] = _Joined(item)
        self._joining.append(self._last[item.leg])

    def take(self, settled_ns: int | None) -> list[CombinedMovement | SignalLoss]:
        """Return what is complete, in order of onset.

        Parameters
        ----------
        settled_ns : int or None
            No movement with an earlier onset will be added, UTC ns; None if none at all will.

        Returns
        -------
        list of CombinedMovement or SignalLoss
            Everything in front of the first movement that can still grow.
        """
        self._combine(settled_ns)
        combined_ns = self._joining[0].onset_ns if self._joining else settled_ns
        if self._open is not None and (combined_ns is None or combined_ns >= self._open.complete_ns(self._limits)):
            self._open.closed = True
            self._open = None
        done: list[CombinedMovement | SignalLoss] = []
        while self._pending:
            head = self._pending[0]
            if isinstance(head, _Group) and not head.closed:
                break
            self._pending.popleft()
            done.append(head if isinstance(head, SignalLoss) else head.combined(self._criteria, self._respiratory))
        return done

    def _combine(self, settled_ns: int | None) -> None:
        """Join the legs, in front of the first movement whose leg has not come to rest."""
        while self._joining:
            head = self._joining[0]
            if isinstance(head, SignalLoss):
                self._pending.append(head)
            elif settled_ns is None or settled_ns >= head.rested_ns(self._limits):
                self._group(head)
            else:
                return
            self._joining.popleft()

    def _group(self, joined: _Joined) -> None:
        """Give a movement of one leg its group."""
        longest_ns = self._limits.longest_ns
        if longest_ns is not None and joined.whole.duration_ns > longest_ns:
            self._pending.append(_Group(joined, closed=True))
            return
        if self._open is not None and self._open.accepts(joined.whole, self._limits):
            self._open.add(joined)
            return
        if self._open is not None:
            self._open.closed = True
        self._open = _Group(joined, closed=False)
        self._pending.append(self._open)

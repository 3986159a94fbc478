"""What a rule set counts in a finished night, for trying many thresholds: `RuleEngine` without its events.

The engine follows a live night and says everything about each movement, which costs forty times as
much. A test holds the two against each other on random nights and rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from detectors.annotations import nanoseconds
from detectors.rules.series_criteria import ShortInterval

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from detectors.annotations import Span
    from detectors.rules.series_criteria import SeriesCriteria


class Moved(NamedTuple):
    """One leg's movement, and what it counts for; several that are joined count for the largest of theirs."""

    onset_ns: int
    end_ns: int
    leg: str
    weight: float = 1.0


class Counted(NamedTuple):
    """What was found: weights of combined movements, of candidates, and onsets and weights of periodic ones."""

    lm: float
    clm: float
    plm: tuple[tuple[int, float], ...]


def count_movements(
    movements: Sequence[Moved],
    criteria: SeriesCriteria,
    losses: Sequence[Span] = (),
    asleep: Callable[[int], bool] | None = None,
) -> Counted:
    """Apply a rule set to a finished list of movements.

    Parameters
    ----------
    movements : sequence of Moved
        Movements of both legs by onset, then end and leg.
    criteria : SeriesCriteria
        The rule set; respiratory events are not looked at.
    losses : sequence of Span
        Stretches without signal on any leg, in order and apart from each other.
    asleep : callable, optional
        Says of an instant whether a person scored it as sleep; without it stages do not matter.

    Returns
    -------
    Counted
        The same as :class:`detectors.rules.series.RuleEngine` finds.
    """
    groups = _groups(_joined(movements, criteria), criteria)
    lm = clm = 0.0
    for group in groups:
        lm += group.weight
        clm += group.weight if group.clm else 0.0
    return Counted(lm, clm, _periodic(groups, criteria, losses, asleep))


class _Leg:
    """One leg from its first movement to its next rest."""

    __slots__ = ("end_ns", "leg", "onset_ns", "weight")

    def __init__(self, first: Moved) -> None:
        self.onset_ns, self.end_ns, self.leg, self.weight = first


def _joined(movements: Sequence[Moved], criteria: SeriesCriteria) -> list[_Leg]:
    shortest_ns, gap_ns = nanoseconds(criteria.lm_min_s), nanoseconds(criteria.same_leg_gap_s)
    last: dict[str, _Leg] = {}
    joined: list[_Leg] = []
    for movement in movements:
        if movement.end_ns - movement.onset_ns < shortest_ns:
            continue
        before = last.get(movement.leg)
        if before is not None and movement.onset_ns < before.end_ns + gap_ns:
            before.end_ns = max(movement.end_ns, before.end_ns)
            before.weight = max(movement.weight, before.weight)
        else:
            last[movement.leg] = _Leg(movement)
            joined.append(last[movement.leg])
    return joined


class _Group:
    """Movements of the legs that are one."""

    __slots__ = ("clm", "ends_ns", "longest_ns", "n", "onset_ns", "weight")

    def __init__(self, first: _Leg) -> None:
        self.onset_ns, self.weight = first.onset_ns, first.weight
        self.ends_ns = {first.leg: first.end_ns}
        self.longest_ns = first.end_ns - first.onset_ns
        self.n, self.clm = 1, False

    def add(self, other: _Leg) -> None:
        self.ends_ns[other.leg] = max(other.end_ns, self.ends_ns.get(other.leg, other.end_ns))
        self.longest_ns = max(self.longest_ns, other.end_ns - other.onset_ns)
        self.weight = max(self.weight, other.weight)
        self.n += 1

    def accepts(self, later: _Leg, gap_ns: int | None, onsets_ns: int) -> bool:
        if len(self.ends_ns) == 1 and later.leg in self.ends_ns:
            return False
        others_ns = [end_ns for leg, end_ns in self.ends_ns.items() if leg != later.leg]
        if gap_ns is not None:
            return later.onset_ns - max(others_ns) < gap_ns
        return later.onset_ns - self.onset_ns < onsets_ns


def _groups(joined: Sequence[_Leg], criteria: SeriesCriteria) -> list[_Group]:
    gap_ns = None if criteria.bilateral_gap_s is None else nanoseconds(criteria.bilateral_gap_s)
    onsets_ns = nanoseconds(criteria.bilateral_onsets_s or 0.0)
    lm_max_ns = None if criteria.lm_max_s is None else nanoseconds(criteria.lm_max_s)
    groups: list[_Group] = []
    current: _Group | None = None
    for one in joined:
        if lm_max_ns is not None and one.end_ns - one.onset_ns > lm_max_ns:
            groups.append(_Group(one))
        elif current is not None and current.accepts(one, gap_ns, onsets_ns):
            current.add(one)
        else:
            current = _Group(one)
            groups.append(current)
    limits_ns = _Limits.of(criteria)
    for group in groups:
        group.clm = limits_ns.allow(group)
    return groups


class _Limits(NamedTuple):
    """What makes a combined movement a candidate."""

    alone_ns: int
    both_ns: int | None
    components: int | None
    spoils: bool

    @classmethod
    def of(cls, criteria: SeriesCriteria) -> _Limits:
        both_s = criteria.bilateral_clm_max_s
        return cls(
            nanoseconds(criteria.clm_max_s),
            None if both_s is None else nanoseconds(both_s),
            criteria.max_components,
            criteria.long_component_spoils,
        )

    def allow(self, group: _Group) -> bool:
        duration_ns = max(group.ends_ns.values()) - group.onset_ns
        if len(group.ends_ns) == 1:
            return duration_ns <= self.alone_ns
        if self.both_ns is not None and duration_ns > self.both_ns:
            return False
        if self.components is not None and group.n > self.components:
            return False
        return not self.spoils or group.longest_ns <= self.alone_ns


class _Runs:
    """Candidates at the right intervals, and those that became series."""

    def __init__(self, criteria: SeriesCriteria) -> None:
        self._criteria = criteria
        self._min_ns, self._max_ns = nanoseconds(criteria.imi_min_s), nanoseconds(criteria.imi_max_s)
        self._run: list[tuple[int, float]] = []
        self._last_ns: int | None = None
        self.periodic: list[tuple[int, float]] = []

    def expire(self, now_ns: int) -> None:
        """End the run that nothing can follow any more."""
        if self._run and now_ns - self._run[-1][0] > self._max_ns:
            self.close()

    def close(self) -> None:
        if len(self._run) >= self._criteria.min_series:
            self.periodic += self._run
        self._run = []

    def lose(self, span: Span) -> None:
        """Pass a stretch without signal; a long one leaves no interval to what follows."""
        self.expire(span.onset_ns)
        if span.end_ns - span.onset_ns > self._max_ns:
            self._last_ns = None
            self.close()

    def add(self, onset_ns: int, weight: float) -> None:
        """Give a candidate its place."""
        if self._last_ns is not None and onset_ns - self._last_ns < self._min_ns:
            if self._criteria.short_imi is ShortInterval.DROPPED:
                return
            self.close()
            if self._criteria.short_imi is ShortInterval.ENDS_SERIES:
                self._last_ns = onset_ns
                return
        self._last_ns = onset_ns
        self._run.append((onset_ns, weight))


def _periodic(
    groups: Sequence[_Group],
    criteria: SeriesCriteria,
    losses: Sequence[Span],
    asleep: Callable[[int], bool] | None,
) -> tuple[tuple[int, float], ...]:
    runs = _Runs(criteria)
    sleeping = asleep if criteria.sleep_only else None
    lost = 0
    for group in groups:
        while lost < len(losses) and losses[lost].onset_ns <= group.onset_ns:
            runs.lose(losses[lost])
            lost += 1
        runs.expire(group.onset_ns)
        if not group.clm:
            if criteria.non_clm_ends_series:
                runs.close()
        elif sleeping is None or sleeping(group.onset_ns):
            runs.add(group.onset_ns, group.weight)
    runs.close()
    return tuple(runs.periodic)

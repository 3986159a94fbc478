"""The rules once more, slowly and on a whole list, for comparison with the engine.

Nothing is carried from one movement to the next: groups are the connected parts of a graph, series are
the runs of good intervals in a list.
"""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.rules.combined import LegMovement, SignalLoss

HALF_S = NS_PER_S // 2


class Counted(NamedTuple):
    onset_ns: int
    end_ns: int
    leg: Leg
    clm: bool
    imi_s: float | None
    uncertain: bool
    series: int | None


class Candidate(NamedTuple):
    """A movement of the person, and what happened between the candidate before it and itself."""

    movements: tuple[LegMovement, ...]
    clm: bool

    @property
    def onset_ns(self) -> int:
        return min(m.onset_ns for m in self.movements)

    @property
    def end_ns(self) -> int:
        return max(m.end_ns for m in self.movements)

    @property
    def leg(self) -> Leg:
        legs = {m.leg for m in self.movements}
        return legs.pop() if len(legs) == 1 else Leg.BOTH


def by_time(movements: Sequence[LegMovement]) -> list[LegMovement]:
    return sorted(movements, key=lambda m: (m.onset_ns, m.end_ns, m.leg))


def connected(movements: Sequence[LegMovement]) -> list[tuple[LegMovement, ...]]:
    """WASM: link all that overlap or lie less than 0.5 s apart; what is linked in any way is one."""
    label = list(range(len(movements)))
    for _ in movements:
        for i, a in enumerate(movements):
            for j, b in enumerate(movements):
                if b.onset_ns - a.end_ns < HALF_S and a.onset_ns - b.end_ns < HALF_S:
                    label[i] = label[j] = min(label[i], label[j])
    return [tuple(m for m, k in zip(movements, label, strict=True) if k == one) for one in sorted(set(label))]


def stretches(movements: Sequence[LegMovement]) -> list[tuple[LegMovement, ...]]:
    """Leg movements of the rules: what one leg does without half a second of rest."""
    legs = sorted({m.leg for m in movements})
    return [stretch for leg in legs for stretch in connected([m for m in movements if m.leg is leg])]


def length_ns(movements: Sequence[LegMovement]) -> int:
    return max(m.end_ns for m in movements) - min(m.onset_ns for m in movements)


def wasm_candidates(movements: Sequence[LegMovement]) -> list[Candidate]:
    found = []
    for group in connected([m for m in by_time(movements) if m.duration_ns >= HALF_S]):
        duration = length_ns(group)
        n, longest = len(stretches(group)), max(map(length_ns, stretches(group)))
        if len({m.leg for m in group}) == 1:
            clm = duration <= 10 * NS_PER_S
        else:
            clm = duration <= 15 * NS_PER_S and n <= 4 and longest <= 10 * NS_PER_S
        found.append(Candidate(group, clm))
    return sorted(found, key=lambda c: c.onset_ns)


def breaks_ns(losses: Sequence[SignalLoss]) -> list[int]:
    """Return where a loss of signal (with all that touch it before) is known to exceed 90 s."""
    found: list[int] = []
    begin = end = None
    for loss in sorted(losses, key=lambda x: (x.onset_ns, x.end_ns)):
        if begin is None or end is None or loss.onset_ns > end:
            begin, end = loss.onset_ns, loss.end_ns
        end = max(end, loss.end_ns)
        if end - begin > 90 * NS_PER_S:
            found.append(loss.onset_ns)
    return found


def wasm(movements: Sequence[LegMovement], losses: Sequence[SignalLoss]) -> list[Counted]:
    everything = wasm_candidates(movements)
    clm = [c for c in everything if c.clm]
    spoilers = [c.onset_ns for c in everything if not c.clm]
    closings = breaks_ns(losses)
    counted: dict[tuple[LegMovement, ...], Counted] = {
        c.movements: Counted(c.onset_ns, c.end_ns, c.leg, c.clm, None, uncertain=False, series=None) for c in everything
    }
    good = [False]
    for a, b in pairwise(clm):
        imi = b.onset_ns - a.onset_ns
        cut = any(a.onset_ns < t <= b.onset_ns for t in closings)
        spoilt = any(a.onset_ns < t < b.onset_ns for t in spoilers)
        good.append(10 * NS_PER_S <= imi <= 90 * NS_PER_S and not cut and not spoilt)
        lost = any(a.onset_ns < loss.onset_ns <= b.onset_ns for loss in losses)
        counted[b.movements] = counted[b.movements]._replace(
            imi_s=None if cut else imi / NS_PER_S, uncertain=good[-1] and lost
        )
    return numbered(counted, clm, good)


def aasm(movements: Sequence[LegMovement], losses: Sequence[SignalLoss]) -> list[Counted]:
    listed = stretches([m for m in by_time(movements) if m.duration_ns >= HALF_S])
    short = [lm for lm in listed if length_ns(lm) <= 10 * NS_PER_S]
    groups: list[list[tuple[LegMovement, ...]]] = []
    for lm in sorted(short, key=lambda lm: (lm[0].onset_ns, lm[0].end_ns, lm[0].leg)):
        group = groups[-1] if groups else []
        other = any(before[0].leg is not lm[0].leg for before in group)
        if other and lm[0].onset_ns - group[0][0].onset_ns < 5 * NS_PER_S:
            group.append(lm)
        else:
            groups.append([lm])
    everything = [Candidate(lm, clm=False) for lm in listed if length_ns(lm) > 10 * NS_PER_S]
    # Two legs: no longest duration is stated. One leg: nothing here is longer than a leg movement may be.
    everything += [Candidate(tuple(by_time([m for lm in group for m in lm])), clm=True) for group in groups]
    closings = breaks_ns(losses)
    counted: dict[tuple[LegMovement, ...], Counted] = {
        c.movements: Counted(c.onset_ns, c.end_ns, c.leg, c.clm, None, uncertain=False, series=None) for c in everything
    }
    kept: list[Candidate] = []
    good: list[bool] = []
    for c in sorted((c for c in everything if c.clm), key=lambda c: c.onset_ns):
        before = kept[-1].onset_ns if kept else None
        if before is None or any(before < t <= c.onset_ns for t in closings):
            kept.append(c)
            good.append(False)
            continue
        imi = c.onset_ns - before
        counted[c.movements] = counted[c.movements]._replace(imi_s=imi / NS_PER_S)
        if imi < 5 * NS_PER_S:
            continue
        kept.append(c)
        good.append(imi <= 90 * NS_PER_S)
        lost = any(before < loss.onset_ns <= c.onset_ns for loss in losses)
        counted[c.movements] = counted[c.movements]._replace(uncertain=good[-1] and lost)
    return numbered(counted, kept, good)


def numbered(
    counted: dict[tuple[LegMovement, ...], Counted], candidates: Sequence[Candidate], good: Sequence[bool]
) -> list[Counted]:
    """Number the runs of good intervals that join four candidates or more."""
    run_of = [sum(not ok for ok in good[: k + 1]) for k in range(len(good))]
    series = 0
    for _, members in groupby(range(len(candidates)), key=lambda k: run_of[k]):
        run = list(members)
        if len(run) >= 4:
            series += 1
            for k in run:
                key = candidates[k].movements
                counted[key] = counted[key]._replace(series=series)
    return sorted(counted.values(), key=lambda c: (c.onset_ns, c.end_ns, c.leg))

"""The leg movements of one channel under any thresholds: `EmgLegMovementDetector` on a whole night at once.

Only frames whose highest value is above a threshold are looked at, and what is measured of a run is measured once: what
is left is to compare, and to say what was compared with what. A test holds the two against each other.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.emg.leg_movement import highest_median
from detectors.emg.slow import Rises
from detectors.events import Event, EventKind, EventQuality, Step, StepRole
from detectors.quality.held_events import Placed
from detectors.rescore.found import Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detectors.criteria import Criteria
    from detectors.emg.criteria import LegMovementCriteria
    from detectors.rescore.found import Judged
    from detectors.rescore.movement_runs import MovementRuns, RunFacts, RunTold
    from detectors.rescore.signal_parts import SignalPart
    from detectors.rules.combined import LegMovement
    from detectors.runs import Run


class Candidate(NamedTuple):
    """A run between the thresholds, what was measured of it, and whether the signal around it is cut or new."""

    run: Run
    facts: RunFacts
    low: bool


Candidates = tuple[tuple[Candidate, ...], ...]
"""Those of each part of a channel."""


def candidates_in(criteria: Criteria, runs: MovementRuns) -> Candidates:
    """Return every run between the thresholds of onset and offset.

    Parameters
    ----------
    criteria : Criteria
        ``leg_movement`` is used.
    runs : MovementRuns
        The envelope, measured with the band and envelope of the same criteria.

    Returns
    -------
    tuple of tuple of Candidate
        Those of each part, by onset.
    """
    movement = criteria.leg_movement
    onset_uv, offset_uv = Rises.of(movement, movement.max_resting_uv).above(runs.compared_uv)
    quiet = runs.hops(movement.quiet_s)
    found: list[tuple[Candidate, ...]] = []
    for part, places in zip(runs.parts, runs.searches, strict=True):
        between = places.runs(onset_uv, offset_uv, quiet)
        cut = between[-1] if between and part.broken and part.stop - between[-1].end < quiet else None
        facts = zip(between, runs.facts(part, between), strict=True)
        found.append(tuple(Candidate(run, known, run is cut or known.unsettled) for run, known in facts))
    return tuple(found)


def movements_in(criteria: Criteria, runs: MovementRuns, candidates: Candidates) -> tuple[Found, ...]:
    """Return what :class:`detectors.emg.leg_movement.EmgLegMovementDetector` finds.

    Parameters
    ----------
    criteria : Criteria
        ``leg_movement`` is used.
    runs : MovementRuns
        As of :func:`candidates_in`.
    candidates : tuple of tuple of Candidate
        What that returned.

    Returns
    -------
    tuple of Found
        Of one phase.
    """
    search = _Search(criteria.leg_movement, runs)
    events: list[Placed] = []
    rejected: list[Event] = []
    for part, several in zip(runs.parts, candidates, strict=True):
        for candidate, event in zip(several, search.events(part, several), strict=True):
            if search.holds(part, candidate):
                events.append(Placed(event, *candidate.facts.samples))
            else:
                rejected.append(event)
    return (Found(tuple(events), tuple(rejected), 0),)


class Glimpse(NamedTuple):
    """A leg movement, and whether the signal under it is bad."""

    movement: LegMovement
    low: bool


def glimpsed_in(criteria: Criteria, runs: MovementRuns, candidates: Candidates, known: Judged) -> tuple[Glimpse, ...]:
    """Return the movements among what :func:`movements_in` finds, and nothing of why they are.

    Parameters
    ----------
    criteria : Criteria
        ``leg_movement`` is used.
    runs : MovementRuns
        As there.
    candidates : tuple of tuple of Candidate
        As there.
    known : Judged
        Which half minutes are bad.

    Returns
    -------
    tuple of Glimpse
        By onset.
    """
    search, bad = _Search(criteria.leg_movement, runs), known.quality.bad
    # While the threshold of onsets moves, most runs stay as they are.
    seen: dict[Candidate, Glimpse | None] = runs.seen(search.rules, known)
    for part, several in zip(runs.parts, candidates, strict=True):
        for one in several:
            if one not in seen:
                low = one.low or bad(*one.facts.samples)
                seen[one] = Glimpse(runs.movement(one.run, one.facts), low) if search.holds(part, one) else None
    return tuple(glimpse for several in candidates for one in several if (glimpse := seen[one]) is not None)


class _Search:
    """One set of thresholds, as far as they do not depend on where one looks."""

    def __init__(self, criteria: LegMovementCriteria, runs: MovementRuns) -> None:
        self._runs, self._rises = runs, Rises.of(criteria, criteria.max_resting_uv)
        self._width = runs.hops(criteria.morphology_s)
        self._min_s, self._max_lf_hf, self._min_rise = criteria.min_s, criteria.max_lf_hf, criteria.min_rise_ratio

    @property
    def rules(self) -> tuple[object, ...]:
        """All that :meth:`holds` depends on beside what it is asked about."""
        rises = self._rises
        return rises.offset, rises.max_resting_uv, self._width, self._min_s, self._max_lf_hf, self._min_rise

    def holds(self, part: SignalPart, one: Candidate) -> bool:
        """Return whether a run is a movement."""
        facts = one.facts
        if facts.active_s < self._min_s or facts.spoilt:
            return False
        lf_hf, rise = facts.ratios
        if lf_hf > self._max_lf_hf and not rise >= self._min_rise:
            return False
        _, offset_uv = self._rises.over(facts.resting_uv)
        return self._median_uv(part, one.run, offset_uv) > offset_uv

    def events(self, part: SignalPart, candidates: Sequence[Candidate]) -> Iterator[Event]:
        """Yield what is said of every candidate."""
        if not candidates:
            return
        told = [self._runs.told(part, one.run) for one in candidates]
        for one, known, step in zip(candidates, told, self._onsets(told), strict=True):
            yield self._event(part, one, known, step)

    def _onsets(self, told: Sequence[RunTold]) -> Iterator[Step]:
        """Yield the comparison that began each run: where it exceeds the threshold of its time by most."""
        lengths = np.array([len(one.frames) for one in told])
        frames = np.concatenate([one.frames for one in told])
        onset_uv, _ = self._rises.above(self._runs.compared_uv)
        above = np.concatenate([one.highest_uv for one in told]) - onset_uv[frames]
        most = np.maximum.reduceat(above, np.cumsum(lengths) - lengths)
        for one, excess in zip(told, most.tolist(), strict=True):
            limit_uv, _ = self._rises.over(one.measures["resting_uv"])
            yield Step("onset_uv", limit_uv + excess, limit_uv, held=True)

    def _event(self, part: SignalPart, one: Candidate, told: RunTold, onset: Step) -> Event:
        facts, stream = one.facts, self._runs.stream
        _, offset_uv = self._rises.over(facts.resting_uv)
        median_uv = self._median_uv(part, one.run, offset_uv)
        why = (
            onset,
            *self._ending(told),
            Step("min_s", facts.active_s, self._min_s, facts.active_s >= self._min_s),
            Step("morphology", median_uv, offset_uv, median_uv > offset_uv),
            *self._vetoes(facts),
        )
        quality = EventQuality.LOW if one.low else EventQuality.GOOD
        return Event(EventKind.LEG_MOVEMENT, stream.sensor, stream.leg, *facts.times_ns, told.measures, quality, why)

    def _ending(self, told: RunTold) -> tuple[Step, ...]:
        if told.behind_uv is None:
            return ()
        last_uv, resting_uv = told.behind_uv
        _, limit_uv = self._rises.over(resting_uv)
        return (Step("offset_uv", last_uv, limit_uv, True, StepRole.INFORMATION),)  # noqa: FBT003 - of a named tuple

    def _median_uv(self, part: SignalPart, run: Run, offset_uv: float) -> float:
        width = min(self._width, run.end - run.onset)
        beside_uv = self._runs.median_uv(part, run, width)
        return beside_uv if beside_uv > offset_uv else highest_median(self._runs.envelope(part, run), width, offset_uv)

    def _vetoes(self, facts: RunFacts) -> tuple[Step, ...]:
        """Return what says whether it is an artefact."""
        spoilt = tuple(Step(rule, count, 0.0, held=False) for rule, count in facts.spoilt)
        lf_hf, rise = facts.ratios
        if math.isnan(lf_hf):
            return spoilt
        still = lf_hf <= self._max_lf_hf
        if math.isnan(rise):
            return (*spoilt, Step("max_lf_hf", lf_hf, self._max_lf_hf, still))
        either = StepRole.ALTERNATIVE
        return (
            *spoilt,
            Step("max_lf_hf", lf_hf, self._max_lf_hf, still, either),
            Step("min_rise_ratio", rise, self._min_rise, rise >= self._min_rise, either),
        )

"""The leg movements of one channel under any thresholds: `EmgLegMovementDetector` on a whole night at once.

Only frames whose highest value is above a threshold are looked at, and what is measured of a run is measured once: what
is left is to compare, and to say what was compared with what. A test holds the two against each other.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

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
    from detectors.rescore.movement_runs import MovementRuns, RunFacts
    from detectors.rescore.signal_parts import FrameSearch, SignalPart
    from detectors.runs import Run


def movements_in(criteria: Criteria, runs: MovementRuns) -> tuple[Found, ...]:
    """Return what :class:`detectors.emg.leg_movement.EmgLegMovementDetector` finds.

    Parameters
    ----------
    criteria : Criteria
        ``leg_movement`` is used.
    runs : MovementRuns
        The envelope, measured with the band and envelope of the same criteria.

    Returns
    -------
    tuple of Found
        Of one phase.
    """
    search = _Search(criteria.leg_movement, runs)
    events: list[Placed] = []
    rejected: list[Event] = []
    for part, places in zip(runs.parts, runs.searches, strict=True):
        for event, held, facts in search.candidates(part, places):
            if held:
                events.append(Placed(event, *facts.samples))
            else:
                rejected.append(event)
    return (Found(tuple(events), tuple(rejected), 0),)


class _Search:
    """One set of thresholds, as far as they do not depend on where one looks."""

    def __init__(self, criteria: LegMovementCriteria, runs: MovementRuns) -> None:
        self._runs = runs
        self._rises = Rises(
            (criteria.onset_uv, criteria.onset_ratio),
            (criteria.offset_uv, criteria.offset_ratio),
            criteria.max_resting_uv,
        )
        self._onset_uv, self._offset_uv = self._rises.above(runs.compared_uv)
        self._quiet = self._hops(criteria.quiet_s)
        self._width = self._hops(criteria.morphology_s)
        self._min_s, self._max_lf_hf, self._min_rise = criteria.min_s, criteria.max_lf_hf, criteria.min_rise_ratio

    def candidates(self, part: SignalPart, places: FrameSearch) -> Iterator[tuple[Event, bool, RunFacts]]:
        """Yield every run between the thresholds, whether it is a movement, and what was measured of it."""
        found = places.runs(self._onset_uv, self._offset_uv, self._quiet)
        if not found:
            return
        facts = [self._runs.facts(part, run) for run in found]
        last_is_open = part.stop - found[-1].end < self._quiet
        for run, known, step in zip(found, facts, self._onsets(facts), strict=True):
            broken = part.broken and last_is_open and run is found[-1]
            yield *self._event(part, run, known, step, low=broken or known.unsettled), known

    def _onsets(self, facts: Sequence[RunFacts]) -> Iterator[Step]:
        """Yield the comparison that began each run: where it exceeds the threshold of its time by most."""
        lengths = np.array([len(one.frames) for one in facts])
        frames = np.concatenate([one.frames for one in facts])
        above = np.concatenate([one.highest_uv for one in facts]) - self._onset_uv[frames]
        most = np.maximum.reduceat(above, np.cumsum(lengths) - lengths)
        for one, excess in zip(facts, most.tolist(), strict=True):
            onset_uv = self._limit_uv(one.measures["resting_uv"], self._rises.onset)
            yield Step("onset_uv", onset_uv + excess, onset_uv, held=True)

    def _event(self, part: SignalPart, run: Run, facts: RunFacts, onset: Step, *, low: bool) -> tuple[Event, bool]:
        offset_uv = self._limit_uv(facts.measures["resting_uv"], self._rises.offset)
        median_uv = self._median_uv(part, run, offset_uv)
        long, shaped = facts.active_s >= self._min_s, median_uv > offset_uv
        clean, vetoes = self._vetoes(facts)
        why = (
            onset,
            *self._ending(facts),
            Step("min_s", facts.active_s, self._min_s, long),
            Step("morphology", median_uv, offset_uv, shaped),
            *vetoes,
        )
        stream = self._runs.stream
        quality = EventQuality.LOW if low else EventQuality.GOOD
        event = Event(EventKind.LEG_MOVEMENT, stream.sensor, stream.leg, *facts.times_ns, facts.measures, quality, why)
        return event, long and shaped and clean

    def _ending(self, facts: RunFacts) -> tuple[Step, ...]:
        if facts.behind_uv is None:
            return ()
        last_uv, resting_uv = facts.behind_uv
        limit_uv = self._limit_uv(resting_uv, self._rises.offset)
        return (Step("offset_uv", last_uv, limit_uv, True, StepRole.INFORMATION),)  # noqa: FBT003 - of a named tuple

    def _median_uv(self, part: SignalPart, run: Run, offset_uv: float) -> float:
        width = min(self._width, run.end - run.onset)
        beside_uv = self._runs.median_uv(part, run, width)
        return beside_uv if beside_uv > offset_uv else highest_median(self._runs.envelope(part, run), width, offset_uv)

    def _vetoes(self, facts: RunFacts) -> tuple[bool, tuple[Step, ...]]:
        """Return whether it is no artefact, and what says so."""
        spoilt = tuple(Step(rule, count, 0.0, held=False) for rule, count in facts.spoilt)
        lf_hf, rise = facts.ratios
        if math.isnan(lf_hf):
            return not spoilt, spoilt
        still = lf_hf <= self._max_lf_hf
        if math.isnan(rise):
            return not spoilt and still, (*spoilt, Step("max_lf_hf", lf_hf, self._max_lf_hf, still))
        either, rises = StepRole.ALTERNATIVE, rise >= self._min_rise
        steps = (
            Step("max_lf_hf", lf_hf, self._max_lf_hf, still, either),
            Step("min_rise_ratio", rise, self._min_rise, rises, either),
        )
        return not spoilt and (still or rises), (*spoilt, *steps)

    def _limit_uv(self, resting_uv: float, rise: tuple[float, float]) -> float:
        """Return a threshold over a resting level, µV."""
        if resting_uv > self._rises.max_resting_uv:
            return math.inf
        return resting_uv + max(rise[0], rise[1] * resting_uv)

    def _hops(self, seconds: float) -> int:
        return max(1, round(seconds * self._runs.stream.fs_hz / self._runs.grid.hop))

"""How a simulated night is slept: latency, cycles of stages, awakenings. Stages only drive rates."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.events import Stage
from detectors.signal import S_PER_H
from detectors.simulate.randomness import log_uniform

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detectors.simulate.surroundings import SleepRegime
    from detectors.simulate.timetable import Span

# Movements of the legs by stage, relative to light sleep (science.md 9.4).
STAGE_RATE = {Stage.WAKE: 1.2, Stage.N1: 1.0, Stage.N2: 1.0, Stage.N3: 0.3, Stage.REM: 0.4}
HIGHEST_RATE = max(STAGE_RATE.values())
# The awakenings of a regime are those of so many hours.
NIGHT_H = 8.0
# Neither falling asleep nor one awakening takes more than this share of a short night.
LATENCY_SHARE = 0.25
AWAKENING_SHARE = 0.1
# Light, deep, light, REM sleep: deep sleep fades from cycle to cycle, REM grows.
N1_SHARE = 0.06
FIRST_N3_SHARE, N3_FADES = 0.35, 0.6
FIRST_REM_SHARE, REM_GROWS, REM_SHARE_MAX = 0.1, 0.06, 0.35


class StageSpan(NamedTuple):
    """A stretch of one stage, ``[onset, end)``, s from the start of the night."""

    onset_s: float
    end_s: float
    stage: Stage


@dataclass(frozen=True, slots=True)
class Structure:
    """The stages of a night.

    Parameters
    ----------
    spans : tuple of StageSpan
        In order of time, without a gap.
    """

    spans: tuple[StageSpan, ...]

    def stage_at(self, t_s: float) -> Stage:
        """Return the stage at a time, s."""
        return self.spans[max(0, bisect_right(self.spans, t_s, key=lambda span: span.onset_s) - 1)].stage

    def rate_at(self, t_s: float) -> float:
        """Return how often legs move at a time, relative to light sleep."""
        return STAGE_RATE[self.stage_at(t_s)]

    def after(self, t_s: float, still_s: float) -> float:
        """Return when so much time of light sleep has passed, s; deep sleep counts for less of it."""
        for span in self.spans:
            rest_s = span.end_s - max(t_s, span.onset_s)
            if rest_s <= 0.0:
                continue
            rate = STAGE_RATE[span.stage]
            if still_s < rest_s * rate:
                return max(t_s, span.onset_s) + still_s / rate
            still_s -= rest_s * rate
        return self.spans[-1].end_s + still_s

    def awakenings(self) -> list[StageSpan]:
        """Return the stretches of wakefulness after sleep has begun."""
        return [span for span in self.spans[1:] if span.stage is Stage.WAKE]

    def woken(self, others: Iterable[Span]) -> Structure:
        """Return the structure with more stretches of wakefulness."""
        return Structure(_woken(self.spans, [(other.onset_s, other.end_s) for other in others]))


def night_structure(rng: np.random.Generator, duration_s: float, regime: SleepRegime) -> Structure:
    """Draw how a night is slept.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    duration_s : float
        Length of the night, s.
    regime : SleepRegime
        Ranges to draw from.

    Returns
    -------
    Structure
        The stages.
    """
    asleep_s = min(float(rng.uniform(*regime.latency_s)), LATENCY_SHARE * duration_s)
    spans = [StageSpan(0.0, asleep_s, Stage.WAKE)]
    cycle = 0
    while spans[-1].end_s < duration_s:
        spans += _cycle(spans[-1].end_s, float(rng.uniform(*regime.cycle_s)), cycle)
        cycle += 1
    spans = [span._replace(end_s=min(span.end_s, duration_s)) for span in spans if span.onset_s < duration_s]
    expected = float(rng.uniform(*regime.awakenings)) * duration_s / (NIGHT_H * S_PER_H)
    awake = []
    for _ in range(round(expected)):
        length_s = min(log_uniform(rng, *regime.awakening_s), AWAKENING_SHARE * duration_s)
        onset_s = float(rng.uniform(asleep_s, max(asleep_s, duration_s - length_s)))
        awake.append((onset_s, onset_s + length_s))
    return Structure(_woken(tuple(spans), awake))


def _cycle(onset_s: float, length_s: float, number: int) -> list[StageSpan]:
    """Return the stages of one cycle."""
    deep = FIRST_N3_SHARE * N3_FADES**number
    rem = min(REM_SHARE_MAX, FIRST_REM_SHARE + REM_GROWS * number)
    light = (1.0 - N1_SHARE - deep - rem) / 2.0
    ends = onset_s + length_s * np.cumsum((N1_SHARE, light, deep, light, rem))
    stages = (Stage.N1, Stage.N2, Stage.N3, Stage.N2, Stage.REM)
    spans = []
    for stage, end_s in zip(stages, ends, strict=True):
        spans.append(StageSpan(onset_s, float(end_s), stage))
        onset_s = float(end_s)
    return spans


def _woken(spans: tuple[StageSpan, ...], awake: list[tuple[float, float]]) -> tuple[StageSpan, ...]:
    """Return stages with stretches of wakefulness laid over them, neighbours of one stage joined."""
    end_s = spans[-1].end_s
    times_s = [*((span.onset_s, span.end_s) for span in spans), *awake]
    edges = sorted({edge for pair in times_s for edge in pair if edge <= end_s})
    base = Structure(spans)
    pieces: list[StageSpan] = []
    for first_s, last_s in pairwise(edges):
        middle_s = (first_s + last_s) / 2.0
        up = any(onset_s <= middle_s < stop_s for onset_s, stop_s in awake)
        stage = Stage.WAKE if up else base.stage_at(middle_s)
        if pieces and pieces[-1].stage is stage:
            pieces[-1] = pieces[-1]._replace(end_s=last_s)
        else:
            pieces.append(StageSpan(first_s, last_s, stage))
    return tuple(pieces)

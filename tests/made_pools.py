"""Recordings whose events have a strength, and tries that find what is stronger than their level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.evaluate.marks import Mark
from soleus.studio.candidates import Candidate, NightPool
from soleus.studio.learning import NightAnswers

if TYPE_CHECKING:
    from collections.abc import Sequence

WORD = "leg_movement"
# The level of each try; the first is that of the thresholds that are asked about.
LEVELS = (0.2, *np.linspace(0.025, 0.975, 20).tolist())
EVERY_S, LENGTH_S = 100.0, 2.0


def span_at(number: int, kind: str = WORD) -> Mark:
    """Return where an event lies."""
    return Mark(kind, ("left", "right")[number % 2], number * EVERY_S, number * EVERY_S + LENGTH_S)


def pool(key: str, strengths: Sequence[float]) -> NightPool:
    """Return a recording with an event of each strength."""
    spans = [span_at(number) for number in range(len(strengths))]
    candidates = [
        Candidate(span.leg, span.onset_s, span.end_s, told=strength > LEVELS[0], margin=abs(strength / LEVELS[0] - 1))
        for span, strength in zip(spans, strengths, strict=True)
    ]
    votes = np.array(strengths)[None, :] > np.array(LEVELS)[:, None]
    found = tuple(tuple(span for span, vote in zip(spans, row, strict=True) if vote) for row in votes.tolist())
    return NightPool(key, WORD, tuple(candidates), votes, found)


def answers(strengths: Sequence[float], numbers: Sequence[int], level: float) -> NightAnswers:
    """Return what a rater says of some events who takes for one what is stronger than a level."""
    yes = tuple(span_at(number) for number in numbers if strengths[number] > level)
    return NightAnswers(yes, tuple(span_at(number) for number in numbers if strengths[number] <= level))

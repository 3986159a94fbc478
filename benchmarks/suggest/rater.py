"""A rater who answers with the truth of a simulated night."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.evaluate.classes import MOVEMENT
from detectors.evaluate.counting import class_spans
from detectors.evaluate.marks import LEGS, Mark, MarkedNight
from soleus.studio.learning import NO_ANSWERS, NightAnswers, is_open

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from dashboards.bench_values import Suggestion
    from detectors.evaluate.counting import ClassSpans
    from soleus.studio.candidates import Candidate, NightPool

    Spans = NDArray[np.float64]
    Known = Mapping[str, ClassSpans]


def known(truth: MarkedNight) -> Known:
    """Return, by leg, which movements ought to be found and where a finding counts neither way."""
    nothing = MarkedNight((), truth.hours)
    return {leg: class_spans(nothing, truth, MOVEMENT, leg) for leg in LEGS}


def answered(so_far: NightAnswers, one: Candidate | Suggestion, truth: Known) -> NightAnswers:
    """Return the answers with one more.

    Parameters
    ----------
    so_far : NightAnswers
        The answers in the same recording.
    one : Candidate or Suggestion
        What is asked about.
    truth : mapping of str to ClassSpans
        From :func:`known`.

    Returns
    -------
    NightAnswers
        Yes, with the true onset and end, where a movement is that ought to be found; neither, where one counts
        neither way; else no.
    """
    spans = truth[one.leg]
    kind = MOVEMENT.kind.value
    asked = Mark(kind, one.leg, one.onset_s, one.end_s)
    shared_s = _shared_s(asked, spans.expected)
    if shared_s.max(initial=0.0) > 0:
        onset_s, end_s = spans.expected[int(np.argmax(shared_s))].tolist()
        return NightAnswers((*so_far.yes, Mark(kind, one.leg, onset_s, end_s)), so_far.no, so_far.neither)
    if _shared_s(asked, spans.neutral).max(initial=0.0) > 0:
        return NightAnswers(so_far.yes, so_far.no, (*so_far.neither, asked))
    return NightAnswers(so_far.yes, (*so_far.no, asked), so_far.neither)


def at_random(
    pools: Sequence[NightPool], truths: Mapping[str, Known], n: int, rng: np.random.Generator
) -> dict[str, NightAnswers]:
    """Return the answers to so many candidates drawn from all of them; none is asked about twice."""
    listed = [(pool, at) for pool in pools for at in range(len(pool.candidates))]
    answers = {pool.key: NO_ANSWERS for pool in pools}
    left = n
    for number in rng.permutation(len(listed)).tolist():
        pool, at = listed[number]
        if left and is_open(pool, answers)[at]:
            answers[pool.key] = answered(answers[pool.key], pool.candidates[at], truths[pool.key])
            left -= 1
    return answers


def _shared_s(asked: Mark, spans: Spans) -> Spans:
    shared_s: Spans = np.minimum(spans[:, 1], asked.end_s) - np.maximum(spans[:, 0], asked.onset_s)
    return shared_s

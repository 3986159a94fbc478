"""What the answers of a rater say about thresholds: which of those that were tried fit them best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from dashboards.bench_values import Learned, Number, Setting
from dashboards.labelling import NOTHING, BlindError
from detectors.evaluate.agreement import by_subject
from detectors.evaluate.marks import Mark, overlapping, spans_of
from detectors.evaluate.statistics import ratio
from detectors.evaluate.telling import belief, expected_wrong
from soleus.studio.adding import RATIOS, number_of
from soleus.studio.candidates import on_side, sides_of, tries_of
from soleus.tune.tradeoff import BY_WORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from dashboards.labelling import Sheet
    from detectors.criteria import Criteria
    from detectors.evaluate.classes import EventClass
    from soleus.studio.candidates import NightPool

    Counts = NDArray[np.float64]

# Fewer answers are explained by very different thresholds equally well.
LEAST_ANSWERS: Final = 10


@dataclass(frozen=True, slots=True)
class NightAnswers:
    """What a rater has answered in one recording.

    Parameters
    ----------
    yes : tuple of Mark
        Events of the class.
    no : tuple of Mark
        Where he looked and there is none.
    neither : tuple of Mark
        Other events, and places about which he cannot tell; they count neither way.
    whole : bool
        Whether he has scored all of it, so that what he has not marked is none.
    """

    yes: tuple[Mark, ...] = ()
    no: tuple[Mark, ...] = ()
    neither: tuple[Mark, ...] = ()
    whole: bool = False

    @property
    def all(self) -> tuple[Mark, ...]:
        """Every place that was answered."""
        return (*self.yes, *self.no, *self.neither)


NO_ANSWERS: Final = NightAnswers()


def answers_in(sheets: Mapping[str, Sheet], word: str) -> dict[str, NightAnswers]:
    """Return what a rater has answered, out of his sheets.

    Parameters
    ----------
    sheets : mapping of str to Sheet
        By recording.
    word : str
        The class of events, a key of `BY_WORD`.

    Returns
    -------
    dict
        By recording.

    Raises
    ------
    BlindError
        If the rater scores one of the recordings blind: what is suggested shows what the detectors found.
    """
    return {key: _answers(key, sheet, BY_WORD[word].kind.value) for key, sheet in sheets.items()}


def learned(
    pools: Sequence[NightPool],
    answers: Mapping[str, NightAnswers],
    asked: tuple[Setting, Criteria],
    subjects: Mapping[str, str],
) -> Learned:
    """Return which thresholds fit the answers best, and how well.

    Parameters
    ----------
    pools : sequence of NightPool
        The recordings, with their candidates.
    answers : mapping of str to NightAnswers
        By recording.
    asked : (Setting, Criteria)
        The thresholds that are asked about, and the same as criteria.
    subjects : mapping of str to str
        Whose each recording is.

    Returns
    -------
    Learned
        Agreement on what was answered, with the thresholds as they are and with those that fit best: the ones with
        which fewest events of all that could be asked about are expected to be wrong, given the answers. They stay as
        they are unless others contradict fewer answers.
    """
    setting, criteria = asked
    n_yes, n_no = (sum(len(getattr(one, name)) for one in answers.values()) for name in ("yes", "no"))
    counts = np.array([counted(pool, answers.get(pool.key, NO_ANSWERS)) for pool in pools], np.float64)
    if not len(counts) or n_yes + n_no == 0:
        return Learned(n_yes, n_no, why="There are no answers yet.")
    own = [subjects.get(pool.key, pool.key) for pool in pools]
    as_it_was = agreement(counts[:, 0], own)
    if why := _too_little(pools, n_yes, n_no):
        return Learned(n_yes, n_no, as_it_was=as_it_was, why=why)
    best = best_try(pools, answers, counts)
    fits = setting if best == 0 else _changed(setting, tries_of(criteria, pools[0].word)[best])
    why = _unknown(counts.shape[1], best)
    return Learned(n_yes, n_no, agreement(counts[:, best], own), as_it_was, fits, why)


def best_try(pools: Sequence[NightPool], answers: Mapping[str, NightAnswers], counts: Counts) -> int:
    """Return the number of the try that fits the answers best; 0 where none contradicts fewer than the first.

    Parameters
    ----------
    pools : sequence of NightPool
        The recordings.
    answers : mapping of str to NightAnswers
        By recording.
    counts : ndarray of float, shape (n_pools, n_tries, 3)
        From :func:`counted`.
    """
    n_wrong = wrong(counts)
    open_votes = np.concatenate([pool.votes[:, is_open(pool, answers)] for pool in pools], axis=1)
    expected = n_wrong + expected_wrong(open_votes, belief(n_wrong))
    best = int(np.argmin(expected))
    return best if n_wrong[best] < n_wrong[0] else 0


def wrong(counts: Counts) -> NDArray[np.float64]:
    """Return how many answers each try contradicts, shape (n_tries,), from counts of shape (n_pools, n_tries, 3)."""
    n_wrong: NDArray[np.float64] = counts[:, :, 1:].sum(axis=(0, 2))
    return n_wrong


def counted(pool: NightPool, answers: NightAnswers) -> list[tuple[int, int, int]]:
    """Count what each try makes of the answers in one recording.

    Parameters
    ----------
    pool : NightPool
        The recording.
    answers : NightAnswers
        What was answered there.

    Returns
    -------
    list of (int, int, int)
        Hits, missed and false events of each try.
    """
    event_class = BY_WORD[pool.word]
    return [_counted(found, answers, event_class) for found in pool.found]


def is_open(pool: NightPool, answers: Mapping[str, NightAnswers]) -> NDArray[np.bool_]:
    """Return which candidates of a recording are not answered, shape (n_candidates,).

    Parameters
    ----------
    pool : NightPool
        The recording.
    answers : mapping of str to NightAnswers
        By recording.
    """
    given = answers.get(pool.key, NO_ANSWERS)
    if given.whole:
        return np.zeros(len(pool.candidates), np.bool_)
    spans = [Mark("", one.leg, one.onset_s, one.end_s) for one in pool.candidates]
    is_free = np.ones(len(spans), np.bool_)
    for side in sides_of((*spans, *given.all), BY_WORD[pool.word]):
        here = np.array([on_side(span, side) for span in spans], np.bool_)
        marked = spans_of(mark for mark in given.all if on_side(mark, side))
        is_free[here] &= ~overlapping(spans_of(spans), marked)[here]
    return is_free


def agreement(counts: Counts, subjects: Sequence[str]) -> tuple[Number, ...]:
    """Return F1, sensitivity and PPV of several recordings together.

    Parameters
    ----------
    counts : ndarray of float, shape (n_recordings, 3)
        Hits, missed and false events.
    subjects : sequence of str
        Whose each recording is; intervals draw them again, and there are none of a single one.

    Examples
    --------
    >>> agreement(np.array([[8.0, 2.0, 2.0]]), ["one"])[0]
    Number(name='f1', value=0.8, low=None, high=None, why='')
    """
    rows = by_subject(counts, subjects)
    return tuple(number_of(name, rows, statistic) for name, statistic in _STATISTICS.items())


def _answers(key: str, sheet: Sheet, kind: str) -> NightAnswers:
    if sheet.blind:
        msg = f"{key} is scored blind, and suggestions show what was found; expected a rater who may see it"
        raise BlindError(msg)
    marks = [Mark(one.kind, one.leg, one.onset_s, one.end_s) for one in sheet.labels]
    yes, no = (tuple(mark for mark in marks if mark.kind == one) for one in (kind, NOTHING))
    neither = tuple(mark for mark in marks if mark.kind not in {kind, NOTHING})
    return NightAnswers(yes, no, neither, whole=sheet.finished)


def _counted(found: Sequence[Mark], answers: NightAnswers, event_class: EventClass) -> tuple[int, int, int]:
    total = np.zeros(3, np.intp)
    for side in sides_of(answers.all, event_class):
        yes, no, neither, seen = (
            spans_of(mark for mark in marks if on_side(mark, side))
            for marks in (answers.yes, answers.no, answers.neither, found)
        )
        if not answers.whole:
            seen = seen[overlapping(seen, np.concatenate([yes, no]))]
        matches = event_class.how(seen, yes)
        left = seen[list(matches.false)]
        n_false = int((~overlapping(left, neither)).sum()) if answers.whole else len(event_class.how(left, no).pairs)
        total += (len(matches.pairs), len(matches.missed), n_false)
    hits, missed, false = total.tolist()
    return hits, missed, false


def _too_little(pools: Iterable[NightPool], n_yes: int, n_no: int) -> str:
    """Say why no thresholds are fitted to the answers; empty where they are."""
    if all(len(pool.votes) == 1 for pool in pools):
        return "Thresholds of this class are not fitted to answers."
    if n_yes + n_no < LEAST_ANSWERS:
        return f"{n_yes + n_no} answers are too few to fit thresholds to; it takes {LEAST_ANSWERS}."
    if not n_yes or not n_no:
        return "All answers are the same; it takes some of both to fit thresholds to them."
    return ""


def _unknown(n_tries: int, best: int) -> str:
    said = f"None of {n_tries - 1} other sets of thresholds contradicts fewer answers. " if best == 0 else ""
    return f"{said}Agreement on the answers alone, which the thresholds were fitted to: on other nights it is lower."


def _changed(setting: Setting, changes: Sequence[tuple[str, str]]) -> Setting:
    return Setting(setting.criteria, tuple((dict(setting.changes) | dict(changes)).items()))


def _f1(counts: Counts) -> Counts:
    """Return F1 of hits, missed and false; 0 of answers that are all no, where something was found."""
    hits, missed, false = counts.T
    return ratio(2 * hits, 2 * hits + missed + false)


_STATISTICS: Final = {"f1": _f1, "sensitivity": RATIOS["sensitivity"], "ppv": RATIOS["ppv"]}

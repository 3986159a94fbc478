"""From the counts of recordings to numbers with intervals, as plain values."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.evaluate import Pooled, bootstrap, pooled
from detectors.evaluate.agreement import by_subject, spread
from detectors.evaluate.classes import CLASSES, MOVEMENT
from detectors.evaluate.comparison import OWN_RULE
from detectors.evaluate.presence import kappa, matthews, share
from soleus import __version__
from soleus.evaluation.indices import index_agreement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.evaluate import Interval, Tally
    from detectors.evaluate.comparison import Compared
    from detectors.evaluate.presence import Crossed
    from soleus.evaluation.course import Line, Pair

    Sums = NDArray[np.float64]

# Both said yes, the one did, the other did, neither did: where they stand in a row of counts.
BOTH, FOUND, TRUE, NEITHER = range(4)
MOST_NAMED, MOST_LETTERS = 5, 40
MOVEMENTS = (MOVEMENT.name, OWN_RULE)
RULES_IN_WORDS = {one.name: one.rule for one in CLASSES}


def answer_of(lines: Sequence[Line], criteria: Criteria | None) -> dict[str, Any]:
    """Return everything that is known about how scorers agree.

    Parameters
    ----------
    lines : sequence of Line
        The recordings.
    criteria : Criteria or None
        What recordings were scored with here; None where all of them had been scored before.

    Returns
    -------
    dict
        ``pairs``: one per pair of scorers, with ``events``, ``presence``, ``series``, ``indices``; ``recordings``: one
        per recording, with its counts and its errors; ``notes``: what makes one doubt a list, as sentences. Numbers
        that cannot be known are None.
    """
    pairs = list(dict.fromkeys(pair for line in lines for pair in line.compared))
    answer = {
        "version": __version__,
        "criteria": None if criteria is None else asdict(criteria),
        "pairs": [_pair(pair, [line for line in lines if pair in line.compared]) for pair in pairs],
        "recordings": [_recording(line) for line in lines],
        "notes": [*_names_left_out(lines), *_without_movements(pairs, lines)],
    }
    plain: dict[str, Any] = _plain(answer)
    return plain


def _names_left_out(lines: Sequence[Line]) -> Iterator[str]:
    """Yield what in each scorer's lists means nothing that is read: it may have been meant for a leg movement."""
    sums: dict[str, Counter[str]] = {}
    for line in lines:
        for scorer, names in line.left_out.items():
            sums.setdefault(scorer, Counter()).update(names)
    for scorer, names in sums.items():
        if names:
            told = ", ".join(f"{name[:MOST_LETTERS]!r} ({n})" for name, n in names.most_common(MOST_NAMED))
            more = f" and {len(names) - MOST_NAMED} other names" if len(names) > MOST_NAMED else ""
            yield f"{scorer}: {told}{more} left out of the lists, since no kind of event is known by that name."


def _without_movements(pairs: Sequence[Pair], lines: Sequence[Line]) -> Iterator[str]:
    """Yield which references have no leg movement at all: their lists may say them by a name that is not known."""
    for pair in pairs:
        tallies = [line.compared[pair].events.get(MOVEMENTS) for line in lines if pair in line.compared]
        counted = [one for one in tallies if one is not None]
        if counted and not sum(one.hits + one.missed for one in counted):
            yield f"{pair.reference}: no leg movement in {len(counted)} of {len(tallies)} lists; is that meant?"


def _pair(pair: Pair, lines: Sequence[Line]) -> dict[str, Any]:
    nights = [line.compared[pair] for line in lines]
    subjects = [line.subject for line in lines]
    return {
        "scored": pair.scored,
        "reference": pair.reference,
        "people": pair.people,
        "recordings": len(lines),
        "subjects": len(set(subjects)),
        "hours": sum(night.judged_h for night in nights),
        "events": list(_events(nights, subjects)),
        "presence": list(_presence(nights, subjects)),
        "series": list(_series(nights, subjects)),
        "indices": list(_indices(nights, subjects)),
    }


def _events(nights: Sequence[Compared], subjects: Sequence[str]) -> Iterator[dict[str, Any]]:
    for name, way in dict.fromkeys(key for night in nights for key in night.events):
        counts = _pooled([night.events.get((name, way)) for night in nights], subjects)
        if counts.n_true or counts.false:
            rule = RULES_IN_WORDS.get(name.partition(",")[0] if name not in RULES_IN_WORDS else name, "")
            yield {"class": name, "matching": way, "rule": rule if way == OWN_RULE else way, **event_numbers(counts)}


def event_numbers(counts: Pooled) -> dict[str, Any]:
    """Return the numbers of one class over recordings."""
    durations = [
        end - onset for night in counts.nights for onset, end in zip(night.onset_errors, night.end_errors, strict=True)
    ]
    return {
        "n_true": counts.n_true,
        "hits": counts.hits,
        "missed": counts.missed,
        "false": counts.false,
        "neutral": sum(night.neutral for night in counts.nights),
        "split": counts.split,
        "merged": counts.merged,
        "hours": counts.hours,
        "sensitivity": _valued(counts.sensitivity, counts.sensitivity_interval),
        "sensitivity_exact": list(counts.sensitivity_exact),
        "ppv": _valued(counts.ppv, counts.ppv_interval),
        "f1": _valued(counts.f1, counts.f1_interval),
        "false_per_h": _valued(counts.false_per_h, counts.false_per_h_interval),
        "false_per_night": counts.false_per_night,
        "false_excluded_per_h": counts.false_excluded_per_h,
        "onset_error_s": _valued(*counts.onset_error),
        "end_error_s": _valued(*counts.end_error),
        "duration_error_s": _valued(*spread(durations)),
    }


def _presence(nights: Sequence[Compared], subjects: Sequence[str]) -> Iterator[dict[str, Any]]:
    for what, length in dict.fromkeys(key for night in nights for key in night.presence):
        here = [
            (night.presence[what, length], name)
            for night, name in zip(nights, subjects, strict=True)
            if (what, length) in night.presence
        ]
        yield {"what": what, "length": length, **presence_numbers([one for one, _ in here], [name for _, name in here])}


def presence_numbers(crossed: Sequence[Crossed], subjects: Sequence[str]) -> dict[str, Any]:
    """Return how two scorers agree stretch by stretch."""
    counts = by_subject(np.array([one.row for one in crossed], dtype=np.float64), subjects)

    def valued(statistic: Callable[[Sums], Sums]) -> dict[str, float | None]:
        return _valued(float(statistic(counts.sum(axis=0))), bootstrap(counts, statistic))

    total = counts.sum(axis=0)
    return {
        "n": int(total.sum()),
        "both": int(total[BOTH]),
        "scored_only": int(total[FOUND]),
        "reference_only": int(total[TRUE]),
        "neither": int(total[NEITHER]),
        "kappa": valued(kappa),
        "mcc": valued(matthews),
        "sensitivity": valued(lambda sums: share(sums, BOTH, TRUE)),
        "specificity": valued(lambda sums: share(sums, NEITHER, FOUND)),
    }


def _series(nights: Sequence[Compared], subjects: Sequence[str]) -> Iterator[dict[str, Any]]:
    for rules in dict.fromkeys(name for night in nights for name in night.series):
        counts = _pooled([night.series.get(rules) for night in nights], subjects)
        numbers = event_numbers(counts)
        kept = ("n_true", "hits", "missed", "false", "sensitivity", "ppv", "f1")
        yield {"rules": rules, **{name: numbers[name] for name in kept}, "neither": numbers["neutral"]}


def _indices(nights: Sequence[Compared], subjects: Sequence[str]) -> Iterator[dict[str, Any]]:
    for rules, name in dict.fromkeys(key for night in nights for key in night.indices):
        rows = [
            (pair.found, pair.truth, subject)
            for night, subject in zip(nights, subjects, strict=True)
            if (pair := night.indices.get((rules, name))) is not None
            and pair.found is not None
            and pair.truth is not None
        ]
        if rows:
            found, truth = (np.array([row[side] for row in rows], dtype=np.float64) for side in (0, 1))
            told = index_agreement(found, truth, [row[2] for row in rows], is_rate=name.endswith("_per_h"))
            yield {"rules": rules, "index": name, **told}


def _recording(line: Line) -> dict[str, Any]:
    return {
        "subject": line.subject,
        "recording": line.recording,
        "errors": list(line.errors),
        "pairs": [
            {
                "scored": pair.scored,
                "reference": pair.reference,
                "people": pair.people,
                "hours": compared.judged_h,
                "events": [
                    {"class": name, "matching": way, **_counts(tally)} for (name, way), tally in compared.events.items()
                ],
                "presence": [
                    {"what": what, "length": length, "kappa": float(kappa(np.array(one.row)))}
                    for (what, length), one in compared.presence.items()
                ],
                "series": [{"rules": rules, **_counts(tally)} for rules, tally in compared.series.items()],
                "indices": [
                    {"rules": rules, "index": name, "scored": one.found, "reference": one.truth}
                    for (rules, name), one in compared.indices.items()
                ],
            }
            for pair, compared in line.compared.items()
        ],
    }


def _counts(tally: Tally) -> dict[str, Any]:
    one = Pooled((tally,))
    return {
        "n_true": one.n_true,
        "hits": tally.hits,
        "missed": tally.missed,
        "false": tally.false,
        "neutral": tally.neutral,
        "split": tally.split,
        "merged": tally.merged,
        "sensitivity": one.sensitivity,
        "ppv": one.ppv,
        "f1": one.f1,
        "onset_error_s": one.onset_error.median,
        "end_error_s": one.end_error.median,
    }


def _pooled(tallies: Sequence[Tally | None], subjects: Sequence[str]) -> Pooled:
    rows = [(tally, name) for tally, name in zip(tallies, subjects, strict=True) if tally is not None]
    return pooled([tally for tally, _ in rows], [name for _, name in rows])


def _valued(value: float | None, interval: Interval) -> dict[str, float | None]:
    return {"value": value, "low": interval.low, "high": interval.high}


def _plain(value: Any) -> Any:
    """Return plain values; JSON has no nan and no infinity."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value

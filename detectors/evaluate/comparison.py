"""One scorer against another in one recording: everything that is counted, before anything is pooled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from detectors.evaluate.agreement import tally
from detectors.evaluate.classes import CLASSES, IOU_TEXT, MOVEMENT, OVERLAP, SHOWN, EventClass
from detectors.evaluate.counting import class_sides, class_spans, together
from detectors.evaluate.membership import membership, rule_both, rule_indices
from detectors.evaluate.presence import EPOCH_S, NOTHING_CROSSED, SECOND_S, crossed, marked, sleep_flags
from detectors.events import PLUGIN, EventKind
from detectors.matching import match, match_onsets
from detectors.published import AASM, WASM_2016
from detectors.signal import S_PER_H

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from detectors.evaluate.agreement import Tally
    from detectors.evaluate.classes import Matcher
    from detectors.evaluate.counting import ClassSpans
    from detectors.evaluate.marks import MarkedNight
    from detectors.evaluate.membership import RuledPair
    from detectors.evaluate.presence import Crossed

IOU_LEVELS = (0.1, 0.2, 0.3, 0.5)
OWN_RULE = "rule"
ALL_TRUTH = ", all truth"
RULES = (WASM_2016, AASM)
PER_SECOND, PER_EPOCH = "per second", "per 30 s epoch"
ASLEEP = "asleep"
# Of a number of stretches: far below a sample, far above what hours lose.
DIGITS = 7


class Matching(NamedTuple):
    """A way to say which event is which, and its name."""

    name: str
    how: Matcher


class IndexPair(NamedTuple):
    """One number of the night by either list; None where it cannot be known."""

    found: float | None
    truth: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """What became of two lists of one recording.

    Parameters
    ----------
    events : mapping of (str, str) to Tally
        Counts by class and by way of matching; ``rule`` is what science.md 8.1 asks of the class.
    presence : mapping of (str, str) to Crossed
        Yes and no by what is looked at and by the length of the stretches; the legs together.
    series : mapping of str to Tally
        Who belongs to a series, by rule set.
    indices : mapping of (str, str) to IndexPair
        Numbers of the night by rule set and name.
    hours : float
        Length of the recording, h.
    judged_h : float
        Hours that false findings are counted over.
    """

    events: Mapping[tuple[str, str], Tally]
    presence: Mapping[tuple[str, str], Crossed]
    series: Mapping[str, Tally]
    indices: Mapping[tuple[str, str], IndexPair]
    hours: float
    judged_h: float


def matchings(onset_s: float) -> tuple[Matching, ...]:
    """Return the ways of matching that every class is counted by besides its own rule.

    Parameters
    ----------
    onset_s : float
        Largest distance of two onsets that are the same event, s.

    Returns
    -------
    tuple of Matching
        By overlap at four levels, and by onset.

    Examples
    --------
    >>> [one.name for one in matchings(1.0)]
    ['IoU 0.1', 'IoU 0.2', 'IoU 0.3', 'IoU 0.5', 'onset within 1 s']
    """
    by_overlap = [Matching(f"IoU {level:g}", partial(match, iou_min=level)) for level in IOU_LEVELS]
    return (*by_overlap, Matching(f"onset within {onset_s:g} s", partial(match_onsets, tolerance=onset_s)))


def compare(found: MarkedNight, truth: MarkedNight, others: Sequence[Matching]) -> Compared:
    """Count everything that two lists of one recording agree and disagree on.

    Parameters
    ----------
    found, truth : MarkedNight
        What is judged, and what it is judged by.
    others : sequence of Matching
        Ways of matching besides the own rule of each class.

    Returns
    -------
    Compared
        The counts. Only classes that both scorers look for and that the sensors can show are in it.

    Examples
    --------
    >>> from detectors.evaluate.marks import Mark, MarkedNight
    >>> night = MarkedNight((Mark("leg_movement", "left", 0.0, 2.0),), 1.0, looked_for=frozenset({"leg_movement"}))
    >>> compared = compare(night, night, matchings(1.0))
    >>> compared.events["leg movement", "rule"].hits, compared.presence["leg movement", "per second"].both
    (1, 2)
    """
    pairs = {criteria.name: rule_both(found, truth, criteria) for criteria in RULES} if _both(found, truth) else {}
    return Compared(
        events=dict(_events(found, truth, others)),
        presence=dict(_presence(found, truth)),
        series={rules: membership(pair) for rules, pair in pairs.items()},
        indices=dict(_indices(pairs)),
        hours=found.hours,
        judged_h=found.judged_h,
    )


def compared_classes(found: MarkedNight, truth: MarkedNight) -> list[EventClass]:
    """Return the classes that both scorers look for and that the sensors can show, those of plug-ins last."""
    marks = (*found.marks, *truth.marks)
    named = sorted({mark.kind for mark in marks if mark.kind.startswith(PLUGIN)})
    others = (EventClass(name, EventKind(name), OVERLAP, IOU_TEXT) for name in named)
    return [
        one
        for one in (*CLASSES, *others)
        if found.looks_for(one.kind)
        and truth.looks_for(one.kind)
        and (found.emg_fs_hz >= one.emg_from_hz if found.has_emg else one.by_acceleration)
    ]


def _indices(pairs: Mapping[str, RuledPair]) -> Iterator[tuple[tuple[str, str], IndexPair]]:
    for rules, pair in pairs.items():
        ours, theirs = (rule_indices(scored, pair.hours) for scored in (pair.found, pair.truth))
        yield from (((rules, name), IndexPair(ours[name], theirs[name])) for name in ours)


def _both(found: MarkedNight, truth: MarkedNight) -> bool:
    return found.looks_for(MOVEMENT.kind) and truth.looks_for(MOVEMENT.kind)


def _events(
    found: MarkedNight, truth: MarkedNight, others: Sequence[Matching]
) -> Iterator[tuple[tuple[str, str], Tally]]:
    for event_class in compared_classes(found, truth):
        ways = (Matching(OWN_RULE, event_class.how), *others)
        yield from _by_way(event_class.name, _class(found, truth, event_class), ways, found.judged_h)
        if event_class is MOVEMENT and truth.is_simulated:
            spans = _class(found, truth, event_class, all_truth=True)
            yield from _by_way(event_class.name + ALL_TRUTH, spans, ways, found.judged_h)


def _by_way(
    name: str, spans: Sequence[ClassSpans], ways: Sequence[Matching], hours: float
) -> Iterator[tuple[tuple[str, str], Tally]]:
    for way in ways:
        parts = [tally(*one[:2], way.how, neutral=one.neutral, hours=0.0) for one in spans]
        yield (name, way.name), together(parts, hours)


def _class(
    found: MarkedNight, truth: MarkedNight, event_class: EventClass, *, all_truth: bool = False
) -> list[ClassSpans]:
    sides = class_sides(found, truth, event_class)
    return [class_spans(found, truth, event_class, side, all_truth=all_truth) for side in sides]


def _presence(found: MarkedNight, truth: MarkedNight) -> Iterator[tuple[tuple[str, str], Crossed]]:
    duration_s = found.hours * S_PER_H
    classes = compared_classes(found, truth)
    for event_class in (MOVEMENT, SHOWN):
        if event_class not in classes:
            continue
        spans = _class(found, truth, event_class)
        for length, epoch_s in ((PER_SECOND, SECOND_S), (PER_EPOCH, EPOCH_S)):
            counts = (_crossed(one, _stretches(duration_s, epoch_s), epoch_s) for one in spans)
            yield (event_class.name, length), sum(counts, NOTHING_CROSSED)
    n = _stretches(duration_s, EPOCH_S)
    ours, ours_known = sleep_flags(found.sleep, n)
    theirs, theirs_known = sleep_flags(truth.sleep, n)
    asleep = crossed(ours, theirs, ours_known & theirs_known)
    if asleep.n:
        yield (ASLEEP, PER_EPOCH), asleep


def _stretches(duration_s: float, epoch_s: float) -> int:
    """Return how many stretches a recording has; hours hold a number of seconds only to their last digit."""
    return ceil(round(duration_s / epoch_s, DIGITS))


def _crossed(spans: ClassSpans, n: int, epoch_s: float) -> Crossed:
    """Cross two lists of one leg; where a finding counts neither way, neither does the time."""
    found, expected, neutral = (marked(one, n, epoch_s) for one in spans)
    return crossed(found, expected, ~neutral | expected)

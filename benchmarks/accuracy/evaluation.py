"""From the rows of nights to counts: which finding is which truth, class by class."""

from __future__ import annotations

from collections import Counter
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from detectors.evaluate import Pooled, Tally, pooled
from detectors.evaluate.classes import LIKE_A_CRAMP, MOVEMENT, SHOWN, EventClass
from detectors.evaluate.counting import class_spans, count_class
from detectors.evaluate.marks import BOTH, LEGS, Mark, MarkedNight, overlapping, spans_of
from detectors.evaluate.membership import plm_per_h, rule_both
from detectors.events import EventKind
from detectors.published import AASM, WASM_2016

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.rules.series_criteria import SeriesCriteria

    Row = dict[str, Any]
    Spans = NDArray[np.float64]


class Indices(NamedTuple):
    """Periodic movements per hour in each night: found, and by the same rules from the true list."""

    found: Spans
    true: Spans

    @property
    def differences(self) -> Spans:
        """Found minus true, 1/h."""
        return self.found - self.true


def class_nights(nights: Sequence[Row], event_class: EventClass, *, all_truth: bool = False) -> Pooled:
    """Count one class over nights.

    Parameters
    ----------
    nights : sequence of dict
        What `night_rows` gave.
    event_class : EventClass
        The class.
    all_truth : bool
        Whether every true event ought to be found; else only those that stand clear of the noise.
    """
    return pooled([_counted(night, event_class, all_truth=all_truth) for night in nights])


def peer_nights(nights: Sequence[Row], way: str, *, all_truth: bool = False) -> Pooled:
    """Count the leg movements that the peer found."""
    counted = []
    for night in nights:
        found = [
            {"kind": MOVEMENT.kind, "leg": leg, "onset_s": onset_s, "end_s": end_s, "tier": 2.0}
            for leg, spans in night["peer"][way]["movements"].items()
            for onset_s, end_s in spans
        ]
        counted.append(_counted({**night, "found": found}, MOVEMENT, all_truth=all_truth))
    return pooled(counted)


def like_a_cramp(nights: Sequence[Row]) -> tuple[int, int]:
    """Return how many held contractions and spasms were marked as cramp-like, and how many there were."""
    marked = n = 0
    for night in nights:
        for leg in LEGS:
            held = spans_of(one for one in true_night(night).marks if one.leg == leg and one.cause in LIKE_A_CRAMP)
            shown = spans_of(
                one
                for one in found_night(night).marks
                if one.leg == leg and one.kind == EventKind.CRAMP and one.tier >= 1
            )
            n += len(held)
            marked += int(overlapping(held, shown).sum())
    return marked, n


def false_cramps(nights: Sequence[Row]) -> Counter[str]:
    """Return what truly happens where a cramp-like event is false, and how often."""
    places: Counter[str] = Counter()
    for night in nights:
        for leg in LEGS:
            found, expected, excused = class_spans(found_night(night), true_night(night), SHOWN, leg)
            left = found[list(SHOWN.how(found, expected).false)]
            truth = [row for row in night["truth"] if row["leg"] in (leg, BOTH) and row["kind"] != EventKind.AWAKENING]
            for span in left[~overlapping(left, excused)]:
                places[_place(span, truth)] += 1
    return places


def _place(span: Spans, truth: Sequence[Row]) -> str:
    """Name the true event that a span shares most time with."""
    shared_s = [min(span[1], row["end_s"]) - max(span[0], row["onset_s"]) for row in truth]
    if not shared_s or max(shared_s) <= 0:
        return "nothing"
    row = truth[int(np.argmax(shared_s))]
    return f"{row['kind']} ({row['cause']})".replace("_", " ")


def plms_indices(nights: Sequence[Row], criteria: SeriesCriteria = WASM_2016) -> Indices:
    """Return periodic movements per hour of recording, found and true.

    The true list holds the movements that reach the published rise above the noise of their leg: a
    movement below it is none by the rule, however real it is.
    """
    pairs = [rule_both(found_night(night), true_night(night), criteria) for night in nights]
    found = [plm_per_h(pair.found, pair.hours) for pair in pairs]
    true = [plm_per_h(pair.truth, pair.hours) for pair in pairs]
    return Indices(np.array(found), np.array(true))


def peer_indices(nights: Sequence[Row], way: str) -> Indices:
    """Return the same of the peer, which counts by AASM."""
    found = [night["peer"][way]["plmi_per_h"] or 0.0 for night in nights]
    return Indices(np.array(found), plms_indices(nights, AASM).true)


def _counted(night: Row, event_class: EventClass, *, all_truth: bool) -> Tally:
    return count_class(found_night(night), true_night(night), event_class, all_truth=all_truth)


def found_night(night: Row) -> MarkedNight:
    """Return what was found in a night."""
    return MarkedNight(
        tuple(map(_mark, night["found"])),
        night["hours"],
        max(night["valid_h"].values(), default=None),
        emg_fs_hz=0.0 if night["peer"] is None else inf,
    )


def true_night(night: Row) -> MarkedNight:
    """Return what truly happened in a night."""
    return MarkedNight(tuple(map(_mark, night["truth"])), night["hours"], noise_uv=night["noise_uv"])


def _mark(row: Row) -> Mark:
    known = {name: row[name] for name in Mark.__slots__ if row.get(name) is not None}
    return Mark(**known)

"""From the rows of nights to counts: which finding is which truth, class by class."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from benchmarks.accuracy.classes import EPISODE_S, LIKE_A_CRAMP, MOVEMENT, SHOWN, EventClass
from detectors.evaluate import Pooled, Tally, pooled, tally
from detectors.events import EventKind
from detectors.published import AASM, WASM_2016
from detectors.rules.combined import LegMovement
from detectors.rules.scored_movements import apply_rules
from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from detectors.rules.series_criteria import SeriesCriteria

    Row = dict[str, Any]
    Spans = NDArray[np.float64]

LEGS = ("left", "right")
# The published rise above rest, µV: what a movement must reach to be one by the rule.
ONSET_UV = 8.0
LEAST_S = 0.5


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
            held = _spans(row for row in night["truth"] if row["leg"] == leg and row["cause"] in LIKE_A_CRAMP)
            shown = _spans(
                row
                for row in night["found"]
                if row["leg"] == leg and row["kind"] == EventKind.CRAMP and row["tier"] >= 1
            )
            n += len(held)
            marked += int(_overlapping(held, shown).sum())
    return marked, n


def false_cramps(nights: Sequence[Row]) -> Counter[str]:
    """Return what truly happens where a cramp-like event is false, and how often."""
    places: Counter[str] = Counter()
    for night in nights:
        for leg in LEGS:
            found, expected, excused = _lists(night, SHOWN, leg)
            left = found[list(SHOWN.how(found, expected).false)]
            truth = [row for row in night["truth"] if _on(leg)(row) and row["kind"] != EventKind.AWAKENING]
            for span in left[~_overlapping(left, excused)]:
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
    counted = ([row for row in night["found"] if not row.get("in_train")] for night in nights)
    found = [_per_hour(_movements(rows), criteria, night["hours"]) for rows, night in zip(counted, nights, strict=True)]
    true = [_per_hour(_movements(_by_rule(night)), criteria, night["hours"]) for night in nights]
    return Indices(np.array(found), np.array(true))


def peer_indices(nights: Sequence[Row], way: str) -> Indices:
    """Return the same of the peer, which counts by AASM."""
    found = [night["peer"][way]["plmi_per_h"] or 0.0 for night in nights]
    return Indices(np.array(found), plms_indices(nights, AASM).true)


def _counted(night: Row, event_class: EventClass, *, all_truth: bool) -> Tally:
    sides = LEGS if event_class.each_leg else (None,)
    parts = [_side(night, event_class, side, all_truth=all_truth) for side in sides]
    return Tally(
        hits=sum(part.hits for part in parts),
        missed=sum(part.missed for part in parts),
        false=sum(part.false for part in parts),
        neutral=sum(part.neutral for part in parts),
        split=sum(part.split for part in parts),
        merged=sum(part.merged for part in parts),
        onset_errors=tuple(error for part in parts for error in part.onset_errors),
        end_errors=tuple(error for part in parts for error in part.end_errors),
        hours=max(night["valid_h"].values(), default=night["hours"]),
    )


def _side(night: Row, event_class: EventClass, side: str | None, *, all_truth: bool) -> Tally:
    found, expected, excused = _lists(night, event_class, side, all_truth=all_truth)
    return tally(found, expected, event_class.how, neutral=excused, hours=0.0)


def _lists(
    night: Row, event_class: EventClass, side: str | None, *, all_truth: bool = False
) -> tuple[Spans, Spans, Spans]:
    """Return what was found, what ought to have been, and on what a finding counts neither way."""
    here = _on(side)
    found = [row for row in night["found"] if here(row) and _is(row, event_class)]
    truth = [row for row in night["truth"] if here(row)]
    expected = [row for row in truth if _expected(row, event_class, night) and (all_truth or row["clear"])]
    taken = {id(row) for row in expected}
    excused = [row for row in truth if id(row) not in taken and _excuses(row, event_class)]
    spans = (_spans(found), _spans(expected), _spans(excused))
    if event_class.kind is EventKind.POSSIBLE_EPISODE:
        spans = (spans[0], spans[1] + np.array([0.0, EPISODE_S]), spans[2])
    return spans if side is not None else (joined(spans[0]), joined(spans[1]), joined(spans[2]))


def _on(side: str | None) -> Callable[[Row], bool]:
    return lambda row: side is None or row["leg"] in (side, "both")


def _is(row: Row, event_class: EventClass) -> bool:
    return row["kind"] == event_class.kind and row["tier"] >= event_class.least_tier


def _expected(row: Row, event_class: EventClass, night: Row) -> bool:
    """Return whether a true event is of the class, as far as the sensors can know."""
    if event_class.causes:
        return row["cause"] in event_class.causes
    if event_class.kind is EventKind.LEG_MOVEMENT and night["peer"] is None:
        # Without EMG there is a movement only where the leg turns.
        return bool(row["kind"] == event_class.kind and row["angle_deg"] > 0)
    return bool(row["kind"] == event_class.kind and row["cause"] not in event_class.excused_causes)


def _excuses(row: Row, event_class: EventClass) -> bool:
    same = row["kind"] == event_class.kind
    return same or row["kind"] in event_class.excused_kinds or row["cause"] in event_class.excused_causes


def _spans(rows: Iterable[Row]) -> Spans:
    return np.array([(row["onset_s"], row["end_s"]) for row in rows], dtype=np.float64).reshape(-1, 2)


def joined(spans: Spans) -> Spans:
    """Make one of what overlaps or touches; shape (n, 2), by onset."""
    whole: list[list[float]] = []
    for onset_s, end_s in spans[np.argsort(spans[:, 0])].tolist():
        if whole and onset_s <= whole[-1][1]:
            whole[-1][1] = max(whole[-1][1], end_s)
        else:
            whole.append([onset_s, end_s])
    return np.array(whole, dtype=np.float64).reshape(-1, 2)


def _overlapping(spans: Spans, others: Spans) -> NDArray[np.bool_]:
    return ((spans[:, None, 0] < others[None, :, 1]) & (spans[:, None, 1] > others[None, :, 0])).any(axis=1)


def _by_rule(night: Row) -> list[Row]:
    """Return the true movements that reach the published rise; without EMG those that turn the leg."""
    movements = [row for row in night["truth"] if row["kind"] == EventKind.LEG_MOVEMENT]
    if night["peer"] is None:
        return [row for row in movements if row["angle_deg"] > 0]
    noise_uv = night["noise_uv"]
    return [
        row
        for row in movements
        if np.hypot(row["amplitude_uv"], noise_uv[row["leg"]]) - noise_uv[row["leg"]] >= ONSET_UV
    ]


def _movements(rows: Iterable[Row]) -> list[LegMovement]:
    return [
        LegMovement(round(row["onset_s"] * NS_PER_S), round(row["end_s"] * NS_PER_S), Leg(row["leg"]), row["leg"])
        for row in rows
        if row["kind"] == EventKind.LEG_MOVEMENT and row["end_s"] - row["onset_s"] >= LEAST_S
    ]


def _per_hour(movements: Sequence[LegMovement], criteria: SeriesCriteria, hours: float) -> float:
    return sum(movement.plm for movement in apply_rules(movements, criteria).movements) / hours

"""The tables of the simulated nights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.accuracy.conditions import CONDITIONS
from benchmarks.accuracy.evaluation import (
    class_nights,
    false_cramps,
    like_a_cramp,
    peer_indices,
    peer_nights,
    plms_indices,
)
from benchmarks.accuracy.peer import WAYS
from benchmarks.accuracy.text import NOTHING, error, false_rate, sensitivity, share, table
from detectors.evaluate import bland_altman, icc_a1
from detectors.evaluate.classes import CLASSES, MOVEMENT
from detectors.published import AASM

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.accuracy.conditions import Condition
    from benchmarks.accuracy.evaluation import Indices
    from detectors.evaluate import Pooled
    from detectors.evaluate.classes import EventClass

    Row = dict[str, Any]
    Nights = Mapping[str, Sequence[Row]]

MIN_PER_H = 60.0
CLASS_HEAD = (
    "class", "true", "sensitivity", "PPV", "F1", "false per h", "false per night", "onset error", "end error",
    "split, merged",
)  # fmt: skip
MOVEMENT_HEAD = ("nights", "scored by", "sensitivity", "PPV", "F1", "F1, all truth", "false per h", "onset error")
INDEX_HEAD = ("nights", "scored by", "rules", "mean true", "median difference", "largest", "bias (95 % limits)", "ICC")


def by_class(nights: Sequence[Row], condition: Condition) -> str:
    """Return the classes of one condition that were there or were found, and that its sensors can show."""
    rows = []
    for event_class in CLASSES:
        if not _looked_for(event_class, condition):
            continue
        counts = class_nights(nights, event_class)
        if counts.n_true or counts.false:
            rows.append(_class_row(event_class.name, counts))
        if event_class is MOVEMENT:
            every = class_nights(nights, event_class, all_truth=True)
            if every.n_true > counts.n_true:
                rows.append(_class_row(f"{event_class.name}, all truth", every))
    return table(CLASS_HEAD, rows)


def _looked_for(event_class: EventClass, condition: Condition) -> bool:
    if condition.has_emg:
        return condition.emg_fs_hz >= event_class.emg_from_hz
    return event_class.by_acceleration


def movements(nights: Nights) -> str:
    """Return the leg movements of every condition, ours and the peer's side by side."""
    rows = []
    for condition in CONDITIONS:
        there = nights.get(condition.name, ())
        if not there:
            continue
        ours = class_nights(there, MOVEMENT), class_nights(there, MOVEMENT, all_truth=True)
        rows.append(_movement_row(condition.name, "Soleus", *ours))
        if condition.has_emg:
            rows += [
                _movement_row("", way, peer_nights(there, way), peer_nights(there, way, all_truth=True)) for way in WAYS
            ]
    return table(MOVEMENT_HEAD, rows)


def indices(nights: Nights) -> str:
    """Return how far the index of periodic movements is off, night by night."""
    rows = []
    for condition in CONDITIONS:
        there = nights.get(condition.name, ())
        if not there:
            continue
        rows.append(_index_row(condition.name, "Soleus", "WASM 2016", plms_indices(there)))
        if condition.has_emg:
            rows.append(_index_row("", "Soleus", "AASM", plms_indices(there, AASM)))
            rows.append(_index_row("", "psgscoring", "AASM", peer_indices(there, "psgscoring")))
    return table(INDEX_HEAD, rows)


def sleep(nights: Nights) -> str:
    """Return how far the estimated time asleep is from the simulated one."""
    rows = []
    for condition in CONDITIONS:
        there = [row["sleep_h"] for row in nights.get(condition.name, ()) if row["sleep_h"]["est"] is not None]
        if not there:
            continue
        off_min = np.array([(row["est"] - row["true"]) * MIN_PER_H for row in there])
        bias, limits = bland_altman(off_min)
        rows.append(
            (
                condition.name,
                str(len(there)),
                f"{np.mean([row['true'] for row in there]):.2f} h",
                f"{np.median(np.abs(off_min)):.0f} min",
                f"{bias:+.0f} min ({limits.low:+.0f} to {limits.high:+.0f})",
            )
        )
    return table(("nights", "with an estimate", "mean true", "median difference", "bias (95 % limits)"), rows)


def held(nights: Nights) -> str:
    """Return how many held contractions and spasms were marked as cramp-like."""
    rows = []
    for condition in CONDITIONS:
        marked, n = like_a_cramp(nights.get(condition.name, ()))
        if n and condition.has_emg:
            rows.append((condition.name, str(n), str(marked)))
    return table(("nights", "held contractions and spasms", "marked as cramp-like"), rows)


def false_alarms(nights: Nights) -> str:
    """Return what truly happened where a cramp-like event was false."""
    rows = []
    for condition in CONDITIONS:
        places = false_cramps(nights.get(condition.name, ()))
        if condition.has_emg:
            named = ", ".join(f"{n} on {place}" for place, n in places.most_common())
            rows.append((condition.name, str(places.total()), named or NOTHING))
    return table(("nights", "false cramp-like events", "what happened there"), rows)


def _class_row(name: str, counts: Pooled) -> tuple[str, ...]:
    return (
        name,
        str(counts.n_true),
        sensitivity(counts),
        share(counts.ppv, counts.ppv_interval),
        share(counts.f1, counts.f1_interval),
        false_rate(counts),
        f"{counts.false_per_night:.1f}",
        error(counts.onset_error),
        error(counts.end_error),
        f"{counts.split}, {counts.merged}",
    )


def _movement_row(condition: str, scorer: str, clear: Pooled, every: Pooled) -> tuple[str, ...]:
    return (
        condition,
        scorer,
        sensitivity(clear),
        share(clear.ppv, clear.ppv_interval),
        share(clear.f1, clear.f1_interval),
        share(every.f1),
        false_rate(clear),
        error(clear.onset_error),
    )


def _index_row(condition: str, scorer: str, rules: str, index: Indices) -> tuple[str, ...]:
    bias, limits = bland_altman(index.differences)
    agreement = icc_a1(np.column_stack([index.found, index.true]))
    return (
        condition,
        scorer,
        rules,
        f"{index.true.mean():.1f}/h",
        f"{np.median(np.abs(index.differences)):.1f}/h",
        f"{np.abs(index.differences).max():.1f}/h",
        f"{bias:+.1f}/h ({limits.low:+.1f} to {limits.high:+.1f})",
        NOTHING if np.isnan(agreement) else f"{agreement:.3f}",
    )

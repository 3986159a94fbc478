"""A label store over a folder, and what raters do on it."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from dashboards.labelling import Act, ActWay, Label
from detectors.signal import NS_PER_S
from soleus.labels.ledger import FILE, Placed
from soleus.labels.store import LabelStore

if TYPE_CHECKING:
    from pathlib import Path

    from soleus.labels.store import Scorers

START_NS = 1_767_306_600_123_000_000
"""2026-01-01 22:30:00.123 UTC."""
NIGHT = "night"
PLACED = Placed(START_NS, 28_800.0, 3600)
RECORDINGS = {NIGHT: PLACED, "other": Placed(START_NS + 86_400 * NS_PER_S, 3600.0)}


def desk(folder: Path, scorers: Scorers | None = None) -> LabelStore:
    """Return the store in a folder, as a server that starts anew opens it."""
    ticks = count(START_NS)
    more = {} if scorers is None else {"scorers": scorers}
    return LabelStore(folder / FILE, RECORDINGS.__getitem__, **more, now_ns=lambda: next(ticks))


def label(key: str, onset_s: float, end_s: float, kind: str = "leg_movement", leg: str = "left") -> Label:
    """Return a mark."""
    return Label(key, kind, leg, onset_s, end_s)


def adds(key: str, mark: Label) -> Act:
    """Return the act that adds a mark."""
    return Act(key, ActWay.ADD, mark)


def mark_all(store: LabelStore, rater: str, marks: list[Label]) -> None:
    """Let a rater add marks."""
    for number, mark in enumerate(marks):
        store.act(NIGHT, rater, adds(f"{rater} {number}", mark))

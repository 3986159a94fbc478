"""What a rater did, one act after another, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from dashboards.labelling import Label, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterable

MS_PER_S: Final = 1000
_S_PER_MIN: Final = 60
_NO_LABEL: Final = Label("", "", "", 0.0, 0.0)


class Way(StrEnum):
    """What is kept of a rater: what is done to a label, and what is done to the whole sheet."""

    ADD = "add"
    CHANGE = "change"
    DELETE = "delete"
    UNDO = "undo"
    REDO = "redo"
    BLIND = "blind"
    OPEN = "open"
    LOOK = "look"
    """The rater saw what others marked."""
    FINISH = "finish"
    RESUME = "resume"


MARKING: Final = frozenset({Way.ADD, Way.CHANGE, Way.DELETE})
SCORING: Final = frozenset({Way.BLIND, Way.OPEN, Way.FINISH, Way.RESUME})
"""What says how a rater scores, and changes no mark."""
_CHANGING: Final = MARKING | {Way.UNDO, Way.REDO}


class Done(NamedTuple):
    """An act as it is kept; `label` counts only where a label is meant."""

    key: str
    way: Way
    label: Label = _NO_LABEL


@dataclass(slots=True)
class _Desk:
    """What the acts so far come to."""

    done: list[Done] = field(default_factory=list)
    undone: list[Done] = field(default_factory=list)
    n_acts: int = 0
    blind: bool = False
    saw: bool = False
    finished: bool = False
    ended: bool = False

    def take(self, act: Done) -> None:
        self.n_acts += 1
        if act.way in MARKING:
            self.done.append(act)
            self.undone.clear()
        elif act.way is Way.UNDO and self.done:
            self.undone.append(self.done.pop())
        elif act.way is Way.REDO and self.undone:
            self.done.append(self.undone.pop())
        elif act.way in {Way.BLIND, Way.OPEN}:
            self.blind = act.way is Way.BLIND
        elif act.way in {Way.FINISH, Way.RESUME}:
            self.finished = act.way is Way.FINISH
            self.ended |= self.finished
        # Whatever is done while the others are in sight is not done blind; a rater who has finished may see them.
        self.saw |= (not self.blind and act.way is not Way.BLIND) or (self.ended and act.way in _CHANGING)


def sheet_of(acts: Iterable[Done]) -> Sheet:
    """Return what a rater has marked.

    Parameters
    ----------
    acts : iterable of Done
        All acts of the rater in the recording, in the order in which they were kept.

    Returns
    -------
    Sheet
        A label that is changed after it was deleted on another page is there again; one that is deleted twice is gone.
        Nothing is left to be done again once something else is marked.

    Examples
    --------
    >>> mark = Label("a", "cramp", "left", 1.0, 9.5)
    >>> sheet = sheet_of([Done("1", Way.BLIND), Done("2", Way.ADD, mark), Done("3", Way.UNDO)])
    >>> sheet.labels, sheet.n_acts, sheet.redoable, sheet.blind, sheet.was_open
    ((), 3, 'add cramp at 0:00:01', True, False)
    """
    desk = _Desk()
    for act in acts:
        desk.take(act)
    labels: dict[str, Label] = {}
    for act in desk.done:
        if act.way is Way.DELETE:
            labels.pop(act.label.key, None)
        else:
            labels[act.label.key] = act.label
    return Sheet(
        tuple(sorted(labels.values(), key=lambda label: (label.onset_s, label.end_s, label.leg, label.kind))),
        desk.n_acts,
        _words(desk.done),
        _words(desk.undone),
        blind=desk.blind,
        was_open=desk.saw or not desk.blind,
        finished=desk.finished,
    )


def _words(acts: list[Done]) -> str:
    """Return the last act in a few words."""
    if not acts:
        return ""
    _, way, label = acts[-1]
    minutes, seconds = divmod(int(label.onset_s), _S_PER_MIN)
    hours, minutes = divmod(minutes, _S_PER_MIN)
    return f"{way} {label.kind.replace('_', ' ') or 'mark'} at {hours}:{minutes:02}:{seconds:02}"

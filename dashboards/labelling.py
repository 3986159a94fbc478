"""What the page *Label* asks: the marks of raters, one act after another, and how raters agree.

Every act is kept as soon as it is done, so that nothing is lost with a page, and taking it back is an act as well. All
times count in seconds from the start of a recording and are whole milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

NOTHING = "nothing"
"""The kind of a label that says: looked at, and there is none."""


class BlindError(Exception):
    """A rater who scores blind asks for what others marked; the message is one line."""


class Label(NamedTuple):
    """A mark ``[onset_s, end_s)`` of a rater.

    `key` is made by the page and never used twice; `kind` is a value of `EventKind` that people score, or `NOTHING`;
    `leg` is ``left``, ``right`` or ``both``.
    """

    key: str
    kind: str
    leg: str
    onset_s: float
    end_s: float


class ActWay(StrEnum):
    """What is done to a label."""

    ADD = "add"
    CHANGE = "change"
    DELETE = "delete"


class Act(NamedTuple):
    """What a rater does; `key` is made by the page, and an act that comes twice is done once.

    `label` is what the label is from now on; of one that is deleted what it was, of which only the key counts.
    """

    key: str
    way: ActWay
    label: Label


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a rater has marked in a recording.

    Parameters
    ----------
    labels : tuple of Label
        By onset.
    n_acts : int
        How many acts there were, those that were taken back included; grows with each, so that two pages of the same
        rater can tell which one is newer.
    undoable, redoable : str
        What would be taken back or done again, in a few words; empty where there is nothing.
    blind : bool
        Whether the rater sees nothing of what others, or the detectors, marked.
    was_open : bool
        Whether he ever could: marks that were made after it were not made blind. A blind rater who has finished may
        see the others elsewhere, so that it is so from the first mark that changes after that.
    finished : bool
        Whether the rater says that the whole recording is scored.
    """

    labels: tuple[Label, ...]
    n_acts: int = 0
    undoable: str = ""
    redoable: str = ""
    blind: bool = False
    was_open: bool = True
    finished: bool = False


class RaterCard(NamedTuple):
    """Who has marked something in a recording, and how much."""

    rater: str
    n_labels: int
    blind: bool
    finished: bool


class Agreement(NamedTuple):
    """How two raters agree on one class; None where it cannot be said. Intervals need several recordings."""

    kind: str
    n_one: int
    n_other: int
    n_both: int
    f1: float | None
    kappa: float | None
    onset_off_s: float | None


class LabelBook(Protocol):
    """The marks of raters; methods block and may be called from several threads.

    A name of a recording that there is not raises KeyError; a rater's name that is none, or a label that lies outside
    of the recording or is no label, ValueError with one line. Where the marks are damaged, or cannot be kept now, it is
    :class:`dashboards.unavailable.UnreadableLabelsError`.
    """

    def kinds(self) -> Sequence[str]:
        """Return the kinds that people score, in the order of their keys on the page."""
        ...

    def raters(self, recording: str) -> Sequence[RaterCard]:
        """Return who marked something in a recording, by name."""
        ...

    def blind_raters(self, recordings: Collection[str]) -> Mapping[str, Sequence[str]]:
        """Return who scores some recordings blind and has not finished, by recording; none where nobody does."""
        ...

    def sheet(self, recording: str, rater: str) -> Sheet:
        """Return what a rater has marked; nothing of a rater who has not begun."""
        ...

    def act(self, recording: str, rater: str, act: Act) -> Sheet:
        """Keep what a rater did, on the disk before this returns."""
        ...

    def undo(self, recording: str, rater: str, key: str) -> Sheet:
        """Take back the rater's last act that was not taken back; `key` as in :class:`Act`."""
        ...

    def redo(self, recording: str, rater: str, key: str) -> Sheet:
        """Do again what was taken back last, unless something else was done since."""
        ...

    def set_blind(self, recording: str, rater: str, *, blind: bool) -> Sheet:
        """Let a rater score blind, or see the others from now on."""
        ...

    def finish(self, recording: str, rater: str, *, finished: bool) -> Sheet:
        """Keep that a rater has scored the whole recording, or not yet."""
        ...

    def others(self, recording: str, rater: str) -> Mapping[str, Sequence[Label]]:
        """Return what all other raters and scorers marked, by name; BlindError for a rater who scores blind."""
        ...

    def agreement(self, recording: str, rater: str, other: str) -> Sequence[Agreement]:
        """Return how two agree, by class; BlindError for a rater who scores blind."""
        ...

    def exported(self, recording: str, rater: str, form: str) -> bytes:
        """Return a rater's marks as ``tsv``, or as ``edf`` with annotations alone; ValueError for another form."""
        ...

    def imported(self, recording: str, rater: str, name: str, content: bytes) -> Sheet:
        """Add the marks of a file to a rater's, one act each; ValueError, one line, if it cannot be read."""
        ...

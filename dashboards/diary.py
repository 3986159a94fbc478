"""The diary as pages know it: what was written, what it said before, and what somebody enters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ingest.schema import DIARY_KINDS, DIARY_NUMBERS, DIARY_WORD_CHOICES, DIARY_WORDS, check_diary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KINDS = DIARY_KINDS
"""Kinds of entries that a page asks for: what each is of, its numbers and its words (``ingest/diary_kinds.py``)."""
NUMBERS = DIARY_NUMBERS
"""Lowest and highest value of each number."""
CHOICES = DIARY_WORD_CHOICES
"""Words that are one of a few, by name."""
WORDS = DIARY_WORDS
"""Names of all words that the diary knows."""


@dataclass(frozen=True, slots=True)
class PastEntry:
    """What an entry said before it was changed.

    Parameters
    ----------
    time_ns : int
        UTC, ns.
    kind, text : str
        As in :class:`DiaryEntry`.
    values : mapping of str to float
        Numbers with their unit in the key.
    words : mapping of str to str
        Text by name.
    changed_ns : int
        When it ceased to say so, UTC ns.
    """

    time_ns: int
    kind: str
    text: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    changed_ns: int = 0


@dataclass(frozen=True, slots=True)
class DiaryEntry:
    """What a person wrote, or a button said.

    Parameters
    ----------
    time_ns : int
        UTC, ns.
    kind : str
        ``note``, ``cramp``, ``remedy``, ... or ``marker``.
    text : str
        In the person's words; may be empty.
    values : mapping of str to float
        Numbers with their unit in the key.
    words : mapping of str to str
        Text by name: ``leg``, ``muscle``, ``helped``, ``name``, ``tags``.
    key : str
        What it is called when it is changed; it stays the same whatever is changed. Empty of a marker, which lies in
        the log of its night and is not changed.
    history : tuple of PastEntry
        What it said before, newest last; at most 50.
    """

    time_ns: int
    kind: str
    text: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    history: tuple[PastEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody enters.

    Parameters
    ----------
    kind : str
        One of :data:`KINDS`, or another word of lower case letters, digits and ``_``.
    time_ns : int or None
        When it was, UTC ns; None for now, or, where an entry is changed, for the time that it has.
    text : str
        In the person's words.
    values : mapping of str to float
        Numbers with their unit in the key.
    words : mapping of str to str
        Text by name; an empty one is left out.

    Raises
    ------
    ValueError
        If it cannot be an entry: what, got and expected in one line.

    Examples
    --------
    >>> Written("cramp", None, values={"pain_0_10": 12})
    Traceback (most recent call last):
    ValueError: values.pain_0_10 is 12, expected 0 to 10
    """

    kind: str
    time_ns: int | None
    text: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_diary(self.kind, self.time_ns, self.text, dict(self.values), dict(self.words))


class DiaryBook(Protocol):
    """The diary of one person, whatever nights there are. Methods block and may be called from several threads."""

    def diary_between(self, onset_ns: int, end_ns: int) -> Sequence[DiaryEntry]:
        """Return what was written of ``[onset_ns, end_ns)``, UTC ns, and the markers in it, by time."""
        ...

    def write(self, entry: Written) -> DiaryEntry:
        """Keep what somebody entered, and return it as it is kept.

        Raises
        ------
        ValueError
            If its time lies more than a day ahead.
        """
        ...

    def amend(self, key: str, entry: Written) -> DiaryEntry:
        """Let an entry say something else; what it said before becomes the last of its history.

        Raises
        ------
        KeyError
            If there is no such entry, or it was struck.
        ValueError
            If its time lies more than a day ahead.
        """
        ...

    def strike(self, key: str) -> None:
        """Take an entry back; the journal keeps what it said.

        Raises
        ------
        KeyError
            If there is no such entry, or it was struck before.
        """
        ...

"""An entry that a button sends: kept once, under the time of the press, however often it comes."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from dashboards.web.tonight_press import MOST_NAMES, TWICE_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.diary import DiaryBook, DiaryEntry, Written


class DiaryPresses:
    """What keeps entries, each once.

    Parameters
    ----------
    book : DiaryBook
        Where they are kept.
    now_s : callable
        Returns a time that never goes back, s.
    """

    def __init__(self, book: DiaryBook, *, now_s: Callable[[], float] = time.monotonic) -> None:
        self._book = book
        self._now_s = now_s
        self._one_at_a_time = threading.Lock()
        self._kept: OrderedDict[str, DiaryEntry] = OrderedDict()
        self._last: tuple[float, Written, DiaryEntry] | None = None

    def keep(self, entry: Written, name: str = "") -> DiaryEntry:
        """Keep an entry that is not kept yet.

        Parameters
        ----------
        entry : Written
            The entry.
        name : str
            What the page calls the press, so that it is kept once; without one, the same entry of no stated time within
            5 s is the same press.

        Returns
        -------
        DiaryEntry
            As it is kept.

        Raises
        ------
        ValueError
            If it cannot be kept.
        """
        with self._one_at_a_time:
            if name:
                return self._named(entry, name)
            if entry.time_ns is not None:
                return self._book.write(entry)
            return self._now(entry)

    def _named(self, entry: Written, name: str) -> DiaryEntry:
        if name not in self._kept:
            self._kept[name] = self._book.write(entry)
            if len(self._kept) > MOST_NAMES:
                self._kept.popitem(last=False)
        return self._kept[name]

    def _now(self, entry: Written) -> DiaryEntry:
        now_s = self._now_s()
        if self._last is not None and now_s - self._last[0] < TWICE_S and self._last[1] == entry:
            return self._last[2]
        kept = self._book.write(entry)
        self._last = now_s, entry, kept
        return kept

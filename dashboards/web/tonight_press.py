"""A press of the button "Cramp now": kept once, of the moment when it was pressed, however late it arrives."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.book import NightBook

CRAMP = "cramp"
"""A label, and a kind of entry of the diary: Weeks counts both."""
PRESSED = "pressed on the page Tonight"
LONGEST_MARK_AGE_S = 3_500.0
"""A marker finds its place in a running night up to an hour later, less what it takes to get there."""
LONGEST_AGE_S = 86_400.0
LONGEST_NAME = 64
MOST_NAMES = 256
"""Presses that are remembered: a browser sends one again for as long as it has not heard that it was kept."""
TWICE_S = 5.0
"""A button that is pressed again this soon was meant once."""
EXPECTED = (
    f'expected {{"label": "text", "age_s": seconds since it was pressed, at most {LONGEST_AGE_S:g}, '
    f'"press": "a name of up to {LONGEST_NAME} characters"}}'
)


@dataclass(frozen=True, slots=True)
class Press:
    """One press.

    Parameters
    ----------
    label : str
        What happened.
    age_s : float
        How long ago it was pressed, s.
    name : str
        What the page calls it, so that it is kept once however often it is sent; empty if it is sent once.
    """

    label: str
    age_s: float = 0.0
    name: str = ""


def read_press(body: bytes) -> Press:
    """Return the press that a page sends as JSON.

    Parameters
    ----------
    body : bytes
        ``{"label": "...", "age_s": 0.0, "press": "..."}``; each may be left out.

    Returns
    -------
    Press
        The press.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> read_press(b'{"label": "cramp", "age_s": 2.5}')
    Press(label='cramp', age_s=2.5, name='')
    """
    try:
        stored = json.loads(body)
    except (ValueError, RecursionError):
        stored = None
    if not isinstance(stored, dict):
        raise ValueError(EXPECTED)  # noqa: TRY004 - what a page sent is a value that is wrong, not a call
    label, age_s, name = stored.get("label", ""), stored.get("age_s", 0.0), stored.get("press", "")
    is_age = isinstance(age_s, int | float) and not isinstance(age_s, bool) and 0 <= age_s <= LONGEST_AGE_S
    if not (isinstance(label, str) and is_age and isinstance(name, str) and len(name) <= LONGEST_NAME):
        raise ValueError(EXPECTED)
    return Press(label, float(age_s), name)


class Presses:
    """What keeps presses, each once.

    Parameters
    ----------
    book : NightBook
        Where they are kept.
    now_s : callable
        Returns a time that never goes back, s.
    """

    def __init__(self, book: NightBook, *, now_s: Callable[[], float] = time.monotonic) -> None:
        self._book = book
        self._now_s = now_s
        self._one_at_a_time = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._pressed_at_s: dict[str, float] = {}

    def keep(self, night_id: str, press: Press) -> None:
        """Keep a press that is not kept yet.

        Parameters
        ----------
        night_id : str
            Which night.
        press : Press
            The press.

        Raises
        ------
        KeyError
            If there is no night of this name.
        ValueError
            If the night is over, and it is a press of this moment that has no name: its sender can do without.
        """
        with self._one_at_a_time:
            if (night_id, press.name) in self._kept:
                return
            self._keep(night_id, press, always=bool(press.name or press.age_s))
            if press.name:
                self._kept[night_id, press.name] = None
                if len(self._kept) > MOST_NAMES:
                    self._kept.popitem(last=False)

    def keep_cramp(self, night_id: str) -> None:
        """Keep a press of the plain form of the page, and one within 5 s of it as the same.

        Parameters
        ----------
        night_id : str
            Which night.

        Raises
        ------
        KeyError
            If there is no night of this name.
        ValueError
            If the night was over more than a day ago.
        """
        with self._one_at_a_time:
            now_s = self._now_s()
            if now_s - self._pressed_at_s.get(night_id, -TWICE_S) < TWICE_S:
                return
            self._keep(night_id, Press(CRAMP), always=True)
            # Only one night runs at a time.
            self._pressed_at_s = {night_id: now_s}

    def _keep(self, night_id: str, press: Press, *, always: bool) -> None:
        """Mark the moment; one that comes too late for a marker is kept in the diary, under its time."""
        if press.age_s <= LONGEST_MARK_AGE_S:
            try:
                self._book.mark(night_id, press.label, age_s=press.age_s)
            except ValueError:
                if not always:
                    raise
            else:
                return
        then_ns = time.time_ns() - round(press.age_s * NS_PER_S)
        if press.label.strip().casefold() == CRAMP:
            self._book.note(night_id, PRESSED, then_ns, kind=CRAMP)
        else:
            self._book.note(night_id, f"{press.label or 'marker'}, {PRESSED}", then_ns)

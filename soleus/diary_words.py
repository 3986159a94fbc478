"""The diary as lines of text: what an entry says, and the few letters by which a person names it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from ingest.diary_kinds import TAGS, WOKE
from soleus.entered_time import shown_time
from soleus.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.diary import DiaryEntry, PastEntry

OPTIONS = {
    "minutes": "--minutes",
    "pain_0_10": "--pain",
    "intensity_0_10": "--intensity",
    "rested_0_10": "--rested",
    "sleep_quality": "--quality",
    WOKE: "--woke",
    "amount_ml": "--amount-ml",
    "amount_mg": "--amount-mg",
    "units": "--units",
    "dose_mg": "--dose-mg",
    "duration_h": "--duration-h",
    "leg": "--leg",
    "muscle": "--muscle",
    "phase": "--phase",
    "helped": "--helped",
    "name": "--name",
    TAGS: "--tags",
}
"""How each number and word is called on the command line."""
_UNITS = {"_0_10": " of 10", "minutes": " min", "_ml": " ml", "_mg": " mg", "_h": " h", "units": " units"}
_DAY_LETTERS = 16
LEAST_LETTERS = 4
_BYTES = 4


def short_name(key: str) -> str:
    """Return eight letters that stand for the key of an entry.

    Examples
    --------
    >>> short_name('["diary", "p1", "2026-11-20", "cramp", 5]')
    '481314d6'
    """
    return hashlib.blake2s(key.encode(), digest_size=_BYTES).hexdigest() if key else ""


def entry_named(name: str, entries: Sequence[DiaryEntry], now_ns: int) -> DiaryEntry:
    """Return the entry that a person names.

    Parameters
    ----------
    name : str
        Its short name or the beginning of it, its key, or ``last``: the latest that is not planned for later.
    entries : sequence of DiaryEntry
        All that there are, by time.
    now_ns : int
        What time it is, UTC ns.

    Raises
    ------
    ConfigError
        If there is none, or several begin so.
    """
    own = [entry for entry in entries if entry.key]
    past = [entry for entry in own if entry.time_ns <= now_ns]
    if name == "last" and past:
        return past[-1]
    begins = name.lower() if len(name) >= LEAST_LETTERS else None
    found = [entry for entry in own if entry.key == name or (begins and short_name(entry.key).startswith(begins))]
    if len(found) == 1:
        return found[0]
    listed = f"{len(found)} entries begin so" if found else "no entry is called so"
    msg = f"{name!r}: {listed}, expected the id that `soleus diary list` shows, or last"
    raise ConfigError(msg)


def said_text(entry: DiaryEntry | PastEntry) -> str:
    """Return what an entry says in one line.

    Examples
    --------
    >>> from dashboards.diary import DiaryEntry
    >>> said_text(DiaryEntry(0, "cramp", "stood up", {"minutes": 3.0, "pain_0_10": 7.0}, {"leg": "left"}))
    'left, 3 min, pain 7 of 10; stood up'
    """
    words = [f"{name} {word}" if name == "helped" else word for name, word in entry.words.items() if name != TAGS]
    numbers = [_number_text(name, value) for name, value in entry.values.items()]
    tags = " ".join(f"#{tag}" for tag in entry.words.get(TAGS, "").split())
    return "; ".join(part for part in (", ".join([*words, *numbers]), entry.text, tags) if part)


def _number_text(name: str, value: float) -> str:
    if name == WOKE:
        return "woke" if value else "did not wake"
    if name == "sleep_quality":
        return f"slept {value:g} of 5"
    ending = next((ending for ending in _UNITS if name.endswith(ending)), "")
    what = name.removesuffix(ending).replace("_", " ") if ending.startswith("_") else ""
    label = "" if what in {"", "dose", "amount"} else f"{what} "
    return f"{label}{value:g}{_UNITS[ending]}" if ending else f"{name} {value:g}"


def line_of(entry: DiaryEntry) -> str:
    """Return an entry as one line: when, its kind, what it says, its short name."""
    said = said_text(entry)
    named = f"  ({short_name(entry.key)})" if entry.key else ""
    return f"{shown_time(entry.time_ns)[:_DAY_LETTERS]}  {entry.kind}{': ' if said else ''}{said}{named}"


def entry_json(entry: DiaryEntry) -> dict[str, Any]:
    """Return an entry as plain values, its history with it."""
    history = [{**_state(past), "changed_ns": past.changed_ns} for past in entry.history]
    return {"id": short_name(entry.key), "key": entry.key, **_state(entry), "history": history}


def _state(said: DiaryEntry | PastEntry) -> dict[str, Any]:
    return {
        "time": shown_time(said.time_ns),
        "time_ns": said.time_ns,
        "kind": said.kind,
        "text": said.text,
        "values": dict(said.values),
        "words": dict(said.words),
    }

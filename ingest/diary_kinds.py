"""The words of the diary: what people write down of a night and of what they tried, and which numbers go with it.

``docs/diary.md`` has the same as a table. Every number has its unit in its name.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.unquoted import unquoted

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""What a kind, and a name in values and words, may look like."""
MARKER = "marker"
"""What a button's mark is called where it stands beside the diary; nobody writes one."""
MOST_TEXT = 1000
"""Characters: a paragraph."""
MOST_VALUES = 16
MOST_WORDS = 8
MOST_WORD = 200
"""Characters of one word; several tags have blanks between them."""
TAGS = "tags"
"""Words of the person's own, with blanks between them; every kind may have them."""
WOKE = "woke"
"""Whether it woke the person, 0 or 1."""
_DAY_MIN = 24 * 60.0
# Ten years: what is written down for longer is a mistake.
_LONGEST_H = 10 * 366 * 24.0
_HIGHEST_INT64 = 2**63 - 1
_LARGEST = sys.float_info.max


@dataclass(frozen=True, slots=True)
class Bounds:
    """Lowest and highest value of a number, both included."""

    lowest: float
    highest: float


NUMBERS: Mapping[str, Bounds] = {
    "minutes": Bounds(0.0, _DAY_MIN),
    "pain_0_10": Bounds(0.0, 10.0),
    "intensity_0_10": Bounds(0.0, 10.0),
    "rested_0_10": Bounds(0.0, 10.0),
    "sleep_quality": Bounds(1.0, 5.0),
    WOKE: Bounds(0.0, 1.0),
    "amount_ml": Bounds(0.0, 20_000.0),
    "amount_mg": Bounds(0.0, 10_000.0),
    "units": Bounds(0.0, 100.0),
    "dose_mg": Bounds(0.0, 100_000.0),
    "duration_h": Bounds(0.0, _LONGEST_H),
}
"""Numbers that the diary knows; outside of these bounds one is a slip of the finger. Others may come over MQTT."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    "leg": ("left", "right", "both"),
    "muscle": ("calf", "foot", "thigh", "shin", "hamstring", "other"),
    "phase": ("on", "off", "washout"),
}
"""Words that are one of a few."""

WORDS = (*CHOICES, "helped", "name", TAGS)
"""Words that the diary knows; others may come over MQTT, and stay out of the database."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of entry is of, and the numbers and words that go with it.

    Parameters
    ----------
    says : str
        What it is, in a few words.
    values : tuple of str
        Its numbers, keys of :data:`NUMBERS`.
    words : tuple of str
        Its words beside :data:`TAGS`, out of :data:`WORDS`.
    """

    says: str
    values: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


KINDS: Mapping[str, Kind] = {
    "cramp": Kind("a cramp that was felt", ("minutes", "pain_0_10", WOKE), ("leg", "muscle", "helped")),
    "urge": Kind("an urge to move the legs", ("intensity_0_10", "minutes"), ("leg",)),
    "morning": Kind("how the night was, in the morning", ("sleep_quality", "rested_0_10")),
    "soreness": Kind("sore muscles", ("intensity_0_10",), ("leg", "muscle")),
    "drink": Kind("something to drink", ("amount_ml",), ("name",)),
    "caffeine": Kind("coffee, tea, cola", ("amount_mg",), ("name",)),
    "alcohol": Kind("alcohol", ("units",), ("name",)),
    "exercise": Kind("exercise", ("minutes", "intensity_0_10"), ("name",)),
    "medicine": Kind("a medicine that was taken", ("dose_mg", "duration_h"), ("name",)),
    "dose_change": Kind("another dose from now on", ("dose_mg",), ("name",)),
    "remedy": Kind("a remedy, once or for some time", ("dose_mg", "duration_h"), ("name",)),
    "remedy_on": Kind("a remedy begins", ("dose_mg",), ("name",)),
    "remedy_off": Kind("a remedy ends", (), ("name",)),
    "period": Kind("a named period of a comparison or a plan", ("duration_h",), ("name", "phase")),
    "note": Kind("anything else, in words"),
    "tag": Kind("tags alone"),
}
"""The kinds that Soleus asks for. Others that look like one (:data:`NAME`) may come over MQTT and are kept."""


def check_kind(kind: object) -> str:
    """Return `kind` if it can be one.

    Raises
    ------
    ValueError
        If it cannot.
    """
    if not isinstance(kind, str) or not NAME.fullmatch(kind) or kind == MARKER:
        msg = f"kind is {unquoted(kind)}, expected a word of lower case letters, digits and '_', and not 'marker'"
        raise ValueError(msg)
    return kind


def check_time(time_ns: object) -> int | None:
    """Return `time_ns` if it can be an instant, or None.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if time_ns is None:
        return None
    if not isinstance(time_ns, int) or isinstance(time_ns, bool) or not 0 <= time_ns <= _HIGHEST_INT64:
        msg = f"time_ns is {unquoted(time_ns)}, expected nanoseconds of UTC as a whole number"
        raise ValueError(msg)
    return time_ns


def check_text(text: object) -> str:
    """Return a text on one line, without what cannot be read.

    Raises
    ------
    ValueError
        If it is none, or too long.
    """
    if not isinstance(text, str) or len(text) > MOST_TEXT:
        msg = f"text is {unquoted(text)}, expected at most {MOST_TEXT} characters"
        raise ValueError(msg)
    return _legible(text)


def check_values(values: object) -> dict[str, float]:
    """Return numbers by name.

    Raises
    ------
    ValueError
        If there are too many, one is no finite number, or one that the diary knows is out of its bounds.
    """
    if not isinstance(values, dict) or len(values) > MOST_VALUES:
        msg = f"values is {unquoted(values)}, expected an object with at most {MOST_VALUES} numbers"
        raise ValueError(msg)
    return {_named("values", name): _number(name, value) for name, value in values.items()}


def check_words(words: object) -> dict[str, str]:
    """Return words by name; an empty one is left out.

    Raises
    ------
    ValueError
        If there are too many, one is too long, or one that must be one of a few is none of them.
    """
    if not isinstance(words, dict) or len(words) > MOST_WORDS:
        msg = f"words is {unquoted(words)}, expected an object with at most {MOST_WORDS} texts"
        raise ValueError(msg)
    found = {_named("words", name): _word(name, word) for name, word in words.items()}
    return {name: word for name, word in found.items() if word}


def check_entry(kind: object, time_ns: object, text: object, values: object, words: object) -> None:
    """Refuse what cannot be an entry that a person writes.

    Raises
    ------
    ValueError
        If one of its parts cannot be, or it says nothing.
    """
    named = check_kind(kind)
    check_time(time_ns)
    said = (check_text(text), check_values(values), check_words(words))
    if named in _SAID and not any(said):
        msg = f"a {named} is empty, expected words"
        raise ValueError(msg)


def check_known(kind: str, values: Mapping[str, object], words: Mapping[str, object]) -> None:
    """Refuse what somebody would only write by a slip: a kind, a number or a word that the diary does not know.

    Raises
    ------
    ValueError
        If the kind is unknown, or has no such number or word.
    """
    known = KINDS.get(kind)
    if known is None:
        msg = f"kind is {unquoted(kind)}, expected one of: {', '.join(KINDS)}"
        raise ValueError(msg)
    allowed = {*known.values, *known.words, TAGS}
    for name in (*values, *words):
        if name not in allowed:
            listed = ", ".join((*known.values, *known.words, TAGS))
            msg = f"{kind} has no {name}, expected of: {listed}"
            raise ValueError(msg)


def _named(where: str, name: object) -> str:
    # What a point of the database or an entry of the journal is made of cannot name a number or a word, too.
    known = WORDS if where == "words" else ()
    if not isinstance(name, str) or not NAME.fullmatch(name) or (name in _TAKEN and name not in known):
        msg = f"a name in {where} is {unquoted(name)}, expected lower case letters, digits and '_', with its unit"
        raise ValueError(msg)
    return name


def _number(name: str, value: object) -> float:
    # A whole number of JSON may have more digits than a float holds.
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= _LARGEST:
        msg = f"values.{name} is {unquoted(value)}, expected a number"
        raise ValueError(msg)
    bounds = NUMBERS.get(name)
    if bounds is not None and not bounds.lowest <= value <= bounds.highest:
        msg = f"values.{name} is {value:g}, expected {bounds.lowest:g} to {bounds.highest:g}"
        raise ValueError(msg)
    return float(value)


def _word(name: str, word: object) -> str:
    if not isinstance(word, str) or len(word) > MOST_WORD:
        msg = f"words.{name} is {unquoted(word)}, expected at most {MOST_WORD} characters"
        raise ValueError(msg)
    legible = _legible(word)
    if legible and legible not in CHOICES.get(name, (legible,)):
        msg = f"words.{name} is {unquoted(word)}, expected one of: {', '.join(CHOICES[name])}"
        raise ValueError(msg)
    return legible


def _legible(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


# These are nothing without words; of a cramp it is enough to know when.
_SAID = frozenset({"note", "tag"})
_TAKEN = frozenset({"time", "site", "person", "kind", "sensor", "text", "end_ms", "revision", "valid", *WORDS})

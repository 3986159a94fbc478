"""The form of an entry: its fields by kind, what they hold, and the entry that a filled one means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from dashboards.diary import CHOICES, KINDS, NUMBERS, Written
from dashboards.web.diary_words import H_PER_DAY, title_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dashboards.diary import DiaryEntry
    from dashboards.web.diary_times import LocalClock

TAGS = "tags"
VALUE, WORD, DAYS = "v.", "w.", "d."
"""How a field is named in the form: a number, a word, and a number of hours that is asked for in days."""
_DURATION = "duration_h"
_MOST_STEPS = 10
_TITLES = {
    "minutes": "How long, minutes",
    "pain_0_10": "Pain, 0 to 10",
    "intensity_0_10": "Strength, 0 to 10",
    "rested_0_10": "How rested, 0 to 10",
    "sleep_quality": "How you slept, 1 badly to 5 well",
    "woke": "Did it wake you?",
    "amount_ml": "How much, ml",
    "amount_mg": "How much caffeine, mg",
    "units": "Units",
    "dose_mg": "Dose, mg",
    _DURATION: "For how long, days",
    "leg": "Leg",
    "muscle": "Muscle",
    "phase": "On or off",
    "helped": "What helped",
    "name": "What",
    TAGS: "Tags, with blanks between",
}
_CHOICE_TEXTS = {
    "both": "both legs",
    "other": "another one",
    "washout": "wash-out",
    "left": "left leg",
    "right": "right leg",
}
_FIELD = re.compile(r"^(?:values|words)\.(\w+)")
_YES_NO = (("1", "yes"), ("0", "no"))


class Shape(StrEnum):
    """What a field looks like."""

    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class FormField:
    """One field.

    Parameters
    ----------
    name : str
        What the form sends it as.
    title : str
        What the person is asked.
    shape : Shape
        What it looks like.
    value : str
        What it holds.
    choices : tuple of pair of str
        Of a choice what is sent and what is read; nothing said is none of them.
    lowest, highest : str
        Of a number.
    """

    name: str
    title: str
    shape: Shape
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    lowest: str = ""
    highest: str = ""


class Form(NamedTuple):
    """A form, empty or filled.

    Parameters
    ----------
    kind : str
        Which kind of entry it is for.
    fields : tuple of FormField
        Its own fields; time and text every form has.
    time : str
        The time, as the field holds it; empty for now.
    text : str
        The person's words.
    """

    kind: str
    fields: tuple[FormField, ...]
    time: str = ""
    text: str = ""

    @property
    def title(self) -> str:
        """What the kind is called."""
        return title_of(self.kind)


def empty_form(kind: str, time: str = "") -> Form:
    """Return the form of one of :data:`dashboards.diary.KINDS`.

    Examples
    --------
    >>> [field.name for field in empty_form("cramp").fields]
    ['w.leg', 'w.muscle', 'v.minutes', 'v.pain_0_10', 'v.woke', 'w.helped', 'w.tags']
    """
    return Form(kind, tuple(_fields(kind, {}, {})), time)


def filled_form(entry: DiaryEntry, clock: LocalClock) -> Form:
    """Return the form of an entry: the fields of its kind, and one for whatever else it says."""
    return Form(
        entry.kind, tuple(_fields(entry.kind, entry.values, entry.words)), clock.field_text(entry.time_ns), entry.text
    )


def sent_form(sent: Mapping[str, str], kind: str) -> Form:
    """Return a form with what was sent of it, right or wrong."""
    names = [name for name in sent if name.startswith((VALUE, WORD, DAYS))]
    own = tuple(_fields(kind, *_named(names)))
    return Form(
        kind,
        tuple(FormField(f.name, f.title, f.shape, sent.get(f.name, ""), f.choices, f.lowest, f.highest) for f in own),
        sent.get("time", ""),
        sent.get("text", ""),
    )


def written(sent: Mapping[str, str], clock: LocalClock, kept: DiaryEntry | None = None) -> Written:
    """Return the entry that a filled form means.

    Parameters
    ----------
    sent : mapping of str to str
        Its fields.
    clock : LocalClock
        What its time is told by.
    kept : DiaryEntry, optional
        The entry that it changes: a time that the form only repeats stays as it is, to the second.

    Raises
    ------
    ValueError
        If it means none: what, got and expected in a line.
    """
    time = sent.get("time", "").strip()
    if kept is not None and (not time or time == clock.field_text(kept.time_ns)):
        time_ns: int | None = kept.time_ns
    else:
        time_ns = clock.time_ns(time) if time else None
    values = {name.removeprefix(VALUE): _number(name, text) for name, text in _said(sent, VALUE)}
    values |= {name.removeprefix(DAYS): H_PER_DAY * _number(name, text) for name, text in _said(sent, DAYS)}
    words = {name.removeprefix(WORD): text for name, text in _said(sent, WORD)}
    return Written(sent.get("kind", ""), time_ns, sent.get("text", "").strip(), values, words)


def readable(message: str) -> str:
    """Return why an entry was refused, with its fields called as the form calls them.

    Examples
    --------
    >>> readable("values.minutes is 2000, expected 0 to 1440")
    'How long is 2000, expected 0 to 1440'
    """
    return _FIELD.sub(lambda found: _asked(found[1]), message)


def _asked(name: str) -> str:
    return _title(name).partition(",")[0]


def _title(name: str) -> str:
    return _TITLES.get(name, name.replace("_", " ").capitalize())


def _said(sent: Mapping[str, str], prefix: str) -> Iterator[tuple[str, str]]:
    return ((name, text.strip()) for name, text in sent.items() if name.startswith(prefix) and text.strip())


def _number(name: str, text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        msg = f"{_asked(name[len(VALUE) :])} is {text[:40]!r}, expected a number"
        raise ValueError(msg) from None


def _named(names: Iterable[str]) -> tuple[dict[str, float], dict[str, str]]:
    """Return numbers and words of some names: only which there are is looked at."""
    values = {name[len(VALUE) :]: 0.0 for name in names if not name.startswith(WORD)}
    return values, {name[len(WORD) :]: "" for name in names if name.startswith(WORD)}


def _fields(kind: str, values: Mapping[str, float], words: Mapping[str, str]) -> Iterator[FormField]:
    known = KINDS.get(kind)
    own_values, own_words = (known.values, known.words) if known else ((), ())
    first = tuple(name for name in own_words if name != "helped")
    all_values = (*own_values, *(name for name in values if name not in own_values))
    last = ("helped",) if "helped" in own_words else ()
    more = tuple(name for name in words if name not in {*own_words, TAGS})
    yield from (_word_field(name, words.get(name, "")) for name in first)
    yield from (_value_field(name, values.get(name)) for name in all_values)
    yield from (_word_field(name, words.get(name, "")) for name in (*last, *more, TAGS))


def _word_field(name: str, word: str) -> FormField:
    title = _title(name)
    if name not in CHOICES:
        return FormField(f"{WORD}{name}", title, Shape.TEXT, word)
    choices = tuple((choice, _CHOICE_TEXTS.get(choice, choice)) for choice in CHOICES[name])
    return FormField(f"{WORD}{name}", title, Shape.CHOICE, word, choices)


def _value_field(name: str, value: float | None) -> FormField:
    title, bounds = _title(name), NUMBERS.get(name)
    if name == _DURATION:
        return FormField(f"{DAYS}{name}", title, Shape.NUMBER, _text(None if value is None else value / H_PER_DAY))
    if name == "woke":
        return FormField(f"{VALUE}{name}", title, Shape.CHOICE, _text(value), _YES_NO)
    if bounds is None:
        return FormField(f"{VALUE}{name}", title, Shape.NUMBER, _text(value))
    low, high = round(bounds.lowest), round(bounds.highest)
    steps = tuple((str(step), str(step)) for step in range(low, high + 1)) if high <= _MOST_STEPS else ()
    if steps and (value is None or _text(value) in dict(steps)):
        return FormField(f"{VALUE}{name}", title, Shape.CHOICE, _text(value), steps)
    return FormField(f"{VALUE}{name}", title, Shape.NUMBER, _text(value), (), str(low), str(high))


def _text(value: float | None) -> str:
    """Return a number so that reading it gives the same one; empty where there is none."""
    return "" if value is None else f"{value:.15g}"

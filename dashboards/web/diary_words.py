"""Entries of the diary in words: what a person reads on every page, and what each kind, number and word is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.web.wording import number_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.diary import DiaryEntry, PastEntry

TITLES = {
    "cramp": "Cramp",
    "urge": "Urge to move",
    "morning": "Morning",
    "soreness": "Soreness",
    "drink": "Drink",
    "caffeine": "Caffeine",
    "alcohol": "Alcohol",
    "exercise": "Exercise",
    "medicine": "Medicine",
    "dose_change": "Change of dose",
    "remedy": "Remedy",
    "remedy_on": "Remedy begins",
    "remedy_off": "Remedy ends",
    "period": "Period",
    "note": "Note",
    "tag": "Tags",
    "marker": "Button",
}
_UNITS = {"mg": "mg", "g": "g", "ml": "ml", "min": "min", "h": "h", "s": "s", "minutes": "min"}
H_PER_DAY = 24
_SCALES = {"sleep_quality": 5}
_OF_TEN = "_0_10"
_TEN = 10
_SAID = {"intensity_0_10": "strength", "amount_ml": "", "amount_mg": "", "minutes": ""}
_MUSCLES_OF_BOTH = {"calf": "calves", "foot": "feet", "thigh": "thighs", "shin": "shins", "hamstring": "hamstrings"}
_PLACE = frozenset({"leg", "muscle"})


def title_of(kind: str) -> str:
    """Return what a kind of entry is called.

    Examples
    --------
    >>> title_of("remedy_on"), title_of("cold_bath")
    ('Remedy begins', 'Cold bath')
    """
    return TITLES.get(kind) or kind.replace("_", " ").capitalize()


def value_text(key: str, value: float) -> str:
    """Return a number of the diary with the unit of its key.

    Examples
    --------
    >>> value_text("dose_mg", 300.0), value_text("pain_0_10", 7.0), value_text("minutes", 3.0), value_text("steps", 9.0)
    ('dose 300 mg', 'pain 7 of 10', '3 min', 'steps 9')
    >>> value_text("woke", 1.0), value_text("duration_h", 48.0), value_text("sleep_quality", 2.0)
    ('woke you', 'for 2 days', 'sleep quality 2 of 5')
    """
    if key == "woke":
        return "woke you" if value else "did not wake you"
    if key == "duration_h":
        return f"for {_days(value)}"
    if key == "units":
        return "1 unit" if value == 1 else f"{number_text(value)} units"
    most = _TEN if key.endswith(_OF_TEN) else _SCALES.get(key, 0)
    stem, _, unit = key.rpartition("_")
    if most:
        name, rest = key.removesuffix(_OF_TEN), f" of {most}"
    elif unit in _UNITS:
        name, rest = stem, f" {_UNITS[unit]}"
    else:
        name, rest = key, ""
    return f"{_SAID.get(key, name.replace('_', ' '))} {number_text(value)}{rest}".strip()


def _days(hours: float) -> str:
    days = hours / H_PER_DAY
    if days != int(days):
        return f"{number_text(hours)} h"
    return "1 day" if days == 1 else f"{number_text(days)} days"


def place_text(words: Mapping[str, str]) -> str:
    """Return where in the body it was; empty where nobody said.

    Examples
    --------
    >>> place_text({"leg": "left", "muscle": "calf"}), place_text({"leg": "both"}), place_text({"muscle": "foot"})
    ('left calf', 'both legs', 'foot')
    """
    leg, muscle = words.get("leg", ""), words.get("muscle", "")
    if muscle == "other":
        muscle = "leg, another muscle" if leg != "both" else "legs, another muscle"
        return f"{leg} {muscle}".strip()
    if leg == "both":
        return f"both {_MUSCLES_OF_BOTH.get(muscle, muscle or 'legs')}"
    return f"{leg} {muscle or 'leg'}" if leg else muscle


def entry_text(entry: DiaryEntry | PastEntry) -> str:
    """Return what an entry says, without its kind and its time.

    Parameters
    ----------
    entry : DiaryEntry or PastEntry
        The entry.

    Returns
    -------
    str
        Place, name, the person's words, numbers, and every other word; empty where it says nothing.

    Examples
    --------
    >>> from dashboards.diary import DiaryEntry
    >>> entry_text(DiaryEntry(0, "remedy", "magnesium", {"dose_mg": 300.0}))
    'magnesium, dose 300 mg'
    >>> entry_text(DiaryEntry(0, "cramp", "", {"minutes": 3.0}, {"leg": "left", "muscle": "calf", "helped": "walking"}))
    'left calf, 3 min, helped: walking'
    """
    words = entry.words
    others = (
        word if name == "name" else f"{name.replace('_', ' ')}: {word}"
        for name, word in words.items()
        if name not in _PLACE | {"name"}
    )
    values = (value_text(key, value) for key, value in entry.values.items())
    parts = (place_text(words), words.get("name", ""), entry.text, *values, *others)
    return ", ".join(part for part in parts if part)


def line_of(entry: DiaryEntry | PastEntry) -> str:
    """Return an entry in a line, with its kind.

    Examples
    --------
    >>> from dashboards.diary import DiaryEntry
    >>> line_of(DiaryEntry(0, "remedy", "magnesium", {"dose_mg": 300.0})), line_of(DiaryEntry(0, "cramp"))
    ('Remedy: magnesium, dose 300 mg', 'Cramp')
    """
    said, title = entry_text(entry), title_of(entry.kind)
    return f"{title}: {said}" if said else title

"""Words of the page *Bench*: classes of events, groups of thresholds and numbers, as a person calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUPS: Final[Mapping[str, str]] = {
    "leg_movement": "Leg movements in EMG",
    "wasm": "Movements that count, and series, by WASM 2016",
    "aasm": "Movements that count, and series, by AASM",
    "cramp": "Cramp-like contractions in EMG",
    "tonic": "Weak sustained activity",
    "twitch": "Twitches",
    "rhythm": "Rhythmic trains",
    "resting": "Resting level of EMG",
    "quality": "Seconds of EMG that cannot be trusted",
    "line": "Mains in EMG",
    "ecg": "Heart beat in EMG",
    "electrode": "Loose electrodes",
    "motion": "Movements in acceleration",
    "orientation": "Changes of position",
    "jerk": "Brief jerks",
    "possible_episode": "Possible episodes in acceleration",
    "posture": "A leg that stands",
    "restlessness": "Restlessness",
    "sleep": "Sleep, estimated from acceleration",
    "wear": "A sensor that is not worn",
    "context": "What an event shares with another",
    "validity": "Signal that counts",
}
"""Titles of the groups, in the order of a class that says nothing else."""
_MATTERS: Final[Mapping[str, tuple[str, ...]]] = {
    "leg_movement": ("leg_movement", "resting", "quality", "wasm", "aasm"),
    "cramp": ("cramp", "resting", "quality", "tonic"),
    "cramp_probable": ("cramp", "resting", "quality", "tonic"),
    "tonic": ("tonic", "cramp", "resting", "quality"),
    "twitch": ("twitch", "rhythm", "resting", "quality"),
    "brief_jerk": ("jerk", "motion"),
    "rhythmic_train": ("rhythm", "twitch", "resting"),
    "clonus": ("rhythm", "twitch", "resting"),
    "shift": ("orientation", "motion"),
    "restlessness": ("restlessness", "motion"),
    "upright": ("posture", "orientation", "motion"),
    "bed_exit": ("posture", "orientation", "motion"),
    "awakening": ("sleep", "motion"),
    "not_worn": ("wear", "motion"),
    "electrode_off": ("electrode", "quality", "line"),
    "possible_episode": ("possible_episode", "motion"),
}
_CLASSES: Final[Mapping[str, str]] = {
    "leg_movement": "Leg movements",
    "cramp": "Cramp-like contractions, probable or possible",
    "cramp_probable": "Cramp-like contractions, probable",
    "tonic": "Weak sustained activity",
    "twitch": "Twitches",
    "brief_jerk": "Brief jerks",
    "rhythmic_train": "Rhythmic trains",
    "clonus": "Fast rhythmic trains (clonus-like)",
    "shift": "Changes of position",
    "restlessness": "Restlessness",
    "upright": "Upright",
    "awakening": "Awakenings, estimated",
    "not_worn": "Sensor not worn",
    "electrode_off": "Electrode off",
    "bed_exit": "Out of bed",
    "possible_episode": "Possible episodes",
}


class NumberWords(NamedTuple):
    """How a number of the agreement is called.

    Parameters
    ----------
    name : str
        As in `dashboards.bench_values.Answer.agreement`.
    title : str
        What the page calls it.
    note : str
        What it is, in one line.
    digits : int
        Decimal places.
    more_is_better : bool or None
        None where neither is.
    unknown : str
        Why it is not known where nobody says otherwise; empty where there is more than one reason.
    """

    name: str
    title: str
    note: str
    digits: int
    more_is_better: bool | None
    unknown: str = ""


NUMBERS: Final = (
    NumberWords(
        "f1", "F1", "how alike events found and marked are: 1 where they are the same", 3, more_is_better=True,
        unknown="nothing found, nothing marked",
    ),
    NumberWords(
        "sensitivity", "Sensitivity", "share of the marked events that is found", 3, more_is_better=True,
        unknown="nothing marked",
    ),
    NumberWords(
        "ppv", "PPV", "share of the found events that is marked", 3, more_is_better=True, unknown="nothing found",
    ),
    NumberWords(
        "false_per_h", "False per hour", "found and not marked, per valid hour", 2, more_is_better=False,
        unknown="no valid hour",
    ),
    NumberWords(
        "index_per_h", "Periodic per hour", "periodic movements, mean over the recordings", 1, more_is_better=None
    ),
    NumberWords(
        "index_off_per_h", "Periodic off by", "mean distance of that index from the reference's, per hour", 2,
        more_is_better=False,
    ),
)  # fmt: skip


def class_title(word: str) -> str:
    """Return what a class of events is called.

    Examples
    --------
    >>> class_title("twitch"), class_title("plugin_kick")
    ('Twitches', 'Plugin kick')
    """
    return _CLASSES.get(word) or _plain(word)


def group_title(group: str) -> str:
    """Return what a group of thresholds is called.

    Examples
    --------
    >>> group_title("twitch"), group_title("kicks")
    ('Twitches', 'Kicks')
    """
    return GROUPS.get(group) or _plain(group)


def groups_of(word: str) -> tuple[str, ...]:
    """Return the groups of thresholds that matter for a class, most first; the others matter less.

    Examples
    --------
    >>> groups_of("brief_jerk")
    ('jerk', 'motion')
    """
    return _MATTERS.get(word, ())


def _plain(name: str) -> str:
    text = name.replace("_", " ")
    return text[:1].upper() + text[1:]

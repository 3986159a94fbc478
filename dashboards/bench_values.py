"""Values of the pages *Bench* and *Label*: recordings, thresholds, events, numbers.

All times count in seconds from the start of a recording.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class UnknownSettingError(ValueError):
    """A threshold that there is not, or a value that it cannot have; the message is one line."""


@dataclass(frozen=True, slots=True)
class BenchRecording:
    """A recording that thresholds can be tried on.

    Parameters
    ----------
    key : str
        Its name in addresses: one path segment, unique.
    name : str
        What to call it.
    subject : str
        Whose it is; intervals draw subjects again, not recordings.
    start_ns : int
        UTC, ns.
    utc_offset_s : int
        Local time minus UTC at the start, s.
    duration_s : float
        Its length, s.
    is_night : bool
        Whether it is a stored night, whose events have a page (``/night/KEY``).
    simulated : bool
        Whether it is made up.
    scorers, veil : tuple of str, and str
        Who marked events in it: lists beside the recording by the name of the scorer, the truth of a simulated night,
        and raters of the page *Label*; and why not all of them are told, in one line: somebody scores it blind.
    problem : str
        Why it cannot be scored, in one line; empty where it can.
    """

    key: str
    name: str
    subject: str
    start_ns: int
    utc_offset_s: int = 0
    duration_s: float = 0.0
    is_night: bool = False
    simulated: bool = False
    scorers: tuple[str, ...] = ()
    veil: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A field of the criteria that a person can move.

    Parameters
    ----------
    name : str
        Group and field, as after ``--set``: ``leg_movement.onset_uv``.
    text, unit : str
        What it is, in a few words, and its unit as it is written after a number; empty where it has none.
    value : float, bool, str or None
        In the named set of criteria; None where the rule is off.
    published : bool
        Whether that value comes from a publication rather than from Soleus' own measurements.
    low, high, step : float, optional
        What a slider covers; None where the value is no number.
    choices : tuple of str
        What else it can be; empty for numbers.
    source : str
        Where the value comes from, short: authors and year, or what was measured.
    url : str
        Where that can be read; empty where it has no address.
    changed, before : bool, and float, bool, str or None
        Whether a saved file has another value than the named set that it started from, and that one, for a mark.
    """

    name: str
    text: str
    unit: str
    value: float | bool | str | None
    published: bool
    low: float | None = None
    high: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()
    source: str = ""
    url: str = ""
    changed: bool = False
    before: float | bool | str | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """Thresholds: a set of criteria and what differs from it.

    Parameters
    ----------
    criteria : str
        The name of a published set, or of a criteria file that was saved.
    changes : tuple of (str, str)
        Threshold and value as text, as ``--set NAME=VALUE`` takes them; at most one of each name.
    """

    criteria: str = "wasm-2016"
    changes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at.

    Parameters
    ----------
    keys : tuple of str
        Recordings.
    setting : Setting
        Thresholds.
    word : str
        The class of events that is judged: ``leg_movement``, ``cramp``, ... as `soleus tune --class` calls them.
    reference : str
        The scorer that found events are judged by; empty where they are not judged.
    """

    keys: tuple[str, ...]
    setting: Setting
    word: str = "leg_movement"
    reference: str = ""


class BenchEvent(NamedTuple):
    """An event ``[onset_s, end_s)`` that was found, or a mark of the reference.

    `page` is the last part of the address of its page, empty where it has none. `state` is ``hit``, ``false`` or
    ``missed`` against the reference, empty where nothing is judged.
    """

    onset_s: float
    end_s: float
    leg: str
    kind: str
    state: str = ""
    page: str = ""


class Number(NamedTuple):
    """A number with its 95 % interval over subjects; `why` says why, or for which recordings, it cannot be said."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class BenchNight:
    """What one recording is with some thresholds.

    Parameters
    ----------
    key : str
        The recording.
    events : tuple of BenchEvent
        What was found of the class, by onset.
    marks : tuple of BenchEvent
        What the reference marked of the class, by onset.
    numbers : mapping of str to float or None
        Numbers of the night by their keys in the summary JSON; `BenchBook.look` may leave them out.
    problem, veil : str
        Why there is nothing, and why nobody's hidden marks judge it, in one line; empty where that is not so.
    opening : bool
        Whether it is being opened, and counts in no agreement yet: whoever asks again finds it ready.
    """

    key: str
    events: tuple[BenchEvent, ...] = ()
    marks: tuple[BenchEvent, ...] = ()
    numbers: Mapping[str, float | None] | None = None
    problem: str = ""
    veil: str = ""
    opening: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What several recordings are with some thresholds.

    Parameters
    ----------
    nights : tuple of BenchNight
        In the order asked for.
    agreement : tuple of Number
        ``f1``, ``sensitivity``, ``ppv``, ``false_per_h``, ``index_per_h`` (mean over nights) and
        ``index_off_per_h`` (mean distance from the reference); only the index without a reference.
    """

    nights: tuple[BenchNight, ...]
    agreement: tuple[Number, ...]


class CurvePoint(NamedTuple):
    """Agreement at one value of a threshold; None where it cannot be said."""

    value: float
    f1: float | None
    sensitivity: float | None
    ppv: float | None
    false_per_h: float | None
    index_per_h: float | None


class Flip(NamedTuple):
    """An event that comes, goes or moves between two settings.

    `way` is ``gained``, ``lost`` or ``moved``; `before` and `after` are None where there is none.
    """

    key: str
    way: str
    before: BenchEvent | None
    after: BenchEvent | None


class Reach(NamedTuple):
    """How far an index hangs on the thresholds: from `low` to `high` as each of them is moved a little.

    `name` is that of the index; `widest` says which threshold moves it most. `why` says why nothing is known.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    widest: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class SavedCriteria:
    """A criteria file that was written.

    Parameters
    ----------
    name : str
        What it is called from now on, also as `Setting.criteria`.
    path : str
        Where it is, for ``soleus score --criteria``.
    text : str
        What is in it.
    """

    name: str
    path: str
    text: str


class Suggestion(NamedTuple):
    """An event or a candidate that a label would tell most about; `why` says why, in a few words."""

    key: str
    onset_s: float
    end_s: float
    leg: str
    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class Learned:
    """What the answers of a rater to suggestions change.

    Parameters
    ----------
    n_yes, n_no : int
        Answers.
    agreement, as_it_was : tuple of Number
        On what was answered, with the thresholds that fit best and with those that were asked about.
    setting : Setting or None
        The thresholds that fit best; None while there are too few answers, and then `why` says so.
    why : str
        What is unknown, in one line.
    """

    n_yes: int
    n_no: int
    agreement: tuple[Number, ...] = ()
    as_it_was: tuple[Number, ...] = ()
    setting: Setting | None = None
    why: str = ""

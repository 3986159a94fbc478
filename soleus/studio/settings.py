"""Settings of the pages by name, and the criteria files that are saved there, with where they come from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from dashboards.bench_values import SavedCriteria, UnknownSettingError
from detectors.criteria import NAMES, named
from soleus import __version__
from soleus.config import SUFFIX, ensure_private, load
from soleus.criteria_toml import thresholds_told, write_criteria
from soleus.errors import ConfigError
from soleus.provenance import CHOSEN, RECORDINGS
from soleus.thresholds import apply_overrides

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from dashboards.bench_values import Asked, Number, Setting
    from detectors.criteria import Criteria

# What a person reads: the interval is wider than the last of these digits.
DIGITS: Final = 4
MOST_REASON: Final = 1000
"""Longest reason, in characters."""
# Fits an address, a command line and the file systems that there are.
_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,38}[A-Za-z0-9_-])?")
_NAME_WORDS: Final = "1 to 40 letters without accents, digits and . _ -, beginning with a letter or digit"
_TAKEN: Final = "the name {name} is taken, expected another"
_WHERE: Final = "set"
HEAD: Final = """\
# Thresholds chosen by hand on the page Bench. Take them with `soleus score --criteria {file}`, or for a night with
#     criteria = "{file}"
# in soleus.toml. [set] holds what differs from the named set; [chosen] says on what and why it was chosen.
"""
CAUTION: Final = (
    "chosen by a person who was looking at these recordings: not validated on them, and the agreement below is too "
    "good to be expected of others"
)


@dataclass(frozen=True, slots=True)
class SeenRecording:
    """A recording that somebody chose thresholds by.

    Parameters
    ----------
    name : str
        What to call it.
    subject : str
        Whose it is.
    simulated : bool
        Whether it is made up.
    recording_sha256, reference_sha256, beside_sha256 : str
        What was in it, in the reference, and in what stands beside it and says more of it; empty where there is none.
    """

    name: str
    subject: str
    simulated: bool = False
    recording_sha256: str = ""
    reference_sha256: str = ""
    beside_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody who chose thresholds saw.

    Parameters
    ----------
    asked : Asked
        The thresholds, the class and the reference.
    recordings : tuple of SeenRecording
        What was looked at.
    agreement : tuple of Number
        As it was shown.
    read_as : mapping of str to object
        What was said of the files: channels, layout, time zone, salvage.
    """

    asked: Asked
    recordings: tuple[SeenRecording, ...] = ()
    agreement: tuple[Number, ...] = ()
    read_as: Mapping[str, object] = field(default_factory=dict)


def criteria_of(setting: Setting, folder: Path) -> Criteria:
    """Return the criteria that a setting of the page means: those of ``soleus score --criteria ... --set ...``.

    Parameters
    ----------
    setting : Setting
        A named set or a saved file, and changes.
    folder : Path
        Where files are saved.

    Returns
    -------
    Criteria
        All thresholds.

    Raises
    ------
    UnknownSettingError
        If there is no such set, or no such threshold, or one cannot have that value.
    """
    changes = dict(setting.changes)
    try:
        return apply_overrides(_basis(setting.criteria, folder), changes, dict.fromkeys(changes, _WHERE))
    except ConfigError as error:
        raise UnknownSettingError(str(error)) from error


def saved(folder: Path) -> Sequence[str]:
    """Return the names of the criteria files that were saved, in the order of the alphabet.

    Parameters
    ----------
    folder : Path
        Where they are; it need not be there.
    """
    found = (path.stem for path in folder.glob(f"*{SUFFIX}"))
    return sorted((name for name in found if _NAME.fullmatch(name)), key=str.casefold)


def save(folder: Path, name: str, seen: Seen, reason: str, today: date) -> SavedCriteria:
    """Write a criteria file that says on what and why its thresholds were chosen.

    Parameters
    ----------
    folder : Path
        Where to; made for its owner alone if it is not there.
    name : str
        What to call it; the file is called so too.
    seen : Seen
        The thresholds, and what they were chosen on.
    reason : str
        Why, in the words of the person; may be empty.
    today : date
        When.

    Returns
    -------
    SavedCriteria
        What was written.

    Raises
    ------
    ValueError
        If the name is none or taken, the reason is too long, or nothing can be written there.
    UnknownSettingError
        If there are no such thresholds.
    """
    criteria = criteria_of(seen.asked.setting, folder)
    content = {**thresholds_told(criteria), CHOSEN: _told(name, seen, _one_line(reason), today)}
    path = _new_path(folder, name)
    try:
        ensure_private(folder)
        text = _written(content, path)
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}"
        raise ValueError(msg) from error
    return SavedCriteria(name, str(path), text)


def _written(content: Mapping[str, Any], path: Path) -> str:
    """Write a new file; what could not be written in full leaves none behind."""
    try:
        # Two pages may save at the same moment: the name is taken before anything is written.
        path.open("x").close()
    except FileExistsError as error:
        raise ValueError(_TAKEN.format(name=path.stem)) from error
    try:
        return write_criteria(content, HEAD.format(file=path.name), path)
    except BaseException:
        path.unlink()
        raise


def _basis(name: str, folder: Path) -> Criteria:
    if name in NAMES:
        return named(name)
    known = saved(folder)
    if name not in known:
        msg = f"criteria are called {name!r}, expected one of: {', '.join([*NAMES, *known])}"
        raise ConfigError(msg)
    return load(folder / f"{name}{SUFFIX}").criteria


def _new_path(folder: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        msg = f"the name is {name!r}, expected {_NAME_WORDS}"
        raise ValueError(msg)
    # Systems that do not tell large letters from small ones keep one file of the two.
    taken = {one.casefold() for one in [*NAMES, *saved(folder)]}
    if name.casefold() in taken:
        raise ValueError(_TAKEN.format(name=name))
    return folder / f"{name}{SUFFIX}"


def _one_line(reason: str) -> str:
    # Half of a character, which a page can send, cannot be written.
    words = " ".join(reason.encode("utf-8", "replace").decode().split())
    if len(words) > MOST_REASON:
        msg = f"the reason has {len(words)} characters, expected at most {MOST_REASON}"
        raise ValueError(msg)
    return words


def _told(name: str, seen: Seen, reason: str, today: date) -> dict[str, Any]:
    asked, recordings = seen.asked, seen.recordings
    return {
        "name": name,
        "version": __version__,
        "date": today.isoformat(),
        **({"reason": reason} if reason else {}),
        "caution": CAUTION,
        "started_from": asked.setting.criteria,
        "class": asked.word,
        **({"reference": asked.reference} if asked.reference else {}),
        "agreement": {number.name: row for number in seen.agreement if (row := _row(number))},
        "subjects": len({one.subject for one in recordings}),
        "recordings": len(recordings),
        "simulated": sum(one.simulated for one in recordings),
        **({"read_as": dict(seen.read_as)} if seen.read_as else {}),
        **({RECORDINGS: [_recording(one) for one in recordings]} if recordings else {}),
    }


def _row(number: Number) -> dict[str, float]:
    told = {"value": number.value, "low": number.low, "high": number.high}
    return {key: float(f"{value:.{DIGITS}g}") for key, value in told.items() if value is not None}


def _recording(one: SeenRecording) -> dict[str, Any]:
    names = ("recording_sha256", "beside_sha256", "reference_sha256")
    hashes = {name: getattr(one, name) for name in names}
    told = {"name": one.name, "subject": one.subject, "simulated": one.simulated}
    return told | {key: digest for key, digest in hashes.items() if digest}

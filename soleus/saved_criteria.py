"""The criteria files that the page *Bench* saves: which of them name the nights of a person, and making them forget."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from soleus.criteria_toml import write_criteria
from soleus.provenance import CHOSEN, RECORDINGS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from soleus.removal import Outcome, Plan
    from soleus.settings import Settings

FOLDER: Final = "criteria"
"""In the data folder: where they are."""


class Forgotten(NamedTuple):
    """In how many files nights were named, and which of them still name some, each with why."""

    n_files: int
    failed: tuple[str, ...]


def criteria_folder(settings: Settings) -> Path:
    """Return where the criteria files are; it need not be there."""
    return settings.data_dir / FOLDER


def naming(settings: Settings, person: str, night: str | None = None) -> list[Path]:
    """Return the criteria files that name the nights of a person, or one of them.

    Parameters
    ----------
    settings : Settings
        Where they are.
    person : str
        Whose nights.
    night : str, optional
        Name of one; all if not given.

    Raises
    ------
    OSError
        If a file cannot be read.
    """
    return [path for path in _files(settings) if _names(path, person, night)]


def forget(settings: Settings, person: str, night: str | None = None) -> Forgotten:
    """Take the nights of a person, or one of them, out of every criteria file; thresholds and reasons stay.

    Parameters
    ----------
    settings : Settings
        Where they are.
    person : str
        Whose nights.
    night : str, optional
        Name of one; all if not given.

    Returns
    -------
    Forgotten
        How often, and where it was not possible.
    """
    n_files, failed = 0, []
    for path in _files(settings):
        try:
            if _names(path, person, night):
                _without(path, person, night)
                n_files += 1
        except OSError as error:
            failed.append(f"{path}: {error.strerror}")
    return Forgotten(n_files, tuple(failed))


def remove_from_criteria(settings: Settings, planned: Plan, outcome: Outcome) -> None:
    """Take what is to be removed out of every criteria file.

    Parameters
    ----------
    settings : Settings
        Where they are.
    planned : Plan
        What to remove.
    outcome : Outcome
        Is told what became of it.
    """
    told = forget(settings, planned.found.person, planned.night)
    if told.n_files:
        outcome.removed.append(f"names of nights in {told.n_files} criteria files")
    outcome.failed.extend(told.failed)


def rows_of(settings: Settings, person: str) -> Iterator[dict[str, Any]]:
    """Yield what criteria files say of a person's nights, with the name of the file.

    Parameters
    ----------
    settings : Settings
        Where they are.
    person : str
        Whose nights.

    Raises
    ------
    OSError
        If a file cannot be read.
    """
    for path in naming(settings, person):
        yield from ({"criteria": path.name, **one} for one in _recordings(_content(path)) if _is_of(one, person, None))


def _files(settings: Settings) -> list[Path]:
    return sorted(criteria_folder(settings).glob("*.toml"))


def _names(path: Path, person: str, night: str | None) -> bool:
    return any(_is_of(one, person, night) for one in _recordings(_content(path)))


def _without(path: Path, person: str, night: str | None) -> None:
    content = _content(path)
    left = [one for one in _recordings(content) if not _is_of(one, person, night)]
    told = {**content[CHOSEN], RECORDINGS: left}
    if not left:
        del told[RECORDINGS]
    write_criteria({**content, CHOSEN: told}, _head(path), path)


def _content(path: Path) -> dict[str, Any]:
    """Return what is in a file; nothing of one that is no TOML, and then was not written by the page."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}


def _head(path: Path) -> str:
    """Return the comments that a file begins with."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    n_comments = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "".join(lines[:n_comments])


def _recordings(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    told = content.get(CHOSEN)
    listed = told.get(RECORDINGS) if isinstance(told, dict) else None
    if isinstance(listed, list):
        yield from (one for one in listed if isinstance(one, dict))


def _is_of(recording: dict[str, Any], person: str, night: str | None) -> bool:
    return recording.get("subject") == person and night in {None, recording.get("name")}

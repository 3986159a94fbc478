"""What ``summary.json`` says of a night, if it says what this version writes into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.errors import DecodeError

if TYPE_CHECKING:
    from ingest.night.folder import NightFolder

_TYPES = {"start_ns": int, "end_ns": int, "final": bool, "summary": dict}


def read_progress(folder: NightFolder) -> dict[str, Any] | None:
    """Return how far the scoring of a night got, with its numbers, or None before there are any.

    Parameters
    ----------
    folder : NightFolder
        The night.

    Raises
    ------
    DecodeError
        If the file cannot be read, or lacks what every night has: a write that was cut off, or another version.
    """
    stored = folder.read_summary()
    if stored is None:
        return None
    for name, expected in _TYPES.items():
        # True is an int to Python and no time.
        if type(stored.get(name)) is not expected:
            msg = f"{folder.path / 'summary.json'}: {name} is missing or wrong, expected {expected.__name__}"
            raise DecodeError(msg)
    return stored

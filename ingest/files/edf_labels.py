"""What the channels of an exported night are called, so that they are understood when they are read back."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from detectors.channels import channels
from detectors.signal import Quantity
from ingest.files.edf_channels import MUSCLES, UNITS, channel_of
from ingest.files.edf_night import SIDES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.signal import Stream

LABEL_CHARACTERS = 16
UNREAD = "RAW"
"""Stands before what has no unit that rules could be applied to."""
_KINDS = {Quantity.EMG: "EMG", Quantity.ACCELERATION: "ACC", Quantity.ROTATION: "GYR", Quantity.OTHER: "AUX"}
_CODES = {muscle: code.upper() for code, muscle in MUSCLES.items()}


def labels_of(streams: Sequence[Stream]) -> list[tuple[str, ...]]:
    """Return the labels of each stream's axes.

    Parameters
    ----------
    streams : sequence of Stream
        One for each sensor and quantity.

    Returns
    -------
    list of tuple of str
        Different from each other, 16 characters at most.

    Notes
    -----
    The header of a file is ASCII: an accent is lost, and a letter that is none of A to Z is left out.

    Of two accelerometers on one leg only the first has a label that is read back: a leg moves once.

    Examples
    --------
    >>> from detectors.signal import Leg, Stream, Unit
    >>> emg = Stream("left-shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("ch1", "ch2"), 500.0)
    >>> acc = Stream("left-shin", Leg.LEFT, "ankle", Quantity.ACCELERATION, Unit.G, ("x", "y", "z"), 50.0)
    >>> labels_of([emg, acc])
    [('EMG TA-L', 'EMG TA-L 2'), ('ACC-L x', 'ACC-L y', 'ACC-L z')]
    """
    taken: set[str] = set()
    found = []
    for stream in map(_in_ascii, streams):
        if stream.quantity is Quantity.EMG:
            wanted = [_emg(channel) for channel in channels(stream)]
            labels = [_numbered(label, taken) for label in wanted]
        else:
            labels = _axes(stream, taken)
        found.append(tuple(labels))
    return found


def _in_ascii(stream: Stream) -> Stream:
    """Write accented letters without their accents and leave other letters out: a header knows no others."""
    sensor, site, *axes = (
        unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().strip()
        for text in (stream.sensor, stream.site, *stream.axes)
    )
    named = tuple(axis or str(number) for number, axis in enumerate(axes, start=1))
    return replace(stream, sensor=sensor, site=site, axes=named)


def understood(label: str) -> bool:
    """Return whether a channel of this label is scored when the file is read back."""
    return channel_of(label) is not None


def _emg(channel: Stream) -> str:
    side = SIDES.get(channel.leg, "")
    if not _readable(channel):
        return f"{UNREAD} {channel.sensor}"[:LABEL_CHARACTERS]
    site = channel.site.lower().removeprefix(f"{channel.leg} ")
    known = channel_of(f"{site} {side}")
    code = _CODES.get(site) or (site if known is None else known.part.upper())
    return f"EMG {code}-{side}"[:LABEL_CHARACTERS]


def _axes(stream: Stream, taken: set[str]) -> list[str]:
    word = _KINDS[stream.quantity] if _readable(stream) else f"{UNREAD} {_KINDS[stream.quantity]}"
    room = LABEL_CHARACTERS - len(word) - len("9- ") - max(map(len, stream.axes))
    whose = SIDES.get(stream.leg, stream.sensor[:room])
    number, labels = 1, [f"{word}-{whose} {axis}" for axis in stream.axes]
    while not taken.isdisjoint(labels):
        number += 1
        labels = [f"{word}{number}-{whose} {axis}" for axis in stream.axes]
    taken.update(labels)
    return labels


def _readable(stream: Stream) -> bool:
    """Return whether there are rules for what a stream measures, in its unit, and a leg."""
    return stream.leg in SIDES and stream.unit is UNITS.get(stream.quantity, stream.unit)


def _numbered(label: str, taken: set[str]) -> str:
    """Return a label, with a number behind it if it is taken."""
    number, numbered = 1, label
    while numbered in taken:
        number += 1
        numbered = f"{label[: LABEL_CHARACTERS - 1 - len(str(number))]} {number}"
    taken.add(numbered)
    return numbered

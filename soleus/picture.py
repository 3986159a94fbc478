"""Some seconds of a signal as a picture of characters."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.signal import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

    from numpy.typing import NDArray

    from detectors.signal import SampleBlock

# Rows of a single channel, and of each of several.
ROWS: Final = 4
ROWS_EACH: Final = 2
LABEL: Final = 12
TENS: Final = 10
NARROWEST: Final = 24
# The noise of a good sensor at rest must not fill the picture.
_LEAST_SPANS = {Unit.MICROVOLT: 40.0, Unit.G: 0.2, Unit.DEGREES_PER_SECOND: 20.0}
# Terminals whose font has no Braille.
_PLAIN_TERMINALS = {"dumb", "linux", "vt100", "vt220"}
# A Braille character is two dots wide and four high; its code is a sum of bits (Unicode 2800).
_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_BRAILLE = 0x2800
_DOTS = (2, 4)
_NO_DOTS = (1, 2)
# The upper and the lower half of a character, as plain ASCII can show them.
_ASCII = {0: " ", 1: "'", 2: ".", 3: "|"}


def draws_braille(terminal: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a terminal can show Braille characters.

    Parameters
    ----------
    terminal : file
        Where the picture goes.
    environ : mapping of str to str
        The environment.
    """
    encoding = (terminal.encoding or "").lower().replace("-", "")
    return encoding == "utf8" and environ.get("TERM", "") not in _PLAIN_TERMINALS


def draw(blocks: Sequence[SampleBlock], width: int, *, braille: bool) -> list[str]:
    """Draw one stream, every channel from its lowest to its highest sample.

    Parameters
    ----------
    blocks : sequence of SampleBlock
        Some seconds of one stream, in order; at least one sample. What is missing stays empty.
    width : int
        Width of the picture with its labels, characters.
    braille : bool
        Whether Braille can be shown; plain ASCII otherwise.

    Returns
    -------
    list of str
        Lines, the last of them the time axis.
    """
    stream = blocks[0].stream
    n_rows = ROWS if len(stream.axes) == 1 else ROWS_EACH
    wide, high = _DOTS if braille else _NO_DOTS
    n_columns = max(width, NARROWEST) - LABEL - 1
    lines = []
    for axis, name in enumerate(stream.axes):
        lows, highs = _envelope(blocks, axis, n_columns * wide)
        bottom, top = _limits(lows, highs, _LEAST_SPANS.get(stream.unit, 0.0))
        cells = _dots(lows, highs, (bottom, top), n_rows * high).reshape(n_rows, high, n_columns, wide)
        labels = [""] * n_rows
        labels[0], labels[-1] = f"{name} {_number(top)} {stream.unit}", f"{_number(bottom)} {stream.unit}"
        for label, row in zip(labels, cells, strict=True):
            drawn = "".join(_cell(row[:, column], braille=braille) for column in range(n_columns))
            lines.append(f"{label:>{LABEL}} {drawn}".rstrip())
    seconds = f"{(blocks[-1].stop - blocks[0].start) / stream.fs_hz:.0f} s"
    return [*lines, " " * (LABEL + 1) + f"0 s{seconds:>{n_columns - 3}}"]


def _envelope(
    blocks: Sequence[SampleBlock], axis: int, n_columns: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return lowest and highest sample of every column of dots; not a number where none is."""
    first, n_samples = blocks[0].start, blocks[-1].stop - blocks[0].start
    lows, highs = np.full(n_columns, np.inf), np.full(n_columns, -np.inf)
    for block in blocks:
        columns = (np.arange(block.start - first, block.stop - first) * n_columns) // n_samples
        samples = np.asarray(block.data[:, axis], np.float64)
        finite = np.isfinite(samples)
        np.minimum.at(lows, columns[finite], samples[finite])
        np.maximum.at(highs, columns[finite], samples[finite])
    empty = lows > highs
    lows[empty] = highs[empty] = np.nan
    return lows, highs


def _limits(lows: NDArray[np.float64], highs: NDArray[np.float64], least_span: float) -> tuple[float, float]:
    """Return what the lowest and the highest row stand for; what hardly varies lies in the middle."""
    if not np.isfinite(lows).any():
        return -1.0, 1.0
    bottom, top = float(np.nanmin(lows)), float(np.nanmax(highs))
    middle, span = (bottom + top) / 2, max(top - bottom, least_span)
    span = span or abs(middle) or 1.0
    return middle - span / 2, middle + span / 2


def _dots(
    lows: NDArray[np.float64], highs: NDArray[np.float64], limits: tuple[float, float], n_rows: int
) -> NDArray[np.bool_]:
    """Return which dots are set, the highest row first."""
    bottom, top = limits
    per_row = (n_rows - 1) / (top - bottom)
    below, above = np.rint((lows - bottom) * per_row), np.rint((highs - bottom) * per_row)
    heights = np.arange(n_rows)[::-1, np.newaxis]
    # Beside what is not a number every comparison is false: nothing is drawn.
    return np.asarray((heights >= below) & (heights <= above), np.bool_)


def _cell(dots: NDArray[np.bool_], *, braille: bool) -> str:
    if braille:
        code = sum(bit for column, bits in enumerate(_BITS) for row, bit in enumerate(bits) if dots[row, column])
        return chr(_BRAILLE + code) if code else " "
    return _ASCII[int(dots[0, 0]) + 2 * int(dots[1, 0])]


def _number(value: float) -> str:
    """Return a number short enough for a label."""
    return f"{value:.0f}" if abs(value) >= TENS else f"{value:.2g}"

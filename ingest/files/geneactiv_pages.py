"""The pages of a GENEActiv file: text with 300 samples as hexadecimal digits in each."""

from __future__ import annotations

import logging
import re
from array import array
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from detectors.signal import NS_PER_S
from ingest.errors import DecodeError
from ingest.files.device_streams import AXES
from ingest.files.device_timeline import Blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

log = logging.getLogger(__name__)
# GENEActiv Instructions for Use, "Decoding .bin files" (Activinsights).
PAGE: Final = re.compile(
    rb"Recorded Data *\r?\n"
    rb"Device Unique Serial Code:(?P<serial>[^\r\n]{0,40})\r?\n"
    rb"Sequence Number:(?P<number>\d{1,9})\r?\n"
    rb"Page Time:(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d:\d{3})\r?\n"
    rb"Unassigned:[^\r\n]{0,80}\r?\n"
    rb"Temperature:[^\r\n]{0,20}\r?\n"
    rb"Battery voltage:[^\r\n]{0,20}\r?\n"
    rb"Device Status:[^\r\n]{0,80}\r?\n"
    rb"Measurement Frequency:(?P<rate>[^\r\n]{1,20})\r?\n"
    rb"(?P<data>[0-9A-Fa-f]{12,3600})(?P<end>\r?\n|\Z)"
)
SAMPLE_DIGITS: Final = 12
WHOLE_DIGITS: Final = 300 * SAMPLE_DIGITS
# Longer than a page with all its lines.
MOST_PAGE_BYTES: Final = 1 << 13
PIECE_BYTES: Final = 1 << 20
_NS_PER_MS: Final = NS_PER_S // 1000
# A clock that was never set may begin in 1970; of years far from it there is no number of ns in 64 bits.
_FIRST_YEAR, _LAST_YEAR = 1970, 2200
_SHOWN = 24


class Pages(NamedTuple):
    """Where the pages of a file are.

    Parameters
    ----------
    begins : ndarray of int64, shape (n_pages,)
        Where the samples of each begin in the file.
    n_samples : ndarray of int64, shape (n_pages,)
        How many each holds.
    read_ns : ndarray of int64, shape (n_pages,)
        When the first was measured, ns since 1970 as if the device's clock showed UTC.
    """

    begins: NDArray[np.int64]
    n_samples: NDArray[np.int64]
    read_ns: NDArray[np.int64]

    def blocks(self) -> Blocks:
        """Return when they were measured."""
        return Blocks(self.n_samples, np.zeros_like(self.read_ns), self.read_ns)


class PagesTold(NamedTuple):
    """What the header of a file tells of its pages.

    Parameters
    ----------
    begin : int
        Where the header ends.
    n_pages : int
        How many there are.
    serial : bytes
        Of which device they are.
    """

    begin: int
    n_pages: int
    serial: bytes


def scan(path: Path, told: PagesTold, *, salvage: bool) -> tuple[Pages, bytes]:
    """Find every page.

    Parameters
    ----------
    path : Path
        The file.
    told : PagesTold
        What the header tells of them.
    salvage : bool
        Stop at the first page that is damaged.

    Returns
    -------
    Pages
        Where they are.
    bytes
        Their sampling rate, as it is written.

    Raises
    ------
    DecodeError
        If the file is cut off, or something else than pages is in it, unless it may be left out; if no page is whole.
    """
    begins, lengths, times = array("q"), array("q"), array("q")
    rate: bytes | None = None
    try:
        for at, page in _pages(path, told):
            time_ns = _time_ns(page, told, rate, f"{path}: page {len(begins) + 1}")
            rate = rate or page["rate"].strip()
            begins.append(at + page.start("data"))
            lengths.append((page.end("data") - page.start("data")) // SAMPLE_DIGITS)
            times.append(time_ns)
    except DecodeError as error:
        if not (salvage and begins):
            raise
        log.warning("%s; the %d whole pages before are read", error, len(begins))
    if rate is None or (len(begins) != told.n_pages and not salvage):
        raise DecodeError(f"{path}: {len(begins)} pages, expected the {told.n_pages} that the header tells of")
    return Pages(*(np.array(column, np.int64) for column in (begins, lengths, times))), rate


def _pages(path: Path, told: PagesTold) -> Iterator[tuple[int, re.Match[bytes]]]:
    """Yield each page with where in the file its piece begins."""
    with path.open("rb") as file:
        file.seek(told.begin)
        held, base, at, count = b"", told.begin, 0, 0
        while True:
            if len(held) - at < MOST_PAGE_BYTES:
                more = file.read(PIECE_BYTES)
                held, base, at = held[at:] + more, base + at, 0
            if not held[at : at + MOST_PAGE_BYTES].strip():
                return
            page = PAGE.match(held, at)
            if page is None or not _is_whole(page):
                raise _not_a_page(path, held[at:], count, told.n_pages)
            yield base, page
            at, count = page.end(), count + 1


def _is_whole(page: re.Match[bytes]) -> bool:
    """Return whether a page holds whole samples, and either has a line of them or all that there can be."""
    length = page.end("data") - page.start("data")
    return length % SAMPLE_DIGITS == 0 and (length == WHOLE_DIGITS or bool(page["end"]))


def _not_a_page(path: Path, held: bytes, count: int, n_pages: int) -> DecodeError:
    if len(held) < MOST_PAGE_BYTES and count < n_pages:
        return DecodeError(
            f"{path}: ends within page {count + 1}, expected the {n_pages} pages that the header tells of: "
            "the file is cut off or damaged"
        )
    return DecodeError(f"{path}: page {count + 1} begins with {_shown(held)} and is none, expected 'Recorded Data'")


def _shown(text: bytes) -> str:
    return repr(text[:_SHOWN].decode("ascii", "backslashreplace"))


def _time_ns(page: re.Match[bytes], told: PagesTold, rate: bytes | None, place: str) -> int:
    """Return when a page begins, by the device's clock, if it is one of the others' kind."""
    if page["serial"].strip() != told.serial:
        raise DecodeError(f"{place} is of device {_shown(page['serial'])}, expected {_shown(told.serial)}")
    if rate is not None and page["rate"].strip() != rate:
        raise DecodeError(f"{place} has {_shown(page['rate'])} Hz, expected {_shown(rate)} as the first one has")
    whole, _, milliseconds = page["time"].decode("ascii").rpartition(":")
    try:
        shown = datetime.fromisoformat(whole).replace(tzinfo=UTC)
    except ValueError as error:
        raise DecodeError(f"{place} has the time {_shown(page['time'])}, which is none") from error
    if not _FIRST_YEAR <= shown.year <= _LAST_YEAR:
        raise DecodeError(f"{place} is of the year {shown.year}, expected {_FIRST_YEAR} to {_LAST_YEAR}")
    return int(shown.timestamp()) * NS_PER_S + int(milliseconds) * _NS_PER_MS


class Calibration(NamedTuple):
    """What a count is worth: g = (100 counts - offset) / gain.

    Parameters
    ----------
    gains, offsets : tuple of float
        For x, y and z.
    """

    gains: tuple[float, ...]
    offsets: tuple[float, ...]


class PageMemory:
    """The samples of a file.

    Parameters
    ----------
    path : Path
        The file.
    pages : Pages
        Where they are.
    calibration : Calibration
        What they are worth.
    """

    __slots__ = ("_calibration", "_ends", "_pages", "_path")

    def __init__(self, path: Path, pages: Pages, calibration: Calibration) -> None:
        self._path, self._pages, self._calibration = path, pages, calibration
        self._ends = np.cumsum(pages.n_samples)

    def samples(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return the measured samples ``[start, stop)``, shape (n_samples, 3)."""
        if start == stop:
            return np.empty((0, len(AXES)), np.float32)
        low, high = (int(number) for number in np.searchsorted(self._ends, [start, stop - 1], side="right"))
        begins = self._pages.begins[low : high + 1]
        ends = begins + self._pages.n_samples[low : high + 1] * SAMPLE_DIGITS
        with self._path.open("rb") as file:
            file.seek(int(begins[0]))
            stored = file.read(int(ends[-1] - begins[0]))
        spans = zip((begins - begins[0]).tolist(), (ends - begins[0]).tolist(), strict=True)
        try:
            six = bytes.fromhex(b"".join(stored[begin:end] for begin, end in spans).decode("ascii"))
        except ValueError as error:
            raise DecodeError(f"{self._path}: no digits in pages {low + 1} to {high + 1}: the file changed") from error
        before = int(self._ends[low - 1]) if low else 0
        values = self._values(np.frombuffer(six, np.uint8).reshape(-1, SAMPLE_DIGITS // 2))[
            start - before : stop - before
        ]
        if len(values) < stop - start:
            raise DecodeError(f"{self._path}: ends within page {high + 1}: the file shrank")
        return values

    def _values(self, six: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return samples out of six bytes each: three numbers of twelve bits, then light and button."""
        stored = six.astype(np.int32)
        twelve = np.stack(
            [
                stored[:, 0] << 4 | stored[:, 1] >> 4,
                (stored[:, 1] & 0x0F) << 8 | stored[:, 2],
                stored[:, 3] << 4 | stored[:, 4] >> 4,
            ],
            axis=1,
        )
        counts = (twelve ^ 0x800) - 0x800
        gains, offsets = (np.array(column) for column in self._calibration)
        values: NDArray[np.float32] = ((100.0 * counts - offsets) / gains).astype(np.float32)
        return values

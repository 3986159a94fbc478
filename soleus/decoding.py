"""From logged bytes to records: what ``soleus decode`` reads, line by line or out of a packet log."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S
from ingest.decoders.profile import SetupOp
from ingest.errors import DecodeError
from ingest.night.frames import MAGIC
from ingest.night.packets import read_log
from ingest.night.records import NightStart, Notification, SetupReply

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ingest.decoders.profile import DeviceProfile
    from ingest.night.records import Record

ZERO_NS = 10**18
"""UTC that stands for second 0 of the input: decoders want dates, and lines have none."""
MOST_SECONDS = 4_000_000_000
"""Seconds since 1970 fit below it, until 2096."""
SENSOR = "decoded"
"""Name of the sensor whose lines are read."""
_WRITES = (SetupOp.WRITE, SetupOp.WRITE_NO_RSP)
_FIELDS = 3
_SHOWN = 24
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Replies:
    """Tells answers from what a sensor says by itself, as the recorder would have: by the set-up steps.

    Parameters
    ----------
    profile : DeviceProfile
        Its steps say what is read, and what is answered on which characteristic.
    """

    def __init__(self, profile: DeviceProfile) -> None:
        steps = profile.setup + profile.stop
        self._asked = [step for step in steps if step.op in _WRITES and step.expect_prefix]
        self._heard = {step.characteristic for step in steps if step.op is SetupOp.SUBSCRIBE}
        self._read = {step.characteristic for step in steps if step.op is SetupOp.READ}

    def request_of(self, characteristic: str, payload: bytes) -> bytes | None:
        """Return what a value answers: bytes that are written in set-up, nothing after a read, None if it is no answer.

        Requests that differ in their number alone are taken for each other: lines do not say what was asked. Nothing is
        returned either for the answer to one of several that are tried in turn.
        """
        asked = [step for step in self._asked if (step.answered_on or step.characteristic) == characteristic]
        answered = [(step, step.answer_prefix or step.expect_prefix) for step in asked]
        fitting = [(step, prefix) for step, prefix in answered if payload.startswith(prefix)]
        alike = [(step, prefix) for step, prefix in answered if not step.answered_on and payload[:1] == prefix[:1]]
        if fitting or alike:
            step = max(fitting or alike[:1], key=lambda each: len(each[1]))[0]
            return b"" if step.otherwise else step.payload
        return b"" if characteristic in self._read - self._heard else None


def read_lines(lines: Iterable[bytes], where: str, replies: Replies) -> list[Record]:
    """Read lines of seconds, characteristic and bytes.

    Parameters
    ----------
    lines : iterable of bytes
        ``<seconds> <characteristic uuid, full> <hex>`` each; blank ones and those that begin with # are left out.
    where : str
        Name of the file, for messages.
    replies : Replies
        Tells which values are answers.

    Returns
    -------
    list of Record
        The beginning of a night, and a record per line.

    Raises
    ------
    DecodeError
        If a line cannot be read, or is earlier than the one before.
    """
    found: list[Notification | SetupReply] = []
    for number, line in enumerate(lines, start=1):
        # Some editors begin a file with a mark of its encoding.
        text = line.decode("utf-8-sig" if number == 1 else "utf-8", errors="replace").strip()
        if not text or text.startswith("#"):
            continue
        try:
            found.append(_record(text, found[-1].mono_ns if found else None, replies))
        except DecodeError as error:
            raise DecodeError(f"{where}:{number}: {error}") from error
    if not found:
        return []
    return [NightStart(found[0].mono_ns, ZERO_NS + found[0].mono_ns, 1.0, "decode"), *found]


def _record(text: str, before_ns: int | None, replies: Replies) -> Notification | SetupReply:
    fields = text.split(maxsplit=_FIELDS - 1)
    if len(fields) < _FIELDS:
        raise DecodeError(f"got {_short(text)}, expected <seconds> <characteristic uuid> <hex>")
    mono_ns = _nanoseconds(fields[0])
    if before_ns is not None and mono_ns < before_ns:
        raise DecodeError(f"got {fields[0]} s after {before_ns / NS_PER_S:g} s, expected seconds that do not go back")
    characteristic = fields[1].lower()
    if not _UUID.fullmatch(characteristic):
        raise DecodeError(f"got characteristic {_short(fields[1])}, expected a full UUID of 36 characters")
    try:
        payload = bytes.fromhex(fields[2])
    except ValueError as error:
        raise DecodeError(f"got {_short(fields[2])}, expected bytes in hexadecimal, two digits each") from error
    request = replies.request_of(characteristic, payload)
    if request is None:
        return Notification(mono_ns, SENSOR, characteristic, payload)
    return SetupReply(mono_ns, SENSOR, characteristic, request, payload)


def _nanoseconds(text: str) -> int:
    """Return seconds as whole nanoseconds; a float would lose those of a date."""
    try:
        seconds = Decimal(text)
    except InvalidOperation:
        seconds = Decimal("NaN")
    if not (seconds.is_finite() and 0 <= seconds <= MOST_SECONDS):
        raise DecodeError(f"got {_short(text)}, expected a number of seconds from 0 to {MOST_SECONDS}")
    return int(seconds * NS_PER_S)


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")


def is_log(path: Path) -> bool:
    """Tell whether a file is a packet log, by its first bytes; a pipe is none, for what is read of it is gone."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def read_records(path: Path, sensor: str | None) -> tuple[str, Iterator[Record]]:
    """Read one sensor of a packet log.

    Parameters
    ----------
    path : Path
        The log.
    sensor : str or None
        Its name; None if the log holds one only.

    Returns
    -------
    tuple of (str, iterator of Record)
        The sensor's name and all records of the log.

    Raises
    ------
    DecodeError
        If there is no such sensor, or none was named and there are several.
    """
    heard = (getattr(record, "sensor", None) for _, record in read_log(path) if not isinstance(record, NightStart))
    names = sorted({name for name in heard if name})
    if sensor is None and len(names) > 1:
        raise DecodeError(f"{path}: holds {len(names)} sensors, expected --sensor and one of: {', '.join(names)}")
    if sensor is not None and sensor not in names:
        raise DecodeError(f"{path}: holds no sensor {sensor!r}, expected one of: {', '.join(names) or 'none'}")
    return sensor or next(chain(names, (SENSOR,))), (record for _, record in read_log(path))

"""A gentle alarm: which sensors have stayed away for too long, told once each time, and how it is told."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S, S_PER_MIN
from ingest.night.records import NightStart, Notification

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from ingest.night.records import Record
    from soleus.settings import AlarmSettings

NOTICE_TIMEOUT_S = 5.0
BELL = "\a"


@dataclass(frozen=True, slots=True)
class Absence:
    """A sensor that has stayed away, or is back.

    Parameters
    ----------
    sensor : str
        Its name.
    mono_ns : int
        Monotonic time of the night at which this was noticed.
    away_s : float
        How long it has sent nothing, or had sent nothing, s.
    is_over : bool
        Whether it is back.
    """

    sensor: str
    mono_ns: int
    away_s: float
    is_over: bool

    @property
    def text(self) -> str:
        """What to tell a person."""
        minutes = f"{self.away_s / S_PER_MIN:.0f} min"
        if self.is_over:
            return f"{self.sensor} is back after {minutes}"
        return f"{self.sensor} has sent nothing for {minutes}: is it charged, near, and still on the leg?"


class Watchman:
    """Listens to the packet log and says which sensors stay away.

    Parameters
    ----------
    sensors : iterable of str
        Who should be there.
    after_s : float
        Absence that is worth waking somebody, s of the night.
    streams : mapping of str to collection of str, optional
        Characteristics of a sensor that carry samples: a sensor that only says how its battery is, is away. Of a sensor
        without any everything counts.

    Examples
    --------
    >>> watchman = Watchman(["left"], after_s=600.0)
    >>> watchman.feed([NightStart(0, 0, 1.0, "")])
    >>> [absence.text for absence in watchman.due(601 * NS_PER_S)]
    ['left has sent nothing for 10 min: is it charged, near, and still on the leg?']
    >>> watchman.due(700 * NS_PER_S)
    []
    """

    def __init__(
        self, sensors: Iterable[str], after_s: float, streams: Mapping[str, Collection[str]] | None = None
    ) -> None:
        self._sensors = tuple(sensors)
        self._streams = streams or {}
        self._latest_ns: int | None = None
        self._after_ns = round(after_s * NS_PER_S)
        self._heard_ns: dict[str, int] = {}
        self._told: dict[str, int] = {}

    def feed(self, records: Iterable[Record]) -> None:
        """Take new records of the log."""
        for record in records:
            if isinstance(record, NightStart):
                if self._latest_ns is not None and record.mono_ns < self._latest_ns:
                    # The computer started again, and its monotonic time with it: what was heard has no date any more.
                    self._heard_ns.clear()
                    self._told.clear()
                    self._latest_ns = record.mono_ns
                # Before the first packet the wait is counted from when somebody began to listen.
                for sensor in self._sensors:
                    self._heard_ns.setdefault(sensor, record.mono_ns)
            elif isinstance(record, Notification) and self._is_data(record):
                self._heard_ns[record.sensor] = record.mono_ns
            self._latest_ns = record.mono_ns if self._latest_ns is None else max(self._latest_ns, record.mono_ns)

    def _is_data(self, heard: Notification) -> bool:
        streams = self._streams.get(heard.sensor, ())
        return not streams or heard.characteristic in streams

    def due(self, now_ns: int) -> list[Absence]:
        """Return what is to be told now, each absence once and its end once.

        Parameters
        ----------
        now_ns : int
            Monotonic time of the night.
        """
        told: list[Absence] = []
        for sensor in self._sensors:
            heard_ns, since_ns = self._heard_ns.get(sensor), self._told.get(sensor)
            if heard_ns is None:
                continue
            if since_ns is None and now_ns - heard_ns >= self._after_ns:
                self._told[sensor] = heard_ns
                told.append(Absence(sensor, now_ns, (now_ns - heard_ns) / NS_PER_S, is_over=False))
            elif since_ns is not None and heard_ns > since_ns:
                del self._told[sensor]
                told.append(Absence(sensor, now_ns, (heard_ns - since_ns) / NS_PER_S, is_over=True))
        return told


async def disturb(absence: Absence, settings: AlarmSettings) -> str:
    """Tell a person as the settings want it.

    Parameters
    ----------
    absence : Absence
        What to tell.
    settings : AlarmSettings
        How.

    Returns
    -------
    str
        What the terminal has to print to be heard; empty for nothing.
    """
    if settings.desktop:
        await notice(absence.text)
    return BELL if settings.sound and not absence.is_over else ""


async def notice(text: str) -> bool:
    """Show a notice on the desktop, where the computer has ``notify-send``; return whether it was shown."""
    command = shutil.which("notify-send")
    if command is None:
        return False
    process = await asyncio.create_subprocess_exec(
        command,
        "--app-name=Soleus",
        "Soleus",
        text,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(NOTICE_TIMEOUT_S):
            return await process.wait() == 0
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        return False

"""Where nights are kept, what a new one is called, and which one goes on after a crash."""

from __future__ import annotations

import fcntl
import logging
import time
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S
from ingest.errors import DecodeError
from ingest.night.folder import NightFolder, NightInfo, NightSensor
from ingest.night.packets import read_log
from ingest.night.records import NightEnd
from soleus import __version__
from soleus.config import ensure_private
from soleus.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from soleus.settings import Settings

log = logging.getLogger(__name__)

# A night that was cut off is continued within this time; after it a new one begins.
RESUME_WITHIN_S = 12 * 3600.0
# 2026-10-25
DATE_LETTERS = 10


def journal_path(settings: Settings) -> Path:
    """Return where the journal is."""
    return settings.data_dir / "journal.sqlite"


def sending_lock(settings: Settings) -> Path:
    """Return what is held while the journal is sent without a night, and while something is removed from it."""
    return settings.data_dir / "sending.lock"


def nights_dir(settings: Settings) -> Path:
    """Return the folder of all nights."""
    return settings.data_dir / "nights"


def all_nights(
    settings: Settings, read: Callable[[NightFolder], NightInfo] = NightFolder.read_info
) -> Iterator[NightFolder]:
    """Yield every night that can be read, newest first; a damaged one must not stop tonight.

    Parameters
    ----------
    settings : Settings
        Where they are.
    read : callable
        Returns what was worn; raises DecodeError of a night that cannot be read.
    """
    parent = nights_dir(settings)
    if not parent.is_dir():
        return
    # By name, because it begins with the date; within a date by what the folder says, because an hour can come twice.
    names = sorted((path.name for path in parent.iterdir()), reverse=True)
    for _, same_date in groupby(names, key=lambda name: name[:DATE_LETTERS]):
        found = [night for name in same_date if (night := _readable(NightFolder(parent / name), read)) is not None]
        yield from (folder for _, folder in sorted(found, key=lambda night: night[0], reverse=True))


def _readable(folder: NightFolder, read: Callable[[NightFolder], NightInfo]) -> tuple[int, NightFolder] | None:
    """Return when a night began, UTC ns, and its folder, if what was worn can be read."""
    if not folder.info_path.is_file():
        return None
    try:
        return read(folder).start_ns, folder
    except DecodeError as error:
        log.warning("left out: %s", error)
        return None


@contextmanager
def alone(lock: Path, otherwise: str) -> Iterator[None]:
    """Hold a lock file while something must be done by one process only.

    Parameters
    ----------
    lock : Path
        The file.
    otherwise : str
        What to say if another process holds it.

    Raises
    ------
    ConfigError
        If another process holds it.
    """
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            msg = f"{lock.parent}: {otherwise}"
            raise ConfigError(msg) from error
        yield


def find_night(settings: Settings, name: str) -> NightFolder:
    """Return the night of a name, or in a folder.

    Raises
    ------
    ConfigError
        If there is none.
    """
    for folder in all_nights(settings):
        if folder.path.name == name:
            return folder
    msg = f"night {name!r} is not in {nights_dir(settings)}, expected one of: " + (
        ", ".join(folder.path.name for folder in all_nights(settings)) or "(none recorded yet)"
    )
    raise ConfigError(msg)


def named_night(settings: Settings, night: str) -> NightFolder:
    """Return the night that a person named, by its name or its folder.

    Raises
    ------
    ConfigError
        If there is none.
    """
    folder = NightFolder(Path(night)) if Path(night).is_dir() else find_night(settings, night)
    if not folder.info_path.is_file():
        msg = f"{folder.path}: no night.json, expected the folder of a night"
        raise ConfigError(msg)
    return folder


def start_or_resume(settings: Settings, *, speed: float = 1.0, utc_ns: int | None = None) -> NightFolder:
    """Return the night that was cut off a short while ago, or a new one.

    A night goes on only with what its ``night.json`` says: of a sensor that was added or moved since, the log would
    hold packets that nothing scores.

    Parameters
    ----------
    settings : Settings
        Where nights are kept and which sensors are worn.
    speed : float
        Speed at which the night is played.
    utc_ns : int, optional
        Time of its start; now if not given.

    Returns
    -------
    NightFolder
        A folder that only its owner can read.
    """
    now_ns = time.time_ns() if utc_ns is None else utc_ns
    ensure_private(settings.data_dir)
    ensure_private(nights_dir(settings))
    newest = next(all_nights(settings), None)
    worn = tuple(
        NightSensor(s.name, s.device, s.address, s.leg, s.site, s.options, s.described) for s in settings.sensors
    )
    if newest is not None and _cut_off(newest, now_ns):
        if all(sensor in newest.read_info().sensors for sensor in worn):
            return newest
        log.warning("the night %s does not go on: other sensors are worn now; a new night begins", newest.path.name)
    started = datetime.fromtimestamp(now_ns / NS_PER_S).astimezone()
    name = started.strftime("%Y-%m-%d-%H%M%S")
    if (nights_dir(settings) / name).exists():
        # In the hour that comes twice when summer time ends.
        name += started.strftime("-%Z")
    path = ensure_private(nights_dir(settings) / name)
    folder = NightFolder(path)
    offset = started.utcoffset()
    folder.write_info(
        NightInfo(
            site=settings.site,
            person=settings.person,
            night=name,
            scoring=settings.scoring,
            speed=speed,
            sensors=worn,
            start_ns=now_ns,
            utc_offset_s=round(offset.total_seconds()) if offset else 0,
            version=__version__,
        )
    )
    return folder


def _cut_off(folder: NightFolder, now_ns: int) -> bool:
    """Return whether a night was never ended and is recent enough to go on."""
    if now_ns - folder.read_info().start_ns > RESUME_WITHIN_S * NS_PER_S:
        return False
    if not folder.packets.is_file():
        return True  # its collector was killed before it could write a word
    ended = False
    for _, record in read_log(folder.packets):
        ended = isinstance(record, NightEnd)
    return not ended

"""Is this computer good for a night: its disk, its clock, and whether another collector is at work."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from soleus.nights import all_nights
from soleus.verdicts import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ingest.night.folder import NightFolder
    from soleus.settings import Settings

# Of what a night needs besides the packet log: epochs, events, tracks, journal, and an EDF file made of it.
NIGHT_PER_LOG = 3.0
# Free space for so many nights is enough not to be thought of.
PLENTY_NIGHTS = 14
# No night can be older than this program; a clock that says so was never set.
EARLIEST_YEAR = 2026
# A wall clock that is steered moves by less in ten seconds; more is a jump.
MOST_JUMP_S = 0.5
COMMAND_WITHIN_S = 5.0
MB = 1e6


def asked(*argv: str) -> str | None:
    """Return what another program prints, or None if it is not there or does not answer in time.

    Parameters
    ----------
    *argv : str
        Program and arguments.
    """
    program = shutil.which(argv[0])
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, *argv[1:]], capture_output=True, text=True, check=False, timeout=COMMAND_WITHIN_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def disk(data_dir: Path, hours: float, bytes_per_h: float) -> Finding:
    """Judge whether a night fits on the disk.

    Parameters
    ----------
    data_dir : Path
        Where nights are kept; need not exist yet.
    hours : float
        Length of the night, h.
    bytes_per_h : float
        Size of the packet log, bytes per hour.
    """
    place = next(folder for folder in (data_dir, *data_dir.resolve().parents) if folder.is_dir())
    free_mb = shutil.disk_usage(place).free / MB
    night_mb = max(bytes_per_h * hours * NIGHT_PER_LOG / MB, 1.0)
    seen = f"{_size(free_mb)} free; a night of {hours:g} h takes about {_size(night_mb)}"
    values = {"free_mb": round(free_mb, 1), "night_mb": round(night_mb, 1)}
    if free_mb < night_mb:
        return Finding("disk", Verdict.WRONG, seen, f"make room where {place} is, or set data_dir", values)
    if free_mb < PLENTY_NIGHTS * night_mb:
        return Finding(
            "disk", Verdict.WARNING, seen, f"room for {free_mb / night_mb:.0f} nights: make room soon", values
        )
    return Finding("disk", Verdict.OK, seen, "", values)


def _size(megabytes: float) -> str:
    return f"{megabytes:.0f} MB" if megabytes < 1000 else f"{megabytes / 1000:.1f} GB"  # noqa: PLR2004 - MB per GB


def clock(jumped_s: float | None = None) -> Finding:
    """Judge whether the computer's clock can date a night.

    Parameters
    ----------
    jumped_s : float, optional
        By how much the wall clock moved against the monotonic one while somebody looked, s.
    """
    now = datetime.fromtimestamp(time.time(), UTC)
    if now.year < EARLIEST_YEAR:
        advice = "set it (sudo timedatectl set-ntp true); a computer without a battery needs the network for it"
        return Finding("clock", Verdict.WRONG, f"it says {now:%Y-%m-%d}", advice)
    if jumped_s is not None and abs(jumped_s) > MOST_JUMP_S:
        advice = "wait until it is synchronised, then check again"
        return Finding("clock", Verdict.WARNING, f"it was just set by {jumped_s:+.1f} s", advice)
    synchronised = asked("timedatectl", "show", "--property=NTPSynchronized", "--value")
    if synchronised == "yes":
        return Finding("clock", Verdict.OK, "synchronised")
    if synchronised == "no":
        advice = "sudo timedatectl set-ntp true; left and right stay together anyway, only the time of day may be off"
        return Finding("clock", Verdict.WARNING, "not synchronised", advice)
    return Finding(
        "clock", Verdict.UNKNOWN, f"whether it is synchronised is not known; it says {now:%Y-%m-%d %H:%M} UTC"
    )


def collector_at_work(settings: Settings) -> Path | None:
    """Return the night that another process is collecting from one of these sensors, if there is one.

    Parameters
    ----------
    settings : Settings
        Where nights are kept, and the sensors.
    """
    own = {sensor.address.upper() for sensor in settings.sensors}
    for folder in all_nights(settings):
        worn = {sensor.address.upper() for sensor in folder.read_info().sensors}
        if own & worn and goes_on(folder):
            return folder.path
    return None


def goes_on(folder: NightFolder) -> bool:
    """Return whether another process is collecting a night now.

    Parameters
    ----------
    folder : NightFolder
        The night.
    """
    return any(_held(folder.path / name) for name in ("night.lock", "recorder.lock"))


def _held(lock: Path) -> bool:
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def distinct(settings: Settings) -> list[Finding]:
    """Judge whether the configured sensors can be told apart.

    Parameters
    ----------
    settings : Settings
        The sensors.

    Returns
    -------
    list of Finding
        Empty if there is one sensor only.
    """
    if len(settings.sensors) < 2:  # noqa: PLR2004 - one is always distinct
        return []
    places = [f"{sensor.leg} {sensor.site}" for sensor in settings.sensors]
    if _twice(places):
        advice = "give one of them the other leg or another site: soleus setup"
        return [Finding("sensors", Verdict.WARNING, f"two are on the {_twice(places)}", advice)]
    return [Finding("sensors", Verdict.OK, f"{len(places)} at different places: {', '.join(places)}")]


def _twice(values: Sequence[str]) -> str:
    return next((value for value in values if values.count(value) > 1), "")

"""The letter box for markers: anyone may leave one, and the recorder carries it into the packet log.

Only the recorder writes the log, so a page, a key press or an MQTT message leaves a small file in the night's folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S
from ingest.night.records import Mark

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.inbox import Log
    from ingest.timebase import Timebase

BOX = "marks"
LONGEST_LABEL = 80
"""Characters; a marker is a word or two, and what comes over a network must not fill the disk."""
LONGEST_FILE_BYTES = 4096
LONGEST_AGE_NS = 3600 * NS_PER_S
"""A file whose date is further off was dated by another clock."""
LOOK_EVERY_S = 0.5
MOST_PER_LOOK = 100
"""Files; the sensors are heard in the same loop, and a box that was not emptied for long must not keep it from them."""
DATED = re.compile(r"-?[0-9]{1,18}", re.ASCII)
"""A time of the night in the name of a file: as many digits as every record of the log takes."""


def legible(text: str) -> str:
    r"""Return one short line that every program can keep: no control characters, and no half of a surrogate pair.

    Parameters
    ----------
    text : str
        What somebody called a moment; JSON and terminals let through what is no text.

    Returns
    -------
    str
        At most 80 characters; empty if nothing legible is left.

    Examples
    --------
    >>> legible("calf\n\x1b[2J cramp \ud800")
    'calf [2J cramp ?'
    """
    whole = text.encode("utf-8", "replace").decode("utf-8")
    printable = "".join(c if c.isprintable() else " " for c in whole)
    return " ".join(printable.split())[:LONGEST_LABEL]


def leave_mark(night: Path, label: str, source: str, *, age_s: float = 0.0) -> None:
    """Leave a marker for this moment, or for one that is a little while ago.

    Parameters
    ----------
    night : Path
        Folder of the night.
    label : str
        What happened; one line of at most 80 characters is kept.
    source : str
        Where it came from: ``keyboard``, ``page`` or ``mqtt``.
    age_s : float
        How long ago it was, s by the wall clock; of more than an hour the marker is of this moment.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    box = night / BOX
    box.mkdir(mode=0o700, exist_ok=True)
    text = legible(label) or "marker"
    name = f"{time.time_ns()}-{secrets.token_hex(4)}"
    # Whoever collects sees a whole file or none.
    unfinished = box / f".{name}"
    unfinished.write_text(json.dumps({"label": text, "source": source}), encoding="utf-8")
    if age_s > 0:
        # Whoever collects dates a marker by its file.
        then_ns = time.time_ns() - round(age_s * NS_PER_S)
        os.utime(unfinished, ns=(then_ns, then_ns))
    unfinished.replace(box / f"{name}.json")


@dataclass(frozen=True, slots=True)
class MarkBox:
    """What was left and not yet collected.

    Parameters
    ----------
    night : Path
        Folder of the night.
    timebase : Timebase
        Time of the night.

    Notes
    -----
    A recorder that is killed after it logged a marker and before it threw the file away logs it a second time. The time
    of the marker is in the file's name by then, so that both records are equal, also if the wall clock was set in
    between; whoever reads the log takes equal markers for one.
    """

    night: Path
    timebase: Timebase

    def waiting(self) -> list[tuple[Path, Mark]]:
        """Return the markers that wait, oldest first, of the first 100 files; one that is no marker is thrown away."""
        box = self.night / BOX
        found: list[tuple[Path, Mark]] = []
        for path in sorted(box.glob("[!.]*.json"))[:MOST_PER_LOOK] if box.is_dir() else ():
            mark = self._read(path)
            if mark is None:
                path.unlink(missing_ok=True)
            else:
                found.append((path, mark))
        return found

    def dated(self, path: Path, mark: Mark) -> Path:
        """Return a marker's file under a name that holds its time, from which it is dated from now on."""
        if _time_in(path) is not None:
            return path
        return path.replace(path.with_name(f"{path.stem}.{mark.mono_ns}{path.suffix}"))

    def _read(self, path: Path) -> Mark | None:
        try:
            with path.open("rb") as file:
                stored = json.loads(file.read(LONGEST_FILE_BYTES))
                left_ns = os.fstat(file.fileno()).st_mtime_ns
            known_ns = _time_in(path)
            mono_ns = self._left_at(left_ns) if known_ns is None else known_ns
            return Mark(mono_ns, legible(str(stored["label"])), legible(str(stored["source"])))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def _left_at(self, left_ns: int) -> int:
        """Return the time of the night of something that the wall clock dates."""
        age_ns = time.time_ns() - left_ns
        if not 0 <= age_ns <= LONGEST_AGE_NS:
            age_ns = 0
        return self.timebase.mono_ns() - round(age_ns * self.timebase.speed)


def _time_in(path: Path) -> int | None:
    """Return the time of the night in a file's name, or None if it was not dated yet."""
    _, dot, time_ns = path.stem.rpartition(".")
    return int(time_ns) if dot and DATED.fullmatch(time_ns) else None


async def carry_marks(box: MarkBox, log: Log) -> None:
    """Carry what is left into the packet log, for ever, 100 at a look; a file goes when its marker is on disk.

    Parameters
    ----------
    box : MarkBox
        Where to look.
    log : Log
        The packet log.
    """
    logged: set[Path] = set()
    while True:
        # On a disk that is full or does not sync the files wait; what is logged already is not logged again.
        with contextlib.suppress(OSError):
            for left, mark in box.waiting():
                path = box.dated(left, mark)
                if path not in logged:
                    log.append(mark)
                    logged.add(path)
            if logged:
                await asyncio.to_thread(log.sync)
            for path in list(logged):
                path.unlink(missing_ok=True)
                logged.discard(path)
        await asyncio.sleep(LOOK_EVERY_S)

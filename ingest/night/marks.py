"""The letter box for markers: anyone may leave one, and the recorder carries it into the packet log.

Only the recorder writes the log, so a page, a key press or an MQTT message leaves a small file in the night's folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.night.records import Mark

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.inbox import Log
    from ingest.timebase import Timebase

BOX = "marks"
LONGEST_LABEL = 80
"""Characters; a marker is a word or two, and what comes over a network must not fill the disk."""
LONGEST_FILE_BYTES = 4096
LONGEST_AGE_NS = 3600 * 1_000_000_000
"""A file whose date is further off was dated by another clock."""
LOOK_EVERY_S = 0.5


def leave_mark(night: Path, label: str, source: str) -> None:
    """Leave a marker for this moment.

    Parameters
    ----------
    night : Path
        Folder of the night.
    label : str
        What happened; one line of at most 80 characters is kept.
    source : str
        Where it came from: ``keyboard``, ``page`` or ``mqtt``.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    box = night / BOX
    box.mkdir(mode=0o700, exist_ok=True)
    text = " ".join(label.split())[:LONGEST_LABEL] or "marker"
    name = f"{time.time_ns()}-{secrets.token_hex(4)}"
    # Whoever collects sees a whole file or none.
    unfinished = box / f".{name}"
    unfinished.write_text(json.dumps({"label": text, "source": source}), encoding="utf-8")
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
    A recorder that is killed after it logged a marker and before it threw the file away logs it a second time, at the
    same instant; it is one marker to everybody who reads the log.
    """

    night: Path
    timebase: Timebase

    def waiting(self) -> list[tuple[Path, Mark]]:
        """Return the markers that wait, oldest first; a file that is none is thrown away."""
        box = self.night / BOX
        found: list[tuple[Path, Mark]] = []
        for path in sorted(box.glob("[!.]*.json")) if box.is_dir() else ():
            mark = self._read(path)
            if mark is None:
                path.unlink(missing_ok=True)
            else:
                found.append((path, mark))
        return found

    def _read(self, path: Path) -> Mark | None:
        try:
            with path.open("rb") as file:
                stored = json.loads(file.read(LONGEST_FILE_BYTES))
                left_ns = os.fstat(file.fileno()).st_mtime_ns
            age_ns = time.time_ns() - left_ns
            if not 0 <= age_ns <= LONGEST_AGE_NS:
                age_ns = 0
            mono_ns = self.timebase.mono_ns() - round(age_ns * self.timebase.speed)
            return Mark(mono_ns, str(stored["label"])[:LONGEST_LABEL], str(stored["source"])[:LONGEST_LABEL])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None


async def carry_marks(box: MarkBox, log: Log) -> None:
    """Carry what is left into the packet log, for ever; a file goes when its marker is on disk.

    Parameters
    ----------
    box : MarkBox
        Where to look.
    log : Log
        The packet log.
    """
    while True:
        # On a full disk the files wait: a marker that is logged twice is one.
        with contextlib.suppress(OSError):
            waiting = box.waiting()
            for _, mark in waiting:
                log.append(mark)
            if waiting:
                await asyncio.to_thread(log.sync)
            for path, _ in waiting:
                path.unlink(missing_ok=True)
        await asyncio.sleep(LOOK_EVERY_S)

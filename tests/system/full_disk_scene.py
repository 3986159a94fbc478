"""``python -m tests.system.full_disk_scene FOLDER HOW``: a night whose disk becomes full, and has room again.

With ``tmpfs`` the folder of the data is a file system of 64 MiB of its own, in a mount namespace that the caller made.
With ``limit`` no file of the collector may grow, which is all that can be done where namespaces are forbidden. The data
is copied to ``FOLDER/kept`` in the end, and what happened is printed as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.chaos.night import Collector, collecting, new_clock, sensors, the_night, write_config
from tests.system.servers import wait_until

if TYPE_CHECKING:
    from ingest.night.folder import NightFolder

MOUNT = ("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs")
SPEED = 60.0
# The night is ended when the disk has had room again for a while; more happens to spastic legs in so long.
HOURS, REGIME = 2.0, "spastic"
# Three minutes of the night: more than the scorer's next look, and less than what fits into the recorder's memory.
FULL_S = 3.0
START_WITHIN_S = 120.0
# How many times as long the log becomes: there is more in it then than was kept in memory meanwhile.
GROWN = 3
# What the collector says must fit into its own log; everything else is longer, or becomes longer.
LONGEST_FILE_BYTES = 8192


class Ballast:
    """Fills a file system to its last byte."""

    def __init__(self, data: Path) -> None:
        self._file = data / "ballast"

    def fill(self) -> None:
        with self._file.open("wb", buffering=0) as file:
            n_bytes = 1 << 20
            while n_bytes:
                try:
                    file.write(bytes(n_bytes))
                except OSError:
                    n_bytes //= 2

    def free(self) -> None:
        self._file.unlink()


class Limit:
    """Lets no file of a process group grow."""

    def __init__(self, group: int) -> None:
        self._group = group

    def fill(self) -> None:
        self._set(LONGEST_FILE_BYTES)

    def free(self) -> None:
        self._set(resource.RLIM_INFINITY)

    def _set(self, most_bytes: int) -> None:
        for number in (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()):
            # It may end meanwhile.
            with suppress(ProcessLookupError):
                if os.getpgid(number) == self._group:
                    _, hard = resource.prlimit(number, resource.RLIMIT_FSIZE)
                    resource.prlimit(number, resource.RLIMIT_FSIZE, (most_bytes, hard))


def play(folder: Path, how: str) -> dict[str, object]:
    """Play the night; return the collector's exit code and whether what was stored stayed as it was."""
    data = folder / "data"
    data.mkdir()
    if how == "tmpfs":
        subprocess.run([*MOUNT, str(data)], check=True)
    config, clock = write_config(folder), new_clock(SPEED)
    with ExitStack() as stack:
        stack.callback(lambda: shutil.copytree(data, folder / "kept" / "data"))
        legs = stack.enter_context(sensors(HOURS, 3, clock, REGIME))
        collector = stack.enter_context(collecting(config, legs.port, clock))
        room = Ballast(data) if how == "tmpfs" else Limit(collector.pid)
        wait_until(lambda: _is_scored(folder), "a night that is scored", within_s=START_WITHIN_S)
        room.fill()
        _wait_for(collector, "the packet log cannot be written")
        night = _night(folder)
        stored = night.packets.read_bytes()
        time.sleep(FULL_S)
        room.free()
        wait_until(
            lambda: night.packets.stat().st_size > GROWN * len(stored), "a log that goes on", within_s=START_WITHIN_S
        )
        legs.end_night()
        legs.wait_for("done")
        code = collector.interrupt()
        return {"code": code, "stays": night.packets.read_bytes().startswith(stored), "stored": len(stored)}


def _is_scored(folder: Path) -> bool:
    night = the_night(folder)
    return night is not None and (night.path / "summary.json").exists()


def _night(folder: Path) -> NightFolder:
    night = the_night(folder)
    assert night is not None
    return night


def _wait_for(collector: Collector, text: str) -> None:
    wait_until(lambda: text in collector.log.read_text(), text, within_s=START_WITHIN_S)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(play(Path(sys.argv[1]), sys.argv[2])))

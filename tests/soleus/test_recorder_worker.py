"""The recorder's process: a night that was cut off and one that was ended leave different logs."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ingest.night.marks import BOX, leave_mark
from ingest.night.packets import read_log
from ingest.night.records import Mark, NightEnd, NightStart
from tests.night_log import write_night
from tests.system.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
CONFIG = """
[[sensor]]
name = "left-shin"
device = "lsp"
address = "C4:00:00:00:00:01"
leg = "left"
"""


@contextmanager
def recording(folder: Path, night: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a recorder; without a Bluetooth service it tries for ever, which is all that it needs to do here."""
    config = folder / "soleus.toml"
    config.write_text(CONFIG)
    recorder = subprocess.Popen(
        [sys.executable, "-m", "soleus.workers.recorder", "--config", str(config), str(night)],
        stdin=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={folder}/nobody"},
    )
    try:
        yield recorder
    finally:
        recorder.kill()
        recorder.wait()


@pytest.mark.slow
def test_a_marker_that_somebody_left_is_carried_into_the_log(tmp_path: Path) -> None:
    folder = write_night(tmp_path / "night", [])
    leave_mark(folder.path, "cramp", "page")
    with recording(tmp_path, folder.path) as recorder:
        wait_until(lambda: any(isinstance(r, Mark) for _, r in read_log(folder.packets)), "the marker is logged")
        wait_until(lambda: not list((folder.path / BOX).iterdir()), "its file is thrown away")
        recorder.communicate(b"end\n", timeout=60)
    (mark,) = [record for _, record in read_log(folder.packets) if isinstance(record, Mark)]
    assert (mark.label, mark.source) == ("cramp", "page")


@pytest.mark.slow
@pytest.mark.parametrize(("word", "ends"), [(b"", 0), (b"end\n", 1)])
def test_a_night_ends_in_the_log_only_if_the_supervisor_says_so(tmp_path: Path, word: bytes, ends: int) -> None:
    folder = write_night(tmp_path / "night", [])
    with recording(tmp_path, folder.path) as recorder:
        wait_until(lambda: any(isinstance(r, NightStart) for _, r in read_log(folder.packets)), "the recorder is up")
        recorder.communicate(word, timeout=60)
        assert recorder.returncode == 0
    assert sum(isinstance(record, NightEnd) for _, record in read_log(folder.packets)) == ends

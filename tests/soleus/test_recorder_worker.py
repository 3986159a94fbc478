"""The recorder's process: a night that was cut off and one that was ended leave different logs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.night.packets import read_log
from ingest.night.records import NightEnd, NightStart
from tests.night_log import write_night
from tests.system.servers import wait_until

ROOT = Path(__file__).parents[2]
CONFIG = """
[[sensor]]
name = "left-shin"
device = "lsp"
address = "C4:00:00:00:00:01"
leg = "left"
"""


@pytest.mark.parametrize(("word", "ends"), [(b"", 0), (b"end\n", 1)])
def test_a_night_ends_in_the_log_only_if_the_supervisor_says_so(tmp_path: Path, word: bytes, ends: int) -> None:
    config = tmp_path / "soleus.toml"
    config.write_text(CONFIG)
    folder = write_night(tmp_path / "night", [])
    # Without a Bluetooth service the recorder tries for ever, which is all that it needs to do here.
    recorder = subprocess.Popen(
        [sys.executable, "-m", "soleus.workers.recorder", "--config", str(config), str(folder.path)],
        stdin=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tmp_path}/nobody"},
    )
    try:
        wait_until(lambda: any(isinstance(r, NightStart) for _, r in read_log(folder.packets)), "the recorder is up")
        recorder.communicate(word, timeout=20)
        assert recorder.returncode == 0
    finally:
        recorder.kill()
        recorder.wait()
    assert sum(isinstance(record, NightEnd) for _, record in read_log(folder.packets)) == ends

"""`soleus night` on a disk that becomes full and has room again: the whole collector, with nothing in its place."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks.chaos.night import the_night, write_config
from ingest.night.journal import Journal
from ingest.night.packets import read_log
from ingest.night.records import NightEnd, NightStart, RecoveryStep
from tests.system.servers import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.system, pytest.mark.timeout(350)]

# A person who is not root may mount a file system, too, where the system lets them have a namespace of their own.
NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")
PATIENCE_S = 300.0
# One is usual.
MOST_LINES = 3


def way_to_fill(folder: Path) -> tuple[tuple[str, ...], str]:
    """Return what to start the scene with and how it fills the disk."""
    try:
        tried = subprocess.run(
            [*NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", str(folder)], capture_output=True, check=False
        )
    except FileNotFoundError:
        return (), "limit"
    return (NAMESPACE, "tmpfs") if tried.returncode == 0 else ((), "limit")


def assert_the_night_is_whole(folder: Path, how: str) -> None:
    night = the_night(folder)
    assert night is not None
    records = [record for _, record in read_log(night.packets)]
    assert sum(isinstance(record, NightStart) for record in records) == 1
    assert isinstance(records[-1], NightEnd)
    steps = [record for record in records if isinstance(record, RecoveryStep)]
    # On a machine with much other work a link may fall silent as well, and the disk be found full twice while it is.
    full = [step for step in steps if step.step == "log not written"]
    assert 1 <= len(full) <= MOST_LINES
    assert all(("No space left on device" if how == "tmpfs" else "File too large") in step.detail for step in full)
    certificate = json.loads((night.path / "certificate.json").read_text())
    streams = [stream for sensor in certificate["sensors"] for stream in sensor["streams"]]
    assert len(streams) == 4
    assert all(stream["missing"] == 0 < stream["received"] for stream in streams)
    assert not [path for path in night.path.rglob(".*") if path.is_file()]


def assert_a_replay_agrees(folder: Path) -> None:
    night = the_night(folder)
    assert night is not None
    arguments = ["replay", night.path.name, "--config", str(write_config(folder)), "--json"]
    out = subprocess.run([sys.executable, "-m", "soleus", *arguments], capture_output=True, check=True, cwd=ROOT)
    replayed = [(event["kind"], event["leg"], event["measures"]) for event in json.loads(out.stdout)["events"]]
    info = night.read_info()
    with Journal(folder / "data" / "journal.sqlite") as journal:
        bodies = [entry.body for entry in journal.events(info.person, info.night, info.scoring)]
    kept = [(body["kind"], body["leg"], body["measures"]) for body in bodies]
    assert sorted(map(repr, kept)) == sorted(map(repr, replayed))
    assert kept


@pytest.mark.parametrize("how", ["as far as possible", "limit"])
def test_a_disk_that_is_full_for_minutes_costs_no_sample_and_no_event_and_says_so_in_lines(
    tmp_path: Path, how: str
) -> None:
    prefix, filled = way_to_fill(tmp_path) if how != "limit" else ((), how)
    played = subprocess.run(
        [*prefix, sys.executable, "-m", "tests.system.full_disk_scene", str(tmp_path), filled],
        capture_output=True,
        check=False,
        cwd=ROOT,
        timeout=PATIENCE_S,
    )
    said = (tmp_path / "collector.log").read_text()
    assert played.returncode == 0, f"{played.stderr.decode()}\n{said}"
    happened = json.loads(played.stdout.splitlines()[-1])
    assert happened["code"] == 0, said
    assert happened["stays"]
    assert happened["stored"] > 0
    assert "Traceback" not in said
    assert_the_night_is_whole(tmp_path / "kept", filled)
    assert_a_replay_agrees(tmp_path / "kept")

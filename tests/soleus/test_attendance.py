"""A running night is looked after whatever the disk and the journal do, and says who delivers."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from detectors.signal import NS_PER_S, Leg
from ingest.decoders.lsp_info import DATA_UUID, STATUS_UUID
from ingest.night.entries import TopicKind
from ingest.night.journal import Journal
from ingest.night.records import LinkDown, LinkUp, NightStart, Notification, Record, RecoveryStep, TimePair
from ingest.timebase import Timebase
from soleus.attendance import Attendant
from soleus.nights import journal_path
from soleus.presence import Presence
from soleus.settings import AlarmSettings, SensorSettings, Settings
from tests.night_log import INFO, write_night

if TYPE_CHECKING:
    from pathlib import Path


def attendant_of(path: Path, *records: Record) -> tuple[Attendant, Settings, io.StringIO]:
    sensor = SensorSettings("left", "lsp", "LSP-L001", Leg.LEFT)
    settings = Settings(person=INFO.person, data_dir=path, sensors=(sensor,), alarm=AlarmSettings(after_min=0.5))
    said = io.StringIO()
    folder = write_night(path / INFO.night, records)
    return Attendant(settings, folder, Timebase(), Console(file=said, width=200)), settings, said


@pytest.mark.slow
async def test_a_journal_that_another_program_holds_is_said_once_and_what_was_to_be_told_is_kept(
    tmp_path: Path,
) -> None:
    now_ns = Timebase().mono_ns()
    attendant, settings, said = attendant_of(
        tmp_path, NightStart(now_ns - 60 * NS_PER_S, 0, 1.0, "test"), TimePair(now_ns, 0)
    )
    Journal(journal_path(settings)).close()
    with closing(sqlite3.connect(journal_path(settings), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await attendant.look() == "waiting: left: not heard yet"
    assert said.getvalue().count("The journal cannot be used (database is locked)") == 1
    # Battery and link stand in the log of no scoring, so they are no facts of this one.
    assert (await attendant.look()).endswith("0 facts · 0 delivered")
    attendant.close()
    with Journal(journal_path(settings)) as journal:
        assert journal.counts(TopicKind.HEALTH).entries == 1


async def test_nobody_is_away_while_the_log_takes_nothing(tmp_path: Path) -> None:
    long_ago_ns = Timebase().mono_ns() - 3600 * NS_PER_S
    attendant, _, said = attendant_of(
        tmp_path, NightStart(long_ago_ns, 0, 1.0, "test"), Notification(long_ago_ns, "left", DATA_UUID, b"")
    )
    await attendant.look()
    attendant.close()
    assert "has sent nothing" not in said.getvalue()


async def test_where_no_status_line_is_seen_the_reason_is_told_once_and_so_are_the_first_samples(
    tmp_path: Path,
) -> None:
    attendant, _, said = attendant_of(tmp_path, NightStart(0, 0, 1.0, "test"), step(1, "no Bluetooth: no D-Bus"))
    assert (await attendant.look()).startswith("waiting: left: unreachable: no Bluetooth: no D-Bus · 0.0 MB")
    await attendant.look()
    attendant.close()
    assert said.getvalue().splitlines() == ["left: unreachable: no Bluetooth: no D-Bus"]


def step(at_s: int, detail: str) -> RecoveryStep:
    return RecoveryStep(at_s * NS_PER_S, "left", "unreachable", detail)


def test_recording_is_said_from_the_first_samples_on_and_silence_with_the_last_step() -> None:
    presence = Presence({"left": (DATA_UUID,)})
    presence.feed([LinkUp(0, "left", 247), Notification(NS_PER_S, "left", STATUS_UUID, b"")])
    assert str(presence) == "waiting: left: connected, nothing sent yet"
    presence.feed([Notification(2 * NS_PER_S, "left", DATA_UUID, b"")])
    assert str(presence) == "recording: left delivers"
    presence.feed([TimePair(31 * NS_PER_S, 0)])
    assert presence.delivers("left")
    presence.feed([TimePair(32 * NS_PER_S, 0)])
    assert str(presence) == "recording: left: silent"
    presence.feed([LinkDown(33 * NS_PER_S, "left", "lost")])
    assert str(presence) == "recording: left: link lost: lost"


def test_a_computer_that_started_again_makes_no_old_sample_a_new_one() -> None:
    presence = Presence({"left": ()})
    presence.feed([Notification(900 * NS_PER_S, "left", "data", b""), NightStart(NS_PER_S, 0, 1.0, "test")])
    assert not presence.delivers("left")
    assert presence.latest_ns == NS_PER_S

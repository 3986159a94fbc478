"""A sensor that stays away at night: noticed once, told gently, and told again when it is back."""

from __future__ import annotations

import asyncio
import io
import os
import pty
from typing import TYPE_CHECKING

from rich.console import Console

from detectors.signal import NS_PER_S, Leg
from ingest.decoders.lsp_info import DATA_UUID
from ingest.night.entries import TopicKind
from ingest.night.journal import Journal
from ingest.night.marks import MarkBox
from ingest.night.packets import PacketLogWriter
from ingest.night.records import NightStart, Notification, TimePair
from ingest.timebase import Timebase
from soleus.alarm import BELL, Absence, Watchman, disturb
from soleus.attendance import Attendant
from soleus.commands.night import marking
from soleus.nights import journal_path
from soleus.settings import AlarmSettings, SensorSettings, Settings
from tests.night_log import INFO, write_night

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

AWAY = Absence("left", 0, 600.0, is_over=False)


def heard(sensor: str, at_s: float) -> Notification:
    return Notification(round(at_s * NS_PER_S), sensor, "data", b"")


def told(watchman: Watchman, at_s: float) -> list[tuple[str, float, bool]]:
    return [(one.sensor, one.away_s, one.is_over) for one in watchman.due(round(at_s * NS_PER_S))]


def test_an_absence_is_told_once_at_its_limit_and_so_is_its_end() -> None:
    watchman = Watchman(["left", "right"], 600.0)
    watchman.feed([NightStart(0, 0, 1.0, ""), heard("left", 5.0), heard("right", 550.0)])
    assert told(watchman, 604.9) == []
    assert told(watchman, 605.0) == [("left", 600.0, False)]
    assert told(watchman, 900.0) == []
    watchman.feed([heard("left", 905.0)])
    assert told(watchman, 906.0) == [("left", 900.0, True)]
    assert told(watchman, 907.0) == []
    watchman.feed([heard("right", 1500.0)])
    assert told(watchman, 1504.9) == []
    assert told(watchman, 1505.0) == [("left", 600.0, False)]


def test_a_sensor_that_never_came_is_away_since_the_night_began_and_a_new_collector_does_not_begin_it_anew() -> None:
    watchman = Watchman(["left"], 600.0)
    assert told(watchman, 1e6) == []
    watchman.feed([NightStart(0, 0, 1.0, ""), NightStart(500 * NS_PER_S, 0, 1.0, "")])
    assert told(watchman, 600.0) == [("left", 600.0, False)]


def test_after_a_power_cut_the_wait_begins_with_the_new_time_of_the_computer() -> None:
    watchman = Watchman(["left"], 600.0)
    days = 3 * 86_400.0
    watchman.feed([NightStart(round(days * NS_PER_S), 0, 1.0, ""), heard("left", days + 5.0)])
    assert told(watchman, days + 700.0) == [("left", 695.0, False)]
    watchman.feed([NightStart(20 * NS_PER_S, 0, 1.0, "")])
    assert told(watchman, 619.9) == []
    assert told(watchman, 620.0) == [("left", 600.0, False)]


def test_a_sensor_that_only_says_how_it_is_is_away() -> None:
    watchman = Watchman(["left"], 600.0, {"left": ("emg",)})
    watchman.feed([NightStart(0, 0, 1.0, ""), heard("left", 599.0)])
    assert told(watchman, 600.0) == [("left", 600.0, False)]


def test_what_is_told_is_a_sentence() -> None:
    assert AWAY.text == "left has sent nothing for 10 min: is it charged, near, and still on the leg?"
    assert Absence("left", 0, 900.0, is_over=True).text == "left is back after 15 min"


async def test_the_bell_rings_only_if_wanted_and_never_for_good_news() -> None:
    assert await disturb(AWAY, AlarmSettings()) == ""
    assert await disturb(AWAY, AlarmSettings(sound=True)) == BELL
    assert await disturb(Absence("left", 0, 900.0, is_over=True), AlarmSettings(sound=True)) == ""


async def test_the_desktop_is_told_by_its_own_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = tmp_path / "notify-send"
    command.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{tmp_path}/said\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    await disturb(AWAY, AlarmSettings(desktop=True))
    assert (tmp_path / "said").read_text().splitlines() == ["--app-name=Soleus", "Soleus", AWAY.text]


async def test_a_computer_without_a_desktop_is_none_the_worse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert await disturb(AWAY, AlarmSettings(desktop=True)) == ""


async def test_the_broker_and_the_terminal_are_told_of_a_sensor_that_stays_away(tmp_path: Path) -> None:
    sensor = SensorSettings("left-shin", "lsp", "LSP-L001", Leg.LEFT)
    settings = Settings(person=INFO.person, data_dir=tmp_path, sensors=(sensor,), alarm=AlarmSettings(after_min=0.5))
    began_ns = Timebase().mono_ns() - 60 * NS_PER_S
    now = TimePair(Timebase().mono_ns(), 0)
    folder = write_night(tmp_path / INFO.night, [NightStart(began_ns, 0, 1.0, "test"), now])
    said = Console(file=io.StringIO(), width=100)
    attendant = Attendant(settings, folder, Timebase(), said)
    await attendant.look()
    await attendant.look()
    with PacketLogWriter(folder.packets) as log:
        log.append(Notification(Timebase().mono_ns(), "left-shin", DATA_UUID, b""))
    await attendant.look()
    attendant.close()
    with Journal(journal_path(settings)) as journal:
        assert journal.counts(TopicKind.HEALTH).entries == 2
    assert isinstance(said.file, io.StringIO)
    first, *_, second = (line for line in said.file.getvalue().splitlines() if "min" in line)
    assert first.startswith("left-shin has sent nothing for 1 min")
    assert second.startswith("left-shin is back after 1 min")


async def test_a_line_typed_at_the_terminal_marks_the_moment(tmp_path: Path) -> None:
    folder = write_night(tmp_path / "night", [])
    ours, theirs = pty.openpty()
    said = io.StringIO()
    with os.fdopen(theirs, encoding="utf-8") as keyboard, marking(folder, Console(file=said), keyboard):
        os.write(ours, b"cramp\n\n")
        box = MarkBox(folder.path, Timebase())
        async with asyncio.timeout(10):
            while len(box.waiting()) < 2:  # noqa: ASYNC110 - a folder tells nobody
                await asyncio.sleep(0.01)
    assert [mark.label for _, mark in box.waiting()] == ["cramp", "marker"]
    assert said.getvalue().count("Marked.") == 2
    os.close(ours)


async def test_where_nobody_sits_at_a_terminal_nothing_is_read(tmp_path: Path) -> None:
    folder = write_night(tmp_path / "night", [])
    keyboard = io.StringIO("cramp\n")
    with marking(folder, Console(file=io.StringIO()), keyboard):
        await asyncio.sleep(0)
    assert keyboard.read() == "cramp\n"

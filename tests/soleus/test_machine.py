"""What is said of the computer before a night."""

from __future__ import annotations

import fcntl
from typing import TYPE_CHECKING

import pytest

from detectors.signal import Leg
from soleus.machine import asked, clock, collector_at_work, disk, distinct
from soleus.nights import start_or_resume
from soleus.settings import SensorSettings, Settings
from soleus.verdicts import Verdict

if TYPE_CHECKING:
    from pathlib import Path

LEFT = SensorSettings("left", "lsp", "C4:00:00:00:00:01", Leg.LEFT)
RIGHT = SensorSettings("right", "lsp", "C4:00:00:00:00:02", Leg.RIGHT)


@pytest.mark.parametrize(
    ("bytes_per_h", "verdict"), [(1.0, Verdict.OK), (1e18, Verdict.WRONG)], ids=["a little", "too much"]
)
def test_a_night_must_fit_on_the_disk(tmp_path: Path, bytes_per_h: float, verdict: Verdict) -> None:
    found = disk(tmp_path / "not" / "there" / "yet", 8.0, bytes_per_h)
    assert found.verdict is verdict
    assert found.values["night_mb"] >= 1


def test_room_for_a_few_nights_only_is_a_warning(tmp_path: Path) -> None:
    free_mb = disk(tmp_path, 1.0, 1.0).values["free_mb"]
    found = disk(tmp_path, 1.0, free_mb * 1e6 / 3 / 4)
    assert found.verdict is Verdict.WARNING
    assert "room for 4 nights" in found.advice or "room for 3 nights" in found.advice


def test_a_clock_that_was_just_set_is_told() -> None:
    found = clock(-3600.0)
    assert found.verdict is Verdict.WARNING
    assert "-3600.0 s" in found.seen


def test_a_program_that_is_not_there_says_nothing() -> None:
    assert asked("no-such-program-anywhere") is None
    assert asked("false") is None
    assert asked("echo", "yes") == "yes"


def test_a_night_that_is_being_collected_is_noticed_by_its_lock_and_left_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", sensors=(LEFT,))
    assert collector_at_work(settings) is None
    night = start_or_resume(settings)
    assert collector_at_work(settings) is None
    lock = night.path / "recorder.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        before = sorted(path.name for path in night.path.iterdir())
        assert collector_at_work(settings) == night.path
        assert collector_at_work(Settings(data_dir=tmp_path / "data", sensors=(RIGHT,))) is None
        assert sorted(path.name for path in night.path.iterdir()) == before
    assert collector_at_work(settings) is None


def test_two_sensors_must_differ() -> None:
    assert distinct(Settings(sensors=(LEFT,))) == []
    assert distinct(Settings(sensors=(LEFT, RIGHT)))[0].verdict is Verdict.OK
    same_leg = SensorSettings("other", "lsp", "C4:00:00:00:00:03", Leg.LEFT)
    assert distinct(Settings(sensors=(LEFT, same_leg)))[0].verdict is Verdict.WARNING
    same_sensor = SensorSettings("other", "lsp", "c4:00:00:00:00:01", Leg.RIGHT)
    with pytest.raises(ValueError, match=r"address is 'c4:00:00:00:00:01', which sensor.0. has"):
        Settings(sensors=(LEFT, same_sensor))

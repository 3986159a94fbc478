"""Whether a battery lasts the night, by what earlier nights took of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from detectors.signal import Leg
from ingest.decoders.base import Status, StatusKind
from ingest.night.entries import health_entry
from ingest.night.journal import Journal
from soleus.battery import Use, judge_battery, use_of
from soleus.nights import journal_path, start_or_resume
from soleus.settings import SensorSettings, Settings
from soleus.verdicts import Verdict

if TYPE_CHECKING:
    from pathlib import Path

NS_PER_H = 3600 * 1_000_000_000
LEFT = SensorSettings("left", "lsp", "C4:00:00:00:00:01", Leg.LEFT)


def level(**values: float) -> Status:
    return Status("left", StatusKind.BATTERY, 0, "battery", values)


def slept(settings: Settings, *levels_mv: float) -> None:
    """Have a night in which the battery was told once an hour."""
    info = start_or_resume(settings).read_info()
    with Journal(journal_path(settings)) as journal:
        for hour, battery_mv in enumerate(levels_mv):
            entry = health_entry(
                level(battery_mv=battery_mv), info.person, info.night, time_ns=info.start_ns + hour * NS_PER_H
            )
            journal.put([entry])


def test_a_night_tells_what_the_next_one_will_take(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", sensors=(LEFT,))
    assert use_of(settings, "left") is None
    slept(settings, 4100, 4060, 4020, 3980)
    use = use_of(settings, "left")
    assert use is not None
    assert (use.measure, use.per_h) == ("battery_mv", pytest.approx(40.0))
    assert use_of(settings, "right") is None


@pytest.mark.parametrize("levels_mv", [(4100.0, 4060.0), (3800.0, 3900.0, 4100.0)], ids=["too short", "charged"])
def test_a_short_night_or_one_in_which_it_was_charged_tells_nothing(
    tmp_path: Path, levels_mv: tuple[float, ...]
) -> None:
    settings = Settings(data_dir=tmp_path / "data", sensors=(LEFT,))
    slept(settings, *levels_mv)
    assert use_of(settings, "left") is None


@pytest.mark.parametrize(
    ("battery_mv", "verdict", "left_h"),
    [
        (4100.0, Verdict.OK, 15.0),
        (3860.0, Verdict.WARNING, 9.0),
        (3700.0, Verdict.WRONG, 5.0),
        (3300.0, Verdict.WRONG, 0),
    ],
)
def test_a_battery_must_last_the_night_and_a_quarter_more(battery_mv: float, verdict: Verdict, left_h: float) -> None:
    found = judge_battery([level(battery_mv=battery_mv)], 8.0, Use("battery_mv", 40.0))
    assert (found.verdict, found.values["left_h"]) == (verdict, left_h)
    assert f"lasts about {left_h:.0f} h" in found.seen


def test_the_measure_that_earlier_nights_tell_goes_first() -> None:
    both = [level(battery_pct=90.0), level(battery_mv=3600.0)]
    assert judge_battery(both, 8.0, Use("battery_mv", 40.0)).verdict is Verdict.WRONG
    assert judge_battery(both, 8.0).verdict is Verdict.OK

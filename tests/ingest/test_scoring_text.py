"""Text that DOMINO exports, in the languages and versions that there are of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from detectors.events import Stage
from detectors.signal import NS_PER_S, Leg
from ingest.files.scorings import read_scoring
from ingest.files.wall_clock import instant_ns

if TYPE_CHECKING:
    from pathlib import Path

START_NS = instant_ns(datetime(2026, 10, 24, 22, 30, tzinfo=UTC))
SIGNAL = "Signal ID: SchlafProfil\\profil\n"
HEADS = {
    "German": f"{SIGNAL}Start Time: 24.10.2026 22:30:00\nSignal Type: Discret\nRate: 30 s",
    "twelve hours": f"{SIGNAL}Start Time: 10/24/2026 10:30:00 PM\nSignal Type: Discret",
    "French": f"{SIGNAL}Start Time: 24/10/2026 22:30:00\nUnit: \nSignal Type: Discret",
    "no start": f"{SIGNAL}Signal Type: Discret",
}
PROFILE = {
    "22:30:00,000": "A",
    "22:30:30,000": "Wach",
    "23:59:30,000": "Rem",
    "00:00:00,000": "N2",
    "00:00:30,000": "N2",
}
DATES = {"2": "24.10.2026", "0": "25.10.2026"}


def in_s(scored_ns: int) -> float:
    return scored_ns / NS_PER_S


@pytest.mark.parametrize("with_dates", ["times", "dates and times"])
@pytest.mark.parametrize("head", HEADS)
def test_a_sleep_profile_is_read_as_every_version_writes_it(head: str, with_dates: str, tmp_path: Path) -> None:
    before = {key: f"{date} " if with_dates != "times" else "" for key, date in DATES.items()}
    lines = [f"{before[at[0]]}{at}; {stage}" for at, stage in PROFILE.items()]
    path = tmp_path / "profile.txt"
    path.write_text("\n".join([HEADS[head], "", *lines, ""]), encoding="cp1252")
    for start_ns in (None, START_NS):
        found = read_scoring(path, start_ns=start_ns).annotations.stages
        assert [(in_s(one.onset_ns), in_s(one.end_ns), one.stage) for one in found] == [
            (30.0, 5370.0, Stage.WAKE), (5370.0, 5400.0, Stage.REM), (5400.0, 5430.0, Stage.N2),
        ]  # fmt: skip


def test_a_clock_of_twelve_hours_in_the_lines_is_that_of_the_head(tmp_path: Path) -> None:
    lines = "Start Time: 10/24/2026 10:30:00 PM\n\n10:31:00,000-10:31:01,000; 1;PLM left\n01:30:00,000; PLM right\n"
    path = tmp_path / "plm.txt"
    path.write_text(lines, encoding="utf-8")
    assert [(in_s(one.onset_ns), one.leg) for one in read_scoring(path).movements] == [
        (60.0, Leg.LEFT), (10_800.0, Leg.RIGHT),
    ]  # fmt: skip


def test_events_are_known_by_their_german_names(tmp_path: Path) -> None:
    names = ("Obstruktive Apnoe", "Hypopnoe", "Respiratorisches Arousal (EEG)", "P-Marker", "LM Resp", "Entsättigung")
    lines = [f"22:3{number}:00,000-22:3{number}:10,000; 10;{name}" for number, name in enumerate(names)]
    path = tmp_path / "events.txt"
    path.write_text("\n".join(["Start Time: 24.10.2026 22:30:00", "", *lines, ""]), encoding="cp1252")
    scored = read_scoring(path, start_ns=START_NS)
    assert [in_s(one.onset_ns) for one in scored.annotations.respiratory] == [0.0, 60.0]
    assert [in_s(one.onset_ns) for one in scored.annotations.arousals] == [120.0]
    assert [(in_s(one.onset_ns), one.leg) for one in scored.movements] == [(180.0, Leg.UNKNOWN), (240.0, Leg.UNKNOWN)]
    assert scored.left_out == (("Entsättigung", 1),)


def test_a_date_that_may_be_two_is_the_one_of_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "plm.txt"
    path.write_text("Start Time: 08/03/2026 22:30:00\n\n22:31:00,000-22:31:01,000; 1;P-Marker\n", encoding="utf-8")
    for month, day in ((3, 8), (8, 3)):
        start_ns = instant_ns(datetime(2026, month, day, 22, 30, tzinfo=UTC))
        assert [in_s(one.onset_ns) for one in read_scoring(path, start_ns=start_ns).movements] == [60.0]

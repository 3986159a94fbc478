"""What counts as a change of a golden night, and when it may be accepted."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.golden.__main__ import scoring_section
from benchmarks.golden.comparison import differences, made_with, write
from benchmarks.golden.recipe import FOLDER, golden_nights

if TYPE_CHECKING:
    from pathlib import Path

    Row = dict[str, Any]


def event(onset_s: float, end_s: float, **measures: float) -> Row:
    return {
        "kind": "leg_movement",
        "leg": "left",
        "sensor": "left-shin",
        "onset_s": onset_s,
        "end_s": end_s,
        "quality": "good",
        "measures": {"peak_uv": 40.0, **measures},
    }


def result(*events: Row, machine: str = "here") -> Row:
    streams = [{"sensor": "left-shin", "fs_hz": 50.0}, {"sensor": "left-shin", "fs_hz": 500.0}]
    return {"made_with": {"machine": machine}, "criteria": "x", "streams": streams, "events": list(events)}


@pytest.fixture
def before() -> Row:
    return result(event(1.0, 2.0), event(5.0, 6.0))


def test_the_same_events_are_no_change(before: Row) -> None:
    assert differences(before, copy.deepcopy(before)) == ((), (), (), ())


def test_an_event_that_came_went_or_moved_is_named(before: Row) -> None:
    found = differences(before, result(event(1.0, 2.5), event(9.0, 9.5)))
    assert found.added == ("left leg_movement 9.000 to 9.500 s",)
    assert found.lost == ("left leg_movement 5.000 to 6.000 s",)
    assert found.moved == ("left leg_movement 1.000 to 2.000 s -> 1.000 to 2.500 s",)


@pytest.mark.parametrize(
    ("measures", "name"),
    [({"peak_uv": 40.000001}, "peak_uv 40 -> 40.000001"), ({"clm": 1.0}, "clm none -> 1")],
)
def test_another_measure_is_a_change_and_both_values_are_shown(
    before: Row, measures: dict[str, float], name: str
) -> None:
    found = differences(before, result(event(1.0, 2.0), event(5.0, 6.0, **measures)))
    assert found.changed == (f"left leg_movement 5.000 to 6.000 s: {name}",)


def test_another_quality_is_a_change(before: Row) -> None:
    after = copy.deepcopy(before)
    after["events"][0]["quality"] = "low"
    assert differences(before, after).changed == ("left leg_movement 1.000 to 2.000 s: quality good -> low",)


def test_on_the_same_machine_the_last_bit_counts_and_elsewhere_a_billionth_does_not(before: Row) -> None:
    near = 40.0 * (1 + 1e-12)
    assert differences(before, result(event(1.0, 2.0, peak_uv=near), event(5.0, 6.0))).changed != ()
    there = result(event(1.0, 2.0, peak_uv=near), event(5.0, 6.0), machine="there")
    assert differences(before, there) == ((), (), (), ())
    there["events"][0]["measures"]["peak_uv"] = 40.0 * (1 + 1e-8)
    assert differences(before, there).changed != ()


def test_elsewhere_an_event_may_be_one_sample_off_and_not_two(before: Row) -> None:
    one, two = (result(event(1.0 + off_s, 2.0), event(5.0, 6.0), machine="there") for off_s in (0.002, 0.004))
    assert differences(before, one).moved == ()
    assert len(differences(before, two).moved) == 1
    assert len(differences(before, result(event(1.002, 2.0), event(5.0, 6.0))).moved) == 1


def test_what_is_written_is_read_back_the_same(before: Row, tmp_path: Path) -> None:
    write(tmp_path / "events.json", before)
    assert json.loads((tmp_path / "events.json").read_text()) == before
    # One event per line.
    assert len((tmp_path / "events.json").read_text().splitlines()) == 7


def test_the_machine_is_named_without_naming_its_owner() -> None:
    assert set(made_with()) == {"machine", "numpy", "scipy", "extensions"}


def test_a_reason_is_what_stands_under_the_newest_scoring() -> None:
    changelog = "# C\n## [Unreleased]\n### Scoring\n- new reason\n\n## [0.1]\n### Scoring\n- old reason\n"
    assert scoring_section(changelog) == "- new reason"
    assert scoring_section("## [Unreleased]\n### Scoring\n- last words") == "- last words"
    assert scoring_section("## [Unreleased]\n### Added\n- x\n") == ""


def test_every_golden_night_says_what_it_is_and_where_it_comes_from() -> None:
    nights = golden_nights()
    assert [night.name for night in nights] == ["acceleration-only", "clean", "gaps", "hard", "real-emg", "spastic"]
    for night in nights:
        page = (FOLDER / night.name / "README.md").read_text(encoding="utf-8").lower()
        assert "source" in page
        assert f"seed {night.recipe['simulated']['seed']}" in page if "simulated" in night.recipe else "licence" in page
        assert night.hours <= 0.5


def test_a_night_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="golden night is 'foggy', expected one of acceleration-only, clean"):
        golden_nights(("foggy",))

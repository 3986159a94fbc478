"""Results as plain values, and what differs between two."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detectors.criteria import named
from detectors.events import Event, EventKind, Stage, StageSpan
from detectors.pipeline import Score
from detectors.recording import ArraySource, Recording, steady_clock
from detectors.signal import NS_PER_S, Leg, Quantity, Stream, Unit
from ingest.files import events_tsv
from soleus.errors import ConfigError
from soleus.result import difference, dumps, read_events, result
from soleus.result_output import as_csv, as_json, as_tsv, print_tables

if TYPE_CHECKING:
    from pathlib import Path

START_NS = 1_700_000_000_500_000_000
STREAM = Stream("shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("emg",), 500.0)
RECORDING = Recording("a.edf", START_NS, (ArraySource(STREAM, steady_clock(START_NS, 500.0), np.zeros((5000, 1))),))


def event(kind: EventKind, onset_s: float, end_s: float, **measures: float) -> Event:
    onset_ns, end_ns = START_NS + round(onset_s * 1e9), START_NS + round(end_s * 1e9)
    return Event(kind, "shin", Leg.LEFT, onset_ns, end_ns, measures)


def answer(*events: Event, **summary: Any) -> dict[str, Any]:
    return result(RECORDING, named("wasm-2016"), Score(tuple(events), (), summary))


def plain(onset_s: float, end_s: float, leg: str = "left") -> dict[str, Any]:
    return {"kind": "leg_movement", "leg": leg, "sensor": "shin", "onset_s": onset_s, "end_s": end_s}


def test_a_result_has_the_published_keys_and_no_others() -> None:
    found = json.loads(as_json(answer(event(EventKind.LEG_MOVEMENT, 1.25, 2.5, peak_uv=40.0), lm_per_h=np.float64(7))))
    assert list(found) == ["recording", "criteria", "version", "events", "summary"]
    assert found["recording"] == {
        "file": "a.edf",
        "start": "2023-11-14T22:13:20.500000Z",
        "duration_s": 10.0,
        "streams": [
            {
                "sensor": "shin", "leg": "left", "site": "tibialis anterior", "quantity": "emg",
                "unit": "uV", "fs_hz": 500.0, "n_samples": 5000,
            }
        ],
    }  # fmt: skip
    assert found["events"] == [
        {
            "kind": "leg_movement", "leg": "left", "sensor": "shin", "onset_s": 1.25, "end_s": 2.5,
            "quality": "good", "measures": {"peak_uv": 40.0},
        }
    ]  # fmt: skip
    assert found["criteria"]["leg_movement"]["onset_uv"] == 8.0
    assert found["summary"] == {"lm_per_h": 7.0}


def test_measures_come_in_one_order_whatever_order_they_were_found_in() -> None:
    one = as_json(answer(event(EventKind.LEG_MOVEMENT, 1, 2, a=1.0, b=2.0)))
    assert one == as_json(answer(event(EventKind.LEG_MOVEMENT, 1, 2, b=2.0, a=1.0)))


def test_a_number_that_is_not_one_never_becomes_json() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        dumps({"a": math.nan})
    with pytest.raises(TypeError, match="has no place in a result"):
        dumps({"a": {1, 2}})


def test_events_come_go_move_and_stay() -> None:
    found = difference([plain(0, 1), plain(5, 7), plain(20, 21)], [plain(0, 1), plain(6, 7), plain(9, 10)])
    assert found.kept == 1
    assert found.added == (plain(20, 21),)
    assert found.lost == (plain(9, 10),)
    assert found.moved == ((plain(6, 7), plain(5, 7)),)


def test_an_event_split_in_two_is_one_moved_and_one_lost() -> None:
    found = difference([plain(0, 10)], [plain(0, 4), plain(5, 10)])
    assert found.moved == ((plain(5, 10), plain(0, 10)),)
    assert found.lost == (plain(0, 4),)


def test_events_of_different_legs_are_never_the_same() -> None:
    found = difference([plain(0, 1, "left")], [plain(0, 1, "right")])
    assert (len(found.added), len(found.lost), found.kept) == (1, 1, 0)


def test_events_without_length_are_kept() -> None:
    marker = {**plain(3, 3), "kind": "marker"}
    assert difference([marker], [marker]).kept == 1


def test_the_difference_is_part_of_the_json_when_asked_for() -> None:
    change = difference([plain(5, 7)], [plain(6, 7)])
    assert json.loads(as_json(answer(), change))["diff"] == {
        "kept": 0,
        "added": [],
        "lost": [],
        "moved": [{"from": plain(6, 7), "to": plain(5, 7)}],
    }


def test_the_other_result_is_found_by_the_name_of_the_recording(tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    first, second = answer(event(EventKind.CRAMP, 1, 2)), answer()
    second["recording"]["file"] = "b.edf"
    file.write_text(as_json(first) + "\n" + as_json(second) + "\n", encoding="utf-8")
    assert read_events(file, "elsewhere/b.edf") == []
    assert len(read_events(file, "a.edf")) == 1
    with pytest.raises(ConfigError, match=r"holds a\.edf, b\.edf .*, expected c\.edf"):
        read_events(file, "c.edf")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"recording": 3}', '{"recording": {"file": "a"}, "events": [{}]}'])
def test_another_file_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "other.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"--diff .*other\.json"):
        read_events(file, "a.edf")


def test_csv_has_a_column_for_every_measure_of_any_event() -> None:
    text = as_csv([answer(event(EventKind.LEG_MOVEMENT, 1, 2, peak_uv=4.0), event(EventKind.CRAMP, 3, 9, tier=2.0))])
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["kind"] for row in rows] == ["leg_movement", "cramp"]
    assert [row["peak_uv"] for row in rows] == ["4.0", ""]
    assert [row["tier"] for row in rows] == ["", "2.0"]


def test_tsv_is_what_the_rules_read(tmp_path: Path) -> None:
    file = tmp_path / "events.tsv"
    found = answer(event(EventKind.LEG_MOVEMENT, 1.002, 2.5), event(EventKind.CRAMP, 3, 9))
    stages = (StageSpan(START_NS, START_NS + 30 * NS_PER_S, Stage.WAKE),)
    file.write_text(as_tsv(found, replace(RECORDING, stages=stages)), encoding="utf-8")
    listed = events_tsv.read_events(file)
    (movement,) = listed.movements
    assert listed.annotations.stages == (StageSpan(0, 30 * NS_PER_S, Stage.WAKE),)
    assert (movement.onset_ns, movement.end_ns, movement.leg) == (1_002_000_000, 2_500_000_000, Leg.LEFT)


def test_the_table_calls_a_cramp_cramp_like_and_hides_what_is_not_to_be_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = event(EventKind.CRAMP, 3700, 3725, tier=2.0)
    print_tables(answer(shown, event(EventKind.CRAMP, 50, 56, tier=0.0), lm_per_h=None, reasons={"lm_per_h": "no EMG"}))
    printed = capsys.readouterr().out
    assert printed.count("cramp-like contraction") == 1
    assert "1:01:40.00" in printed
    assert "- (no EMG)" in printed
    assert "does not diagnose" in printed
    # Sleep is counted from given stages only.
    assert "estimate" not in printed


def test_the_table_of_a_difference_says_what_came_and_went(capsys: pytest.CaptureFixture[str]) -> None:
    print_tables(answer(), difference([plain(5, 7), plain(60, 61)], [plain(6, 7), plain(9, 10)]))
    printed = capsys.readouterr().out
    assert "0 kept, 1 added, 1 lost, 1 moved" in printed
    assert [line.split()[0] for line in printed.splitlines() if "leg movement" in line] == ["moved", "lost", "added"]

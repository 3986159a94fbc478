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
from hypothesis import given
from hypothesis import strategies as st

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
    from collections.abc import Sequence
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


def every_pair_compared(events: Sequence[dict[str, Any]], others: Sequence[dict[str, Any]]) -> dict[int, int]:
    """Return which event is which other, by looking at every pair there is."""
    pairs = []
    for i, new in enumerate(events):
        for j, old in enumerate(others):
            overlap_s = min(new["end_s"], old["end_s"]) - max(new["onset_s"], old["onset_s"])
            if (new["onset_s"], new["end_s"]) == (old["onset_s"], old["end_s"]):
                overlap_s = math.inf
            if overlap_s > 0 and all(new[key] == old[key] for key in ("kind", "leg", "sensor")):
                pairs.append((-overlap_s, i, j))
    partners: dict[int, int] = {}
    for _, i, j in sorted(pairs):
        if i not in partners and j not in partners.values():
            partners[i] = j
    return partners


NUMBERED = st.lists(
    st.builds(
        lambda onset_s, length_s, leg: plain(onset_s, onset_s + length_s, leg),
        st.integers(0, 12),
        st.integers(0, 6),
        st.sampled_from(["left", "right"]),
    ),
    max_size=9,
).map(lambda events: [{**event, "number": number} for number, event in enumerate(events)])


@pytest.mark.slow
@given(NUMBERED, NUMBERED)
def test_the_difference_is_that_of_comparing_every_pair(
    events: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    partners = every_pair_compared(events, others)
    found = difference(events, others)
    assert {event["number"] for event in found.added} == set(range(len(events))) - set(partners)
    assert {event["number"] for event in found.lost} == set(range(len(others))) - set(partners.values())
    assert {(new["number"], old["number"]) for old, new in found.moved} <= set(partners.items())
    assert found.kept + len(found.moved) == len(partners)


def test_two_long_nights_are_compared_without_looking_at_every_pair() -> None:
    class Counted(dict[str, Any]):
        looked = 0

        def __getitem__(self, key: str) -> Any:
            Counted.looked += 1
            return super().__getitem__(key)

    night = [Counted(plain(30.0 * number, 30.0 * number + 2)) for number in range(1000)]
    assert difference(night, night).kept == 1000
    assert Counted.looked < 100 * len(night)


def test_the_difference_is_part_of_the_json_when_asked_for() -> None:
    change = difference([plain(5, 7)], [plain(6, 7)])
    assert json.loads(as_json(answer(), change))["diff"] == {
        "kept": 0,
        "added": [],
        "lost": [],
        "moved": [{"from": plain(6, 7), "to": plain(5, 7)}],
    }


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Results of d1/a.edf (one event), d2/a.edf (two) and b.edf (three)."""
    file = tmp_path / "other.json"
    lines = []
    for n_events, name in enumerate(("d1/a.edf", "d2/a.edf", "b.edf"), start=1):
        scored = answer(*(event(EventKind.CRAMP, 10 * n, 10 * n + 5) for n in range(n_events)))
        scored["recording"]["file"] = name
        lines.append(as_json(scored) + "\n")
    file.write_text("".join(lines), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("recordings", "n_events"),
    [
        (["d1/a.edf", "d2/a.edf"], [1, 2]),
        (["d2/a.edf", "d1/a.edf"], [2, 1]),
        (["./d2/a.edf"], [2]),
        (["b.edf", "b.edf"], [3, 3]),
        (["elsewhere/b.edf"], [3]),
    ],
)
def test_each_recording_is_compared_with_its_own_result(
    other: Path, recordings: list[str], n_events: list[int]
) -> None:
    assert list(map(len, read_events(other, recordings))) == n_events


@pytest.mark.parametrize("recordings", [["c.edf"], ["a.edf"], ["d3/a.edf"], ["b.edf", "d3/b.edf"]])
def test_a_recording_whose_result_is_not_told_apart_is_refused(other: Path, recordings: list[str]) -> None:
    with pytest.raises(ConfigError, match=rf"holds b\.edf, d1/a\.edf, d2/a\.edf, expected one .* {recordings[-1]}$"):
        read_events(other, recordings)


def test_the_only_result_of_another_recording_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text(as_json(answer()), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"holds a\.edf, expected one result of b\.edf"):
        read_events(file, ["b.edf"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"recording": 3}',
        '{"recording": {"file": "a.edf"}, "events": [{}]}',
        json.dumps({"recording": {"file": "a.edf"}, "events": [plain(2, 1)]}),
        json.dumps({"recording": {"file": "a.edf"}, "events": [plain(1, math.nan)]}),
        json.dumps({"recording": {"file": "a.edf"}, "events": [{**plain(1, 2), "leg": ["left"]}]}),
    ],
)
def test_another_file_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "other.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"--diff .*other\.json"):
        read_events(file, ["a.edf"])


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


def test_a_movement_of_a_leg_that_is_not_known_is_not_listed_for_the_rules() -> None:
    found = answer(replace(event(EventKind.LEG_MOVEMENT, 1, 2), leg=Leg.UNKNOWN))
    with pytest.raises(ConfigError, match=r"a\.edf: shin is worn on a leg that is unknown, .* --channel LABEL=CHANNEL"):
        as_tsv(found, RECORDING)


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

"""``soleus rules`` as a user meets it, also on what two people scored in one real hour."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from detectors.signal import NS_PER_S, Leg
from ingest.files.events_tsv import read_events
from soleus.__main__ import run
from tests import rbdtector_to_tsv, reference_rules

if TYPE_CHECKING:
    from collections.abc import Callable

REAL = Path(__file__).parents[1] / "data" / "rbdtector"
HEADER = "onset\tduration\ttrial_type\n"
EVENT_KEYS = ["onset_s", "end_s", "leg", "clm", "plm", "series", "imi_s", "respiratory", "stage"]

Answer = dict[str, Any]


@pytest.fixture
def answer(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    def ask(path: Path, *options: str) -> Answer:
        assert run(["rules", str(path), "--format", "json", *options]) == 0
        printed: Answer = json.loads(capsys.readouterr().out)
        return printed

    return ask


@pytest.fixture
def night(tmp_path: Path) -> Path:
    """Four movements 20 s apart, the second of both legs, in the first hour of a night."""
    rows = [
        (0, 1800, "Sleep stage N2"),
        (1800, 1800, "Sleep stage W"),
        ("100.4", 2, "LM left"),
        ("120.4", 2, "LM right"),
        ("121.4", "2.5", "LM left"),
        ("140.4", 2, "LM left"),
        ("160.4", 2, "LM left"),
        ("160.9", 3, "Arousal"),
        (119, 20, "Hypopnea"),
    ]
    path = tmp_path / "night.tsv"
    path.write_text(HEADER + "".join("\t".join(map(str, row)) + "\n" for row in rows))
    return path


def test_the_answer_is_one_object_with_combined_movements(night: Path, answer: Callable[..., Answer]) -> None:
    said = answer(night, "--rules", "wasm-2016")
    assert list(said) == ["rules", "events", "summary"]
    assert said["rules"] == "wasm-2016"
    assert all(list(event) == EVENT_KEYS for event in said["events"])
    assert said["events"][1] == {
        "onset_s": 120.4,
        "end_s": 123.9,
        "leg": "both",
        "clm": True,
        "plm": True,
        "series": 1,
        "imi_s": 20.0,
        "respiratory": False,
        "stage": "N2",
    }
    assert [event["respiratory"] for event in said["events"]] == [False, False, True, False]


def test_the_summary_counts_per_hour_of_sleep(night: Path, answer: Callable[..., Answer]) -> None:
    summary = answer(night)["summary"]
    assert (summary["listed"], summary["lm"], summary["clm"], summary["plm"]) == (5, 4, 4, 4)
    assert (summary["sleep_h"], summary["plms_wasm_per_h"], summary["lm_per_h"]) == (0.5, 8.0, 4.0)
    assert (summary["plms_wasm_nonrespiratory_per_h"], summary["plms_wasm_arousal_per_h"]) == (0.0, 2.0)
    assert summary["bilateral_percent"] == 25.0


def test_aasm_leaves_out_what_happens_around_breathing(night: Path, answer: Callable[..., Answer]) -> None:
    said = answer(night, "--rules", "aasm")
    assert [event["clm"] for event in said["events"]] == [True, False, True, True]
    assert said["summary"]["plms_aasm_per_h"] == 0.0


def test_compare_answers_for_every_rule_set(night: Path, answer: Callable[..., Answer]) -> None:
    said = answer(night, "--compare")
    assert [one["rules"] for one in said["compare"]] == ["wasm-2016", "aasm"]
    assert said["compare"][0] == answer(night)


def test_compare_says_of_every_movement_what_each_rule_set_makes_of_it(
    tmp_path: Path, answer: Callable[..., Answer]
) -> None:
    """Every 7 s: a series for the AASM from 5 s on, none for WASM 2016, whose intervals begin at 10 s."""
    listed = tmp_path / "every_7_s.tsv"
    rows = "".join(f"{t}\t2\tLM left\n" for t in range(0, 35, 7))
    listed.write_text(f"onset\tduration\ttrial_type\n{rows}", encoding="utf-8")
    said = answer(listed, "--compare")["movements"]
    assert [one["onset_s"] for one in said] == [0, 7, 14, 21, 28]
    assert all(one["differ"] == ["series"] for one in said)
    assert [(one["wasm-2016"]["plm"], one["aasm"]["plm"]) for one in said] == [(False, True)] * 5


def test_a_table_is_shown_unless_asked_otherwise(night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", str(night)]) == 0
    shown = capsys.readouterr().out
    assert "Combined movements, wasm-2016" in shown
    assert "plms_per_h" in shown
    assert "120.40" in shown


def test_the_comparison_lists_where_the_rules_differ(night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", str(night), "--compare"]) == 0
    shown = capsys.readouterr().out
    assert "Where they differ" in shown
    assert "both, 3.50 s, series 1" in shown


def test_csv_has_one_line_per_combined_movement(night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", str(night), "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["onset_s"] for row in rows] == ["100.4", "120.4", "140.4", "160.4"]
    assert rows[1]["leg"] == "both"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "got 'an empty line', expected tab-separated columns onset, duration, trial_type"),
        ("onset,duration,trial_type\n", ":1: got 'onset,duration,trial_type', expected tab-separated columns"),
        (HEADER + "1.0\t2.0\n", ":2: got 2 tab-separated columns, expected at least 3"),
        (HEADER + "0\t1\tLM left\nn/a\t2\tLM left\n", ":3: onset is 'n/a', expected a number of seconds"),
        (HEADER + "nan\t2\tLM left\n", ":2: onset is 'nan', expected a number of seconds"),
        (HEADER + "1e999999\t2\tLM left\n", ":2: onset is '1e999999', expected a number of seconds"),
        (HEADER + "1\tinf\tLM left\n", ":2: duration is 'inf', expected a number of seconds"),
        (HEADER + "1\t-2\tLM left\n", ":2: duration is -2, expected 0 s or more"),
        (HEADER + "1\t2\tLM lefft\n", ":2: trial_type is 'LM lefft', expected one of LM left, LM right, Sleep stage W"),
        (
            HEADER + "0\t30\tSleep stage W\n29\t30\tSleep stage R\n",
            "sleep stage R begins at 29.0 s, expected at or after",
        ),
    ],
)
def test_a_bad_file_is_one_clear_line_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, complaint: str
) -> None:
    path = tmp_path / "bad.tsv"
    path.write_text(content)
    assert run(["rules", str(path), "--format", "json"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert printed.err.startswith(f"soleus: {path}")
    assert complaint in printed.err


def test_a_file_that_is_no_text_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "night.edf"
    path.write_bytes(b"0\xff\xfe\x00")
    assert run(["rules", str(path)]) == 2
    assert "byte 1 is not UTF-8, expected tab-separated text" in capsys.readouterr().err


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", str(tmp_path / "none.tsv")]) == 2
    assert "none.tsv" in capsys.readouterr().err


def test_rows_may_come_in_any_order_with_more_columns_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "bids.tsv"
    text = "trial_type\tonset\tscorer\tduration\r\nLM right\t20.0\tA\t1\r\n\r\nLM left\t0.1\tA\t0.7\r\n"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    movements = read_events(path).movements
    assert [(m.onset_ns, m.end_ns) for m in movements] == [(100_000_000, 800_000_000), (20 * NS_PER_S, 21 * NS_PER_S)]


@pytest.mark.parametrize(("rater", "left", "right"), [("rater1", 213, 56), ("rater2", 220, 89)])
def test_every_movement_of_both_raters_is_read(rater: str, left: int, right: int) -> None:
    """The numbers are those of the raters' own exports, counted line by line."""
    listed = read_events(REAL / f"{rater}.tsv")
    assert [m.leg for m in listed.movements].count(Leg.LEFT) == left
    assert [m.leg for m in listed.movements].count(Leg.RIGHT) == right
    assert len(listed.annotations.stages) == 120
    assert len(listed.annotations.respiratory) == 13
    assert len(listed.annotations.arousals) == 29


@pytest.mark.parametrize("rater", ["rater1", "rater2"])
@pytest.mark.parametrize(("rules", "reference"), [("wasm-2016", reference_rules.wasm), ("aasm", reference_rules.aasm)])
def test_the_real_hour_is_scored_as_by_the_rules_written_down_slowly(
    rater: str, rules: str, reference: Callable[..., list[reference_rules.Counted]], answer: Callable[..., Answer]
) -> None:
    """Nothing that the raters marked lies near breathing or in wake, so the slow rules need no more."""
    said = answer(REAL / f"{rater}.tsv", "--rules", rules)
    expected = reference(read_events(REAL / f"{rater}.tsv").movements, ())
    assert {event["stage"] for event in said["events"]} <= {"R", "N1", "N2"}
    assert not any(event["respiratory"] for event in said["events"])
    keys = ("onset_s", "end_s", "leg", "clm", "imi_s", "series")
    assert [tuple(event[key] for key in keys) for event in said["events"]] == [
        (m.onset_ns / NS_PER_S, m.end_ns / NS_PER_S, m.leg, m.clm, m.imi_s, m.series) for m in expected
    ]


def test_figures_of_the_real_hour_that_can_be_checked_by_hand(answer: Callable[..., Answer]) -> None:
    said = answer(REAL / "rater1.tsv")
    summary = said["summary"]
    # 117 of 120 epochs are sleep; 50 left and 28 right marks last 0.5 s or more.
    assert (summary["listed"], summary["sleep_h"], summary["wake_h"]) == (269, 0.975, 0.025)
    assert (
        sum(len(m.movements) for m in reference_rules.wasm_candidates(read_events(REAL / "rater1.tsv").movements)) == 78
    )
    # 1083.418 s left for 1.645 s; then right from 1090.237 s for 1.285 s with left until 1091.556 s.
    assert [(e["onset_s"], e["end_s"], e["leg"]) for e in said["events"][:2]] == [
        (1083.418, 1085.063, "left"),
        (1090.237, 1091.556, "both"),
    ]
    # Both legs from 1369.386 s, each for more than 10 s: the only movement that is no candidate.
    assert [e["onset_s"] for e in said["events"] if not e["clm"]] == [1369.386]


def test_two_raters_of_the_same_hour_do_not_agree(answer: Callable[..., Answer]) -> None:
    """Marks of at least 0.5 s: 78 against 69. What the rules make of them differs accordingly."""
    first, second = (answer(REAL / f"{rater}.tsv")["summary"] for rater in ("rater1", "rater2"))
    assert first["lm"] > second["lm"]
    assert first["plms_wasm_per_h"] != second["plms_wasm_per_h"]
    assert 0 < first["periodicity_index"] < 1
    assert 0 < second["periodicity_index"] < 1


def test_the_converter_takes_leg_activity_stages_breathing_and_arousals(tmp_path: Path) -> None:
    exports = {
        "Sleep profile - test1 Unbekannt.txt": "Rate: 30 s\n\n01:00:00,000; N4\n"
        "01:00:30,000; REM\n01:01:00,000; Wake\n",
        "Flow Events - test1 Unbekannt.txt": "01:00:10,500-01:00:21,000; 11;Hypopnea\n"
        "01:00:40,000-01:00:50,000; 10;Flow Limitation\n",
        "Classification Arousals - test1 Unbekannt.txt": "01:00:20,000-01:00:23,250; 3;LM Arousal (EEG)\n",
        "marks.txt": "Unit: \n01:00:31,001-01:00:32,000; LeftLegPhasic\n01:00:33,000-01:00:39,500; RightLegAny\n"
        "01:00:34,000-01:00:35,000; LeftLegArtifact\n01:00:34,000-01:00:35,000; RightArmPhasic\n",
    }
    for name, text in exports.items():
        (tmp_path / name).write_text(text)
    assert rbdtector_to_tsv.listing(tmp_path, "marks.txt").splitlines() == [
        "onset\tduration\ttrial_type",
        "0.000\t30.000\tSleep stage N3",
        "10.500\t10.500\tHypopnea",
        "20.000\t3.250\tArousal",
        "30.000\t30.000\tSleep stage R",
        "31.001\t0.999\tLM left",
        "33.000\t6.500\tLM right",
    ]

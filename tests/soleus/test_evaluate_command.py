"""``soleus evaluate`` as a researcher meets it: what goes together, what fails, and in which form it is told."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from soleus.__main__ import run

REAL = Path(__file__).parents[1] / "data" / "rbdtector"
RATERS = (REAL / "rater1.tsv", REAL / "rater2.tsv")
Answer = dict[str, Any]


def scored(path: Path, *spans: tuple[float, float], more: str = "") -> Path:
    """Write what a person scored on the left leg."""
    rows = [f"{onset}\t{end - onset}\tLM left" for onset, end in spans]
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(["onset\tduration\ttrial_type", "0\t3600\tSleep stage N2", *rows]) + "\n" + more)
    return path


def found(file: str, *spans: tuple[float, float], kind: str = "leg_movement") -> str:
    """Return a result of ``soleus score``, one line."""
    stream = {"sensor": "a", "leg": "left", "site": "shin", "quantity": "emg", "unit": "uV", "fs_hz": 500.0}
    events = [
        {"kind": kind, "leg": "left", "sensor": "a", "onset_s": a, "end_s": b, "quality": "good", "measures": {}}
        for a, b in spans
    ]
    recording = {"file": file, "start": "2026-01-01T22:00:00Z", "duration_s": 3600.0, "streams": [stream]}
    return json.dumps({"recording": recording, "events": events, "summary": {"valid_h": {"a": 1.0}}}) + "\n"


def ask(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> Answer:
    capsys.readouterr()
    assert run(["evaluate", *map(str, words), "--format", "json"]) == code
    answer: Answer = json.loads(capsys.readouterr().out)
    return answer


def refused(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    capsys.readouterr()
    assert run(["evaluate", *map(str, words)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    return said.err


def of_movements(pair: Answer) -> Answer:
    (one,) = [one for one in pair["events"] if one["class"] == "leg movement" and one["matching"] == "rule"]
    event: Answer = one
    return event


def test_people_are_compared_with_each_other_beside_what_is_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = tmp_path / "night.json"
    result.write_text(found("night.edf", (10, 12), (50, 52)))
    one, other = scored(tmp_path / "ann.tsv", (10, 12)), scored(tmp_path / "bob.tsv", (10, 12), (90, 92))
    answer = ask(capsys, result, "--reference", one, "--reference", other)
    names = [(pair["scored"], pair["reference"], pair["people"]) for pair in answer["pairs"]]
    assert names == [("soleus", "ann", False), ("soleus", "bob", False), ("bob", "ann", True)]
    counts = [[of_movements(pair)[name] for name in ("hits", "missed", "false")] for pair in answer["pairs"]]
    assert counts == [[1, 0, 1], [1, 1, 1], [1, 0, 1]]
    assert all(pair["hours"] == 1.0 for pair in answer["pairs"])


def test_a_list_of_a_person_lasts_as_long_as_the_longest_list_of_that_recording(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = tmp_path / "short.tsv"
    short.write_text("onset\tduration\ttrial_type\n10\t2\tLM left\n90\t2\tLM left\n")
    (pair,) = ask(capsys, short, "--reference", scored(tmp_path / "ann.tsv", (10, 12)))["pairs"]
    assert (pair["scored"], pair["hours"], of_movements(pair)["false_per_h"]["value"]) == ("short", 1.0, 1.0)


def test_a_result_as_reference_is_no_person(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.json"
    other.write_text(found("night.edf", (10, 12)))
    answer = ask(capsys, "--reference", scored(tmp_path / "ann.tsv", (10, 12)), "--reference", other)
    assert [(pair["scored"], pair["reference"], pair["people"]) for pair in answer["pairs"]] == [
        ("other", "ann", False)
    ]


def test_folders_are_paired_by_name_and_nights_of_bids_belong_to_their_subject(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results.json"
    nights = ("sub-01_ses-1_eeg", "sub-01_ses-2_eeg", "sub-02_ses-1_eeg")
    results.write_text("".join(found(f"/data/{name}.edf", (10, 12)) for name in nights))
    for name in nights:
        scored(tmp_path / "ann" / f"{name.removesuffix('eeg')}events.tsv", (10, 12))
    answer = ask(capsys, results, "--reference", tmp_path / "ann")
    (pair,) = answer["pairs"]
    assert (pair["reference"], pair["recordings"], pair["subjects"]) == ("ann", 3, 2)
    assert [line["subject"] for line in answer["recordings"]] == ["sub-01", "sub-01", "sub-02"]
    assert of_movements(pair)["hits"] == 3


def test_a_recording_that_fails_is_a_line_and_the_others_are_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "good.json").write_text(found("good.edf", (10, 12)))
    (tmp_path / "broken.edf").write_bytes(b"0       not an EDF")
    (tmp_path / "empty.json").write_text("{}\n")
    scored(tmp_path / "ann.tsv", (10, 12))
    table = tmp_path / "pairs.csv"
    table.write_text(
        "subject,found,ann\n1,good.json,ann.tsv\n2,broken.edf,ann.tsv\n3,missing.edf,ann.tsv\n4,empty.json,ann.tsv\n"
        "5,good.json,nobody.tsv\n6,good.json,\n"
    )
    answer = ask(capsys, "--pairs", table, code=1)
    assert of_movements(answer["pairs"][0])["hits"] == 1
    errors = {line["subject"]: line["errors"] for line in answer["recordings"]}
    assert [len(errors[str(number)]) for number in range(1, 7)] == [0, 1, 1, 1, 1, 1]
    for number, named in ((2, "broken.edf"), (3, "missing.edf"), (4, "empty.json"), (5, "nobody.tsv")):
        assert named in errors[str(number)][0]
        assert "\n" not in errors[str(number)][0]
    capsys.readouterr()
    assert run(["evaluate", "--pairs", str(table)]) == 1
    printed = capsys.readouterr().out
    assert "missing.edf" in printed
    assert "Recordings" in printed


@pytest.mark.parametrize(
    "text", ["[1]", '["recording", "events"]', '{"recording": 5, "events": []}', "[" * 100_000, "[1,"]
)
def test_what_is_no_result_is_one_line_of_its_recording(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "odd.json").write_text(text)
    answer = ask(capsys, tmp_path / "odd.json", "--reference", scored(tmp_path / "ann.tsv", (10, 12)), code=1)
    (errors,) = (line["errors"] for line in answer["recordings"])
    (error,) = errors
    assert error.startswith(f"{tmp_path / 'odd.json'}: ")


def test_a_reference_with_several_results_is_not_taken_for_its_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    several = tmp_path / "several.json"
    several.write_text(found("n1.edf", (10, 12)) + found("n2.edf", (30, 32)))
    answer = ask(capsys, "--reference", several, "--reference", scored(tmp_path / "ann.tsv", (30, 32)), code=1)
    assert "got 2 results, expected one" in answer["recordings"][0]["errors"][0]


def test_a_list_without_a_recording_of_its_name_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = tmp_path / "results.json"
    results.write_text(found("n1.edf", (10, 12)) + found("n2.edf", (10, 12)))
    scored(tmp_path / "ann" / "n1.tsv", (10, 12))
    answer = ask(capsys, results, "--reference", tmp_path / "ann", code=1)
    assert [line["errors"] for line in answer["recordings"]] == [[], ["no list of ann has its name"]]
    # n10 is another night than n1.
    scored(tmp_path / "ann" / "n20.tsv", (10, 12))
    assert ask(capsys, results, "--reference", tmp_path / "ann", code=1)["recordings"][1]["errors"]


def test_what_a_person_marks_in_one_night_would_have_been_marked_in_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results.json"
    results.write_text(found("n1.edf", (10, 60), kind="cramp") + found("n2.edf", (10, 60), kind="cramp"))
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / "n1.csv").write_text("onset,duration,trial_type,leg\n10,50,cramp,left\n")
    (tmp_path / "ann" / "n2.csv").write_text("onset,duration,trial_type,leg\n10,2,LM left,left\n")
    (pair,) = ask(capsys, results, "--reference", tmp_path / "ann")["pairs"]
    (cramps,) = [one for one in pair["events"] if one["class"] == "cramp-like, probable" and one["matching"] == "rule"]
    assert (cramps["hits"], cramps["false"]) == (1, 1)


def test_events_of_a_plugin_can_be_judged_as_another_kind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = tmp_path / "night.json"
    result.write_text(found("night.edf", (10, 12), kind="plugin_lab"))
    ann = scored(tmp_path / "ann.tsv", (10, 12))
    assert of_movements(ask(capsys, result, "--reference", ann)["pairs"][0])["hits"] == 0
    taken = ask(capsys, result, "--reference", ann, "--take", "plugin_lab=leg_movement")
    assert of_movements(taken["pairs"][0])["hits"] == 1
    assert "expected KIND=KIND" in refused(capsys, result, "--reference", ann, "--take", "plugin_lab")
    assert "expected KIND=KIND" in refused(capsys, result, "--reference", ann, "--take", "plugin_lab=nothing")


def test_csv_has_one_number_per_row_that_json_has_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    words = [word for rater in RATERS for word in ("--reference", rater)]
    answer = ask(capsys, *words)
    assert run(["evaluate", *map(str, words), "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    (f1,) = [
        row
        for row in rows
        if (row["subject"], row["what"], row["how"], row["number"]) == ("", "leg movement", "rule", "f1")
    ]
    assert float(f1["value"]) == of_movements(answer["pairs"][0])["f1"]["value"]
    (limits,) = [
        row
        for row in rows
        if (row["recording"], row["how"], row["number"], row["what"]) == ("", "plm_per_h", "bias", "wasm-2016")
    ]
    assert float(limits["value"]) == 5.0
    assert {row["part"] for row in rows} == {"events", "presence", "series", "indices"}


def test_the_page_is_one_file_with_pictures_that_fetches_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results.json"
    results.write_text("".join(found(f"n{i}.edf", (10, 12), (50, 52 + i), (80, 83)) for i in range(3)))
    for name, extra in (("ann", (80, 84)), ("<b>bob", (200, 204))):
        for i in range(3):
            scored(tmp_path / name / f"n{i}.tsv", (10, 12), (51, 53 + i), extra)
    page = tmp_path / "page.html"
    words = [str(results), "--reference", str(tmp_path / "ann"), "--reference", str(tmp_path / "<b>bob")]
    assert run(["evaluate", *words, "--html", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    # Overlap, recordings, onsets, ends, and Bland and Altman's for three pairs.
    assert text.count("<svg") == 7
    assert re.findall(r"(?:src|href)=|<script|url\(|@import", text) == []
    assert "<b>bob" not in text
    assert "prefers-color-scheme: dark" in text
    assert "person against person" in text
    assert "stands beside it" in text
    assert page.stat().st_mode & 0o077 == 0
    assert "expected a new file" in refused(capsys, *words, "--html", page)
    assert run(["evaluate", *words, "--html", str(page), "--force"]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "expected FOUND and --reference"),
        (["--reference", RATERS[0]], "got one reference alone"),
        ([RATERS[0]], "got no --reference"),
        ([REAL, "--reference", RATERS[0]], "one list for several recordings"),
        (["--reference", RATERS[0], "--reference", RATERS[0]], "names that tell the scorers apart"),
        ([RATERS[0], "--pairs", RATERS[1]], "the table alone"),
        (["--pairs", RATERS[1]], "one per scorer"),
        ([RATERS[0], "--reference", RATERS[1], "--onset-s", "0"], "--onset-s"),
        ([RATERS[0], "--reference", RATERS[1], "--html", "/nowhere/page.html"], "not a folder"),
    ],
)
def test_what_cannot_be_compared_is_one_line_and_2(
    words: list[object], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in refused(capsys, *words)


def test_a_table_of_pairs_is_refused_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "pairs.csv"
    for text, said in (
        ("", "an empty file"),
        ("subject,found,ann\n", "got no rows"),
        ("subject,found,ann\n,a.edf,b.tsv\n", "pairs.csv:2: got no subject"),
        ("subject,found,ann\n1,a.edf,b.tsv,c.tsv\n", "pairs.csv:2: got more cells"),
        ("subject,found\n1,a.edf\n", "one per scorer"),
        ("subject,found,ann,ann\n1,a.edf,b.tsv,c.tsv\n", "each once"),
    ):
        table.write_text(text)
        assert said in refused(capsys, "--pairs", table)

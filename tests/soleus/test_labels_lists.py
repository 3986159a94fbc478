"""Marks as lists: what is written is read again, here and by other programs, and no mark is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import edfio
import mne
import pytest

from dashboards.labelling import NOTHING, Label
from detectors.signal import NS_PER_S
from ingest.files.scorings import read_scoring
from soleus.__main__ import run
from soleus.labels.writing import labels_edf
from tests.soleus.label_desk import NIGHT, PLACED, desk, label, mark_all

if TYPE_CHECKING:
    from pathlib import Path

    from soleus.labels.store import LabelStore

MOVED = [label("a", 10.001, 12.5), label("b", 10.5, 11.25, leg="right"), label("c", 61.999, 63.0, leg="both")]
CRAMPED = [label("d", 700.123, 760.456, "cramp"), label("e", 800.0, 830.0, "cramp", "both")]
OTHERS = [label("f", 900.007, 900.107, "twitch", "right"), label("g", 5000.0, 5030.5, "restlessness", "both")]
MARKS = [*MOVED, *CRAMPED, *OTHERS]


def without_keys(labels: tuple[Label, ...] | list[Label]) -> list[Label]:
    return [one._replace(key="") for one in labels]


@pytest.fixture
def store(tmp_path: Path) -> LabelStore:
    store = desk(tmp_path)
    mark_all(store, "Ann", [*MARKS, label("h", 30.0, 32.0, NOTHING)])
    return store


@pytest.mark.parametrize("form", ["tsv", "edf"])
def test_an_exported_list_is_imported_with_every_mark_leg_class_and_millisecond(store: LabelStore, form: str) -> None:
    content = store.exported(NIGHT, "Ann", form)
    sheet = store.imported(NIGHT, "Bob", f"of Ann.{form}", content)
    assert without_keys(sheet.labels) == without_keys(MARKS)
    assert sheet.n_acts == len(MARKS)
    assert store.imported(NIGHT, "Bob", f"of Ann.{form}", content).n_acts == len(MARKS)
    assert store.exported(NIGHT, "Bob", form) == content


@pytest.mark.slow
def test_the_exported_table_agrees_with_itself_wholly_in_soleus_evaluate(
    store: LabelStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    references = []
    for name in ("one", "other"):
        (tmp_path / f"{name}.tsv").write_bytes(store.exported(NIGHT, "Ann", "tsv"))
        references += ["--reference", str(tmp_path / f"{name}.tsv")]
    assert run(["evaluate", *references, "--format", "json"]) == 0
    (pair,) = json.loads(capsys.readouterr().out)["pairs"]
    counts = {row["class"]: row for row in pair["events"] if row["matching"] == "rule"}
    assert counts["leg movement"]["hits"] == len(MOVED) + 1
    assert all(row["f1"]["value"] == 1.0 and row["missed"] == row["false"] == 0 for row in counts.values())
    assert {"cramp-like, probable or possible", "twitch", "restlessness"} <= counts.keys()


def test_the_exported_table_says_legs_and_times_to_the_millisecond(store: LabelStore, tmp_path: Path) -> None:
    path = tmp_path / "ann.tsv"
    path.write_bytes(store.exported(NIGHT, "Ann", "tsv"))
    assert path.read_text().splitlines()[:3] == [
        "onset\tduration\ttrial_type\tleg",
        "10.001\t2.499\tLM left\tleft",
        "10.500\t0.750\tLM right\tright",
    ]
    # Of both legs it is a movement of either: rules, and other programs, know no other.
    assert "61.999\t1.001\tLM left\tleft\n61.999\t1.001\tLM right\tright\n" in path.read_text()
    scored = read_scoring(path)
    assert [(one.leg, one.onset_ns, one.end_ns) for one in scored.movements if one.onset_ns > 60 * NS_PER_S] == [
        ("left", 61_999_000_000, 63_000_000_000),
        ("right", 61_999_000_000, 63_000_000_000),
    ]
    assert [(one.kind, one.leg) for one in scored.others] == [(one.kind, one.leg) for one in [*CRAMPED, *OTHERS]]
    assert scored.left_out == ()


@pytest.mark.slow
def test_other_programs_read_the_exported_edf_annotations(store: LabelStore, tmp_path: Path) -> None:
    path = tmp_path / "ann.edf"
    path.write_bytes(store.exported(NIGHT, "Ann", "edf"))
    told = edfio.read_edf(path)
    # A clock one hour ahead of UTC.
    assert (str(told.startdate), str(told.starttime)) == ("2026-01-01", "23:30:00.123000")
    found = [(round(one.onset, 3), round(one.duration or 0, 3), one.text) for one in told.annotations]
    expected = [
        (one.onset_s, round(one.end_s - one.onset_s, 3), f"{one.kind.replace('leg_movement', 'LM')} {one.leg}")
        for one in MARKS
    ]
    assert found == expected
    read = mne.read_annotations(path)
    assert [(round(on, 3), text) for on, text in zip(read.onset, read.description, strict=True)] == [
        (on_s, text) for on_s, _, text in expected
    ]


@pytest.mark.slow
def test_thousands_of_marks_of_a_night_are_all_in_the_edf_annotations(tmp_path: Path) -> None:
    marks = [label(str(n), n * 4.001, n * 4.001 + 1.5) for n in range(3000)]
    path = tmp_path / "many.edf"
    content = labels_edf(marks, PLACED)
    path.write_bytes(content)
    n_records = int(content[236:244])
    assert (len(content) - 512) / n_records <= 61_440
    assert [one.onset_ns for one in read_scoring(path).movements] == [4_001_000_000 * n for n in range(len(marks))]
    assert len(edfio.read_edf(path).annotations) == len(mne.read_annotations(path)) == len(marks)


def test_a_sheet_without_marks_is_a_list_without_rows(store: LabelStore, tmp_path: Path) -> None:
    for form in ("tsv", "edf"):
        path = tmp_path / f"none.{form}"
        path.write_bytes(store.exported(NIGHT, "Bob", form))
        assert read_scoring(path).movements == ()
        assert store.imported(NIGHT, "Bob", path.name, path.read_bytes()).labels == ()
    with pytest.raises(ValueError, match="form is 'xml', expected tsv or edf"):
        store.exported(NIGHT, "Ann", "xml")


def test_clock_times_are_counted_from_the_start_where_the_recording_was_made(store: LabelStore) -> None:
    listed = b"time,event,duration\n23:30:10.123,PLM left,2\n00:30:00.123,PLM right,1.5\n"
    sheet = store.imported(NIGHT, "Bob", "clock.csv", listed)
    assert without_keys(sheet.labels) == [label("", 10.0, 12.0), label("", 3600.0, 3601.5, leg="right")]


def test_marks_are_cut_to_the_recording_last_a_millisecond_at_least_and_are_of_both_legs_if_none_is_told(
    store: LabelStore,
) -> None:
    rows = ("-1,3,LM left", "50,0,LM right", "60,2,LM", "28799,5,cramp", "100,30,Sleep stage N2")
    sheet = store.imported(NIGHT, "Bob", "own.csv", "\n".join(("onset,duration,trial_type", *rows)).encode())
    assert without_keys(sheet.labels) == [
        label("", 0.0, 2.0),
        label("", 50.0, 50.001, leg="right"),
        label("", 60.0, 62.0, leg="both"),
        label("", 28_799.0, 28_800.0, "cramp", "both"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("pic.png", b"\x89PNG\r\n\x1a\n\0\0", "pic.png: byte 4 is 0|pic.png: "),
        ("empty.tsv", b"", r"empty\.tsv: is empty, expected EDF\+ annotations"),
        ("far.tsv", b"onset\tduration\ttrial_type\n90000\t2\tLM left\n", "far.tsv: a mark lasts .* of another one"),
        ("../../etc/x.tsv", b"onset\tduration\ttrial_type\nsoon\t2\tLM left\n", r"x\.tsv:2: onset is 'soon'"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_in_one_line_and_nothing_of_it_is_kept(
    store: LabelStore, name: str, content: bytes, fault: str
) -> None:
    with pytest.raises(ValueError, match=fault) as refused:
        store.imported(NIGHT, "Bob", name, content)
    assert "\n" not in str(refused.value)
    assert "/tmp" not in str(refused.value)  # noqa: S108 - where the list lay for a moment is nobody's business
    assert store.sheet(NIGHT, "Bob").n_acts == 0


def test_an_import_is_taken_back_mark_by_mark(store: LabelStore) -> None:
    store.imported(NIGHT, "Bob", "a.tsv", store.exported(NIGHT, "Ann", "tsv"))
    assert len(store.undo(NIGHT, "Bob", "u").labels) == len(MARKS) - 1

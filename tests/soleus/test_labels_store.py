"""The acts of raters: kept at once, done once, taken back and done again, whoever opens the file."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.labelling import NOTHING, Act, ActWay, Label
from detectors.signal import NS_PER_S
from soleus.errors import ConfigError
from soleus.labels.acts import Done, Way, sheet_of
from soleus.labels.ledger import FILE, Placed
from soleus.labels.store import LabelStore
from tests.soleus.label_desk import NIGHT, PLACED, START_NS, adds, desk, label, mark_all

FIRST, SECOND = label("a", 10.0, 12.5), label("b", 20.001, 21.25, "cramp", "right")


def test_what_a_rater_marks_changes_and_deletes_is_there_after_a_restart(tmp_path: Path) -> None:
    store = desk(tmp_path)
    store.act(NIGHT, "Ann", adds("1", SECOND))
    store.act(NIGHT, "Ann", adds("2", FIRST))
    moved = FIRST._replace(onset_s=9.75, leg="both")
    store.act(NIGHT, "Ann", Act("3", ActWay.CHANGE, moved))
    assert desk(tmp_path).sheet(NIGHT, "Ann").labels == (moved, SECOND)
    sheet = desk(tmp_path).act(NIGHT, "Ann", Act("4", ActWay.DELETE, SECOND))
    assert sheet.labels == desk(tmp_path).sheet(NIGHT, "Ann").labels == (moved,)
    assert (sheet.n_acts, sheet.undoable, sheet.redoable) == (4, "delete cramp at 0:00:20", "")


def test_an_act_that_comes_twice_is_done_once(tmp_path: Path) -> None:
    store = desk(tmp_path)
    mark_all(store, "Ann", [FIRST, SECOND])
    again = [
        store.act(NIGHT, "Ann", adds("Ann 0", FIRST)),
        store.undo(NIGHT, "Ann", "u"),
        store.undo(NIGHT, "Ann", "u"),
    ]
    assert [sheet.n_acts for sheet in again] == [2, 3, 3]
    assert again[-1].labels == (FIRST,)
    with pytest.raises(ValueError, match="key 'Ann 0' was used for another act"):
        store.act(NIGHT, "Ann", adds("Ann 0", SECOND))


def test_undo_and_redo_survive_a_restart_and_a_new_mark_ends_what_can_be_done_again(tmp_path: Path) -> None:
    mark_all(desk(tmp_path), "Ann", [FIRST, SECOND])
    desk(tmp_path).undo(NIGHT, "Ann", "u1")
    both_back = desk(tmp_path).undo(NIGHT, "Ann", "u2")
    assert (both_back.labels, both_back.undoable, both_back.redoable) == ((), "", "add leg movement at 0:00:10")
    assert desk(tmp_path).redo(NIGHT, "Ann", "r1").labels == (FIRST,)
    third = label("c", 30.0, 31.0)
    sheet = desk(tmp_path).act(NIGHT, "Ann", adds("3", third))
    assert (sheet.labels, sheet.redoable) == ((FIRST, third), "")
    assert desk(tmp_path).redo(NIGHT, "Ann", "r2").labels == (FIRST, third)


def test_taking_back_where_nothing_is_left_does_nothing_and_is_not_done_later_either(tmp_path: Path) -> None:
    store = desk(tmp_path)
    assert store.undo(NIGHT, "Ann", "u").labels == ()
    store.act(NIGHT, "Ann", adds("1", FIRST))
    assert store.undo(NIGHT, "Ann", "u").labels == (FIRST,)


def test_a_label_that_another_page_deleted_is_gone_once_and_comes_back_by_a_change(tmp_path: Path) -> None:
    store = desk(tmp_path)
    store.act(NIGHT, "Ann", adds("1", FIRST))
    for key in ("2", "3"):
        assert store.act(NIGHT, "Ann", Act(key, ActWay.DELETE, FIRST)).labels == ()
    assert store.act(NIGHT, "Ann", Act("4", ActWay.CHANGE, FIRST)).labels == (FIRST,)


def test_several_pages_of_one_rater_lose_nothing(tmp_path: Path) -> None:
    marks = [label(f"m{number}", number, number + 0.5) for number in range(24)]
    stores = [desk(tmp_path) for _ in range(4)]
    with ThreadPoolExecutor(len(stores)) as pages:
        tasks = [pages.submit(stores[n % 4].act, NIGHT, "Ann", adds(mark.key, mark)) for n, mark in enumerate(marks)]
        counted = sorted(task.result().n_acts for task in tasks)
    assert counted == list(range(1, 25))
    assert desk(tmp_path).sheet(NIGHT, "Ann").labels == tuple(marks)


@pytest.mark.slow
def test_an_act_is_on_the_disk_before_its_answer_even_if_the_server_is_killed_then(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, signal\n"
        "from tests.soleus.label_desk import NIGHT, adds, desk, label\n"
        f"store = desk(pathlib.Path({str(tmp_path)!r}))\n"
        "for n in range(5): store.act(NIGHT, 'Ann', adds(str(n), label(str(n), n, n + 1)))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program], check=False, cwd=Path.cwd(), capture_output=True, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    sheet = desk(tmp_path).sheet(NIGHT, "Ann")
    assert (len(sheet.labels), sheet.undoable) == (5, "add leg movement at 0:00:04")


@pytest.mark.slow
@given(st.lists(st.sampled_from(["add", "change", "delete", "undo", "redo"]), max_size=30))
def test_everything_that_was_done_can_be_taken_back_step_by_step_and_done_again(ways: list[str]) -> None:
    acts = [Done(str(n), Way(way), label(str(n % 3), n, n + 1.0)) for n, way in enumerate(ways)]
    whole = sheet_of(acts)
    states = [whole.labels]
    steps = list(acts)
    while sheet_of(steps).undoable:
        steps.append(Done(f"u{len(steps)}", Way.UNDO))
        states.append(sheet_of(steps).labels)
    assert states[-1] == ()
    for before in states[-2::-1]:
        steps.append(Done(f"r{len(steps)}", Way.REDO))
        assert sheet_of(steps).labels == before


@pytest.mark.parametrize(
    ("mark", "fault"),
    [
        (FIRST._replace(kind="marker"), "label is a 'marker', expected one of leg_movement"),
        (FIRST._replace(leg="middle"), "on leg 'middle', expected one of left, right, both"),
        (FIRST._replace(onset_s=-0.001), "lasts from -0.001 s to 12.5 s"),
        (FIRST._replace(end_s=10.0), "expected an end after the onset"),
        (FIRST._replace(end_s=28_800.002), "within the 28800 s"),
        (FIRST._replace(end_s=float("nan")), "to nan s"),
        (FIRST._replace(end_s=float("inf")), "to inf s"),
        (FIRST._replace(key=""), "key is ''"),
        (FIRST._replace(key="a\n"), "key is"),
    ],
)
def test_what_is_no_label_of_the_recording_is_refused_and_not_kept(tmp_path: Path, mark: Label, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        desk(tmp_path).act(NIGHT, "Ann", adds("1", mark))
    assert desk(tmp_path).sheet(NIGHT, "Ann").n_acts == 0


def test_times_are_kept_in_whole_milliseconds_up_to_the_last_one(tmp_path: Path) -> None:
    kept = desk(tmp_path).act(NIGHT, "Ann", adds("1", label("a", 0.0, PLACED.duration_s, NOTHING, "both"))).labels[0]
    assert (kept.onset_s, kept.end_s) == (0.0, 28_800.0)
    kept = desk(tmp_path).act(NIGHT, "Ann", adds("2", label("b", 12.3456, 12.3467))).labels[1]
    assert (kept.onset_s, kept.end_s) == (12.346, 12.347)


@pytest.mark.parametrize("rater", ["", " Ann", "Ann ", "..", "-a", "a/b", "a\tb", "a" * 41, "soleus", "Truth", "<b>"])
def test_what_is_no_name_of_a_rater_is_refused(tmp_path: Path, rater: str) -> None:
    with pytest.raises(ValueError, match="rater is"):
        desk(tmp_path).sheet(NIGHT, rater)
    with pytest.raises(ValueError, match="rater is"):
        desk(tmp_path).act(NIGHT, rater, adds("1", FIRST))


@pytest.mark.parametrize("rater", ["Ann", "Ann-Marie B.", "Ørsted_2", "7"])
def test_names_of_people_are_taken(tmp_path: Path, rater: str) -> None:
    assert desk(tmp_path).act(NIGHT, rater, adds("1", FIRST)).labels == (FIRST,)


def test_a_recording_that_there_is_not_is_a_key_error_and_a_page_that_only_looks_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        desk(tmp_path).sheet("elsewhere", "Ann")
    assert (desk(tmp_path).raters(NIGHT), desk(tmp_path).sheet(NIGHT, "Ann").labels) == ((), ())
    assert not (tmp_path / FILE).exists()


def test_labels_never_show_on_another_recording_of_the_same_name(tmp_path: Path) -> None:
    desk(tmp_path).act(NIGHT, "Ann", adds("1", FIRST))
    later = PLACED._replace(start_ns=PLACED.start_ns + 60 * NS_PER_S)
    for placed, fault in (
        (later, "begins at 2026-01-01 22:31:00 UTC and lasts 28800 s, expected one that begins at 2026-01-01 22:30:00"),
        (PLACED._replace(duration_s=60.0), "lasts 60 s, expected one that .* lasts 28800 s"),
        (PLACED._replace(content="another seed"), "night holds other data than the recording of this name"),
        (PLACED._replace(person="p1", content="begun anew"), "night holds other data than the recording of this name"),
    ):
        other = LabelStore(tmp_path / FILE, {NIGHT: placed}.__getitem__)
        for refused in (other.sheet, lambda *_, other=other: other.raters(NIGHT), partial(other.undo, key="u")):
            with pytest.raises(ValueError, match=fault):
                refused(NIGHT, "Ann")


def test_a_stored_night_that_grows_stays_the_same_recording(tmp_path: Path) -> None:
    night = Placed(0, 3600.0, 0, "p1")
    grown = night._replace(duration_s=7200.0)
    short, long = (LabelStore(tmp_path / FILE, {NIGHT: placed}.__getitem__) for placed in (night, grown))
    short.act(NIGHT, "Ann", adds("1", FIRST))
    assert long.act(NIGHT, "Ann", adds("2", label("b", 7000.0, 7001.0))).n_acts == 2
    assert len(long.sheet(NIGHT, "Ann").labels) == 2


def test_marks_in_a_stored_night_stay_at_their_time_where_its_start_moves(tmp_path: Path) -> None:
    begun = Placed(START_NS, 3600.0, 0, "p1", "its folder")
    ended = begun._replace(start_ns=START_NS - 2_500_000_000, duration_s=7200.0)
    before, after = (LabelStore(tmp_path / FILE, {NIGHT: placed}.__getitem__) for placed in (begun, ended))
    before.act(NIGHT, "Ann", adds("1", FIRST))
    moved = FIRST._replace(onset_s=12.5, end_s=15.0)
    assert after.sheet(NIGHT, "Ann").labels == (moved,)
    assert after.act(NIGHT, "Ann", adds("1", moved)).n_acts == 1
    late = label("b", 7000.0, 7001.0)
    assert after.act(NIGHT, "Ann", adds("2", late)).labels == (moved, late)
    assert before.sheet(NIGHT, "Ann").labels == (FIRST, late._replace(onset_s=6997.5, end_s=6998.5))
    assert before.exported(NIGHT, "Ann", "tsv").splitlines()[1].startswith(b"10.000\t2.500")
    assert after.exported(NIGHT, "Ann", "tsv").splitlines()[1].startswith(b"12.500\t2.500")


def test_a_file_that_is_none_of_labels_is_refused_in_one_line_when_the_store_opens(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database" * 100)
    with pytest.raises(ConfigError, match=r"labels\.sqlite: not a file of labels that this version reads"):
        desk(tmp_path)
    (tmp_path / FILE).unlink()
    with sqlite3.connect(tmp_path / FILE) as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(ConfigError, match="layout 99, expected at most 1"):
        desk(tmp_path)

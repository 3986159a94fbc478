"""``soleus labels``: marks out of the store into lists, and lists into the store."""

from __future__ import annotations

import io
import json
import stat
from typing import TYPE_CHECKING

import pytest

from detectors.signal import NS_PER_S
from detectors.simulate import simulate_night
from ingest.files.edf_writing import write_edf
from ingest.files.scorings import read_scoring
from soleus.__main__ import run
from soleus.labels.ledger import FILE, Placed
from soleus.labels.store import LabelStore
from tests.kept_nights import HOURS_NS, NIGHTS, STARTS_NS, kept_nights
from tests.soleus.label_desk import adds, label

if TYPE_CHECKING:
    from pathlib import Path

NIGHT = NIGHTS[0]
PLACED = Placed(STARTS_NS[0], HOURS_NS / 1e9, 7200, "p1", str(STARTS_NS[0]))
MARKS = [label("a", 10.0, 12.5), label("b", 30.0, 70.25, "cramp", "both")]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    kept_nights(tmp_path)
    return tmp_path


def marked(home: Path) -> LabelStore:
    store = LabelStore(home / "data" / FILE, lambda _: PLACED)
    store.set_blind(NIGHT, "Ann", blind=True)
    for mark in MARKS:
        store.act(NIGHT, "Ann", adds(mark.key, mark))
    store.finish(NIGHT, "Ann", finished=True)
    return store


def labels(home: Path, *words: str) -> int:
    return run(["labels", *words, "--config", str(home / "soleus.toml")])


def test_the_list_says_who_marked_how_much_and_whether_blind(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert labels(home, "list", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []
    marked(home).set_blind(NIGHT, "Bob", blind=True)
    assert labels(home, "list") == 0
    assert capsys.readouterr().out.splitlines()[1].split() == [NIGHT, "Ann", "2", "4", "yes", "yes"]
    assert labels(home, "list", NIGHT, "--json") == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["rater"], told["blind"], told["was_open"], told["duration_s"]) == ("Ann", True, False, 3600.0)
    assert told["marks"][0] == {"kind": "leg_movement", "leg": "left", "onset_s": 10.0, "end_s": 12.5}


def test_marks_go_out_into_a_new_private_file_and_into_another_rater(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = marked(home)
    for name in ("ann.tsv", "ann.edf"):
        path = home / name
        assert labels(home, "export", NIGHT, str(path), "--rater", "Ann") == 0
        assert path.read_bytes() == store.exported(NIGHT, "Ann", path.suffix[1:])
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert labels(home, "import", NIGHT, str(path), "--rater", f"Bob {name}", "--json") == 0
        assert json.loads(capsys.readouterr().out) == {"new": 2, "known": 0, "left_out": {}}
        assert [one[1:] for one in store.sheet(NIGHT, f"Bob {name}").labels] == [one[1:] for one in MARKS]
        assert labels(home, "export", NIGHT, str(path), "--rater", "Ann") == 2
        assert "is there already, expected the name of a new file" in capsys.readouterr().err


def test_leg_movements_alone_go_through_the_rules(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    marked(home)
    assert labels(home, "export", NIGHT, "--rater", "Ann", "--kind", "leg_movement") == 0
    (home / "lm.tsv").write_text(capsys.readouterr().out)
    assert run(["rules", str(home / "lm.tsv"), "--rules", "wasm-2016", "--format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["events"]) == 1


def test_a_list_of_a_file_is_imported_where_the_file_is_named_and_from_then_on_without_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "soleus.toml").write_text(f'data_dir = "{tmp_path / "data"}"\n')
    write_edf(tmp_path / "lab 7.edf", simulate_night(0.02, 5, "clean"))
    (tmp_path / "own.csv").write_text("onset,duration,event\n1,2,LM left\n30,30,N2\n40,1,zappelt\n")
    told = ("import", "lab-7", str(tmp_path / "own.csv"), "--rater", "Ann")
    assert labels(tmp_path, *told) == 2
    assert "lab-7: is no stored night and has no marks yet" in capsys.readouterr().err
    assert labels(tmp_path, *told, "--recordings", str(tmp_path / "lab 7.edf")) == 0
    printed = capsys.readouterr()
    assert printed.out == "1 new, 0 there already\n"
    assert "left out, because they are no marks: zappelt (1), sleep stage (1)" in printed.err
    assert labels(tmp_path, *told, "--format", "text") == 0
    assert capsys.readouterr().out == "0 new, 1 there already\n"
    assert labels(tmp_path, "export", "lab-7", str(tmp_path / "ann.tsv"), "--rater", "Ann") == 0
    assert len(read_scoring(tmp_path / "ann.tsv").movements) == 1


def test_marks_in_a_night_that_is_gone_go_out_as_they_were_made(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begun = PLACED._replace(start_ns=PLACED.start_ns + NS_PER_S)
    for content, onset in ((PLACED.content, "11.000"), ("another night", "10.000")):
        (home / "data" / FILE).unlink(missing_ok=True)
        placed = begun._replace(content=content)
        LabelStore(home / "data" / FILE, {NIGHT: placed}.__getitem__).act(NIGHT, "Ann", adds("1", MARKS[0]))
        assert labels(home, "export", NIGHT, "--rater", "Ann") == 0
        assert capsys.readouterr().out.splitlines()[1].split("\t")[0] == onset


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("list", "elsewhere"), f"nobody marked anything in 'elsewhere', expected one of: {NIGHT}"),
        (("export", NIGHT, "--rater", "Eve"), f"--rater: Eve marked nothing in {NIGHT}, expected one of: Ann"),
        (("import", NIGHT, "soleus.toml", "--rater", "Ann"), "soleus.toml: begins with 'person"),
        (("import", NIGHT, "soleus.toml", "--rater", "a/b"), "rater is 'a/b', expected 1 to 40 letters"),
        (("remove", "elsewhere"), "nobody marked anything in 'elsewhere'"),
        (("remove", NIGHT, "--rater", "Eve", "--yes"), "--rater: Eve marked nothing in"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_2(
    home: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], fault: str
) -> None:
    marked(home)
    where = [str(home / word) if word == "soleus.toml" else word for word in words]
    assert labels(home, *where) == 2
    told = capsys.readouterr().err
    assert fault in told
    assert told.count("\n") == 1


def test_the_marks_of_one_rater_or_of_all_are_removed_to_the_last_byte(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = marked(home)
    store.act(NIGHT, "Zenobia", adds("1", MARKS[0]))
    assert labels(home, "remove", NIGHT, "--rater", "Zenobia", "--yes") == 0
    assert capsys.readouterr().out == "removed: 1 act of raters\n"
    assert b"Zenobia" not in b"".join(path.read_bytes() for path in (home / "data").glob(f"{FILE}*"))
    assert [card.rater for card in store.raters(NIGHT)] == ["Ann"]
    assert labels(home, "remove", NIGHT, "--yes") == 0
    assert store.raters(NIGHT) == ()


def test_nothing_is_removed_without_a_yes(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = marked(home)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert labels(home, "remove", NIGHT) == 130
    assert f"This removes 4 acts of Ann in {NIGHT} for good." in capsys.readouterr().err
    assert len(store.sheet(NIGHT, "Ann").labels) == 2


def test_a_file_of_marks_that_is_damaged_is_one_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    marked(home)
    path = home / "data" / FILE
    whole = bytearray(path.read_bytes())
    whole[4096:] = b"\xff" * (len(whole) - 4096)
    path.write_bytes(whole)
    assert labels(home, "list") == 2
    told = capsys.readouterr().err
    assert f"{path}: database disk image is malformed" in told
    assert told.count("\n") == 1

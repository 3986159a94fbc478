"""Several recordings at once: found, told in order, and one that is refused stops none of the others."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from detectors.criteria import named
from soleus.__main__ import run
from soleus.cohort.data_hash import DataHash, hash_of
from soleus.cohort.order import Manner
from soleus.cohort.search import recordings_in
from soleus.errors import ConfigError
from soleus.thresholds import apply_overrides
from tests.soleus.short_cohort import BROKEN, short_cohort

if TYPE_CHECKING:
    from pathlib import Path

WASM = named("wasm-2016")
# Long enough for movements in both.
HOURS = 0.07


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cohort")
    short_cohort(folder, n=2, hours=HOURS)
    return folder


@pytest.mark.slow
def test_one_that_is_refused_is_a_line_where_the_others_are_results(
    cohort: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["score", str(cohort), "--format", "json"]) == 1
    printed = capsys.readouterr()
    broken, *others = map(json.loads, printed.out.splitlines())
    assert broken["recording"] == {"file": str(cohort / BROKEN)}
    assert broken["error"].startswith(f"{cohort / BROKEN}: the file begins with 'this is'")
    assert [one["recording"]["file"] for one in others] == [str(cohort / f"night-0{seed}.edf") for seed in (5, 6)]
    assert printed.err.splitlines() == [
        f"soleus: {broken['error']}",
        "soleus: 1 of 3 recordings were not scored",
    ]


@pytest.mark.slow
def test_csv_and_tables_go_on_past_it_as_well(cohort: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", str(cohort), "--format", "csv"]) == 1
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["file"] for row in rows} == {str(cohort / f"night-0{seed}.edf") for seed in (5, 6)}
    assert run(["score", str(cohort)]) == 1
    shown = capsys.readouterr().out
    assert f"{cohort / BROKEN}: not scored" in shown
    assert f"{cohort / 'night-06.edf'}: 0.07 h" in shown


@pytest.mark.slow
def test_a_difference_can_be_taken_to_what_was_scored_of_several(
    cohort: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["score", str(cohort), "--format", "json"]) == 1
    earlier = tmp_path / "earlier.json"
    earlier.write_text(capsys.readouterr().out, encoding="utf-8")
    night = str(cohort / "night-05.edf")
    assert run(["score", night, "--format", "json", "--diff", str(earlier)]) == 0
    assert json.loads(capsys.readouterr().out)["diff"]["lost"] == []


def test_a_folder_is_searched_below_but_not_where_the_results_are(tmp_path: Path) -> None:
    names = (
        *("b/night.edf", "a.bdf", "A.EDF", ".hidden/night.edf", ".night.edf", "notes.txt", "events.csv"),
        *("t/samples.csv", "t/samples.layout.toml", "out/a.edf"),
    )
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).touch()
    out = tmp_path / "out"
    expected = [tmp_path / name for name in ("A.EDF", "a.bdf", "b/night.edf", "t/samples.csv")]
    assert list(recordings_in([tmp_path], apart_from=out)) == expected
    assert recordings_in([tmp_path / "t", tmp_path], apart_from=out)[0] == tmp_path / "t" / "samples.csv"
    assert len(recordings_in([tmp_path / "a.bdf", tmp_path / "a.bdf"])) == 1
    assert set(recordings_in([tmp_path], apart_from=out, with_tables=True)) == {*expected, tmp_path / "events.csv"}
    with pytest.raises(ConfigError, match="holds no recording, expected files that end in"):
        recordings_in([out], apart_from=out)


def test_of_a_bids_data_set_only_the_recordings_of_legs_are_meant(tmp_path: Path) -> None:
    names = ("sub-1/emg/sub-1_task-sleep_emg.edf", "derivatives/sub-1/emg/sub-1_task-sleep_emg.edf", "sub-1/x.edf")
    for name in (*names, "dataset_description.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).touch()
    assert recordings_in([tmp_path]) == (tmp_path / names[0],)


def test_a_manner_is_another_one_where_the_events_could_be_others(tmp_path: Path) -> None:
    layout = tmp_path / "layout.toml"
    layout.write_text("fs_hz = 500\n", encoding="utf-8")
    changed = apply_overrides(WASM, {"leg_movement.onset_uv": 9.0})
    manners = [
        Manner(WASM, {}),
        Manner(changed, {}),
        Manner(WASM, {"DC7": "EMG TA-L"}),
        Manner(WASM, {}, layout),
        Manner(WASM, {}, time_zone="Europe/Berlin"),
        Manner(WASM, {}, stages=layout),
        Manner(WASM, {}, salvage=True),
    ]
    hashes = [manner.scoring_sha256() for manner in manners]
    layout.write_text("fs_hz = 250\n", encoding="utf-8")
    assert len({*hashes, manners[3].scoring_sha256()}) == len(manners) + 1
    assert Manner(WASM, {}, block_samples=7).scoring_sha256() == hashes[0]


def test_what_stands_beside_a_recording_counts_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "sub-01" / "emg"
    folder.mkdir(parents=True)
    table, bids = folder / "night.csv", folder / "sub-01_task-sleep_emg.edf"
    for path in (table, bids):
        path.write_text(path.name, encoding="utf-8")

    def hashes() -> list[DataHash]:
        return [hash_of(path) for path in (table, bids)]

    alone = hashes()
    for name in ("night.txt", "night2.layout.toml", "sub-010_task-sleep_channels.tsv"):
        (folder / name).touch()
    assert hashes() == alone
    (folder / "night.layout.toml").touch()
    (folder / "sub-01_task-sleep_channels.tsv").touch()
    beside = hashes()
    assert all(one != other for one, other in zip(beside, alone, strict=True))
    (tmp_path / "sub-01" / "sub-01_scans.tsv").touch()
    assert (hashes()[0], hashes()[1].data_sha256) == (beside[0], alone[1].data_sha256)
    assert hashes()[1] != beside[1]


def test_a_rate_that_no_sensor_has_is_a_line_and_takes_no_memory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "night.csv").write_text("a\n1.0\n2.0\n", encoding="utf-8")
    layout = 'start = 2026-10-24T22:30:00Z\nfs_hz = 1e9\n[columns]\na = {channel = "EMG TA-L", unit = "uV"}\n'
    (tmp_path / "night.layout.toml").write_text(layout, encoding="utf-8")
    assert run(["score", str(tmp_path / "night.csv")]) == 2
    assert "night.csv: 1e+09 samples per second, expected at most 1e+06" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--workers", "2", "--cluster", "tls://x:1"], "--workers with --cluster: expected one of them"),
        (["--workers", "0"], "Invalid value for '--workers'"),
        (["--workers", "1", "--format", "tsv"], "--format tsv with --workers or --cluster: expected neither"),
        (["--out", "{text}"], "Invalid value for '--out'"),
        (["--out", "{other}"], "--out {other}: holds something else, expected a new folder or an earlier data set"),
        (["--out", "{new}", "--format", "csv"], "--out with --format csv: expected --format table or json"),
        (["--out", "{new}", "--explain"], "--explain with --out: expected one of them"),
        (["--time-zone", "Mars"], "Invalid value for '--time-zone': time zone 'Mars': there is none of that name"),
        (["--layout", "{new}"], "Invalid value for '--layout'"),
    ],
)
def test_options_that_do_not_go_together_are_one_line_and_exit_2(
    args: list[str], message: str, cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {"text": tmp_path / "text", "other": tmp_path / "other", "new": tmp_path / "new"}
    names["text"].touch()
    names["other"].mkdir()
    (names["other"] / "thesis.doc").touch()
    assert run(["score", str(cohort / "night-05.edf"), *(arg.format(**names) for arg in args)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"soleus: {message.format(**names)}")
    assert printed.err.count("\n") == 1
    assert not names["new"].exists()
    assert [path.name for path in names["other"].iterdir()] == ["thesis.doc"]

"""``soleus export --format bids``: the validator of BIDS finds no fault, and the tables say what the nights say."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import edfio
import mne
import pytest

from detectors.events import Event, EventKind
from detectors.signal import NS_PER_S, Leg
from ingest.decoders.lsp_info import Info, InfoFlag
from ingest.decoders.lsp_packets import decode_header
from ingest.night.records import Notification, SetupReply
from soleus.__main__ import run
from soleus.bids.labels import bids_labels
from tests.night_log import ACC, INFO, UTC_NS, night_records, write_night

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ingest.night.folder import NightFolder

pytestmark = pytest.mark.slow

VALIDATOR = Path(sys.executable).parent / "bids-validator-deno"
# Who made and keeps a data set, and what hardware it was, is for its owner to fill in.
UNTOLD = {"TOO_FEW_AUTHORS", "NO_AUTHORS", "JSON_KEY_RECOMMENDED", "SIDECAR_KEY_RECOMMENDED"}


def finished(folder: NightFolder) -> NightFolder:
    """Say that a night was scored, with an event of every kind that is shown."""
    kinds = [kind for kind in EventKind if kind not in {EventKind.MARKER, EventKind.SIGNAL_GAP}]
    starts_ns = [UTC_NS + number * NS_PER_S + 123_456_789 for number in range(1, len(kinds) + 1)]
    folder.write_events(
        Event(kind, "left-shin", Leg.LEFT, at_ns, at_ns + NS_PER_S // 2, {"peak_uv": 1 / 3, "duration_s": 0.5})
        for kind, at_ns in zip(kinds, starts_ns, strict=True)
    )
    folder.write_summary({"start_ns": UTC_NS, "end_ns": starts_ns[-1], "final": True, "summary": {}})
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two nights of one person and one of another whose name differs in capitals only."""
    home = tmp_path_factory.mktemp("bids")
    config = home / "soleus.toml"
    config.write_text(f"data_dir = '{home / 'data'}'\n", encoding="utf-8")
    nights = home / "data" / "nights"
    for night, person in (("2026-09-21-2230", "p1"), ("2026-09-22-2230", "p1"), ("x", "P-1")):
        finished(write_night(nights / night, night_records(0.01), replace(INFO, person=person)))
    assert run(["export", "--all", "--format", "bids", "--to", str(home / "out"), "--config", str(config)]) == 0
    return home


def issues(dataset: Path) -> list[Mapping[str, Any]]:
    told = subprocess.run([VALIDATOR, "--format", "json", dataset], capture_output=True, check=False, text=True)
    found: list[Mapping[str, Any]] = json.loads(told.stdout)["issues"]["issues"]
    return found


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_the_validator_finds_nothing_but_what_the_owner_has_to_tell(home: Path) -> None:
    found = issues(home / "out")
    assert [one for one in found if one["severity"] == "error"] == []
    assert {one["code"] for one in found} <= UNTOLD


def test_the_validator_would_find_a_fault(home: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    for path in (home / "out").rglob("*"):
        if path.is_file() and not path.name.endswith("_channels.tsv"):
            there = broken / path.relative_to(home / "out")
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(path.read_bytes().replace(b'"SamplingFrequency"', b'"Rate"'))
    assert "error" in {one["severity"] for one in issues(broken)}


def test_each_person_and_each_night_has_a_place_of_its_own(home: Path) -> None:
    places = sorted(path.relative_to(home / "out").as_posix() for path in (home / "out").glob("sub-*/ses-*"))
    assert places == ["sub-P1/ses-x", "sub-p1n2/ses-202609212230", "sub-p1n2/ses-202609222230"]
    assert [row["participant_id"] for row in rows(home / "out" / "participants.tsv")] == ["sub-P1", "sub-p1n2"]
    assert bids_labels(["ä", "a", "!"]) == {"!": "x", "a": "a", "ä": "an2"}


def night_of(home: Path) -> tuple[Path, str]:
    return home / "out" / "sub-p1n2" / "ses-202609212230" / "emg", "sub-p1n2_ses-202609212230_task-sleep"


def test_events_lie_where_the_recording_has_them(home: Path) -> None:
    folder, stem = night_of(home)
    stored = json.loads((home / "data" / "nights" / "2026-09-21-2230" / "events.json").read_text(encoding="utf-8"))
    theirs = rows(folder / f"{stem}_events.tsv")
    assert len(theirs) == len(stored) > 5
    assert [(one["trial_type"], one["leg"]) for one in theirs] == [(one["kind"], one["leg"]) for one in stored]
    onsets_s = [(one["onset_ns"] - UTC_NS) / NS_PER_S for one in stored]
    assert [float(one["onset"]) for one in theirs] == pytest.approx(onsets_s, abs=1e-9)
    notes = {
        note.onset
        for note in edfio.read_edf(folder / f"{stem}_emg.edf").annotations
        if note.text.startswith("Leg movement")
    }
    movements = {float(one["onset"]) for one in theirs if one["trial_type"] == "leg_movement"}
    assert sorted(notes) == pytest.approx(sorted(movements), abs=1e-6)


def test_every_column_of_the_events_is_told(home: Path) -> None:
    folder, stem = night_of(home)
    words = json.loads((folder / f"{stem}_events.json").read_text(encoding="utf-8"))
    with (folder / f"{stem}_events.tsv").open(encoding="utf-8") as file:
        columns = file.readline().split()
    assert set(columns) - {"onset", "duration"} <= words.keys()
    assert "cramp-like" in words["trial_type"]["Levels"]["cramp"].lower()


def test_channels_are_those_of_the_recording_as_mne_reads_it(home: Path) -> None:
    folder, stem = night_of(home)
    raw = mne.io.read_raw_edf(folder / f"{stem}_emg.edf", verbose="error")
    channels = rows(folder / f"{stem}_channels.tsv")
    assert [one["name"] for one in channels] == raw.ch_names
    described = json.loads((folder / f"{stem}_emg.json").read_text(encoding="utf-8"))
    assert described["EMGChannelCount"] == sum(one["type"] == "EMG" for one in channels) == 2
    assert described["SamplingFrequency"] == raw.info["sfreq"] == 500.0
    (scan,) = rows(folder.parent / f"{stem.removesuffix('_task-sleep')}_scans.tsv")
    assert scan["acq_time"] == raw.info["meas_date"].strftime("%Y-%m-%dT%H:%M:%SZ") == "2026-09-21T20:30:00Z"


def test_a_night_without_emg_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "soleus.toml"
    config.write_text(f"data_dir = '{tmp_path / 'data'}'\n", encoding="utf-8")
    info = Info(InfoFlag.COMMON_CLOCK, 0, 1_000_000, 244, 3, 40, 7, (ACC,))
    records = [
        replace(record, payload=info.to_bytes()) if isinstance(record, SetupReply) else record
        for record in night_records(0.01)
        if not isinstance(record, Notification) or decode_header(record.payload)[0].stream_id == ACC.stream_id
    ]
    folder = finished(write_night(tmp_path / "still", records))
    assert run(["export", str(folder.path), "--format", "bids", "--config", str(config)]) == 2
    printed = capsys.readouterr().err.splitlines()
    assert printed[-1] == "soleus: no EMG in still, expected some for BIDS"
    assert not (folder.path / "export-bids").exists()

"""The last word on a night: samples that came minutes late count, and a replay says what the finished night said."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from detectors.criteria import named
from detectors.events import EventKind
from detectors.signal import NS_PER_S
from ingest.decoders.lsp_info import INFO_UUID, Info, InfoFlag
from ingest.night.entries import TopicKind
from ingest.night.folder import NightFolder
from ingest.night.journal import Journal
from ingest.night.losses import Cause
from ingest.night.records import LinkDown, LinkUp, NightEnd, Notification, SetupReply
from soleus.__main__ import run
from soleus.final_scoring import FinalScoring, score_log
from soleus.night_decoding import certified, log_pieces
from soleus.nights import journal_path
from soleus.settings import Settings
from tests.night_log import INFO, night_records, score_night, write_night

if TYPE_CHECKING:
    from ingest.night.records import Record

pytestmark = pytest.mark.slow

CRITERIA = named("wasm-2016")
LOST_NS = (120 * NS_PER_S, 180 * NS_PER_S)
SAMPLE_NS = NS_PER_S // 500
EMPTIED_NS = 230 * NS_PER_S
PACKET_NS = 20_000_000
"""Time of the air that a packet of the buffer takes."""


def whole() -> list[Record]:
    return [able_to_send_again(record) for record in night_records(0.1, seed=3)]


def able_to_send_again(record: Record) -> Record:
    if not isinstance(record, SetupReply) or record.characteristic != INFO_UUID:
        return record
    info = Info.from_bytes(record.payload)
    return replace(record, payload=replace(info, flags=info.flags | InfoFlag.RESEND).to_bytes())


def emptied_late() -> list[Record]:
    """The left sensor is away for 60 s and sends what it kept, old packets between new ones, 50 s after it is back."""
    kept: list[Record] = []
    n_late = 0
    for record in whole():
        if is_left(record) and LOST_NS[0] <= record.mono_ns < LOST_NS[1]:
            kept.append(replace(record, mono_ns=EMPTIED_NS + n_late * PACKET_NS))
            n_late += 1
        else:
            kept.append(record)
    kept += [LinkDown(LOST_NS[0], "left-shin", "timeout"), LinkUp(LOST_NS[1] - 1, "left-shin", 247)]
    first, *rest, last = kept[0], *sorted(kept[1:], key=lambda record: (isinstance(record, NightEnd), record.mono_ns))
    return [first, *rest, last]


def is_left(record: Record) -> bool:
    return isinstance(record, Notification) and record.sensor == "left-shin"


@pytest.fixture(scope="module")
def unbroken() -> FinalScoring:
    return score_log(lambda: [whole()], INFO, CRITERIA)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("late"))


@pytest.fixture(scope="module")
def late(settings: Settings) -> NightFolder:
    """A night whose buffer was emptied late, scored to its end as the scorer's process does."""
    folder = write_night(settings.data_dir / "nights" / "2026-09-21-2230", emptied_late())
    score_night(folder, settings)
    return folder


def test_a_night_whose_buffer_was_emptied_late_says_what_an_unbroken_one_says(
    late: NightFolder, unbroken: FinalScoring
) -> None:
    found, expected = late.read_events(), unbroken.scoring.events
    assert [(e.kind, e.sensor, e.leg, e.quality) for e in found] == [
        (e.kind, e.sensor, e.leg, e.quality) for e in expected
    ]
    assert EventKind.SIGNAL_GAP not in {event.kind for event in found}
    # What arrived a minute late says nothing about the sensor's clock, so the fit differs by a fraction of a sample.
    assert max(abs(a.onset_ns - b.onset_ns) for a, b in zip(found, expected, strict=True)) < SAMPLE_NS


def test_a_replay_of_the_log_gives_the_events_of_the_finished_night_byte_for_byte(
    late: NightFolder, settings: Settings, tmp_path: Path
) -> None:
    again = score_log(lambda: log_pieces(late.packets), late.read_info(), CRITERIA)
    assert again.first is not None
    copy = NightFolder(tmp_path)
    copy.write_events(again.scoring.events)
    copy.write_epochs(again.scoring.epochs)
    for name in ("events.json", "epochs.json"):
        assert (copy.path / name).read_bytes() == (late.path / name).read_bytes()
    certificate = late.read_certificate()
    assert certificate is not None
    assert {**again.certificate(), "files": certificate["files"]} == certificate
    with Journal(journal_path(settings)) as journal:
        kept = journal.events("p1", late.path.name, "default")
        assert [entry.key for entry in kept] == [entry.key for entry in again.scoring.final_entries()[: len(kept)]]
        health = {entry.key: entry.body for entry in journal.entries(TopicKind.HEALTH, "p1", late.path.name, "")}
    assert health == {entry.key: entry.body for entry in again.facts}


def test_the_certificate_says_what_came_late_and_that_nothing_is_missing(late: NightFolder) -> None:
    certificate = late.read_certificate()
    assert certificate is not None
    left, right = certificate["sensors"]
    assert certificate["second_reading"]
    emg = next(stream for stream in left["streams"] if stream["quantity"] == "emg")
    assert (emg["recovered_late"], emg["recovered_at_once"], emg["unexplained"]) == (30_000, 0, 0)
    assert emg["verdict"].endswith("no gap")
    assert [loss["away_s"] for loss in left["link_losses"]] == [pytest.approx(60.0, abs=0.2)]
    assert all(stream["recovered_late"] == 0 for stream in right["streams"])
    assert {**certified(late.packets, late.read_info()), "files": certificate["files"]} == certificate


def test_a_file_that_was_changed_after_the_night_is_told(
    late: NightFolder, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configured = tmp_path / "soleus.toml"
    configured.write_text(f"data_dir = '{settings.data_dir}'\n", encoding="utf-8")
    command = ["certificate", str(late.path), "--config", str(configured), "--check"]
    assert run(command) == 0
    assert capsys.readouterr().out == "6 files are as they were certified.\n"
    events = late.path / "events.json"
    before = events.read_bytes()
    try:
        events.write_bytes(before.replace(b"leg_movement", b"leg_movemint", 1))
        assert run(command) == 1
        assert capsys.readouterr().out.startswith("events.json: SHA-256 is ")
        events.unlink()
        assert run([*command, "--format", "json"]) == 1
        assert json.loads(capsys.readouterr().out)["changed"] == [
            f"events.json: is missing, expected {len(before)} bytes"
        ]
    finally:
        events.write_bytes(before)


def test_the_page_about_the_night_folder_names_every_file_of_it_and_every_cause(late: NightFolder) -> None:
    page = (Path(__file__).parents[2] / "docs" / "night-folder.md").read_text(encoding="utf-8")
    assert [path.name for path in late.path.iterdir() if f"`{path.name}" not in page] == []
    assert [cause for cause in Cause if f"| `{cause}` |" not in page] == []


def test_the_certificate_is_printed_for_a_person(
    late: NightFolder, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    configured = settings.data_dir / "soleus.toml"
    configured.write_text(f"data_dir = '{settings.data_dir}'\n", encoding="utf-8")
    assert run(["certificate", late.path.name, "--config", str(configured)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert printed.startswith("Completeness left-shin, emg: 6 min 00 s of 6 min 00 s, 100 %; no gap")
    assert "the night was read a second time" in printed

"""A night whose outbox is full: its events are kept for delivery, its epochs come with a replay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingest.night.entries import Confirmation, Delivery, Entry, TopicKind
from ingest.night.journal import Journal
from soleus.__main__ import run
from soleus.config import load
from soleus.nights import journal_path
from tests.night_log import night_records, score_night, write_night

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.night.folder import NightFolder

pytestmark = pytest.mark.slow

NAME = "2026-09-21-2230"
LARGE = "a large one"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "soleus.toml"
    file.write_text(
        f"data_dir = '{tmp_path / 'data'}'\n"
        "[store]\nurl = 'http://localhost:8086'\n[mqtt]\nurl = 'mqtt://localhost'\n[outbox]\nmax_mb = 10\n"
    )
    return file


@pytest.fixture
def folder(config: Path, caplog: pytest.LogCaptureFixture) -> NightFolder:
    """A night that was scored beside a full outbox."""
    settings = load(config).settings
    night = write_night(settings.data_dir / "nights" / NAME, night_records(0.05))
    with Journal(journal_path(settings)) as journal:
        body = {"onset_ns": 1, "filling": 11_000_000 * "."}
        journal.put([Entry(TopicKind.EVENT, "p1", "before", "default", LARGE, 0, valid=True, body=body)])
    score_night(night, settings)
    assert "epochs and health were left out" in caplog.text
    return night


def test_events_are_kept_epochs_and_health_are_left_out_and_a_replay_brings_them(
    config: Path, folder: NightFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    with Journal(journal_path(load(config).settings)) as journal:

        def kept() -> dict[TopicKind, int]:
            return {kind: journal.counts(kind).entries for kind in TopicKind}

        n_epochs = len(folder.read_epochs())
        assert (n_epochs > 0, kept()[TopicKind.EPOCH], kept()[TopicKind.HEALTH]) == (True, 0, 0)
        events = journal.events("p1", NAME, "default")
        assert len(events) == len(folder.read_events())
        replay = ["replay", NAME, "--publish", "--format", "json", "--config", str(config)]
        assert run(replay) == 0
        assert "the outbox is full: the night's epochs and health were left out" in capsys.readouterr().err
        assert kept()[TopicKind.EPOCH] == 0
        journal.stored([Confirmation(LARGE, "p1", 0), *(Confirmation(e.key, "p1", e.revision) for e in events)])
        assert run(replay) == 0
        assert "the outbox is full" not in capsys.readouterr().err
        assert kept()[TopicKind.EPOCH] == n_epochs
        assert kept()[TopicKind.HEALTH] > 0
        assert not [w for w in journal.waiting(Delivery.STORE, 10_000) if w.entry.topic_kind is TopicKind.EVENT]

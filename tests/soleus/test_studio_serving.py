"""Recordings of files on the pages: asked through the web app, and refused before anything listens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from soleus.__main__ import run
from soleus.book import FolderBook
from soleus.commands.serve import command
from soleus.config import load
from soleus.errors import ConfigError
from soleus.studio.opening import studio_of
from soleus.web import Access, _configured
from tests.served import configured

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

HERE = "127.0.0.1"


def refused(tmp_path: Path, *args: str) -> str:
    arguments = ["--config", str(configured(tmp_path)), "--port", "0", *args]
    result = CliRunner().invoke(command, arguments, standalone_mode=False)
    assert isinstance(result.exception, ConfigError)
    return str(result.exception)


def test_lists_without_recordings_and_folders_without_any_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    assert "got no --recordings" in refused(tmp_path, "--reference", str(tmp_path / "lists"))
    assert "holds no recording" in refused(tmp_path, "--recordings", str(tmp_path / "lists"))
    assert not (tmp_path / "data").exists()


def test_a_simulated_night_is_on_the_pages_and_a_bad_file_beside_it_is_a_line(tmp_path: Path) -> None:
    assert run(["simulate", str(tmp_path / "night"), "--hours", "0.02"]) == 0
    (tmp_path / "broken.edf").write_text("no recording")
    config, places = load(configured(tmp_path)), [tmp_path / "night", tmp_path / "broken.edf"]
    book = FolderBook(config.settings, config.criteria)
    with studio_of(config.settings, places, n_workers=1) as studio:
        app = _configured(book, HERE, Access(), studio).loaded_app
        client = TestClient(app, base_url=f"http://{HERE}")
        assert client.get("/bench").status_code == 200
        listed = client.get("/api/bench").text
        told = {one.key: one.problem for one in studio.bench.recordings()}
        assert client.get("/label/night").status_code == 200
        signals = "/api/label/{}/signals?from=0&to=60&buckets=100"
        assert client.get(signals.format("night")).status_code == 200
        unreadable = client.get(signals.format("broken"))
    assert told["night"] == ""
    assert "broken.edf" in told["broken"]
    assert "broken.edf" in listed
    assert unreadable.status_code == 409
    assert "broken.edf" in unreadable.text

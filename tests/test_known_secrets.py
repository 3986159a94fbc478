"""The search for secrets in what a run leaves finds them, wherever they are and however they are written."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from tests.system.known_secrets import leaks, password_of

if TYPE_CHECKING:
    from pathlib import Path

GENERATED = "bGtJ0x-3mPzQ7wEr"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return what a run leaves: secrets where they belong, and a log without any."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/mqtt_store").write_text(password_of("store"))
    (tmp_path / "secrets/list").write_text(f"store {password_of('store')}\n")
    (tmp_path / "influx_token").write_text(GENERATED + "\n")
    (tmp_path / "store.log").write_text("connected to the broker\nstore has secrets/mqtt_store\n")
    (tmp_path / "empty.log").touch()
    return tmp_path


def test_secrets_are_welcome_where_they_belong(run: Path) -> None:
    assert leaks(run) == []


@pytest.mark.parametrize(
    "said",
    [
        password_of("store"),
        f"mqtt://store:{password_of('store')}@house",
        "Authorization: Basic " + base64.b64encode(f"store:{password_of('store')}".encode()).decode(),
        f"Authorization: Token {GENERATED}",
    ],
)
def test_a_secret_in_a_log_is_found(run: Path, said: str) -> None:
    with (run / "store.log").open("a") as log:
        log.write(f"401 for {said}\n")
    (found,) = leaks(run)
    assert found.startswith(f"{run / 'store.log'}, byte ")
    assert password_of("store") not in found
    assert GENERATED not in found


def test_a_secret_behind_a_hole_in_a_file_is_found_with_its_place(run: Path) -> None:
    with (run / "index").open("wb") as index:
        index.seek(1 << 22)
        index.write(f"401 for {GENERATED}".encode())
        index.truncate(1 << 23)
    (found,) = leaks(run)
    assert found.startswith(f"{run / 'index'}, byte {(1 << 22) + len('401 for ')}:")


def test_what_was_written_before_is_not_looked_at_again(run: Path) -> None:
    log = run / "store.log"
    log.write_text(f"401 for {GENERATED}\n")
    assert leaks(run, log.stat().st_mtime) != []
    assert leaks(run, log.stat().st_mtime + 1.0) == []

"""No command says a secret, whatever goes wrong and however much it is asked to log; see also conftest.py here."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.kept_nights import kept_nights, servers_at
from tests.system.known_secrets import MARK, leaks, password_of
from tests.system.servers import ROOT, python, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.system.servers import Influx, Mosquitto

pytestmark = pytest.mark.system

# Eight commands; on a machine that is at work on other things, too.
PATIENCE_S = 120.0
# Every library logs all that it has to say.
LOUD = "import logging, sys; logging.basicConfig(level=logging.DEBUG); "
COMMAND = f"{LOUD}from soleus.__main__ import main; main()"
# Several command lines in one process, with a line between them that says how each ended.
COMMANDS = f"""{LOUD}import json
from soleus.__main__ import run
for line in json.loads(sys.argv[1]):
    code = run(line)
    print(f"= {{code}} soleus {{' '.join(line)}}", file=sys.stderr, flush=True)
"""
RELAY = f"{LOUD}from tests.system.relay_process import main; main(*sys.argv[1:])"
# What a person asks for in the evening, in the morning, and when something is wrong; and how it ends here.
ASKED = {
    "config": 0,
    "config --json": 0,
    "doctor --json": 1,
    "check --json": 2,
    "store --check": 1,
    "store": 2,
    "privacy export {folder}/mine --json": 1,
    "privacy delete --yes --json": 1,
}


@pytest.fixture
def home(tmp_path: Path, broker: Mosquitto, database: Influx) -> Path:
    """Return the folder of somebody whose passwords are wrong, and secret all the same."""
    kept_nights(tmp_path, servers_at(broker.port, database.port, tmp_path))
    (tmp_path / "mqtt_password").write_text(f"wrong-{MARK}-mqtt")
    (tmp_path / "influx_token").write_text(f"store:wrong-{MARK}-token")
    return tmp_path


def said_by(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the home of somebody whose computer has no Bluetooth."""
    return subprocess.run(
        [sys.executable, "-c", *arguments],
        cwd=ROOT,
        env={
            "PYTHONPATH": str(ROOT),
            "PATH": "/usr/bin",
            "SOLEUS_CONFIG": str(home / "soleus.toml"),
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={home}/nobody",
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_no_command_says_a_password_that_is_wrong(home: Path) -> None:
    lines = [[word.format(folder=home) for word in line.split()] for line in ASKED]
    done = said_by(home, COMMANDS, json.dumps(lines))
    said = done.stdout + done.stderr
    ended = [line for line in done.stderr.splitlines() if line.startswith("= ")]
    assert ended == [f"= {code} soleus {' '.join(line)}" for line, code in zip(lines, ASKED.values(), strict=True)], (
        said
    )
    assert "does not accept the token" in said
    assert "Not authorized" in said
    assert MARK not in said
    assert leaks(home) == []


def test_a_traceback_says_no_password_either(home: Path) -> None:
    done = said_by(home, COMMAND, "store", "--traceback")
    assert "Traceback" in done.stderr
    assert MARK not in done.stdout + done.stderr


def test_a_relay_that_is_refused_does_not_say_its_password(home: Path, broker: Mosquitto) -> None:
    log = home / "relay.log"
    login = ("collector", f"wrong-{MARK}-mqtt")
    relay = python("-c", RELAY, str(home / "data/journal.sqlite"), str(broker.port), *login, log=log)
    relay.start()
    try:
        wait_until(lambda: "refuses this collector" in log.read_text(), "the relay is refused", within_s=PATIENCE_S)
    finally:
        relay.kill()
    assert leaks(home) == []


def test_a_writer_whose_database_comes_and_goes_does_not_say_its_token(
    home: Path, broker: Mosquitto, database: Influx
) -> None:
    log = home / "store.log"
    (home / "mqtt_password").write_text(password_of("store"))
    (home / "influx_token").write_text(database.address().token)
    options = ("--broker", f"mqtt://store@127.0.0.1:{broker.port}", "--config", str(home / "soleus.toml"))
    store = python("-c", COMMAND, "store", *options, log=log)
    database.stop()
    store.start()
    try:
        wait_until(lambda: "connected to the broker" in log.read_text(), "the writer is there", within_s=PATIENCE_S)
        login = ("collector", password_of("collector"))
        relay = python("-c", RELAY, str(home / "data/journal.sqlite"), str(broker.port), *login, log=home / "relay.log")
        relay.start()
        try:
            wait_until(lambda: "is not ready (HTTP 502); trying again" in log.read_text(), "the database is missed")
            database.start()
            wait_until(lambda: bool(database.query("SHOW MEASUREMENTS")), "the writer has written")
        finally:
            relay.kill()
    finally:
        store.kill()
    assert leaks(home) == []

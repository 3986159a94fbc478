"""``soleus store --check``, and how ``soleus store`` ends at its start: one line for each cause, and the exit code."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from ingest.address import BrokerAddress
from ingest.errors import StoreRejected
from ingest.influx import InfluxAddress
from ingest.store import StoreSettings
from ingest.store_check import check_store
from soleus.__main__ import run
from tests.scripted_influx import ACCEPTED, RESET, SILENCE, scripted_influx

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "t0ken-that-nobody-may-see"  # noqa: S105 - made up
NOWHERE = "mqtt://127.0.0.1:1"
CONNACK, SUBSCRIBED, PUBACK = 0x20, 0x90, 0x40
NOT_AUTHORIZED = 0x87
LET_IN = bytes([CONNACK, 3, 0, 0, 0])
KINDS = 6
MAY_HEAR = bytes([SUBSCRIBED, 3 + KINDS]) + b"ID\0" + KINDS * b"\1"
MAY_NOT_HEAR = bytes([SUBSCRIBED, 3 + KINDS]) + b"ID\0" + KINDS * bytes([NOT_AUTHORIZED])
MAY_SAY = bytes([PUBACK, 2]) + b"ID"


def store(*arguments: str, influx: str, broker: str = NOWHERE) -> int:
    return run(["store", "--broker", broker, "--influx", influx, *arguments])


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert TOKEN not in printed.err
    return printed.err.rstrip("\n")


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOLEUS_STORE_TOKEN", TOKEN)
    monkeypatch.setenv("SOLEUS_CONFIG", str(tmp_path / "soleus.toml"))
    (tmp_path / "soleus.toml").write_text("")


@contextmanager
def broker(*answers: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Run a broker that gives these answers, one for each packet that it gets and keeps, and then is silent."""
    packets: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                for answer in answers:
                    packets.append(packet := client.recv(4096))
                    client.sendall(answer.replace(b"ID", packet_id(packet)))
                while client.recv(4096):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"mqtt://127.0.0.1:{listener.getsockname()[1]}", packets
        thread.join()


def packet_id(packet: bytes) -> bytes:
    """Return the two bytes that number a packet: behind the length, and behind the topic of a publication."""
    if packet[0] >> 4 == 3:
        return packet[4 + packet[3] :][:2]
    return packet[2:4]


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--group", "home/1", "--group is 'home/1', expected a printable name without '/', '+' and '#'"),
        ("--group", "a+", "--group is 'a+'"),
        ("--name", "", "--name is ''"),
    ],
)
def test_a_name_that_no_broker_could_use_is_refused_before_anybody_is_asked(
    option: str, value: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert store("--check", option, value, influx="http://127.0.0.1:1") == 2
    assert says in one_line(capsys)


# What each answer is to `soleus store --check` (always exit code 1), and to `soleus store` at its start.
REFUSALS = {
    401: "does not accept the token (HTTP 401)",
    403: "does not let this token write to bucket 'soleus' (HTTP 403)",
    404: "has no bucket 'soleus' in organisation 'soleus' (HTTP 404)",
    413: "takes not even a short line: HTTP 413",
}
AWAY = {
    429: "is not ready (HTTP 429)",
    503: "is not ready (HTTP 503)",
    RESET: "does not answer: ProtocolError",
    200: "answers HTTP 200, which InfluxDB does not say: is it one?",
}


@pytest.mark.parametrize(("status", "says"), [*REFUSALS.items(), *AWAY.items()])
def test_each_answer_of_the_database_is_one_line_of_the_check(
    status: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with scripted_influx(lambda _: (status, "no")) as server:
        assert store("--check", influx=server.address.url) == 1
    assert one_line(capsys) == f"soleus: InfluxDB {server.address.url} {says}"


async def test_a_database_that_keeps_silent_is_one_line_of_the_check() -> None:
    with scripted_influx(lambda _: (SILENCE, "")) as server:
        settings = StoreSettings(BrokerAddress("127.0.0.1", 1), server.address, timeout_s=0.1)
        with pytest.raises(StoreRejected, match=r"does not answer: nothing within 0\.1 s"):
            await check_store(settings)


@pytest.mark.parametrize(("status", "says"), REFUSALS.items())
def test_each_refusal_at_the_start_is_one_line_and_exit_2(
    status: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with scripted_influx(lambda _: (status, "no")) as server:
        assert store(influx=server.address.url) == 2
    assert one_line(capsys) == f"soleus: InfluxDB {server.address.url} {says}"


def test_a_wrong_organisation_is_told_from_a_missing_bucket(capsys: pytest.CaptureFixture[str]) -> None:
    with scripted_influx(lambda _: (404, 'organization name "us" not found')) as server:
        assert store("--check", "--org", "us", influx=server.address.url) == 1
    assert one_line(capsys).endswith("has no organisation 'us' (HTTP 404)")


def test_a_database_that_is_down_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert store("--check", influx="http://127.0.0.1:1") == 1
    assert one_line(capsys) == "soleus: InfluxDB http://127.0.0.1:1 does not answer: no connection"


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([bytes([CONNACK, 3, 0, NOT_AUTHORIZED, 0])], "the broker does not let us in: Not authorized"),
        (
            [LET_IN, MAY_NOT_HEAR],
            "the broker does not let us subscribe: Not authorized",
        ),
        (
            [LET_IN, MAY_HEAR, bytes([PUBACK, 4]) + b"ID" + bytes([NOT_AUTHORIZED, 0])],
            "the broker does not let us confirm what is stored: Not authorized",
        ),
    ],
)
def test_each_refusal_of_the_broker_is_one_line_of_the_check(
    answers: list[bytes], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with scripted_influx(lambda _: (ACCEPTED, "")) as server, broker(*answers) as (url, _):
        assert store("--check", influx=server.address.url, broker=url) == 1
    assert one_line(capsys) == f"soleus: {says}"


def test_the_check_takes_neither_a_message_nor_the_name_from_a_writer_that_runs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with scripted_influx(lambda _: (ACCEPTED, "")) as server, broker(LET_IN, MAY_HEAR, MAY_SAY) as (url, packets):
        assert store("--check", "--name", "one", "--group", "all", influx=server.address.url, broker=url) == 0
    assert capsys.readouterr().out.startswith(f"ok: broker {url} lets us in")
    connect, subscribe, publish = packets
    assert b"\0\x09one-check" in connect
    assert subscribe.count(b"$share/all-check/soleus/v1/+/+/") == KINDS
    assert b'{"v":1,"stored":[]}' in publish


@pytest.mark.slow
def test_a_broker_that_is_down_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with scripted_influx(lambda _: (ACCEPTED, "")) as server:
        assert store("--check", influx=server.address.url) == 1
    assert one_line(capsys) == f"soleus: the broker {NOWHERE} cannot be reached: no connection"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "the secret cannot be read: [Errno 2]"),
        ("", "is empty, expected InfluxDB's token on its first line"),
        ("\nsecond", "is empty, expected InfluxDB's token on its first line"),
        ("tök\u200ben", "is no token of InfluxDB, expected printable ASCII characters"),
    ],
)
@pytest.mark.parametrize("check", [["--check"], []])
def test_a_token_file_that_holds_none_is_one_line_and_exit_2(
    text: str | None, says: str, check: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "token"
    if text is not None:
        file.write_text(text, encoding="utf-8")
        file.chmod(0o600)
    assert store(*check, "--token-file", str(file), influx="http://127.0.0.1:1") == 2
    assert one_line(capsys).startswith(f"soleus: {file}: {says}")


def test_no_token_at_all_is_one_line_and_exit_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SOLEUS_STORE_TOKEN")
    assert store("--check", influx="http://127.0.0.1:1") == 2
    assert one_line(capsys).startswith("soleus: InfluxDB wants a token: give --token-file")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return a folder that everybody can enter, as `tmp_path` is not."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize(
    ("mode", "folder_mode", "warns"), [(0o644, 0o755, True), (0o640, 0o755, False), (0o644, 0o700, False)]
)
def test_a_token_file_that_everybody_can_read_gives_a_warning(
    mode: int,
    folder_mode: int,
    warns: bool,  # noqa: FBT001 - a case
    open_folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = open_folder / "secrets"
    folder.mkdir()
    file = folder / "token"
    file.write_text(TOKEN)
    file.chmod(mode)
    folder.chmod(folder_mode)
    assert store("--check", "--token-file", str(file), influx="http://127.0.0.1:1") == 1
    printed = capsys.readouterr().err.splitlines()
    assert (f"soleus: {file} holds a token and can be read by everybody here, expected chmod 600" in printed) == warns
    assert len(printed) == 1 + warns


@pytest.mark.slow
def test_neither_the_configuration_nor_the_help_says_the_token(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config"]) == 0
    assert run(["store", "--help"]) == 0
    assert TOKEN not in capsys.readouterr().out
    assert TOKEN not in repr(StoreSettings(BrokerAddress("x"), InfluxAddress("http://x", "b", "o", TOKEN)))

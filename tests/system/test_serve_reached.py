"""``soleus serve`` where others can reach it: asked over real connections, word for word."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
import ssl
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from detectors.signal import Leg
from ingest.night.folder import NightFolder, NightInfo, NightSensor
from soleus.authority import new_authority, new_server, utc_now
from soleus.nights import alone
from soleus.web_connections import MOST_CONNECTIONS
from tests.system.servers import READY_S, ROOT, python, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

pytestmark = pytest.mark.system

NIGHT = "2026-03-14-223000"
API = f"/api/night/{NIGHT}"
PASSWORD = "tin-kettle-north-seven"  # noqa: S105 - of no real thing
NAME = "nights.example"
KEPT_SECRET = "lies beside the nights"  # noqa: S105 - the content of a file
START_S = 60.0
PIECE_BYTES = 65_536
LONG_BYTES = 1 << 27
"""More than what fits into the buffers between two sockets."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass(slots=True)
class Browser:
    """One client: its address on loopback, its cookies, and no tidying of what it asks for."""

    port: int
    address: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, *, method: str = "GET", body: Any = None, **headers: str) -> Answer:
        return self.ask_all([path], method=method, body=body, headers=headers)[0]

    def ask_all(
        self, paths: Iterable[str], *, method: str = "GET", body: Any = None, headers: Mapping[str, str] | None = None
    ) -> list[Answer]:
        """Ask for several addresses over one connection."""
        kind = http.client.HTTPConnection if self.tls is None else http.client.HTTPSConnection
        options = {} if self.tls is None else {"context": self.tls}
        connection = kind("127.0.0.1", self.port, timeout=READY_S, source_address=(self.address, 0), **options)
        try:
            return [self._ask(connection, path, method, body, headers or {}) for path in paths]
        finally:
            connection.close()

    def _ask(
        self, connection: http.client.HTTPConnection, path: str, method: str, body: Any, headers: Mapping[str, str]
    ) -> Answer:
        told = {
            "host": f"{self.host}:{self.port}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        if self.cookies:
            told["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, body, told, encode_chunked=body is not None and not isinstance(body, str))
        with connection.getresponse() as response:
            text = response.read().decode(errors="replace")
        for line in response.headers.get_all("set-cookie", []):
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return Answer(response.status, response.headers, text)

    def sign_in(self, password: str = PASSWORD, **headers: str) -> Answer:
        found = re.search(r'name="token" value="(\w+)"', self.ask("/login").text)
        assert found
        form = f"token={found[1]}&next=%2Fnight%2F{NIGHT}&password={password}"
        kind = "application/x-www-form-urlencoded"
        return self.ask("/login", method="POST", body=form, content_type=kind, **headers)


def make_home(top: Path, web: str) -> Path:
    """Write one night, something beside it, and a configuration; return that."""
    night = NightFolder(top / "data/nights" / NIGHT)
    night.path.mkdir(parents=True)
    sensor = NightSensor("left-shin", "lsp", "C4:00:00:00:00:01", Leg.LEFT, "shin")
    night.write_info(NightInfo("home", "p1", NIGHT, "default", 1.0, (sensor,), 10**18, 0, "0.1.0"))
    for place in (top, top / "data", top / "data/nights"):
        (place / "secret.txt").write_text(KEPT_SECRET)
    (top / "password").write_text(PASSWORD)
    config = top / "soleus.toml"
    config.write_text(f"data_dir = {json.dumps(str(top / 'data'))}\n[web]\nhost = '0.0.0.0'\nname = '{NAME}'\n{web}")
    return config


@dataclass(frozen=True, slots=True)
class Served:
    port: int
    url: str
    log: Path


def serving(top: Path, web: str) -> Iterator[Served]:
    log = top / "log"
    password = f"password_file = {json.dumps(str(top / 'password'))}\n"
    config = make_home(top, password + web)
    process = python("-m", "soleus", "serve", "--config", str(config), "--port", "0", log=log)
    # Whoever collects a night holds its lock.
    with alone(top / "data/nights" / NIGHT / "night.lock", "the night is collected"):
        try:
            process.start()
            wait_until(lambda: "Your nights: " in log.read_text() or not process.running, f"{log}", within_s=START_S)
            found = re.search(r"Your nights: (\w+://[^:]+:(\d+)/)", log.read_text())
            assert found, log.read_text()
            yield Served(int(found[2]), found[1], log)
        finally:
            process.stop()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from serving(tmp_path_factory.mktemp("plain"), "")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("certificate")
    authority = new_authority(utc_now())
    server = new_server(authority, [NAME, "127.0.0.1"], utc_now())
    (top / "ca.pem").write_text(authority.certificate_pem())
    (top / "cert.pem").write_text(server.certificate_pem())
    (top / "key.pem").write_text(server.key_pem())
    return top


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory, certificate: Path) -> Iterator[Served]:
    cert, key = (json.dumps(str(certificate / name)) for name in ("cert.pem", "key.pem"))
    files = f"tls_cert = {cert}\ntls_key = {key}\n"
    yield from serving(tmp_path_factory.mktemp("secure"), files)


def test_without_a_password_it_does_not_start(tmp_path: Path) -> None:
    config = make_home(tmp_path, "")
    argv = [sys.executable, "-m", "soleus", "serve", "--config", str(config)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=START_S, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "expected web.password_file or SOLEUS_WEB_PASSWORD to be set" in done.stderr


def test_a_person_signs_in_marks_the_night_and_signs_out(plain: Served) -> None:
    assert plain.url == f"http://localhost:{plain.port}/"
    assert "cross the network in clear text" in plain.log.read_text()
    browser = Browser(plain.port, host=NAME)
    assert browser.ask(f"/night/{NIGHT}", accept="text/html").headers["location"].startswith("/login?next=")
    assert browser.ask(API).status == 401
    assert browser.sign_in().headers["location"] == f"/night/{NIGHT}"
    page = browser.ask(f"/night/{NIGHT}")
    assert page.status == 200
    body = '{"label": "cramp"}'
    sent = browser.ask(
        f"{API}/marks", method="POST", body=body, content_type="application/json", origin="http://evil.example"
    )
    assert sent.status == 403
    sent = browser.ask(f"{API}/marks", method="POST", body=body, content_type="application/json")
    assert sent.status == 204
    token = re.search(r'action="/logout"><input type="hidden" name="token" value="(\w+)"', page.text)
    assert token
    kept = Browser(plain.port, cookies=dict(browser.cookies))
    assert kept.ask(API).status == 200
    assert browser.ask("/logout", method="POST", body=f"token={token[1]}").status == 303
    assert kept.ask(API).status == 401


def test_only_its_own_names_and_addresses_are_answered(plain: Served) -> None:
    for host in (NAME, "127.0.0.1", "localhost", "198.51.100.7", "[2001:db8::1]"):
        answer = Browser(plain.port, host=host).ask("/login")
        assert answer.status == 200
        assert answer.headers["content-security-policy"].startswith("default-src 'self';")
        assert answer.headers["server"] is None
    for host in ("evil.example", f"{NAME}.evil.example", ""):
        assert Browser(plain.port, host=host).ask("/login").status == 400


OUTSIDE = (
    "/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd", "/static/..%2f..%2fapp.py", "/static/%00",
    "/night/../../secret.txt", "/night/../secret.txt", "/night/..%2fsecret.txt", "/night/%2fetc%2fpasswd",
    f"/night/{NIGHT}/../../secret.txt", f"/night/{NIGHT}/event/../../../../secret.txt", "/night/secret.txt",
    "/api/night/../../../secret.txt", "/api/night/%2e%2e", "/api/night/..", f"{API}%00", f"{API}/./raw?sensor=../x",
    "//etc/passwd", "/../../../etc/passwd", "/login/../api/night/x", "/static/../api/night/x",
)  # fmt: skip


def test_no_path_leads_to_another_file_before_or_after_signing_in(plain: Served) -> None:
    browser = Browser(plain.port, "127.0.0.4")
    for signed_in in (False, True):
        if signed_in:
            assert browser.sign_in().status == 303
        for path, answer in zip(OUTSIDE, browser.ask_all(OUTSIDE), strict=True):
            assert answer.status in ({400, 404} if signed_in else {401, 404}), path
            assert KEPT_SECRET not in answer.text
            assert "import" not in answer.text
            assert "root:" not in answer.text


def test_an_endless_upload_is_cut_off(plain: Served) -> None:
    browser = Browser(plain.port, "127.0.0.5")
    browser.sign_in()
    sent_bytes = 0

    def long() -> Iterator[bytes]:
        nonlocal sent_bytes
        while sent_bytes < LONG_BYTES:
            sent_bytes += PIECE_BYTES
            yield b"x" * PIECE_BYTES

    for path in (f"{API}/marks", "/login", "/", "/nowhere"):
        sent_bytes = 0
        # The server hangs up while we are still talking; then the answer may be lost.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            answer = browser.ask(path, method="POST", body=long(), content_type="application/json")
            assert answer.status in {404, 405, 413}
        assert sent_bytes < LONG_BYTES
    declared = browser.ask("/login", method="POST", body="x", content_length="1000000000")
    assert declared.status == 413


def test_who_guesses_has_five_tries_and_locks_nobody_else_out(plain: Served) -> None:
    guesser, owner = Browser(plain.port, "127.0.0.6"), Browser(plain.port, "127.0.0.7")
    answers = [guesser.sign_in("wrong-kettle") for _ in range(6)]
    assert [answer.status for answer in answers] == [403] * 5 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 20
    assert guesser.sign_in().status == 429
    assert guesser.sign_in(x_forwarded_for="198.51.100.9", forwarded="for=198.51.100.9").status == 429
    assert owner.sign_in().status == 303
    log = plain.log.read_text()
    assert log.count("a wrong password was given") == 5
    assert PASSWORD not in log
    assert "wrong-kettle" not in log


def test_the_last_connection_that_it_takes_is_told_to_come_back(plain: Served) -> None:
    with contextlib.ExitStack() as silent:
        for _ in range(MOST_CONNECTIONS - 1):
            silent.enter_context(socket.create_connection(("127.0.0.1", plain.port)))
        assert Browser(plain.port).ask("/login").status == 503
    wait_until(lambda: Browser(plain.port).ask("/login").status == 200, "soleus serve answers again")


def test_there_is_no_other_protocol_behind_the_door(plain: Served) -> None:
    key = {"sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-version": "13"}
    (answer,) = Browser(plain.port).ask_all(["/"], headers={"connection": "Upgrade", "upgrade": "websocket", **key})
    assert answer.status == 401


def test_with_a_certificate_everything_is_secret_on_the_way(secure: Served, certificate: Path) -> None:
    assert secure.url == f"https://localhost:{secure.port}/"
    assert "clear text" not in secure.log.read_text()
    trusted = ssl.create_default_context(cafile=str(certificate / "ca.pem"))
    browser = Browser(secure.port, tls=trusted, host=NAME)
    page = browser.ask("/login")
    assert page.headers["strict-transport-security"] == "max-age=2592000"
    answer = browser.sign_in()
    assert answer.status == 303
    for cookie in answer.headers.get_all("set-cookie"):
        assert cookie.startswith("__Host-soleus_")
        assert {"Secure", "HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert browser.ask(API).status == 200
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        Browser(secure.port).ask("/login")
    old = ssl.create_default_context(cafile=str(certificate / "ca.pem"))
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    assert Browser(secure.port, tls=old, host=NAME).ask("/login").status == 200

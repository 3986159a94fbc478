"""Real servers for the system tests: Mosquitto with the configuration of deploy/, InfluxDB 1.6 behind nginx."""

from __future__ import annotations

import base64
import contextlib
import functools
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from ingest.address import BrokerAddress
from ingest.influx import InfluxAddress
from soleus.accounts import Account, Role
from soleus.authority import utc_now
from soleus.stack import ALWAYS, write_stack
from soleus.stack_tls import write_certificates
from tests.system.known_secrets import password_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).parents[2]
CONF = Path(__file__).parent / "conf"
DATABASE = "soleus"
READY_S = 60.0
# Workers of pytest that have ports to themselves.
WORKERS = 8
# Debian keeps servers where only root's path looks.
PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/bin"))


def wait_until(done: Callable[[], bool], what: str, *, within_s: float = READY_S) -> None:
    """Ask until it is so; fail with `what` when it takes too long."""
    until_s = time.monotonic() + within_s
    while not done():
        assert time.monotonic() < until_s, f"not within {within_s} s: {what}"
        time.sleep(0.02)


@functools.cache
def _ports() -> Iterator[int]:
    """Return the ports of this process, in any order: a server is often bound to its port long after it was chosen."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    # Those above are what the system hands out by itself.
    mine = range(20_000 + worker % WORKERS, 32_000, WORKERS)
    return iter(random.SystemRandom().sample(mine, len(mine)))


def free_port() -> int:
    """Return a port that nobody else gets by chance before we use it."""
    for port in _ports():
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    msg = "no port on 127.0.0.1 is free"
    raise OSError(msg)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def program(name: str) -> str:
    found = shutil.which(name, path=PATH)
    assert found, f"{name} is not installed: apt-get install mosquitto influxdb nginx-light"
    return found


@dataclass
class Process:
    """A program that a test starts, and ends by its id."""

    argv: Sequence[str]
    log: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    _popen: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self._popen = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PATH": PATH, **self.environ},
                cwd=ROOT,
            )

    @property
    def running(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def kill(self) -> None:
        """Kill it as -9 does: it gets no chance to save anything."""
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()

    def stop(self) -> None:
        if self._popen is not None:
            self._popen.terminate()
            self._popen.wait(READY_S)


def python(*arguments: str, log: Path, environ: Mapping[str, str] | None = None) -> Process:
    return Process([sys.executable, *arguments], log, {"PYTHONPATH": str(ROOT), **(environ or {})})


# Whose nights the tests send with the account `collector`.
COLLECTORS = ("collector:home:p1:bedroom", "collector:home:p1:collector", "collector:bedroom:p1:bedroom")


class Mosquitto:
    """A broker started by deploy/mosquitto/start.sh with deploy/mosquitto/mosquitto.conf and its access list.

    Passwords, access list and certificates are written by what `soleus setup --stack` runs. Three things differ from
    the container: the paths, the ports (and loopback), and that a broker started by root stays root, because a
    temporary folder of the tests belongs to whoever runs them.

    `accounts` are those of collectors, NAME:SITE:PERSON:COLLECTOR; the password of each is `password_of`(NAME). With
    `tls` there are certificates in secrets/tls and secrets/clients, and the listeners of deploy/mosquitto/tls.conf.
    """

    def __init__(self, home: Path, accounts: Sequence[str] = COLLECTORS, *, tls: bool = False) -> None:
        program("mosquitto")
        self.home = home
        self.port, self.tls_port, self.certificate_port = (free_port() for _ in range(3))
        for folder in ("config", "data", "secrets"):
            (home / folder).mkdir(parents=True)
        wanted = [Account.parse(Role.COLLECTOR, account) for account in accounts]
        for user in {account.name for account in (*ALWAYS, *wanted)}:
            (home / "secrets" / f"mqtt_{user}").write_text(password_of(user))
        write_stack(ROOT, wanted, home / "secrets")
        if tls:
            write_certificates(home / "secrets", [account.name for account in wanted], [], utc_now())
        (home / "tls").symlink_to(home / "secrets/tls")
        self._configure("mosquitto.conf", {1883: self.port}, "user root\n")
        self._configure("tls.conf", {8883: self.tls_port, 8884: self.certificate_port})
        self.process = Process(
            ["/bin/sh", str(ROOT / "deploy/mosquitto/start.sh")],
            home / "log",
            {"MOSQUITTO_HOME": str(home), "SECRETS": str(home / "secrets")},
        )

    def _configure(self, name: str, ports: Mapping[int, int], head: str = "") -> None:
        text = (ROOT / "deploy/mosquitto" / name).read_text()
        for theirs, ours in ports.items():
            assert text.count(f"listener {theirs}\n") == 1
            text = text.replace(f"listener {theirs}\n", f"listener {ours} 127.0.0.1\n")
        (self.home / "config" / name).write_text(head + text.replace("/mosquitto/", f"{self.home}/"))

    def start(self) -> None:
        self.process.start()
        wait_until(lambda: listens(self.port), f"mosquitto: {self.home / 'log'}")

    def kill_and_forget(self) -> None:
        """Kill it and lose its disk: sessions, queues and retained messages are gone."""
        self.process.kill()
        for file in (self.home / "data").iterdir():
            file.unlink()

    def address(self, user: str, password: str | None = None) -> BrokerAddress:
        return BrokerAddress("127.0.0.1", self.port, user, password or password_of(user))


class Influx:
    """InfluxDB 1.6 with a writer (`store`) and a reader (`grafana`); nginx in front of it speaks the paths of 2.x."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._http = free_port()
        self.port = free_port()
        values = {"home": str(home), "rpc_port": str(free_port()), "http_port": str(self._http)}
        values |= {"port": str(self.port), "upstream": str(self._http)}
        for name in ("influxdb.conf", "nginx.conf"):
            (home / name).write_text(Template((CONF / name).read_text()).substitute(values))
        self._influxd = Process(
            [program("influxd"), "run", "-config", str(home / "influxdb.conf")], home / "influxd.log"
        )
        self._nginx = Process([program("nginx"), "-p", str(home), "-c", str(home / "nginx.conf")], home / "nginx.out")

    def begin(self) -> None:
        self.start()
        self._ask(f"CREATE USER root WITH PASSWORD '{password_of('root')}' WITH ALL PRIVILEGES", "root", post=True)
        for statement in (
            f"CREATE DATABASE {DATABASE}",
            f"CREATE USER store WITH PASSWORD '{password_of('store')}'",
            f"GRANT ALL ON {DATABASE} TO store",
            f"CREATE USER grafana WITH PASSWORD '{password_of('grafana')}'",
            f"GRANT READ ON {DATABASE} TO grafana",
        ):
            self._ask(statement, "root", post=True)
        self._nginx.start()
        wait_until(lambda: listens(self.port), f"nginx: {self.home / 'nginx.log'}")

    def start(self) -> None:
        self._influxd.start()
        wait_until(lambda: listens(self._http), f"influxd: {self.home / 'influxd.log'}")

    def stop(self) -> None:
        """Take the database away; nginx goes on and answers 502."""
        self._influxd.stop()

    def kill(self) -> None:
        """Kill the database as -9 does."""
        self._influxd.kill()

    @property
    def running(self) -> bool:
        return self._influxd.running

    def end(self) -> None:
        self._nginx.stop()
        self._influxd.kill()

    def address(self, user: str = "store", password: str | None = None, *, bucket: str = DATABASE) -> InfluxAddress:
        url = f"http://127.0.0.1:{self.port}"
        return InfluxAddress(url, bucket, "soleus", f"{user}:{password or password_of(user)}")

    def command(self, statement: str) -> None:
        """Run an InfluxQL statement that changes something, as the administrator."""
        results = self._ask(statement, "root", post=True)["results"]
        assert "error" not in results[0], f"{results[0]['error']}: {statement}"

    def query(self, query: str) -> list[dict[str, Any]]:
        """Return the series of an InfluxQL query, asked as the reader, times in ns."""
        results = self._ask(query, "grafana")["results"]
        assert "error" not in results[0], f"{results[0]['error']}: {query}"
        series: list[dict[str, Any]] = results[0].get("series", [])
        return series

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of a query with their tags."""
        return [
            {**dict(zip(series["columns"], values, strict=True)), **series.get("tags", {})}
            for series in self.query(query)
            for values in series["values"]
        ]

    def write(self, line: str) -> None:
        """Write one line as somebody else would, who does not know the schema."""
        url = f"http://127.0.0.1:{self._http}/write?db={DATABASE}&u=store&p={password_of('store')}"
        request = urllib.request.Request(url, data=line.encode())
        with urllib.request.urlopen(request, timeout=READY_S):  # noqa: S310 - our own server on loopback
            pass

    def _ask(self, query: str, user: str, *, post: bool = False) -> dict[str, Any]:
        form = urllib.parse.urlencode({"db": DATABASE, "q": query, "epoch": "ns"})
        login = base64.b64encode(f"{user}:{password_of(user)}".encode()).decode()
        url = f"http://127.0.0.1:{self._http}/query"
        request = urllib.request.Request(  # noqa: S310 - our own server on loopback
            url if post else f"{url}?{form}",
            data=form.encode() if post else None,
            headers={"Authorization": f"Basic {login}"},
        )
        with urllib.request.urlopen(request, timeout=READY_S) as response:  # noqa: S310 - our own server on loopback
            answer: dict[str, Any] = json.load(response)
        return answer


@contextmanager
def mosquitto(home: Path, accounts: Sequence[str] = COLLECTORS, *, tls: bool = False) -> Iterator[Mosquitto]:
    server = Mosquitto(home, accounts, tls=tls)
    try:
        server.start()
        yield server
    finally:
        server.process.kill()


@contextmanager
def influx(home: Path) -> Iterator[Influx]:
    server = Influx(home)
    try:
        server.begin()
        yield server
    finally:
        server.end()

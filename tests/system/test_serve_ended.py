"""``soleus serve`` ended while questions are open: at once, in silence, and with all of its processes."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from dashboards.web.bench_asked import MOST_VALUES
from soleus.__main__ import run
from soleus.commands.serve import EXIT_INTERRUPTED
from tests.system.servers import READY_S, ROOT, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.system

RECORDING, RATER = "night", "Ann"
N_CURVES = 4
ONSET = "leg_movement.onset_uv"
ASKED = {"keys": [RECORDING], "criteria": "wasm-2016", "changes": {}, "word": "leg_movement", "reference": "truth"}
BEFORE = {"criteria": "wasm-2016", "changes": {ONSET: "9"}}
VALUES = [4 + at / 20 for at in range(MOST_VALUES)]
QUESTIONS = {
    "/api/bench/look": ASKED,
    "/api/bench/settle": {**ASKED, "changes": {ONSET: "5"}},
    "/api/bench/flips": {**ASKED, "before": BEFORE},
    "/api/bench/robustness": {"key": RECORDING, "criteria": "wasm-2016", "changes": {}},
    "/api/bench/save": {**ASKED, "name": "mine", "reason": "none"},
    "/api/bench/curve": {**ASKED, "threshold": ONSET, "values": VALUES},
    f"/api/label/{RECORDING}/others?rater={RATER}": None,
    f"/api/label/{RECORDING}/suggestions?rater={RATER}": None,
    f"/api/label/{RECORDING}/learned?rater={RATER}": None,
    f"/bench/compare?a=wasm-2016&b=wasm-2016&r={RECORDING}&ref=truth": None,
}

# Of a hundred bytes the first one.
HALF = b"\r\n".join(
    (
        b"POST /api/bench/look HTTP/1.1",
        b"host: 127.0.0.1",
        b"content-type: application/json",
        b"content-length: 100",
        b"",
        b"{",
    )
)


@dataclass(slots=True)
class Asking:
    """A question of one client, and what came of it."""

    port: int
    path: str
    body: Any = None
    lines: list[str] = field(default_factory=list)
    status: int = 0
    _thread: threading.Thread | None = None

    def begin(self) -> None:
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()

    def end(self) -> None:
        assert self._thread is not None
        self._thread.join(READY_S)
        assert not self._thread.is_alive(), f"{self.path}: still waits"

    def _ask(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=READY_S)
        method, body = ("GET", None) if self.body is None else ("POST", json.dumps(self.body))
        try:
            connection.request(method, self.path, body, {"content-type": "application/json"})
            with connection.getresponse() as response:
                self.status = response.status
                self.lines += (line.decode() for line in iter(response.readline, b""))
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class Served:
    process: subprocess.Popen[bytes]
    port: int
    errors: Path

    def workers(self) -> list[int]:
        """Return the processes that hold recordings."""
        return [number for number, argv in of_session(self.process.pid).items() if "spawn_main" in argv]

    def ask(self, path: str, body: Any = None) -> Asking:
        asking = Asking(self.port, path, body)
        asking.begin()
        return asking

    def answer(self, path: str, body: Any = None) -> Any:
        asking = self.ask(path, body)
        asking.end()
        assert asking.status == 200, asking.lines
        return json.loads("".join(asking.lines))

    def end(self, how: signal.Signals) -> None:
        """Send what a terminal, or systemd, sends, and see that nobody is left and nothing is said."""
        if how is signal.SIGINT:
            os.killpg(self.process.pid, how)
        else:
            self.process.send_signal(how)
        code = self.process.wait(READY_S)
        assert (code, self.errors.read_text()) == (EXIT_INTERRUPTED, "")
        wait_until(lambda: not of_session(self.process.pid), "all its processes have ended")


def of_session(session: int) -> dict[int, str]:
    """Return the processes of a session that have not ended, and how they were called."""
    found = {}
    for one in psutil.process_iter():
        # Others come and go meanwhile.
        with suppress(psutil.Error, ProcessLookupError):
            if os.getsid(one.pid) == session and one.status() != psutil.STATUS_ZOMBIE:
                found[one.pid] = " ".join(one.cmdline())
    return found


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """Serve a recording from a session of its own, as a terminal does."""
    config, out, errors = folder / "soleus.toml", folder / "out", folder / "errors"
    config.write_text(f"data_dir = {json.dumps(str(folder / 'data'))}\n")
    command = ["serve", "--config", str(config), "--port", "0", "--recordings", str(folder / RECORDING)]
    argv = [sys.executable, "-m", "soleus", *command]
    with (
        out.open("wb") as said,
        errors.open("wb") as complained,
        subprocess.Popen(argv, stdout=said, stderr=complained, cwd=ROOT, start_new_session=True) as process,
    ):
        try:
            wait_until(lambda: b"Your nights: " in out.read_bytes() or process.poll() is not None, f"{errors}")
            found = re.search(r"http://127\.0\.0\.1:(\d+)/", out.read_text())
            assert found, errors.read_text()
            yield Served(process, int(found[1]), errors)
        finally:
            for left in of_session(process.pid):
                os.kill(left, signal.SIGKILL)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("ended")
    assert run(["simulate", str(top / RECORDING), "--hours", "0.25", "--seed", "7"]) == 0
    return top


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_questions_that_are_open_are_told_that_the_program_ends(recordings: Path, how: signal.Signals) -> None:
    with serving(recordings) as served:
        wait_until(lambda: not served.answer("/api/bench/look", ASKED)["nights"][0]["opening"], "it is open")
        workers = served.workers()
        curves = [served.ask("/api/bench/curve", QUESTIONS["/api/bench/curve"]) for _ in range(N_CURVES)]
        wait_until(lambda: bool(curves[0].lines), "a curve has begun")
        # What is asked from now on is not answered before the end.
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        askings = [served.ask(path, body) for path, body in QUESTIONS.items()]
        with socket.create_connection(("127.0.0.1", served.port)) as half:
            half.sendall(HALF)
            # Answered in the order in which they came, so that those before lie with the server.
            assert served.answer("/api/bench")["recordings"]
            served.end(how)
        for asking in (*curves, *askings):
            asking.end()
    assert (curves[0].status, len(curves[0].lines) < MOST_VALUES) == (200, True)
    assert {curve.status for curve in curves} <= {200, 503}
    for asking in askings:
        assert (asking.status, "he program is ending" in "".join(asking.lines)) == (503, True), asking.path


def test_a_process_that_is_just_being_started_hears_nothing_of_ctrl_c(recordings: Path) -> None:
    with serving(recordings) as served:
        asking = served.ask("/api/bench/settle", ASKED)
        wait_until(lambda: bool(served.workers()), "a process is being started")
        served.end(signal.SIGINT)
        asking.end()
    assert asking.status == 503

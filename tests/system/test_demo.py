"""The demonstration as a newcomer runs it: a night through Bluetooth to a page, with nothing lost."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from typing import IO, TYPE_CHECKING

import pytest

from tests.system.servers import ROOT, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.system

KEYS = {
    *("hours", "seed", "samples_sent", "samples_received", "gaps", "events_journal", "events_published"),
    *("truth", "found", "seconds", "peak_mb"),
}
PAGE_WITHIN_S = 60.0
PATIENCE_S = 90.0


def demo(*arguments: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "soleus", "demo", *arguments]
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=ROOT)


def test_a_night_is_played_scored_and_delivered_without_losing_a_sample() -> None:
    process = demo("--hours", "0.4", "--seed", "3", "--exit", "--json", "--speed", "100")
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    result = json.loads(out.splitlines()[-1])
    assert set(result) >= KEYS
    assert result["samples_sent"] == result["samples_received"] == 2 * round(0.4 * 3600) * (500 + 50)
    assert result["gaps"] == 0
    assert result["events_journal"] == result["events_published"] > 0
    movements, cramps = (result["found"][kind] for kind in ("leg_movement", "cramp"))
    assert movements["matched"] >= 0.95 * result["truth"]["leg_movement"] > 0
    assert cramps["missed"] == 0
    assert result["truth"]["cramp"] > 0


@pytest.fixture
def running() -> Iterator[subprocess.Popen[str]]:
    process = demo("--hours", "8", "--seed", "3")
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def page_address(stderr: IO[str]) -> str:
    told = ""
    while character := stderr.read(1):
        told += character
        found = re.search(r"(http://127\.0\.0\.1:\d+/night/[\w-]+)\s", told)
        if found:
            return found[1]
    raise AssertionError(told)


def test_the_page_is_up_at_once_and_fills_while_the_night_plays_and_ctrl_c_ends_it(
    running: subprocess.Popen[str],
) -> None:
    began = time.monotonic()
    assert running.stderr is not None
    address = page_address(running.stderr)
    assert time.monotonic() - began < PAGE_WITHIN_S
    api = address.replace("/night/", "/api/night/")
    lengths_s: set[float] = set()

    def grows() -> bool:
        with urllib.request.urlopen(api, timeout=PATIENCE_S) as answer:  # noqa: S310 - our own page on loopback
            lengths_s.add(json.load(answer)["duration_s"])
        return len(lengths_s) > 2

    wait_until(grows, "the page fills", within_s=PATIENCE_S)
    with urllib.request.urlopen(address.partition("/night/")[0] + "/api/bench", timeout=PATIENCE_S) as answer:  # noqa: S310 - as above
        (night,) = json.load(answer)["recordings"]
    assert night["simulated"]
    assert "goes on" in night["problem"]
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 130

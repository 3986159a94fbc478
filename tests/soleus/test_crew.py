"""Processes that do what they are asked: the urgent first, and all of it although one of them dies."""

from __future__ import annotations

import gc
import os
import signal
import struct
import subprocess
import sys
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

import pytest

from soleus.crew import Crew, WorkerEndedError
from soleus.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
WITHIN_S = 60.0


def wait_for(held: list[str], path: str) -> list[str]:
    """Go on when somebody has written into a pipe."""
    with open(path, "rb") as pipe:  # noqa: PTH123 - a pipe by its name
        pipe.read()
    return held


def note(held: list[str], word: str) -> list[str]:
    held.append(word)
    return held


def die_once(_: list[str], path: Path) -> str:
    if not path.exists():
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


def die(_: list[str]) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def die_while_answering(_: list[str]) -> None:
    (pipe,) = (one for one in gc.get_objects() if isinstance(one, Connection))
    # What is sent begins with its length.
    os.write(pipe.fileno(), struct.pack("!i", 1000) + b"a part")
    os.kill(os.getpid(), signal.SIGKILL)


def hold_nothing() -> list[str]:
    msg = "no place to hold it"
    raise ConfigError(msg)


def refuse(_: list[str]) -> None:
    msg = "a line"
    raise ConfigError(msg)


def test_what_is_urgent_goes_before_what_waits_and_what_is_cancelled_is_not_done(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with Crew([list[str]]) as crew:
        first = crew.ask(0, wait_for, str(pipe))
        later = [crew.ask_later(0, note, word) for word in ("later", "cancelled", "last")]
        urgent = crew.ask(0, note, "urgent")
        assert later[1].cancel()
        pipe.write_bytes(b"on")
        assert first.result() == []
        assert urgent.result() == ["urgent"]
        assert later[2].result() == ["urgent", "later", "last"]


def test_a_task_whose_process_dies_is_begun_again_once(tmp_path: Path) -> None:
    with Crew([list[str], list[str]]) as crew:
        assert crew.ask(0, die_once, tmp_path / "died").result() == "alive"
        with pytest.raises(WorkerEndedError, match=f"ended with code {-signal.SIGTERM}"):
            crew.ask(0, die).result()
        # What one of them holds is its own, and is made anew with it.
        assert crew.ask(1, note, "other").result() == ["other"]
        assert crew.ask(0, note, "one").result() == ["one"]
        with pytest.raises(ConfigError, match="a line"):
            crew.ask(1, refuse).result()
        assert crew.ask(1, note, "more").result() == ["other", "more"]


def test_a_process_that_dies_while_it_answers_stops_nobody_for_ever() -> None:
    with Crew([list[str]]) as crew:
        with pytest.raises(WorkerEndedError, match=f"ended with code {-signal.SIGKILL}"):
            crew.ask(0, die_while_answering).result(WITHIN_S)
        assert crew.ask(0, note, "one").result(WITHIN_S) == ["one"]


def test_what_cannot_be_held_is_told_as_it_is_and_who_asks_too_late_is_not_kept_waiting() -> None:
    with Crew([hold_nothing]) as crew, pytest.raises(ConfigError, match="no place to hold it"):
        crew.ask(0, note, "one").result(WITHIN_S)
    assert crew.ask(0, note, "late").cancelled()


def test_what_waits_when_it_ends_is_cancelled(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with Crew([list[str]]) as crew:
        crew.ask(0, note, "there").result()
        begun, waiting = crew.ask(0, wait_for, str(pipe)), crew.ask(0, note, "never")
        (process,) = crew.processes()
    with pytest.raises(CancelledError):
        begun.result()
    assert waiting.cancelled()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_nobody_waits_for_what_ends_also_where_its_process_was_stopped(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as waiting:
        with Crew([list[str]]) as crew:
            crew.ask(0, note, "there").result(WITHIN_S)
            asked: list[Future[list[str]]] = [crew.ask(0, wait_for, str(pipe)), crew.ask_later(0, note, "never")]
            told = waiting.submit(wait, asked)
            os.kill(crew.processes()[0], signal.SIGSTOP)
        assert told.result(WITHIN_S).done == set(asked)
    assert wait([crew.ask(0, note, "late")], WITHIN_S).not_done == set()


def test_what_is_not_urgent_waits_while_a_hand_may_ask_again() -> None:
    with Crew([list[str]], rest_s=WITHIN_S) as crew:
        crew.ask(0, note, "first").result(WITHIN_S)
        later = crew.ask_later(0, note, "later")
        assert crew.ask(0, note, "second").result(WITHIN_S) == ["first", "second"]
        assert not later.done()
    assert later.cancelled()
    with Crew([list[str]], rest_s=0.0) as crew:
        crew.ask(0, note, "first").result(WITHIN_S)
        assert crew.ask_later(0, note, "later").result(WITHIN_S) == ["first", "later"]


def test_a_program_without_a_guard_is_told_so_and_does_not_wait_for_ever(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from soleus.crew import Crew\nwith Crew([list]) as crew:\n    crew.ask(0, list.copy).result()\n",
        encoding="utf-8",
    )
    ended = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=WITHIN_S, check=False)
    assert ended.returncode == 1
    assert "__name__ == '__main__'" in ended.stderr
    assert "WorkerEndedError" in ended.stderr

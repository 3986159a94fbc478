"""``soleus setup`` that is not answered to its end: nothing is written, and what was there stays whole."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from soleus import settings_writing
from soleus.__main__ import run
from soleus.settings import Settings
from soleus.settings_file import read
from soleus.settings_writing import write
from tests.system.servers import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import FrameType

BEFORE = 'person = "anna"  # a careful note\n'
QUESTION = b"Look for sensors now?"


@pytest.mark.parametrize(
    ("answers", "question"),
    [
        ("", "Who wears the sensors? One word for file names"),
        ("berta", "Look for sensors now?"),
        ("berta\nn\nn\ny\n", "After how many minutes?"),
        ("berta\nn\nn\nn\nnone\n", "InfluxDB (http://host:8086), or none"),
    ],
)
def test_the_end_of_the_input_is_one_line_and_exit_2_and_nothing_is_written(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    answers: str,
    question: str,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answers))
    assert run(["setup", f"--file={tmp_path}/soleus.toml"]) == 2
    printed = capsys.readouterr()
    expected = f"the input ended at {question!r}, expected an answer; nothing was written (--yes asks nothing)"
    assert printed.err == f"soleus: {expected}\n"
    assert printed.out.endswith("\n")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_exists_is_not_changed_by_the_end_of_the_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "soleus.toml"
    file.write_text(BEFORE)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\nberta\n"))
    assert run(["setup", f"--file={file}"]) == 2
    assert "nothing was written" in capsys.readouterr().err
    assert [path.read_text() for path in tmp_path.iterdir()] == [BEFORE]


@pytest.mark.slow
def test_ctrl_c_in_the_middle_of_the_questions_ends_with_130_and_writes_nothing(tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "soleus", "setup", f"--file={tmp_path}/soleus.toml"]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as setup:
        assert setup.stdin is not None
        assert setup.stdout is not None
        setup.stdin.write(b"berta\n")
        setup.stdin.flush()
        asked = b""
        while QUESTION not in asked:
            asked += os.read(setup.stdout.fileno(), 4096)
        setup.send_signal(signal.SIGINT)
        # A signal that comes just before the program waits for a line is noticed with the next one.
        with contextlib.suppress(BrokenPipeError):
            setup.stdin.write(b"n\n")
            setup.stdin.flush()
        assert setup.wait(20) == 130
    assert list(tmp_path.iterdir()) == []


class CtrlC:
    """Presses Ctrl-C at the nth line of the module that writes the file."""

    def __init__(self, line: int) -> None:
        self.left = line

    def __call__(self, frame: FrameType, event: str, _: Any) -> CtrlC | None:
        if frame.f_code.co_filename != settings_writing.__file__:
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self


@pytest.fixture
def _traced() -> Iterator[None]:
    tracing = sys.gettrace()
    yield
    sys.settrace(tracing)


# What the end of a process closes is still open here.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("_traced")
def test_ctrl_c_at_any_line_of_the_writing_leaves_whole_files_only(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.toml"
    write(Settings(person="berta"), fresh)
    after = fresh.read_text()
    seen = set()
    for line in range(1, 1000):
        file = tmp_path / str(line) / "soleus.toml"
        file.parent.mkdir()
        file.write_text(BEFORE)
        press = CtrlC(line)
        try:
            sys.settrace(press)
            write(Settings(person="berta"), file)
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(None)
        found = {path.name: path.read_text() for path in file.parent.iterdir()}
        seen.add(tuple(found.values()))
        copied = {"soleus.toml.before": BEFORE}
        assert found in ({file.name: BEFORE}, {file.name: BEFORE, **copied}, {file.name: after, **copied}), line
        if press.left > 0:
            break
    assert press.left > 0
    assert len(seen) > 1
    assert read(file)[0].person == "berta"

"""A terminal for tests: a command runs in a real pseudo-terminal, and what a person would see of it is compared.

A screen is kept as text in ``tests/soleus/screens``. After a change that is wanted, run the tests once with
``SOLEUS_ACCEPT_SCREENS=1``: the screens are written anew, and the difference is in the commit for everybody to read.
"""

from __future__ import annotations

import contextlib
import difflib
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.system.servers import ROOT, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SCREENS = Path(__file__).parent / "soleus" / "screens"
ACCEPT = "SOLEUS_ACCEPT_SCREENS"
ROWS, COLUMNS = 40, 100
PATIENCE_S = 120.0
READ_BYTES = 65_536
# An escape sequence, a control character, or text.
TOKEN = re.compile(r"\x1b\[([?\d;]*)([A-Za-z])|\x1b.|([\r\n\b\x07])|([^\x1b\r\n\b\x07]+)")


class Canvas:
    """Lines of characters and a cursor: as much of a terminal as the commands use."""

    def __init__(self) -> None:
        self._lines: list[list[str]] = [[]]
        self._row = self._column = 0

    def put(self, text: str) -> None:
        line = self._lines[self._row]
        line.extend(" " * (self._column - len(line)))
        line[self._column : self._column + len(text)] = text
        self._column += len(text)

    def control(self, character: str) -> None:
        match character:
            case "\r":
                self._column = 0
            case "\b":
                self._column = max(self._column - 1, 0)
            case "\n":
                self._row, self._column = self._row + 1, 0
                if self._row == len(self._lines):
                    self._lines.append([])

    def command(self, letter: str, parameters: str) -> None:
        match letter:
            case "A":
                self._row = max(self._row - int(parameters or 1), 0)
            case "K":
                self._lines[self._row] = [] if parameters == "2" else self._lines[self._row][: self._column]

    def __str__(self) -> str:
        return "\n".join("".join(line).rstrip() for line in self._lines).rstrip() + "\n"


def rendered(output: str) -> str:
    """Return what stands on the screen and above it after a program's output."""
    canvas = Canvas()
    for match in TOKEN.finditer(output):
        parameters, letter, control, text = match.groups()
        if text:
            canvas.put(text)
        elif control:
            canvas.control(control)
        elif letter:
            canvas.command(letter, parameters)
    return str(canvas)


class Terminal:
    """A command in a pseudo-terminal of 100 by 40 characters.

    It ends with the context, by its id, if it has not ended by itself.
    """

    def __init__(self, *arguments: str, folder: Path, environ: Mapping[str, str] | None = None) -> None:
        self._arguments = arguments
        self._folder = folder
        self._environ = dict(environ or {})
        self._output = b""
        self._seen_bytes = 0

    def __enter__(self) -> Self:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        hidden = {"COLUMNS", "LINES", "SOLEUS_CONFIG", "NO_COLOR"}
        kept = {key: value for key, value in os.environ.items() if key not in hidden}
        places = {"HOME": str(self._folder), "XDG_CONFIG_HOME": str(self._folder), "XDG_DATA_HOME": str(self._folder)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "soleus", *self._arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=self._folder,
            start_new_session=True,
            env={**kept, **places, "TERM": "xterm", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), **self._environ},
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, name="terminal")
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        os.close(self._master)

    def _read(self) -> None:
        # The end of the last process on it closes a pseudo-terminal with an error.
        with contextlib.suppress(OSError):
            while read := os.read(self._master, READ_BYTES):
                self._output += read

    @property
    def screen(self) -> str:
        return rendered(self._output.decode(errors="replace"))

    def until(self, text: str) -> None:
        """Wait for a text on the screen."""
        wait_until(lambda: text in self.screen or not self._reader.is_alive(), text, within_s=PATIENCE_S)
        assert text in self.screen, self.screen

    def type(self, line: str) -> None:
        typed = f"{line}\n".encode()
        # The terminal shows what is typed, the end of the line as two characters; the program's answer comes after it.
        self._seen_bytes = len(self._output) + len(typed) + 1
        os.write(self._master, typed)

    def answer(self, dialogue: Sequence[tuple[str, str]]) -> None:
        """Wait for each question in turn and type the answer."""
        for question, line in dialogue:
            self._until_asked(question)
            self.type(line)

    def _until_asked(self, question: str) -> None:
        def asked() -> bool:
            return len(self._output) > self._seen_bytes and self.screen.rstrip().endswith(question)

        wait_until(lambda: asked() or not self._reader.is_alive(), question, within_s=PATIENCE_S)
        assert asked(), self.screen

    def end(self) -> int:
        """Wait for its end."""
        code = self._process.wait(PATIENCE_S)
        self._reader.join()
        return code


def check_screen(name: str, screen: str, replaced: Mapping[str, str] | None = None) -> None:
    """Compare a screen with the stored one; patterns of figures that vary are replaced."""
    for pattern, text in (replaced or {}).items():
        screen = re.sub(pattern, text, screen)
    file = SCREENS / f"{name}.txt"
    if os.environ.get(ACCEPT):
        file.write_text(screen, encoding="utf-8")
    stored = file.read_text(encoding="utf-8")
    changed = "\n".join(difflib.unified_diff(stored.splitlines(), screen.splitlines(), name, "now", lineterm=""))
    assert screen == stored, changed

"""``soleus serve`` as a person starts it: a program of its own, over a data folder of its own."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def configured(folder: Path) -> Path:
    """Write a configuration whose data folder lies in a folder; return it."""
    file = folder / "soleus.toml"
    file.write_text(f"data_dir = {json.dumps(str(folder / 'data'))}\n", encoding="utf-8")
    return file


@contextmanager
def served(folder: Path, *words: str, port: int = 0, end: signal.Signals = signal.SIGINT) -> Iterator[str]:
    """Serve with more words of the command line; yield the address, without a slash at its end."""
    command = ["serve", "--config", str(configured(folder)), "--port", str(port), *words]
    with subprocess.Popen([sys.executable, "-m", "soleus", *command], stdout=subprocess.PIPE, text=True) as process:
        try:
            said = process.stdout.readline() if process.stdout is not None else ""
            found = re.search(r"http://127\.0\.0\.1:\d+", said)
            assert found, f"it said {said!r}, expected an address"
            yield found[0]
        finally:
            process.send_signal(end)

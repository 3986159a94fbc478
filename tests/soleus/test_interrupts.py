"""Ctrl-C at a bad moment waits for a better one, and in the first seconds it leaves one line."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from soleus.interrupts import interrupts_held

IMPATIENT = """
import signal, sys

class Impatient:
    def find_spec(self, name, path=None, target=None):
        if name == "soleus.commands.night":
            exec("signal.raise_signal(signal.SIGINT)")

sys.meta_path.insert(0, Impatient())
from soleus.__main__ import main
main()
"""


def test_ctrl_c_waits_until_what_it_would_break_is_done() -> None:
    done: list[str] = []

    def work() -> None:
        with interrupts_held():
            signal.raise_signal(signal.SIGINT)
            done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["all of it"]


@pytest.mark.slow
def test_ctrl_c_before_a_command_began_leaves_one_line_and_130() -> None:
    impatient = subprocess.run(
        [sys.executable, "-c", IMPATIENT, "night"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert impatient.stderr == "soleus: interrupted before anything began\n"
    assert impatient.returncode == 130

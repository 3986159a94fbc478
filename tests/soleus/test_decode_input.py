"""What ``soleus decode`` reads: pipes, files of any editor, and lines that name no sensor."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.__main__ import run
from tests.soleus.test_decode_command import decoded, lsp_lines, write

if TYPE_CHECKING:
    import pytest


def test_a_pipe_loses_nothing_of_its_beginning(capsys: pytest.CaptureFixture[str]) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as pipe:
        pipe.write("\n".join(lsp_lines("lsp_long_emg")).encode())
    with os.fdopen(reading, "rb"):
        answer = decoded(capsys, Path(f"/dev/fd/{reading}"), "lsp")
    assert answer["blocks"][0]["data"][2] == [0.0, 8191.75]


def test_a_mark_of_the_encoding_is_left_out_where_a_file_begins_and_nowhere_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, *others = lsp_lines("lsp_long_emg")
    assert decoded(capsys, write(tmp_path, [f"\ufeff{first}", *others]), "lsp")["blocks"]
    assert run(["decode", "--device", "lsp", str(write(tmp_path, [first, f"\ufeff{others[0]}"]))]) == 2
    assert "packets.txt:2: got '\\ufeff1'" in capsys.readouterr().err


def test_lines_have_no_sensor_to_choose(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path, lsp_lines("lsp_long_emg"))
    assert run(["decode", "--device", "lsp", "--sensor", "left", str(file)]) == 2
    assert "--sensor: got 'left', but only a packet log names sensors" in capsys.readouterr().err

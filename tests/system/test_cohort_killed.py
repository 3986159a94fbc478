"""A cohort whose run is killed: what it leaves is whole, and the same command ends the work."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from pyarrow import parquet

from soleus.__main__ import run
from tests.soleus.short_cohort import short_cohort

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.system

N_BEFORE = 2


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))}


def test_a_run_that_is_killed_leaves_whole_files_and_is_taken_up_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, *nights = short_cohort(tmp_path / "cohort", n=4)
    whole = nights[N_BEFORE].read_bytes()
    nights[N_BEFORE].unlink()
    # Nobody writes into it: who reads it waits there.
    os.mkfifo(nights[N_BEFORE])
    killed, undisturbed = tmp_path / "killed", tmp_path / "undisturbed"
    args = ["score", *map(str, nights), "--criteria", "wasm-2016", "--json", "--out"]
    command = [sys.executable, "-m", "soleus", *args, str(killed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(N_BEFORE):
            process.stdout.readline()
        process.kill()
    nights[N_BEFORE].unlink()
    nights[N_BEFORE].write_bytes(whole)
    left = files(killed)
    done = [name for name in left if name.startswith("summaries/")]
    assert len(done) == N_BEFORE
    for name in left:
        parquet.read_table(killed / name)
    assert {*done, *(name.replace("summaries/", "events/") for name in done)} == set(left)
    assert run([*args, str(killed)]) == 0
    again = capsys.readouterr()
    assert f"{len(nights) - N_BEFORE} scored, {N_BEFORE} kept as they were, 0 failed" in again.err
    assert run([*args, str(undisturbed)]) == 0
    assert again.out.replace('"kept"', '"scored"') == capsys.readouterr().out
    assert files(killed) == files(undisturbed)

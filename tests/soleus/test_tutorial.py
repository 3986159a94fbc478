"""The first ten minutes: every command of the page runs, and prints what the page shows."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from detectors.simulate import simulate_night
from ingest.files.edf_writing import write_edf
from soleus.__main__ import run
from soleus.commands.simulate import write_truth

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLE = Path(__file__).parents[2] / "soleus" / "example"
LEFT_OUT = "..."
CUT = "…"


def commands(page: str) -> list[tuple[str, list[str]]]:
    """Return each command of the page and the lines that it shows after it."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL):
        starts = [match.start() for match in re.finditer(r"^\$ ", block, re.MULTILINE)]
        for start, stop in pairwise([*starts, len(block)]):
            line, *shown = block[start:stop].splitlines()
            found.append((line.removeprefix("$ "), shown))
    return found


def expect_shown(printed: str, shown: list[str]) -> None:
    """Expect every line that is shown, in its order; only where lines are left out may there be others."""
    lines, at, free = [line.rstrip() for line in printed.splitlines()], 0, False
    for line in map(str.rstrip, shown):
        if line == LEFT_OUT:
            free = True
            continue
        matching = (i for i in range(at, len(lines)) if is_line(lines[i], line))
        found = next(matching, None) if free else at
        assert found is not None, f"{line!r} is not printed"
        assert found < len(lines), f"{line!r} is not printed"
        assert is_line(lines[found], line), f"printed {lines[found]!r}, the page shows {line!r}"
        at, free = found + 1, False
    assert free or at == len(lines), f"the page leaves out {lines[at:]}"


def is_line(printed: str, shown: str) -> bool:
    return printed.startswith(shown.removesuffix(CUT)) if shown.endswith(CUT) else printed == shown


@pytest.mark.slow
def test_every_command_of_the_page_prints_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOLEUS_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    listed = commands((DOCS / "tutorial.md").read_text(encoding="utf-8"))
    assert [line.split()[1] for line, _ in listed] == ["example", *["score"] * 4, "config", "config"]
    for line, shown in listed:
        program, *words = shlex.split(line)
        assert program == "soleus"
        target = Path(words[words.index(">") + 1]) if ">" in words else None
        assert run(words[: words.index(">")] if target else words) == 0, line
        printed = capsys.readouterr().out
        if target is not None:
            target.write_text(printed, encoding="utf-8")
            printed = ""
        expect_shown(printed, shown)


@pytest.mark.parametrize(
    ("shown", "is_fine"),
    [
        (["a", "b c"], True),
        (["a"], False),
        (["b c"], False),
        (["a", "…", "x"], False),
        (["...", "b c"], True),
        (["a", "b…"], True),
        (["a", "c…"], False),
        (["b c", "..."], False),
        (["a", "..."], True),
    ],
)
def test_a_page_that_shows_something_else_is_found_out(shown: list[str], is_fine: bool) -> None:  # noqa: FBT001 - what is expected
    if is_fine:
        expect_shown("a  \nb c\n", shown)
        return
    with pytest.raises(AssertionError):
        expect_shown("a  \nb c\n", shown)


@pytest.mark.slow
def test_the_example_is_what_its_seed_makes_and_small(tmp_path: Path) -> None:
    night = simulate_night(1 / 6, 13, "hard", emg_fs_hz=250.0, acceleration_fs_hz=25.0)
    write_edf(tmp_path / "night.edf", night)
    write_truth(tmp_path / "truth.tsv", night.truth)
    assert (EXAMPLE / "truth.tsv").read_bytes() == (tmp_path / "truth.tsv").read_bytes()
    kept, made = ((folder / "night.edf").read_bytes() for folder in (EXAMPLE, tmp_path))
    assert len(kept) == len(made) < 1_000_000
    header = int(kept[184:192])
    assert kept[:header] == made[:header]
    # Another processor may round the last bit of a sample the other way.
    steps = np.subtract(*(np.frombuffer(data[header:], "<i2").astype(int) for data in (kept, made)))
    assert np.abs(steps).max() <= 1


def test_an_example_that_is_there_is_not_replaced_unless_it_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "night.edf").write_text("mine")
    assert run(["example", str(tmp_path)]) == 2
    assert "night.edf: exists already, expected a new folder" in capsys.readouterr().err
    assert (tmp_path / "night.edf").read_text() == "mine"
    assert run(["example", "--force", str(tmp_path)]) == 0
    assert (tmp_path / "night.edf").read_bytes() == (EXAMPLE / "night.edf").read_bytes()

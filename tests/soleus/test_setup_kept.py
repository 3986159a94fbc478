"""``soleus setup``: what a person wrote is still there, however often the questions are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soleus.__main__ import run
from soleus.settings import Settings
from soleus.settings_file import read
from soleus.settings_writing import write

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

BY_HAND = 'person = "anna"  # a careful note\n'


def test_a_copy_of_an_earlier_file_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "soleus.toml"
    file.write_text(BY_HAND)
    for _ in range(3):
        assert run(["setup", f"--file={file}", "--yes", "--overwrite"]) == 0
    assert "(the earlier one is soleus.toml.before-3)" in capsys.readouterr().out
    assert (tmp_path / "soleus.toml.before").read_text() == BY_HAND
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["soleus.toml", *(f"soleus.toml.before{end}" for end in ("", "-2", "-3"))]


def test_a_link_stays_one_and_its_file_is_kept_beside_itself(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    real, link = tmp_path / "dotfiles" / "soleus.toml", tmp_path / "soleus.toml"
    real.write_text(BY_HAND)
    link.symlink_to(real)
    assert write(Settings(person="berta"), link) == real.with_name("soleus.toml.before")
    assert link.is_symlink()
    assert read(real)[0].person == "berta"
    assert real.with_name("soleus.toml.before").read_text() == BY_HAND
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["soleus.toml"]


def test_a_store_without_a_token_is_said_to_need_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOLEUS_STORE_TOKEN", raising=False)
    for number in (1, 2):
        assert run(["setup", f"--file={tmp_path}/{number}.toml", "--yes", "--store=http://s:8086"]) == 0
        assert ("The store asks for a token" in capsys.readouterr().out) is (number == 1)
        monkeypatch.setenv("SOLEUS_STORE_TOKEN", "secret")

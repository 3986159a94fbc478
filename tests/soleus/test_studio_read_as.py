"""A criteria file of the page *Bench* says how the files were read that its thresholds were chosen on."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dashboards.bench_values import Asked, Setting
from soleus.settings import Settings
from soleus.studio.opening import Said, studio_of
from tests.untold_files import make_study, reading

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

FOREVER_S = 600.0


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_study(tmp_path_factory.mktemp("study"))


def test_what_is_saved_says_how_the_files_were_read(study: Path, tmp_path: Path) -> None:
    settings, said = replace(Settings(), data_dir=tmp_path / "data"), Said([study / "ann"], reading(study))
    asked = Asked(("lab", "table"), Setting("wasm-2016"), "leg_movement", "ann")
    with studio_of(settings, [study / "files"], said, patience_s=FOREVER_S, n_workers=1) as studio:
        chosen = tomllib.loads(studio.bench.save("mine", asked, "").text)["chosen"]
    assert chosen["read_as"] == reading(study).told
    assert chosen["read_as"].keys() == {"channels", "layout_sha256", "time_zone"}
    assert not any("beside_sha256" in one for one in chosen["recording"])


def test_what_is_saved_says_what_stood_beside_a_table_and_nothing_where_nothing_was_said(
    study: Path, tmp_path: Path
) -> None:
    shutil.copy(study / "files" / "table.csv", tmp_path)
    shutil.copy(study / "columns.toml", tmp_path / "table.layout.toml")
    asked, settings = Asked(("table",), Setting("wasm-2016")), replace(Settings(), data_dir=tmp_path / "data")
    with studio_of(settings, [tmp_path / "table.csv"], patience_s=FOREVER_S, n_workers=1) as studio:
        chosen = tomllib.loads(studio.bench.save("mine", asked, "").text)["chosen"]
    assert [len(one["beside_sha256"]) for one in chosen["recording"]] == [64]
    assert "read_as" not in chosen

"""The chapters of the tutorial on the pages: what they tell happens, on the recording that they tell it of."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from playwright.sync_api import expect

from detectors.criteria import named
from soleus.__main__ import run
from soleus.book import FolderBook
from soleus.settings import Settings
from soleus.studio.opening import studio_of
from tests.browser.bench_page import SETTLED, open_bench
from tests.browser.conftest import serving
from tests.browser.label_page import expect_saved, open_label, press
from tests.browser.pictures import assert_small, picture_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

pytestmark = pytest.mark.system

TUTORIAL = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")
ONSET = "leg_movement.onset_uv"
SCREEN = {"width": 1280, "height": 1000}
PATIENCE_S = 120.0


class Place(NamedTuple):
    """Where the pages are served, the folder of the recording, and that of the data."""

    url: str
    folder: Path
    data: Path


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    top = tmp_path_factory.mktemp("tutorial")
    assert run(["example", str(top / "first")]) == 0
    settings = Settings(data_dir=top / "data")
    settings.data_dir.mkdir()
    book = FolderBook(settings, named("wasm-2016"))
    with (
        studio_of(settings, [top / "first"], patience_s=PATIENCE_S, n_workers=1) as studio,
        serving(book, studio=studio) as url,
    ):
        yield Place(url, top / "first", settings.data_dir)


def scored(capsys: pytest.CaptureFixture[str], *words: str) -> list[object]:
    capsys.readouterr()
    assert run(["score", *words, "--format", "json"]) == 0
    events: list[object] = json.loads(capsys.readouterr().out)["events"]
    return events


def take_picture(page: Page, name: str, folder: Path) -> None:
    file = picture_file(name, folder)
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=file)
    assert_small(file, SCREEN["width"])


def test_a_threshold_is_moved_and_the_saved_file_finds_the_same(
    open_page: Callable[..., Page], place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = open_page()
    page.set_viewport_size(SCREEN)  # type: ignore[arg-type] # a plain dict
    open_bench(page, place.url, "?word=leg_movement&ref=truth")
    (name,) = re.findall(r"called \*(.*)\*, and pull it from 8 to 5 µV", TUTORIAL)
    field = page.locator(f'.threshold[data-name="{ONSET}"]').get_by_label(f"{name}, µV")
    expect(field).to_have_value("8")
    field.fill("5")
    field.press("Enter")
    (told,) = re.findall(r'Against the published set, "(.*?)"', TUTORIAL)
    expect(page.locator("#flips-said")).to_contain_text(told)
    page.wait_for_selector(SETTLED)
    expect(page.locator("#curve-said")).not_to_contain_text(" of ")
    take_picture(page, "bench", tmp_path)
    (called,) = re.findall(r"with the name `(.*?)` and", TUTORIAL)
    page.get_by_label("Name", exact=True).fill(called)
    page.get_by_label("Why").fill("finds the weak ones")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#saved")).to_contain_text("soleus score")
    night = str(place.folder / "night.edf")
    found = scored(capsys, night, "--criteria", str(place.data / "criteria" / f"{called}.toml"))
    assert found == scored(capsys, night, "--set", f"{ONSET}=5")
    assert found != scored(capsys, night)


def test_what_is_marked_by_keyboard_is_a_list_that_agrees_with_itself(
    open_page: Callable[..., Page], place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = open_page()
    page.set_viewport_size(SCREEN)  # type: ignore[arg-type] # a plain dict
    open_label(page, place.url, "Ann", "/label/first?at=162", blind=True)
    expect(page.locator("#blind-badge")).to_have_text("Scores blind")
    press(page, "Enter", "3 ArrowRight", "Enter")
    expect_saved(page, 1)
    take_picture(page, "label", tmp_path)
    config = tmp_path / "soleus.toml"
    config.write_text(f'data_dir = "{place.data}"\n', encoding="utf-8")
    listed = tmp_path / "ann.tsv"
    (line,) = re.findall(r"    soleus (labels export .*)", TUTORIAL)
    words = [str(listed) if word == listed.name else word for word in line.split()]
    assert run([*words, "--config", str(config)]) == 0
    other = tmp_path / "again" / listed.name
    other.parent.mkdir()
    other.write_bytes(listed.read_bytes())
    capsys.readouterr()
    asked = ["--reference", str(listed), "--format", "json"]
    assert run(["evaluate", str(other), *asked]) == 0
    (pair,) = json.loads(capsys.readouterr().out)["pairs"]
    assert {row["f1"]["value"] for row in pair["events"]} == {1.0}

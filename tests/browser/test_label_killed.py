"""The page Label over ``soleus serve`` and its store: scored by keyboard, undone, killed, continued, and compared."""

from __future__ import annotations

import json
import re
import signal
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from soleus.__main__ import run
from tests.browser.label_page import expect_saved, mark, open_label, press
from tests.served import served

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.system

FIRST, SECOND = "Alma", "Bo"
RECORDING = "night"
PATH = f"/label/{RECORDING}"
# Ten windows of a minute.
HOURS, N_WINDOWS = "0.1667", 10
# Two of both legs are movements of either.
N_MOVEMENTS = N_WINDOWS + 4
# Keys of the other classes; a cramp-like contraction counts twice, as probable and as one of both.
OTHERS = "23456789"
CLASSES = {
    "leg movement", "cramp-like, probable", "cramp-like, probable or possible", "tonic, low", "twitch", "brief jerk",
    "rhythmic train", "clonus", "shift", "restlessness",
}  # fmt: skip


def score(page: Page) -> None:
    """Mark a movement and something else in each of ten minutes, by keyboard alone."""
    for window in range(N_WINDOWS):
        press(page, "1", "lr"[window % 2])
        mark(page, 6, 2, "Escape", OTHERS[window % len(OTHERS)], "lrb"[window % 3])
        mark(page, 4, 4, "Escape", "PageDown")


def shown(page: Page) -> list[str]:
    return page.locator(".own-row").all_inner_texts()


def evaluated(capsys: pytest.CaptureFixture[str], *lists: Path) -> dict[str, Any]:
    """Return what ``soleus evaluate`` says of two lists, by class."""
    capsys.readouterr()
    references = [word for one in lists for word in ("--reference", str(one))]
    assert run(["evaluate", *references, "--format", "json"]) == 0
    (pair,) = json.loads(capsys.readouterr().out)["pairs"]
    return {row["class"]: row for row in pair["events"] if row["matching"] == "rule"}


def expect_nothing_of_the_first(page: Page, url: str, keys: list[str]) -> None:
    """Score blind as somebody else, and read every answer before the page does."""
    said: list[str] = []

    def note(route: Route) -> None:
        answer = route.fetch()
        said.append(f"{answer.url} {answer.body()!r}")
        route.fulfill(response=answer)

    page.route(re.compile("/(api|label)/"), note)
    open_label(page, url, SECOND, PATH, blind=True)
    expect(page.locator("#blind-badge")).to_have_text("Scores blind")
    mark(page, 6, 3)
    press(page, "n")
    expect(page.locator("#announce")).to_have_text("You score blind: there are no suggestions.")
    expect_saved(page, 1)
    page.reload()
    expect_saved(page, 1)
    page.wait_for_load_state("networkidle")
    assert len([text for text in said if "/sheet" in text]) >= 2
    # A blind rater's page does not even ask.
    assert [text for text in said if re.search("/(others|agreement|suggestions)", text)] == []
    assert [(word, text) for word in (FIRST, *keys) for text in said if word in text] == []
    assert FIRST not in page.locator("main").inner_text()
    for question in ("others", "agreement", "suggestions", "learned"):
        refused = page.request.get(f"{url}/api{PATH}/{question}?rater={SECOND}&other={FIRST}")
        assert (refused.status, FIRST in refused.text()) == (409, False)


def test_ten_minutes_by_keyboard_outlive_the_page_and_the_server_and_agree_with_themselves(
    open_page: Callable[..., Page], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["simulate", str(tmp_path / RECORDING), "--hours", HOURS, "--seed", "7"]) == 0
    recordings = ("--recordings", str(tmp_path / RECORDING))
    with served(tmp_path, *recordings, end=signal.SIGKILL) as url:
        page = open_page()
        open_label(page, url, FIRST, PATH, blind=True)
        score(page)
        expect_saved(page, 2 * N_WINDOWS)
        press(page, "u")
        expect_saved(page, 2 * N_WINDOWS - 1)
        before = shown(page)
        # A context that is closed without a warning takes the storage of the browser along.
        page.context.close()
        page = open_page()
        open_label(page, url, FIRST, PATH)
        expect_saved(page, 2 * N_WINDOWS - 1)
        assert shown(page) == before
        page.wait_for_load_state("networkidle")
    # The server is gone: what is done now is kept in the browser, and survives the page.
    mark(page, 1, 1, "b", "Escape")
    mark(page, 1, 1)
    expect(page.locator("#saved")).to_contain_text("3 acts are kept in this browser and not saved yet: Soleus does not")
    context = page.context
    page.close()
    with served(tmp_path, *recordings, port=int(url.rpartition(":")[2]), end=signal.SIGKILL) as url:
        page = context.new_page()
        open_label(page, url, "", PATH)
        expect_saved(page, 2 * N_WINDOWS + 1)
        assert set(before) < set(shown(page))
        # Undo goes back over all of it.
        press(page, "u", "u", "u", "u")
        expect_saved(page, 2 * N_WINDOWS - 2)
        press(page, *["Shift+U"] * 4)
        expect_saved(page, 2 * N_WINDOWS + 1)
        with page.expect_download() as coming:
            page.get_by_role("link", name="Export TSV").click()
        lists = [coming.value.path().with_name(f"{one}.tsv") for one in ("one", "other")]
        for one in lists:
            one.write_bytes(coming.value.path().read_bytes())
        keys = [str(one["key"]) for one in page.request.get(f"{url}/api{PATH}/sheet?rater={FIRST}").json()["labels"]]
        page.wait_for_load_state("networkidle")
        page.close()
        expect_nothing_of_the_first(open_page(), url, keys)
    counts = evaluated(capsys, *lists)
    assert all(row["f1"]["value"] == 1.0 and row["missed"] == row["false"] == 0 for row in counts.values())
    assert counts["leg movement"]["hits"] == N_MOVEMENTS
    assert counts.keys() == CLASSES

"""The page Label while the file of marks is damaged: it says so, and what is marked meanwhile is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dashboards.unavailable import UnreadableLabelsError
from tests.browser.conftest import serving
from tests.browser.label_page import expect_saved, mark, open_label
from tests.fake_labels import FakeLabels, label_studio
from tests.fakes import FakeNightBook

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from dashboards.labelling import Act, Sheet

pytestmark = pytest.mark.system

RATER = "Alma"
FAULT = "/data/labels.sqlite: not a file of labels; move it elsewhere"


@dataclass(slots=True)
class DamagedLabels(FakeLabels):
    """A label book that can be damaged, and mended."""

    fault: str = ""

    def sheet(self, recording: str, rater: str) -> Sheet:
        self._expect_whole()
        return FakeLabels.sheet(self, recording, rater)

    def act(self, recording: str, rater: str, act: Act) -> Sheet:
        self._expect_whole()
        return FakeLabels.act(self, recording, rater, act)

    def _expect_whole(self) -> None:
        if self.fault:
            raise UnreadableLabelsError(self.fault)


def test_marks_wait_in_the_browser_until_the_file_is_whole_again(browser: Browser) -> None:
    labels = DamagedLabels()
    # The browser itself complains of what is refused.
    with serving(FakeNightBook(), studio=label_studio(labels)) as url, browser.new_context() as context:
        page = context.new_page()
        open_label(page, url, RATER)
        mark(page, 6, 3)
        expect_saved(page, 1)
        labels.fault = FAULT
        mark(page, 6, 3)
        expect(page.locator("#saved")).to_have_text(f"1 act is kept in this browser and not saved yet: {FAULT}.")
        page.reload()
        expect(page.locator("#who-said")).to_have_text(f"{FAULT}.")
        labels.fault = ""
        open_label(page, url)
        expect_saved(page, 2)

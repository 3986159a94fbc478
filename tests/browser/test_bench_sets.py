"""Sets of thresholds in a browser: one that is saved, two beside each other, and events that flip between them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.bench_page import benched, open_bench
from tests.browser.night_page import assert_no_sideways_scroll
from tests.fake_bench import EASY, ONSET, SCORER, WASM, FakeBench
from tests.fakes import NIGHT_ID

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from dashboards.bench_values import BenchRecording

pytestmark = pytest.mark.system
ONE_NIGHT = f"?r={NIGHT_ID}"
# Before every list by the alphabet.
BEGINNER = "Aa"
WIDER = "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.getAttribute('aria-label'))"


def test_a_set_is_saved_and_compared_event_by_event(open_page: Callable[..., Page]) -> None:
    with benched(FakeBench()) as url:
        page = open_page()
        open_bench(page, url, f"{ONE_NIGHT}&set={ONSET}=6")
        page.get_by_label("Name", exact=True).fill("mine")
        page.get_by_label("Why").fill("finds the small ones")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#saved")).to_contain_text("soleus score --criteria criteria/mine.toml FILE")
        page.get_by_role("link", name=f"Compare it with {WASM}").click()
        expect(page.locator("h1")).to_have_text("Two sets of thresholds")
        row = page.locator(f'tr[data-threshold="{ONSET}"]')
        expect(row).to_contain_text("8 µV")
        expect(row).to_contain_text("6 µV")
        expect(page.locator(".flip-row").first).to_contain_text("only second")
        expect(page.locator(".flip-row").first).to_have_attribute("href", f"/night/{NIGHT_ID}/event/kept")
        page.set_viewport_size({"width": 390, "height": 844})
        assert_no_sideways_scroll(page)
        # Of two sets beside each other both are to be seen.
        assert page.locator(".wide").evaluate_all(WIDER) == []


def test_a_flipped_event_of_a_file_opens_where_it_can_be_marked(open_page: Callable[..., Page]) -> None:
    with benched(FakeBench()) as url:
        page = open_page()
        open_bench(page, url, f"?r=night-01&set={ONSET}=6")
        link = page.locator("#flips .flip-row").first
        expect(link).to_have_attribute("href", re.compile(r"^/label/night-01\?at=\d+\.\d{3}$"))
        # Pressed, it leads back to what is looked at here.
        link.evaluate("one => one.addEventListener('click', (e) => e.preventDefault())")
        link.click()
        there = parse_qs(urlsplit(link.get_attribute("href") or "").query)
        assert (there["criteria"], there["set"], there["held"], there["r"]) == (
            [WASM],
            [f"{ONSET}=6"],
            [ONSET],
            ["night-01"],
        )
        assert re.fullmatch(r"\d+\.\d{3}", there["at"][0])


class BegunBench(FakeBench):
    """A bench of recordings that a list is of, and that a rater has begun to mark."""

    __slots__ = ()

    def recordings(self) -> tuple[BenchRecording, ...]:
        return tuple(replace(one, scorers=(*one.scorers, BEGINNER)) for one in FakeBench.recordings(self))


def test_a_list_judges_before_a_rater_who_has_begun_and_no_set_is_saved_of_no_recording(
    open_page: Callable[..., Page],
) -> None:
    with benched(BegunBench()) as url:
        page = open_page()
        open_bench(page, url)
        expect(page.locator("#reference")).to_have_value(SCORER)
        expect(page.locator("#reference option")).to_have_text(["nobody", SCORER, BEGINNER])
        page.locator("#pick summary").click()
        page.get_by_role("button", name="None", exact=True).click()
        page.get_by_label("Name", exact=True).fill("mine")
        page.get_by_label("Why").fill("of nothing")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#save-said")).to_have_text("No recording is chosen.")
        page.get_by_role("button", name="All", exact=True).click()
        expect(page.locator("#reference")).to_have_value(SCORER)


def test_without_marks_nothing_is_judged(open_page: Callable[..., Page]) -> None:
    with benched(FakeBench(2, scored=False)) as url:
        page = open_page()
        open_bench(page, url, f"?criteria={EASY}")
        expect(page.locator(".tile")).to_have_count(1)
        page.get_by_text("What these numbers say").click()
        expect(page.locator("#explained dt").first).to_have_text("Periodic per hour")
        expect(page.locator("#explained")).to_contain_text("95 % interval over the people")
        expect(page.locator("#key li")).to_have_text(["found"])
        expect(page.locator("#strips .strip-said").first).to_contain_text("found")
        expect(page.locator("#curve")).to_contain_text("Periodic per hour")

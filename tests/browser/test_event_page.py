"""One event close up: its levels, the way out to the whole night, and numbers that are those of the command."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dashboards.web.night_json import event_id
from dashboards.web.wording import quantity_text
from detectors.events import EventKind, Step
from tests.browser.conftest import serving
from tests.browser.night_page import LEAST_LEVEL_PIXELS, assert_no_sideways_scroll, pixels
from tests.explained_recording import Explained, explained
from tests.fake_sleep import SleepingBook
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.synthetic_night import CRAMPS, DURATION_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.system

CRAMP_PATH = f"/night/{NIGHT_ID}/event/{event_id(CRAMPS[0])}"
ONSET_S, END_S = 12_643.0, 12_717.0
LEAST_KINDS = 4


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(SleepingBook()) as address:
        yield address


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Explained:
    return explained(tmp_path_factory.mktemp("explained"))


def open_event_page(page: Page, address: str) -> Locator:
    page.goto(address)
    page.wait_for_selector(".detail-charts[data-ready]")
    return page.locator(".detail-charts")


def loaded(charts: Locator) -> tuple[str, float, float]:
    """Return what is drawn, samples or extremes, and of which stretch, s."""
    kind, begin_s, end_s = (charts.get_attribute("data-loaded") or "").split()
    return kind, float(begin_s), float(end_s)


@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")])
def test_raw_signal_envelope_resting_level_and_named_thresholds_are_drawn(
    open_page: Callable[..., Page], url: str, width: int, theme: str
) -> None:
    page = open_page(width=width, color_scheme=theme)
    charts = open_event_page(page, f"{url}{CRAMP_PATH}")
    raw, envelope = (charts.locator(".strip", has_text=name) for name in ("Raw EMG", "Envelope"))
    assert pixels(raw.locator("canvas"), "trace") > LEAST_LEVEL_PIXELS
    for colour in ("c-cramp-probable", "c-position"):
        assert pixels(envelope.locator("canvas"), colour) > LEAST_LEVEL_PIXELS
    for words in ("resting level", "onset level 7.6 µV", "offset level 4.6 µV"):
        expect(envelope.get_by_text(words)).to_be_visible()
    assert_no_sideways_scroll(page)


def test_the_view_zooms_out_to_the_whole_night_and_back_to_each_sample(
    open_page: Callable[..., Page], url: str
) -> None:
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/extremes?" in request.url else None)
    charts = open_event_page(page, f"{url}{CRAMP_PATH}")
    assert loaded(charts) == ("raw", ONSET_S - 20, END_S + 20)
    raw = charts.locator(".strip", has_text="Raw EMG")
    page.get_by_role("button", name="Zoom out").click()
    expect(charts).to_have_attribute("data-loaded", re.compile(r"^raw 12566 "))
    assert asked == []
    page.get_by_role("button", name="Whole night").click()
    expect(charts).to_have_attribute("data-loaded", f"extremes 0 {DURATION_S}")
    assert len(asked) == 1
    assert pixels(raw.locator("canvas"), "trace") > LEAST_LEVEL_PIXELS
    expect(charts.locator(".closeup-zoom output")).to_have_text("22:47 to 06:17")
    page.get_by_role("button", name="Event", exact=True).click()
    expect(charts).to_have_attribute("data-loaded", f"raw {ONSET_S - 20:.0f} {END_S + 20:.0f}")
    for _ in range(4):
        page.keyboard.press("+")
    expect(charts).to_have_attribute("data-from", re.compile(r"^126[78]"))
    # Every sample of the view, or of a wider one of less than a minute that was loaded on the way.
    page.wait_for_function(
        """charts => {
            const [kind, from, to] = charts.dataset.loaded.split(" ");
            const holds = from <= Number(charts.dataset.from) && to >= Number(charts.dataset.to);
            return kind === "raw" && holds && to - from <= 60;
        }""",
        arg=charts.element_handle(),
    )
    _, begin_s, end_s = loaded(charts)
    assert int(raw.get_attribute("data-samples") or 0) == pytest.approx((end_s - begin_s) * 500, abs=2)
    page.wait_for_load_state("networkidle")


def test_a_movement_that_acceleration_showed_has_its_levels_on_the_movement(open_page: Callable[..., Page]) -> None:
    why = (Step("onset_g", 0.08, 0.03, held=True), Step("offset_g", 0.01, 0.015, held=True))
    measures = {"clm": 0.0, "plm_wasm": 0.0, "peak_uv": 9.0, "peak_g": 0.08}
    moved = replace(CRAMPS[0], kind=EventKind.LEG_MOVEMENT, measures=measures, why=why)
    with serving(FakeNightBook(all_events=(moved,))) as address:
        page = open_page()
        charts = open_event_page(page, f"{address}/night/{NIGHT_ID}/event/{event_id(moved)}")
        movement = charts.locator(".strip", has_text="Movement, mg")
        for words, colour in (("onset level 30.0 mg", "c-cramp-probable"), ("offset level 15.0 mg", "c-position")):
            expect(movement.get_by_text(words)).to_be_visible()
            assert pixels(movement.locator("canvas"), colour) > LEAST_LEVEL_PIXELS
        page.wait_for_load_state("networkidle")


def test_what_the_page_says_of_each_kind_of_event_is_what_the_command_says(
    open_page: Callable[..., Page], both: Explained
) -> None:
    first = {said["kind"]: (said, event) for said, event in reversed(list(zip(both.said, both.events, strict=True)))}
    assert len(first) >= LEAST_KINDS
    with serving(both.book) as address:
        # The signals of this recording are not in the book; its words and numbers need no script.
        page = open_page(java_script_enabled=False)
        for said, event in first.values():
            page.goto(f"{address}/night/{NIGHT_ID}/event/{event_id(event)}")
            shown = page.locator(".why li")
            expect(shown).to_have_count(len(said["why"]))
            for item, step in zip(shown.all(), said["why"], strict=True):
                assert item.get_attribute("data-rule") == step["rule"]
                assert float(item.get_attribute("data-value") or "nan") == step["value"]
            flips = page.locator(".flip")
            expect(flips).to_have_count(len(said["flips"]))
            for item, flip in zip(flips.all(), said["flips"], strict=True):
                assert float(item.get_attribute("data-to") or "nan") == flip["to"]
                expect(item).to_contain_text(f"in place of {quantity_text(flip['rule'], flip['threshold'])} it would")


def test_an_event_is_judged_with_one_key_on_its_own_page(open_page: Callable[..., Page]) -> None:
    book = SleepingBook()
    with serving(book) as address:
        page = open_page()
        open_event_page(page, f"{address}{CRAMP_PATH}")
        page.keyboard.press("n")
        expect(page.locator(".words .told")).to_have_text("Denied by you")
        page.keyboard.press("e")
        page.keyboard.type("nothing hurt")
        page.get_by_role("button", name="Save note").click()
        expect(page.locator(".note-form .told")).to_have_text("Saved.")
        page.reload()
        page.wait_for_selector(".detail-charts[data-ready]")
        expect(page.get_by_role("button", name="Deny")).to_have_attribute("aria-pressed", "true")
        expect(page.locator("article .notes")).to_contain_text("nothing hurt")
    assert [word for *_, word in book.judged] == [False]

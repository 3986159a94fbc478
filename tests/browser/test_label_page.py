"""The page Label: marked by mouse, finger and keyboard, suggested, exported, and what is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dashboards.labelling import Act, ActWay, Label
from tests.browser.conftest import serving
from tests.browser.label_page import PATH, SAVED, expect_saved, mark, open_label, press, spans
from tests.fake_labels import SHORT, FakeLabels, label_studio
from tests.fakes import FakeNightBook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.system

FIRST, SECOND = "Alma", "Bo"
PHONE_PX = 360


@pytest.fixture
def labels() -> FakeLabels:
    return FakeLabels()


@pytest.fixture
def url(labels: FakeLabels) -> Iterator[str]:
    with serving(FakeNightBook(), studio=label_studio(labels)) as address:
        yield address


def test_a_mark_is_changed_by_keyboard_and_every_change_is_taken_back_and_done_again(
    open_page: Callable[..., Page], url: str, labels: FakeLabels
) -> None:
    page = open_page()
    open_label(page, url, FIRST)
    press(page, "End", "PageUp")
    mark(page, 12, 3, "2", "b", "s", "Shift+D", "u", "u", "Shift+U", "Shift+U")
    expect_saved(page, 1)
    expect(page.locator("#announce")).to_have_text("Done again.")
    assert spans(labels.sheet(SHORT, FIRST).labels) == [("cramp", "both", 492.1, 494.99)]
    press(page, "u", "u", "u", "u", "Delete")
    expect_saved(page, 0)
    press(page, "u")
    expect_saved(page, 1)
    assert spans(labels.sheet(SHORT, FIRST).labels) == [("leg_movement", "left", 492.0, 495.0)]


def test_lifting_the_veil_asks_once_and_is_kept(open_page: Callable[..., Page], url: str, labels: FakeLabels) -> None:
    labels.act(SHORT, FIRST, Act("1", ActWay.ADD, Label("m", "cramp", "left", 5.0, 9.0)))
    page = open_page()
    open_label(page, url, SECOND, blind=True)
    mark(page, 6, 3)
    expect_saved(page, 1)
    for word in (FIRST, "Soleus ("):
        assert word not in page.locator("main").inner_text()
    page.get_by_role("button", name="Show others…").click()
    page.get_by_role("button", name="Show others", exact=True).click()
    expect(page.locator("#agreement")).to_contain_text(FIRST)
    page.locator("#beside").select_option(FIRST)
    expect(page.locator(".bar-box.c-cramp-probable")).to_have_count(1)
    assert not labels.sheet(SHORT, SECOND).blind


def test_marks_are_drawn_resized_and_moved_with_a_mouse(
    open_page: Callable[..., Page], url: str, labels: FakeLabels
) -> None:
    page = open_page()
    open_label(page, url, FIRST)
    field = page.locator(".leg-group[data-leg=right] .field-of-leg")
    box = field.bounding_box()
    assert box is not None

    def drag(from_s: float, to_s: float, shift_px: float = 0.0) -> None:
        for t_s, act in ((from_s, page.mouse.down), (to_s, page.mouse.up)):
            x = box["x"] + box["width"] * t_s / 60 + (shift_px if t_s == from_s else 0.0)
            page.mouse.move(x, box["y"] + box["height"] / 2, steps=4)
            act()

    drag(20.0, 30.0)
    drag(30.0, 35.0, 4.0)
    drag(25.0, 15.0)
    expect_saved(page, 1)
    expect(page.locator("#undo")).to_have_attribute("title", re.compile("change"))
    [(kind, leg, onset_s, end_s)] = spans(labels.sheet(SHORT, FIRST).labels)
    assert (kind, leg) == ("leg_movement", "right")
    assert (onset_s, end_s) == (pytest.approx(10.0, abs=0.3), pytest.approx(25.0, abs=0.3))
    # A click beside it chooses none, and one on it chooses it again.
    drag(50.0, 50.0)
    expect(page.locator("[data-chosen]")).to_have_count(0)
    drag(12.0, 12.0)
    expect(page.locator("[data-chosen]")).to_have_count(1)
    page.get_by_label("End, s").fill("24.5")
    page.get_by_label("End, s").press("Tab")
    page.get_by_role("button", name="Delete").click()
    expect_saved(page, 0)


def test_a_finger_marks_by_a_drag_and_does_not_move_what_it_only_touched(
    open_page: Callable[..., Page], url: str, labels: FakeLabels
) -> None:
    page = open_page(width=PHONE_PX, has_touch=True, is_mobile=True)
    open_label(page, url, FIRST)
    touch = page.context.new_cdp_session(page)
    box = page.locator(".leg-group[data-leg=left] .field-of-leg").bounding_box()
    assert box is not None

    def swipe(from_s: float, to_s: float) -> None:
        y = box["y"] + box["height"] / 2
        xs = [box["x"] + box["width"] * t_s / 60 for t_s in (from_s, (from_s + to_s) / 2, to_s)]
        for kind, x in zip(("touchStart", "touchMove", "touchMove"), xs, strict=True):
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    page.locator("#board").scroll_into_view_if_needed()
    box = page.locator(".leg-group[data-leg=left] .field-of-leg").bounding_box()
    assert box is not None
    swipe(20.0, 40.0)
    expect_saved(page, 1)
    [(kind, leg, onset_s, end_s)] = spans(labels.sheet(SHORT, FIRST).labels)
    assert (kind, leg, onset_s, end_s) == ("leg_movement", "left", pytest.approx(20, abs=1), pytest.approx(40, abs=1))
    page.keyboard.press("Escape")
    swipe(30.0, 50.0)
    expect(page.locator("[data-chosen]")).to_have_count(1)
    assert spans(labels.sheet(SHORT, FIRST).labels) == [(kind, leg, onset_s, end_s)]
    handle = page.locator(".leg-group[data-leg=left] .handle").first.bounding_box()
    assert handle is not None
    assert handle["width"] >= 44


def test_suggestions_are_answered_by_keyboard(open_page: Callable[..., Page], url: str, labels: FakeLabels) -> None:
    page = open_page()
    open_label(page, url, FIRST)
    press(page, "n")
    expect(page.locator("#suggestion-why")).to_have_text("peak 7.9 µV is 0.1 µV below the onset level")
    press(page, "y")
    expect(page.locator("#suggestion-what")).to_contain_text("00:05:40.00")
    press(page, "x")
    expect(page.locator("#suggestion-what")).to_contain_text("00:06:40.00")
    press(page, "c", "s")
    expect(page.locator("#suggestion")).to_be_hidden()
    expect_saved(page, 3)
    expect(page.locator("#undo")).to_have_attribute("title", re.compile("change"))
    assert spans(labels.sheet(SHORT, FIRST).labels) == [
        ("leg_movement", "left", 100.0, 101.5),
        ("nothing", "left", 160.0, 161.5),
        ("leg_movement", "left", 220.1, 221.5),
    ]
    page.get_by_role("button", name="What did the answers change?").click()
    expect(page.locator("#learned")).to_contain_text("--set leg_movement.onset_uv=7.5")
    expect(page.locator("#learned")).to_contain_text("F1 goes from 0.80 to 0.90")
    # Asked for far below the signals, the next one is brought into view.
    page.set_viewport_size({"width": PHONE_PX, "height": 740})
    page.get_by_role("button", name="Next suggestion").click()
    expect(page.locator("#suggestion")).to_be_in_viewport(ratio=0.9)


def test_marks_leave_and_come_back_as_a_file(open_page: Callable[..., Page], url: str, labels: FakeLabels) -> None:
    page = open_page()
    open_label(page, url, FIRST, blind=True)
    mark(page, 3, 2)
    expect_saved(page, 1)
    with page.expect_download() as coming:
        page.get_by_role("link", name="Export TSV").click()
    assert coming.value.suggested_filename == f"{SHORT}-{FIRST}.tsv"
    file = coming.value.path()
    page.get_by_role("button", name="Change").click()
    page.get_by_label("Name or initials").fill(SECOND)
    page.keyboard.press("Enter")
    page.locator("#how").get_by_role("button").click()
    page.wait_for_selector("#board .row canvas")
    page.get_by_label("Import marks from a file").set_input_files(file)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("#import-said")).to_have_text("1 mark added.")
    expect_saved(page, 1)
    assert spans(labels.sheet(SHORT, SECOND).labels) == spans(labels.sheet(SHORT, FIRST).labels)


def test_what_the_server_refuses_is_said_and_not_shown_as_marked(browser: Browser, url: str) -> None:
    page = browser.new_context().new_page()
    open_label(page, url, FIRST)
    page.route("**/acts", lambda route: route.fulfill(status=400, json={"error": "it lies outside"}))
    mark(page, 3, 2)
    expect(page.locator("#refused")).to_contain_text("Not saved: add of Alma: it lies outside.")
    expect(page.locator("#label")).to_have_attribute("data-n", "0")
    expect(page.locator("#saved")).to_have_text(SAVED)
    page.context.close()


def test_an_act_in_a_recording_that_the_server_was_started_without_waits_in_the_browser(
    browser: Browser, url: str, labels: FakeLabels
) -> None:
    page = browser.new_context().new_page()
    open_label(page, url, FIRST)
    page.route("**/acts", lambda route: route.fulfill(status=404, json={"error": "there is no recording of this name"}))
    mark(page, 3, 2)
    expect(page.locator("#refused")).to_contain_text("Not saved: add of Alma: there is no recording of this name.")
    page.unroute("**/acts")
    page.reload()
    expect_saved(page, 1)
    assert len(labels.sheet(SHORT, FIRST).labels) == 1
    page.context.close()


def test_agreement_says_that_marks_have_changed_since_it_was_asked_for(
    open_page: Callable[..., Page], url: str
) -> None:
    page = open_page()
    open_label(page, url, FIRST)
    aged = page.get_by_text("Your marks have changed since: compare again.")
    expect(page.locator("#agreement")).to_be_visible()
    expect(aged).to_be_hidden()
    mark(page, 6, 3)
    expect_saved(page, 1)
    expect(aged).to_be_visible()
    page.get_by_role("button", name="Compare again").click()
    expect(aged).to_be_hidden()


def test_escape_leads_back_to_the_signals_which_show_that_the_keys_are_theirs(
    open_page: Callable[..., Page], url: str
) -> None:
    page = open_page()
    open_label(page, url, FIRST)
    held = page.locator(".paper").evaluate("one => getComputedStyle(one).boxShadow")
    assert held != "none"
    page.locator("#suggest-word").focus()
    expect(page.locator(".paper")).to_have_css("box-shadow", "none")
    press(page, "Escape")
    expect(page.locator(".paper")).to_have_css("box-shadow", held)


def test_the_help_has_each_key_beside_what_it_does_on_the_paper_of_the_page(
    open_page: Callable[..., Page], url: str
) -> None:
    page = open_page(width=PHONE_PX, color_scheme="dark")
    open_label(page, url, FIRST)
    paper = page.locator(".paper").evaluate("one => getComputedStyle(one).backgroundColor")
    press(page, "?")
    expect(page.locator("#help")).to_have_css("background-color", paper)
    tops = [part.bounding_box() for part in (page.locator("#help dt").first, page.locator("#help dd").first)]
    assert tops[0] is not None
    assert tops[1] is not None
    assert tops[0]["y"] == tops[1]["y"]
    assert tops[0]["x"] < tops[1]["x"]


def test_what_others_marked_can_be_asked_for_again_when_the_server_did_not_answer(
    open_page: Callable[..., Page], url: str
) -> None:
    page = open_page()
    page.route("**/others?*", lambda route: route.abort("connectionrefused"))
    open_label(page, url, FIRST)
    expect(page.locator("#others-body")).to_contain_text("Soleus does not answer.")
    page.unroute("**/others?*")
    page.get_by_role("button", name="Compare again").click()
    expect(page.locator("#agreement")).to_contain_text("Soleus")


def test_an_act_of_another_recording_that_waited_is_sent_from_any_page(
    open_page: Callable[..., Page], url: str, labels: FakeLabels
) -> None:
    page = open_page()
    open_label(page, url, FIRST)
    page.route("**/acts", lambda route: route.abort("connectionrefused"))
    mark(page, 3, 2)
    expect(page.locator("#saved")).to_contain_text("1 act is kept in this browser")
    page.unroute("**/acts")
    page.goto(f"{url}{PATH.replace(SHORT, 'whole-night')}")
    page.wait_for_selector("#how:not([hidden])")
    page.keyboard.press("Enter")
    page.wait_for_selector("#board .row canvas")
    expect(page.locator("#saved")).to_have_text(SAVED)
    assert len(labels.sheet(SHORT, FIRST).labels) == 1

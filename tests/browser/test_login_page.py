"""Signing in as a person does: at night, on a phone, by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dashboards.web.login import Login
from dashboards.web.sessions import Password
from tests.browser.conftest import ARGUMENTS, CHROMIUM, serving
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.web_client import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page, Request

pytestmark = pytest.mark.system

NAME = "nights.example"
PHONE_PX = 360
LEAST_CONTRAST = 4.5
"""Of text against what is behind it, WCAG 2.2, 1.4.3."""
LEAST_TARGET_PX = 44
"""Side of what a thumb hits, WCAG 2.2, 2.5.5."""
CONTRAST = """element => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  let behind = element;
  while (behind && (parse(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0) behind = behind.parentElement;
  const [a, b] = [getComputedStyle(element).color, getComputedStyle(behind ?? document.body).backgroundColor]
    .map(parse).map(light).sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}"""


@pytest.fixture(scope="module")
def door_url() -> Iterator[str]:
    with serving(FakeNightBook(), login=Login(Password(PASSWORD, cost=2))) as url:
        yield url


def shows_dark_and_narrow(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE_PX
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    for part in page.locator("h1, label, input:visible, main button, .said, .bar .brand").all():
        assert part.evaluate(CONTRAST) >= LEAST_CONTRAST, part
    for part in page.locator("main input:visible, main button").all():
        box = part.bounding_box()
        assert box
        assert box["height"] >= LEAST_TARGET_PX


@pytest.mark.parametrize("scripts", [True, False])
def test_a_person_signs_in_and_out_by_keyboard_in_the_dark_on_a_phone(
    open_page: Callable[..., Page], door_url: str, *, scripts: bool
) -> None:
    # Each page comes to rest before it is left.
    page = open_page(width=PHONE_PX, color_scheme="dark", java_script_enabled=scripts)
    page.goto(f"{door_url}/night/{NIGHT_ID}")
    field = page.get_by_label("Password")
    expect(field).to_be_focused()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    shows_dark_and_narrow(page)
    page.wait_for_load_state("networkidle")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#headline")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.url == f"{door_url}/night/{NIGHT_ID}"
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE_PX
    assert page.evaluate("document.cookie") == ""
    leave = page.get_by_role("button", name="Sign out")
    leave.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.goto(f"{door_url}/night/{NIGHT_ID}")
    expect(page.get_by_label("Password")).to_be_visible()
    page.wait_for_load_state("networkidle")


def test_a_wrong_password_is_said_where_it_was_typed(browser: Browser, door_url: str) -> None:
    # A browser complains in its console about each answer that refuses, so this page is not watched.
    context = browser.new_context(viewport={"width": PHONE_PX, "height": 700}, color_scheme="dark")
    page = context.new_page()
    page.goto(door_url)
    for said in ("That is not the password.", "That is not the password."):
        page.get_by_label("Password").fill("wrong")
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Sign in")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text(said)
        expect(page.get_by_label("Password")).to_be_focused()
        expect(page.get_by_label("Password")).to_have_accessible_description(said)
        shows_dark_and_narrow(page)
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#headline")).to_be_visible()
    context.close()


def test_a_page_whose_session_is_over_leads_to_the_door_and_back(browser: Browser) -> None:
    login = Login(Password(PASSWORD, cost=2))
    with serving(FakeNightBook(running=True, so_far_s=3_000), login=login) as url:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{url}/night/{NIGHT_ID}")
        expect(page.get_by_label("Password")).to_be_focused()
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator("#headline")).to_be_visible()
        there = page.url
        (session,) = (cookie for cookie in context.cookies() if cookie["name"] == "soleus_session")
        login.sessions.close(session["value"])
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        expect(page.get_by_label("Password")).to_be_focused()
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator("#headline")).to_be_visible()
        assert page.url == there
        context.close()


def test_without_tls_from_another_computer_the_form_is_known_by_its_origin_alone(browser: Browser) -> None:
    # There a browser does not say how a request came about (Sec-Fetch-Site), as it does on loopback.
    rules = f"--host-resolver-rules=MAP {NAME} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    far = browser.browser_type.launch(executable_path=CHROMIUM, headless=True, args=[*ARGUMENTS[:-1], rules])
    with serving(FakeNightBook(), login=Login(Password(PASSWORD, cost=2)), hosts=(NAME,)) as url:
        far_url = url.replace("127.0.0.1", NAME)
        page = far.new_page()
        posts: list[Request] = []
        page.on("request", lambda request: posts.append(request) if request.method == "POST" else None)
        page.goto(far_url)
        expect(page.get_by_label("Password")).to_be_focused()
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator("#headline")).to_be_visible()
        (headers,) = (post.all_headers() for post in posts)
        page.wait_for_load_state("networkidle")
        far.close()
    assert headers["origin"] == far_url
    assert "sec-fetch-site" not in headers

"""Every page that a person can come to, and how to bring it to where it can be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from dashboards.web.login import Login
from dashboards.web.night_json import event_id
from dashboards.web.sessions import Password
from tests.browser.label_page import mark, press
from tests.fake_labels import SHORT
from tests.fake_live import LiveScene
from tests.fake_sleep import SleepingBook
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.synthetic_night import CRAMPS
from tests.web_client import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

NIGHT = f"/night/{NIGHT_ID}"
EVENT = f"{NIGHT}/event/{event_id(CRAMPS[0])}"
ENTRY = f"/diary/entry/{quote(next(iter(FakeNightBook().kept.entries)), safe='')}"
COMPARED = "/compare?a_first=2026-02-11&a_last=2026-02-24&b_first=2026-02-25&b_last=2026-03-14"
CHARTS = "#charts[data-ready][data-drawn]"


@dataclass(frozen=True, slots=True)
class Stop:
    """A page as somebody sees it.

    Parameters
    ----------
    name : str
        What it is called.
    path : str
        Its address.
    ready : str
        Selects what is there once it is complete.
    status : int
        With which it is answered.
    arrive : callable or None
        What the person does there.
    """

    name: str
    path: str
    ready: str
    status: int = 200
    arrive: Callable[[Page], None] | None = None

    def visit(self, page: Page, base_url: str) -> None:
        """Go there, and wait until it is complete."""
        answer = page.goto(f"{base_url}{self.path}")
        assert answer is not None
        assert answer.status == self.status
        page.wait_for_selector(self.ready, state="attached")
        if self.arrive is not None:
            self.arrive(page)


def _open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(group => group.open = true)")


def _open_event(page: Page) -> None:
    page.locator("#group-cramp-probable a.event").first.click()
    page.wait_for_selector("#detail[data-ready]")


def _ask_for_help(page: Page) -> None:
    page.keyboard.press("?")
    page.wait_for_selector("#help[open]")


def _change(page: Page) -> None:
    page.get_by_label("In your own words").fill("as far as I remember")
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector("#history .until")
    _open_all(page)


def _try_a_password(page: Page) -> None:
    page.get_by_label("Password").fill("a guess")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector("#said")


OVER = (
    Stop("night", "/", CHARTS, arrive=_open_all),
    Stop("night with its keys", NIGHT, CHARTS, arrive=_ask_for_help),
    Stop("event over the night", NIGHT, CHARTS, arrive=_open_event),
    Stop("event", EVENT, ".detail-charts[data-ready]", arrive=_open_all),
    Stop("weeks", "/weeks?n=30", "#raster[data-ready]", arrive=_open_all),
    Stop("diary", "/diary?kind=cramp", "#entries", arrive=_open_all),
    Stop("entry of the diary", ENTRY, "#history", arrive=_change),
    Stop("two periods", COMPARED, "#results section"),
    Stop("sensors", "/sensors", "#main", arrive=_open_all),
    Stop("tonight without a night", "/tonight", "#main"),
)
RUNNING = (
    Stop("tonight", "/tonight", "#tonight[data-drawn]"),
    Stop("tonight with its keys", "/tonight", "#tonight[data-drawn]", arrive=_ask_for_help),
    Stop("night that runs", NIGHT, CHARTS),
    Stop("sensors of a night that runs", "/sensors", "#main"),
)


def _move(page: Page) -> None:
    page.locator(".threshold.held input[type=range]").press("ArrowLeft")
    page.wait_for_selector("#flips .flip-row")
    page.locator(".source").first.click()
    page.locator("#pick summary").click()
    _open_all(page)


BENCH = (
    Stop("bench", "/bench", "#bench[data-settled]", arrive=_move),
    Stop("two sets of thresholds", "/bench/compare?a=wasm-2016&b=easy&r=night-01&ref=human", ".flip-row"),
)


def _say_who(page: Page) -> None:
    page.keyboard.type("Alma")
    page.keyboard.press("Enter")
    page.wait_for_selector("#how:not([hidden])")


def _label(page: Page) -> None:
    _say_who(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("#board .row canvas")
    mark(page, 3, 4)
    press(page, "n")
    page.wait_for_selector("#agreement td")
    page.locator("#beside").select_option("Soleus")
    page.wait_for_selector(".bar-box")


def _label_blind(page: Page) -> None:
    _say_who(page)
    page.keyboard.press("Enter")
    page.wait_for_selector("#board .row canvas")
    page.locator("#unblind").click()
    page.wait_for_selector("#lift[open]")


LABEL = (
    Stop("who labels", f"/label/{SHORT}", "#who:not([hidden])"),
    Stop("label with the question how", f"/label/{SHORT}", "#who:not([hidden])", arrive=_say_who),
    Stop("label", f"/label/{SHORT}", "#who:not([hidden])", arrive=_label),
    Stop("label a second recording blind", "/label/whole-night", "#who:not([hidden])", arrive=_label_blind),
    Stop("label what cannot be read", "/label/damaged", "#main [role=alert]"),
)
EMPTY_BENCH = (Stop("bench without recordings", "/bench", "#main"), Stop("no sets", "/bench/compare", "#main"))
EMPTY = (
    Stop("no night", "/", "#main"),
    Stop("no weeks", "/weeks", "#main"),
    Stop("no diary", "/diary", "#main"),
    Stop("no periods", "/compare", "#main"),
    Stop("no sensors", "/sensors", "#main"),
    Stop("no tonight", "/tonight", "#main"),
)
LOCKED = (Stop("sign in", "/login", "#password"),)
REFUSED = (
    Stop("page that is not here", "/night/none", "#main", 404),
    Stop("question that is not understood", "/weeks?n=many", "#main", 400),
    Stop("period that there is not", "/compare?a=none", "#form-said", 400),
)
WRONG = (Stop("wrong password", "/login", "#password", arrive=_try_a_password),)


def night_over() -> FakeNightBook:
    """Return a book whose newest night is over, with an estimate of sleep."""
    return SleepingBook()


def night_running() -> FakeNightBook:
    """Return a book whose newest night runs, with one sensor away and one without contact."""
    scene = LiveScene(2, 200.0, away_since_s={"right-shin": 2_900.0}, no_contact=frozenset({"left-shin"}))
    return FakeNightBook(running=True, so_far_s=3_000, scene=scene)


def door() -> Login:
    """Return a door whose password the tests know."""
    return Login(Password(PASSWORD, cost=2))

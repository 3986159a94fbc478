"""Every page through axe-core, in both themes, on a phone and on a screen: nobody is shut out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from dashboards.bench import Studio
from tests.browser.conftest import serving
from tests.browser.every_page import (
    BENCH,
    EMPTY,
    EMPTY_BENCH,
    LABEL,
    LOCKED,
    OVER,
    REFUSED,
    RUNNING,
    WRONG,
    Stop,
    door,
    night_over,
    night_running,
)
from tests.fake_bench import FakeBench
from tests.fake_labels import FakeLabels, label_studio
from tests.fakes import FakeNightBook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.system

# Each width and each theme once: what a theme spoils is contrast, and what a width spoils is room.
VIEWS = ((1280, "light"), (360, "dark"))
GRAVE = frozenset({"serious", "critical"})
TWO_PICTURES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"


@pytest.fixture(scope="module")
def over_url() -> Iterator[str]:
    with serving(night_over()) as url:
        yield url


@pytest.fixture(scope="module")
def running_url() -> Iterator[str]:
    with serving(night_running()) as url:
        yield url


@pytest.fixture(scope="module")
def empty_url() -> Iterator[str]:
    with serving(FakeNightBook(empty=True)) as url:
        yield url


@pytest.fixture(scope="module")
def bench_url() -> Iterator[str]:
    with serving(FakeNightBook(), studio=Studio(FakeBench(), FakeLabels())) as url:
        yield url


@pytest.fixture(scope="module")
def locked_url() -> Iterator[str]:
    with serving(FakeNightBook(), login=door()) as url:
        yield url


def grave_findings(page: Page) -> list[str]:
    """Return what axe finds serious or critical, with where and why."""
    found = Axe().run(page).response["violations"]
    return [
        f"{finding['id']} ({finding['impact']}) at {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for finding in found
        if finding["impact"] in GRAVE
        for node in finding["nodes"]
    ]


def findings_everywhere(page: Page) -> list[str]:
    """Return the findings on a screen in the light and on a phone in the dark."""
    found = []
    for width, scheme in VIEWS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # one of the two
        page.evaluate(TWO_PICTURES)
        found += [f"{width} px, {scheme}: {finding}" for finding in grave_findings(page)]
    return found


def named(stops: Sequence[Stop]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("stop", stops, ids=[stop.name for stop in stops])


@named(OVER)
def test_no_page_of_a_night_that_is_over_shuts_anybody_out(
    open_page: Callable[..., Page], over_url: str, stop: Stop
) -> None:
    page = open_page()
    stop.visit(page, over_url)
    assert findings_everywhere(page) == []


@named(RUNNING)
def test_no_page_of_a_night_that_runs_shuts_anybody_out(
    open_page: Callable[..., Page], running_url: str, stop: Stop
) -> None:
    page = open_page()
    stop.visit(page, running_url)
    assert findings_everywhere(page) == []


@named(EMPTY)
def test_no_page_without_a_night_shuts_anybody_out(open_page: Callable[..., Page], empty_url: str, stop: Stop) -> None:
    page = open_page()
    stop.visit(page, empty_url)
    assert findings_everywhere(page) == []


@named(BENCH)
def test_no_bench_shuts_anybody_out(open_page: Callable[..., Page], bench_url: str, stop: Stop) -> None:
    page = open_page()
    stop.visit(page, bench_url)
    assert findings_everywhere(page) == []


@named(EMPTY_BENCH)
def test_no_bench_without_recordings_shuts_anybody_out(open_page: Callable[..., Page], stop: Stop) -> None:
    with serving(FakeNightBook(), studio=Studio(FakeBench(0), FakeLabels())) as url:
        page = open_page()
        stop.visit(page, url)
        assert findings_everywhere(page) == []


@named(LABEL)
def test_nobody_is_shut_out_of_labelling(open_page: Callable[..., Page], stop: Stop) -> None:
    with serving(FakeNightBook(), studio=label_studio()) as url:
        page = open_page()
        stop.visit(page, url)
        assert findings_everywhere(page) == []


@named(LOCKED)
def test_the_door_shuts_nobody_out_who_may_enter(open_page: Callable[..., Page], locked_url: str, stop: Stop) -> None:
    page = open_page()
    stop.visit(page, locked_url)
    assert findings_everywhere(page) == []


@pytest.mark.parametrize("stop", [*REFUSED, *WRONG], ids=lambda stop: stop.name)
def test_a_refusal_can_be_read_by_everybody(browser: Browser, over_url: str, locked_url: str, stop: Stop) -> None:
    # The browser complains in its console about each answer of 400 and more: these pages are not watched.
    page = browser.new_page()
    stop.visit(page, locked_url if stop in WRONG else over_url)
    assert findings_everywhere(page) == []
    page.context.close()


def test_axe_sees_a_picture_without_words_and_a_text_that_is_too_faint(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(
        "<html lang=en><title>x</title><main><h1>x</h1><img src=data:,>"
        "<p style='color:#bbb;background:#fff'>faint</p></main>"
    )
    assert [finding.split()[0] for finding in grave_findings(page)] == ["color-contrast", "image-alt"]
    page.context.close()

"""The bench over a simulated recording with the real engine: what the page shows is what ``soleus score`` says."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from soleus.__main__ import run
from soleus.settings import Settings
from soleus.studio.opening import studio_of
from tests.browser.bench_page import SETTLED, open_bench
from tests.browser.conftest import serving
from tests.fakes import FakeNightBook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from playwright.sync_api import Page, Response

pytestmark = pytest.mark.system
N_SETTINGS = 20
FOREVER_S = 600.0
# What values are drawn from.
FIELDS = {
    "leg_movement.onset_uv": (4.0, 60.0),
    "leg_movement.min_s": (0.1, 1.5),
    "wasm.imi_max_s": (30.0, 120.0),
}
LEGS = {"left": "l", "right": "r", "both": "b"}
# Recordings of minutes have no index otherwise, and nothing would be compared with nothing.
SHORT = {"validity.min_index_h": "0.01"}
INDICES = ("lm_per_h", "clm_per_h", "plms_wasm_per_h")


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nights") / "night-01"
    assert run(["simulate", str(folder), "--hours", "0.05", "--seed", "7"]) == 0
    return folder


@pytest.fixture(scope="module")
def url(night: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = replace(Settings(), data_dir=tmp_path_factory.mktemp("data"))
    with (
        studio_of(settings, [night], patience_s=FOREVER_S, n_workers=1) as studio,
        serving(FakeNightBook(empty=True), studio=studio) as served,
    ):
        yield served


@pytest.fixture
def scored(night: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    def score(*options: str) -> Any:
        capsys.readouterr()
        assert run(["score", str(night / "night.edf"), "--format", "json", *options]) == 0
        return json.loads(capsys.readouterr().out)

    return score


def drawn(seed: int) -> tuple[dict[str, str], ...]:
    chance = random.Random(seed)  # noqa: S311 - no secret
    return tuple(
        {**SHORT, **{name: f"{chance.uniform(low, high):.3g}" for name, (low, high) in FIELDS.items()}}
        for _ in range(N_SETTINGS)
    )


def is_settled_with(values: Mapping[str, str]) -> Callable[[Response], bool]:
    def fits(response: Response) -> bool:
        sent = json.loads(response.request.post_data or "{}")
        return response.url.endswith("/settle") and sent["changes"] == values

    return fits


def movements(events: list[dict[str, Any]]) -> list[tuple[float, float, str]]:
    return [(one["onset_s"], one["end_s"], LEGS[one["leg"]]) for one in events if one["kind"] == "leg_movement"]


def assert_same(said: Any, shown: Any) -> None:
    (night,) = shown["nights"]
    columns = night["events"]
    assert list(zip(columns["onset_s"], columns["end_s"], columns["leg"], strict=True)) == movements(said["events"])
    assert {name: night["numbers"][name] for name in INDICES} == {name: said["summary"][name] for name in INDICES}


def open_bench_alone(page: Page, url: str) -> None:
    """Open the bench without curve and flips: for each setting they are ten times the work, and tested elsewhere."""
    page.route("**/api/bench/curve", lambda route: route.fulfill(body=""))
    page.route("**/api/bench/flips", lambda route: route.fulfill(json=[]))
    open_bench(page, url)


def type_in(page: Page, values: Mapping[str, str]) -> Any:
    """Type values into fields, and return what the page is told once it rests."""
    with page.expect_response(is_settled_with(values)) as answered:
        for name, value in values.items():
            field = page.locator(f'.threshold[data-name="{name}"] .value')
            field.evaluate("one => one.closest('details').open = true")
            field.fill(value)
    page.wait_for_selector(SETTLED)
    return answered.value.json()


def test_what_the_page_shows_is_what_score_says_for_twenty_random_settings(
    open_page: Callable[..., Page], url: str, scored: Callable[..., Any]
) -> None:
    page = open_page()
    open_bench_alone(page, url)
    counts = set()
    for values in drawn(9):
        shown = type_in(page, values)
        said = scored(*(part for name, value in values.items() for part in ("--set", f"{name}={value}")))
        assert_same(said, shown)
        assert said["summary"]["lm_per_h"] is not None
        n = len(movements(said["events"]))
        expect(page.locator("#strips li")).to_have_attribute("data-found", str(n))
        counts.add(n)
    assert len(counts) > 1


def test_a_saved_file_gives_the_same_events_on_the_command_line(
    open_page: Callable[..., Page], url: str, scored: Callable[..., Any]
) -> None:
    page = open_page()
    open_bench_alone(page, url)
    shown = type_in(page, {"leg_movement.onset_uv": "31"})
    page.get_by_label("Name", exact=True).fill("strict")
    page.get_by_label("Why").fill("only the strong ones")
    with page.expect_response("**/api/bench/save") as answered:
        page.get_by_role("button", name="Save").click()
    path = answered.value.json()["path"]
    expect(page.locator("#saved")).to_contain_text(path)
    assert_same(scored("--criteria", path), shown)

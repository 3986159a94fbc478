"""The page of an event says the numbers that ``soleus score --explain`` says, to the last digit."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from dashboards.web.flips import flips_of
from dashboards.web.night_json import event_id
from dashboards.web.wording import quantity_text
from detectors.events import Event, EventKind, Step, StepRole
from detectors.signal import Leg
from tests.explained_recording import Explained, explained
from tests.fakes import NIGHT_ID
from tests.web_client import client_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.testclient import TestClient

LEAST_EVENTS, LEAST_KINDS = 30, 4
STEP = re.compile(r'data-rule="([^"]*)" data-value="([^"]*)" data-threshold="([^"]*)" data-held="([^"]*)">(.*?)</li>')
FLIP = re.compile(r'class="flip" data-rule="([^"]*)" data-threshold="([^"]*)" data-to="([^"]*)">(.*?)</p>')
MEASURE = re.compile(r'data-measure="([^"]*)" data-value="([^"]*)"')


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Explained:
    return explained(tmp_path_factory.mktemp("explained"))


@pytest.fixture(scope="module")
def client(both: Explained) -> TestClient:
    return client_of(both.book)


def number(text: str) -> float | None:
    """Return a number of the page as JSON has it."""
    return None if text in {"inf", "nan", ""} else float(text)


def pages(both: Explained, client: TestClient) -> list[tuple[Mapping[str, Any], str]]:
    paths = (f"/night/{NIGHT_ID}/event/{event_id(event)}" for event in both.events)
    return [(said, unescape(client.get(path).text)) for said, path in zip(both.said, paths, strict=True)]


@pytest.mark.slow
def test_each_comparison_flip_and_measure_of_a_page_is_that_of_the_command(both: Explained, client: TestClient) -> None:
    assert len(both.said) >= LEAST_EVENTS
    assert len({event["kind"] for event in both.said}) >= LEAST_KINDS
    flipped = 0
    for said, html in pages(both, client):
        why = [(rule, number(value), number(limit), held) for rule, value, limit, held, _ in STEP.findall(html)]
        assert why == [(s["rule"], s["value"], s["threshold"], str(s["held"])) for s in said["why"]]
        flips = [(rule, number(limit), number(to)) for rule, limit, to, _ in FLIP.findall(html)]
        assert flips == [(f["rule"], f["threshold"], f["to"]) for f in said["flips"]]
        measures = {key: number(value) for key, value in MEASURE.findall(html)}
        assert measures == {key: value for key, value in said["measures"].items() if key != "tier"}
        flipped += len(flips)
    assert flipped >= LEAST_EVENTS


@pytest.mark.slow
def test_the_words_of_a_page_hold_its_numbers(both: Explained, client: TestClient) -> None:
    for said, html in pages(both, client):
        for step, (*_, words) in zip(said["why"], STEP.findall(html), strict=True):
            if step["role"] == StepRole.REQUIRED and step["threshold"]:
                assert quantity_text(step["rule"], step["threshold"]).split(" ")[0] in words
        for flip, (*_, words) in zip(said["flips"], FLIP.findall(html), strict=True):
            assert f"in place of {quantity_text(flip['rule'], flip['threshold'])} it would not have been one" in words


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Step("min_s", 74.04, 5.0, held=True), "with a threshold of 74.1 s in place of 5 s"),
        (Step("onset_uv", 50.0, 45.0, held=True), "the onset level: with a threshold of 50.1 µV in place of 45 µV"),
        (Step("max_lf_hf", 0.22, 1.0, held=True), "with a threshold of 0.21 in place of 1"),
        (Step("min_peak_g", 0.046, 0.03, held=True), "with a threshold of 46.1 mg in place of 30 mg"),
        (Step("min_series", 6, 4, held=True), "the fewest movements of a series: with a threshold of 7 in place of 4"),
    ],
)
def test_a_threshold_is_rounded_so_that_the_sentence_stays_true(step: Step, words: str) -> None:
    (flip,) = flips_of(Event(EventKind.CRAMP, "shin", Leg.LEFT, 0, 10**9, {}, why=(step,)))
    assert words in flip.text
    shown = float(flip.text.split("threshold of ")[1].split(" ")[0]) / (1000 if "mg" in flip.text else 1)
    assert (step.value >= shown) is not (step.value >= step.threshold)

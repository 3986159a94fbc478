"""What pages, commands, dashboards and README never say, whatever the night was like."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import dashboards.web
from dashboards.web.app import create_app
from dashboards.web.classes import KIND_TEXTS, TEXTS, EventClass, class_of
from dashboards.web.night_json import event_id
from dashboards.web.wording import measures_of, reason_of
from detectors.events import Event, EventKind, Step, StepRole
from detectors.signal import NS_PER_S, Leg
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.synthetic_night import CRAMPS

FORBIDDEN = (
    r"detects? cramps?",
    r"diagnos(es|is|ed)\b",
    r"arousal",
    r"(?-i:\bREM\b)",
    r"deep sleep",
    r"abnormal",
    r"pain level",
    r"caused by",
    r"treatment is working",
    r"clinically validated",
    r"(?-i:\bFDA\b)",
    r"(?-i:\bCE\b)",
    r"no cramps",
    r"%MVC",
)
FORBIDDEN_PATTERN = re.compile("|".join(f"(?:{words})" for words in FORBIDDEN), re.IGNORECASE)
# What must be said: that this is no diagnosis, and which labels of an input list, scored by a person, are read.
ALLOWED = (
    r"\b(?:not?|nor|never) (?:a )?diagnos\w+",
    r"\bApnea, Hypopnea or Arousal\b",
    r"\bbreathing and arousals\b",
    r"\bscored arousal\b",
    # Names in code of what such a list holds.
    r"\.arousals\b",
    r"\barousal_gap_s\b",
)
ALLOWED_PATTERN = re.compile("|".join(ALLOWED))
TOP = Path(dashboards.web.__file__).parents[2]
PAGES = sorted(path for path in (TOP / "dashboards/web").rglob("*") if path.suffix in {".html", ".js", ".py"})
OTHERS = sorted(
    [TOP / "README.md", *(TOP / "soleus").rglob("*.py"), *(TOP / "dashboards/grafana").glob("*.[jp][sy]*")],
)


def name_of(path: Path) -> str:
    return path.relative_to(TOP).as_posix()


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_no_template_script_or_module_holds_a_forbidden_phrase(path: Path) -> None:
    assert FORBIDDEN_PATTERN.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", OTHERS, ids=name_of)
def test_no_command_dashboard_or_readme_holds_a_forbidden_phrase(path: Path) -> None:
    text = ALLOWED_PATTERN.sub("", path.read_text(encoding="utf-8"))
    assert FORBIDDEN_PATTERN.findall(re.sub(r"\s+", " ", text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "No cramps last night.", "Detects cramps", "Arousal", "AROUSALS", "Diagnosis: RLS", "Diagnosed", "Deep sleep",
        "Abnormal", "Pain level 3", "Caused by magnesium", "REM sleep", "FDA cleared", "a CE mark", "40 %mvc",
    ],
)  # fmt: skip
def test_a_forbidden_phrase_is_found_however_it_is_written(text: str) -> None:
    assert FORBIDDEN_PATTERN.search(ALLOWED_PATTERN.sub("", text))


@pytest.mark.parametrize(
    "text", ["does not diagnose anything", "they are no diagnosis", "remove", "once", "Rem 3", "ce"]
)
def test_a_word_that_only_looks_like_it_is_not(text: str) -> None:
    assert not FORBIDDEN_PATTERN.search(ALLOWED_PATTERN.sub("", text))


@pytest.mark.slow
def test_the_rendered_pages_hold_no_forbidden_phrase_and_end_with_the_footer() -> None:
    client = TestClient(create_app(FakeNightBook()), base_url="http://127.0.0.1")
    for path in (f"/night/{NIGHT_ID}", f"/night/{NIGHT_ID}/event/{event_id(CRAMPS[0])}"):
        html = re.sub(r"\s+", " ", client.get(path).text)
        assert FORBIDDEN_PATTERN.findall(html) == []
        assert "Events are found by software (version 0.1.0, criteria wasm-2016) and can be wrong." in html
        assert "do not change treatment because of it" in html
        assert "Get medical help now" in html
        assert "not a medical device" in html


def test_every_kind_of_event_has_words_and_a_class() -> None:
    assert set(KIND_TEXTS) == set(EventKind)
    assert set(TEXTS) == set(EventClass)
    assert "cramp-like" in KIND_TEXTS[EventKind.CRAMP].lower()


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (Step("onset_uv", 41.0, 9.6, held=True), "Rose to 41 µV; needed 9.6 µV to begin"),
        (Step("offset_uv", 2.1, 3.6, held=True), "Fell to 2.1 µV; ends at 3.6 µV or less"),
        (Step("line_ratio", 0.4, 0.3, held=False), "Mains share was 0.4; at most 0.3 allowed"),
        (Step("longest_s", 9.0, 10.0, held=True), "Longest was 9 s; at most 10 s allowed"),
        (Step("duration_s", 0.4, 0.5, held=False), "Duration was 0.4 s; at least 0.5 s needed"),
        (Step("min_s", 5.24, 0.5, held=True), "Lasted 5.2 s; at least 0.5 s needed"),
        (Step("max_modulation", 0.5, 0.45, held=False), "Unsteadiness was 0.5; at most 0.45 allowed"),
        (Step("min_duty", 0.85, 0.85, held=True), "Share of the time that was active was 0.85; at least 0.85 needed"),
        (
            Step("min_peak_g", 0.02, 0.03, held=True),
            "Peaked at 20 mg; 30 mg needed unless the level is crossed repeatedly",
        ),
        (Step("peak_g", 0.046, 0.03, held=True), "Strongest movement was 46 mg; at least 30 mg needed"),
    ],
)
def test_a_comparison_is_said_in_words_with_its_units(step: Step, text: str) -> None:
    assert reason_of(step).text == text
    assert reason_of(step).held is step.held


def test_a_comparison_that_is_one_of_several_or_decides_nothing_says_so() -> None:
    one = reason_of(Step("peak_g", 0.5, 0.1, held=True, role=StepRole.ALTERNATIVE))
    assert one.text.endswith(" (one of several that would do)")
    assert one.decides
    assert reason_of(Step("both_legs", 0.0, 0.0, held=False)).text == "The other leg did not move"
    assert not reason_of(Step("imi_min_s", 20.0, 10.0, held=True, role=StepRole.INFORMATION)).decides


def test_measures_are_printed_with_units_and_flags_as_words() -> None:
    texts = {measure.key: measure.text for measure in measures_of(CRAMPS[0])}
    assert texts["peak_uv"] == "212 µV"
    assert texts["duration_s"] == "74 s"
    assert next(iter(texts)) == "duration_s"
    assert list(texts)[-1].startswith("term_")


@pytest.mark.parametrize(("followed", "shown"), [(0.0, None), (1.0, EventClass.SUSTAINED)])
def test_weak_sustained_activity_is_shown_only_where_something_followed(
    followed: float, shown: EventClass | None
) -> None:
    weak = Event(EventKind.TONIC, "left-calf", Leg.LEFT, 0, 60 * NS_PER_S, {"low": 1.0, "followed": followed})
    assert class_of(weak) is shown

"""What the pages of the accuracy benchmark say, and what they never say."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest

from benchmarks.accuracy import tables, text
from benchmarks.accuracy.conditions import CONDITIONS
from benchmarks.accuracy.matrix import LEGS, LOST_SHARES, Cell, lost, signals
from benchmarks.accuracy.matrix_page import matrix_page
from benchmarks.accuracy.page import Results, summary, validation_page
from detectors.evaluate import Interval, Tally, pooled
from detectors.evaluate.agreement import spread
from tests.benchmarks.accuracy_rows import found, night, true
from tests.benchmarks.wording import FORBIDDEN

# Three are enough to see how a page is put together.
SHOWN = [one for one in CONDITIONS if one.name in {"clean", "artefact", "acceleration only"}]
TALLY: dict[str, Any] = {
    "hits": 3, "missed": 1, "false": 0, "neutral": 0, "split": 0, "merged": 0, "onset_errors": [0.01] * 3,
    "end_errors": [0.0] * 3, "hours": 0.5,
}  # fmt: skip


def cells(*, error: str | None = None) -> list[dict[str, Any]]:
    rows = []
    for noise_uv, fs_hz, line_uv, ecg_uv in signals(quick=False):
        for share in LOST_SHARES:
            for legs in LEGS:
                cell = Cell(noise_uv, fs_hz, share, line_uv, ecg_uv, legs)._asdict()
                rows.append({**cell, "f1": 0.9, "n_true": 20, "error": None})
    if error:
        rows[7] |= {"f1": None, "error": error}
    return rows


@pytest.fixture(scope="module")
def results() -> Results:
    truth = [true("leg_movement", 30.0 * i, 30.0 * i + 2, angle_deg=5.0) for i in range(5)] + [true("cramp", 900, 960)]
    findings = [found(row["kind"], row["onset_s"], row["end_s"]) for row in truth]
    nights = {one.name: [night(findings, truth, one.name, seed, emg=one.has_emg) for seed in (0, 1)] for one in SHOWN}
    mixed = {"movements": TALLY, "held": 1, "marked": 1, "false_cramps": 0}
    leg = {"counts": [60, 45], "pairs": 30, "f1": 0.57}
    real = {
        "movements": TALLY, "sustained": 1, "rest_events": {"twitch": 2}, "rest_s": 600.0, "walking_cramps": 0,
        "walking_s": 60.0,
        "raters": {"legs": {"left": leg, "right": leg}, "wasm": [10, 12], "aasm": [20, 21]},
    }  # fmt: skip
    return Results(nights, {"clean": [mixed], "hard": [mixed]}, real, cells())


@pytest.fixture(scope="module")
def page(results: Results) -> str:
    return validation_page(results)


@pytest.mark.slow
def test_the_page_begins_by_saying_that_it_is_no_evidence_about_people(page: str) -> None:
    first = page.split("\n\n")[2]
    assert first.startswith("**None of this is evidence about people.**")
    assert "not validated for diagnosis or treatment decisions" in first.replace("\n", " ")


def test_simulated_semi_real_real_and_published_are_kept_apart(page: str) -> None:
    headings = re.findall(r"^## (.*)$", page, re.MULTILINE)
    order = ["Simulated", "Semi-real", "Real pieces", "What published scorers", "What has not been shown"]
    places = [next(i for i, heading in enumerate(headings) if heading.startswith(start)) for start in order]
    assert places == sorted(places)


def test_what_has_not_been_shown_names_real_cramps_and_real_sleep(page: str) -> None:
    missing = page.partition("## What has not been shown")[2]
    for words in (
        "**Real cramps.**",
        "**Real sleep.**",
        "No recording of a whole night of leg EMG with cramps is public",
    ):
        assert words in missing


@pytest.mark.parametrize("words", FORBIDDEN)
def test_no_sentence_promises_a_patient_anything(page: str, words: str) -> None:
    assert re.findall(words, page, re.IGNORECASE) == []


def test_every_table_of_simulated_nights_stands_under_its_name(page: str) -> None:
    for condition in SHOWN:
        assert f"### Simulated, {condition.name}\n" in page


def test_acceleration_alone_is_not_asked_for_what_only_muscle_shows(page: str) -> None:
    section = page.partition("### Simulated, acceleration only")[2].partition("\n#")[0]
    assert "leg movement" in section
    assert "cramp-like" not in section


def test_twitches_are_not_asked_for_where_the_rate_is_too_low() -> None:
    nights = [night([], [true("twitch", 1, 1.02)])]
    fast, slow = (tables.by_class(nights, one) for one in CONDITIONS if one.name in {"hard", "low rate"})
    assert "twitch" in fast
    assert "twitch" not in slow


@pytest.mark.slow
def test_what_is_printed_begins_with_what_the_signals_are(results: Results) -> None:
    assert summary(results).startswith("Simulated signals: nothing here is evidence about people.")


def test_the_matrix_has_720_cells_and_shows_each() -> None:
    every = cells()
    assert len({tuple(cell[name] for name in Cell._fields) for cell in every}) == 720
    assert matrix_page(every).partition("## One leg")[2].count("0.90") == 720


def test_a_cell_that_crashed_is_printed_as_such() -> None:
    shown = matrix_page(cells(error="Traceback: boom\n"))
    assert "720 cells, 1 crashed" in shown
    assert "| CRASH " in shown
    assert "boom" in shown


def test_about_as_many_samples_are_lost_as_the_cell_says() -> None:
    for share in LOST_SHARES:
        cell = Cell(1.0, 200.0, share, 0.0, 0.0, 1)
        runs = lost((0, 0), cell, 10 * 3600 * 200)
        assert sum(stop - start for start, stop in runs) / (10 * 3600 * 200) == pytest.approx(share, rel=0.1)
        assert all(one[1] < other[0] for one, other in pairwise(runs))


def counted(hits: int, missed: int, false: int) -> Tally:
    return Tally(hits, missed, false, 0, 0, 0, (), (), 10.0)


def test_few_events_are_told_as_k_of_n_and_many_are_not() -> None:
    assert text.sensitivity(pooled([counted(9, 1, 0)])) == "0.900 (0.55–1.00) 9 of 10"
    assert text.sensitivity(pooled([counted(30, 0, 0)] * 2)) == "1.000 (1.00–1.00)"
    assert text.sensitivity(pooled([counted(0, 0, 3)])) == "–"


def test_no_false_event_is_told_with_the_rate_that_this_excludes() -> None:
    assert text.false_rate(pooled([counted(1, 0, 0)] * 3)) == "0 (< 0.100)"
    assert text.false_rate(pooled([counted(1, 0, 5)])) == "0.50"
    assert text.false_rate(pooled([])) == "–"


def test_short_errors_are_in_milliseconds_and_long_ones_in_seconds() -> None:
    assert text.error(spread([0.01, 0.02, 0.03])) == "+20 ms (+15 to +25)"
    assert text.error(spread([1.0, 2.0, 3.0])) == "+2.0 s (+1.5 to +2.5)"
    assert text.error(spread([])) == "–"


def test_a_share_without_an_interval_stands_alone() -> None:
    assert text.share(0.5, Interval(float("nan"), float("nan"))) == "0.500"
    assert text.share(None) == "–"


def test_columns_line_up() -> None:
    assert text.table(("a", "bb"), [("ccc", "d")]) == "| a   | bb |\n|-----|----|\n| ccc | d  |"

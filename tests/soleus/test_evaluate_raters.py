"""``soleus evaluate`` on what two people marked in one real hour, against agreement counted by brute force."""

from __future__ import annotations

import csv
import io
import json
from contextlib import redirect_stdout
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detectors.rules.combined import LegMovement
from detectors.signal import NS_PER_S, Leg
from soleus.__main__ import run
from tests import reference_rules

REAL = Path(__file__).parents[1] / "data" / "rbdtector"
HOUR_S = 3600
Span = tuple[float, float]
Answer = dict[str, Any]


def read(rater: str) -> dict[str, list[Span]]:
    """Read the leg movements of a rater: overlapping marks of one leg are one, less than half a second is none."""
    with (REAL / f"{rater}.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    legs: dict[str, list[Span]] = {}
    for leg in ("left", "right"):
        # In milliseconds, as the file has them, a set of what is marked needs no rule about what touches what.
        marked = {
            ms
            for row in rows
            if row["trial_type"] == f"LM {leg}"
            for ms in range(
                round(float(row["onset"]) * 1000),
                round(float(row["onset"]) * 1000) + round(float(row["duration"]) * 1000),
            )
        }
        order = sorted(marked)
        begins = [ms for ms in order if ms - 1 not in marked]
        ends = [ms + 1 for ms in order if ms + 1 not in marked]
        legs[leg] = [(a / 1000, b / 1000) for a, b in zip(begins, ends, strict=True) if b - a >= 500]
    return legs


def overlap(one: Span, other: Span) -> float:
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return max(0.0, shared) / (max(one[1], other[1]) - min(one[0], other[0])) if shared > 0 else 0.0


def best(found: list[Span], truth: list[Span], worth: dict[tuple[int, int], float]) -> list[tuple[int, int]]:
    """Try every one-to-one matching of what could go together, group by group, and take the one worth most."""
    left = set(worth)
    chosen = []
    while left:
        group = {left.pop()}
        while more := {pair for pair in left if any(pair[0] == i or pair[1] == j for i, j in group)}:
            group |= more
            left -= more
        chosen += max(_matchings(sorted(group)), key=lambda pairs: sum(worth[pair] for pair in pairs))
    assert all(i < len(found) and j < len(truth) for i, j in chosen)
    return chosen


def _matchings(pairs: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    if not pairs:
        return [[]]
    (i, j), rest = pairs[0], pairs[1:]
    with_it = _matchings([pair for pair in rest if pair[0] != i and pair[1] != j])
    return [[(i, j), *others] for others in with_it] + _matchings(rest)


def by_overlap(found: list[Span], truth: list[Span], least: float) -> list[tuple[int, int]]:
    worth = {(i, j): overlap(a, b) for i, a in enumerate(found) for j, b in enumerate(truth) if overlap(a, b) >= least}
    return best(found, truth, worth)


def by_onset(found: list[Span], truth: list[Span], within_s: float) -> int:
    """Return the most pairs that can be: along a line that is the earliest with the earliest."""
    left = sorted(onset for onset, _ in truth)
    n = 0
    for onset in sorted(onset for onset, _ in found):
        mate = next((one for one in left if abs(one - onset) <= within_s + 1e-9), None)
        if mate is not None:
            left.remove(mate)
            n += 1
    return n


@pytest.fixture(scope="module")
def raters() -> tuple[dict[str, list[Span]], dict[str, list[Span]]]:
    return read("rater1"), read("rater2")


@pytest.fixture(scope="module")
def answer() -> Answer:
    """Judge rater 2 by rater 1, once for all that is asked of it."""
    files = [word for rater in ("rater1", "rater2") for word in ("--reference", str(REAL / f"{rater}.tsv"))]
    with redirect_stdout(io.StringIO()) as printed:
        assert run(["evaluate", *files, "--format", "json"]) == 0
    said: Answer = json.loads(printed.getvalue())
    return said


def pair_of(answer: Answer) -> Answer:
    (pair,) = answer["pairs"]
    assert (pair["scored"], pair["reference"], pair["people"]) == ("rater2", "rater1", True)
    found: Answer = pair
    return found


def event(answer: Answer, way: str) -> Answer:
    (one,) = [each for each in pair_of(answer)["events"] if each["matching"] == way]
    found: Answer = one
    return found


Raters = tuple[dict[str, list[Span]], dict[str, list[Span]]]


def test_the_event_counts_are_those_of_trying_every_matching(answer: Answer, raters: Raters) -> None:
    one, two = raters
    n_true, n_found = (sum(map(len, legs.values())) for legs in (one, two))
    for level in (0.1, 0.2, 0.3, 0.5):
        hits = sum(len(by_overlap(two[leg], one[leg], level)) for leg in one)
        said = event(answer, f"IoU {level:g}")
        assert (said["hits"], said["missed"], said["false"]) == (hits, n_true - hits, n_found - hits)
        assert said["sensitivity"]["value"] == pytest.approx(hits / n_true)
        assert said["ppv"]["value"] == pytest.approx(hits / n_found)
        assert said["f1"]["value"] == pytest.approx(2 * hits / (n_true + n_found))
        assert said["false_per_h"]["value"] == pytest.approx(n_found - hits)
    onsets = sum(by_onset(two[leg], one[leg], 1.0) for leg in one)
    assert event(answer, "onset within 1 s")["hits"] == onsets
    assert event(answer, "rule")["hits"] == event(answer, "IoU 0.3")["hits"]


def test_errors_and_pieces_are_those_of_the_matches_one_by_one(answer: Answer, raters: Raters) -> None:
    one, two = raters
    matches = [(two[leg][i], one[leg][j]) for leg in one for i, j in by_overlap(two[leg], one[leg], 0.3)]
    said = event(answer, "rule")
    for key, errors in (
        ("onset_error_s", [found[0] - true[0] for found, true in matches]),
        ("end_error_s", [found[1] - true[1] for found, true in matches]),
        ("duration_error_s", [(found[1] - found[0]) - (true[1] - true[0]) for found, true in matches]),
    ):
        middle = np.percentile(errors, [50, 25, 75])
        assert [said[key][name] for name in ("value", "low", "high")] == pytest.approx(middle.tolist(), abs=1e-6)
    split = sum(sum(overlap(found, true) > 0 for found in two[leg]) > 1 for leg in one for true in one[leg])
    merged = sum(sum(overlap(found, true) > 0 for true in one[leg]) > 1 for leg in one for found in two[leg])
    assert (said["split"], said["merged"]) == (split, merged)


@pytest.mark.parametrize(("length", "epoch_s"), [("per second", 1), ("per 30 s epoch", 30)])
def test_kappa_is_that_of_a_count_of_every_stretch(answer: Answer, raters: Raters, length: str, epoch_s: int) -> None:
    cells = {(a, b): 0 for a in (True, False) for b in (True, False)}
    for leg in ("left", "right"):
        for begin in range(0, HOUR_S, epoch_s):
            here = [any(a < begin + epoch_s and b > begin for a, b in legs[leg]) for legs in (raters[1], raters[0])]
            cells[here[0], here[1]] += 1
    n = sum(cells.values())
    chance = (
        sum(
            sum(v for k, v in cells.items() if k[0] is said) * sum(v for k, v in cells.items() if k[1] is said)
            for said in (True, False)
        )
        / n**2
    )
    observed = (cells[True, True] + cells[False, False]) / n
    (said,) = [one for one in pair_of(answer)["presence"] if one["what"] == "leg movement" and one["length"] == length]
    assert (said["n"], said["both"]) == (n, cells[True, True])
    assert said["kappa"]["value"] == pytest.approx((observed - chance) / (1 - chance))


@pytest.mark.parametrize("rules", ["wasm-2016", "aasm"])
def test_series_and_rates_are_those_of_rules_written_a_second_time(answer: Answer, raters: Raters, rules: str) -> None:
    apply = reference_rules.wasm if rules == "wasm-2016" else reference_rules.aasm
    # Breathing is left out by neither rule set unless it is asked to, so the second writing needs the movements alone.
    one, two = (
        apply([LegMovement(ns(a), ns(b), Leg(leg), "") for leg, spans in legs.items() for a, b in spans], [])
        for legs in raters
    )
    rates = {each["index"]: each for each in pair_of(answer)["indices"] if each["rules"] == rules}
    for key, counted in (("lm_per_h", [len(two), len(one)]), ("plm_per_h", [n_periodic(two), n_periodic(one)])):
        assert [rates[key]["mean_scored"], rates[key]["mean_reference"]] == pytest.approx(counted)
    clm = [[each for each in scored if each.clm] for scored in (two, one)]
    spans = [[(each.onset_ns / NS_PER_S, each.end_ns / NS_PER_S) for each in listed] for listed in clm]
    hits = sum(
        clm[0][i].series is not None and clm[1][j].series is not None for i, j in by_overlap(spans[0], spans[1], 0.3)
    )
    (said,) = [each for each in pair_of(answer)["series"] if each["rules"] == rules]
    assert (said["hits"], said["missed"], said["false"]) == (hits, n_periodic(one) - hits, n_periodic(two) - hits)


def ns(seconds: float) -> int:
    return round(seconds * 1000) * 1_000_000


def n_periodic(counted: list[Any]) -> int:
    return sum(one.series is not None for one in counted)


def test_turned_round_the_two_raters_agree_as_much(answer: Answer, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", str(REAL / "rater1.tsv"), "--reference", str(REAL / "rater2.tsv"), "--format", "json"]) == 0
    (turned,) = json.loads(capsys.readouterr().out)["pairs"]
    assert (turned["scored"], turned["reference"], turned["people"]) == ("rater1", "rater2", False)
    for one, other in zip(pair_of(answer)["events"], turned["events"], strict=True):
        assert one["f1"]["value"] == other["f1"]["value"]
        assert (one["sensitivity"]["value"], one["ppv"]["value"]) == (
            other["ppv"]["value"],
            other["sensitivity"]["value"],
        )
        assert (one["split"], one["merged"]) == (other["merged"], other["split"])


def test_the_brute_force_reads_marks_in_order(raters: Raters) -> None:
    for legs in raters:
        for spans in legs.values():
            assert all(a[1] < b[0] for a, b in pairwise(spans))

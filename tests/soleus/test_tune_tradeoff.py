"""What a set of thresholds costs."""

from __future__ import annotations

import math

import pytest

from detectors.evaluate.marks import Mark, MarkedNight
from detectors.published import WASM_2016
from soleus.tune.tradeoff import BY_WORD, FORBIDDEN, Aim, Counts, Tradeoff, counted

GOOD = Counts(hits=90, missed=10, false=20, nights=2, off_per_h=3.0, indexed=2)
SILENT = Counts(hits=10, missed=90, false=0, nights=2, off_per_h=9.0, indexed=2)
NOTHING = Counts(hits=0, missed=0, false=3, nights=1, off_per_h=0.0, indexed=0)


def test_f_beta_is_what_sensitivity_and_ppv_make_of_it() -> None:
    sensitivity, ppv = 90 / 100, 90 / 110
    for beta in (0.5, 1.0, 2.0):
        expected = (1 + beta**2) * ppv * sensitivity / (beta**2 * ppv + sensitivity)
        assert Tradeoff(beta=beta).cost([GOOD]) == pytest.approx(1 - expected)


def test_nights_are_counted_together_before_they_are_judged() -> None:
    both = Counts(*(one + other for one, other in zip(GOOD, SILENT, strict=True)))
    for aim in Aim:
        tradeoff = Tradeoff(aim, least_sensitivity=0.1)
        assert tradeoff.cost([GOOD, SILENT]) == tradeoff.cost([both])


def test_few_false_events_never_make_up_for_finding_too_little() -> None:
    tradeoff = Tradeoff(Aim.FALSE, least_sensitivity=0.9)
    assert tradeoff.cost([GOOD]) == 10.0
    assert tradeoff.cost([SILENT]) > FORBIDDEN
    nearer = SILENT._replace(hits=80, missed=20)
    assert FORBIDDEN < tradeoff.cost([nearer]) < tradeoff.cost([SILENT])
    assert Tradeoff(Aim.FALSE, least_sensitivity=0.1).cost([SILENT]) == 0.0
    assert math.isnan(tradeoff.cost([NOTHING]))


def test_an_index_is_as_good_as_it_is_near() -> None:
    assert Tradeoff(Aim.INDEX).cost([GOOD]) == 1.5
    assert Tradeoff(Aim.INDEX).cost([GOOD, NOTHING]) == 1.5
    assert math.isnan(Tradeoff(Aim.INDEX).cost([NOTHING]))
    assert math.isnan(Tradeoff().cost([NOTHING]))


def test_a_gain_is_more_than_nothing_where_the_first_is_better() -> None:
    subjects = ["a", "b", "b"]
    for aim in (Aim.F1, Aim.INDEX):
        gain = Tradeoff(aim).gain([GOOD] * 3, [SILENT] * 3, subjects)
        assert 0 < gain.low <= gain.value <= gain.high
        assert Tradeoff(aim).gain([SILENT] * 3, [GOOD] * 3, subjects).high < 0


def test_what_is_no_tradeoff_is_refused() -> None:
    for refused in ({"word": "sneeze"}, {"beta": 0.0}, {"beta": 1e200}, {"least_sensitivity": 1.1}):
        with pytest.raises(ValueError, match="expected"):
            Tradeoff(**refused)


def test_a_night_is_counted_by_its_class_and_its_index() -> None:
    def night(shift_s: float, n: int) -> MarkedNight:
        marks = tuple(Mark("leg_movement", "left", 30 * i + shift_s, 30 * i + 2 + shift_s) for i in range(n))
        return MarkedNight((*marks, Mark("cramp", "right", 500, 560)), hours=0.5)

    found, truth = night(0.1, 12), night(0.0, 10)
    assert counted(found, truth, BY_WORD["leg_movement"], WASM_2016) == (10, 0, 2, 1, 4.0, 1)
    assert counted(found, truth, BY_WORD["cramp"], WASM_2016)[:3] == (1, 0, 0)

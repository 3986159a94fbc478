"""How two raters agree, class by class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dashboards.labelling import NOTHING, Agreement
from soleus.labels.agreement import agreements
from tests.soleus.label_desk import NIGHT, desk, label, mark_all

if TYPE_CHECKING:
    from pathlib import Path

HOUR_S = 3600.0


def test_movements_agree_by_overlap_on_the_same_leg_alone() -> None:
    ours = [label("a", 10.0, 12.0), label("b", 20.0, 22.0), label("c", 30.0, 32.0)]
    theirs = [label("x", 10.5, 12.0), label("y", 20.0, 22.0, leg="right"), label("z", 50.0, 51.0)]
    (found,) = agreements(ours, theirs, HOUR_S)
    assert (found.kind, found.n_one, found.n_other, found.n_both) == ("leg_movement", 3, 3, 1)
    assert (found.f1, found.onset_off_s) == (1 / 3, 0.5)


def test_kappa_counts_seconds_of_either_leg() -> None:
    (found,) = agreements([label("a", 0.0, 20.0)], [label("b", 0.0, 10.0)], 100.0)
    # 200 seconds of legs: 10 marked by both, 10 by one, 180 by neither. Observed 0.95, by chance 0.86.
    assert found.kappa == pytest.approx((0.95 - 0.86) / (1 - 0.86))


def test_each_class_has_its_own_rule_and_nobody_is_the_truth() -> None:
    ours = [label("a", 10.0, 10.1, "twitch"), label("b", 100.0, 130.0, "cramp"), label("c", 115.0, 117.0)]
    theirs = [label("x", 10.06, 10.2, "twitch"), label("y", 111.0, 130.0, "cramp")]
    found = {one.kind: one for one in agreements(ours, theirs, HOUR_S)}
    back = {one.kind: one for one in agreements(theirs, ours, HOUR_S)}
    assert list(found) == ["cramp", "leg_movement", "twitch"]
    # Twitches are 60 ms apart where 50 ms are allowed, and the onsets of the cramps 11 s where 10 s are.
    assert [one.n_both for one in found.values()] == [0, 0, 0]
    assert {kind: one.f1 for kind, one in found.items()} == {kind: one.f1 for kind, one in back.items()}
    # Who marked none may not look for them.
    assert found["leg_movement"] == Agreement("leg_movement", 1, 0, 0, None, None, None)
    assert found["cramp"].f1 == 0.0


def test_where_somebody_saw_nothing_is_no_mark() -> None:
    assert agreements([label("a", 1.0, 2.0, NOTHING)], [], HOUR_S) == []


@pytest.mark.slow
def test_the_same_marks_agree_wholly_in_every_class(tmp_path: Path) -> None:
    store = desk(tmp_path)
    marks = [
        label(f"{kind} {leg}", 100.0 * n + offset_s, 100.0 * n + offset_s + 2, kind, leg)
        for n, kind in enumerate(store.kinds())
        for leg, offset_s in (("left", 0.0), ("right", 30.0), ("both", 60.0))
    ]
    for rater in ("Ann", "Bob"):
        mark_all(store, rater, marks)
    found = store.agreement(NIGHT, "Ann", "Bob")
    assert sorted(one.kind for one in found) == sorted(store.kinds())
    assert {(one.f1, one.kappa, one.onset_off_s) for one in found} == {(1.0, 1.0, 0.0)}
    with pytest.raises(ValueError, match="nobody called 'Eve' marked 'night', expected one of: Bob"):
        store.agreement(NIGHT, "Ann", "Eve")

"""The stand-in of the book of nights: what tests of pages rely on."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tests.fake_weeks import DARK_NIGHTS, N_NIGHTS
from tests.fakes import NIGHT_ID, FakeNightBook


@pytest.mark.slow
def test_the_forty_nights_are_the_same_each_time_and_end_with_the_newest() -> None:
    weeks = FakeNightBook().weeks(N_NIGHTS)
    assert weeks == FakeNightBook().weeks(N_NIGHTS)
    assert len({night.card.night_id for night in weeks}) == N_NIGHTS
    assert weeks[-1].card.night_id == NIGHT_ID
    assert [night.card.start_ns for night in weeks] == sorted(night.card.start_ns for night in weeks)
    assert FakeNightBook().weeks(7) == weeks[-7:]


def test_every_number_that_a_fake_night_does_not_know_has_a_reason() -> None:
    weeks = FakeNightBook().weeks(N_NIGHTS)
    unknown: Counter[bool] = Counter()
    for night in weeks:
        missing = {key for key, value in night.summary.items() if value is None}
        reasons = night.summary["reasons"]
        assert isinstance(reasons, dict)
        assert missing == reasons.keys()
        unknown["cramp_probable" in missing] += 1
    assert unknown[True] == len(DARK_NIGHTS)


def test_a_synthetic_feed_gives_every_sample_once_however_often_it_is_asked() -> None:
    now = {"s": 100.0}
    book = FakeNightBook(running=True, now_s=lambda: now["s"])
    often, seldom = book.live(NIGHT_ID), book.live(NIGHT_ID)
    pieces = [often.poll()]
    whole = seldom.poll()
    assert [len(view.data) for view in whole] == [10_000] * 6
    for step_s in (0.0401, 0.0, 0.3, 1.0007):
        now["s"] += step_s
        pieces.append(often.poll())
    rest = seldom.poll()
    for channel, last in enumerate(rest):
        new = [views[channel].data for views in pieces[1:] if views]
        assert np.array_equal(np.concatenate(new), last.data)

"""Only what no leg could see can hide a movement of a series."""

from __future__ import annotations

from detectors.night.losses import CommonLoss
from detectors.signal import Leg


def test_a_loss_on_one_of_two_legs_is_no_common_loss() -> None:
    losses = CommonLoss()
    losses.watch(Leg.LEFT)
    losses.watch(Leg.RIGHT)
    losses.add(Leg.LEFT, 10, 200)
    assert losses.up_to(1000) == []


def test_the_stretch_that_both_legs_lost_is_returned_once() -> None:
    losses = CommonLoss()
    losses.add(Leg.LEFT, 10, 200)
    losses.add(Leg.RIGHT, 150, 300)
    assert losses.up_to(1000) == [(150, 200)]
    assert losses.up_to(2000) == []


def test_a_loss_that_goes_on_is_returned_piece_by_piece() -> None:
    losses = CommonLoss()
    losses.add(Leg.LEFT, 10, 500)
    assert losses.up_to(100) == [(10, 100)]
    assert losses.up_to(400) == [(100, 400)]
    assert losses.up_to(900) == [(400, 500)]


def test_the_loss_of_the_only_leg_is_a_common_loss() -> None:
    losses = CommonLoss()
    losses.add(Leg.RIGHT, 0, 5)
    assert losses.up_to(10) == [(0, 5)]
    assert losses.n_legs == 1

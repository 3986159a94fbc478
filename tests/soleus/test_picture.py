"""Some seconds of a signal drawn in characters."""

from __future__ import annotations

import io

import numpy as np
import pytest

from detectors.signal import Clock, Knot, Leg, Quantity, SampleBlock, Stream, Unit
from soleus.picture import draw, draws_braille

EMG = Stream("left", Leg.LEFT, "shin", Quantity.EMG, Unit.MICROVOLT, ("ch1",), 100.0)
CLOCK = Clock((Knot(0, 0, 100.0),))


def block(samples: list[float], start: int = 0) -> SampleBlock:
    return SampleBlock(EMG, CLOCK, start, np.array(samples, np.float32)[:, None])


def test_a_ramp_rises_from_the_lower_left_to_the_upper_right() -> None:
    ramp = block(np.linspace(-100, 100, 120).tolist())
    assert draw([ramp], 29, braille=False) == [
        "  ch1 100 uV             ..|'",
        "                     ..|''",
        "                ..|''",
        "     -100 uV .|''",
        "             0 s          1 s",
    ]


def test_braille_has_eight_dots_in_a_character() -> None:
    lines = draw([block([100.0, -100.0] * 60)], 29, braille=True)
    assert [set(line[13:]) for line in lines[:-1]] == [{"⣿"}] * 4


def test_what_hardly_varies_lies_in_the_middle_and_does_not_fill_the_picture() -> None:
    lines = draw([block([0.5, -0.5] * 60)], 29, braille=False)
    assert lines[0] == "   ch1 20 uV"
    assert lines[3] == "      -20 uV"


def test_what_is_missing_stays_empty() -> None:
    (before, after) = block([50.0] * 40), block([50.0] * 40, start=80)
    row = next(line for line in draw([before, after], 29, braille=False)[:-1] if set(line[13:]) - {" "})
    drawn = row[13:].ljust(16)
    assert [bool(mark.strip()) for mark in drawn] == [True] * 6 + [False] * 4 + [True] * 6


def test_samples_that_are_not_finite_are_left_out() -> None:
    lines = draw([block([float("nan")] * 100)], 29, braille=True)
    assert [line[13:] for line in lines[:-1]] == [""] * 4


@pytest.mark.parametrize(
    ("encoding", "terminal", "can"),
    [("utf-8", "xterm-256color", True), ("UTF8", "screen", True), ("utf-8", "linux", False), ("ascii", "xterm", False)],
)
def test_plain_characters_are_drawn_where_braille_cannot_be_shown(encoding: str, terminal: str, *, can: bool) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    assert draws_braille(stream, {"TERM": terminal}) is can

"""What the numbers of a 16-bit channel mean: the sensor's own step where it has one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

N_STORED = 1 << 16
STORED_MIN, STORED_MAX = -(N_STORED // 2), N_STORED // 2 - 1
FIELD_CHARACTERS = 8
"""Length of a number in the header of an EDF file."""
MOST_OFF_LATTICE = 0.05
"""A value this much of a step beside the sensor's numbers is none of them."""
LEAST_OFF_LATTICE = 1e-3
"""The same where a value is few steps: single precision hides nothing there."""
LEAST_RELATIVE_STEP = 1e-6
"""Smaller differences are rounding in single precision."""
LEAST_STEP = 1e-7
"""Eight characters tell the ends of a range of smaller steps too roughly."""
MOST_IN_FIELD = 9_999_999.0
"""The largest number of both signs in such a field."""
FARTHEST = 9_600_000.0
"""Seven digits and a sign hold this value and what a range needs beside it."""
PREFIXES = {1.0: "", 1e3: "k", 1e6: "M", 1e9: "G"}
"""What stands before a unit that is so many times as large."""


class Survey:
    """Range and step of one channel.

    Notes
    -----
    A sensor sends whole numbers; times a scale they are multiples of one step, which shows in the differences.
    """

    __slots__ = ("_step", "high", "irregular", "low", "n_values")

    def __init__(self) -> None:
        self.low, self.high = np.inf, -np.inf
        self._step = 0.0
        self.irregular = False
        self.n_values = 0

    def feed(self, values: NDArray[np.floating]) -> None:
        """Take values, shape (n_samples,)."""
        if not len(values):
            return
        self.n_values += len(values)
        distinct = np.unique(values).astype(np.float64)
        self.low, self.high = min(self.low, float(distinct[0])), max(self.high, float(distinct[-1]))
        self._learn(distinct)
        if self._step and not self.irregular:
            steps = distinct / self._step
            rounding = LEAST_OFF_LATTICE + LEAST_RELATIVE_STEP * float(np.abs(steps).max())
            self.irregular = bool(np.abs(steps - np.rint(steps)).max() > min(rounding, MOST_OFF_LATTICE))

    @property
    def step(self) -> float:
        """The sensor's step, or 0 where it has none."""
        return 0.0 if self.irregular else self._step

    def _learn(self, distinct: NDArray[np.float64]) -> None:
        """Find the step that all differences are multiples of; it can only become smaller."""
        least = LEAST_RELATIVE_STEP * max(abs(self.low), abs(self.high))
        differences = np.diff(distinct)
        differences = differences[differences > least]
        if self.irregular or not len(differences):
            return
        known = [self._step] if self._step else []
        step = _common_step(np.append(differences, known), least)
        if step == 0.0:
            self.irregular = True
        elif not self._step or step < self._step * (1 - MOST_OFF_LATTICE):
            # The largest value is so many steps, and known to one part in ten million.
            farthest = float(np.abs(distinct).max())
            self._step = farthest / max(round(farthest / step), 1)


def _common_step(differences: NDArray[np.float64], least: float) -> float:
    """Return what all differences are multiples of, by Euclid's algorithm; 0 if it is no more than `least`.

    All of them together give a step more exactly than the smallest does.
    """
    step = float(differences.min())
    while step > least:
        counts = np.rint(differences / step)
        exact = float(differences.sum() / counts.sum())
        odd = np.abs(differences - counts * exact) > MOST_OFF_LATTICE * exact
        if not odd.any():
            return exact
        step = float(np.abs(differences - counts * step)[odd].min())
    return 0.0


class Scale:
    """From a channel's unit to stored numbers.

    Parameters
    ----------
    low, high : float
        What the smallest and the largest stored number mean; rounded to what eight characters hold.
    factor : float
        How many of the channel's units they are counted in, a key of `PREFIXES`.

    Examples
    --------
    >>> scale = Scale(-3276.8, 3276.7)
    >>> scale.stored(np.array([0.0, 0.1, 9999.0])).tolist(), round(scale.step, 6)
    ([0, 1, 32767], 0.1)
    """

    __slots__ = ("exact_low", "exact_step", "factor", "high", "low", "n_clipped")

    def __init__(self, low: float, high: float, factor: float = 1.0) -> None:
        self.exact_low, self.exact_step = low, (high - low) / (N_STORED - 1)
        """The same before they were rounded."""
        self.low, self.high, self.factor = _fitting(low), _fitting(high), factor
        self.n_clipped = 0

    @property
    def step(self) -> float:
        """Size of one stored number."""
        return (self.high - self.low) / (N_STORED - 1)

    def stored(self, values: NDArray[np.floating]) -> NDArray[np.int16]:
        """Return stored numbers; what lies beyond the range stops at its end and is counted."""
        numbers = np.rint((values.astype(np.float64) / self.factor - self.low) / self.step) + STORED_MIN
        inside: NDArray[np.int16] = np.clip(numbers, STORED_MIN, STORED_MAX).astype(np.int16)
        self.n_clipped += int((inside != numbers).sum())
        return inside


def scale_of(survey: Survey, *, coarsest: float, can_be_prefixed: bool = False) -> Scale:
    """Return the scale that keeps every value if 16 bits can, in the sensor's own steps if it has some.

    Parameters
    ----------
    survey : Survey
        Of all values of the channel.
    coarsest : float
        The largest step that is of use; what lies too far from the middle for it is clipped.
    can_be_prefixed : bool
        Whether values that are too large for the header may be counted in thousands, millions, ... of the unit;
        they are clipped otherwise.

    Returns
    -------
    Scale
        Its middle is 0 where the values fit around that.
    """
    low, high = (survey.low, survey.high) if survey.n_values else (0.0, 0.0)
    widest = max(abs(high), abs(low))
    factors = PREFIXES if can_be_prefixed else [1.0]
    factor = next((one for one in factors if widest <= one * FARTHEST), max(factors))
    low, high = (min(max(end / factor, -FARTHEST), FARTHEST) for end in (low, high))
    step = _step_of(low, high, survey.step / factor, coarsest)
    middle = 0.0
    if low < STORED_MIN * step or high > STORED_MAX * step:
        middle = round((low + high) / 2 / step) * step
    if max(abs(middle + STORED_MIN * step), abs(middle + STORED_MAX * step)) > MOST_IN_FIELD:
        # Far from 0 the sensor's own step reaches too far: the values' own range does not.
        step = max((high - low) / (N_STORED - 2), LEAST_RELATIVE_STEP * FARTHEST)
        middle = (low + high) / 2
    return Scale(middle + STORED_MIN * step, middle + STORED_MAX * step, factor)


def _step_of(low: float, high: float, own: float, coarsest: float) -> float:
    """Return the sensor's own step, or a whole part of it where few values show too large a one, or a fitting one."""
    widest = max(high - low, abs(high), abs(low)) or 1.0
    needed = (high - low) / (N_STORED - 2)
    step = min(max(own or 2 * widest / (N_STORED - 2), needed), max(coarsest, own))
    most = MOST_IN_FIELD / -STORED_MIN
    return max(step / max(math.ceil(step / most), 1), LEAST_STEP)


def _fitting(value: float) -> float:
    """Return the nearest number that eight characters can write without an exponent."""
    for decimals in range(FIELD_CHARACTERS, -1, -1):
        text = f"{value:.{decimals}f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        if len(text) <= FIELD_CHARACTERS:
            return float(text)
    msg = f"a value of {value:g} needs more than the {FIELD_CHARACTERS} characters of an EDF header"
    raise ValueError(msg)

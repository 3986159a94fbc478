"""What the numbers of a 16-bit channel mean: the sensor's own step where it has one."""

from __future__ import annotations

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
LEAST_RELATIVE_STEP = 1e-6
"""Smaller differences are rounding in single precision."""


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
            self.irregular = bool(np.abs(steps - np.rint(steps)).max() > MOST_OFF_LATTICE)

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

    Examples
    --------
    >>> scale = Scale(-3276.8, 3276.7)
    >>> scale.stored(np.array([0.0, 0.1, 9999.0])).tolist(), round(scale.step, 6)
    ([0, 1, 32767], 0.1)
    """

    __slots__ = ("high", "low", "n_clipped")

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = _fitting(low), _fitting(high)
        self.n_clipped = 0

    @property
    def step(self) -> float:
        """Size of one stored number."""
        return (self.high - self.low) / (N_STORED - 1)

    def stored(self, values: NDArray[np.floating]) -> NDArray[np.int16]:
        """Return stored numbers; what lies beyond the range stops at its end and is counted."""
        numbers = np.rint((values.astype(np.float64) - self.low) / self.step) + STORED_MIN
        inside: NDArray[np.int16] = np.clip(numbers, STORED_MIN, STORED_MAX).astype(np.int16)
        self.n_clipped += int((inside != numbers).sum())
        return inside


def scale_of(survey: Survey, *, coarsest: float) -> Scale:
    """Return the scale that keeps every value if 16 bits can, in the sensor's own steps if it has some.

    Parameters
    ----------
    survey : Survey
        Of all values of the channel.
    coarsest : float
        The largest step that is of use; what lies too far from the middle for it is clipped.

    Returns
    -------
    Scale
        Its middle is 0 where the values fit around that.
    """
    low, high = (survey.low, survey.high) if survey.n_values else (0.0, 0.0)
    widest = max(high - low, abs(high), abs(low)) or 1.0
    step = survey.step or 2 * widest / (N_STORED - 2)
    needed = (high - low) / (N_STORED - 2)
    step = min(max(step, needed), max(coarsest, survey.step))
    middle = 0.0
    if low < STORED_MIN * step or high > STORED_MAX * step:
        middle = round((low + high) / 2 / step) * step
    return Scale(middle + STORED_MIN * step, middle + STORED_MAX * step)


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

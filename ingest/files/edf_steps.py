"""What the stored numbers of a channel mean: the sensor's own step where it has one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ingest.files.edf_numbers import EDF_BYTES, STORED_RANGE

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
_AT_ONCE = 8.0
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
        exact = _refined(differences, step)
        counts = np.rint(differences / exact)
        odd = np.abs(differences - counts * exact) > MOST_OFF_LATTICE * exact
        if not odd.any():
            return exact
        step = float(np.abs(differences - counts * step)[odd].min())
    return 0.0


def _refined(differences: NDArray[np.float64], step: float) -> float:
    """Return the step as all differences tell it.

    The smallest one is known to few digits: by it a large one may be counted as one step too many.
    """
    reach, farthest = step, float(differences.max())
    while reach < farthest:
        reach *= _AT_ONCE
        near = differences[differences <= reach]
        step = float(near.sum() / np.rint(near / step).sum())
    return step


class Scale:
    """From a channel's unit to stored numbers.

    Parameters
    ----------
    low, high : float
        What the smallest and the largest stored number mean; rounded to what eight characters hold.
    factor : float
        How many of the channel's units they are counted in, a key of `PREFIXES`.
    sample_bytes : int
        Length of a stored number.
    in_steps : bool
        Whether the range is in the sensor's own steps: then a value is stored as its number of them, whatever became
        of the range when it was rounded.

    Examples
    --------
    >>> scale = Scale(-3276.8, 3276.7)
    >>> scale.stored(np.array([0.0, 0.1, 9999.0])).tolist(), round(scale.step, 6)
    ([0, 1, 32767], 0.1)
    """

    __slots__ = ("exact_low", "exact_step", "factor", "high", "low", "n_clipped", "stored_range")

    def __init__(
        self, low: float, high: float, factor: float = 1.0, *, sample_bytes: int = EDF_BYTES, in_steps: bool = False
    ) -> None:
        self.low, self.high, self.factor = _fitting(low), _fitting(high), factor
        self.stored_range = STORED_RANGE[sample_bytes]
        """The smallest and the largest stored number."""
        self.exact_low = low if in_steps else self.low
        self.exact_step = (high - low) / self._n_steps if in_steps else self.step
        """What they mean before eight characters are made of it."""
        self.n_clipped = 0

    @property
    def step(self) -> float:
        """Size of one stored number."""
        return (self.high - self.low) / self._n_steps

    @property
    def _n_steps(self) -> int:
        return self.stored_range[1] - self.stored_range[0]

    def stored(self, values: NDArray[np.floating]) -> NDArray[np.int32]:
        """Return stored numbers; what lies beyond the range stops at its end and is counted."""
        least, most = self.stored_range
        numbers = np.rint((values.astype(np.float64) / self.factor - self.exact_low) / self.exact_step) + least
        inside: NDArray[np.int32] = np.clip(numbers, least, most).astype(np.int32)
        self.n_clipped += int((inside != numbers).sum())
        return inside

    def keeps(self, survey: Survey) -> bool:
        """Return whether every value is stored, in steps that are no coarser than the sensor's own.

        What has no steps, or finer ones than single precision shows, is more than whole numbers of 16 bits.
        """
        if survey.irregular:
            return False
        least, most = (self.factor * (self.exact_low + n * self.exact_step) for n in (0, self._n_steps))
        room = self.factor * self.exact_step / 2
        inside = not survey.n_values or (least - room <= survey.low and survey.high <= most + room)
        own = survey.step
        return inside and (not own or self.factor * self.exact_step <= own * (1 + MOST_OFF_LATTICE))


def scale_of(survey: Survey, *, coarsest: float, can_be_prefixed: bool = False, sample_bytes: int = EDF_BYTES) -> Scale:
    """Return the scale that keeps every value if so many bits can, in the sensor's own steps if it has some.

    Parameters
    ----------
    survey : Survey
        Of all values of the channel.
    coarsest : float
        The largest step that is of use; what lies too far from the middle for it is clipped.
    can_be_prefixed : bool
        Whether values that are too large for the header may be counted in thousands, millions, ... of the unit;
        they are clipped otherwise.
    sample_bytes : int
        Length of a stored number.

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
    least, most = STORED_RANGE[sample_bytes]
    step = _step_of((low, high), survey.step / factor, coarsest, sample_bytes)
    middle, in_steps = 0.0, bool(survey.step)
    if low < least * step or high > most * step:
        middle = round((low + high) / 2 / step) * step
    if max(abs(middle + least * step), abs(middle + most * step)) > MOST_IN_FIELD:
        # Far from 0 the sensor's own step reaches too far: the values' own range does not.
        step = max((high - low) / (most - least - 1), LEAST_RELATIVE_STEP * FARTHEST)
        middle, in_steps = (low + high) / 2, False
    low, high = middle + least * step, middle + most * step
    return Scale(low, high, factor, sample_bytes=sample_bytes, in_steps=in_steps)


def _step_of(reach: tuple[float, float], own: float, coarsest: float, sample_bytes: int) -> float:
    """Return the sensor's own step, or a whole part of it where few values show too large a one, or a fitting one."""
    low, high = reach
    least, most_stored = STORED_RANGE[sample_bytes]
    widest, n_steps = max(high - low, abs(high), abs(low)) or 1.0, most_stored - least - 1
    needed = (high - low) / n_steps
    step = min(max(own or 2 * widest / n_steps, needed), max(coarsest, own))
    most = MOST_IN_FIELD / -least
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

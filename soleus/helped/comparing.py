"""Two periods of a person's nights side by side, in the words and numbers that may be shown."""

from __future__ import annotations

import importlib
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from dashboards.comparison import LEAST_VALID_NIGHTS, Comparison, Measure, Side, Verdict
from dashboards.web.weeks_figures import SHORT_GRADE, valid_hours
from soleus.evenings import evening
from soleus.helped.counted import Counted
from soleus.helped.power import nights_needed
from soleus.helped.wording import cannot_tell, changed, left_out, nothing, too_few

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from dashboards.comparison import Period
    from dashboards.weeks import NightFigures
    from soleus.helped.rate_ratio import RateRatio

KEYS: Final = {Measure.CRAMPS: ("cramp_probable", "cramp_possible"), Measure.PLM: ("plm_wasm",)}
"""Keys of the summary whose sum is counted."""
SAME: Final = ("one_leg", "movement_source")
"""What must be alike: in one leg less is found than in two, and in motion other movements than in EMG."""


class _Sides(NamedTuple):
    """The nights of both periods that count for a measure."""

    a: Side
    b: Side
    counted: tuple[Counted, Counted]
    versions: int


def compare(figures: Sequence[NightFigures], a: Period, b: Period) -> tuple[Comparison, ...]:
    """Compare each number of two periods.

    Parameters
    ----------
    figures : sequence of NightFigures
        Nights, those of both periods among them.
    a, b : Period
        The two periods.

    Returns
    -------
    tuple of Comparison
        Cramp-like contractions, then periodic leg movements; per valid hour.

    Raises
    ------
    ValueError
        If a night is in both.

    Notes
    -----
    A night counts if it has at least 4 h of valid signal and the number, and if it was scored by the same thresholds
    from the same legs and signals as most nights of both periods: a sensor that stayed in the drawer is no remedy.
    """
    dated = [(one, evening(one.card.start_ns, one.card.utc_offset_s)) for one in figures]
    shared = [day for _, day in dated if a.holds(day) and b.holds(day)]
    if shared:
        msg = f"{a.name} and {b.name}: the evening {shared[0]} is in both, expected periods that do not overlap"
        raise ValueError(msg)
    nights = tuple([one for one, day in dated if period.holds(day)] for period in (a, b))
    return tuple(_compared(measure, _sides(measure, (a, b), (nights[0], nights[1]))) for measure in Measure)


def _compared(measure: Measure, sides: _Sides) -> Comparison:
    a, b = sides.a, sides.b
    beside = left_out(a, b, several_versions=sides.versions > 1)
    if min(a.n_valid_nights, b.n_valid_nights) < LEAST_VALID_NIGHTS:
        why = too_few(a, b) + beside
        return Comparison(measure, a, b, None, None, None, None, Verdict.TOO_FEW, None, why)
    found = _estimator()(*sides.counted)
    numbers = (found.ratio, found.low, found.high, found.p_real)
    if found.changed:
        return Comparison(measure, a, b, *numbers, Verdict.CHANGED, None, changed(measure, a, b) + beside)
    needed = nights_needed(*sides.counted, found.dispersion)
    more, to_tell = (None, None) if needed is None else needed
    why = (nothing(a, b) if not a.count and not b.count else cannot_tell(a, b, found.low, found.high)) + beside
    return Comparison(measure, a, b, *numbers, Verdict.CANNOT_TELL, more, why, to_tell)


def _estimator() -> Callable[[Counted, Counted], RateRatio]:
    """Import the regression when it is first asked for: it brings pandas along and takes seconds."""
    estimator: Callable[[Counted, Counted], RateRatio] = importlib.import_module("soleus.helped.rate_ratio").rate_ratio
    return estimator


def _sides(
    measure: Measure, periods: tuple[Period, Period], nights: tuple[Sequence[NightFigures], Sequence[NightFigures]]
) -> _Sides:
    known = [[one for one in own if _is_valid(one, measure)] for own in nights]
    kinds = Counter(_kind(one) for own in known for one in own)
    usual = kinds.most_common(1)[0][0] if kinds else None
    alike = [[one for one in own if _kind(one) == usual] for own in known]
    counted = [
        Counted(
            np.array([_count(one, measure) for one in own], np.float64),
            np.array([valid_hours(one) for one in own], np.float64),
        )
        for own in alike
    ]
    a, b = (
        Side(period, len(every), one.n_nights, one.hours, one.count)
        for period, every, one in zip(periods, nights, counted, strict=True)
    )
    versions = len({one.version for own in alike for one in own})
    return _Sides(a, b, (counted[0], counted[1]), versions)


def _count(one: NightFigures, measure: Measure) -> float:
    values = [one.summary.get(key) for key in KEYS[measure]]
    return sum(float(value) if isinstance(value, int | float) else np.nan for value in values)


def _is_valid(one: NightFigures, measure: Measure) -> bool:
    long_enough = one.summary.get("night_grade") != SHORT_GRADE and valid_hours(one) > 0
    return long_enough and bool(np.isfinite(_count(one, measure)))


def _kind(one: NightFigures) -> Hashable:
    return one.criteria, *(str(one.summary.get(key)) for key in SAME)

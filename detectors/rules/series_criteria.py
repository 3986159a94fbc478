"""What a set of rules about leg movements and their series has to say, with nothing left to default."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ShortInterval(StrEnum):
    """What a movement does that follows the last one of a series too soon."""

    ENDS_SERIES_AND_MAY_START = "ends_series_and_may_start"
    """The series ends; the movement may be the first of the next."""

    ENDS_SERIES = "ends_series"
    """The series ends; the movement belongs to none."""

    DROPPED = "dropped"
    """The movement is left out and the interval is measured again to the one after it."""


class RespiratoryAnchor(StrEnum):
    """The part of a respiratory event that the window around it is counted from."""

    END = "end"
    """Before and after the end of the event."""

    WHOLE = "whole"
    """Before its onset and after its end."""


@dataclass(frozen=True, slots=True)
class SeriesCriteria:
    """One set of rules: what counts as a movement, what the legs share, what makes a series.

    Every limit is inclusive unless its text says otherwise. ``None`` means that the rules do not
    state the limit.

    Parameters
    ----------
    name : str
        Name of the set, as a user types it.
    lm_min_s : float
        Shortest leg movement (LM), s; shorter ones do not exist for the rules.
    lm_max_s : float or None
        Longest leg movement, s; a longer one is no LM, and the legs are combined without it.
    clm_max_s : float
        Longest candidate leg movement (CLM) of one leg, s.
    bilateral_clm_max_s : float or None
        Longest candidate movement of both legs, s.
    max_components : int or None
        Most LM in a bilateral candidate.
    long_component_spoils : bool
        Whether one component longer than `clm_max_s` makes a bilateral movement no candidate.
    same_leg_gap_s : float
        LM of one leg less than this apart (offset to onset) are one movement, s.
    bilateral_gap_s : float or None
        LM of two legs that overlap or are less than this apart (offset to onset) are one
        movement, and so is a chain of them, s.
    bilateral_onsets_s : float or None
        LM of two legs whose onsets are less than this apart are one movement, s; counted from the
        first onset of the movement.
    imi_min_s, imi_max_s : float
        Shortest and longest interval inside a series, onset to onset, s. A stretch without valid
        signal that is longer than the longest interval ends a series as well.
    min_series : int
        Fewest movements in a series.
    short_imi : ShortInterval
        What an interval under `imi_min_s` does.
    non_clm_ends_series : bool
        Whether a movement that is no candidate ends the series it falls into.
    sleep_only : bool
        Whether movements with their onset in wake are left out of series (where stages are known).
    respiratory_anchor : RespiratoryAnchor
        What the respiratory window is counted from.
    respiratory_before_s, respiratory_after_s : float
        Extent of the respiratory window, s; a movement that reaches into it is respiratory.
    respiratory_excluded : bool
        Whether respiratory movements are left out before intervals are measured.
    arousal_gap_s : float
        A movement and an arousal that overlap or are less than this apart are associated, s.

    Raises
    ------
    ValueError
        If two limits contradict each other.
    """

    name: str
    lm_min_s: float
    lm_max_s: float | None
    clm_max_s: float
    bilateral_clm_max_s: float | None
    max_components: int | None
    long_component_spoils: bool
    same_leg_gap_s: float
    bilateral_gap_s: float | None
    bilateral_onsets_s: float | None
    imi_min_s: float
    imi_max_s: float
    min_series: int
    short_imi: ShortInterval
    non_clm_ends_series: bool
    sleep_only: bool
    respiratory_anchor: RespiratoryAnchor
    respiratory_before_s: float
    respiratory_after_s: float
    respiratory_excluded: bool
    arousal_gap_s: float

    def __post_init__(self) -> None:
        if not 0 < self.lm_min_s <= self.clm_max_s:
            self._refuse(f"lm_min_s is {self.lm_min_s}, expected more than 0 and at most clm_max_s ({self.clm_max_s})")
        if self.bilateral_clm_max_s is not None and self.bilateral_clm_max_s < self.clm_max_s:
            self._refuse(f"bilateral_clm_max_s is {self.bilateral_clm_max_s}, expected clm_max_s or more")
        if self.lm_max_s is not None and self.lm_max_s < self.clm_max_s:
            self._refuse(f"lm_max_s is {self.lm_max_s}, expected clm_max_s ({self.clm_max_s}) or more")
        if (self.bilateral_gap_s is None) == (self.bilateral_onsets_s is None):
            self._refuse("expected exactly one of bilateral_gap_s and bilateral_onsets_s")
        if not 0 < self.imi_min_s < self.imi_max_s:
            self._refuse(f"imi_min_s is {self.imi_min_s}, expected more than 0 and less than imi_max_s")
        self._check_counts()

    def _check_counts(self) -> None:
        gaps_s = (self.same_leg_gap_s, self.bilateral_gap_s or 0, self.bilateral_onsets_s or 0, self.arousal_gap_s)
        if min(*gaps_s, self.respiratory_before_s, self.respiratory_after_s) < 0:
            self._refuse("a gap or window is negative, expected 0 s or more")
        if self.min_series < 1:
            self._refuse(f"min_series is {self.min_series}, expected 1 or more")
        if self.max_components is not None and self.max_components < 1:
            self._refuse(f"max_components is {self.max_components}, expected 1 or more")

    def _refuse(self, what: str) -> None:
        msg = f"{self.name}: {what}"
        raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class IndexCriteria:
    """The numbers inside the definitions of the indices of a night.

    Parameters
    ----------
    periodic_over_s, periodic_up_to_s : float
        An interval is periodic when it is longer than the first and not longer than the second, s.
    periodic_run : int
        Fewest periodic intervals in a row that count for the periodicity index.
    short_below_s : float
        A candidate that follows another after less than this is a short-interval movement, s.
    spread_from_s, spread_to_s : float
        Intervals between them, inclusive, enter mean and SD of the logarithm, s.
    histogram_bin_s, histogram_to_s : float
        Width and end of the histogram of intervals, s.
    histogram_log_bin : float
        Width of the histogram of the intervals' natural logarithm, ln s.

    Raises
    ------
    ValueError
        If two limits contradict each other.
    """

    periodic_over_s: float
    periodic_up_to_s: float
    periodic_run: int
    short_below_s: float
    spread_from_s: float
    spread_to_s: float
    histogram_bin_s: float
    histogram_to_s: float
    histogram_log_bin: float

    def __post_init__(self) -> None:
        pairs = ((self.periodic_over_s, self.periodic_up_to_s), (self.spread_from_s, self.spread_to_s))
        if any(not 0 < low < high for low, high in pairs):
            msg = "indices: a lower limit of intervals is not between 0 s and its upper limit"
            raise ValueError(msg)
        if min(self.histogram_bin_s, self.histogram_to_s, self.histogram_log_bin, self.periodic_run) <= 0:
            msg = "indices: a histogram's width or end, or the length of a run, is not more than 0"
            raise ValueError(msg)

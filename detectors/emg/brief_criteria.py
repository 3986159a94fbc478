"""Twitches, rhythmic trains and weak tonic activity in the EMG."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.limits import expect_positive


@dataclass(frozen=True, slots=True)
class TwitchCriteria:
    """When a peak is a twitch (science.md 4.2).

    Parameters
    ----------
    peak_uv : float
        Least height of a peak, µV.

    Raises
    ------
    ValueError
        If a number is not positive.
    """

    peak_uv: float

    def __post_init__(self) -> None:
        expect_positive("twitch", self)


@dataclass(frozen=True, slots=True)
class RhythmCriteria:
    """When bursts are a rhythmic train (science.md 1.7).

    Parameters
    ----------
    min_interval_s : float
        Shortest time between two bursts, s.

    Raises
    ------
    ValueError
        If a number is not positive.
    """

    min_interval_s: float

    def __post_init__(self) -> None:
        expect_positive("rhythm", self)


@dataclass(frozen=True, slots=True)
class TonicCriteria:
    """When a weak rise is low-level sustained activity (science.md 3.5).

    Parameters
    ----------
    min_s : float
        Shortest, s.

    Raises
    ------
    ValueError
        If a number is not positive.
    """

    min_s: float

    def __post_init__(self) -> None:
        expect_positive("tonic", self)

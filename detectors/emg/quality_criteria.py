"""What is wrong with a channel of EMG: mains, heart beat, an electrode that came off."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.limits import expect_positive


@dataclass(frozen=True, slots=True)
class LineCriteria:
    """When mains noise is taken out of the EMG (science.md 2.2).

    Parameters
    ----------
    treat_from : float
        Share of mains in the band from which it is treated.

    Raises
    ------
    ValueError
        If a number is not positive.
    """

    treat_from: float

    def __post_init__(self) -> None:
        expect_positive("line", self)


@dataclass(frozen=True, slots=True)
class EcgCriteria:
    """When the EMG shows the heart beat (science.md 2.4).

    Parameters
    ----------
    min_interval_s : float
        Shortest interval between two beats, s.

    Raises
    ------
    ValueError
        If a number is not positive.
    """

    min_interval_s: float

    def __post_init__(self) -> None:
        expect_positive("ecg", self)


@dataclass(frozen=True, slots=True)
class ElectrodeCriteria:
    """When an electrode is off the skin (science.md 7.1).

    Parameters
    ----------
    line_s : float
        How long mains must fill the band, s.

    Raises
    ------
    ValueError
        If a number is not positive.
    """

    line_s: float

    def __post_init__(self) -> None:
        expect_positive("electrode", self)

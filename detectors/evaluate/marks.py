"""What one scorer marked in one recording: a person, a program, or the simulator that knows the truth."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.rules.series import NOTHING_SCORED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from detectors.annotations import Annotations

    Spans = NDArray[np.float64]

LEFT, RIGHT, BOTH = "left", "right", "both"
LEGS = (LEFT, RIGHT)
# A finding without a tier is as sure as a finding can be.
SUREST_TIER = 2.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One event of a list.

    Parameters
    ----------
    kind : str
        Class, a value of `EventKind`; of a truth also what a stretch is like (``bad_quality``).
    leg : str
        ``left``, ``right``, ``both`` or ``unknown``.
    onset_s, end_s : float
        ``[onset, end)`` from the start of the recording, s.
    tier : float
        How sure a finding is: 0 stored only, 1 possible, 2 probable.
    clear : bool
        Whether one may expect that it is found; False for what is lost in the noise by construction.
    cause : str
        What makes it, where that is known; else empty.
    amplitude_uv : float
        Level, µV RMS; of a simulated event.
    angle_deg : float
        How far the leg turns, degrees; of a simulated event.
    in_train : bool
        Whether it belongs to a rhythmic train, and so to no series.

    Raises
    ------
    ValueError
        If its times are not finite, or it ends before it begins.
    """

    kind: str
    leg: str
    onset_s: float
    end_s: float
    tier: float = SUREST_TIER
    clear: bool = True
    cause: str = ""
    amplitude_uv: float = 0.0
    angle_deg: float = 0.0
    in_train: bool = False

    def __post_init__(self) -> None:
        if not -inf < self.onset_s <= self.end_s < inf:
            msg = f"{self.kind} lasts from {self.onset_s} s to {self.end_s} s, expected an end at or after its onset"
            raise ValueError(msg)


class SleepState(NamedTuple):
    """A stretch ``[onset, end)`` from the start of the recording, s, and whether somebody sleeps in it."""

    onset_s: float
    end_s: float
    asleep: bool


@dataclass(frozen=True, slots=True)
class MarkedNight:
    """The list of one scorer for one recording.

    Parameters
    ----------
    marks : tuple of Mark
        What was marked, in any order.
    hours : float
        Length of the recording, h.
    valid_h : float, optional
        Hours with a usable signal; all of them if not given.
    looked_for : frozenset of str, optional
        Kinds that this scorer marks where there are any; every kind if not given.
    legs : tuple of str
        The legs that were looked at.
    emg_fs_hz : float
        Highest sampling rate of an EMG, Hz; 0 where there is none.
    noise_uv : mapping of str to float, optional
        Noise of each leg, µV, as far as it is known; None for anything but the truth of a simulated night.
    annotations : Annotations
        Sleep stages, breathing and arousals that a person scored; 0 ns is the start of the recording.
    sleep : tuple of SleepState
        What this scorer itself says about sleep; empty where it says nothing.
    """

    marks: tuple[Mark, ...]
    hours: float
    valid_h: float | None = None
    looked_for: frozenset[str] | None = None
    legs: tuple[str, ...] = LEGS
    emg_fs_hz: float = inf
    noise_uv: Mapping[str, float] | None = None
    annotations: Annotations = NOTHING_SCORED
    sleep: tuple[SleepState, ...] = ()

    @property
    def has_emg(self) -> bool:
        """Whether muscle activity was recorded."""
        return self.emg_fs_hz > 0

    @property
    def is_simulated(self) -> bool:
        """Whether this is the truth of a simulated night, which also says what cannot be found."""
        return self.noise_uv is not None

    @property
    def judged_h(self) -> float:
        """Hours that false findings are counted over."""
        return self.hours if self.valid_h is None else self.valid_h

    def looks_for(self, kind: str) -> bool:
        """Return whether an event of a kind would have been marked."""
        return self.looked_for is None or kind in self.looked_for

    def is_sided(self, kind: str) -> bool:
        """Return whether every mark of a kind says which leg it is on."""
        return {mark.leg for mark in self.marks if mark.kind == kind} <= {*LEGS, BOTH}


def spans_of(marks: Iterable[Mark]) -> Spans:
    """Return onsets and ends, s, shape (n, 2)."""
    return np.array([(mark.onset_s, mark.end_s) for mark in marks], dtype=np.float64).reshape(-1, 2)


def joined(spans: Spans) -> Spans:
    """Make one of what overlaps or touches.

    Parameters
    ----------
    spans : ndarray of float, shape (n, 2)
        Onsets and ends, in any order.

    Returns
    -------
    ndarray of float, shape (m, 2)
        By onset.

    Examples
    --------
    >>> joined(np.array([[5.0, 7.0], [0.0, 1.0], [1.0, 2.0]])).tolist()
    [[0.0, 2.0], [5.0, 7.0]]
    """
    whole: list[list[float]] = []
    for onset_s, end_s in spans[np.argsort(spans[:, 0])].tolist():
        if whole and onset_s <= whole[-1][1]:
            whole[-1][1] = max(whole[-1][1], end_s)
        else:
            whole.append([onset_s, end_s])
    return np.array(whole, dtype=np.float64).reshape(-1, 2)


def overlapping(spans: Spans, others: Spans) -> NDArray[np.bool_]:
    """Return which spans overlap one of some others; shape (n,)."""
    overlap = (spans[:, None, 0] < others[None, :, 1]) & (spans[:, None, 1] > others[None, :, 0])
    touched: NDArray[np.bool_] = np.any(overlap, axis=1)
    return touched

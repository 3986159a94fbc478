"""The resting level: what the signal is when nothing happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from detectors.ring import Ring

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.emg.criteria import RestingCriteria

Value = TypeVar("Value", bound=np.generic)

_HALF = 0.5


@dataclass(frozen=True, slots=True)
class RestingScale:
    """The part of the rule that has the unit of the signal.

    Parameters
    ----------
    gate, gate_ratio : float
        Values below ``B + max(gate, gate_ratio * B)`` are quiet.
    rise, fall : float
        Change of the level in a second that is always allowed, besides the relative one.
    floor : float
        Lowest level.
    """

    gate: float
    gate_ratio: float
    rise: float
    fall: float
    floor: float


@dataclass(frozen=True, slots=True)
class Spans:
    """Envelope values of consecutive frames, or of a part of one frame.

    Parameters
    ----------
    values : ndarray of float64, shape (n_frames, n_values)
        The values.
    usable : ndarray of bool, shape (n_frames,)
        Whether a level may be taken from a frame.
    """

    values: NDArray[np.float64]
    usable: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Levels:
    """The resting level in force during frames; it comes from earlier frames only.

    Parameters
    ----------
    level : ndarray of float64, shape (n_frames,)
        The level.
    spread : ndarray of float64, shape (n_frames,)
        Median absolute deviation of the quiet values from their median.
    stepped : ndarray of bool, shape (n_frames,)
        Whether the noise floor itself was found to have changed just before.
    renewing : ndarray of bool, shape (n_frames,)
        Whether the signal has just come back, and the level may be that of another electrode.
    """

    level: NDArray[np.float64]
    spread: NDArray[np.float64]
    stepped: NDArray[np.bool_]
    renewing: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Usable frames that the next target is measured from, with the levels that were in force."""

    values: NDArray[np.float64]
    levels: NDArray[np.float64]

    def quiet(self, scale: RestingScale) -> NDArray[np.bool_]:
        """Return whether each value stays below the limit of what is quiet."""
        limits = self.levels + np.maximum(scale.gate, scale.gate_ratio * self.levels)
        return (self.values < limits[:, np.newaxis]).ravel()


def quantile(values: NDArray[np.float64], share: float) -> float:
    """Return the value that a share of the values lies at or below; always one of the values.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        At least one value, in any order.
    share : float
        Between 0 and 1.

    Returns
    -------
    float
        The value.

    Examples
    --------
    >>> quantile(np.array([4.0, 1.0, 3.0, 2.0]), 0.5)
    2.0
    """
    rank = int(share * (len(values) - 1))
    ordered = values.copy()
    ordered.partition(rank)
    return float(ordered[rank])


class RestingLevel:
    """Follow the quiet part of an envelope, and only that (science.md 2.5).

    A trailing minimum or median would be lifted by a contraction of some minutes, or would switch
    detection off. This level takes values below a gate only, moves slowly, and lets itself be
    moved by force when nothing has been below the gate for longer than any cramp lasts. Frames that
    are not usable are left out; after a longer stretch of them the level is taken anew.

    Parameters
    ----------
    criteria : RestingCriteria
        Time constants and ratios.
    scale : RestingScale
        Limits in the unit of the signal.
    values_per_s : float
        Envelope values per second.
    with_spread : bool
        Whether the spread of the quiet values is measured as well; it is 0 otherwise.
    """

    def __init__(
        self, criteria: RestingCriteria, scale: RestingScale, values_per_s: float, *, with_spread: bool = True
    ) -> None:
        self._with_spread = with_spread
        self._criteria = criteria
        self._scale = scale
        self._per_s = values_per_s
        self._quiet = Ring(max(1, round(criteria.buffer_s * values_per_s)))
        self._recent = Ring(max(1, round(criteria.guard_s)))
        self._seeds: list[NDArray[np.float64]] = []
        self._others: list[NDArray[np.float64]] = []
        self._waiting: list[_Waiting] = []
        self._frames_per_target = max(1, round(criteria.target_s))
        self._due = self._frames_per_target
        self._level: float | None = None
        self._target = self._spread = 0.0
        self._active_s = self._astray_s = self._lost_s = 0.0
        self._stepped = False
        self._renewed: list[NDArray[np.float64]] | None = None

    @property
    def ready(self) -> bool:
        """Whether a level is known."""
        return self._level is not None

    def offer(self, spans: Spans) -> None:
        """Look at frames for the first level; they have to be followed as well once there is one.

        Parameters
        ----------
        spans : Spans
            The next frames.
        """
        for values, usable in zip(spans.values, spans.usable, strict=True):
            if self.ready:
                return
            (self._seeds if usable else self._others).append(values)
            seeds_s = sum(map(len, self._seeds)) / self._per_s
            waited_s = seeds_s + sum(map(len, self._others)) / self._per_s
            if seeds_s >= self._criteria.seed_s or waited_s >= self._criteria.seed_wait_s:
                self.settle()

    def settle(self) -> None:
        """Take the first level from what was offered so far."""
        if self._level is None:
            offered = np.concatenate([np.empty(0), *(self._seeds or self._others)])
            self._level = self._target = self._lowest(offered)
            self._seeds, self._others = [], []

    def follow(self, spans: Spans) -> Levels:
        """Return the level in force during each frame, and move on.

        Parameters
        ----------
        spans : Spans
            The next frames; those that were offered come again.

        Returns
        -------
        Levels
            One per frame.
        """
        self.settle()
        n_frames, n_values = spans.values.shape
        whole = bool(spans.usable.all())
        levels, spreads = np.empty(n_frames), np.empty(n_frames)
        stepped, renewing, at = *np.zeros((2, n_frames), np.bool_), 0
        while at < n_frames:
            stop = min(n_frames, at + self._due)
            levels[at:stop] = self._moved(stop - at, n_values / self._per_s)
            spreads[at:stop] = self._spread
            stepped[at], self._stepped = self._stepped, False
            renewing[at:stop] = self._interruptions(spans.values[at:stop], spans.usable[at:stop], whole=whole)
            heard = slice(at, stop) if whole else at + np.flatnonzero(spans.usable[at:stop])
            self._waiting.append(_Waiting(spans.values[heard], levels[heard]))
            self._due -= stop - at
            if self._due == 0:
                self._measure()
                self._due = self._frames_per_target
            at = stop
        return Levels(levels, spreads, stepped, renewing)

    def _moved(self, n_frames: int, seconds: float) -> list[float]:
        """Return the level in force during each of the next frames, moving it towards the target."""
        criteria, scale = self._criteria, self._scale
        level, target = self._level or scale.floor, self._target
        rise, rise_ratio = seconds * scale.rise, seconds * criteria.rise_ratio
        fall, fall_ratio = seconds * scale.fall, seconds * criteria.fall_ratio
        levels: list[float] = []
        for frame in range(n_frames):
            if level == target:
                levels += [level] * (n_frames - frame)
                break
            levels.append(level)
            away = target - level
            step = min(max(away, -fall - fall_ratio * level), rise + rise_ratio * level)
            level = target if step == away else level + step
        self._level = max(level, scale.floor)
        return levels

    def _interruptions(self, values: NDArray[np.float64], usable: NDArray[np.bool_], *, whole: bool) -> list[bool]:
        """Return of each frame whether the level is being taken anew, because there was no signal before it."""
        if self._renewed is None and not self._lost_s and whole:
            return [False] * len(usable)
        renewing = []
        for frame, heard in zip(values, usable.tolist(), strict=True):
            self._lost_s = 0.0 if heard else self._lost_s + len(frame) / self._per_s
            if self._lost_s >= self._criteria.loss_s:
                self._renewed = []
            elif heard and self._renewed is not None:
                self._renewed.append(frame)
            renewing.append(self._renewed is not None)
        return renewing

    def _measure(self) -> None:
        """Measure the target from the frames that wait, and whether the level has gone astray."""
        waiting, self._waiting = self._waiting, []
        if self._renewed is not None and sum(map(len, self._renewed)) >= self._criteria.renew_s * self._per_s:
            self._take(self._lowest(np.concatenate(self._renewed)))
            self._recent.clear()
            self._renewed = None
            return
        values = _joined([frames.values.ravel() for frames in waiting])
        if not len(values):
            return
        (quiet,) = _joined([frames.quiet(self._scale) for frames in waiting]).nonzero()
        self._recent.push(_joined([frames.values[:, -1:].ravel() for frames in waiting]))
        self._quiet.push(values[quiet] if len(quiet) < len(values) else values)
        if len(held := self._quiet.held()):
            self._target = max(quantile(held, _HALF), self._scale.floor)
            if self._with_spread:
                self._spread = quantile(np.abs(held - self._target), _HALF)
        self._guard(len(values) / self._per_s, (len(values) - 1 - int(quiet[-1])) / self._per_s if len(quiet) else None)

    def _guard(self, passed_s: float, active_s: float | None) -> None:
        """Look whether the level has gone astray; `active_s` since the last quiet value, None if there was none."""
        criteria = self._criteria
        self._active_s = self._active_s + passed_s if active_s is None else active_s
        level, lowest = self._level or self._scale.floor, self._lowest(self._recent.held())
        astray = not lowest / criteria.guard_ratio <= level <= lowest * criteria.guard_ratio
        self._astray_s = self._astray_s + passed_s if astray else 0.0
        if self._active_s > criteria.escape_s or self._astray_s > criteria.guard_hold_s:
            self._take(lowest)
            self._stepped = True

    def _take(self, level: float) -> None:
        """Begin anew at a level."""
        self._quiet.clear()
        self._active_s = self._astray_s = 0.0
        self._level = self._target = level

    def _lowest(self, values: NDArray[np.float64]) -> float:
        """Return the level of a stretch about which nothing is known."""
        if not len(values):
            return self._scale.floor
        return max(quantile(values, self._criteria.seed_quantile), self._scale.floor)


def _joined(parts: list[NDArray[Value]]) -> NDArray[Value]:
    """Return parts as one array; there is only one, unless blocks are short."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)

"""The valid half minutes of a finished night: hours, grades, and where they lie."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from detectors.annotations import Span
from detectors.events import EventKind
from detectors.signal import NS_PER_S, S_PER_H, Leg, Quantity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from detectors.events import Event
    from detectors.quality.criteria import ValidityCriteria

# In an epoch with less valid signal than this share something may have been missed (science.md 7.3).
LEAST_SHARE = 0.8
# Both legs were seen together if they gave a signal at once for an hour, or for half of a shorter recording.
BOTH_LEGS_H = 1.0
BOTH_LEGS_SHARE = 0.5
# What lies no further apart is one stretch.
TOUCHING_S = 1.0
_TOUCHING_NS = round(TOUCHING_S * NS_PER_S)


@dataclass(frozen=True, slots=True)
class ValidEpochs:
    """Epochs of half a minute that are good or usable.

    Parameters
    ----------
    onset_ns, end_ns : ndarray of int64, shape (n_epochs,)
        Where they lie, UTC ns.
    valid_s : ndarray of float64, shape (n_epochs,)
        Seconds of each in which something could be found.
    good : ndarray of bool, shape (n_epochs,)
        Whether each is good, not only usable.
    """

    onset_ns: NDArray[np.int64]
    end_ns: NDArray[np.int64]
    valid_s: NDArray[np.float64]
    good: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, float, bool]]) -> ValidEpochs:
        """Return the epochs with these onsets, ends, valid seconds and classes, in the order of time."""
        columns = list(zip(*sorted(rows), strict=True)) or [()] * 4
        onset_ns, end_ns = (np.array(column, np.int64) for column in columns[:2])
        return cls(onset_ns, end_ns, np.array(columns[2], np.float64), np.array(columns[3], np.bool_))

    @property
    def hours(self) -> float:
        """Valid time, h."""
        return float(np.add.reduce(self.valid_s)) / S_PER_H

    @property
    def good_h(self) -> float:
        """Valid time in good epochs, h."""
        return float(np.add.reduce(self.valid_s[self.good])) / S_PER_H

    def within(self, spans: Iterable[Span]) -> ValidEpochs:
        """Return the epochs whose middle lies in one of some stretches."""
        return self._picked(self._inside(spans))

    def outside(self, spans: Iterable[Span]) -> ValidEpochs:
        """Return the epochs whose middle lies in none of some stretches."""
        return self._picked(~self._inside(spans))

    def covered(self) -> list[Span]:
        """Return the stretches with hardly anything missing, joined and in order, UTC ns."""
        return self._picked(self.valid_s * NS_PER_S >= LEAST_SHARE * (self.end_ns - self.onset_ns)).stretches()

    def stretches(self) -> list[Span]:
        """Return the stretches that they make together, in order, UTC ns; they are joined as by :func:`joined`."""
        if not len(self.onset_ns):
            return []
        ends_ns = np.maximum.accumulate(self.end_ns)
        first = np.flatnonzero(np.append(True, self.onset_ns[1:] > ends_ns[:-1] + _TOUCHING_NS))
        last = np.append(first[1:], len(ends_ns)) - 1
        return list(map(Span, self.onset_ns[first].tolist(), ends_ns[last].tolist()))

    def grade(self, criteria: ValidityCriteria, period: Span) -> str:
        """Return the grade of a signal with these epochs: A, B or C.

        Parameters
        ----------
        criteria : ValidityCriteria
            Hours and share that a grade needs.
        period : Span
            The sleep period, or the recording where it is not known, UTC ns.

        Returns
        -------
        str
            The grade.
        """
        period_h = (period.end_ns - period.onset_ns) / NS_PER_S / S_PER_H
        in_period_h = self.within([period]).good_h
        if self.good_h >= criteria.grade_a_h and in_period_h >= criteria.grade_a_share * period_h:
            return "A"
        return "B" if self.hours >= criteria.grade_b_h else "C"

    def _inside(self, spans: Iterable[Span]) -> NDArray[np.bool_]:
        apart = joined(spans, touching_s=0.0)
        if not apart:
            return np.zeros(len(self.onset_ns), np.bool_)
        onsets_ns, ends_ns = np.array(apart, np.int64).T
        middle_ns = self.onset_ns + (self.end_ns - self.onset_ns) // 2
        position = np.searchsorted(onsets_ns, middle_ns, side="right") - 1
        inside: NDArray[np.bool_] = (position >= 0) & (middle_ns < ends_ns[np.maximum(position, 0)])
        return inside

    def _picked(self, which: NDArray[np.bool_]) -> ValidEpochs:
        return ValidEpochs(self.onset_ns[which], self.end_ns[which], self.valid_s[which], self.good[which])


def combined(several: Sequence[ValidEpochs], *, everywhere: bool) -> ValidEpochs:
    """Return the time in which any of several signals was valid, or in which all were.

    Parameters
    ----------
    several : sequence of ValidEpochs
        One for each signal; their epochs need not begin at the same time.
    everywhere : bool
        Whether all of them have to be valid.

    Returns
    -------
    ValidEpochs
        Pieces of their epochs. Where one of them misses some seconds of an epoch, the longest valid
        time counts, or the shortest where all have to be valid. A piece is good if any of them is,
        or if all are.
    """
    if len(several) <= 1:
        return several[0] if several else ValidEpochs.of(())
    edges_ns = np.unique(np.concatenate([edges for one in several for edges in (one.onset_ns, one.end_ns)]))
    onset_ns, end_ns = edges_ns[:-1], edges_ns[1:]
    shares, good = np.zeros((len(several), len(onset_ns))), np.zeros((len(several), len(onset_ns)), np.bool_)
    for row, one in enumerate(several):
        if len(one.onset_ns):
            epoch = np.maximum(np.searchsorted(one.onset_ns, onset_ns, side="right") - 1, 0)
            inside = (one.onset_ns[epoch] <= onset_ns) & (end_ns <= one.end_ns[epoch])
            length_s = (one.end_ns[epoch] - one.onset_ns[epoch]) / NS_PER_S
            shares[row] = np.where(inside, one.valid_s[epoch] / length_s, 0.0)
            good[row] = inside & one.good[epoch]
    over = np.logical_and if everywhere else np.logical_or
    share, is_good = shares.min(axis=0) if everywhere else shares.max(axis=0), over.reduce(good, axis=0)
    used = np.flatnonzero(share > 0)
    valid_s = share * ((end_ns - onset_ns) / NS_PER_S)
    return ValidEpochs(onset_ns[used], end_ns[used], valid_s[used], is_good[used])


def joined(spans: Iterable[Span], *, touching_s: float = TOUCHING_S) -> list[Span]:
    """Join stretches that overlap or lie close to each other.

    Parameters
    ----------
    spans : iterable of Span
        Stretches in any order, UTC ns.
    touching_s : float
        Longest time between two that are one, s.

    Returns
    -------
    list of Span
        In order, apart from each other.

    Examples
    --------
    >>> joined([Span(0, 10), Span(30, 40), Span(5, 20)], touching_s=0.0)
    [Span(onset_ns=0, end_ns=20), Span(onset_ns=30, end_ns=40)]
    """
    touching_ns = round(touching_s * NS_PER_S)
    apart: list[Span] = []
    for span in sorted(spans):
        if apart and span.onset_ns <= apart[-1].end_ns + touching_ns:
            apart[-1] = Span(apart[-1].onset_ns, max(apart[-1].end_ns, span.end_ns))
        else:
            apart.append(span)
    return apart


@dataclass(frozen=True, slots=True)
class StreamValidity:
    """When one stream gave a signal that can be scored.

    Parameters
    ----------
    sensor : str
        Sensor (and channel).
    leg : Leg
        Its leg.
    quantity : Quantity
        What it measures.
    epochs : ValidEpochs
        Its valid epochs.
    fs_hz : float
        Its highest sampling rate, Hz; 0 before any signal.
    """

    sensor: str
    leg: Leg
    quantity: Quantity
    epochs: ValidEpochs
    fs_hz: float

    def off(self, events: Collection[Event]) -> list[Span]:
        """Return the stretches in which its sensor was not worn or its electrode off, by the events of a night."""
        return [Span(event.onset_ns, event.end_ns) for event in events if self._puts_off(event)]

    def without(self, events: Collection[Event]) -> StreamValidity:
        """Return it without those stretches."""
        return replace(self, epochs=self.epochs.outside(self.off(events)))

    def grade(self, criteria: ValidityCriteria, period: Span) -> str:
        """Return the grade of the stream, as :meth:`ValidEpochs.grade`."""
        return self.epochs.grade(criteria, period)

    def _puts_off(self, event: Event) -> bool:
        if event.kind is EventKind.ELECTRODE_OFF:
            return self.quantity is Quantity.EMG and event.sensor == self.sensor
        # A sensor that lies on a table does so with all of its channels.
        same = self.sensor == event.sensor or self.sensor.startswith(f"{event.sensor}.")
        return event.kind is EventKind.NOT_WORN and same


@dataclass(frozen=True, slots=True)
class NightValidity:
    """When the streams of a night could be scored.

    Parameters
    ----------
    streams : tuple of StreamValidity
        All of them.
    scoring : mapping of Leg to StreamValidity
        The one that scores the movements of each leg.

    Attributes
    ----------
    either, both : ValidEpochs
        The time in which a leg could be scored, and that in which both could at once.
    """

    streams: tuple[StreamValidity, ...]
    scoring: Mapping[Leg, StreamValidity]
    either: ValidEpochs = field(init=False)
    both: ValidEpochs = field(init=False)

    def __post_init__(self) -> None:
        legs = [one.epochs for one in self.scoring.values()]
        pair = [self.scoring[leg].epochs for leg in (Leg.LEFT, Leg.RIGHT) if leg in self.scoring]
        object.__setattr__(self, "either", combined(legs, everywhere=False))
        object.__setattr__(self, "both", combined(pair, everywhere=True) if len(pair) > 1 else ValidEpochs.of(()))

    @property
    def one_leg(self) -> bool:
        """Whether movements were found in one leg at a time: what both legs do together is not known then."""
        hours = self.either.hours
        return hours > 0 and self.both.hours < min(BOTH_LEGS_H, BOTH_LEGS_SHARE * hours)

    @property
    def quantities(self) -> frozenset[Quantity]:
        """What movements could be found in."""
        return frozenset(one.quantity for one in self.scoring.values() if len(one.epochs.valid_s))

    def movement_h(self, spans: Sequence[Span] | None = None) -> float:
        """Return the hours in which movements could be found in either leg, all or inside some stretches."""
        return (self.either if spans is None else self.either.within(spans)).hours

    def emg_h(self) -> float:
        """Return the valid hours of the EMG channel that has most of them."""
        return max((one.epochs.hours for one in self.streams if one.quantity is Quantity.EMG), default=0.0)

    def motion(self) -> ValidEpochs:
        """Return the time in which any acceleration was valid."""
        every = [one.epochs for one in self.streams if one.quantity is Quantity.ACCELERATION]
        return combined(every, everywhere=False)

    def covered(self) -> list[Span]:
        """Return the stretches in which at least one leg could be scored, UTC ns, joined and in order."""
        return joined(span for one in self.scoring.values() for span in one.epochs.covered())

"""A whole simulated night, played out piece by piece."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from detectors.signal import S_PER_H
from detectors.simulate.acceleration import AccelerationChunks, AccelerationSetup
from detectors.simulate.agenda import LEGS, plan_night
from detectors.simulate.character import character
from detectors.simulate.emg import TIBIALIS_ANTERIOR, EmgChunks, EmgSetup
from detectors.simulate.named import named_regime
from detectors.simulate.reading import ChunkReader
from detectors.simulate.spans import awakenings, night_spans
from detectors.simulate.splits import split_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.signal import Leg
    from detectors.simulate.character import LegCharacter
    from detectors.simulate.plan import Contact
    from detectors.simulate.regimes import Regime
    from detectors.simulate.structure import StageSpan
    from detectors.simulate.truth import TruthEvent, TruthSpan

EMG_FS_HZ = 500.0
ACCELERATION_FS_HZ = 50.0


class LegSignal:
    """EMG and acceleration of one leg, made when they are asked for.

    Any piece of the night is the same to the bit whatever was asked for before. One chunk of each
    signal is kept, so that reading on is cheap and a night never has to fit into memory.

    Parameters
    ----------
    leg : Leg
        The leg.
    truth : tuple of TruthEvent
        What happens to it, in order of time.
    emg : EmgSetup
        What the EMG is made from.
    acceleration : AccelerationSetup
        What the acceleration is made from.
    duration_s : float
        Length of the night, s.

    Examples
    --------
    >>> signal = simulate_night(0.1, seed=1, regime="clean").legs[0]
    >>> signal.emg(0, 100).shape, signal.acceleration(0, 50).shape
    ((100, 1), (50, 3))
    >>> bool((signal.emg(0, 100)[40:60] == signal.emg(40, 60)).all())
    True
    """

    __slots__ = (
        "_acceleration",
        "_emg",
        "_setups",
        "acceleration_fs_hz",
        "duration_s",
        "emg_fs_hz",
        "leg",
        "muscles",
        "n_acceleration",
        "n_emg",
        "truth",
    )

    def __init__(
        self,
        leg: Leg,
        truth: tuple[TruthEvent, ...],
        emg: EmgSetup,
        acceleration: AccelerationSetup,
        duration_s: float,
    ) -> None:
        self.leg = leg
        self.truth = truth
        self.duration_s = duration_s
        self._setups = (emg, acceleration)
        self.muscles = emg.muscles
        self.emg_fs_hz = emg.fs_hz
        self.acceleration_fs_hz = acceleration.fs_hz
        self.n_emg = round(duration_s * emg.fs_hz)
        self.n_acceleration = round(duration_s * acceleration.fs_hz)
        emg_chunks, acceleration_chunks = EmgChunks(emg), AccelerationChunks(acceleration)
        self._emg = ChunkReader(emg_chunks, emg_chunks.samples, self.n_emg)
        self._acceleration = ChunkReader(acceleration_chunks, acceleration_chunks.samples, self.n_acceleration)

    @property
    def character(self) -> LegCharacter:
        """What stays the same on this leg all night."""
        return self._setups[0].character

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """When its electrodes are not as they were put on."""
        return self._setups[0].plan.contacts

    def at_rates(self, emg_fs_hz: float, acceleration_fs_hz: float) -> LegSignal:
        """Return the same leg at other sampling rates, as a sensor with another crystal would see it.

        Parameters
        ----------
        emg_fs_hz, acceleration_fs_hz : float
            Sampling rates, Hz.

        Returns
        -------
        LegSignal
            The same happenings; noise is drawn anew.
        """
        emg, acceleration = self._setups
        emg = replace(emg, fs_hz=emg_fs_hz)
        acceleration = replace(acceleration, fs_hz=acceleration_fs_hz)
        return LegSignal(self.leg, self.truth, emg, acceleration, self.duration_s)

    def emg(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return EMG samples ``[start, stop)``.

        Parameters
        ----------
        start, stop : int
            Sample indices from the start of the night.

        Returns
        -------
        ndarray of float32, shape (stop - start, n_muscles)
            EMG, µV.

        Raises
        ------
        ValueError
            If the range does not lie inside the night.
        """
        return self._emg.read(start, stop)

    def acceleration(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return acceleration samples ``[start, stop)``.

        Parameters
        ----------
        start, stop : int
            Sample indices from the start of the night.

        Returns
        -------
        ndarray of float32, shape (stop - start, 3)
            Acceleration along x (the leg), y and z, g.

        Raises
        ------
        ValueError
            If the range does not lie inside the night.
        """
        return self._acceleration.read(start, stop)


@dataclass(frozen=True, slots=True)
class SimulatedNight:
    """Two legs for a night, and the truth about them.

    Parameters
    ----------
    seed : int
        Seed that it was made from.
    regime : Regime
        Kind of night.
    duration_s : float
        Length, s.
    legs : tuple of LegSignal
        Left and right.
    stages : tuple of StageSpan
        How it is slept, without a gap.
    truth : tuple of TruthEvent
        What happens on both legs, and the awakenings, in order of time.
    spans : tuple of TruthSpan
        Sleep and wakefulness of both legs; per leg when it is upright, not worn, without electrode, or its
        signal is bad; in order of time.
    """

    seed: int
    regime: Regime
    duration_s: float
    legs: tuple[LegSignal, ...]
    stages: tuple[StageSpan, ...]
    truth: tuple[TruthEvent, ...]
    spans: tuple[TruthSpan, ...]

    @property
    def parameters(self) -> dict[str, object]:
        """All that the night was made from: seed, length, the regime's ranges, what was drawn for each leg."""
        return {
            "seed": self.seed,
            "duration_s": self.duration_s,
            "regime": asdict(self.regime),
            "legs": {leg.leg.value: asdict(leg.character) for leg in self.legs},
        }


def simulate_night(
    hours: float,
    seed: int,
    regime: Regime | str,
    *,
    muscles: tuple[str, ...] = (TIBIALIS_ANTERIOR,),
    emg_fs_hz: float = EMG_FS_HZ,
    acceleration_fs_hz: float = ACCELERATION_FS_HZ,
) -> SimulatedNight:
    """Simulate a night of both legs with known truth.

    Parameters
    ----------
    hours : float
        Length, h.
    seed : int
        Seed, not negative; the same seed gives the same night.
    regime : Regime or str
        Kind of night, or its name (`detectors.simulate.REGIMES`). A name means the ranges for the test with a
        seed of 0 to 999 and those for tuning with 1000 to 1999 (`detectors.simulate.split_of`).
    muscles : tuple of str
        One EMG channel each; movements are strong in the tibialis anterior, cramps in any other muscle.
    emg_fs_hz, acceleration_fs_hz : float
        Sampling rates, Hz.

    Returns
    -------
    SimulatedNight
        Both legs, made when they are asked for, and the truth.

    Raises
    ------
    ValueError
        If the length is not positive, the seed is negative or the regime is unknown.

    Notes
    -----
    Numbers found on simulated nights say that the code works; they say nothing about people.

    Examples
    --------
    >>> night = simulate_night(0.5, seed=3, regime="clean")
    >>> [leg.leg.value for leg in night.legs], sum(event.kind == "cramp" for event in night.truth)
    (['left', 'right'], 1)
    """
    if not (np.isfinite(hours) and hours > 0):
        msg = f"hours is {hours}, expected a positive length of the night"
        raise ValueError(msg)
    if seed < 0:
        msg = f"seed is {seed}, expected a whole number from 0"
        raise ValueError(msg)
    chosen = named_regime(regime, split_of(seed)) if isinstance(regime, str) else regime
    duration_s = hours * S_PER_H
    plan = plan_night(duration_s, seed, chosen)
    legs = []
    for number, leg in enumerate(LEGS):
        mine, constants = plan.legs[leg], character(seed, number, chosen)
        emg = EmgSetup(seed, number, emg_fs_hz, muscles, mine, constants, chosen.emg)
        acceleration = AccelerationSetup(seed, number, acceleration_fs_hz, mine, constants, chosen.acceleration)
        legs.append(LegSignal(leg, mine.truth, emg, acceleration, duration_s))
    stages = plan.structure.spans
    truth = [event for leg in legs for event in leg.truth]
    truth += awakenings(stages, truth)
    in_order = tuple(sorted(truth, key=attrgetter("onset_s")))
    return SimulatedNight(seed, chosen, duration_s, tuple(legs), stages, in_order, night_spans(stages, plan.legs))

"""The EMG of one simulated leg, chunk by chunk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detectors.simulate.envelope import burst_shape
from detectors.simulate.pickup import FREE_NOISE_FACTOR, Contacts, contacts_at, heart, mains, popping, shaking
from detectors.simulate.pieces import by_chunk
from detectors.simulate.randomness import Purpose, generator
from detectors.simulate.shaped import ShapedNoise, amplifier, band
from detectors.simulate.sudden import potential_shape
from detectors.simulate.units import MotorUnits, drawn_pool

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.simulate.character import LegCharacter
    from detectors.simulate.plan import Burst, LegPlan
    from detectors.simulate.regimes import EmgRegime

CHUNK_S = 60.0
TIBIALIS_ANTERIOR = "tibialis anterior"
# Movement artefacts lie here (science.md 9.1), Hz.
ARTEFACT_HZ = (1.0, 15.0)
# Heavy tails come from noise whose level changes this often, s.
TAIL_S = 0.04


@dataclass(frozen=True, slots=True)
class EmgSetup:
    """What the EMG of a leg is made from.

    Parameters
    ----------
    seed, leg : int
        Seed of the night and number of the leg.
    fs_hz : float
        Sampling rate, Hz.
    muscles : tuple of str
        One channel each.
    plan : LegPlan
        What happens.
    character : LegCharacter
        What stays the same.
    regime : EmgRegime
        The kind of night.
    """

    seed: int
    leg: int
    fs_hz: float
    muscles: tuple[str, ...]
    plan: LegPlan
    character: LegCharacter
    regime: EmgRegime


class EmgChunks:
    """Minutes of EMG, each computed as a whole, so that cutting the night otherwise changes nothing.

    Parameters
    ----------
    setup : EmgSetup
        What the signal is made from.
    """

    __slots__ = ("_amplifier", "_artefact", "_bursts", "_held", "_near", "_setup", "_units", "samples")

    def __init__(self, setup: EmgSetup) -> None:
        self._setup = setup
        self.samples = round(CHUNK_S * setup.fs_hz)
        character, plan = setup.character, setup.plan
        self._amplifier = ShapedNoise(amplifier(setup.regime.pink_corner_hz), setup.fs_hz, self.samples)
        self._artefact = ShapedNoise(band(*ARTEFACT_HZ), setup.fs_hz, self.samples)
        corners_hz = (character.spectrum_low_hz, character.spectrum_high_hz)
        self._units = []
        for channel in range(len(setup.muscles)):
            rng = generator(setup.seed, setup.leg, Purpose.MUSCLE, channel)
            pool = drawn_pool(rng, character.n_units, corners_hz, setup.fs_hz)
            self._units.append(MotorUnits((setup.seed, setup.leg, channel), pool, setup.fs_hz))
        chunk_s = self.samples / setup.fs_hz
        numbers = {id(burst): number for number, burst in enumerate(plan.bursts)}
        self._bursts = {
            chunk: [(numbers[id(burst)], burst) for burst in bursts]
            for chunk, bursts in by_chunk(plan.bursts, chunk_s).items()
        }
        parts = ("rotations", "waves", "pops", "potentials", "contacts")
        self._near = {part: by_chunk(getattr(plan, part), chunk_s) for part in parts}
        # Bursts that go on into the next chunk are made once.
        self._held: dict[tuple[int, int], tuple[int, NDArray[np.float32]]] = {}

    def __call__(self, number: int) -> NDArray[np.float32]:
        """Return chunk `number`, µV, shape (samples, n_muscles)."""
        setup = self._setup
        t_s = (number * self.samples + np.arange(self.samples)) / setup.fs_hz
        sitting = contacts_at(t_s, self._near["contacts"].get(number, ()))
        common = self._common(t_s, number, sitting)
        shaken = self._shaken(t_s, number)
        tails = self._tails(number)
        columns = np.empty((self.samples, len(setup.muscles)), dtype=np.float32)
        for channel, muscle in enumerate(setup.muscles):
            place = (setup.seed, setup.leg)
            noise = self._amplifier.chunk(*place, Purpose.AMPLIFIER, channel, number).astype(np.float64)
            column = setup.character.noise_uv * tails * sitting.noise * noise + common
            self._add_bursts(column, t_s, number, channel, 1.0 if muscle == TIBIALIS_ANTERIOR else None)
            if shaken is not None:
                column += shaken * self._artefact.chunk(*place, Purpose.MOTION, channel, number)
            columns[:, channel] = self._seen(column, t_s, number, sitting)
        return columns

    def _common(self, t_s: NDArray[np.float64], number: int, sitting: Contacts) -> NDArray[np.float64]:
        """Return what every channel of the leg picks up alike: mains, heart, pops, single potentials, µV."""
        character = self._setup.character
        hum_uv = character.line_uv * sitting.noise + sitting.hum_uv
        total = np.zeros(len(t_s))
        if hum_uv.any():
            total += hum_uv * mains(t_s, self._setup.regime.line_hz, character.phase_rad[0])
        if character.ecg_uv > 0.0:
            total += character.ecg_uv * heart(t_s, character)
        total += popping(t_s, self._near["pops"].get(number, ()))
        for one in self._near["potentials"].get(number, ()):
            first, last = np.searchsorted(t_s, (one.onset_s, one.end_s))
            share = (t_s[first:last] - one.onset_s) / one.length_s
            total[first:last] += one.height_uv * potential_shape(share, one.n_phases)
        return total

    def _add_bursts(
        self, column: NDArray[np.float64], t_s: NDArray[np.float64], number: int, channel: int, share: float | None
    ) -> None:
        """Add the activity of the muscle, µV."""
        bursts = self._bursts.get(number, ())
        self._held = {key: held for key, held in self._held.items() if key[0] in {index for index, _ in bursts}}
        for index, burst in bursts:
            first, last = np.searchsorted(t_s, (burst.onset_s, burst.end_s))
            begin, carrier = self._carrier(index, burst, channel)
            offset = number * self.samples - begin
            level_uv = burst.amplitude_uv * (burst.calf_share if share is None else share)
            shape = level_uv * burst_shape(t_s[first:last], burst)
            column[first:last] += shape * carrier[first + offset : last + offset]

    def _carrier(self, index: int, burst: Burst, channel: int) -> tuple[int, NDArray[np.float32]]:
        """Return the signal of a burst before its envelope, made once while it lasts."""
        key = (index, channel)
        if key not in self._held:
            self._held[key] = self._units[channel].carrier(index, burst)
        return self._held[key]

    def _shaken(self, t_s: NDArray[np.float64], number: int) -> NDArray[np.float64] | None:
        """Return the level of the movement artefact, µV, or None where the leg rests."""
        level_uv = self._setup.character.motion_artefact_uv
        turns, waves = self._near["rotations"].get(number, ()), self._near["waves"].get(number, ())
        walks = [walk for walk in self._setup.plan.walks if walk.onset_s < t_s[-1] and walk.end_s > t_s[0]]
        if level_uv <= 0.0 or not (turns or waves or walks):
            return None
        shaken = shaking(t_s, turns, waves)
        for walk in walks:
            shaken[(t_s >= walk.onset_s) & (t_s < walk.end_s)] = 1.0
        return level_uv * shaken

    def _tails(self, number: int) -> NDArray[np.float64]:
        """Return the changing level of the noise, 1 on average of the squares."""
        share = self._setup.regime.tail_share
        if share <= 0.0:
            return np.ones(self.samples)
        block = max(1, round(TAIL_S * self._setup.fs_hz))
        rng = generator(self._setup.seed, self._setup.leg, Purpose.TAILS, number)
        power = 1.0 - share + share * rng.standard_exponential(self.samples // block + 1)
        return np.repeat(np.sqrt(power), block)[: self.samples]

    def _seen(
        self, column: NDArray[np.float64], t_s: NDArray[np.float64], number: int, sitting: Contacts
    ) -> NDArray[np.float64]:
        """Return a channel through its electrodes: its gain, and what it shows while they are off."""
        seen = column * sitting.gain
        free = np.isfinite(sitting.free_uv)
        if free.any():
            character = self._setup.character
            rng = generator(self._setup.seed, self._setup.leg, Purpose.FREE_INPUT, number)
            flat = FREE_NOISE_FACTOR * character.noise_uv * rng.standard_normal(len(t_s))
            hum = mains(t_s, self._setup.regime.line_hz, character.phase_rad[0])
            seen[free] = (sitting.free_uv * hum + flat)[free]
        rail = np.isfinite(sitting.rail_uv)
        seen[rail] = sitting.rail_uv[rail]
        return seen

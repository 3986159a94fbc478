"""Under which conditions nights are simulated and scored."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.simulate.splits import Split, split_of

BOTH = ("emg", "acceleration")
EMG_FS_HZ = 500.0
ACCELERATION_FS_HZ = 50.0
LOW_EMG_FS_HZ = 128.0
LOW_ACCELERATION_FS_HZ = (25.0, 52.0)


@dataclass(frozen=True, slots=True)
class Condition:
    """A kind of night and how it is recorded.

    Parameters
    ----------
    name : str
        What it is called in the tables.
    regime : str
        Kind of night that is simulated.
    quantities : tuple of str
        What the sensors record.
    emg_fs_hz : float
        Sampling rate of the EMG, Hz.
    acceleration_fs_hz : tuple of float
        Sampling rates of the acceleration, Hz; nights take turns.
    says : str
        What stands under the table.
    """

    name: str
    regime: str
    says: str
    quantities: tuple[str, ...] = BOTH
    emg_fs_hz: float = EMG_FS_HZ
    acceleration_fs_hz: tuple[float, ...] = (ACCELERATION_FS_HZ,)

    @property
    def has_emg(self) -> bool:
        """Whether muscle activity is recorded."""
        return "emg" in self.quantities

    def rates(self, seed: int) -> dict[str, float]:
        """Return the sampling rates of a night, Hz."""
        return {
            "emg_fs_hz": self.emg_fs_hz,
            "acceleration_fs_hz": self.acceleration_fs_hz[seed % len(self.acceleration_fs_hz)],
        }


CONDITIONS = (
    Condition("clean", "clean", "good contact, 1.0 to 1.6 µV of noise, clear movements"),
    Condition("hard", "hard", "3.5 to 7 µV of noise, hum, heart beats, electrode pops, weak movements, a partner"),
    Condition("healthy", "healthy", "few movements, hardly a series, twitches as healthy sleepers have them"),
    Condition("spastic", "spastic", "clonus and tonic spasms"),
    Condition("artefact", "artefact", "no muscle acts all night: everything that is found is false"),
    Condition(
        "low rate",
        "hard",
        "the hard nights with EMG at 128 Hz and acceleration at 25 Hz (even seeds) or 52 Hz (odd seeds)",
        emg_fs_hz=LOW_EMG_FS_HZ,
        acceleration_fs_hz=LOW_ACCELERATION_FS_HZ,
    ),
    Condition("acceleration only", "hard", "the hard nights without any EMG", quantities=("acceleration",)),
)


def seeds_for_tests(n_nights: int) -> range:
    """Return the seeds of the nights: the first ones that nothing may be tuned on.

    Raises
    ------
    ValueError
        If there are not so many seeds for tests.
    """
    seeds = range(n_nights)
    if not n_nights or any(split_of(seed) is not Split.TEST for seed in seeds):
        msg = f"{n_nights} nights asked for, expected 1 to as many as there are seeds for tests"
        raise ValueError(msg)
    return seeds

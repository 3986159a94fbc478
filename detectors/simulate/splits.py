"""Which simulated nights a threshold may be tuned on, and which are kept for the test.

The two never share a seed, and of every regime they have ranges of their own: other noise, other muscle
spectra, another law of amplitudes (science.md 8.3). A threshold tuned on the generator's own constants
would be found good by the generator.
"""

from __future__ import annotations

from enum import StrEnum

# Seeds come in thousands: the even ones are for the test, the odd ones for tuning.
SEEDS_OF_A_SPLIT = 1000
TEST_SEEDS = range(SEEDS_OF_A_SPLIT)
TUNING_SEEDS = range(SEEDS_OF_A_SPLIT, 2 * SEEDS_OF_A_SPLIT)


class Split(StrEnum):
    """What a simulated night may be used for."""

    TUNING = "tuning"
    TEST = "test"


def split_of(seed: int) -> Split:
    """Return what the nights of a seed may be used for.

    Parameters
    ----------
    seed : int
        Seed of a night, not negative.

    Returns
    -------
    Split
        Seeds 0 to 999 are for the test, 1000 to 1999 for tuning, and so on by turns.

    Examples
    --------
    >>> split_of(999).value, split_of(1000).value, split_of(2000).value
    ('test', 'tuning', 'test')
    """
    return Split.TUNING if (seed // SEEDS_OF_A_SPLIT) % 2 else Split.TEST

"""What can be set of the outbox; a table of ``soleus.toml`` like those in :mod:`soleus.settings`."""

from __future__ import annotations

import math
from dataclasses import dataclass

_BYTES_PER_MB = 1_000_000
# A night of two sensors has some 3 MB: with less than a few of them, one evening without a broker fills it.
LEAST_MB = 10.0


@dataclass(frozen=True, slots=True)
class OutboxSettings:
    """What waits for delivery: the ``[outbox]`` table.

    Parameters
    ----------
    max_mb : float
        Room on the disk that what waits for delivery may take, MB: some hundred nights of two sensors. It is said from
        half of it on. When it is full, epochs and health stay in the night's folder, from where soleus replay --publish
        brings them later; events are always taken.
    """

    max_mb: float = 500.0

    def __post_init__(self) -> None:
        if not LEAST_MB <= self.max_mb < math.inf:
            msg = f"max_mb is {self.max_mb}, expected at least {LEAST_MB:g} megabytes"
            raise ValueError(msg)

    @property
    def max_bytes(self) -> int:
        """Return `max_mb` in bytes."""
        return round(self.max_mb * _BYTES_PER_MB)

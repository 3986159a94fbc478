"""What one kind of sensor says when all is well."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray


class Said(NamedTuple):
    """A value of a characteristic; with the request that it answers, or empty bytes after a read, a set-up reply."""

    characteristic: str
    payload: bytes
    request: bytes | None = None


class Example(NamedTuple):
    """One kind of sensor at work.

    Parameters
    ----------
    replies : tuple of Said
        What it answers in set-up.
    step : callable of int to list of Said
        What it notifies in its n-th step.
    step_ns : int
        How long a step takes.
    options : mapping of str to float
        Facts that its packets do not carry.
    fresh : tuple of Said or None
        What it answers when it was switched off and on, if that differs.
    """

    replies: tuple[Said, ...]
    step: Callable[[int], list[Said]]
    step_ns: int
    options: Mapping[str, float] = MappingProxyType({})
    fresh: tuple[Said, ...] | None = None

    @property
    def fresh_replies(self) -> tuple[Said, ...]:
        """What it answers in the set-up that begins another segment."""
        return self.replies if self.fresh is None else self.fresh


def wave(first: int, n_samples: int, n_axes: int, most: int = 1000) -> NDArray[np.int64]:
    """Return counts that change from sample to sample and from axis to axis."""
    index = np.arange(first, first + n_samples)[:, None] * 7 + np.arange(n_axes) * 13
    return index * index % (2 * most) - most


def triple(first: int, per_count: float) -> tuple[float, ...]:
    """Return one sample of three axes."""
    return tuple(float(value) for value in wave(first, 1, 3)[0] * per_count)

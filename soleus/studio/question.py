"""What is asked of one recording, as it is sent to the process that holds it."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from detectors.criteria import Criteria
    from soleus.studio.sources import Reference, Source


class Packed:
    """Criteria ready to be sent with many questions: to pack them takes longer than all else that is sent.

    Parameters
    ----------
    criteria : Criteria
        The criteria.
    """

    def __init__(self, criteria: Criteria) -> None:
        self.criteria, self.content = criteria, pickle.dumps(criteria)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one recording.

    Parameters
    ----------
    source : Source
        The recording.
    criteria : Criteria
        Every threshold.
    word : str
        The class of events, a key of `BY_WORD`.
    reference : Reference or None
        What it is judged by.
    packed : Packed or None
        The criteria as several questions send them; those of another question are not taken.
    """

    source: Source
    criteria: Criteria
    word: str
    reference: Reference | None = None
    packed: Packed | None = field(default=None, compare=False)

    def __reduce__(self) -> tuple[Callable[..., Question], tuple[Any, ...]]:
        """Return how it is sent."""
        packed = self.packed
        if packed is None or packed.criteria is not self.criteria:
            packed = Packed(self.criteria)
        return _received, (self.source, packed.content, self.word, self.reference)


def _received(source: Source, content: bytes, word: str, reference: Reference | None) -> Question:
    return Question(source, _unpacked(content), word, reference)


# The questions of one look come one after the other, and what is one object is compared at once.
@lru_cache(maxsize=4)
def _unpacked(content: bytes) -> Criteria:
    criteria: Criteria = pickle.loads(content)  # noqa: S301 - packed by the process that started this one
    return criteria

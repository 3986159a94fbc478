"""The numbers of a night that is scored again and again; what takes longest is computed when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from detectors.numbers.unknown import Unknown, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LATE = "robustness"
_REASONS = "reasons"
_HOURS = frozenset({"valid_h", "good_h"})


class NightNumbers(Mapping[str, Any]):
    """The numbers of a night, equal to those of :func:`detectors.pipeline.score`, computed when they are asked for.

    Parameters
    ----------
    numbers : callable
        Computes all but ``robustness``, or why they are unknown, and further ones that are known.
    hours : callable
        Computes ``valid_h`` and ``good_h`` alone, which a list that is judged asks for and nothing else.
    robustness : callable
        Computes that one, from more than thirty further scorings of the movements, when it, or all of the numbers,
        are asked for.
    """

    def __init__(
        self,
        numbers: Callable[[], tuple[Mapping[str, Any], Mapping[str, Any]]],
        hours: Callable[[], Mapping[str, Any]],
        robustness: Callable[[], Any],
    ) -> None:
        self._compute: Callable[[], tuple[Mapping[str, Any], Mapping[str, Any]]] | None = numbers
        self._hours = hours
        self._robustness: Callable[[], Any] | None = robustness
        self._numbers: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        if key in _HOURS and self._compute is not None:
            return self._hours()[key]
        known = self._known()
        if key in {_LATE, _REASONS} and self._robustness is not None:
            varied, self._robustness = self._robustness(), None
            unknown = isinstance(varied, Unknown)
            known[_LATE] = None if unknown else varied
            known[_REASONS] |= {_LATE: varied.why} if unknown else {}
        return known[key]

    def __iter__(self) -> Iterator[str]:
        yield from [key for key in self._known() if key != _LATE]
        yield _LATE

    def __len__(self) -> int:
        return len(self._known()) + (self._robustness is not None)

    def __repr__(self) -> str:
        return repr(dict(self))

    def _known(self) -> dict[str, Any]:
        if self._compute is not None:
            unsure, others = self._compute()
            self._compute, self._numbers = None, {**told(unsure), **others}
        return self._numbers

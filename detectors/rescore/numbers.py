"""The numbers of a night that is scored again and again; what takes longest is computed when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from detectors.numbers.unknown import Unknown, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LATE = "robustness"
_REASONS = "reasons"


class NightNumbers(Mapping[str, Any]):
    """The numbers of a night, equal to those of :func:`detectors.pipeline.score`.

    Parameters
    ----------
    numbers : mapping
        All but ``robustness``, or why they are unknown.
    others : mapping
        Further numbers, which are known.
    robustness : callable
        Computes that one, from more than thirty further scorings of the movements, when it, or all of the numbers,
        are asked for.
    """

    def __init__(self, numbers: Mapping[str, Any], others: Mapping[str, Any], robustness: Callable[[], Any]) -> None:
        self._numbers = {**told(numbers), **others}
        self._robustness: Callable[[], Any] | None = robustness

    def __getitem__(self, key: str) -> Any:
        if key in {_LATE, _REASONS} and self._robustness is not None:
            varied, self._robustness = self._robustness(), None
            reasons = self._numbers.pop(_REASONS)
            unknown = isinstance(varied, Unknown)
            self._numbers |= {_LATE: None if unknown else varied}
            self._numbers |= {_REASONS: reasons | ({_LATE: varied.why} if unknown else {})}
        return self._numbers[key]

    def __iter__(self) -> Iterator[str]:
        if self._robustness is None:
            yield from self._numbers
            return
        yield from (key for key in self._numbers if key != _REASONS)
        yield from (_LATE, _REASONS)

    def __len__(self) -> int:
        return len(self._numbers) + (self._robustness is not None)

    def __repr__(self) -> str:
        return repr(dict(self))

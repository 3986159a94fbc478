"""Local time of what may lie in no night: the clock of the nearest night, else that of this computer."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.book import NightCard

NEAR_NS = 24 * 3600 * NS_PER_S
"""The clock of a night holds for the day around it, as its diary does."""
FIRST_YEAR, LAST_YEAR = 1971, 2261
"""Whole years in which nanoseconds since 1970 fit 64 bits, wherever the clock stands."""
_TRIES = 2


def own_offset_s(t_ns: int) -> int:
    """Return the clock of this computer minus UTC at a time (UTC, ns), s."""
    offset = datetime.fromtimestamp(t_ns // NS_PER_S, UTC).astimezone().utcoffset()
    return round(offset.total_seconds()) if offset is not None else 0


@dataclass(frozen=True, slots=True)
class LocalClock:
    """The clock by the bed, as far as one knows it.

    Parameters
    ----------
    cards : tuple of NightCard
        Nights, oldest first.
    """

    cards: tuple[NightCard, ...] = ()

    @classmethod
    def of(cls, nights: Sequence[NightCard]) -> LocalClock:
        """Return the clock of some nights, newest first as a book tells them."""
        return cls(tuple(reversed(nights)))

    def offset_s(self, t_ns: int) -> int:
        """Return local time minus UTC at a time (UTC, ns), s."""
        after = bisect_right(self.cards, t_ns, key=lambda card: card.start_ns)
        near = [card for card in self.cards[max(after - 1, 0) : after + 1] if _away_ns(card, t_ns) <= NEAR_NS]
        if not near:
            return own_offset_s(t_ns)
        return min(near, key=lambda card: _away_ns(card, t_ns)).utc_offset_s

    def field_text(self, t_ns: int) -> str:
        """Return a time (UTC, ns) as the field of a form holds it, to the minute: ``2026-03-14T03:12``."""
        return self._local(t_ns).strftime("%Y-%m-%dT%H:%M")

    def time_ns(self, text: str) -> int:
        """Return the time (UTC, ns) that the field of a form means.

        Raises
        ------
        ValueError
            If it means none.
        """
        try:
            local = datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError:
            msg = f"the time is {text[:40]!r}, expected a date and a time as in 2026-03-14T03:12"
            raise ValueError(msg) from None
        if not FIRST_YEAR <= local.year <= LAST_YEAR:
            msg = f"the time is {text[:40]!r}, expected one of the years {FIRST_YEAR} to {LAST_YEAR}"
            raise ValueError(msg)
        found_ns = as_utc_ns = int(local.timestamp()) * NS_PER_S
        for _ in range(_TRIES):
            found_ns = as_utc_ns - self.offset_s(found_ns) * NS_PER_S
        return found_ns

    def _local(self, t_ns: int) -> datetime:
        return datetime.fromtimestamp(t_ns // NS_PER_S, UTC) + timedelta(seconds=self.offset_s(t_ns))


def _away_ns(card: NightCard, t_ns: int) -> int:
    return max(card.start_ns - t_ns, t_ns - card.end_ns, 0)

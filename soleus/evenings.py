"""To which night an entry of the diary belongs, and what the evening is called where no night was recorded."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from dashboards.book import NightCard

HOUR_NS = 3600 * NS_PER_S
AROUND_NS = 24 * HOUR_NS
"""How long before and after a night a note may still belong to it: the day that led to it, and the day after."""
MORNING_NS = 4 * HOUR_NS
"""What is written so soon after a night is of that night, also where it ended at noon."""
_NOON = timedelta(hours=12)


class Evenings(NamedTuple):
    """The nights of a person that an entry may belong to, newest first."""

    cards: tuple[NightCard, ...]

    def night_of(self, time_ns: int, named: str = "") -> str:
        """Return the night of an instant, or the date of its evening where no night was recorded.

        Parameters
        ----------
        time_ns : int
            UTC, ns.
        named : str
            The night that the entry was written into.

        Notes
        -----
        First the night that it lies in, its morning included; then the one that it was written into; then the nearest
        one of the same evening. A day of the diary lasts from noon to noon, local time.
        """
        for card in self.cards:
            if card.start_ns <= time_ns <= card.end_ns + MORNING_NS:
                return card.night_id
        if any(card.night_id == named for card in self.cards):
            return named
        same = [
            card
            for card in self.cards
            if evening(card.start_ns, card.utc_offset_s) == evening(time_ns, card.utc_offset_s)
        ]
        if same:
            return min(same, key=lambda card: abs(card.start_ns - time_ns)).night_id
        return evening_here(time_ns).isoformat()


def evening(time_ns: int, utc_offset_s: int) -> date:
    """Return the date of the evening that an instant belongs to: its local day lasts from noon to noon.

    Parameters
    ----------
    time_ns : int
        UTC, ns.
    utc_offset_s : int
        Local time minus UTC, s.

    Examples
    --------
    >>> half_past_two_ns = 1_795_228_200 * 10**9
    >>> evening(half_past_two_ns, 0), evening(half_past_two_ns, 12 * 3600)
    (datetime.date(2026, 11, 20), datetime.date(2026, 11, 21))
    """
    local = datetime.fromtimestamp(time_ns // NS_PER_S, UTC) + timedelta(seconds=utc_offset_s)
    return (local - _NOON).date()


def evening_here(time_ns: int) -> date:
    """Return the date of the evening of an instant (UTC, ns) where this computer stands."""
    return (datetime.fromtimestamp(time_ns // NS_PER_S).astimezone().replace(tzinfo=None) - _NOON).date()

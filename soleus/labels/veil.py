"""Who scores which recording blind, so that lists of others are shown to nobody who does not say who he is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from soleus.labels.acts import Done, sheet_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soleus.labels.ledger import LabelLedger, Stamp


class Veil(NamedTuple):
    """What is hidden of a recording from who does not say who he is.

    Parameters
    ----------
    raters : sequence of str
        Who scores it blind and has not finished, by name; nobody where nothing is hidden.

    Examples
    --------
    >>> Veil().hides("Ann"), Veil(["Bob"]).hides("Ann"), Veil(["Bob"]).hides("Bob"), Veil(["Ann", "Bob"]).hides("Bob")
    (False, True, False, True)
    >>> Veil(["Bob"]).line
    'Bob scores this recording blind; lists of others are shown when that is ended'
    """

    raters: Sequence[str] = ()

    def hides(self, rater: str) -> bool:
        """Return whether the list of a rater is hidden: to somebody who scores blind it is another's."""
        return any(blind != rater for blind in self.raters)

    @property
    def line(self) -> str:
        """Why lists are not shown, in one line; empty where they are."""
        if not self.raters:
            return ""
        if len(self.raters) == 1:
            who = f"{self.raters[0]} scores"
        else:
            who = f"{', '.join(self.raters[:-1])} and {self.raters[-1]} score"
        return f"{who} this recording blind; lists of others are shown when that is ended"


class BlindRaters:
    """Who scores blind and has not finished, not looked for again before the next act; several threads may ask."""

    def __init__(self) -> None:
        self._kept: tuple[Stamp, Mapping[str, Sequence[str]]] | None = None

    def of(self, ledger: LabelLedger) -> Mapping[str, Sequence[str]]:
        """Return the raters of each recording that somebody scores blind, by name."""
        stamp, kept = ledger.whole_stamp(), self._kept
        if kept is not None and kept[0] == stamp:
            return kept[1]
        ways: dict[tuple[str, str], list[Done]] = {}
        for recording, rater, way in ledger.sheet_ways():
            ways.setdefault((recording, rater), []).append(Done("", way))
        found: dict[str, list[str]] = {}
        for (recording, rater), acts in sorted(ways.items()):
            sheet = sheet_of(acts)
            if sheet.blind and not sheet.finished:
                found.setdefault(recording, []).append(rater)
        self._kept = stamp, found
        return found

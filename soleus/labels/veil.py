"""Who scores which recording blind, so that lists of others are shown to nobody who does not say who he is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from soleus.labels.acts import Done, sheet_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soleus.labels.ledger import LabelLedger


class Veil(NamedTuple):
    """What is hidden of a recording from who does not say who he is.

    Parameters
    ----------
    raters : sequence of str
        Who scores it blind and has not finished, by name; nobody where nothing is hidden.
    fault : str
        Why the marks of raters cannot be read, in one line; then none of them are shown.
    is_known : bool
        Whether it is known who scores it blind, or was before the marks could not be read any more.

    Examples
    --------
    >>> Veil().hides("Ann"), Veil(["Bob"]).hides("Ann"), Veil(["Bob"]).hides("Bob"), Veil(["Ann", "Bob"]).hides("Bob")
    (False, True, False, True)
    >>> Veil(["Bob"]).line
    'Bob scores this recording blind; lists of others are shown when that is ended'
    """

    raters: Sequence[str] = ()
    fault: str = ""
    is_known: bool = True

    def hides(self, rater: str) -> bool:
        """Return whether the list of a rater is hidden: to somebody who scores blind it is another's."""
        return bool(self.fault) or any(blind != rater for blind in self.raters)

    @property
    def hides_beside(self) -> bool:
        """Whether lists beside the recording are hidden."""
        return bool(self.raters) or not self.is_known

    @property
    def line(self) -> str:
        """Why lists are not shown, in one line; empty where they are."""
        if self.fault:
            return f"marks of raters are not shown: {self.fault}"
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
        self._kept: tuple[object, Sequence[tuple[str, str]]] = None, ()

    def of(self, ledger: LabelLedger) -> Mapping[str, Sequence[str]]:
        """Return the raters of each recording that somebody scores blind, by name."""
        last, kept = ledger.last(), self._kept
        if kept[0] != last:
            kept = self._kept = last, _blind(ledger)
        found: dict[str, list[str]] = {}
        for recording, rater in kept[1]:
            # Acts that were removed leave the last one as it is.
            if ledger.has_acts(recording, rater):
                found.setdefault(recording, []).append(rater)
        return found


def _blind(ledger: LabelLedger) -> list[tuple[str, str]]:
    """Return who scores which recording blind and has not finished: recording and rater, in order."""
    ways: dict[tuple[str, str], list[Done]] = {}
    for recording, rater, way in ledger.sheet_ways():
        ways.setdefault((recording, rater), []).append(Done("", way))
    sheets = {whose: sheet_of(acts) for whose, acts in sorted(ways.items())}
    return [whose for whose, sheet in sheets.items() if sheet.blind and not sheet.finished]

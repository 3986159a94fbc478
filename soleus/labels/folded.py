"""What the acts of raters come to, kept in memory for as long as nobody adds one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from soleus.labels.acts import sheet_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.labelling import Sheet
    from soleus.labels.acts import Done
    from soleus.labels.ledger import LabelLedger, Stamp

# A rater of a night marks some thousand events at most: a megabyte or two each.
_MOST_KEPT: Final = 64


class Whose(NamedTuple):
    """The acts of a rater in a recording, counted from so much later than it began when the first was kept."""

    recording: str
    rater: str
    later_ms: int = 0


class Folded(NamedTuple):
    """The acts of a rater, and the sheet that they come to."""

    stamp: Stamp
    acts: Sequence[Done]
    sheet: Sheet


class FoldedSheets:
    """Sheets that are not folded again while the file has no further act of the rater; several threads may ask."""

    def __init__(self) -> None:
        self._kept: dict[Whose, Folded] = {}

    def of(self, ledger: LabelLedger, whose: Whose) -> Folded:
        """Return what a rater did and what it comes to, as the file has it now."""
        stamp, kept = ledger.stamp(whose.recording, whose.rater), self._kept.get(whose)
        if kept is not None and kept.stamp == stamp:
            return kept
        acts = ledger.acts(*whose)
        return self.keep(whose, Folded(stamp, acts, sheet_of(acts)))

    def keep(self, whose: Whose, folded: Folded) -> Folded:
        """Keep what acts come to that are on the disk: what is taken back by a full one was never there."""
        # Emptied as a whole: whoever labels asks for the same few again and again.
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[whose] = folded
        return folded


def grown(ledger: LabelLedger, whose: Whose, acts: Sequence[Done]) -> Folded:
    """Return what acts come to, the last of which were appended just now."""
    return Folded(ledger.stamp(whose.recording, whose.rater), acts, sheet_of(acts))

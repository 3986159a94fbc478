"""Who marked events in the recordings of a studio, and what: hidden while somebody scores one of them blind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dashboards.unavailable import UnreadableLabelsError
from soleus.labels.veil import Veil
from soleus.studio.sources import LabelReference

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from dashboards.bench_values import BenchRecording
    from dashboards.labelling import LabelBook
    from soleus.studio.catalogue import Catalogue
    from soleus.studio.sources import FileReference


class References:
    """The lists beside recordings and the marks of raters, for whoever does not say who he is.

    Parameters
    ----------
    catalogue : Catalogue
        Which recordings there are, and what lies beside them.
    labels : LabelBook
        What raters marked.

    Notes
    -----
    While somebody scores a recording blind, all lists but his own are hidden: those of other raters, those beside it,
    and the truth of a simulated one. The page cannot know who looks at it, and it may be him.
    """

    def __init__(self, catalogue: Catalogue, labels: LabelBook) -> None:
        self._catalogue, self._labels = catalogue, labels
        self._blind: dict[str, Sequence[str]] = {}

    def veils(self, keys: Collection[str]) -> Mapping[str, Veil]:
        """Return what is hidden of each of some recordings.

        Notes
        -----
        Where the marks cannot be read, whoever scored blind before still does: nobody can end that meanwhile.
        """
        try:
            found = self._labels.blind_raters(keys)
        except UnreadableLabelsError as error:
            return {key: Veil(self._blind.get(key, ()), str(error), is_known=key in self._blind) for key in keys}
        blind = {key: found.get(key, ()) for key in keys}
        self._blind |= blind
        return {key: Veil(raters) for key, raters in blind.items()}

    def with_raters(self, recordings: Sequence[BenchRecording]) -> list[BenchRecording]:
        """Return recordings with everybody whose marks may be seen, and why others may not."""
        veils = self.veils([one.key for one in recordings])
        return [self._with_raters(one, veils[one.key]) for one in recordings]

    def of(self, key: str, scorer: str, veil: Veil) -> FileReference | LabelReference | None:
        """Return what a scorer marked in a recording; None of one who marked nothing, or whose marks are hidden.

        Raises
        ------
        UnreadableLabelsError
            If a rater's marks cannot be read.
        """
        if not scorer:
            return None
        # A list beside the recording may be called like the one who scores it blind.
        listed = None if veil.hides_beside else self._catalogue.reference(key, scorer)
        if listed is not None or veil.hides(scorer) or scorer not in self._raters(key):
            return listed
        return LabelReference(self._labels.sheet(key, scorer).labels)

    def _with_raters(self, about: BenchRecording, veil: Veil) -> BenchRecording:
        try:
            raters = [] if veil.fault else [rater for rater in self._raters(about.key) if not veil.hides(rater)]
        except UnreadableLabelsError as error:
            raters, veil = [], veil._replace(fault=str(error))
        beside = () if veil.hides_beside else about.scorers
        return replace(about, scorers=tuple(dict.fromkeys((*beside, *raters))), veil=veil.line)

    def _raters(self, key: str) -> list[str]:
        """Return who marked something in a recording; nobody where the marks are of another one of this name."""
        try:
            return [card.rater for card in self._labels.raters(key)]
        except ValueError:
            return []  # the page Label says why

"""What Soleus itself found in a recording, beside what people marked in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.labelling import Label
from detectors.criteria import named
from soleus.errors import ConfigError
from soleus.labels.rules import FOUND, KINDS, in_ms
from soleus.studio.question import Question
from soleus.studio.staff import READY, failure_of
from soleus.studio.station import Station

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detectors.evaluate.marks import Mark
    from soleus.studio.catalogue import Catalogue
    from soleus.studio.sources import Source
    from soleus.studio.staff import Staff

_CRITERIA = "wasm-2016"
_WORD = "leg_movement"


class FoundScorers:
    """The lists beside a recording and what was found in it; a :class:`soleus.labels.store.Scorers`.

    Parameters
    ----------
    catalogue : Catalogue
        Which recordings there are, and what lies beside them.
    staff : Staff
        The processes that hold them.

    Notes
    -----
    What is found is what ``soleus score`` finds with the published thresholds of leg movements and Soleus' own for
    other classes, but for cramp-like events of tier 0, which are shown nowhere. A recording that is still being opened,
    or cannot be scored, has none: whoever asks again finds it.
    """

    def __init__(self, catalogue: Catalogue, staff: Staff) -> None:
        self._catalogue, self._staff = catalogue, staff
        self._kept: dict[str, tuple[Source, Sequence[Label]]] = {}

    def __call__(self, recording: str, /) -> Mapping[str, Sequence[Label]]:
        """Return what was marked and found in a recording, by name; KeyError if there is none of this name."""
        lists = dict(self._catalogue.scorings(recording))
        try:
            source = self._catalogue.source(recording)
        except ConfigError:
            return lists
        found = self._found(source)
        return lists if found is None else {FOUND: found, **lists}

    def _found(self, source: Source) -> Sequence[Label] | None:
        kept = self._kept.get(source.key)
        if kept is not None and kept[0] == source:
            return kept[1]
        if self._staff.opened([source]).get(source.key, READY) != READY:
            return None
        future = self._staff.ask(Station.found, Question(source, named(_CRITERIA), _WORD))
        if failure_of(source.key, future):
            return None
        self._kept[source.key] = source, labels_of(future.result())
        return self._kept[source.key][1]


def labels_of(marks: Sequence[Mark]) -> list[Label]:
    """Return what was found as labels, by onset: classes that people score, and no cramp-like event of tier 0."""
    shown = (mark for mark in marks if mark.kind in KINDS and mark.tier >= 1)
    spans = sorted((in_ms(mark.onset_s), in_ms(mark.end_s), mark.leg, mark.kind) for mark in shown)
    return [Label(f"{FOUND} {n}", kind, leg, onset, end) for n, (onset, end, leg, kind) in enumerate(spans)]

"""Which events a page of a night shows: kept in its address, so that a link and a reload show the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from dashboards.web.classes import EventClass, class_of, word_of
from detectors.events import EventQuality
from detectors.signal import Leg

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.datastructures import QueryParams

    from detectors.events import Event


class Word(StrEnum):
    """What the person said of an event, as a filter names it."""

    CONFIRMED = "confirmed"
    DENIED = "denied"
    UNJUDGED = "unjudged"


_WORDS = {True: Word.CONFIRMED, False: Word.DENIED, None: Word.UNJUDGED}
_TIERS = {EventClass.CRAMP_PROBABLE: "2", EventClass.CRAMP_POSSIBLE: "1"}
_ONE_LEG = (Leg.LEFT, Leg.RIGHT)


def word_name(event: Event) -> Word:
    """Return what the person said of an event, as a filter and a style sheet name it."""
    return _WORDS[word_of(event)]


@dataclass(frozen=True, slots=True)
class Filters:
    """What is shown of a night's events; what is empty leaves nothing out.

    Parameters
    ----------
    classes : frozenset of str or None
        Names of the classes that are shown; None for all.
    leg : str
        ``left`` or ``right``; events of both legs, or of an unknown one, are shown with either.
    tier : str
        Of cramp-like contractions ``2`` (probable) or ``1`` (possible); other events are left as they are.
    word : str
        A :class:`Word`.
    good : bool
        Whether events of low signal quality are left out.
    """

    classes: frozenset[str] | None = None
    leg: str = ""
    tier: str = ""
    word: str = ""
    good: bool = False

    def shows(self, event: Event) -> bool:
        """Return whether an event is shown."""
        name = class_of(event)
        return (
            name is not None
            and (self.classes is None or name in self.classes)
            and (not self.leg or event.leg == self.leg or event.leg not in _ONE_LEG)
            and (not self.tier or _TIERS.get(name, self.tier) == self.tier)
            and (not self.word or word_name(event) == self.word)
            and not (self.good and event.quality is not EventQuality.GOOD)
        )

    @property
    def any(self) -> bool:
        """Whether anything may be left out."""
        return self != Filters()


def filters_of(query: QueryParams) -> Filters:
    """Return what an address asks for; what no page ever wrote into one is passed over.

    Examples
    --------
    >>> from starlette.datastructures import QueryParams
    >>> found = filters_of(QueryParams("class=series&class=marker&leg=left&tier=9&word=denied&quality=good"))
    >>> sorted(found.classes), found.leg, found.tier, found.word, found.good
    (['marker', 'series'], 'left', '', 'denied', True)
    """
    return Filters(
        frozenset(query.getlist("class")) & frozenset(EventClass) if "class" in query else None,
        _one(query, "leg", _ONE_LEG),
        _one(query, "tier", _TIERS.values()),
        _one(query, "word", Word),
        query.get("quality") == EventQuality.GOOD,
    )


def _one(query: QueryParams, name: str, known: Iterable[str]) -> str:
    value = query.get(name, "")
    return value if value in tuple(known) else ""

"""Which events of stored nights have a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.web.night_json import event_id
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.bench_values import BenchEvent, BenchRecording
    from soleus.book_journal import BookJournal
    from soleus.shelf import Shelf


class EventPages:
    """The pages of the events that the journal has.

    Parameters
    ----------
    shelf : Shelf
        The stored nights.
    journal : BookJournal
        Their events.
    """

    def __init__(self, shelf: Shelf, journal: BookJournal) -> None:
        self._shelf, self._journal = shelf, journal

    def of(self, about: BenchRecording) -> Callable[[BenchEvent], str]:
        """Return what returns the last part of the address of an event's page; empty where it has none."""
        if not about.is_night:
            return lambda _: ""
        events = self._journal.events(self._shelf.info(self._shelf.folder(about.key)))
        pages = {(str(one.kind), str(one.leg), one.onset_ns): event_id(one) for one in events}

        def page(event: BenchEvent) -> str:
            # Seconds of a night hold nanoseconds exactly.
            return pages.get((event.kind, event.leg, about.start_ns + round(event.onset_s * NS_PER_S)), "")

        return page

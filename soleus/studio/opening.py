"""A studio over a data folder and files, with all that belongs to it."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from dashboards.bench import Studio
from soleus.book_journal import BookJournal
from soleus.labels.belongings import labels_path
from soleus.labels.store import LabelStore
from soleus.machine import goes_on
from soleus.nights import journal_path
from soleus.reading import AS_THEY_ARE
from soleus.saved_criteria import criteria_folder
from soleus.shelf import Shelf
from soleus.studio.bench_book import Beside, FolderBench
from soleus.studio.catalogue import Catalogue
from soleus.studio.found_marks import FoundScorers
from soleus.studio.pages import EventPages
from soleus.studio.signal_views import SignalViews
from soleus.studio.staff import PATIENCE_S, Staff

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from soleus.reading import Reading
    from soleus.settings import Settings


# A night that is collected is one of the last.
_LAST_NIGHTS = 2


class Said(NamedTuple):
    """What is said of the files of a studio.

    Parameters
    ----------
    references : sequence of Path
        Lists or folders of lists, one per scorer.
    reading : Reading
        How recordings are read.
    """

    references: Sequence[Path] = ()
    reading: Reading = AS_THEY_ARE


NOTHING_SAID: Final = Said()


@contextmanager
def studio_of(
    settings: Settings,
    found: Sequence[Path] = (),
    said: Said = NOTHING_SAID,
    *,
    simulated: bool = False,
    patience_s: float = PATIENCE_S,
    n_workers: int | None = None,
) -> Iterator[Studio]:
    """Open a studio; its processes end with it.

    Parameters
    ----------
    settings : Settings
        Where the nights are.
    found : sequence of Path
        Recordings, folders of them, and folders of ``soleus simulate``.
    said : Said
        What is said of these.
    simulated : bool
        Whether all stored nights are simulated.
    patience_s : float
        How long an answer waits for recordings that are being opened, s.
    n_workers : int, optional
        How many processes hold them; as many as processors if not given, and four at most.

    Yields
    ------
    Studio
        What the pages *Bench* and *Label* are about.

    Raises
    ------
    ConfigError
        If recordings and lists do not go together, or the labels cannot be read.
    """
    shelf = Shelf(settings, simulated=simulated)
    catalogue = Catalogue(shelf, found, said.references, said.reading)
    room = settings.data_dir
    staff = Staff(room, n_workers, patience_s=patience_s, is_recording=lambda: is_recording(shelf))
    labels = LabelStore(labels_path(settings), catalogue.about, FoundScorers(catalogue, staff))
    beside = Beside(
        EventPages(shelf, BookJournal(journal_path(settings))), SignalViews(catalogue), criteria_folder(settings)
    )
    try:
        yield Studio(FolderBench(catalogue, labels, staff, beside), labels)
    finally:
        staff.close()


def is_recording(shelf: Shelf) -> bool:
    """Return whether a night is collected on this computer now."""
    return any(map(goes_on, islice(shelf.folders(), _LAST_NIGHTS)))

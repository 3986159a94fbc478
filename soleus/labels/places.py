"""When a recording began, wherever that is known: a stored night, a file that is named, or marks that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soleus.errors import ConfigError
from soleus.labels.belongings import labels_path
from soleus.labels.ledger import opened
from soleus.reading import AS_THEY_ARE
from soleus.shelf import Shelf
from soleus.studio.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from soleus.labels.ledger import Placed
    from soleus.reading import Reading
    from soleus.settings import Settings


def places_of(
    settings: Settings,
    recordings: Sequence[Path] = (),
    reading: Reading = AS_THEY_ARE,
) -> Callable[[str], Placed]:
    """Return what tells of a recording when it began, as :class:`soleus.labels.store.LabelStore` asks.

    Parameters
    ----------
    settings : Settings
        Where stored nights and marks are.
    recordings : sequence of Path
        Files and folders, as ``soleus serve --recordings`` takes them.
    reading : Reading
        How files are read.

    Returns
    -------
    callable
        KeyError of a recording that is none of these, and `ConfigError` of a file that cannot be read.
    """
    catalogue = Catalogue(Shelf(settings), recordings, reading=reading)

    def about(key: str) -> Placed:
        try:
            known = catalogue.recording(key)
            if known.problem and not known.is_night:
                raise ConfigError(known.problem)
            return catalogue.about(key)
        except KeyError:
            if not labels_path(settings).is_file():
                raise
            with opened(labels_path(settings)) as ledger:
                return ledger.recordings()[key]

    return about

"""Simulated nights, told from the recordings that lie beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from soleus.cohort.search import recordings_in
from soleus.commands.simulate import RECORDING, TRUTH
from soleus.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


class ToldApart(NamedTuple):
    """What a folder holds.

    Parameters
    ----------
    nights : tuple of Path
        The folders of ``soleus simulate``.
    others : tuple of Path
        Every other recording.
    """

    nights: tuple[Path, ...]
    others: tuple[Path, ...]


def told_apart(folder: Path, *, with_tables: bool = False) -> ToldApart:
    """Return the simulated nights in and below a folder, and the recordings that are none.

    Parameters
    ----------
    folder : Path
        The folder; one that is a simulated night itself is the first of them.
    with_tables : bool
        Whether a table is a recording also where no layout stands beside it.

    Returns
    -------
    ToldApart
        Both by name.

    Raises
    ------
    ConfigError
        If there is neither.
    """
    # Also those that lack their recording: whoever reads them says so.
    made = [folder] if (folder / TRUTH).exists() else []
    made += sorted(one.parent for one in folder.glob(f"*/{TRUTH}"))
    try:
        found = recordings_in([folder], with_tables=with_tables)
    except ConfigError:
        if not made:
            raise
        found = ()
    made += [one.parent for one in found if one.name == RECORDING and (one.parent / TRUTH).exists()]
    nights = tuple(dict.fromkeys(made))
    simulated = {night / RECORDING for night in nights}
    return ToldApart(nights, tuple(one for one in found if one not in simulated))

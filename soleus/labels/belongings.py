"""The marks in a person's nights: to be handed over with everything else, or to be removed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from dashboards.labelling import Label
from detectors.signal import NS_PER_S
from ingest.errors import DecodeError
from soleus.errors import ConfigError
from soleus.labels.acts import MS_PER_S, sheet_of
from soleus.labels.ledger import FILE, opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from soleus.labels.ledger import LabelLedger, Placed
    from soleus.removal import Outcome, Plan
    from soleus.settings import Settings


MARK_COLUMNS: Final = ("onset_ns", "night", "rater", *Label._fields)
"""Of a mark that is handed over."""


def labels_path(settings: Settings) -> Path:
    """Return where the marks of raters are."""
    return settings.data_dir / FILE


def count_acts(settings: Settings, person: str, night: str | None = None) -> int:
    """Return how many acts of raters there are in the nights of a person, or in one of them.

    Raises
    ------
    DecodeError
        If the file cannot be read.
    """
    return sum(1 for _ in acts_of(settings, person, night))


def acts_of(settings: Settings, person: str, night: str | None = None) -> Iterator[Mapping[str, Any]]:
    """Yield every act of raters in the nights of a person as it is kept, or in one of them.

    Raises
    ------
    DecodeError
        If the file cannot be read.
    """
    with _reading(settings) as ledger:
        if ledger is not None:
            yield from ledger.everything(_nights(ledger, person, night))


def marks_of(settings: Settings, person: str) -> Iterator[Mapping[str, Any]]:
    """Yield every mark that stands in the nights of a person, with who made it and when it was, UTC ns.

    Raises
    ------
    DecodeError
        If the file cannot be read.
    """
    with _reading(settings) as ledger:
        if ledger is None:
            return
        for night, placed in _nights(ledger, person).items():
            for rater in ledger.raters(night):
                for label in sheet_of(ledger.acts(night, rater)).labels:
                    onset_ns = placed.start_ns + round(label.onset_s * MS_PER_S) * (NS_PER_S // MS_PER_S)
                    yield dict(zip(MARK_COLUMNS, (onset_ns, night, rater, *label), strict=True))


def remove_labels(settings: Settings, planned: Plan, outcome: Outcome) -> None:
    """Remove the marks in the nights of a person, or in one of them, so that no byte of them stays in the file.

    Parameters
    ----------
    settings : Settings
        Where the data are.
    planned : Plan
        Whose nights.
    outcome : Outcome
        Is told what is gone, and what is not.
    """
    try:
        with _reading(settings) as ledger:
            if ledger is None:
                return
            # Also where no row is left: what an interrupted call left of their bytes goes now.
            erased = ledger.erase(_nights(ledger, planned.found.person, planned.night))
    except DecodeError as error:
        outcome.failed.append(f"marks of raters: {error}")
        return
    if erased.n_rows:
        outcome.removed.append(f"{erased.n_rows} acts of raters")
    if not erased.overwritten:
        path = labels_path(settings)
        outcome.failed.append(f"{path}-wal: another program is reading the marks, so that old bytes stay in this file")


def labels_elsewhere(settings: Settings) -> list[str]:
    """Return a line for each recording with marks that is no stored night: nobody can say whose it is."""
    try:
        with _reading(settings) as ledger:
            files = {} if ledger is None else _nights(ledger, "")
    except DecodeError:
        return []  # what cannot be read is told where it is to be removed
    return [
        f"marks of raters in {key}, a recording of a file: `soleus labels remove {key}` removes them" for key in files
    ]


@contextmanager
def _reading(settings: Settings) -> Iterator[LabelLedger | None]:
    """Open the file, if there is one; DecodeError if it cannot be read."""
    path = labels_path(settings)
    if not path.is_file():
        yield None
        return
    try:
        with opened(path) as ledger:
            yield ledger
    except (ConfigError, OSError) as error:
        raise DecodeError(str(error)) from error


def _nights(ledger: LabelLedger, person: str, night: str | None = None) -> dict[str, Placed]:
    """Return the recordings of a person."""
    known = ledger.recordings().items()
    return {key: placed for key, placed in known if placed.person == person and night in {None, key}}

"""What somebody who chose thresholds was looking at, with what was in the files."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from soleus.cohort.data_hash import sha256_of
from soleus.studio.settings import Seen, SeenRecording

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dashboards.bench_values import Asked, BenchRecording, Number
    from dashboards.labelling import LabelBook
    from soleus.studio.catalogue import Catalogue


def seen_of(asked: Asked, catalogue: Catalogue, labels: LabelBook, agreement: Sequence[Number]) -> Seen:
    """Return what somebody saw.

    Parameters
    ----------
    asked : Asked
        What he was looking at.
    catalogue : Catalogue
        The recordings.
    labels : LabelBook
        What raters marked.
    agreement : sequence of Number
        As it was shown.

    Returns
    -------
    Seen
        With a digest of each recording and of its reference, where they can be read.

    Raises
    ------
    KeyError
        If there is no such recording.
    """
    recordings = [catalogue.recording(key) for key in dict.fromkeys(asked.keys)]
    seen = [_seen(one, asked.reference, catalogue, labels) for one in recordings if not one.problem]
    return Seen(asked, tuple(seen), tuple(agreement))


def _seen(about: BenchRecording, scorer: str, catalogue: Catalogue, labels: LabelBook) -> SeenRecording:
    path = catalogue.file_of(about.key)
    return SeenRecording(
        about.name,
        about.subject,
        about.simulated,
        _digest(path),
        _reference_digest(about.key, scorer, catalogue, labels),
    )


def _reference_digest(key: str, scorer: str, catalogue: Catalogue, labels: LabelBook) -> str:
    if not scorer:
        return ""
    listed = catalogue.reference(key, scorer)
    if listed is not None:
        return _digest(listed.path)
    marks = [one for one in labels.raters(key) if one.rater == scorer]
    told = "".join(f"{tuple(one)[1:]}\n" for one in labels.sheet(key, scorer).labels) if marks else ""
    return hashlib.sha256(told.encode()).hexdigest() if told else ""


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file; of a folder none."""
    return sha256_of(path) if path.is_file() else ""

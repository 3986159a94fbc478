"""What somebody who chose thresholds was looking at, with what was in the files."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from soleus.cohort.data_hash import sha256_of
from soleus.studio.settings import Seen, SeenRecording
from soleus.studio.sources import FileReference

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dashboards.bench_values import Asked, BenchRecording, Number
    from soleus.studio.catalogue import Catalogue
    from soleus.studio.references import References
    from soleus.studio.sources import LabelReference


def seen_of(asked: Asked, catalogue: Catalogue, references: References, agreement: Sequence[Number]) -> Seen:
    """Return what somebody saw.

    Parameters
    ----------
    asked : Asked
        What he was looking at.
    catalogue : Catalogue
        The recordings.
    references : References
        What people marked, as far as it may be seen.
    agreement : sequence of Number
        As it was shown.

    Returns
    -------
    Seen
        With a digest of each recording, of its reference and of what stands beside it, where they can be read, and with
        how files were read.

    Raises
    ------
    KeyError
        If there is no such recording.
    ValueError
        If the layout that files are read with is gone.
    """
    recordings = [catalogue.recording(key) for key in dict.fromkeys(asked.keys)]
    veils = references.veils([one.key for one in recordings])
    told = [(one, references.of(one.key, asked.reference, veils[one.key])) for one in recordings if not one.problem]
    seen = [_seen(one, reference, catalogue) for one, reference in told]
    if all(reference is None for _, reference in told):
        asked = replace(asked, reference="")
    return Seen(asked, tuple(seen), tuple(agreement), catalogue.read_as([one.key for one in recordings]))


def _seen(
    about: BenchRecording, reference: FileReference | LabelReference | None, catalogue: Catalogue
) -> SeenRecording:
    digests = _digest(catalogue.file_of(about.key)), _reference_digest(reference), catalogue.beside(about.key)
    return SeenRecording(about.name, about.subject, about.simulated, *digests)


def _reference_digest(reference: FileReference | LabelReference | None) -> str:
    if reference is None:
        return ""
    if isinstance(reference, FileReference):
        return _digest(reference.path)
    told = "".join(f"{tuple(one)[1:]}\n" for one in reference.labels)
    return hashlib.sha256(told.encode()).hexdigest() if told else ""


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file; of a folder none."""
    return sha256_of(path) if path.is_file() else ""

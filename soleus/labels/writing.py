"""A rater's marks as lists that this and other programs read: a table, and EDF+ with annotations alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from detectors.events import EventKind
from detectors.signal import NS_PER_S, Leg
from ingest.files.edf_noted import annotations_alone
from ingest.files.edf_notes import Note
from soleus.labels.acts import MS_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.labelling import Label
    from soleus.labels.ledger import Placed

COLUMNS: Final = ("onset", "duration", "trial_type", "leg")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def labels_tsv(labels: Sequence[Label]) -> bytes:
    r"""Return labels as a tab-separated list, in seconds from the start of the recording, to the millisecond.

    Parameters
    ----------
    labels : sequence of Label
        By onset. A leg movement of both legs is one on either, because the rules know movements of one leg.

    Returns
    -------
    bytes
        UTF-8, with a line of names.

    Examples
    --------
    >>> from dashboards.labelling import Label
    >>> labels_tsv([Label("a", "leg_movement", "left", 10.0, 12.5)])
    b'onset\tduration\ttrial_type\tleg\n10.000\t2.500\tLM left\tleft\n'
    """
    rows = ["\t".join(COLUMNS)]
    for label in labels:
        onset_ms, end_ms = round(label.onset_s * MS_PER_S), round(label.end_s * MS_PER_S)
        is_movement = label.kind == EventKind.LEG_MOVEMENT
        for leg in (Leg.LEFT, Leg.RIGHT) if is_movement and label.leg == Leg.BOTH else (label.leg,):
            name = f"LM {leg}" if is_movement else label.kind
            rows.append(f"{_seconds(onset_ms)}\t{_seconds(end_ms - onset_ms)}\t{name}\t{leg}")
    return "".join(f"{row}\n" for row in rows).encode()


def labels_edf(labels: Sequence[Label], placed: Placed) -> bytes:
    """Return labels as an EDF+ file without signals, which begins when the recording does.

    Parameters
    ----------
    labels : sequence of Label
        By onset; ``LM left``, and of other classes the name and the leg (``cramp left``).
    placed : Placed
        The recording; the file says local time, because EDF knows no time zone.

    Returns
    -------
    bytes
        The file.
    """
    start_us = placed.start_ns // (NS_PER_S // 10**6) + placed.utc_offset_s * 10**6
    start = _EPOCH + timedelta(microseconds=start_us)
    notes = []
    for label in labels:
        name = "LM" if label.kind == EventKind.LEG_MOVEMENT else label.kind
        lasts_ms = round(label.end_s * MS_PER_S) - round(label.onset_s * MS_PER_S)
        notes.append(Note(label.onset_s, lasts_ms / MS_PER_S, f"{name} {label.leg}"))
    return annotations_alone(notes, start, equipment="soleus_labels")


def _seconds(ms: int) -> str:
    return f"{ms / MS_PER_S:.3f}"

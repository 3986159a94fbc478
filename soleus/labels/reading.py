"""Marks out of a list that somebody scored anywhere, as labels."""

from __future__ import annotations

import secrets
import tempfile
from collections import Counter
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from dashboards.labelling import Label
from detectors.events import EventKind
from detectors.signal import NS_PER_S, Leg
from ingest.errors import DecodeError
from ingest.files.scorings import read_scoring
from soleus.labels.acts import MS_PER_S, Done, Way
from soleus.labels.rules import KINDS, LEGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dashboards.labelling import Sheet
    from ingest.files.events_tsv import ScoredEvents
    from soleus.labels.ledger import Placed

_NS_PER_MS = NS_PER_S // MS_PER_S
_SIDES = {Leg.LEFT, Leg.RIGHT}
_MOST_SUFFIX = 10


class Marks(NamedTuple):
    """What a list says.

    Parameters
    ----------
    labels : tuple of Label
        By onset; keys are still to be given.
    left_out : mapping of str to int
        What is no label, and how often: names that mean nothing, and sleep stages, breathing and arousals.
    """

    labels: tuple[Label, ...]
    left_out: Mapping[str, int]


def read_marks(name: str, content: bytes, placed: Placed) -> Marks:
    """Read marks out of a list in any form that :func:`ingest.files.scorings.read_scoring` reads.

    Parameters
    ----------
    name : str
        What the list is called, for messages and for what its ending tells.
    content : bytes
        The file.
    placed : Placed
        The recording: clock times are counted from its start.

    Returns
    -------
    Marks
        A mark that begins or ends outside of the recording is cut off there, and one without any length lasts 1 ms. A
        movement that is told of either leg alike, or of no leg, is one of both.

    Raises
    ------
    DecodeError
        If it is no such list, or a mark lies outside of the recording altogether: then the list is of another one.
    """
    hours, minutes = divmod(abs(placed.utc_offset_s) // 60, 60)
    zone = f"{'-' if placed.utc_offset_s < 0 else '+'}{hours:02}:{minutes:02}"
    with tempfile.TemporaryDirectory(prefix="soleus-labels-") as folder:
        # The name is somebody else's: only its ending is taken, and only where it is short.
        path = Path(folder) / f"list{PurePath(name).suffix[:_MOST_SUFFIX]}"
        path.write_bytes(content)
        try:
            scored = read_scoring(path, start_ns=placed.start_ns, time_zone=zone)
        except DecodeError as error:
            raise DecodeError(str(error).replace(str(path), name)) from error
    last_ms = round(placed.duration_s * MS_PER_S)
    found, left_out = _marks(scored)
    spans = sorted({(*_within(onset_ns, end_ns, last_ms, name), kind, leg) for kind, leg, onset_ns, end_ns in found})
    labels = (Label("", kind, leg, onset / MS_PER_S, end / MS_PER_S) for onset, end, kind, leg in spans)
    return Marks(tuple(labels), left_out)


def imports(marks: Sequence[Label], sheet: Sheet) -> list[Done]:
    """Return the acts that add marks to a sheet, but for those that stand there already.

    Parameters
    ----------
    marks : sequence of Label
        As :func:`read_marks` returns them.
    sheet : Sheet
        What the rater has.
    """
    there = {label._replace(key="") for label in sheet.labels}
    fresh = [mark for mark in marks if mark not in there]
    return [Done(f"import {one}", Way.ADD, mark._replace(key=one)) for mark in fresh for one in (secrets.token_hex(8),)]


def _marks(scored: ScoredEvents) -> tuple[list[tuple[str, str, int, int]], Mapping[str, int]]:
    """Return kind, leg, onset and end, ns, of what can be a label, and what cannot."""
    found = list(_movements(scored))
    left_out = Counter(dict(scored.left_out))
    for one in scored.others:
        if one.kind in KINDS:
            leg = one.leg if one.leg in LEGS else Leg.BOTH
            found.append((one.kind.value, leg.value, one.onset_ns, one.end_ns))
        else:
            left_out[one.kind.value] += 1
    told = scored.annotations
    for what, spans in (("sleep stage", told.stages), ("apnoea", told.respiratory), ("scored arousal", told.arousals)):
        if spans:
            left_out[what] = len(spans)
    return found, left_out


def _movements(scored: ScoredEvents) -> Iterator[tuple[str, str, int, int]]:
    legs: dict[tuple[int, int], set[Leg]] = {}
    for movement in scored.movements:
        legs.setdefault((movement.onset_ns, movement.end_ns), set()).add(movement.leg)
    for (onset_ns, end_ns), told in legs.items():
        leg = told.pop() if len(told) == 1 and told <= _SIDES else Leg.BOTH
        yield EventKind.LEG_MOVEMENT.value, leg.value, onset_ns, end_ns


def _within(onset_ns: int, end_ns: int, last_ms: int, name: str) -> tuple[int, int]:
    """Return onset and end in whole milliseconds within the recording."""
    onset_ms, end_ms = (round(at_ns / _NS_PER_MS) for at_ns in (onset_ns, end_ns))
    if onset_ms >= last_ms or end_ms < 0:
        msg = (
            f"{name}: a mark lasts from {onset_ns / NS_PER_S:g} s to {end_ns / NS_PER_S:g} s, expected the"
            f" {last_ms / MS_PER_S:g} s of the recording: is the list of another one?"
        )
        raise DecodeError(msg)
    onset_ms = max(0, onset_ms)
    return onset_ms, max(onset_ms + 1, min(end_ms, last_ms))

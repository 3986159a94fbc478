"""Which marked contraction is which noted cramp: the sensor and the diary are matched, never merged."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

TOLERANCE_S: Final = 900.0
"""A quarter of an hour. A button is pressed within minutes; what is written in the morning is rounded to the quarter,
and a person who lies awake is seldom further off. Ours: no study of it is known to us. Twice as much would take the
next cramp of a bad night for the one that was noted."""


class Matches(NamedTuple):
    """What was found by both, and by one of them alone.

    Parameters
    ----------
    both : tuple of (int, int)
        Index of the event and index of the note of each match, by event.
    sensor_only, diary_only : tuple of int
        Indices of events and of notes without a match.
    """

    both: tuple[tuple[int, int], ...]
    sensor_only: tuple[int, ...]
    diary_only: tuple[int, ...]


def match_cramps(
    events: Sequence[tuple[int, int]],
    noted: Sequence[tuple[int, int] | int],
    tolerance_s: float = TOLERANCE_S,
) -> Matches:
    """Match what sensors marked with what a person noted, one to one, nearest first.

    Parameters
    ----------
    events : sequence of (int, int)
        Onset and end of each event, UTC ns.
    noted : sequence of (int, int) or int
        Of each note when it was, UTC ns, or its onset and end.
    tolerance_s : float
        Furthest that a note may lie from an event, s; exactly as far is a match. Inside of an event it is 0 away.

    Returns
    -------
    Matches
        Every event and every note is in exactly one of the three. Where two are equally near, the one whose onset is
        nearer is taken, then the earlier one.

    Raises
    ------
    ValueError
        If the tolerance is negative.

    Examples
    --------
    >>> minute = 60 * 10**9
    >>> match_cramps([(0, minute), (90 * minute, 92 * minute)], [5 * minute, 200 * minute])
    Matches(both=((0, 0),), sensor_only=(1,), diary_only=(1,))
    """
    if not tolerance_s >= 0:
        msg = f"tolerance_s is {tolerance_s}, expected 0 or more"
        raise ValueError(msg)
    spans = [(one, one) if isinstance(one, int) else (one[0], one[1]) for one in noted]
    pairs = sorted(
        (_apart_ns(event, span), abs(event[0] - span[0]), event[0], span[0], i, j)
        for (i, event), (j, span) in product(enumerate(events), enumerate(spans))
    )
    event_to_note: dict[int, int] = {}
    taken: set[int] = set()
    for apart_ns, _, _, _, i, j in pairs:
        if apart_ns > tolerance_s * NS_PER_S:
            break
        if i not in event_to_note and j not in taken:
            event_to_note[i] = j
            taken.add(j)
    return Matches(
        tuple(sorted(event_to_note.items())),
        tuple(i for i in range(len(events)) if i not in event_to_note),
        tuple(j for j in range(len(spans)) if j not in taken),
    )


def _apart_ns(one: tuple[int, int], other: tuple[int, int]) -> int:
    """Return how far two stretches lie apart; 0 where they touch or overlap."""
    return max(one[0] - other[1], other[0] - one[1], 0)

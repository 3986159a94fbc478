"""The classes of events, what a match is for each (science.md 8.1), and what excuses a finding."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from detectors.events import EventKind as Kind
from detectors.matching import match, match_onsets, match_shares

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from detectors.matching import Matches

    Matcher = Callable[[NDArray[np.float64], NDArray[np.float64]], Matches]

IOU_MIN = 0.3
CRAMP_ONSET_S = 10.0
TWITCH_S = 0.05
TWITCH_FROM_HZ = 500.0
JERK_S = 0.2
SHIFT_S = 10.0
SHARE_MIN = 0.5
# An episode in acceleration is what follows a contraction, not the contraction itself (science.md 3.7).
EPISODE_S = 180.0


@dataclass(frozen=True, slots=True)
class EventClass:
    """One row of the tables.

    Parameters
    ----------
    name : str
        What the row is called.
    kind : EventKind
        Kind of the found events, and of the true ones.
    how : callable
        What is a match.
    rule : str
        The same in words.
    least_tier : int
        Findings of a lower tier are left out.
    emg_from_hz : float
        Sampling rate of the EMG from which on the class is looked for, Hz.
    each_leg : bool
        Whether the legs are counted apart; else what overlaps on both is one event.
    by_acceleration : bool
        Whether acceleration alone can show it.
    causes : frozenset of str
        Causes of the true events, where they are not those of the kind.
    excused_kinds, excused_causes : frozenset
        True events of another class on which a finding counts neither way.
    """

    name: str
    kind: Kind
    how: Matcher
    rule: str
    least_tier: int = 0
    emg_from_hz: float = 0.0
    each_leg: bool = True
    by_acceleration: bool = False
    causes: frozenset[str] = field(default_factory=frozenset)
    excused_kinds: frozenset[str] = field(default_factory=frozenset)
    excused_causes: frozenset[str] = field(default_factory=frozenset)


OVERLAP = partial(match, iou_min=IOU_MIN)
CRAMP_RULE = partial(match, iou_min=IOU_MIN, onset_within=CRAMP_ONSET_S)
IOU_TEXT = "IoU 0.3"
CRAMP_TEXT = "IoU 0.3 and onset within 10 s"
ANY_OVERLAP = 1e-9
# Muscle activity that other classes name; the standard would call most of it a leg movement as well.
OTHER_ACTIVITY = frozenset(
    {
        Kind.CRAMP,
        Kind.TONIC,
        Kind.RHYTHMIC_TRAIN,
        Kind.CLONUS,
        Kind.BRIEF_JERK,
        Kind.SHIFT,
        Kind.RESTLESSNESS,
        Kind.UPRIGHT,
        Kind.BED_EXIT,
    }
)
WANDERING = frozenset({Kind.SHIFT, Kind.RESTLESSNESS, Kind.UPRIGHT, Kind.BED_EXIT})
# EMG alone cannot tell these from a cramp; they are counted in a line of their own.
LIKE_A_CRAMP = frozenset({"hold", "spasm"})

MOVEMENT = EventClass(
    "leg movement", Kind.LEG_MOVEMENT, OVERLAP, IOU_TEXT, by_acceleration=True, excused_kinds=OTHER_ACTIVITY
)
SHOWN = EventClass(
    "cramp-like, probable or possible", Kind.CRAMP, CRAMP_RULE, CRAMP_TEXT, least_tier=1, excused_causes=LIKE_A_CRAMP
)
PROBABLE = EventClass(
    "cramp-like, probable", Kind.CRAMP, CRAMP_RULE, CRAMP_TEXT, least_tier=2, excused_causes=LIKE_A_CRAMP
)
CLASSES = (
    MOVEMENT,
    SHOWN,
    PROBABLE,
    EventClass(
        "tonic, low",
        Kind.TONIC,
        OVERLAP,
        f"{IOU_TEXT}, with a cramp that creeps in",
        causes=frozenset({"creeping"}),
        excused_kinds=frozenset({Kind.CRAMP}),
    ),
    EventClass(
        "twitch",
        Kind.TWITCH,
        partial(match_onsets, tolerance=TWITCH_S),
        "onset within 50 ms; looked for in EMG of 500 Hz or more",
        emg_from_hz=TWITCH_FROM_HZ,
        excused_kinds=frozenset({Kind.BRIEF_JERK}),
    ),
    EventClass(
        "brief jerk",
        Kind.BRIEF_JERK,
        partial(match_onsets, tolerance=JERK_S),
        "onset within 0.2 s",
        by_acceleration=True,
        excused_kinds=frozenset({Kind.TWITCH, Kind.LEG_MOVEMENT}),
    ),
    EventClass("rhythmic train", Kind.RHYTHMIC_TRAIN, OVERLAP, IOU_TEXT, excused_kinds=frozenset({Kind.CLONUS})),
    EventClass("clonus", Kind.CLONUS, OVERLAP, IOU_TEXT, excused_kinds=frozenset({Kind.RHYTHMIC_TRAIN})),
    EventClass(
        "shift",
        Kind.SHIFT,
        partial(match_onsets, tolerance=SHIFT_S),
        "onset within 10 s",
        by_acceleration=True,
        excused_kinds=WANDERING,
    ),
    EventClass(
        "restlessness",
        Kind.RESTLESSNESS,
        OVERLAP,
        IOU_TEXT,
        each_leg=False,
        by_acceleration=True,
        excused_kinds=WANDERING,
    ),
    EventClass(
        "upright",
        Kind.UPRIGHT,
        OVERLAP,
        IOU_TEXT,
        each_leg=False,
        by_acceleration=True,
        excused_kinds=frozenset({Kind.BED_EXIT}),
    ),
    EventClass(
        "bed exit",
        Kind.BED_EXIT,
        OVERLAP,
        IOU_TEXT,
        each_leg=False,
        by_acceleration=True,
        excused_kinds=frozenset({Kind.UPRIGHT}),
    ),
    EventClass(
        "awakening",
        Kind.AWAKENING,
        partial(match_shares, share_min=SHARE_MIN),
        "half of the longer one shared",
        each_leg=False,
        by_acceleration=True,
    ),
    EventClass(
        "electrode off",
        Kind.ELECTRODE_OFF,
        OVERLAP,
        IOU_TEXT,
        # Hum or a dry electrode; the signal cannot be used there either way.
        excused_kinds=frozenset({"bad_quality", Kind.NOT_WORN}),
    ),
    EventClass("not worn", Kind.NOT_WORN, OVERLAP, IOU_TEXT, by_acceleration=True),
    EventClass(
        "possible episode",
        Kind.POSSIBLE_EPISODE,
        partial(match, iou_min=ANY_OVERLAP),
        "begins or lasts within a cramp, whether or not the leg moves, or the 3 min after it",
        each_leg=False,
        by_acceleration=True,
        causes=frozenset({"cramp", "creeping"}),
    ),
)

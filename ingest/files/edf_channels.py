"""What the label of an EDF channel says: which leg, which muscle, or which axis of which leg."""

from __future__ import annotations

import re
from typing import NamedTuple

from detectors.signal import Leg, Quantity

TIBIALIS_ANTERIOR = "tibialis anterior"

# The names that laboratories and devices give; what stands for the tibialis anterior alone is the usual leg channel.
_MUSCLES = {
    "ta": TIBIALIS_ANTERIOR,
    "tib": TIBIALIS_ANTERIOR,
    "tibialis": TIBIALIS_ANTERIOR,
    "tibialis anterior": TIBIALIS_ANTERIOR,
    "at": TIBIALIS_ANTERIOR,
    "leg": TIBIALIS_ANTERIOR,
    "plm": TIBIALIS_ANTERIOR,
    "gm": "gastrocnemius medialis",
    "gl": "gastrocnemius lateralis",
    "gas": "gastrocnemius",
    "gastroc": "gastrocnemius",
    "gastrocnemius": "gastrocnemius",
    "calf": "gastrocnemius",
    "sol": "soleus",
    "soleus": "soleus",
}
_SHORT = {
    TIBIALIS_ANTERIOR: "ta",
    "gastrocnemius": "ga",
    "gastrocnemius medialis": "gm",
    "gastrocnemius lateralis": "gl",
    "soleus": "sol",
}
_LEGS = {"l": Leg.LEFT, "left": Leg.LEFT, "r": Leg.RIGHT, "right": Leg.RIGHT}
_SIDE = "(?P<side>l|r|left|right)"
_NAME = "(?P<name>" + "|".join(sorted(_MUSCLES, key=len, reverse=True)) + ")"
_EMG = (
    re.compile(f"(?:emg )?{_NAME} ?{_SIDE} ?[0-9]?"),
    re.compile(f"(?:emg )?{_SIDE} ?{_NAME} ?[0-9]?"),
)
_ACCELERATION = (
    re.compile(f"acc(?:el|eleration)? ?{_SIDE} (?P<axis>[xyz])"),
    re.compile(f"{_SIDE} acc(?:el|eleration)? (?P<axis>[xyz])"),
)


class LegChannel(NamedTuple):
    """What one channel measures; `axis` is empty for EMG."""

    quantity: Quantity
    leg: Leg
    site: str
    axis: str


def understand(label: str) -> LegChannel | None:
    """Return what a label says about a leg, or None if it is another channel.

    Parameters
    ----------
    label : str
        Label as it stands in the file.

    Returns
    -------
    LegChannel or None
        What is measured.

    Examples
    --------
    >>> understand("EMG LAT").leg, understand("PLMr").leg, understand("ACC-L y").axis
    (<Leg.LEFT: 'left'>, <Leg.RIGHT: 'right'>, 'y')
    >>> understand("EMG GM-R").site, understand("C4-M1")
    ('gastrocnemius medialis', None)
    """
    words = " ".join(re.split(r"[\s/_.:+-]+", label.strip().lower()))
    for pattern in _ACCELERATION:
        found = pattern.fullmatch(words)
        if found:
            return LegChannel(Quantity.ACCELERATION, _LEGS[found["side"]], "leg", found["axis"])
    for pattern in _EMG:
        found = pattern.fullmatch(words)
        if found:
            return LegChannel(Quantity.EMG, _LEGS[found["side"]], _MUSCLES[found["name"]], "")
    return None


def short_name(site: str) -> str:
    """Return the abbreviation of a muscle: ``ta`` for the tibialis anterior."""
    return _SHORT[site]

"""What a label, and the name of a rater, may be."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Final

from dashboards.labelling import NOTHING, Label
from detectors.events import EventKind
from detectors.signal import Leg
from soleus.labels.acts import MS_PER_S

if TYPE_CHECKING:
    from soleus.labels.ledger import Placed

KINDS: Final = (
    EventKind.LEG_MOVEMENT,
    EventKind.CRAMP,
    EventKind.TONIC,
    EventKind.TWITCH,
    EventKind.BRIEF_JERK,
    EventKind.RHYTHMIC_TRAIN,
    EventKind.CLONUS,
    EventKind.SHIFT,
    EventKind.RESTLESSNESS,
    EventKind.UPRIGHT,
    EventKind.BED_EXIT,
    EventKind.AWAKENING,
)
"""What people score, in the order of the keys on the page."""
LEGS: Final = (Leg.LEFT, Leg.RIGHT, Leg.BOTH)
FOUND: Final = "Soleus"
"""What the detectors are called among the raters."""
# Of what is found, and of what is true in a simulated night, nobody is the author.
_TAKEN: Final = frozenset({FOUND.lower(), "truth"})
_MOST_NAME: Final = 40
_MOST_KEY: Final = 100


def expect_rater(rater: str) -> None:
    """Refuse what cannot be the name of a rater.

    Parameters
    ----------
    rater : str
        1 to 40 letters, digits, spaces and ``-_.``, a letter or a digit first and no space last.

    Raises
    ------
    ValueError
        If it is none, or means the detectors or the truth.

    Examples
    --------
    >>> expect_rater("Ann-Marie B.")
    """
    known = all(letter.isalnum() or letter in " -_." for letter in rater)
    if not (0 < len(rater) <= _MOST_NAME and known and rater[0].isalnum() and not rater.endswith(" ")):
        msg = f"rater is {rater[:60]!r}, expected 1 to {_MOST_NAME} letters, digits, spaces, - _ . (no sign first)"
        raise ValueError(msg)
    if rater.lower() in _TAKEN:
        msg = f"rater is {rater!r}, expected the name of a person: this one means what no person marked"
        raise ValueError(msg)


def expect_key(key: str) -> None:
    """Refuse what cannot be a key of an act or of a label: 1 to 100 letters that can be seen."""
    if not (0 < len(key) <= _MOST_KEY and key.isprintable()):
        msg = f"key is {key[:60]!r}, expected 1 to {_MOST_KEY} letters"
        raise ValueError(msg)


def kept_label(label: Label, placed: Placed) -> Label:
    """Return a label as it is kept: in whole milliseconds.

    Parameters
    ----------
    label : Label
        As the page has it.
    placed : Placed
        The recording.

    Returns
    -------
    Label
        The label.

    Raises
    ------
    ValueError
        If it is no label of this recording.

    Examples
    --------
    >>> from soleus.labels.ledger import Placed
    >>> kept_label(Label("a", "cramp", "left", 1.0004, 2.0), Placed(0, 60.0)).onset_s
    1.0
    """
    expect_key(label.key)
    if label.kind not in KINDS and label.kind != NOTHING:
        msg = f"label is a {label.kind[:60]!r}, expected one of {', '.join((*KINDS, NOTHING))}"
        raise ValueError(msg)
    if label.leg not in LEGS:
        msg = f"label is on leg {label.leg[:60]!r}, expected one of {', '.join(LEGS)}"
        raise ValueError(msg)
    onset_s, end_s = in_ms(label.onset_s), in_ms(label.end_s)
    # The last millisecond of a recording may be a started one.
    if not 0 <= onset_s < end_s <= in_ms(placed.duration_s) + 1 / MS_PER_S:
        msg = (
            f"label lasts from {label.onset_s:g} s to {label.end_s:g} s, expected an end after the onset, both within"
            f" the {placed.duration_s:g} s of the recording"
        )
        raise ValueError(msg)
    return label._replace(onset_s=onset_s, end_s=end_s)


def in_ms(seconds: float) -> float:
    """Return seconds in whole milliseconds; what is no number stays none."""
    return round(seconds * MS_PER_S) / MS_PER_S if isfinite(seconds) else seconds

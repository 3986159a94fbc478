"""What the page *Label* calls the kinds that people score, and the colour that each is drawn in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from dashboards.labelling import NOTHING
from dashboards.web.classes import EventClass, class_of, kind_text
from detectors.events import Event, EventKind
from detectors.signal import Leg

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOTHING_TEXT: Final = "Nothing there"
LEGS: Final = (("left", "Left", "l"), ("right", "Right", "r"), ("both", "Both", "b"))
"""Value, word and key of each leg."""
WINDOWS: Final = ((30, "30 s"), (60, "1 min"), (120, "2 min"), (300, "5 min"))
"""Lengths of the stretch that is shown, s."""
KEYS: Final = (
    (("PgUp", "PgDn"), "window before, window after"),
    (("Home", "End"), "first window, last window"),
    (("←", "→"), "cursor by 1 s"),
    (("Shift ←", "Shift →"), "cursor by 0.1 s"),
    ((",", "."), "cursor by 10 ms"),
    (("Enter", "m"), "begin a mark at the cursor, and end it"),
    (("↑", "↓"), "mark before, mark after (also k and j)"),
    (("a", "s"), "begin of the mark 0.1 s earlier, later; with Shift 10 ms"),
    (("d", "f"), "end of the mark 0.1 s earlier, later; with Shift 10 ms"),
    (("1", "…", "9"), "class of the mark, or of the next ones"),
    (("l", "r", "b"), "left, right, both legs"),
    (("Del",), "delete the mark (also Backspace)"),
    (("u", "Shift u"), "undo, redo (also Ctrl Z, Ctrl Y)"),
    (("w",), "the next longer window, then the shortest"),
    (("+", "-"), "signals taller, flatter"),
    (("n",), "next suggestion"),
    (("y", "x", "c"), "to the suggestion: yes, no, yes and correct it"),
    (("Esc",), "drop what was begun, choose no mark; back to the signals"),
    (("?",), "this help"),
)
"""What the keyboard help says."""


class KindFacts(NamedTuple):
    """A kind as the page shows it: `colour` is the CSS name of its class."""

    kind: str
    text: str
    colour: str


def kind_facts(kinds: Sequence[str]) -> tuple[KindFacts, ...]:
    """Return what to call kinds and how to draw them.

    Examples
    --------
    >>> kind_facts(["cramp", "nothing"])[0].text
    'Cramp-like contraction'
    """
    return tuple(_facts(kind) for kind in kinds)


def scored_kinds(kinds: Sequence[str]) -> tuple[KindFacts, ...]:
    """Return what a rater can choose: what people score, and at last that there is nothing."""
    return kind_facts([*(kind for kind in kinds if kind != NOTHING), NOTHING])


def asked_words(words: Sequence[str], kinds: Sequence[str]) -> tuple[KindFacts, ...]:
    """Return the classes of which something can be suggested and answered, in the order of the kinds.

    Examples
    --------
    >>> [facts.kind for facts in asked_words(["not_worn", "cramp", "leg_movement"], ["leg_movement", "cramp", "shift"])]
    ['leg_movement', 'cramp']
    """
    return kind_facts([kind for kind in kinds if kind in words])


def _facts(kind: str) -> KindFacts:
    if kind == NOTHING:
        return KindFacts(kind, _NOTHING_TEXT, EventClass.NO_SIGNAL)
    try:
        known = EventKind(kind)
    except ValueError:
        return KindFacts(kind, kind.replace("_", " ").capitalize(), EventClass.PLUGIN)
    colour = class_of(Event(known, "", Leg.BOTH, 0, 1, {}))
    shown = EventClass.CRAMP_PROBABLE if colour in {EventClass.CRAMP_POSSIBLE, None} else colour
    return KindFacts(kind, kind_text(known), shown)

"""What would have turned a decision round, in words: the same comparison that ``soleus score --explain`` names."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from dashboards.web.wording import MG_PER_G, decimals_of, label_of, quantity_text, unit_of
from detectors.explain import explain

if TYPE_CHECKING:
    from detectors.events import Event
    from detectors.explain import Flip

_MIN, _MAX = "min_", "max_"
# What a threshold is called where the name of its rule is not enough.
_NAMES = {
    "onset_uv": "the onset level",
    "offset_uv": "the offset level",
    "onset_g": "the onset level",
    "offset_g": "the offset level",
    "min_s": "the shortest duration",
    "max_s": "the longest duration",
    "min_crossings": "how often the level is crossed",
    "min_peak_g": "the lowest peak",
    "possible_min_s": "the shortest duration that is shown",
    "possible_confidence": "the lowest confidence that is shown",
    "probable_min_s": "the shortest duration that is called probable",
    "probable_confidence": "the lowest confidence that is called probable",
    "awakening_s": "the shortest awakening",
    "min_series": "the fewest movements of a series",
    "min_bursts": "the fewest bursts",
    "min_steps": "the fewest steps",
    "min_signs": "the fewest signs",
    "min_terms": "the fewest signs",
}


class FlipText(NamedTuple):
    """One comparison that would have turned a decision round.

    Parameters
    ----------
    rule : str
        Its name, as in the criteria.
    threshold, to : float or None
        The threshold, and the one with which it would have; None where no threshold would have.
    text : str
        The sentence.
    """

    rule: str
    threshold: float
    to: float | None
    text: str


def flips_of(event: Event) -> tuple[FlipText, ...]:
    """Return what would have made no event of one.

    Parameters
    ----------
    event : Event
        An event of the night.

    Returns
    -------
    tuple of FlipText
        The closest comparison; empty where none alone would have been enough.

    Examples
    --------
    >>> from detectors.events import Event, EventKind, Step
    >>> from detectors.signal import Leg
    >>> why = (Step("min_s", 0.6, 0.5, held=True), Step("max_lf_hf", 0.1, 2.0, held=True))
    >>> event = Event(EventKind.LEG_MOVEMENT, "shin", Leg.LEFT, 0, 600_000_000, {}, why=why)
    >>> flips_of(event)[0].text
    'Closest was the shortest duration: with a threshold of 0.61 s in place of 0.5 s it would not have been one.'
    """
    return tuple(map(_told, explain(event, told=True).flips))


def _told(flip: Flip) -> FlipText:
    step = flip.step
    name = threshold_name(step.rule)
    if flip.to is None:
        return FlipText(step.rule, step.threshold, None, f"Closest was {name}; no threshold would have changed it.")
    to = _beyond_text(step.rule, flip.to, up=flip.to > step.value)
    threshold = quantity_text(step.rule, step.threshold)
    text = f"Closest was {name}: with a threshold of {to} in place of {threshold} it would not have been one."
    return FlipText(step.rule, step.threshold, flip.to, text)


def threshold_name(rule: str) -> str:
    """Return what to call the threshold of a rule in a sentence.

    Examples
    --------
    >>> threshold_name("onset_uv"), threshold_name("max_lf_hf"), threshold_name("peak_g")
    ('the onset level', 'the highest low-frequency share (cable or motion)', 'the threshold of the strongest movement')
    """
    if rule in _NAMES:
        return _NAMES[rule]
    if rule.startswith(_MIN):
        return f"the lowest {label_of(rule.removeprefix(_MIN))}"
    if rule.startswith(_MAX):
        return f"the highest {label_of(rule.removeprefix(_MAX))}"
    return f"the threshold of the {label_of(rule)}"


def _beyond_text(key: str, value: float, *, up: bool) -> str:
    """Return a threshold with its unit, rounded away from the value, so that the sentence is true of what is read."""
    unit = unit_of(key)
    scale = MG_PER_G if unit == "g" and abs(value) < 1 else 1.0
    places = 10.0 ** decimals_of(value * scale)
    rounded = (math.ceil if up else math.floor)(value * scale * places) / places
    return quantity_text(key, rounded / scale)

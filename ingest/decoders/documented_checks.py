"""How to check on hardware what nobody has confirmed: one way for each kind of doubt."""

from __future__ import annotations

import re

HOW_TO_CHECK = {
    "A": "What it advertises: `soleus scan --all` beside the sensor; note name, services and signal.",
    "B": """Rate: record ten minutes by a watch with `soleus night`; the certificate's samples divided by 600 s are the
rate. Again with the sensor in the next room.""",
    "C": """Scale, range and axes: `soleus check` while it lies on each of its six sides. Each axis shows +1 g and -1 g
once and 0 g otherwise, within 0.05 g. Turn it by a right angle in one second: the rotation sums up to 90 degrees.""",
    "D": """Amplitude of EMG: feed a sine of 100 µV and 50 Hz from a signal generator through a divider, the sensor on
battery and on nobody; compare the RMS. Without one: tense the muscle, then rest; both must look as they feel.""",
    "E": """Commands and answers: record one minute; `soleus decode` of its packet log shows every answer, and in its
status the steps that were left out.""",
    "F": """Losses and links: carry the sensor out of range for a minute and back, three times, then switch it off and
on. The certificate must show each gap, as long as the watch says, and samples after each.""",
    "G": "Clock: tap sensor and table together at the start and the end of an hour; the taps must be 3600 s apart.",
    "H": "Anything else: compare a known movement with what `soleus decode --format json` prints.",
}
"""By the letter that stands behind each open point."""
_KINDS = (
    ("A", r"advertis|\bname\b|\bpair"),
    ("D", r"\buV|µV|microvolt|\bgain\b|impedance|electrode|calibrat"),
    ("B", r"\brates?\b|\bHz\b|times a second|drop"),
    ("G", r"clock|time field|tick|timestamp|repeats the time"),
    ("C", r"range|scale|\baxis\b|\baxes\b|±|byte order"),
    ("F", r"\blinks?\b|\blost\b|reconnect|\bhang|duplicate|\bwrap|night|restart|counter|take turns"),
    ("E", r"command|written|stored|start|answer|reply|register|firmware|\bmode\b|MTU|packet|byte|notification|layout"),
)


def method_of(point: str) -> str:
    """Return the letter of the way to check an open point.

    Examples
    --------
    >>> method_of("that it advertises the name InfiniTime"), method_of("measuring range")
    ('A', 'C')
    """
    return next((letter for letter, words in _KINDS if re.search(words, point, re.IGNORECASE)), "H")

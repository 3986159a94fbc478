"""What each threshold is, in a few words, by the group of the criteria and the field."""

from __future__ import annotations

from typing import Final

from soleus.studio.words.acceleration import JERK, MOTION, ORIENTATION, POSSIBLE_EPISODE, POSTURE
from soleus.studio.words.contractions import CRAMP, RHYTHM, TONIC, TWITCH
from soleus.studio.words.movements import LEG_MOVEMENT, RESTING, RULES
from soleus.studio.words.night import CONTEXT, RESTLESSNESS, SLEEP
from soleus.studio.words.signals import ECG, ELECTRODE, LINE, QUALITY, VALIDITY, WEAR

WORDS: Final = {
    "leg_movement": LEG_MOVEMENT,
    "cramp": CRAMP,
    "resting": RESTING,
    "quality": QUALITY,
    "line": LINE,
    "ecg": ECG,
    "electrode": ELECTRODE,
    "twitch": TWITCH,
    "rhythm": RHYTHM,
    "tonic": TONIC,
    "motion": MOTION,
    "orientation": ORIENTATION,
    "jerk": JERK,
    "possible_episode": POSSIBLE_EPISODE,
    "posture": POSTURE,
    "sleep": SLEEP,
    "wear": WEAR,
    "restlessness": RESTLESSNESS,
    "context": CONTEXT,
    "validity": VALIDITY,
    "wasm": RULES,
    "aasm": RULES,
}


def words_for(name: str) -> str:
    """Return what a threshold is, in a few words; of a plug-in's the name of the field.

    Parameters
    ----------
    name : str
        Group and field.

    Examples
    --------
    >>> words_for("leg_movement.min_s"), words_for("lab_spasm.least_uv")
    ('Shortest movement', 'Least uv')
    """
    group, _, field = name.partition(".")
    return WORDS.get(group, {}).get(field) or field.rpartition(".")[2].replace("_", " ").capitalize()

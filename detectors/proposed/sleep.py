"""Posture, sleep and wear: our own numbers, reasoned and tried on simulated signals, not validated on people.

Published numbers stand in ``published.py`` and are only referred to from here. Everything in this
file can be changed in ``soleus.toml`` or with ``--set group.field=value``.
"""

from __future__ import annotations

from typing import Final

from detectors.motion.posture_criteria import PostureCriteria
from detectors.sleep_criteria import SleepCriteria, WearCriteria

POSTURE: Final = PostureCriteria(
    upright_deg=35.0,  # a leg that stands or hangs
)

SLEEP: Final = SleepCriteria(
    awakening_s=120.0,  # two minutes are remembered
)

WEAR: Final = WearCriteria(
    min_s=1800.0,  # a sleeping leg lies still for shorter
)

"""Posture, sleep and wear: our own numbers, reasoned and tried on simulated signals, not validated on people.

Published numbers stand in ``published.py`` and are only referred to from here. Everything in this
file can be changed in ``soleus.toml`` or with ``--set group.field=value``.
"""

from __future__ import annotations

from typing import Final

from detectors.motion.posture_criteria import PostureCriteria
from detectors.sleep_criteria import SleepCriteria, WearCriteria

POSTURE: Final = PostureCriteria(
    long_axis=0,  # x lies along the shank as the sensor is meant to be worn
    mean_s=5.0,  # a walk swings the leg once a second
    gravity_tolerance_g=0.05,  # what is longer or shorter is not gravity alone
    upright_deg=35.0,  # a leg that stands, hangs or walks
    lying_deg=60.0,  # knees that are drawn up in bed stay below it and change nothing
    min_s=10.0,  # long enough for a leg that only swings over the edge of the bed
    max_piece_s=900.0,  # everything after it waits as long as it is open
    step_g=0.08,  # a careful step at night; a still standing leg stays under 0.01
    step_low_hz=1.0,
    step_high_hz=2.5,
    min_steps=5,  # from the bed to the door
    standing_s=60.0,  # a leg that is only stretched out of bed comes back sooner
)

SLEEP: Final = SleepCriteria(
    awakening_s=120.0,  # two minutes are remembered
)

WEAR: Final = WearCriteria(
    min_s=1800.0,  # a sleeping leg lies still for shorter
)

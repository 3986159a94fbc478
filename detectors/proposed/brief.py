"""Brief and rhythmic EMG events: our own numbers, reasoned and tried on simulated signals, not validated on people.

Published numbers stand in ``published.py`` and are only referred to from here. Everything in this
file can be changed in ``soleus.toml`` or with ``--set group.field=value``.
"""

from __future__ import annotations

from typing import Final

from detectors.emg.brief_criteria import RhythmCriteria, TonicCriteria, TwitchCriteria

TWITCH: Final = TwitchCriteria(
    peak_uv=15.0,  # above the noise of any good electrode
)

RHYTHM: Final = RhythmCriteria(
    min_interval_s=0.25,  # 4 bursts a second
)

TONIC: Final = TonicCriteria(
    min_s=15.0,  # longer than any candidate leg movement
)

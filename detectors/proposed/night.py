"""What channels say together: our own numbers, reasoned and tried on simulated signals, not validated on people.

Published numbers stand in ``published.py`` and are only referred to from here. Everything in this
file can be changed in ``soleus.toml`` or with ``--set group.field=value``.
"""

from __future__ import annotations

from typing import Final

from detectors.restlessness_criteria import RestlessnessCriteria

RESTLESSNESS: Final = RestlessnessCriteria(
    min_s=3.0,  # the shortest large movement in adults
)

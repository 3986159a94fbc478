"""Validity: our own numbers, reasoned and tried on simulated signals, not validated on people.

Published numbers stand in ``published.py`` and are only referred to from here. Everything in this
file can be changed in ``soleus.toml`` or with ``--set group.field=value``.
"""

from __future__ import annotations

from typing import Final

from detectors.validity_criteria import ValidityCriteria

VALIDITY: Final = ValidityCriteria(
    min_index_h=4.0,  # half of a night
)

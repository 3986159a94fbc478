"""Validity: our own numbers, reasoned and tried on simulated signals, not validated on people.

Published numbers stand in ``published.py`` and are only referred to from here. Everything in this
file can be changed in ``soleus.toml`` or with ``--set group.field=value``.
"""

from __future__ import annotations

from typing import Final

from detectors.quality.criteria import ValidityCriteria

VALIDITY: Final = ValidityCriteria(
    max_dropout_share=0.2,  # science.md 7.3: more than a fifth missing hides whole movements
    max_saturated_share=0.1,  # science.md 7.3
    max_flat_share=0.0,  # science.md 7.3: no electrode gives a flat second
    max_off_share=0.0,  # science.md 7.3: an electrode is called off after ten seconds only
    max_unscored_share=0.2,  # nothing can be found in it: the same as missing
    max_doubtful_share=0.2,  # a turn in bed takes a few seconds and spoils no half minute
    min_index_h=4.0,  # science.md 6.4: half of a night; one half differs from the other
    grade_a_h=6.0,  # science.md 7.3
    grade_a_share=0.8,  # science.md 7.3
    grade_b_h=4.0,  # science.md 7.3: as an index needs
    low_weight=0.5,  # science.md 7.3 halves the confidence of such an event
    vary_share=0.2,  # about what electrodes put on again the next night change of an amplitude
    compare_per_h=15.0,  # the limit that is most often quoted for adults; many healthy people are above it
)

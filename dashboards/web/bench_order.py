"""The order in which the page *Bench* shows thresholds: those first that a person moves first."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.bench_values import Threshold

FILTERING: Final = frozenset(
    {
        "band_low_hz", "band_high_hz", "low_hz", "nyquist_share", "filter_order", "envelope_s", "smoothing_s",
        "min_fs_hz", "shape_fs_hz",
    }
)  # fmt: skip
"""Fields that say how a signal is made ready, in every group; whoever looks for events moves them last."""


class Place(IntEnum):
    """Where a threshold stands in its group."""

    PUBLISHED = 0
    OWN = 1
    FILTERING = 2


def in_order(thresholds: Sequence[Threshold]) -> list[Threshold]:
    """Return thresholds as the page shows them, the groups in the order that they come in.

    Parameters
    ----------
    thresholds : sequence of Threshold
        In the order of the fields of the criteria.

    Returns
    -------
    list of Threshold
        In each group published values first, then our own, filters last. What is the same threshold in another unit
        (``onset_uv`` and ``onset_ratio``) stays together.
    """
    places: dict[str, int] = {}
    for one in thresholds:
        stem = one.name.rpartition("_")[0]
        places[stem] = min(_place(one), places.get(stem, Place.FILTERING))
    groups = list(dict.fromkeys(_group(one) for one in thresholds))
    return sorted(thresholds, key=lambda one: (groups.index(_group(one)), places[one.name.rpartition("_")[0]]))


def _group(threshold: Threshold) -> str:
    return threshold.name.partition(".")[0]


def _place(threshold: Threshold) -> Place:
    if threshold.name.rpartition(".")[2] in FILTERING:
        return Place.FILTERING
    return Place.PUBLISHED if threshold.published else Place.OWN

"""What makes a pattern of movement a possible episode: bursts, a leg held elsewhere, a tremor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from detectors.motion.orientation import angle_deg
from detectors.resting import quantile
from detectors.runs import RunFinder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.events import Step
    from detectors.motion.brief_criteria import PossibleEpisodeCriteria
    from detectors.motion.episode_frames import Row

_HALF: Final = 0.5


class Direction(NamedTuple):
    """Where gravity points, g."""

    x_g: float
    y_g: float
    z_g: float


class Terms(NamedTuple):
    """How much of each term was seen: number of bursts, longest time held and trembling, s."""

    n_bursts: int
    held_s: float
    tremor_s: float


@dataclass(slots=True)
class Pattern:
    """What began abruptly, or may have: frames and hops of its onset and of its last movement."""

    frame: int
    onset_hop: int
    first_hop: int
    quiet_frames: int
    last_frame: int
    end_hop: int
    abrupt: tuple[Step, ...] = ()
    turn_deg: float = 0.0
    terms: Terms | None = None
    cut_hop: int | None = None


def mean_direction(row: Row) -> Direction:
    """Return the mean of gravity over some frames; zeros if none is known."""
    known = np.isfinite(row.x_g)
    x_g, y_g, z_g = (float(axis[known].sum()) for axis in (row.x_g, row.y_g, row.z_g))
    return Direction(x_g, y_g, z_g)


def angles_deg(row: Row, before: Direction) -> list[float]:
    """Return for each frame how far gravity is from `before`, degrees; 0 where that is not known."""
    axes = zip(row.x_g.tolist(), row.y_g.tolist(), row.z_g.tolist(), strict=True)
    return [0.0 if np.isnan(axis[0]) else angle_deg(axis, before) or 0.0 for axis in axes]


def n_bursts(movement_g: NDArray[np.float64], criteria: PossibleEpisodeCriteria, hop_s: float) -> int:
    """Return how often the movement rises above ``burst_g`` after having been below it for a while."""
    above = movement_g > criteria.burst_g
    if not len(above):
        return 0
    finder = RunFinder(max(1, round(criteria.burst_quiet_s / hop_s)))
    return len(finder.feed(above, above, 0)) + len(finder.close())


def longest_held(row: Row, before: Direction, least_deg: float) -> int:
    """Return the most consecutive frames that lie at one orientation away from the one before."""
    longest = length = 0
    held: Direction | None = None
    for away_deg, *axes in zip(
        angles_deg(row, before), row.x_g.tolist(), row.y_g.tolist(), row.z_g.tolist(), strict=True
    ):
        here = Direction(*axes)
        if away_deg < least_deg:
            held, length = None, 0
        elif held is None or (angle_deg(here, held) or 0.0) >= least_deg:
            held, length = here, 1
        else:
            length += 1
        longest = max(longest, length)
    return longest


def longest_tremor(row: Row, quiet: Row, criteria: PossibleEpisodeCriteria) -> int:
    """Return the most consecutive frames with a tremor and little movement."""
    quiet_g = quiet.tremor_g[np.isfinite(quiet.tremor_g)]
    if not len(quiet_g):
        return 0
    least_g = criteria.tremor_ratio * quantile(quiet_g, _HALF)
    trembles = (row.tremor_g > least_g) & (row.top_g < criteria.burst_g)
    longest = length = 0
    for trembling in trembles.tolist():
        length = length + 1 if trembling else 0
        longest = max(longest, length)
    return longest

"""A plan of evenings on and off in an order that is drawn, and its entries in the diary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from dashboards.comparison import Block, Phase, Plan
from dashboards.diary import Written
from detectors.signal import NS_PER_S
from soleus.helped.periods import H_PER_DAY, PERIOD

if TYPE_CHECKING:
    from collections.abc import Sequence

EVENING: Final = time(18)
"""When a block begins in the diary, local time: far enough from noon, when the evening changes, for summer time."""
MOST_PAIRS: Final = 26
MOST_EVENINGS: Final = 60
MOST_DAYS: Final = 364
"""A plan of more than a year is not followed, and the diary takes no entry that lies further ahead."""
LATEST_FIRST: Final = date.max - timedelta(days=2 * MOST_DAYS)
"""Behind it the calendar has no room for a plan."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a plan is laid out.

    Parameters
    ----------
    n_pairs : int
        Pairs of blocks, one on and one off each; 1 to 26.
    n_evenings : int
        Evenings of a block that are compared; 1 to 60.
    n_washout : int
        Evenings before them, after each change, that are not compared; 0 to 60.

    Raises
    ------
    ValueError
        If a number is out of its range, or the plan might last longer than 364 days.
    """

    n_pairs: int
    n_evenings: int
    n_washout: int

    def __post_init__(self) -> None:
        for name, value, least, most in (
            ("pairs", self.n_pairs, 1, MOST_PAIRS),
            ("evenings", self.n_evenings, 1, MOST_EVENINGS),
            ("wash-out evenings", self.n_washout, 0, MOST_EVENINGS),
        ):
            if not least <= value <= most:
                msg = f"the plan has {value} {name}, expected {least} to {most}"
                raise ValueError(msg)
        longest = 2 * self.n_pairs * (self.n_evenings + self.n_washout)
        if longest > MOST_DAYS:
            msg = f"the plan may last {longest} days, expected at most {MOST_DAYS}"
            raise ValueError(msg)


def draw_plan(name: str, first: date, shape: Shape, seed: int) -> Plan:
    """Draw which block of each pair comes first.

    Parameters
    ----------
    name : str
        What is on and off.
    first : date
        Its first evening.
    shape : Shape
        How many blocks, and how long they are.
    seed : int
        The same seed draws the same plan; not negative.

    Returns
    -------
    Plan
        Wherever the phase changes, wash-out evenings come first: what begins then is begun, what ends is ended, and
        neither is compared yet.

    Raises
    ------
    ValueError
        If there is no name, the seed is negative, or the calendar ends before the plan.

    Notes
    -----
    In pairs, so that weeks that get better or worse on their own weigh on both phases alike; in a drawn order, so that
    nobody chooses the good weeks for one of them.

    Examples
    --------
    >>> plan = draw_plan("magnesium", date(2026, 11, 23), Shape(n_pairs=2, n_evenings=7, n_washout=2), seed=1)
    >>> [(str(block.phase), block.n_evenings) for block in plan.blocks]
    [('off', 7), ('washout', 2), ('on', 7), ('washout', 2), ('off', 7), ('washout', 2), ('on', 7)]
    """
    named = " ".join(name.split())
    if not named:
        msg = "the plan has no name, expected what is on and off"
        raise ValueError(msg)
    if seed < 0:
        msg = f"the seed is {seed}, expected 0 or more"
        raise ValueError(msg)
    if first > LATEST_FIRST:
        msg = f"the plan begins {first}, expected {LATEST_FIRST} or earlier"
        raise ValueError(msg)
    blocks: list[Block] = []
    begin, before = first, None
    for phase in _order(shape.n_pairs, seed):
        changes = before is not None and phase is not before
        for one, n_evenings in ((Phase.WASHOUT, shape.n_washout if changes else 0), (phase, shape.n_evenings)):
            if n_evenings:
                blocks.append(Block(one, begin, n_evenings))
                begin += timedelta(days=n_evenings)
        before = phase
    return Plan(named, tuple(blocks))


def _order(n_pairs: int, seed: int) -> Sequence[Phase]:
    first_on = np.random.default_rng(seed).random(n_pairs) < 0.5  # noqa: PLR2004 - even odds
    return [phase for on in first_on for phase in ((Phase.ON, Phase.OFF) if on else (Phase.OFF, Phase.ON))]


def entries_of(plan: Plan, seed: int) -> tuple[Written, ...]:
    """Return the entries that keep a plan in the diary, one for each block.

    Parameters
    ----------
    plan : Plan
        The plan.
    seed : int
        What it was drawn with, kept as a tag.
    """
    words = {"name": plan.name, "tags": f"plan seed-{seed}"}
    return tuple(
        Written(
            PERIOD,
            _local_ns(block.first),
            values={"duration_h": float(block.n_evenings * H_PER_DAY)},
            words={**words, "phase": block.phase.value},
        )
        for block in plan.blocks
    )


def _local_ns(evening: date) -> int:
    return int(datetime.combine(evening, EVENING).astimezone().timestamp()) * NS_PER_S

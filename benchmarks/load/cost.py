"""What one event and one epoch cost in each stage: nights that consist of nothing else, as fast as they go."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from benchmarks.load.homes import Plan, play_homes
from benchmarks.load.nights import newest
from ingest.night.entries import TopicKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.load.homes import Homes
    from benchmarks.load.nights import Said

# So many at once that they fit into what the broker keeps for one session.
MOST = 1000
HOMES, WRITERS = 4, 1


class Cost(NamedTuple):
    """What a message costs by stage, µs of a processor, and how many went through in a second."""

    cpu_us: Mapping[str, float]
    per_s: float
    holds: bool


def costs(folder: Path, said: Sequence[Said], say: Callable[[str], None]) -> dict[TopicKind, Cost]:
    """Measure events and epochs apart."""
    return {kind: _cost(folder / kind, said, kind, say) for kind in (TopicKind.EVENT, TopicKind.EPOCH)}


def _cost(folder: Path, said: Sequence[Said], kind: TopicKind, say: Callable[[str], None]) -> Cost:
    folder.mkdir()
    last = {id(entry) for entry in newest(said).values()}
    some = [one for one in said if one.entry.topic_kind is kind and id(one.entry) in last][:MOST]
    found: Homes = play_homes(folder, some, Plan(HOMES, WRITERS, 0.0), say)
    cpu_us = {stage: found.cpu_us(stage) for stage in found.cpu_s}
    return Cost(cpu_us, found.messages / found.seconds, found.holds)

"""One recording to score: what a worker is told, and what it answers."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy

from soleus import __version__
from soleus.cohort.data_hash import sha256_of
from soleus.plugins import installed_versions
from soleus.result import dumps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from detectors.criteria import Criteria
    from soleus.cohort.data_hash import DataHash


@dataclass(frozen=True, slots=True)
class Manner:
    """How recordings are read and scored, the same for all of a run.

    Parameters
    ----------
    criteria : Criteria
        Every threshold.
    channels : mapping of str to str
        What a label of a file means.
    layout : Path or None
        What the columns of a table are.
    time_zone : str or None
        Where it was recorded.
    stages : Path or None
        Sleep stages instead of any that the file holds.
    block_samples : int or None
        Samples per block; never changes the result.
    with_reasons : bool
        Whether every event and every rejected candidate comes with why.
    salvage : bool
        Whether what is whole of a damaged file is read.
    """

    criteria: Criteria
    channels: Mapping[str, str]
    layout: Path | None = None
    time_zone: str | None = None
    stages: Path | None = None
    block_samples: int | None = None
    with_reasons: bool = False
    salvage: bool = False

    def scoring_sha256(self) -> str:
        """Return a name for everything but the data that the result depends on, the program's version among it."""
        told = {
            "versions": versions(),
            "criteria": asdict(self.criteria),
            "channels": dict(sorted(self.channels.items())),
            "layout": None if self.layout is None else sha256_of(self.layout),
            "time_zone": self.time_zone,
            "salvage": self.salvage,
            "stages": None if self.stages is None else sha256_of(self.stages),
        }
        return hashlib.sha256(dumps(told).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Order:
    """One recording to score.

    Parameters
    ----------
    name : str
        The file as it was given.
    path : Path
        The same, from the root.
    manner : Manner
        How.
    hashed : bool
        Whether the hash of its data is asked for.
    done : DataHash or None
        What was in it when it was scored in this manner before; where it still is, it is not scored again.
    """

    name: str
    path: Path
    manner: Manner
    hashed: bool = False
    done: DataHash | None = None


class State(StrEnum):
    """What became of a recording."""

    SCORED = "scored"
    KEPT = "kept"
    """It was scored before, and neither its data nor the manner has changed."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one recording.

    Parameters
    ----------
    name : str
        The file as it was given.
    state : State
        Whether it was scored.
    answer : mapping or None
        From :func:`soleus.result.result`, where it was scored.
    start_ns : int
        Begin of the recording, UTC ns.
    data : DataHash or None
        What was in it, where that was asked for and could be read.
    reason : str
        Why it failed, as one line.
    """

    name: str
    state: State
    answer: Mapping[str, Any] | None = None
    start_ns: int = 0
    data: DataHash | None = None
    reason: str = ""


def versions(detectors: Iterable[str] = ()) -> dict[str, str]:
    """Return the versions that the same events on several machines depend on, those of others' detectors last."""
    there = installed_versions() if detectors else {}
    others = {f"detector {name}": there.get(name, "not installed") for name in detectors}
    return {"soleus": __version__, "numpy": np.__version__, "scipy": scipy.__version__, **others}

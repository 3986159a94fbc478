"""What decides the answer of a search: a study of anything else is refused."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from soleus import __version__
from soleus.thresholds import flatten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soleus.reading import Reading
    from soleus.tune.nested import Study
    from soleus.tune.nights import NightSource

TOP = Path(__file__).parents[2]
# How a recording is read, scored, counted and judged.
SOURCES = ("detectors", "ingest/files", "soleus/evaluation", "soleus/tune")


def question(
    study: Study, nights: Sequence[NightSource], reading: Reading, takes: Mapping[str, str] = MappingProxyType({})
) -> dict[str, object]:
    """Return all that decides the answer, but for the number of tries: more of them go on from fewer.

    Parameters
    ----------
    study : Study
        What is asked.
    nights : sequence of NightSource
        The nights.
    reading : Reading
        How they are read.
    takes : mapping of str to str
        Kinds of what is found that are taken for another kind.

    Returns
    -------
    dict
        Plain values by what a person calls them.
    """
    plan = study.plan
    digests = [[one.recording_sha256, one.beside_sha256, one.reference_sha256] for one in nights]
    return {
        "version": __version__,
        "code": code_sha256(TOP),
        "plug-ins": [[one.name, one.version] for one in study.criteria.plugins],
        "nights": [[one.name, one.subject, *of_files] for one, of_files in zip(nights, digests, strict=True)],
        "channels, layout, salvage, takes or time zone": {**reading.told, "takes": dict(takes)},
        "criteria": {"name": study.criteria.name, **flatten(study.criteria)},
        "vary": [f"{one.name}={one.words}" for one in plan.varied],
        "cost": asdict(study.tradeoff),
        "folds": [study.n_outer, study.n_inner],
        "search": [plan.method, plan.patience, plan.drops_early],
        "seed": plan.seed,
    }


def code_sha256(top: Path) -> str:
    """Return a digest of the sources that a count depends on.

    Parameters
    ----------
    top : Path
        The folder that holds the packages.
    """
    digest = hashlib.sha256()
    for path in sorted(path for place in SOURCES for path in (top / place).rglob("*.py")):
        digest.update(path.relative_to(top).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()

"""What was asked for on the command line of ``soleus tune``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from soleus.errors import ConfigError
from soleus.reading import Reading
from soleus.tune.plan import Method, Plan
from soleus.tune.space import Range, all_differ, grid, parse_varied
from soleus.tune.tradeoff import Aim, Tradeoff

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from detectors.criteria import Criteria

TRIES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One field per option, see ``soleus tune --help``."""

    recordings: tuple[Path, ...]
    references: tuple[Path, ...]
    pairs: Path | None
    scorer: str | None
    texts: tuple[str, ...]
    out: Path
    name: str | None
    aim: str
    word: str
    beta: float
    least_sensitivity: float
    method: str | None
    tries: int | None
    patience: int
    drops_early: bool
    folds: int
    inner_folds: int
    seed: int
    study: Path | None
    workers: int
    keep_open: int
    config_file: Path | None
    criteria: str | None
    assignments: tuple[str, ...]
    channels: Mapping[str, str]
    layout: Path | None
    salvage: bool
    takes: Mapping[str, str]
    time_zone: str | None
    force: bool
    form: str

    @property
    def tradeoff(self) -> Tradeoff:
        """The cost of choice; `ConfigError` if there is no such class."""
        try:
            return Tradeoff(Aim(self.aim), self.word, self.beta, self.least_sensitivity)
        except ValueError as error:
            msg = f"--cost {self.aim}: {error}"
            raise ConfigError(msg) from error

    @property
    def reading(self) -> Reading:
        """How recordings are read."""
        return Reading(tuple(self.channels.items()), self.layout, self.time_zone, self.salvage)

    def plan(self, criteria: Criteria) -> Plan:
        """Return what is searched, and for how long.

        Parameters
        ----------
        criteria : Criteria
            The set whose thresholds vary.

        Returns
        -------
        Plan
            The plan.

        Raises
        ------
        ConfigError
            If something cannot vary as it is written.
        """
        varied = all_differ([parse_varied(text, criteria) for text in self.texts])
        has_range = any(isinstance(one, Range) for one in varied)
        method = Method(self.method) if self.method else Method.TPE if has_range else Method.GRID
        most = len(grid(varied)) if method is Method.GRID else TRIES
        return Plan(varied, method, self.tries or most, self.patience, self.drops_early, self.seed)

"""Where the thresholds of a criteria file come from: the table ``[tuned]`` that ``soleus tune`` writes into it."""

from __future__ import annotations

import math
import tomllib
from typing import TYPE_CHECKING, Any

from soleus.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TABLE = "tuned"


def provenance_in(path: Path) -> Mapping[str, Any] | None:
    """Read what a criteria file says about itself.

    Parameters
    ----------
    path : Path
        A file that `soleus.settings_file.read` has read.

    Returns
    -------
    mapping or None
        The table, of plain values; None if the file has none, and was written by hand.

    Raises
    ------
    ConfigError
        If it is no table with a name.
    """
    told = tomllib.loads(path.read_text(encoding="utf-8")).get(TABLE)
    if told is None:
        return None
    if not isinstance(told, dict) or not isinstance(told.get("name"), str):
        msg = f"{path.name}: {TABLE} is {told!r}, expected a table [{TABLE}] with a name, as soleus tune writes it"
        raise ConfigError(msg)
    return {str(key): plain(value) for key, value in told.items()}


def plain(value: object) -> Any:
    """Return a value of TOML as JSON can hold it."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | None) else str(value)

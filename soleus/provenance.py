"""Where the thresholds of a criteria file come from: the table in it that says so.

``[tuned]`` is written by ``soleus tune``, ``[chosen]`` by the page *Bench*, where a person chooses by looking.
"""

from __future__ import annotations

import math
import tomllib
from typing import TYPE_CHECKING, Any, Final

from soleus.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TABLE: Final = "tuned"
CHOSEN: Final = "chosen"
TABLES: Final = (TABLE, CHOSEN)
"""Every table that says where thresholds come from, and is no setting."""
RECORDINGS: Final = "recording"
"""In ``[chosen]``: what the thresholds were chosen on, one table each."""
WRITERS: Final = {TABLE: "soleus tune", CHOSEN: "the page Bench"}
"""Who writes each."""


def provenance_in(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """Read what a criteria file says about itself.

    Parameters
    ----------
    path : Path
        A file that `soleus.settings_file.read` has read.

    Returns
    -------
    mapping
        The tables that it has, of plain values, by their names; none of a file that was written by hand.

    Raises
    ------
    ConfigError
        If one is no table with a name.
    """
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return {table: _told(content[table], table, path) for table in TABLES if table in content}


def _told(told: object, table: str, path: Path) -> dict[str, Any]:
    if not isinstance(told, dict) or not isinstance(told.get("name"), str):
        msg = f"{path.name}: {table} is {told!r}, expected a table [{table}] with a name, as {WRITERS[table]} writes it"
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

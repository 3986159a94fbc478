"""How files of recordings are read: what the command line says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ingest.files.opening import TABLE_SUFFIXES
from ingest.files.table_layout import layout_beside
from ingest.files.wall_clock import local_start
from soleus.cohort.data_hash import sha256_of

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Reading:
    """How recordings are read; can be sent to another process.

    Parameters
    ----------
    channels : tuple of (str, str)
        What a label of a file means.
    layout : Path, optional
        What the columns of a table are.
    time_zone : str, optional
        Where it was recorded, for files that say their start without an offset.
    salvage : bool
        Whether what is whole of a damaged file is read.

    Examples
    --------
    >>> Reading((("EMG4", "EMG TA-L"),), time_zone="Europe/Berlin").told
    {'channels': {'EMG4': 'EMG TA-L'}, 'time_zone': 'Europe/Berlin'}
    """

    channels: tuple[tuple[str, str], ...] = ()
    layout: Path | None = None
    time_zone: str | None = None
    salvage: bool = False

    @property
    def told(self) -> dict[str, object]:
        """What was said, as plain values; nothing where nothing was."""
        said: dict[str, object] = {
            "channels": dict(self.channels),
            "layout_sha256": "" if self.layout is None else sha256_of(self.layout),
            "time_zone": self.time_zone,
            "salvage": self.salvage,
        }
        return {name: value for name, value in said.items() if value}

    @property
    def options(self) -> tuple[str, ...]:
        """The options of the command line that say something."""
        said = {
            "--channel": self.channels,
            "--layout": self.layout,
            "--time-zone": self.time_zone,
            "--salvage": self.salvage,
        }
        return tuple(option for option, value in said.items() if value)

    def layout_of(self, path: Path) -> Path | None:
        """Return the layout that a file is read with; None of one that is no table, or has none."""
        return (self.layout or layout_beside(path)) if path.suffix.lower() in TABLE_SUFFIXES else None

    def utc_offset_s(self, start_ns: int) -> int:
        """Return local time minus UTC where a recording was made that begins then (UTC, ns), s; 0 if nobody said it."""
        ahead = local_start(start_ns, self.time_zone) - local_start(start_ns, None)
        return round(ahead.total_seconds())


AS_THEY_ARE: Final = Reading()
"""Nothing is said of the files."""

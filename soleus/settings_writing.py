"""Write a ``soleus.toml``: whole or not at all, for its owner only, and only if it reads back as it was meant."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from soleus.errors import ConfigError
from soleus.settings_file import read
from soleus.settings_text import commented

if TYPE_CHECKING:
    from pathlib import Path

    from soleus.settings import Settings

OWNER_ONLY = 0o600
BEFORE = ".before"


def write(settings: Settings, file: Path, kept: str = "") -> None:
    """Write settings; an earlier file is kept beside it with ``.before`` at the end of its name.

    Parameters
    ----------
    settings : Settings
        What to write.
    file : Path
        Where to.
    kept : str
        Tables of the earlier file to keep as they are.

    Raises
    ------
    ConfigError
        If what was written would not be read as it was meant; nothing has changed then.
    OSError
        If it cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(commented(settings, kept))
            out.flush()
            os.fsync(out.fileno())
        if _without_devices(read(fresh)[0]) != _without_devices(settings):
            msg = f"{file}: would not be read as it was meant; nothing was written, edit it by hand"
            raise ConfigError(msg)
        if file.exists():
            file.replace(file.with_name(file.name + BEFORE))
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)


def _without_devices(settings: Settings) -> Settings:
    """Leave out what a file says in another place: the descriptions of devices."""
    return replace(settings, sensors=tuple(replace(sensor, described=None) for sensor in settings.sensors))

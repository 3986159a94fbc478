"""Write a ``soleus.toml``: whole or not at all, for its owner only, and only if it reads back as it was meant."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from soleus.errors import ConfigError
from soleus.settings_file import read
from soleus.settings_text import commented

if TYPE_CHECKING:
    from pathlib import Path

    from soleus.settings import Settings

OWNER_ONLY = 0o600
BEFORE = ".before"


def write(settings: Settings, file: Path, kept: str = "") -> Path | None:
    """Write settings; an earlier file is kept beside it with ``.before`` at the end of its name, or ``.before-2``, ...

    Parameters
    ----------
    settings : Settings
        What to write.
    file : Path
        Where to; of a symbolic link the file that it leads to.
    kept : str
        Tables of the earlier file to keep as they are.

    Returns
    -------
    Path or None
        Where the earlier file is now; None if there was none.

    Raises
    ------
    ConfigError
        If what was written would not be read as it was meant; nothing has changed then.
    OSError
        If it cannot be written.
    """
    file = file.resolve()
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh, copy = (file.with_name(f".{file.name}.{os.getpid()}{end}") for end in ("", BEFORE))
    with contextlib.ExitStack() as unfinished:
        # Before there is anything to clear away: Ctrl-C may come at any moment.
        unfinished.callback(fresh.unlink, missing_ok=True)
        unfinished.callback(copy.unlink, missing_ok=True)
        _write_anew(fresh, commented(settings, kept).encode())
        if _without_devices(read(fresh)[0]) != _without_devices(settings):
            msg = f"{file}: would not be read as it was meant; nothing was written, edit it by hand"
            raise ConfigError(msg)
        earlier = None
        if file.exists():
            _write_anew(copy, file.read_bytes())
            earlier = copy.replace(_free_name(file))
        fresh.replace(file)
    return earlier


def _free_name(file: Path) -> Path:
    """Return a name for a copy beside a file that is free: an earlier copy may hold what was written by hand."""
    names = (file.name + BEFORE + (f"-{number}" if number > 1 else "") for number in count(1))
    return next(place for place in map(file.with_name, names) if not os.path.lexists(place))


def _write_anew(file: Path, content: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _without_devices(settings: Settings) -> Settings:
    """Leave out what a file says in another place: the descriptions of devices."""
    return replace(settings, sensors=tuple(replace(sensor, described=None) for sensor in settings.sensors))

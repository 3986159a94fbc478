"""The configuration in force: the file, the command line and the defaults, and where each value came from.

Bad configuration stops the program before anything is started.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.criteria import named
from soleus.errors import ConfigError
from soleus.settings import Settings
from soleus.settings_file import read
from soleus.thresholds import apply_overrides, parse_assignment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from detectors.criteria import Criteria

FILE_NAME = "soleus.toml"
FILE_VARIABLE = "SOLEUS_CONFIG"
MQTT_PASSWORD_VARIABLE = "SOLEUS_MQTT_PASSWORD"  # noqa: S105 - a variable's name
STORE_TOKEN_VARIABLE = "SOLEUS_STORE_TOKEN"  # noqa: S105 - a variable's name
WEB_PASSWORD_VARIABLE = "SOLEUS_WEB_PASSWORD"  # noqa: S105 - a variable's name
OWNER_ONLY = 0o700


@dataclass(frozen=True, slots=True)
class Config:
    """Settings, the thresholds that they choose, and where each came from.

    Parameters
    ----------
    settings : Settings
        What ``soleus.toml`` says, defaults filled in.
    criteria : Criteria
        The named set with overrides applied.
    origins : mapping of str to str
        Origin (``soleus.toml:12``, ``--set``) by key as the file spells it; what is not in here
        is a default, or the number of the named set.
    """

    settings: Settings
    criteria: Criteria
    origins: Mapping[str, str]


def find(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Path | None:
    """Find the configuration file.

    Parameters
    ----------
    path : Path, optional
        What the command line names.
    environ : mapping of str to str
        The environment.

    Returns
    -------
    Path or None
        The named file, ``$SOLEUS_CONFIG``, ``soleus.toml`` here or in the user's configuration
        folder; None if there is none.
    """
    if path is not None:
        return path
    if FILE_VARIABLE in environ:
        return Path(environ[FILE_VARIABLE])
    home = Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return next((found for found in (Path(FILE_NAME), home / "soleus" / FILE_NAME) if found.is_file()), None)


def load(
    path: Path | None = None, *, assignments: Iterable[str] = (), environ: Mapping[str, str] = os.environ
) -> Config:
    """Read the configuration that is in force.

    Parameters
    ----------
    path : Path, optional
        Configuration file; looked for by :func:`find` if not given.
    assignments : iterable of str
        Thresholds from the command line, ``group.field=value``.
    environ : mapping of str to str
        The environment.

    Returns
    -------
    Config
        Settings, thresholds and origins.

    Raises
    ------
    ConfigError
        If the file cannot be read, or a key is unknown, or a value is impossible.
    """
    file = find(path, environ)
    settings, origins = (Settings(), {}) if file is None else read(file)
    overrides = dict(settings.overrides)
    where = {name: origins.get(f"set.{name}", FILE_NAME) for name in overrides}
    for assignment in assignments:
        name, value = parse_assignment(assignment)
        overrides[name] = value
        where[name] = "--set"
    return Config(settings, apply_overrides(_named(settings.criteria, origins), overrides, where), {**origins, **where})


def choose_criteria(choice: str | None, file: Path | None, assignments: Iterable[str]) -> Criteria:
    """Return the thresholds that a command line asks for.

    Parameters
    ----------
    choice : str or None
        A named set as it is, or a configuration file; None takes the configuration in force.
    file : Path or None
        Configuration file.
    assignments : iterable of str
        Thresholds from the command line, ``group.field=value``.

    Returns
    -------
    Criteria
        The thresholds.

    Raises
    ------
    ConfigError
        As for :func:`load`.
    """
    if choice is None or Path(choice).suffix == ".toml" or Path(choice).is_file():
        return load(file if choice is None else Path(choice), assignments=assignments).criteria
    return apply_overrides(_named(choice, {}), dict(map(parse_assignment, assignments)))


def ensure_private(directory: Path) -> Path:
    """Create a directory that only its owner can read.

    Parameters
    ----------
    directory : Path
        What to create; parents are created as well. An existing one keeps its rights.

    Returns
    -------
    Path
        The directory.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    directory.mkdir(mode=OWNER_ONLY, exist_ok=True)
    return directory


def secret(file: Path | None, variable: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """Read a password or token, which never stands in ``soleus.toml`` itself.

    Parameters
    ----------
    file : Path or None
        File whose first line it is.
    variable : str
        Environment variable that holds it otherwise.
    environ : mapping of str to str
        The environment.

    Returns
    -------
    str or None
        The secret, or None if neither is there.

    Raises
    ------
    ConfigError
        If the file cannot be read.
    """
    if file is None:
        return environ.get(variable)
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{file}: the secret cannot be read: {error}"
        raise ConfigError(msg) from error


def _named(name: str, origins: Mapping[str, str]) -> Criteria:
    try:
        return named(name)
    except ValueError as error:
        msg = f"{origins.get('criteria', '--criteria')}: criteria: {error}"
        raise ConfigError(msg) from error

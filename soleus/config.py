"""The configuration in force: the file, the command line and the defaults, and where each value came from.

Bad configuration stops the program before anything is started.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.criteria import named
from soleus.errors import ConfigError
from soleus.plugins import DETECTORS, split_detectors, switched_on, with_plugins
from soleus.provenance import provenance_in
from soleus.settings import Settings
from soleus.settings_file import read
from soleus.thresholds import apply_overrides

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from detectors.criteria import Criteria

FILE_NAME = "soleus.toml"
SUFFIX = ".toml"
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
    provenance : mapping
        How the thresholds were chosen, if a criteria file of ``soleus tune`` or of the page *Bench* holds them: by the
        name of the table in it.
    """

    settings: Settings
    criteria: Criteria
    origins: Mapping[str, str]
    provenance: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


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
    settings, origins = _read(file)
    detectors, overrides = settings.detectors, dict(settings.overrides)
    where = {name: origins.get(f"set.{name}", FILE_NAME) for name in overrides}
    told = {} if file is None else provenance_in(file)
    chosen = settings.criteria
    if file is not None and Path(chosen).suffix == SUFFIX:
        inner, inner_where, told = _criteria_file(file.parent / Path(chosen).expanduser(), origins)
        chosen, overrides, where = inner.criteria, {**inner.overrides, **overrides}, {**inner_where, **where}
        detectors = (*inner.detectors, *detectors)
    named_here, changed = split_detectors(assignments)
    plugins = switched_on((*detectors, *named_here), origins.get(DETECTORS, "--detector"))
    criteria = with_plugins(_named(chosen, origins), plugins)
    where |= dict.fromkeys(changed, "--set")
    return Config(settings, apply_overrides(criteria, {**overrides, **changed}, where), {**origins, **where}, told)


def load_settings(path: Path | None = None, *, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings in force without the thresholds, for what scores nothing.

    Detectors of others are not looked at: where packets are recorded and delivered, none of their code is run.

    Parameters
    ----------
    path : Path, optional
        Configuration file; looked for by :func:`find` if not given.
    environ : mapping of str to str
        The environment.

    Returns
    -------
    Settings
        What the file says, defaults filled in.

    Raises
    ------
    ConfigError
        If the file cannot be read, or a key is unknown, or a value is impossible.
    """
    return _read(find(path, environ))[0]


def _read(file: Path | None) -> tuple[Settings, dict[str, str]]:
    return (Settings(), {}) if file is None else read(file)


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
    if choice is None or _is_file(choice):
        return load(file if choice is None else Path(choice), assignments=assignments).criteria
    return _changed_set(choice, assignments)[0]


def load_with(choice: str, file: Path | None, assignments: Iterable[str]) -> Config:
    """Read the configuration with the thresholds that a command line asks for in place of its own.

    Parameters
    ----------
    choice : str
        A named set as it is, or a configuration file, which then is the configuration.
    file : Path or None
        Configuration file, for the settings that are none of thresholds.
    assignments : iterable of str
        Thresholds from the command line, ``group.field=value``.

    Returns
    -------
    Config
        Settings, thresholds and origins.

    Raises
    ------
    ConfigError
        As for :func:`load`.
    """
    if _is_file(choice):
        return load(Path(choice), assignments=assignments)
    settings, origins = _read(find(file))
    criteria, changed = _changed_set(choice, assignments)
    where = {"criteria": "--criteria", **dict.fromkeys(changed, "--set")}
    return Config(replace(settings, criteria=choice), criteria, {**origins, **where})


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


def _criteria_file(
    path: Path, origins: Mapping[str, str]
) -> tuple[Settings, dict[str, str], Mapping[str, Mapping[str, Any]]]:
    """Read the thresholds of another file, where each stands, and how they were chosen."""
    try:
        settings, places = read(path)
    except ConfigError as error:
        msg = f"{origins.get('criteria', FILE_NAME)}: criteria: {error}"
        raise ConfigError(msg) from error
    if Path(settings.criteria).suffix == SUFFIX:
        msg = f"{places['criteria']}: criteria is {settings.criteria!r}, expected the name of a set in a criteria file"
        raise ConfigError(msg)
    return settings, {name: places.get(f"set.{name}", path.name) for name in settings.overrides}, provenance_in(path)


def _is_file(choice: str) -> bool:
    return Path(choice).suffix == SUFFIX or Path(choice).is_file()


def _changed_set(name: str, assignments: Iterable[str]) -> tuple[Criteria, Mapping[str, object]]:
    """Return a named set with what a command line changes, and what that is."""
    detectors, changed = split_detectors(assignments)
    criteria = with_plugins(_named(name, {}), switched_on(detectors, "--detector"))
    return apply_overrides(criteria, changed), changed


def _named(name: str, origins: Mapping[str, str]) -> Criteria:
    try:
        return named(name)
    except ValueError as error:
        msg = f"{origins.get('criteria', '--criteria')}: criteria: {error}"
        raise ConfigError(msg) from error

"""Detectors of others that are installed: found by their entry points, switched on by name only.

A distribution offers one under ``[project.entry-points."soleus.detectors"]``: its name, and where its class is. What is
installed does nothing until ``detectors`` in ``soleus.toml`` or ``--detector`` names it.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from detectors.plugin import Plugin, plugin_of
from soleus.errors import ConfigError
from soleus.thresholds import parse_assignment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from detectors.criteria import Criteria

GROUP = "soleus.detectors"
DETECTORS = "detectors"


def installed() -> dict[str, EntryPoint]:
    """Return the detectors of others that are installed, by name; nothing of theirs is run.

    Returns
    -------
    dict of str to EntryPoint
        Where each is, and of which distribution.
    """
    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)}


def installed_versions() -> dict[str, str]:
    """Return the version of each detector of others that is installed, by name; empty where it is not known."""
    return {name: "" if point.dist is None else point.dist.version for name, point in installed().items()}


def switched_on(names: Iterable[str], where: str) -> tuple[Plugin, ...]:
    """Load the detectors that are named.

    Parameters
    ----------
    names : iterable of str
        Which; one that is named twice is loaded once.
    where : str
        Where they are named, for the message when it is wrong.

    Returns
    -------
    tuple of Plugin
        With the numbers that they come with.

    Raises
    ------
    ConfigError
        If one is not installed, cannot be loaded, or is no detector.
    """
    wanted = tuple(dict.fromkeys(names))
    known = installed() if wanted else {}
    return tuple(_loaded(name, known, where) for name in wanted)


def split_detectors(assignments: Iterable[str]) -> tuple[list[str], dict[str, object]]:
    """Tell the detectors of others that a command line switches on from the thresholds that it changes.

    Parameters
    ----------
    assignments : iterable of str
        ``group.field=value``, and ``detectors=NAME``, which is what ``--detector NAME`` becomes.

    Returns
    -------
    detectors : list of str
        Names, in their order.
    overrides : dict of str to object
        Values by dotted name.

    Raises
    ------
    ConfigError
        If there is no ``=``.
    """
    pairs = list(map(parse_assignment, assignments))
    return [value for name, value in pairs if name == DETECTORS], {n: v for n, v in pairs if n != DETECTORS}


def with_plugins(criteria: Criteria, plugins: tuple[Plugin, ...]) -> Criteria:
    """Return criteria with detectors of others beside ours.

    Raises
    ------
    ConfigError
        If the name of one is taken.
    """
    try:
        return replace(criteria, plugins=plugins)
    except ValueError as error:
        raise ConfigError(str(error)) from error


def failure_lines(failed: Mapping[str, str]) -> list[str]:
    """Return what has to be said about detectors of others that broke the contract.

    Parameters
    ----------
    failed : mapping of str to str
        ``failed_plugins`` of a summary.

    Examples
    --------
    >>> failure_lines({"lab_spasm": "left-shin: KeyError: 'x'"})
    ["detector lab_spasm ended, the others went on: left-shin: KeyError: 'x'"]
    """
    return [f"detector {name} ended, the others went on: {why}" for name, why in sorted(failed.items())]


def _loaded(name: str, known: dict[str, EntryPoint], where: str) -> Plugin:
    point = known.get(name)
    if point is None:
        there = ", ".join(known) or "none, and the package that has it has to be installed beside soleus"
        msg = f"{where}: there is no detector {name!r}, expected one of those installed: {there}"
        raise ConfigError(msg)
    version = "" if point.dist is None else point.dist.version
    try:
        plugin = plugin_of(point.load(), version)
    except Exception as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        msg = f"{where}: detector {name} {version} ({point.value}) cannot be loaded: {said}"
        raise ConfigError(msg) from error
    if plugin.name != name:
        msg = f"{where}: detector {name} ({point.value}) calls itself {plugin.name!r}, expected its entry point's name"
        raise ConfigError(msg)
    return plugin

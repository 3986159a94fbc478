"""Is this computer set up: Python and its packages, the configuration, the folder of the nights, the time zone."""

from __future__ import annotations

import os
import re
import stat
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from soleus import __version__, machine
from soleus.config import find, load
from soleus.errors import ConfigError
from soleus.listening import USUAL_BYTES_PER_H
from soleus.settings import Settings
from soleus.verdicts import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

LEAST_PYTHON = (3, 11)
# What the program needs; an empty version takes any.
PACKAGES: Mapping[str, str] = {
    "amqtt": "0.12.1",
    "bleak": "3.1.0",
    "bumble": "0.0.236",
    "cattrs": "",
    "click": "",
    "cryptography": "",
    "defusedxml": "",
    "edfio": "",
    "font-source-sans-pro": "",
    "fpdf2": "",
    "influxdb-client": "1.50.0",
    "jinja2": "",
    "numpy": "",
    "paho-mqtt": "",
    "pyarrow": "",
    "rich": "",
    "scipy": "",
    "starlette": "",
    "statsmodels": "",
    "tzdata": "",
    "uplot-python": "1.1.1",
    "urllib3": "",
    "uvicorn": "",
}
USUAL_HOURS = 8.0


@dataclass(frozen=True, slots=True)
class Configured:
    """The configuration, or what is wrong with it.

    Parameters
    ----------
    settings : Settings
        What is in force; the defaults if there is none or it cannot be read.
    finding : Finding
        How it is.
    """

    settings: Settings
    finding: Finding


def python() -> list[Finding]:
    """Judge the Python that runs this, and the packages it finds."""
    running = ".".join(map(str, sys.version_info[:3]))
    seen = f"{running}, Soleus {__version__}"
    if sys.version_info[:2] < LEAST_PYTHON:
        least = ".".join(map(str, LEAST_PYTHON))
        return [Finding("Python", Verdict.WRONG, seen, f"install Python {least} or later")]
    return [Finding("Python", Verdict.OK, seen), packages(_installed())]


def _installed() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def packages(installed: Mapping[str, str]) -> Finding:
    """Judge the versions of packages.

    Parameters
    ----------
    installed : mapping of str to str
        Version by name.
    """
    again = "install again: pip install --require-hashes -r requirements.lock"
    missing = [name for name in PACKAGES if name not in installed]
    if missing:
        return Finding("packages", Verdict.WRONG, f"missing: {', '.join(missing)}", again)
    other = [
        f"{name} {installed[name]}, tested with {version}"
        for name, version in PACKAGES.items()
        if version and installed[name] != version
    ]
    if other:
        return Finding("packages", Verdict.WARNING, "; ".join(other), again)
    shown = ", ".join(f"{name} {installed[name]}" for name in ("bleak", "numpy", "scipy", "paho-mqtt"))
    return Finding("packages", Verdict.OK, f"all {len(PACKAGES)} there: {shown}, ...")


def configuration(file: Path | None) -> Configured:
    """Judge the configuration file.

    Parameters
    ----------
    file : Path or None
        The file; the one in force if not given.
    """
    about, there = "configuration", find(file)
    if there is None:
        return Configured(Settings(), Finding(about, Verdict.WARNING, "there is none yet", "soleus setup writes one"))
    try:
        settings = load(there).settings
    except ConfigError as error:
        advice = "mend that line, or soleus setup" if there.is_file() else "name a file that is there, or soleus setup"
        return Configured(Settings(), Finding(about, Verdict.WRONG, str(error), advice))
    if not settings.sensors:
        finding = Finding(about, Verdict.WARNING, f"{_shown(there)} has no sensor", "soleus setup looks for them")
        return Configured(settings, finding)
    names = ", ".join(sensor.name for sensor in settings.sensors)
    return Configured(settings, Finding(about, Verdict.OK, f"{_shown(there)}: {names}"))


def data_folder(settings: Settings) -> list[Finding]:
    """Judge the folder of the nights: writable, private, and large enough."""
    folder = settings.data_dir
    shown = _shown(folder)
    bytes_per_h = max(len(settings.sensors), 1) * USUAL_BYTES_PER_H
    space = machine.disk(folder, USUAL_HOURS, bytes_per_h)
    if not folder.is_dir():
        above = next(place for place in (folder, *folder.absolute().parents) if os.path.lexists(place))
        if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
            seen = f"{shown} cannot be made" + ("" if above.is_dir() else f": {_shown(above)} is no folder")
            return [Finding("data folder", Verdict.WRONG, seen, "set data_dir to another"), space]
        return [Finding("data folder", Verdict.OK, f"{shown}, made with the first night"), space]
    if not os.access(folder, os.W_OK | os.X_OK):
        advice = f"sudo chown -R $USER {shown}, or set data_dir to another"
        return [Finding("data folder", Verdict.WRONG, f"{shown} cannot be written to", advice), space]
    if stat.S_IMODE(folder.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        advice = f"chmod 700 {shown}"
        return [Finding("data folder", Verdict.WARNING, f"{shown} can be read by others", advice), space]
    return [Finding("data folder", Verdict.OK, f"{shown}, yours only"), space]


def _shown(path: Path) -> str:
    """Return a path as a person would type it."""
    return f"~/{path.relative_to(Path.home())}" if path.is_relative_to(Path.home()) else str(path)


def time_zone() -> Finding:
    """Say which time zone dates the nights."""
    now = datetime.now(UTC).astimezone()
    offset = re.sub(r"(\d\d)$", r":\1", f"{now:%z}")
    return Finding("time zone", Verdict.OK, f"{now.tzname()} (UTC{offset}); nights are named after its evenings")

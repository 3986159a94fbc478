"""What there is of a person on this computer and beyond, as far as this computer knows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.influx import InfluxAddress
from ingest.night.folder import NightFolder
from soleus.config import STORE_TOKEN_VARIABLE, secret
from soleus.errors import ConfigError
from soleus.nights import all_nights, nights_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soleus.settings import Settings

# Among the nights: folders on their way out. A rename does not reach another file system, and nights may lie on one.
LEAVING = ".deleted"


@dataclass(frozen=True, slots=True)
class Belongings:
    """The night folders of a person, and under which sites the person is known.

    Parameters
    ----------
    person : str
        Whose.
    nights : tuple of NightFolder
        The nights, oldest first.
    sites : tuple of str
        The site of the configuration and those of the nights: topics and points carry them.
    unknown : tuple of Path
        Folders among the nights of which nobody can say whose they are.
    """

    person: str
    nights: tuple[NightFolder, ...]
    sites: tuple[str, ...]
    unknown: tuple[Path, ...]


def belongings(settings: Settings, person: str, night: str | None = None) -> Belongings:
    """Return what there is of a person, or of one of the nights.

    Parameters
    ----------
    settings : Settings
        Where nights are kept.
    person : str
        Whose.
    night : str, optional
        Name of one night; all of them if not given.
    """
    parent = nights_dir(settings)
    readable = {folder.path: folder.read_info() for folder in all_nights(settings)}
    own = {path: info for path, info in readable.items() if info.person == person and night in {None, path.name}}
    folders = (
        {path for path in parent.iterdir() if path.is_dir() and path.name != LEAVING} if parent.is_dir() else set()
    )
    return Belongings(
        person,
        tuple(NightFolder(path) for path in sorted(own)),
        tuple(sorted({info.site for info in own.values()} | {settings.site})),
        tuple(sorted(folders - readable.keys())),
    )


def links_of(folder: NightFolder) -> Iterator[tuple[Path, Path]]:
    """Yield the links inside a night and where each leads; nobody follows them, they may lead anywhere."""
    for path in sorted(folder.path.rglob("*")):
        if path.is_symlink():
            yield path, target_of(path)


def target_of(link: Path) -> Path:
    """Return where a link leads, whether there is something or not."""
    return Path(os.path.normpath(link.parent / link.readlink()))


def influx_address(settings: Settings, token_file: Path | None = None) -> InfluxAddress | None:
    """Return the configured InfluxDB with the token to use, or None where none is configured.

    Parameters
    ----------
    settings : Settings
        Which InfluxDB.
    token_file : Path, optional
        File with a token that may read, or remove; otherwise the one that is configured.

    Raises
    ------
    ConfigError
        If there is no token, or it cannot be read.
    """
    store = settings.store
    if store.url is None:
        return None
    token = secret(token_file or store.token_file, STORE_TOKEN_VARIABLE)
    if not token:
        msg = (
            f"InfluxDB {store.url} wants a token: give --token-file, token_file in [store], or ${STORE_TOKEN_VARIABLE}"
        )
        raise ConfigError(msg)
    return InfluxAddress(store.url, store.bucket, store.org, token)

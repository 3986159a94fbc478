"""``soleus setup --stack``: the secrets of ``docker-compose.yml``, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import click

from soleus.accounts import Account, Role
from soleus.authority import utc_now
from soleus.errors import ConfigError
from soleus.settings import Settings
from soleus.settings_file import read
from soleus.settings_text import kept_tables
from soleus.stack import write_configuration, write_stack
from soleus.stack_tls import write_certificates

OWN = "collector"
"""Account of this computer's collector, whose names are those of its configuration."""


@dataclass(frozen=True, slots=True)
class StackWish:
    """What the command line asks for.

    Parameters
    ----------
    accounts, readers : tuple of str
        Accounts, ``NAME:SITE:PERSON:COLLECTOR``.
    tls : bool
        Whether to make certificates.
    hosts : tuple of str
        Names and addresses of this computer, for its certificate.
    """

    accounts: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    tls: bool = False
    hosts: tuple[str, ...] = ()


def set_up(file: Path | None, wish: StackWish, home: Path = Path()) -> int:
    """Write the secrets of the stack in a folder, and say what is new.

    Parameters
    ----------
    file : Path or None
        Configuration of this computer's collector, if there is one.
    wish : StackWish
        What the command line asks for.
    home : Path
        Folder of ``docker-compose.yml``.

    Returns
    -------
    int
        Exit code.

    Raises
    ------
    ConfigError
        If the configuration or an account cannot be, or this is not the folder.
    """
    if wish.hosts and not wish.tls:
        msg = "--host is for the certificate, expected --tls with it"
        raise ConfigError(msg)
    settings, kept = Settings(), ""
    if file is not None and file.is_file():
        settings, kept = read(file)[0], kept_tables(file.read_text(encoding="utf-8"))
    wanted = [Account(Role.COLLECTOR, OWN, settings.site, settings.person, settings.collector, _announced(settings))]
    wanted += [Account.parse(Role.COLLECTOR, text) for text in wish.accounts]
    wanted += [Account.parse(Role.READER, text) for text in wish.readers]
    settings = _reached_at(settings, wish.hosts, home / "secrets")
    stack = write_stack(home, wanted, own=OWN)
    certificates: tuple[str, ...] = ()
    try:
        if wish.tls:
            outside = dict.fromkeys(account.name for account in stack.accounts if account.role is not Role.STORE)
            certificates = write_certificates(stack.folder, outside, wish.hosts, utc_now())
    finally:
        # Also where a certificate cannot be made: what is written by then works without it.
        write_configuration(stack.folder, settings, kept, OWN)
    click.echo(f"Written: {stack.folder}/ ({len(stack.new)} new secrets; those that existed are kept)")
    for account in stack.accounts:
        click.echo(f"  {account.role:9} {account}")
    for name in certificates:
        click.echo(f"  new certificate {name}")
    click.echo("Next: docker compose up -d; if it runs already, docker compose restart mosquitto store serve.")
    click.echo("Passwords stand in secrets/mqtt_NAME; docs/install.md says what goes where.")
    return 0


def _announced(settings: Settings) -> tuple[str, ...]:
    """Return the sensors that Home Assistant is told of."""
    return tuple(sorted(sensor.name for sensor in settings.sensors)) if settings.mqtt.home_assistant else ()


def _reached_at(settings: Settings, hosts: tuple[str, ...], folder: Path) -> Settings:
    """Return settings with the name under which other computers reach the pages: a container cannot know it."""
    name = settings.web.name or next(iter(hosts), None)
    before = folder / "soleus_toml"
    if name is None and before.exists():
        name = read(before)[0].web.name
    try:
        return replace(settings, web=replace(settings.web, name=name))
    except ValueError as error:
        msg = f"--host: {error}; the first one is also the name of the pages"
        raise ConfigError(msg) from error

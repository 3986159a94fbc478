"""What the programs of ``docker-compose.yml`` need to know of each other: passwords, tokens and the broker's accounts.

Everything is in the folder ``secrets`` beside the compose file. Nothing has a default, what exists is kept, and only
the owner gets into the folder. The files in it that containers read can be read by everybody who is inside: the
containers run as users of their own, whom only the mount lets in.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from soleus.accounts import ANY, Account, Role, access_list, check_roles, password_line, read_accounts
from soleus.errors import ConfigError
from soleus.settings import MqttSettings, StoreSettings, WebSettings
from soleus.settings_text import commented

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soleus.settings import Settings

COMPOSE: Final = "docker-compose.yml"
TEMPLATE: Final = Path("deploy/mosquitto/acl")
SECRETS: Final = (
    *("grafana_password", "grafana_secret_key", "influx_grafana", "influx_password", "influx_token", "web_password"),
)
"""Passwords and tokens that are nobody's account at the broker."""
ALWAYS: Final = (Account(Role.STORE, "store"), Account(Role.READER, "reader"))
"""Accounts that every stack has besides its collectors'."""
# InfluxDB, which runs as a user of its own, puts the writer's token into the first; the broker's certificate is in the
# second. Both are mounted as folders: what they hold may come later.
FOLDERS: Final = {"influx": 0o733, "tls": 0o755}
_ACCOUNTS: Final = "accounts"
_HEAD: Final = f"""\
# Accounts of the broker, one ROLE NAME:SITE:PERSON:COLLECTOR in each line; {ANY} stands for all, collectors excepted.
# Lines of one name add up. After a change: soleus setup --stack, then docker compose restart mosquitto.
"""
_SECRET_BYTES = 20
_OWNER_ENTERS = 0o700
READ_BY_CONTAINERS: Final = 0o644
"""Mode of what containers read; the folder above it lets only the owner in."""
READ_BY_OWNER: Final = 0o600


@dataclass(frozen=True, slots=True)
class Stack:
    """What was written.

    Parameters
    ----------
    folder : Path
        The folder of the secrets.
    accounts : tuple of Account
        Every account of the broker.
    new : tuple of str
        Names of the files that did not exist before.
    """

    folder: Path
    accounts: tuple[Account, ...]
    new: tuple[str, ...]


def write_stack(home: Path, wanted: Sequence[Account], folder: Path | None = None, *, own: str | None = None) -> Stack:
    """Write the secrets of a stack; what exists is kept, and what belongs to an account that is no more is removed.

    Parameters
    ----------
    home : Path
        Folder of ``docker-compose.yml``.
    wanted : sequence of Account
        Accounts that the broker is to have besides those that it has.
    folder : Path, optional
        Where to write; the folder ``secrets`` beside the compose file if not given.
    own : str, optional
        Account of which `wanted` says everything: its lines of before do not count.

    Returns
    -------
    Stack
        What there is now.

    Raises
    ------
    ConfigError
        If `home` is no such folder, or an account cannot be.
    OSError
        If it cannot be written.
    """
    if not (home / COMPOSE).is_file() or not (home / TEMPLATE).is_file():
        msg = f"{home.resolve()} has no {COMPOSE} with {TEMPLATE}, expected the folder of Soleus's sources"
        raise ConfigError(msg)
    folder = folder or home / "secrets"
    listed = folder / _ACCOUNTS
    known = read_accounts(listed.read_text(encoding="utf-8"), str(listed)) if listed.exists() else []
    kept = (account for account in known if account.name != own or account in wanted)
    accounts = tuple(dict.fromkeys((*kept, *ALWAYS, *wanted)))
    check_roles(accounts)
    rights = access_list((home / TEMPLATE).read_text(encoding="utf-8"), accounts)
    folder.mkdir(mode=_OWNER_ENTERS, exist_ok=True)
    folder.chmod(_OWNER_ENTERS)
    write_file(folder / ".gitignore", "*\n")
    for place, mode in FOLDERS.items():
        (folder / place).mkdir(exist_ok=True)
        (folder / place).chmod(mode)
    names = tuple(dict.fromkeys(account.name for account in accounts))
    _remove_others(folder, names)
    new = [name for name in (*SECRETS, *(f"mqtt_{name}" for name in names)) if _ensure_secret(folder / name)]
    lines = [password_line(name, _secret(folder / f"mqtt_{name}")) for name in names]
    write_file(folder / "mosquitto_passwd", "\n".join(lines) + "\n")
    write_file(folder / "mosquitto_acl", rights)
    write_file(listed, _HEAD + "".join(f"{account.role} {account}\n" for account in accounts))
    return Stack(folder, accounts, tuple(new))


def write_configuration(folder: Path, settings: Settings, kept: str, user: str) -> None:
    """Write the configuration that the containers of the pages and of the collector read.

    Parameters
    ----------
    folder : Path
        The folder of the secrets.
    settings : Settings
        Those of this computer: names and sensors are taken over, places and addresses are the containers'.
    kept : str
        Tables of its file to keep as they are.
    user : str
        The collector's account at the broker.
    """
    inside, broker = Path("/run/secrets"), "mqtt://mosquitto:1883"
    web = WebSettings("0.0.0.0", name=settings.web.name, password_file=inside / "web_password")  # noqa: S104 - the container's own network
    if (folder / "tls/server.key").exists():
        web = replace(web, tls_cert=Path("/run/tls/server.crt"), tls_key=Path("/run/tls/server.key"))
    changed = replace(
        settings,
        data_dir=Path("/nights"),
        mqtt=MqttSettings(broker, user, inside / "mqtt_collector", home_assistant=settings.mqtt.home_assistant),
        store=StoreSettings("http://influxdb:8086"),
        web=web,
    )
    write_file(folder / "soleus_toml", commented(changed, kept))


def _remove_others(folder: Path, names: Sequence[str]) -> None:
    """Remove passwords and certificates of accounts that are no more: one that comes back must not get the old ones."""
    for file in (*folder.glob("mqtt_*"), *folder.glob("clients/*.crt"), *folder.glob("clients/*.key")):
        name = file.name.removeprefix("mqtt_") if file.parent == folder else file.stem
        if name not in names:
            file.unlink()


def _ensure_secret(file: Path) -> bool:
    """Write a random secret unless there is one; return whether it is new."""
    if file.exists() and _secret(file):
        return False
    write_file(file, secrets.token_hex(_SECRET_BYTES))
    return True


def _secret(file: Path) -> str:
    return file.read_text(encoding="utf-8").partition("\n")[0].strip()


def write_file(file: Path, text: str, mode: int = READ_BY_CONTAINERS) -> None:
    """Write a file whole or not at all.

    Parameters
    ----------
    file : Path
        The file.
    text : str
        What it is to hold.
    mode : int
        Who may read it.
    """
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        fresh.touch(mode=mode)
        fresh.chmod(mode)
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)

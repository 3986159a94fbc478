"""Accounts of the broker: who they are, what they may do, and how the broker knows their passwords.

What a role may do stands in ``deploy/mosquitto/acl``, the template of Mosquitto's access list; here each account gets
the lines of its role with its own names in them. No account of a collector has a wildcard.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ingest.home_assistant import device_id
from soleus.errors import ConfigError
from soleus.settings_rules import check_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ANY: Final = "+"
EXPECTED: Final = "NAME:SITE:PERSON:COLLECTOR"
# The name is also a file's, and Mosquitto's password file has one line per name.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_N_PARTS = range(4, 6)
# Mosquitto's own figures for its format $7$: SHA-512, 12 bytes of salt, 101 rounds. More rounds are for passwords that
# people think of; ours are 160 random bits.
_SALT_BYTES = 12
_ROUNDS = 101


class Role(StrEnum):
    """What an account is for."""

    COLLECTOR = "collector"
    STORE = "store"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Account:
    """One line of rights at the broker; accounts of one name add up.

    Parameters
    ----------
    role : Role
        What it is for.
    name : str
        User name at the broker.
    site, person, collector : str
        What it may speak for; ``+`` for all, which only a reader and the store may have.
    sensors : tuple of str
        Sensors that it may announce to Home Assistant.
    """

    role: Role
    name: str
    site: str = ANY
    person: str = ANY
    collector: str = ANY
    sensors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            msg = f"account is {self.name!r}, expected letters, digits, '_' and '-', a letter or digit first"
            raise ValueError(msg)
        for what in ("site", "person", "collector"):
            value = getattr(self, what)
            if value == ANY and self.role is Role.COLLECTOR:
                msg = f"account {self.name}: {what} is '+', expected one name: a collector speaks for one person"
                raise ValueError(msg)
            if value != ANY:
                check_word(f"account {self.name}: {what}", value)
        for sensor in self.sensors:
            check_word(f"account {self.name}: sensor", sensor)

    @classmethod
    def parse(cls, role: Role, text: str) -> Account:
        """Read ``NAME:SITE:PERSON:COLLECTOR``, for a collector also with ``:SENSOR,SENSOR`` at the end.

        Parameters
        ----------
        role : Role
            What the account is for.
        text : str
            The account.

        Raises
        ------
        ConfigError
            If it is no such account.

        Examples
        --------
        >>> Account.parse(Role.COLLECTOR, "bedroom:home:anna:bedroom").person
        'anna'
        """
        parts = text.split(":")
        if len(parts) not in _N_PARTS:
            msg = f"account is {text!r}, expected {EXPECTED}, or {EXPECTED}:SENSOR,SENSOR with Home Assistant"
            raise ConfigError(msg)
        name, site, person, collector, *rest = parts
        sensors = tuple(sorted(filter(None, ",".join(rest).split(","))))
        try:
            return cls(role, name, site, person, collector, sensors)
        except ValueError as error:
            raise ConfigError(str(error)) from error

    def __str__(self) -> str:
        """Return what `parse` reads."""
        end = f":{','.join(self.sensors)}" if self.sensors else ""
        return f"{self.name}:{self.site}:{self.person}:{self.collector}{end}"


def read_accounts(text: str, place: str) -> list[Account]:
    """Return the accounts of a file with one ``ROLE NAME:SITE:PERSON:COLLECTOR`` in each line.

    Parameters
    ----------
    text : str
        What stands in the file; lines that begin with ``#`` are comments.
    place : str
        What the file is called.

    Raises
    ------
    ConfigError
        With the number of the line that cannot be read.
    """
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        word, _, account = line.strip().partition(" ")
        if word not in list(Role):
            msg = f"{place}:{number}: role is {word!r}, expected one of {', '.join(Role)}"
            raise ConfigError(msg)
        try:
            found.append(Account.parse(Role(word), account.strip()))
        except ConfigError as error:
            msg = f"{place}:{number}: {error}"
            raise ConfigError(msg) from error
    return found


def check_roles(accounts: Iterable[Account]) -> None:
    """Refuse accounts that would share what only one of them may have.

    Two roles under one name would have one password. Two names for one collector would hear each other's `stored`,
    which names the other's person, and throw each other off the broker: a connection has the name of the collector.

    Raises
    ------
    ConfigError
        With the names.
    """
    roles: dict[str, Role] = {}
    owners: dict[str, str] = {}
    for account in accounts:
        if roles.setdefault(account.name, account.role) is not account.role:
            msg = f"account {account.name} is {account.role} and {roles[account.name]}, expected one role for a name"
            raise ConfigError(msg)
        if account.role is Role.COLLECTOR and owners.setdefault(account.collector, account.name) != account.name:
            both = f"{owners[account.collector]} and {account.name}"
            msg = f"accounts {both} are both for the collector {account.collector}, expected one name for a collector"
            raise ConfigError(msg)


def access_list(template: str, accounts: Iterable[Account]) -> str:
    """Return Mosquitto's access list.

    Parameters
    ----------
    template : str
        Lines of rights under ``role NAME``, see ``deploy/mosquitto/acl``.
    accounts : iterable of Account
        The accounts.

    Returns
    -------
    str
        One part for each name, every right once.

    Raises
    ------
    ConfigError
        If the template does not have exactly the roles that there are.
    """
    roles = _roles(template)
    lines: dict[str, list[str]] = {}
    for account in accounts:
        mine = lines.setdefault(account.name, [])
        mine += (line for line in _filled(roles[account.role], account) if line not in mine)
    parts = ("\n".join([f"user {name}", *rights]) for name, rights in lines.items())
    head = "# Written by `soleus setup --stack` from deploy/mosquitto/acl and secrets/accounts.\n"
    return head + "\n\n".join(parts) + "\n"


def _roles(template: str) -> Mapping[Role, list[str]]:
    found: dict[Role, list[str]] = {}
    lines: list[str] | None = None
    for line in template.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "role" and rest in list(Role):
            lines = found.setdefault(Role(rest), [])
        elif word == "topic" and lines is not None:
            lines.append(line.strip())
        elif word and not word.startswith("#"):
            msg = f"the access list's template says {line.strip()!r}, expected 'role NAME' and below it 'topic ...'"
            raise ConfigError(msg)
    if found.keys() != set(Role):
        msg = f"the access list's template has the roles {', '.join(found)}, expected {', '.join(Role)}"
        raise ConfigError(msg)
    return found


def _filled(lines: Iterable[str], account: Account) -> Iterator[str]:
    for line in lines:
        own = line
        for what in ("site", "person", "collector"):
            own = own.replace(f"<{what}>", getattr(account, what))
        if "<device>" in own:
            yield from (own.replace("<device>", device_id(account.collector, sensor)) for sensor in account.sensors)
        else:
            yield own


def password_line(name: str, password: str, salt: bytes | None = None) -> str:
    """Return the line of Mosquitto's password file for an account: its format 7, PBKDF2 with SHA-512.

    Parameters
    ----------
    name : str
        User name.
    password : str
        Password, which the line does not hold.
    salt : bytes, optional
        Salt; a random one if not given.
    """
    salt = secrets.token_bytes(_SALT_BYTES) if salt is None else salt
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ROUNDS)
    return f"{name}:$7${_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"

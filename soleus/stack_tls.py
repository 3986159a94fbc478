"""The certificates of a stack: an authority, the broker and one for each collector; what holds is kept."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final

from soleus.authority import hosts_of, is_current, new_authority, new_client, new_server, read_pair
from soleus.errors import ConfigError
from soleus.stack import READ_BY_OWNER, write_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from soleus.authority import Pair

# How the broker is reached from this computer, and from the containers beside it.
ALWAYS: Final = ("localhost", "127.0.0.1", "::1", "mosquitto")
_OWNER_ENTERS = 0o700


def write_certificates(folder: Path, names: Iterable[str], hosts: Iterable[str], now: datetime) -> tuple[str, ...]:
    """Write the certificates that are missing or about to end.

    Parameters
    ----------
    folder : Path
        The folder of the secrets.
    names : iterable of str
        Accounts that get a certificate.
    hosts : iterable of str
        Names and addresses of this computer, besides those that the broker's certificate has already.
    now : datetime
        With its zone.

    Returns
    -------
    tuple of str
        What is new, by the path of its certificate.

    Raises
    ------
    ConfigError
        If there are files that cannot be read as certificates, or a name cannot be in one.
    OSError
        If they cannot be written.
    """
    for place in ("ca", "clients"):
        (folder / place).mkdir(mode=_OWNER_ENTERS, exist_ok=True)
    new: list[str] = []
    authority = _authority(folder, now, new)
    _server(folder, authority, {*ALWAYS, socket.gethostname(), *hosts}, now, new)
    for name in names:
        certificate, key = folder / f"clients/{name}.crt", folder / f"clients/{name}.key"
        known = _known(certificate, key)
        if known is None or not is_current(known.certificate, authority, now):
            made = new_client(authority, name, now)
            write_file(key, made.key_pem(), READ_BY_OWNER)
            write_file(certificate, made.certificate_pem())
            new.append(f"clients/{name}.crt")
    return tuple(new)


def _authority(folder: Path, now: datetime, new: list[str]) -> Pair:
    certificate, key = folder / "tls/ca.crt", folder / "ca/ca.key"
    if certificate.exists():
        return read_pair(certificate, key)
    made = new_authority(now)
    write_file(key, made.key_pem(), READ_BY_OWNER)
    write_file(certificate, made.certificate_pem())
    new.append("tls/ca.crt")
    return made


def _server(folder: Path, authority: Pair, hosts: set[str], now: datetime, new: list[str]) -> None:
    certificate, key = folder / "tls/server.crt", folder / "tls/server.key"
    known = _known(certificate, key)
    if known is not None:
        hosts |= hosts_of(known.certificate)
        if is_current(known.certificate, authority, now) and hosts_of(known.certificate) == hosts:
            return
    made = new_server(authority, sorted(hosts), now)
    write_file(key, made.key_pem())
    write_file(certificate, made.certificate_pem())
    new.append("tls/server.crt")


def _known(certificate: Path, key: Path) -> Pair | None:
    """Return a certificate that has its key; a pair of which only half was written is made anew."""
    try:
        return read_pair(certificate, key)
    except (ConfigError, FileNotFoundError):
        return None

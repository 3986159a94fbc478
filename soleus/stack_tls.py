"""The certificates of a stack: an authority, the broker and one for each collector; what holds is kept."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final, TypeGuard

from soleus.authority import (
    hosts_of,
    is_current,
    is_key_of,
    is_of_a_stack,
    new_authority,
    new_client,
    new_server,
    read_certificate,
    read_pair,
)
from soleus.errors import ConfigError
from soleus.stack import READ_BY_CONTAINERS, READ_BY_OWNER, write_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from soleus.authority import Certificate, Pair

# How the broker is reached from this computer, and from the containers beside it.
ALWAYS: Final = ("localhost", "127.0.0.1", "::1", "mosquitto")
_OWNER_ENTERS = 0o700
_AUTHORITY: Final = "tls/ca.crt"
_SERVER: Final = "tls/server"


def write_certificates(folder: Path, names: Iterable[str], hosts: Iterable[str], now: datetime) -> tuple[str, ...]:
    """Write the certificates that are missing or about to end; the authority's key is read for these only.

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
        If there are certificates that cannot be read or were not made here, a name cannot be in one, or the authority's
        key, which somebody took away, is needed.
    OSError
        If they cannot be written.
    """
    for place in ("ca", "clients"):
        (folder / place).mkdir(mode=_OWNER_ENTERS, exist_ok=True)
    signer = read_certificate(folder / _AUTHORITY) if (folder / _AUTHORITY).exists() else None
    served = {*ALWAYS, socket.gethostname(), *hosts}
    known = _known(folder / f"{_SERVER}.crt", folder / f"{_SERVER}.key", signer)
    if known is not None:
        served |= hosts_of(known)
    due = [_SERVER] if not _holds(known, signer, now) or hosts_of(known) != served else []
    for name in names:
        client = f"clients/{name}"
        if not _holds(_known(folder / f"{client}.crt", folder / f"{client}.key", signer), signer, now):
            due.append(client)
    if not due:
        return ()
    authority = _authority(folder, signer, due, now)
    for place in due:
        if place == _SERVER:
            made, mode = new_server(authority, sorted(served), now), READ_BY_CONTAINERS
        else:
            made, mode = new_client(authority, place.partition("/")[2], now), READ_BY_OWNER
        write_file(folder / f"{place}.key", made.key_pem(), mode)
        write_file(folder / f"{place}.crt", made.certificate_pem())
    return (*(() if signer else (_AUTHORITY,)), *(f"{place}.crt" for place in due))


def _holds(known: Certificate | None, signer: Certificate | None, now: datetime) -> TypeGuard[Certificate]:
    return known is not None and signer is not None and is_current(known, signer, now)


def _authority(folder: Path, signer: Certificate | None, due: list[str], now: datetime) -> Pair:
    certificate, key = folder / _AUTHORITY, folder / "ca/ca.key"
    if signer is not None and not key.exists():
        msg = f"the authority's key is needed to make {', '.join(due)}, expected it at {key}: put it back"
        raise ConfigError(msg)
    if signer is not None:
        return read_pair(certificate, key)
    made = new_authority(now)
    write_file(key, made.key_pem(), READ_BY_OWNER)
    write_file(certificate, made.certificate_pem())
    return made


def _known(certificate: Path, key: Path, signer: Certificate | None) -> Certificate | None:
    """Return a certificate that has its key; half a pair is made anew, and what was not made here is refused."""
    if not certificate.exists():
        return None
    known = read_certificate(certificate)
    if not is_of_a_stack(known, signer):
        msg = f"{certificate} was not made by --tls, expected none or one that was: move it and its key away first"
        raise ConfigError(msg)
    return known if key.exists() and is_key_of(key, known) else None

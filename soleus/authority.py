"""A certificate authority of one's own, for the broker and its collectors: the only module that knows cryptography.

Its key never enters a container. Whoever has it can be any collector, so it can be taken off the computer once every
certificate is made; without it none can be made or renewed.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from soleus.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Certificate = x509.Certificate
AUTHORITY_DAYS: Final = 3650
# What browsers and Apple's systems accept at most.
CERTIFICATE_DAYS: Final = 825
# Made anew by the next `soleus setup --stack --tls` when it ends sooner than this.
RENEW_DAYS: Final = 60
_NAME = "Soleus, this household's own"
# A clock that is a little behind must not refuse what was just made.
_EARLIER = timedelta(hours=1)
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key.

    Parameters
    ----------
    certificate : x509.Certificate
        Who it is.
    key : ec.EllipticCurvePrivateKey
        What proves it.
    """

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    def certificate_pem(self) -> str:
        """Return the certificate as text."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def key_pem(self) -> str:
        """Return the key as text, not encrypted: the rights of its file protect it."""
        plain = serialization.NoEncryption()
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


def read_certificate(file: Path) -> x509.Certificate:
    """Read a certificate without its key.

    Parameters
    ----------
    file : Path
        PEM file.

    Raises
    ------
    ConfigError
        If it is no certificate.
    OSError
        If it cannot be read.
    """
    try:
        return x509.load_pem_x509_certificate(file.read_bytes())
    except ValueError as error:
        msg = f"{file}: cannot be read as a certificate: {error}"
        raise ConfigError(msg) from error


def read_pair(certificate: Path, key: Path) -> Pair:
    """Read what was written before.

    Parameters
    ----------
    certificate, key : Path
        PEM files.

    Raises
    ------
    ConfigError
        If they are no certificate and key, or do not belong together.
    OSError
        If they cannot be read.
    """
    try:
        known = x509.load_pem_x509_certificate(certificate.read_bytes())
        secret = serialization.load_pem_private_key(key.read_bytes(), None)
    except (ValueError, TypeError) as error:
        msg = f"{certificate} and {key}: cannot be read as a certificate and its key: {error}"
        raise ConfigError(msg) from error
    if not isinstance(secret, ec.EllipticCurvePrivateKey) or secret.public_key() != known.public_key():
        msg = f"{key} is not the key of {certificate}"
        raise ConfigError(msg)
    return Pair(known, secret)


def is_key_of(file: Path, certificate: x509.Certificate) -> bool:
    """Return whether a file has the key of a certificate.

    Raises
    ------
    ConfigError
        If it is no key.
    OSError
        If it cannot be read.
    """
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), None)
    except (ValueError, TypeError) as error:
        msg = f"{file}: cannot be read as a key: {error}"
        raise ConfigError(msg) from error
    return key.public_key() == certificate.public_key()


def is_of_a_stack(certificate: x509.Certificate, authority: x509.Certificate | None) -> bool:
    """Return whether a certificate is of this authority, or of one that was made here before."""
    return certificate.issuer == _named(_NAME) or (authority is not None and certificate.issuer == authority.subject)


def new_authority(now: datetime) -> Pair:
    """Return a new authority, valid for ten years.

    Parameters
    ----------
    now : datetime
        With its zone.
    """
    key = _new_key()
    name = _named(_NAME)
    usage = _usage(signs=False, certifies=True)
    builder = _builder(name, name, key, now, AUTHORITY_DAYS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(usage, critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return Pair(builder.sign(key, hashes.SHA256()), key)


def new_server(authority: Pair, hosts: Iterable[str], now: datetime) -> Pair:
    """Return a certificate of the broker.

    Parameters
    ----------
    authority : Pair
        Who says so.
    hosts : iterable of str
        Names and addresses under which it is reached.
    now : datetime
        With its zone.
    """
    alternatives = x509.SubjectAlternativeName([_host(host) for host in hosts])
    return _signed(authority, "broker", ExtendedKeyUsageOID.SERVER_AUTH, now, alternatives)


def new_client(authority: Pair, account: str, now: datetime) -> Pair:
    """Return a certificate of an account.

    Parameters
    ----------
    authority : Pair
        Who says so.
    account : str
        User name at the broker: the certificate's common name.
    now : datetime
        With its zone.

    Raises
    ------
    ConfigError
        If the name is too long for a certificate.
    """
    if len(account) > _LONGEST_NAME:
        msg = f"account {account} has {len(account)} letters, expected at most {_LONGEST_NAME} for a certificate"
        raise ConfigError(msg)
    return _signed(authority, account, ExtendedKeyUsageOID.CLIENT_AUTH, now)


def hosts_of(certificate: x509.Certificate) -> set[str]:
    """Return the names and addresses in a certificate."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    addresses = names.get_values_for_type(x509.IPAddress)
    return {*names.get_values_for_type(x509.DNSName), *map(str, addresses)}


def is_current(certificate: x509.Certificate, authority: x509.Certificate, now: datetime) -> bool:
    """Return whether a certificate is the authority's and holds for a while."""
    if certificate.not_valid_after_utc - now < timedelta(days=RENEW_DAYS):
        return False
    try:
        known = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    except x509.ExtensionNotFound:
        return False
    return known == _authority_identifier(authority)


def utc_now() -> datetime:
    """Return the time, for what is made now."""
    return datetime.now(UTC)


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host)
    except ValueError as error:
        msg = f"host is {host!r}, expected a name of ASCII letters or an address"
        raise ConfigError(msg) from error


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + timedelta(days=days))
    )


def _signed(
    authority: Pair, name: str, purpose: x509.ObjectIdentifier, now: datetime, *more: x509.ExtensionType
) -> Pair:
    key = _new_key()
    builder = _builder(_named(name), authority.certificate.subject, key, now, CERTIFICATE_DAYS)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs=True, certifies=False), critical=True)
    extensions = (
        x509.ExtendedKeyUsage([purpose]),
        x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
        _authority_identifier(authority.certificate),
        *more,
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return Pair(builder.sign(authority.key, hashes.SHA256()), key)


def _authority_identifier(authority: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    known = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(known)


def _usage(*, signs: bool, certifies: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certifies,
        crl_sign=certifies,
        encipher_only=False,
        decipher_only=False,
    )

"""Certificates of one's own authority: made once, kept while they hold, and fit for strict readers."""

from __future__ import annotations

import contextlib
import shutil
import ssl
import stat
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from soleus.authority import AUTHORITY_DAYS, CERTIFICATE_DAYS, RENEW_DAYS, hosts_of, read_pair, utc_now
from soleus.errors import ConfigError
from soleus.stack_tls import write_certificates

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EVERY = ("tls/ca.crt", "tls/server.crt", "clients/anna.crt")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tls").mkdir()
    assert write_certificates(tmp_path, ["anna"], ["box.lan", "192.168.1.7"], NOW) == EVERY
    return tmp_path


def contents(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def shaken_hands(folder: Path, server: str, client: str, host: str) -> str:
    """Let two sides greet each other in memory; return whom the server sees."""
    sides: list[ssl.SSLObject] = []
    ways = [ssl.MemoryBIO() for _ in range(2)]
    for purpose, own, way in ((ssl.Purpose.CLIENT_AUTH, server, ways), (ssl.Purpose.SERVER_AUTH, client, ways[::-1])):
        context = ssl.create_default_context(purpose, cafile=str(folder / "tls/ca.crt"))
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(folder / f"{own}.crt", folder / f"{own}.key")
        serves = purpose is ssl.Purpose.CLIENT_AUTH
        sides.append(context.wrap_bio(*way, server_side=serves, server_hostname=None if serves else host))
    for side in (sides[1], sides[0], sides[1], sides[0]):
        with contextlib.suppress(ssl.SSLWantReadError):
            side.do_handshake()
    seen = sides[0].getpeercert()
    assert seen is not None
    return dict(entry[0] for entry in seen["subject"])["commonName"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "mosquitto", "box.lan"])
def test_strict_rules_accept_both_sides(tmp_path: Path, host: str) -> None:
    (tmp_path / "tls").mkdir()
    write_certificates(tmp_path, ["anna"], ["box.lan"], utc_now())
    assert shaken_hands(tmp_path, "tls/server", "clients/anna", host) == "anna"


@pytest.mark.parametrize(
    ("server", "client", "host"),
    [
        ("tls/server", "clients/anna", "elsewhere"),
        ("tls/server", "tls/server", "localhost"),
        ("clients/anna", "clients/anna", "localhost"),
    ],
)
def test_a_certificate_is_for_one_side_and_one_name(tmp_path: Path, server: str, client: str, host: str) -> None:
    (tmp_path / "tls").mkdir()
    write_certificates(tmp_path, ["anna"], [], utc_now())
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken_hands(tmp_path, server, client, host)


def test_a_second_time_changes_nothing(folder: Path) -> None:
    before = contents(folder)
    assert write_certificates(folder, ["anna"], [], NOW + timedelta(days=1)) == ()
    assert contents(folder) == before


def test_one_more_account_gets_one_more_certificate(folder: Path) -> None:
    before = contents(folder)
    assert write_certificates(folder, ["anna", "ben"], [], NOW) == ("clients/ben.crt",)
    assert before.items() < contents(folder).items()


def test_one_more_name_of_the_computer_is_added_to_those_before(folder: Path) -> None:
    assert write_certificates(folder, ["anna"], ["other.lan"], NOW) == ("tls/server.crt",)
    hosts = hosts_of(read_pair(folder / "tls/server.crt", folder / "tls/server.key").certificate)
    assert {"localhost", "127.0.0.1", "::1", "mosquitto", "box.lan", "192.168.1.7", "other.lan"} <= hosts


def test_a_certificate_is_made_anew_before_it_ends_and_the_authority_is_not(folder: Path) -> None:
    later = NOW + timedelta(days=CERTIFICATE_DAYS - RENEW_DAYS - 1)
    assert write_certificates(folder, ["anna"], [], later) == ()
    assert write_certificates(folder, ["anna"], [], later + timedelta(days=2)) == EVERY[1:]


def test_the_authority_outlives_every_certificate_by_far(folder: Path) -> None:
    authority = read_pair(folder / "tls/ca.crt", folder / "ca/ca.key").certificate
    assert authority.not_valid_after_utc == NOW + timedelta(days=AUTHORITY_DAYS)


def test_another_authority_makes_every_certificate_anew(folder: Path) -> None:
    (folder / "tls/ca.crt").unlink()
    assert write_certificates(folder, ["anna"], [], NOW) == EVERY


def test_a_key_that_only_its_owner_uses_is_readable_for_nobody_else(folder: Path) -> None:
    assert {stat.S_IMODE((folder / place).stat().st_mode) for place in ("ca", "clients")} == {0o700}
    assert {stat.S_IMODE((folder / key).stat().st_mode) for key in ("ca/ca.key", "clients/anna.key")} == {0o600}
    # The broker's container mounts this folder.
    assert not [file for file in (folder / "tls").iterdir() if file.name == "ca.key"]


def test_a_key_of_something_else_is_refused_and_nothing_is_written(folder: Path) -> None:
    shutil.copy(folder / "clients/anna.key", folder / "ca/ca.key")
    before = contents(folder)
    with pytest.raises(ConfigError, match=r"ca\.key is not the key of .*ca\.crt"):
        write_certificates(folder, ["anna", "ben"], [], NOW)
    (folder / "ca/ca.key").write_text("no key")
    with pytest.raises(ConfigError, match="cannot be read as a certificate and its key"):
        write_certificates(folder, ["anna", "ben"], [], NOW)
    assert {**contents(folder), "ca/ca.key": ""} == {**before, "ca/ca.key": ""}


def test_the_authoritys_key_is_needed_only_to_make_something(folder: Path) -> None:
    (folder / "ca/ca.key").unlink()
    before = contents(folder)
    assert write_certificates(folder, ["anna"], [], NOW) == ()
    with pytest.raises(ConfigError, match=r"needed to make clients/ben, expected it at .*ca\.key"):
        write_certificates(folder, ["anna", "ben"], [], NOW)
    assert contents(folder) == before


def test_half_a_pair_is_made_anew(folder: Path) -> None:
    (folder / "clients/anna.key").unlink()
    shutil.copy(folder / "ca/ca.key", folder / "tls/server.key")
    assert write_certificates(folder, ["anna"], [], NOW) == EVERY[1:]


def test_a_certificate_that_was_not_made_here_is_refused_and_kept(folder: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "box.lan")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=90))
    made = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (folder / "tls/server.crt").write_bytes(made)
    before = contents(folder)
    with pytest.raises(ConfigError, match=r"server\.crt was not made by --tls, expected none"):
        write_certificates(folder, ["anna", "ben"], [], NOW)
    assert contents(folder) == before


def test_a_key_is_not_in_what_is_printed(folder: Path) -> None:
    assert "key" not in repr(read_pair(folder / "clients/anna.crt", folder / "clients/anna.key"))


@pytest.mark.parametrize(("names", "hosts"), [(["a" * 65], []), (["anna"], ["bücher.lan"])])
def test_what_no_certificate_can_hold_is_refused(tmp_path: Path, names: list[str], hosts: list[str]) -> None:
    (tmp_path / "tls").mkdir()
    with pytest.raises(ConfigError, match="expected"):
        write_certificates(tmp_path, names, hosts, NOW)

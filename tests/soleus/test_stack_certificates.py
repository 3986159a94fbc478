"""Certificates of one's own authority: made once, kept while they hold, and fit for strict readers."""

from __future__ import annotations

import shutil
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from soleus.authority import AUTHORITY_DAYS, CERTIFICATE_DAYS, RENEW_DAYS, hosts_of, read_pair
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


def test_strict_rules_accept_what_is_made(folder: Path) -> None:
    openssl = shutil.which("openssl")
    assert openssl, "openssl is not installed"
    for name, purpose in (("tls/server.crt", "sslserver"), ("clients/anna.crt", "sslclient")):
        at = ["-attime", str(int(NOW.timestamp()))]
        strict = [openssl, "verify", "-x509_strict", "-purpose", purpose, *at, "-CAfile", str(folder / "tls/ca.crt")]
        subprocess.run([*strict, str(folder / name)], check=True, capture_output=True)
    server_as_client = [openssl, "verify", "-purpose", "sslclient", "-CAfile", str(folder / "tls/ca.crt")]
    refused = subprocess.run([*server_as_client, str(folder / "tls/server.crt")], check=False, capture_output=True)
    assert refused.returncode != 0


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


def test_half_a_pair_is_made_anew(folder: Path) -> None:
    (folder / "clients/anna.key").unlink()
    shutil.copy(folder / "ca/ca.key", folder / "tls/server.key")
    assert write_certificates(folder, ["anna"], [], NOW) == EVERY[1:]


def test_a_key_is_not_in_what_is_printed(folder: Path) -> None:
    assert "key" not in repr(read_pair(folder / "clients/anna.crt", folder / "clients/anna.key"))


@pytest.mark.parametrize(("names", "hosts"), [(["a" * 65], []), (["anna"], ["bücher.lan"])])
def test_what_no_certificate_can_hold_is_refused(tmp_path: Path, names: list[str], hosts: list[str]) -> None:
    (tmp_path / "tls").mkdir()
    with pytest.raises(ConfigError, match="expected"):
        write_certificates(tmp_path, names, hosts, NOW)

"""`soleus setup --stack`: every secret made once, kept for ever, and shown to nobody else."""

from __future__ import annotations

import re
import shutil
import stat
from pathlib import Path

import pytest

from soleus.__main__ import load, run
from soleus.settings_file import read
from soleus.stack import SECRETS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the sources that the command looks for, and go there."""
    shutil.copy(ROOT / "docker-compose.yml", tmp_path)
    (tmp_path / "deploy/mosquitto").mkdir(parents=True)
    shutil.copy(ROOT / "deploy/mosquitto/acl", tmp_path / "deploy/mosquitto")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    return tmp_path


def secrets(home: Path) -> dict[str, str]:
    files = (home / "secrets").glob("[a-z]*_*")
    return {file.name: file.read_text() for file in files if not file.name.startswith(("mosquitto_", "soleus_"))}


def test_every_secret_is_random_and_only_the_owner_gets_to_them(home: Path) -> None:
    assert run(["setup", "--stack"]) == 0
    made = secrets(home)
    assert set(made) == {*SECRETS, "mqtt_collector", "mqtt_store", "mqtt_reader"}
    assert all(re.fullmatch(r"[0-9a-f]{40}", secret) for secret in made.values())
    assert len(set(made.values())) == len(made)
    assert stat.S_IMODE((home / "secrets").stat().st_mode) == 0o700
    assert (home / "secrets/.gitignore").read_text() == "*\n"


def test_no_password_stands_in_what_the_broker_reads_or_on_the_screen(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["setup", "--stack"])
    shown = capsys.readouterr()
    read_by_broker = [(home / "secrets" / name).read_text() for name in ("mosquitto_passwd", "mosquitto_acl")]
    for text in (shown.out, shown.err, *read_by_broker, (home / "secrets/soleus_toml").read_text()):
        assert not [name for name, secret in secrets(home).items() if secret in text]


def test_a_second_time_keeps_every_secret_and_adds_accounts(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["setup", "--stack"])
    before = secrets(home)
    capsys.readouterr()
    assert run(["setup", "--stack", "--account", "attic:house:ben:attic", "--reader", "tablet:house:ben:attic"]) == 0
    assert before.items() < secrets(home).items()
    assert set(secrets(home)) - set(before) == {"mqtt_attic", "mqtt_tablet"}
    assert "(2 new secrets; those that existed are kept)" in capsys.readouterr().out
    access = (home / "secrets/mosquitto_acl").read_text()
    assert run(["setup", "--stack"]) == 0
    assert (home / "secrets/mosquitto_acl").read_text() == access
    assert [line.partition(":")[0] for line in (home / "secrets/mosquitto_passwd").read_text().splitlines()] == [
        "store",
        "reader",
        "collector",
        "attic",
        "tablet",
    ]


def test_an_account_that_is_struck_from_the_list_is_gone(home: Path) -> None:
    run(["setup", "--stack", "--account", "attic:house:ben:attic"])
    listed = home / "secrets/accounts"
    listed.write_text("".join(line for line in listed.read_text().splitlines(keepends=True) if "attic" not in line))
    run(["setup", "--stack"])
    for name in ("mosquitto_passwd", "mosquitto_acl"):
        assert "attic" not in (home / "secrets" / name).read_text()


def test_an_account_that_comes_back_has_a_new_password_and_a_new_certificate(home: Path) -> None:
    again = ["setup", "--stack", "--tls", "--account", "attic:house:ben:attic"]
    run(again)
    files = [home / "secrets" / name for name in ("mqtt_attic", "clients/attic.crt", "clients/attic.key")]
    before, others = [file.read_text() for file in files], secrets(home)
    listed = home / "secrets/accounts"
    listed.write_text("".join(line for line in listed.read_text().splitlines(keepends=True) if "attic" not in line))
    run(["setup", "--stack"])
    assert not [file for file in files if file.exists()]
    run(again)
    assert not [old for old, file in zip(before, files, strict=True) if file.read_text() == old]
    assert {name for name, secret in secrets(home).items() if others[name] != secret} == {"mqtt_attic"}


def test_another_person_takes_the_rights_of_the_one_before(home: Path) -> None:
    for person in ("anna", "zoe"):
        (home / "soleus.toml").write_text(f'person = "{person}"\n')
        run(["setup", "--stack"])
    access = (home / "secrets/mosquitto_acl").read_text()
    assert "/zoe/event" in access
    assert "/anna/" not in access


def test_this_computers_collector_speaks_for_the_names_in_its_configuration(home: Path) -> None:
    (home / "soleus.toml").write_text(
        'site = "house"\nperson = "anna"\n[mqtt]\nhome_assistant = true\n[set.cramp]\nmin_s = 9.0\n'
        '[[sensor]]\nname = "left-shin"\ndevice = "lsp"\naddress = "Leg-L"\nleg = "left"\n'
    )
    assert run(["setup", "--stack"]) == 0
    access = (home / "secrets/mosquitto_acl").read_text()
    assert "topic write soleus/v1/house/anna/event\n" in access
    assert "topic write homeassistant/device/soleus_collector_left-shin/config\n" in access
    inside = read(home / "secrets/soleus_toml")[0]
    assert (inside.site, inside.person, inside.overrides["cramp.min_s"]) == ("house", "anna", 9.0)
    assert [sensor.name for sensor in inside.sensors] == ["left-shin"]
    assert (inside.mqtt.url, inside.mqtt.home_assistant) == ("mqtt://mosquitto:1883", True)
    assert str(inside.mqtt.password_file) == "/run/secrets/mqtt_collector"
    assert (inside.web.host, str(inside.web.password_file)) == ("0.0.0.0", "/run/secrets/web_password")  # noqa: S104 - read back, not listened on


def test_with_certificates_the_pages_have_tls_and_the_name_they_are_asked_for_by(home: Path) -> None:
    assert run(["setup", "--stack", "--tls", "--host", "box.lan", "--host", "192.168.1.7"]) == 0
    web = read(home / "secrets/soleus_toml")[0].web
    assert (str(web.tls_cert), str(web.tls_key)) == ("/run/tls/server.crt", "/run/tls/server.key")
    assert web.name == "box.lan"
    # It is said once.
    assert run(["setup", "--stack"]) == 0
    assert read(home / "secrets/soleus_toml")[0].web == web


def test_every_account_outside_gets_a_certificate_and_the_writer_needs_none(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["setup", "--stack", "--tls", "--account", "attic:house:ben:attic"]) == 0
    made = {file.stem for file in (home / "secrets/clients").glob("*.crt")}
    assert made == {"attic", "collector", "reader"}
    assert capsys.readouterr().out.count("new certificate") == len(made) + 2


def test_without_the_authoritys_key_the_rest_is_written(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["setup", "--stack", "--tls"])
    (home / "secrets/ca/ca.key").unlink()
    inside = home / "secrets/soleus_toml"
    inside.unlink()
    assert run(["setup", "--stack", "--tls", "--account", "attic:house:ben:attic"]) == 2
    assert "the authority's key is needed to make clients/attic" in capsys.readouterr().err
    assert read(inside)[0].web.tls_cert == Path("/run/tls/server.crt")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--account", "a:b:c:d"], "go with --stack"),
        (["--tls"], "go with --stack"),
        (["--stack", "--account", "a:b"], "account is 'a:b', expected NAME:SITE:PERSON:COLLECTOR"),
        (["--stack", "--account", "store:a:b:c"], "expected one role for a name"),
        (["--stack", "--tls", "--host", "fe80::1"], "--host: name is 'fe80::1', expected letters"),
        (["--stack", "--host", "box"], "--host is for the certificate, expected --tls with it"),
    ],
)
def test_what_cannot_be_is_one_line_and_writes_nothing(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert run(["setup", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert says in error
    assert not (home / "secrets").exists()


def test_elsewhere_it_says_where_it_belongs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["setup", "--stack"]) == 2
    assert "has no docker-compose.yml" in capsys.readouterr().err


def test_every_line_of_the_instructions_that_sets_something_up_has_options_that_there_are() -> None:
    known = {name for parameter in load("setup").params for name in parameter.opts}
    text = (ROOT / "docs/install.md").read_text()
    lines = re.findall(r"^(?:sudo \S*/)?soleus setup(.*)$", text, re.MULTILINE)
    used = {option for line in lines for option in re.findall(r" (--[a-z-]+)", line.partition("#")[0])}
    assert {"--stack", "--account", "--reader", "--tls", "--host"} <= used <= known

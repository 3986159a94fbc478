"""soleus.toml, --set, and where each value came from."""

from __future__ import annotations

import json
import stat
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from detectors.criteria import named
from detectors.signal import Leg
from ingest.night.entries import Delivery
from soleus.commands.config import command
from soleus.config import ensure_private, find, load, secret
from soleus.errors import ConfigError
from soleus.settings import Settings
from soleus.sources import citations, sources
from soleus.thresholds import apply_overrides, flatten

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str], Path]

FULL = """
site = "home"
person = "anna"
criteria = "wasm-2016"
data_dir = "~/nights"

[set.leg_movement]
onset_uv = 6.0  # a thin leg

[[sensor]]
name = "left-shin"
device = "lsp"
address = "Leg-L"
leg = "left"

[[sensor]]
name = "right-ankle"
device = "polar-pmd"
address = "AA:BB:CC:DD:EE:FF"
leg = "right"
site = "ankle"

[mqtt]
url = "mqtts://broker.example:8883"
user = "collector"

[store]
url = "http://127.0.0.1:8086"
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def writer(text: str) -> Path:
        path = tmp_path / "soleus.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return writer


def refusal(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path, environ={})
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_full_file_becomes_frozen_settings(write: Write) -> None:
    config = load(write(FULL), environ={})
    left, right = config.settings.sensors
    assert (left.device, left.leg, left.site) == ("lsp", Leg.LEFT, "tibialis anterior")
    assert (right.device, right.leg, right.site) == ("polar-pmd", Leg.RIGHT, "ankle")
    assert config.settings.data_dir.is_absolute()
    assert config.criteria.leg_movement.onset_uv == 6.0
    assert config.criteria.leg_movement.offset_uv == named("wasm-2016").leg_movement.offset_uv


def test_without_a_file_everything_is_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = load(environ={"XDG_CONFIG_HOME": str(tmp_path)})
    assert config.settings == Settings()
    assert config.criteria == named("wasm-2016")
    assert not config.origins


def test_the_file_is_looked_for_on_the_command_line_in_the_environment_here_and_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, home = tmp_path / "here", tmp_path / "home"
    (home / "soleus").mkdir(parents=True)
    here.mkdir()
    monkeypatch.chdir(here)
    environ = {"XDG_CONFIG_HOME": str(home)}
    assert find(environ=environ) is None
    (home / "soleus" / "soleus.toml").touch()
    assert find(environ=environ) == home / "soleus" / "soleus.toml"
    (here / "soleus.toml").touch()
    assert str(find(environ=environ)) == "soleus.toml"
    assert str(find(environ={**environ, "SOLEUS_CONFIG": "named.toml"})) == "named.toml"
    assert str(find(here / "given.toml", {**environ, "SOLEUS_CONFIG": "named.toml"})).endswith("given.toml")


def test_every_value_knows_its_origin(write: Write) -> None:
    config = load(write(FULL), assignments=["cramp.min_s=6"], environ={})
    assert config.origins["person"] == "soleus.toml:3"
    assert config.origins["leg_movement.onset_uv"] == "soleus.toml:8"
    assert config.origins["sensor[1].address"] == "soleus.toml:19"
    assert config.origins["cramp.min_s"] == "--set"
    assert "collector" not in config.origins


def test_the_command_line_wins_over_the_file(write: Write) -> None:
    config = load(write(FULL), assignments=["leg_movement.onset_uv=7"], environ={})
    assert config.criteria.leg_movement.onset_uv == 7.0
    assert config.origins["leg_movement.onset_uv"] == "--set"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('sit = "a"', "soleus.toml:1: unknown setting sit, did you mean site?"),
        ("[mqtt]\nusr = 'x'", "soleus.toml:2: unknown setting mqtt.usr, did you mean mqtt.user?"),
        ("[mqtt]\npassword = 'x'", "soleus.toml:2: unknown setting mqtt.password, did you mean mqtt.password_file?"),
        ("[web]\nport = 'x'", "soleus.toml:2: web.port: got 'x', expected a whole number"),
        ("web.port = true", "soleus.toml:1: web.port: got True, expected a whole number"),
        ("[web]\nport = 70000", "soleus.toml:2: web.port is 70000, expected 0 to 65535"),
        ("[web]\ntls_key = 'k'", "soleus.toml:2: web.tls_key is set and tls_cert is not, expected both or none"),
        ("[web]\nname = '*'", "soleus.toml:2: web.name is '*', expected letters, digits,"),
        ("[store]\norg = ''", "soleus.toml:2: store.org is empty, expected the name that InfluxDB knows"),
        ("site = 3", "soleus.toml:1: site: got 3, expected text in quotes"),
        ("person = 'a/b'", "soleus.toml:1: person is 'a/b', expected letters, digits, '.', '_' and '-' only"),
        ("delivery = 'soon'", "soleus.toml:1: delivery: got 'soon', expected one of store, broker, none"),
        ("delivery = 'store'", "soleus.toml:1: delivery is store, expected store.url to be set as well"),
        ("[mqtt]\nurl = 'http://x'", "soleus.toml:2: mqtt.url is 'http://x', expected mqtt://host:port or mqtts://"),
        ("[store]\nurl = 'http://u:p@h'", "soleus.toml:2: store.url contains a password, expected it in a file"),
        ('data_dir = "a\\u0000b"', "soleus.toml:1: data_dir: got 'a\\x00b', expected a path in quotes"),
        ("criteria = 'wasm-2017'", "soleus.toml:1: criteria: criteria are called 'wasm-2017', expected one of"),
        ("[set.leg_movement]\nonset = 6", "soleus.toml:2: unknown setting leg_movement.onset, did you mean leg_move"),
        ("[set.leg_movement]\nonset_uv = 1", "leg_movement.offset_uv is 2.0, expected less than onset_uv (1.0) (after"),
        ("[set.leg_movement]\nonset_uv = 'six'", "soleus.toml:2: leg_movement.onset_uv is 'six', expected a number"),
        ("set = 3", "soleus.toml:1: set: got 3, expected tables such as [set.leg_movement]"),
        ("web = 3", "soleus.toml:1: web is 3, expected a table [web]"),
        ("sensor = 3", "soleus.toml:1: sensor is 3, expected tables [[sensor]]"),
        ("x = = 3", "cannot be read as TOML: Invalid value (at line 1, column 5)"),
    ],
)
def test_what_is_wrong_is_one_line_with_the_place_and_what_was_expected(write: Write, text: str, message: str) -> None:
    assert message in refusal(write(text))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('leg = "left"', "soleus.toml:1: sensor[0].address is missing"),
        ('address = "a"\nleg = "up"', "soleus.toml:5: sensor[0].leg: got 'up', expected one of"),
        ('address = "a"\nleg = "both"', "soleus.toml:5: sensor[0].leg is both, expected left, right or unknown"),
    ],
)
def test_a_wrong_sensor_is_named_by_its_position(write: Write, change: str, message: str) -> None:
    assert message in refusal(write(f'[[sensor]]\nname = "a"\ndevice = "lsp"\n{change}'))


def test_two_sensors_of_one_name_are_refused(write: Write) -> None:
    sensor = '[[sensor]]\nname = "a"\ndevice = "lsp"\naddress = "x"\nleg = "left"\n'
    assert "soleus.toml:7: sensor[1].name is 'a', which sensor[0] has" in refusal(write(sensor * 2))


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    assert "cannot be read as TOML: No such file or directory" in refusal(tmp_path / "nix.toml")


def test_a_store_makes_the_store_confirm_unless_told_otherwise(write: Write) -> None:
    assert Settings().effective_delivery is Delivery.BROKER
    assert load(write(FULL), environ={}).settings.effective_delivery is Delivery.STORE
    assert load(write('delivery = "none"\n' + FULL), environ={}).settings.effective_delivery is Delivery.NONE


@pytest.mark.slow
def test_every_threshold_can_be_set_to_its_own_value() -> None:
    criteria = named("wasm-2016")
    assert apply_overrides(criteria, {name: str(value) for name, value in flatten(criteria).items()}) == criteria


def test_two_thresholds_that_bound_each_other_change_together() -> None:
    changed = apply_overrides(named("wasm-2016"), {"leg_movement.onset_uv": "1.5", "leg_movement.offset_uv": "1"})
    assert (changed.leg_movement.onset_uv, changed.leg_movement.offset_uv) == (1.5, 1.0)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("wasm.min_series", "4.5", "expected a whole number"),
        ("wasm.min_series", "none", "expected a whole number"),
        ("wasm.non_clm_ends_series", "perhaps", "expected true or false"),
        ("wasm.short_imi", "maybe", "expected one of ends_series_and_may_start, ends_series, dropped"),
        ("leg_movement.onset_uv", "nan", "expected a number"),
        ("leg_movement.onset_uv", True, "expected a number"),
        ("wasm.lm_max_s", "long", "expected a number or none"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(name: str, value: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        apply_overrides(named("wasm-2016"), {name: value})


def test_an_override_without_equals_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"expected GROUP\.FIELD=VALUE"):
        load(assignments=["leg_movement.onset_uv"], environ={"SOLEUS_CONFIG": "/dev/null"})


def test_none_takes_a_limit_away() -> None:
    assert apply_overrides(named("wasm-2016"), {"wasm.max_components": "none"}).wasm.max_components is None


def test_every_threshold_says_whether_it_is_published_or_ours_and_ours_give_a_reason() -> None:
    known = sources()
    assert set(known) == set(flatten(named("wasm-2016")))
    assert all(source.published for name, source in known.items() if name.startswith(("wasm.", "aasm.")))
    assert known["leg_movement.onset_uv"].published
    assert not known["cramp.onset_uv"].published
    assert "2-6 times rest" in known["cramp.onset_uv"].reason
    assert set(citations()) >= {"WASM_2016", "AASM"}


def test_a_secret_comes_from_a_file_or_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("s3cret\nnot this\n", encoding="utf-8")
    assert secret(file, "X", {"X": "other"}) == "s3cret"
    assert secret(None, "X", {"X": "other"}) == "other"
    assert secret(None, "X", {}) is None
    with pytest.raises(ConfigError, match="cannot be read"):
        secret(tmp_path / "nix", "X", {})


def test_the_folder_of_nights_is_private(tmp_path: Path) -> None:
    made = ensure_private(tmp_path / "data" / "nights")
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert ensure_private(made) == made


def test_the_config_command_prints_every_threshold_and_setting_as_json(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOLEUS_MQTT_PASSWORD", "s3cret")
    result = CliRunner().invoke(command, ["--config", str(write(FULL)), "--set", "cramp.min_s=6", "--format", "json"])
    assert "s3cret" not in result.output
    printed = json.loads(result.stdout)
    criteria = printed["criteria"]
    assert set(criteria) == {"name", *flatten(named("wasm-2016"))}
    assert criteria["leg_movement.onset_uv"]["value"] == 6.0
    assert criteria["leg_movement.onset_uv"]["origin"] == "soleus.toml:8"
    assert criteria["cramp.min_s"]["origin"] == "--set"
    assert criteria["leg_movement.min_s"]["published"]
    assert printed["settings"]["mqtt.password"] == {
        "value": "(hidden)",
        "origin": "environment SOLEUS_MQTT_PASSWORD",
    }
    plain = {item.name for item in fields(Settings)} - {
        "outbox",
        "mqtt",
        "store",
        "web",
        "bluetooth",
        "alarm",
        "sensors",
        "devices",
        "overrides",
    }
    assert plain <= set(printed["settings"])


@pytest.mark.slow
def test_the_config_command_prints_a_table_that_can_be_searched(write: Write) -> None:
    lines = CliRunner().invoke(command, ["--config", str(write(FULL))]).stdout.splitlines()
    onset = next(line for line in lines if "leg_movement.onset_uv" in line)
    assert onset.split() == ["leg_movement.onset_uv", "6.0", "soleus.toml:8", "yours"]
    minimum = next(line for line in lines if "leg_movement.min_s" in line)
    assert "published" in minimum

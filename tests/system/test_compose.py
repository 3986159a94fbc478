"""docker-compose.yml: valid, complete, closed, and the same configuration that the tests run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from soleus.accounts import Account, Role
from soleus.settings import Settings
from soleus.settings_file import read
from soleus.stack import write_configuration, write_stack

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("store", "serve", "collector")
IMAGE = (ROOT / "Dockerfile").read_text()
# What Docker finds on every Linux with BlueZ, and only there.
OF_THE_COMPUTER = {"/run/dbus/system_bus_socket"}


def plain(text: str) -> str:
    """Return a value of the compose file with no variable set."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def mounts() -> list[tuple[str, str]]:
    return [(name, plain(volume).split(":")[0]) for name, one in SERVICES.items() for volume in one.get("volumes", [])]


@pytest.mark.slow
def test_it_is_valid_under_the_compose_schema() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]
    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_path_that_it_mounts_exists_once_the_stack_is_set_up(tmp_path: Path) -> None:
    stack = write_stack(ROOT, [Account(Role.COLLECTOR, "collector", "home", "me", "collector")], tmp_path / "secrets")
    write_configuration(stack.folder, Settings(), "", "collector")
    paths = {path for _, path in mounts()} | {secret["file"] for secret in COMPOSE["secrets"].values()}
    ours = {path for path in paths if path.startswith("./")}
    assert len(ours) > len(COMPOSE["secrets"])
    assert [path for path in ours if not any((folder / path).exists() for folder in (ROOT, tmp_path))] == []
    assert paths - ours == set(COMPOSE["volumes"]) | OF_THE_COMPUTER
    assert read(stack.folder / "soleus_toml")[0].mqtt.user == "collector"


def test_everything_that_the_image_copies_is_there_and_nothing_else_is_sent() -> None:
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", IMAGE, re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert [name for name in names if not (ROOT / name).exists()] == []
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert names == sent


def test_the_image_installs_nothing_that_is_not_pinned_and_is_not_root() -> None:
    installs = re.findall(r"pip install([^&\n]*)", IMAGE)
    # The backend that builds the project is in the lock file too: pip must not fetch another one.
    pinned = [
        ("--require-hashes" in what) or {"--no-build-isolation", "--no-deps"} <= set(what.split()) for what in installs
    ]
    assert pinned == [True, True]
    bases = re.findall(r"^FROM (\S+)", IMAGE, re.MULTILINE)
    assert len(bases) == 2
    assert all(re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+", base) for base in bases)
    last = IMAGE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", last, re.MULTILINE)
    assert "pip" not in last


def test_the_image_is_built_by_the_usual_rules() -> None:
    words = [line.split(maxsplit=1) for line in IMAGE.splitlines() if line and not line.startswith(("#", " "))]
    assert {word for word, _ in words} <= {"FROM", "WORKDIR", "RUN", "COPY", "ENV", "USER", "ENTRYPOINT", "CMD"}
    for word, rest in words:
        # A shell between Docker and the program would swallow SIGTERM, and with it the end of a night.
        assert word not in {"ENTRYPOINT", "CMD"} or isinstance(yaml.safe_load(rest), list)
        assert word != "WORKDIR" or rest.startswith("/")
        assert not re.search(r"\b(sudo|curl|wget|apt-get)\b|latest", rest)
        assert "pip install" not in rest or "--no-cache-dir" in rest
    assert yaml.safe_load(dict(words)["ENTRYPOINT"]) == ["soleus"]


def test_nothing_listens_outside_this_computer_unless_told() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) > len(SERVICES) / 2
    assert [port for port in ports if not plain(port).startswith("127.0.0.1:")] == []
    # What SOLEUS_BIND opens is encrypted, or asks for a password by itself.
    opened = {name for name, one in SERVICES.items() if any("SOLEUS_BIND" in port for port in one.get("ports", []))}
    assert opened == {"door", "serve"}


def test_every_image_is_pinned_to_a_release_or_built_here() -> None:
    for name, service in SERVICES.items():
        if name in OURS:
            assert (service["image"], service["build"]) == ("soleus", ".")
        else:
            assert re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+", service["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_rights_no_root_and_bounds(name: str) -> None:
    service = SERVICES[name]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service
    assert "cap_add" not in service
    assert int(plain(service["user"]).partition(":")[0]) > 0
    assert service["restart"] in {"unless-stopped", "on-failure"}
    assert {"mem_limit", "cpus", "pids_limit", "healthcheck", "logging", "networks"} <= service.keys()
    assert all("size=" in place for place in service["tmpfs"])


def test_what_reads_the_broker_does_not_reach_more_than_it_needs() -> None:
    networks = {name: set(service["networks"]) for name, service in SERVICES.items()}
    assert {name for name in SERVICES if "database" in networks[name]} == {"influxdb", "grafana", "store"}
    assert {name for name in SERVICES if "messages" in networks[name]} == {"mosquitto", "door", "store", "collector"}


def test_every_variable_that_it_takes_is_in_the_instructions() -> None:
    taken = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    explained = set(re.findall(r"\b([A-Z_]+)=", (ROOT / "docs/install.md").read_text()))
    assert taken == explained


def test_no_file_holds_a_secret() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert not re.search("PASSWORD|TOKEN|SECRET", name) or str(value).startswith("/run/secrets/"), name
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].startswith("./secrets/")
    used = {name for service in SERVICES.values() for name in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])


def test_what_is_started_without_a_profile_is_the_whole_path_to_the_pages() -> None:
    always = {name for name, service in SERVICES.items() if "profiles" not in service}
    assert always == {"mosquitto", "influxdb", "grafana", "store", "serve"}
    assert {name: service["profiles"] for name, service in SERVICES.items() if name not in always} == {
        "door": ["tls"],
        "collector": ["collector"],
    }


def test_what_a_container_may_write_to_is_a_volume_or_in_memory() -> None:
    writable = {
        (name, plain(volume).split(":")[1])
        for name, one in SERVICES.items()
        for volume in one.get("volumes", [])
        if not plain(volume).endswith(":ro")
    }
    assert writable == {
        ("mosquitto", "/mosquitto/data"),
        ("influxdb", "/writer-token"),
        ("influxdb", "/var/lib/influxdb2"),
        ("influxdb", "/etc/influxdb2"),
        ("grafana", "/var/lib/grafana"),
        ("serve", "/nights"),
        ("collector", "/nights"),
        ("collector", "/run/dbus/system_bus_socket"),
    }


def test_the_configuration_of_the_containers_names_what_is_mounted(tmp_path: Path) -> None:
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls/server.key").touch()
    write_configuration(tmp_path, Settings(), "", "collector")
    settings = read(tmp_path / "soleus_toml")[0]
    for name, files in {
        "serve": [settings.web.password_file, settings.web.tls_cert, settings.web.tls_key],
        "collector": [settings.mqtt.password_file],
    }.items():
        service = SERVICES[name]
        there = {f"/run/secrets/{secret}" for secret in service["secrets"]}
        folders = [plain(volume).split(":")[1] for volume in service["volumes"]]
        assert all(str(file) in there or str(file.parent) in folders for file in files if file)
        assert str(settings.data_dir) in folders
    assert f":{settings.web.port}:{settings.web.port}" in SERVICES["serve"]["ports"][0]


@pytest.mark.parametrize("script", sorted((ROOT / "deploy").rglob("*.sh")), ids=lambda path: path.name)
def test_scripts_may_be_executed_and_are_shell(script: Path) -> None:
    assert os.access(script, os.X_OK)
    subprocess.run(["/bin/sh", "-n", str(script)], check=True)


def test_the_broker_is_started_as_the_system_tests_start_it() -> None:
    volumes = SERVICES["mosquitto"]["volumes"]
    used = (Path(__file__).parent / "servers.py").read_text()
    for name, inside in (("mosquitto.conf", "config/mosquitto.conf"), ("start.sh", "start.sh")):
        assert f"./deploy/mosquitto/{name}:/mosquitto/{inside}:ro" in volumes
        assert f"deploy/mosquitto/{name}" in used
    assert SERVICES["mosquitto"]["command"] == ["/bin/sh", "/mosquitto/start.sh"]


def test_the_dashboards_read_the_bucket_that_is_set_up() -> None:
    provisioned = (ROOT / "deploy/grafana/provisioning/datasources/influxdb.yml").read_text()
    (source,) = yaml.safe_load(provisioned)["datasources"]
    bucket = SERVICES["influxdb"]["environment"]["DOCKER_INFLUXDB_INIT_BUCKET"]
    assert (source["user"], source["jsonData"]["dbName"]) == ("grafana", bucket)


@pytest.mark.slow
def test_the_writer_is_checked_with_the_options_that_it_runs_with() -> None:
    command, check = SERVICES["store"]["command"], SERVICES["store"]["healthcheck"]["test"]
    assert check == ["CMD", "soleus", "store", "--check", *command[1:]]


@pytest.mark.slow
@pytest.mark.parametrize("name", OURS)
def test_our_commands_are_started_with_options_that_they_have(name: str) -> None:
    command, *options = SERVICES[name]["command"]
    asked = [sys.executable, "-m", "soleus", command, "--help"]
    help_text = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert options
    assert [option for option in options if option.partition("=")[0] not in help_text] == []
    assert shlex.join(options) == " ".join(options)

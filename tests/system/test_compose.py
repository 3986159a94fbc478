"""docker-compose.yml: valid, complete, closed to the outside, and the same configuration that the tests run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
FAKE_INFLUX = """#!/bin/sh
printf '%s\\n' "$@" > "$0.arguments"
"""


@pytest.mark.slow
def test_it_is_valid_under_the_compose_schema() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]
    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_path_that_it_mounts_or_builds_from_exists() -> None:
    mounted = [v.split(":")[0] for service in SERVICES.values() for v in service.get("volumes", [])]
    files = [path for path in mounted if path.startswith("./")]
    assert files
    assert [path for path in files if not (ROOT / path).exists()] == []
    assert (ROOT / SERVICES["store"]["build"]["dockerfile"]).is_file()
    assert {path for path in mounted if not path.startswith("./")} == set(COMPOSE["volumes"])


def test_everything_that_the_image_copies_is_there_and_nothing_else_is_sent() -> None:
    copied = re.findall(r"^COPY (.*) \S+$", (ROOT / "deploy/store/Dockerfile").read_text(), re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert [name for name in names if not (ROOT / name).exists()] == []
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert names == sent


def test_the_image_installs_nothing_that_is_not_pinned() -> None:
    image = (ROOT / "deploy/store/Dockerfile").read_text()
    installs = re.findall(r"pip install([^&\n]*)", image)
    # The backend that builds the project is in the lock file too: pip must not fetch another one.
    assert [
        ("--require-hashes" in what) or {"--no-build-isolation", "--no-deps"} <= set(what.split()) for what in installs
    ] == [
        True,
        True,
    ]


def test_nothing_listens_outside_this_computer() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_every_image_is_pinned_to_a_release() -> None:
    for service in SERVICES.values():
        if "image" in service:
            assert re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+", service["image"])


def test_no_file_holds_a_secret() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert not re.search("PASSWORD|TOKEN|SECRET", name) or str(value).startswith("/run/secrets/"), name
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].startswith("./secrets/")
    used = {name for service in SERVICES.values() for name in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])


def test_the_script_makes_every_secret_once(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    script = tmp_path / "deploy/make-secrets.sh"
    script.write_text((ROOT / "deploy/make-secrets.sh").read_text())
    subprocess.run(["/bin/sh", str(script)], check=True)
    assert (tmp_path / "secrets/.gitignore").read_text() == "*\n"
    made = {file.name: file.read_text() for file in (tmp_path / "secrets").glob("[a-z]*")}
    assert set(made) == set(COMPOSE["secrets"])
    assert all(re.fullmatch(r"\w{40}", secret) for secret in made.values())
    assert len(set(made.values())) == len(made)
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    subprocess.run(["/bin/sh", str(script)], check=True)
    assert made == {file.name: file.read_text() for file in (tmp_path / "secrets").glob("[a-z]*")}


@pytest.mark.parametrize(
    "script", ["deploy/mosquitto/start.sh", "deploy/influxdb/10-grafana-login.sh", "deploy/make-secrets.sh"]
)
def test_scripts_may_be_executed_and_are_shell(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    subprocess.run(["/bin/sh", "-n", str(ROOT / script)], check=True)


def test_the_broker_is_started_as_the_system_tests_start_it() -> None:
    volumes = SERVICES["mosquitto"]["volumes"]
    for name, inside in (("mosquitto.conf", "config/mosquitto.conf"), ("acl", "config/acl"), ("start.sh", "start.sh")):
        assert f"./deploy/mosquitto/{name}:/mosquitto/{inside}:ro" in volumes
    assert SERVICES["mosquitto"]["command"] == ["/bin/sh", "/mosquitto/start.sh"]
    used = (Path(__file__).parent / "servers.py").read_text()
    for name in ("start.sh", "mosquitto.conf", "acl"):
        assert f"deploy/mosquitto/{name}" in used


def test_grafana_gets_a_login_that_reads_one_bucket(tmp_path: Path) -> None:
    influx = tmp_path / "influx"
    influx.write_text(FAKE_INFLUX)
    influx.chmod(0o755)
    script = (ROOT / "deploy/influxdb/10-grafana-login.sh").read_text()
    (tmp_path / "influx_grafana").write_text("g-secret")
    environ = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "DOCKER_INFLUXDB_INIT_ORG": "soleus",
        "DOCKER_INFLUXDB_INIT_BUCKET_ID": "b1",
    }
    subprocess.run(["/bin/sh", "-c", script.replace("/run/secrets", str(tmp_path))], env=environ, check=True)
    asked = (tmp_path / "influx.arguments").read_text().split()
    assert asked[:3] == ["v1", "auth", "create"]
    assert dict(zip(asked[3::2], asked[4::2], strict=True)) == {
        "--org": "soleus",
        "--read-bucket": "b1",
        "--username": "grafana",
        "--password": "g-secret",
    }
    source = yaml.safe_load((ROOT / "deploy/grafana/provisioning/datasources/influxdb.yml").read_text())["datasources"][
        0
    ]
    assert (source["user"], source["jsonData"]["dbName"]) == (
        "grafana",
        SERVICES["influxdb"]["environment"]["DOCKER_INFLUXDB_INIT_BUCKET"],
    )


@pytest.mark.slow
def test_the_store_is_started_with_options_that_it_has() -> None:
    help_text = subprocess.run(
        [sys.executable, "-m", "soleus", "store", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for option in SERVICES["store"]["command"]:
        assert option.partition("=")[0] in help_text

"""The units for systemd: what they start exists, what they need is listed, and nothing more is allowed."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from soleus.__main__ import COMMANDS, load

FOLDER = Path(__file__).parents[2] / "deploy/systemd"
UNITS = sorted(path for path in FOLDER.iterdir() if path.suffix != ".conf")
SERVICES = [path for path in UNITS if path.suffix == ".service"]
PROGRAM = "/opt/soleus/bin/soleus"
# systemd's own mark from 0 (closed) to 10 (open); what talks to the network has 0.5 to begin with.
MOST_EXPOSED = 20
CLOSED = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "ProtectKernelModules": "yes",
    "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes",
    "SystemCallArchitectures": "native",
    "SystemCallFilter": "@system-service",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6",
    "User": "soleus",
    "UMask": "0077",
}


def parsed(path: Path) -> configparser.ConfigParser:
    """Read a unit; a key that stands twice is an error here, though systemd would add it up."""
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # keys keep their letters
    parser.read_string(path.read_text(encoding="utf-8"))
    return parser


def test_there_is_a_unit_for_the_night_the_morning_the_store_and_the_pages() -> None:
    assert [path.name for path in UNITS] == [
        "soleus-morning.target",
        "soleus-morning.timer",
        "soleus-night.service",
        "soleus-night.timer",
        "soleus-serve.service",
        "soleus-store.service",
    ]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_has_the_sections_of_its_kind_and_says_what_it_is(path: Path) -> None:
    unit = parsed(path)
    assert unit["Unit"]["Description"].startswith("Soleus: ")
    kind = {".service": {"Service", "Install"}, ".timer": {"Timer", "Install"}, ".target": set()}[path.suffix]
    assert set(unit.sections()) == {"Unit", *kind}


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_service_may_do_nothing_that_its_work_does_not_need(path: Path) -> None:
    service = parsed(path)["Service"]
    assert {key: service.get(key) for key in CLOSED} == CLOSED
    assert {"MemoryMax", "TasksMax", "Restart", "RestartSec"} <= set(service)


@pytest.mark.slow
@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_service_starts_a_command_with_options_that_it_has(path: Path) -> None:
    program, command, *options = shlex.split(parsed(path)["Service"]["ExecStart"])
    assert program == PROGRAM
    assert command in COMMANDS
    known = {name for parameter in load(command).params for name in parameter.opts}
    assert [option for option in options if option.startswith("-") and option not in known] == []


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_what_keeps_nights_may_write_into_its_own_folder_and_nowhere_else(path: Path) -> None:
    service = parsed(path)["Service"]
    keeps = path.name != "soleus-store.service"
    assert service.get("StateDirectory") == ("soleus" if keeps else None)
    assert "ReadWritePaths" not in service


def test_a_night_is_ended_in_order_and_has_the_time_for_it() -> None:
    night = parsed(FOLDER / "soleus-night.service")
    assert night["Service"]["KillMode"] == "mixed"
    # The supervisor allows 15 min for the rest of the scoring and one for the delivery.
    assert night["Service"]["TimeoutStopSec"] == "20min"
    assert night["Unit"]["Conflicts"] == "soleus-morning.target"
    assert parsed(FOLDER / "soleus-morning.timer")["Timer"]["Unit"] == "soleus-morning.target"
    assert parsed(FOLDER / "soleus-morning.target")["Unit"]["Conflicts"] == "soleus-night.service"


def _hour(timer: str) -> int:
    found = re.fullmatch(r"\*-\*-\* (\d\d):\d\d:00", parsed(FOLDER / timer)["Timer"]["OnCalendar"])
    assert found
    return int(found[1])


def test_a_boot_goes_on_with_the_night_between_the_timers_and_begins_none_by_day(tmp_path: Path) -> None:
    condition = parsed(FOLDER / "soleus-night.service")["Service"]["ExecCondition"]
    # As systemd reads it: two of these are one.
    argv = shlex.split(condition.replace("$$", "$").replace("%%", "%"))
    clock = tmp_path / "date"
    clock.write_text('#!/bin/sh\n[ "$1" = +%-H ] && echo "$HOUR"\n')
    clock.chmod(0o755)
    begins = [
        hour
        for hour in range(24)
        if subprocess.run(argv, env={"PATH": f"{tmp_path}:/bin:/usr/bin", "HOUR": str(hour)}, check=False).returncode
        == 0
    ]
    first, end = _hour("soleus-night.timer"), _hour("soleus-morning.timer")
    assert begins == [*range(end), *range(first, 24)]


@pytest.mark.slow
def test_systemd_finds_nothing_wrong_where_it_is_there(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return  # what can be said without it, the tests above have said
    stand_in = tmp_path / "soleus"
    stand_in.write_text("#!/bin/sh\n")
    stand_in.chmod(0o755)
    for path in UNITS:
        (tmp_path / path.name).write_text(path.read_text().replace(PROGRAM, str(stand_in)))
    environ = {**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:", "SYSTEMD_LOG_LEVEL": "warning"}
    units = [str(tmp_path / path.name) for path in UNITS]
    done = subprocess.run(
        [analyze, "verify", "--man=no", *units], env=environ, capture_output=True, text=True, check=False
    )
    said = [line for line in (done.stdout + done.stderr).splitlines() if "soleus" in line]
    assert (done.returncode, said) == (0, [])
    limit = ["security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager"]
    for path in SERVICES:
        rated = subprocess.run(
            [analyze, *limit, str(tmp_path / path.name)], env=environ, capture_output=True, text=True, check=False
        )
        assert rated.returncode == 0, rated.stdout + rated.stderr


def test_the_instructions_name_units_and_files_that_exist() -> None:
    text = (FOLDER.parents[1] / "docs/install.md").read_text()
    named = set(re.findall(r"soleus-\w+\.(?:service|timer|target)", text))
    assert named
    assert named <= {path.name for path in UNITS}
    assert all((FOLDER.parents[1] / file).is_file() for file in re.findall(r"deploy/[\w/]+\.?\w*(?=[ `])", text))


@pytest.mark.slow
def test_the_user_of_the_units_is_made_beforehand() -> None:
    lines = [line for line in (FOLDER / "soleus.conf").read_text().splitlines() if not line.startswith("#")]
    assert lines == ['u soleus - "Soleus" /var/lib/soleus', "m soleus bluetooth"]
    night = parsed(FOLDER / "soleus-night.service")["Service"]
    assert (night["StateDirectory"], night["SupplementaryGroups"]) == ("soleus", "bluetooth")

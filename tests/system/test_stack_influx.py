"""What InfluxDB is told when it sets itself up, under a shell with a stand-in for its command line.

The stand-in answers what version 2.7 of `influx` is documented to answer; the real one does not run in these tests.
"""

from __future__ import annotations

import json
import stat
import subprocess
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/influxdb"
SERVICE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["influxdb"]
TOKEN = "qX0_-vT7yB1mN4kR8sW2eH5uJ9aZ3cF6gD_pLoIiUuYyTtRrEeWwQq-AaSsDdFfGgHhJjKk=="  # noqa: S105 - nobody's
# Every word of every call on a line of its own, calls apart by an empty line. An unknown call is an error, as there.
STAND_IN = """#!/bin/sh
printf '%s\\n' "$@" >>"$0.said"
echo >>"$0.said"
case "$1 $2 $3" in
"v1 auth create") ;;
"auth create --org") cat "${0%/*}/secrets/answer" ;;
"bucket list --name") printf 'b7\\tsoleus\\tinfinite\\tn/a\\to1\\n' ;;
*) echo "Error: unknown command" >&2; exit 1 ;;
esac
"""
AUTHORISATION = {
    "id": "0a1b2c3d4e5f6000",
    "description": "soleus store",
    "token": TOKEN,
    "status": "active",
    "userName": "admin",
    "userID": "0a1b2c3d4e5f6001",
    "permissions": ["write:orgs/0a1b2c3d4e5f6002/buckets/b1"],
}


class Shell:
    """A container's folder with the stand-in in its path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "secrets").mkdir()
        self.influx = folder / "influx"
        self.influx.write_text(STAND_IN)
        self.influx.chmod(0o755)
        (folder / "influx_grafana").write_text("g-secret")
        self.answer(json.dumps(AUTHORISATION, indent="\t"))

    def answer(self, text: str) -> None:
        (self.folder / "secrets/answer").write_text(f"{text}\n")

    def run(self, script: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a script as the container's entry point does, but for where the secrets are."""
        text = (FOLDER / script).read_text().replace("/run/secrets", str(self.folder))
        known = {"PATH": f"{self.folder}:/usr/bin:/bin", "WRITER_TOKEN_FOLDER": str(self.folder)}
        known |= {
            name: SERVICE["environment"][name] for name in SERVICE["environment"] if name.endswith(("ORG", "BUCKET"))
        }
        return subprocess.run(
            ["/bin/sh", "-c", text], env={**known, **environ}, capture_output=True, text=True, check=False
        )

    def calls(self) -> list[list[str]]:
        said = (self.folder / "influx.said").read_text()
        return [call.splitlines() for call in said.split("\n\n") if call]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_every_script_is_run_by_the_entry_point_in_order() -> None:
    assert "./deploy/influxdb:/docker-entrypoint-initdb.d:ro" in SERVICE["volumes"]
    scripts = sorted(FOLDER.iterdir())
    assert [script.name for script in scripts] == ["10-grafana-login.sh", "20-writer-token.sh"]
    # run-parts passes over what may not be executed.
    assert all(script.stat().st_mode & stat.S_IXUSR for script in scripts)


def test_grafana_gets_a_login_that_reads_one_bucket(shell: Shell) -> None:
    assert shell.run("10-grafana-login.sh", DOCKER_INFLUXDB_INIT_BUCKET_ID="b1").returncode == 0
    (call,) = shell.calls()
    assert call[:3] == ["v1", "auth", "create"]
    assert dict(zip(call[3::2], call[4::2], strict=True)) == {
        "--org": "soleus",
        "--read-bucket": "b1",
        "--username": "grafana",
        "--password": "g-secret",
    }


def test_the_writer_gets_a_token_that_writes_to_one_bucket_and_nothing_else(shell: Shell) -> None:
    assert shell.run("20-writer-token.sh", DOCKER_INFLUXDB_INIT_BUCKET_ID="b1").returncode == 0
    (call,) = shell.calls()
    assert call[:2] == ["auth", "create"]
    assert call[-1] == "--json"
    assert dict(zip(call[2:-1:2], call[3:-1:2], strict=True)) == {
        "--org": "soleus",
        "--write-bucket": "b1",
        "--description": "soleus store",
    }
    assert (shell.folder / "token").read_text() == f"{TOKEN}\n"


def test_the_store_reads_the_token_where_influxdb_puts_it() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    assert "./secrets/influx:/writer-token" in SERVICE["volumes"]
    assert "./secrets/influx:/run/writer-token:ro" in services["store"]["volumes"]
    assert "--token-file=/run/writer-token/token" in services["store"]["command"]
    assert "influx_token" not in services["store"]["secrets"]


@pytest.mark.parametrize("form", [{"indent": "\t"}, {"indent": 2}, {}, {"separators": (",", ":")}])
def test_the_token_is_found_however_the_answer_is_laid_out(shell: Shell, form: dict[str, object]) -> None:
    shell.answer(json.dumps(AUTHORISATION, **form))  # type: ignore[arg-type]  # a choice of json's own options
    assert shell.run("20-writer-token.sh", DOCKER_INFLUXDB_INIT_BUCKET_ID="b1").returncode == 0
    assert (shell.folder / "token").read_text() == f"{TOKEN}\n"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "ID\tDescription\tToken\n0a\tsoleus store\tsecret-token",
        json.dumps({**AUTHORISATION, "token": ""}),
        json.dumps({**AUTHORISATION, "token": 'secret-token"; rm -rf /'}),
        json.dumps([{**AUTHORISATION, "token": "one"}, {**AUTHORISATION, "token": "two"}], indent=1),
    ],
)
def test_an_answer_without_exactly_one_token_ends_the_set_up_and_is_not_repeated(shell: Shell, answer: str) -> None:
    shell.answer(answer)
    done = shell.run("20-writer-token.sh", DOCKER_INFLUXDB_INIT_BUCKET_ID="b1")
    assert done.returncode != 0
    assert "said no token that can be read" in done.stderr
    assert "secret-token" not in done.stdout + done.stderr
    assert not (shell.folder / "token").exists()


def test_a_refusal_of_influxdb_ends_the_set_up(shell: Shell) -> None:
    shell.influx.write_text("#!/bin/sh\necho 'Error: unauthorized' >&2\nexit 1\n")
    assert shell.run("20-writer-token.sh", DOCKER_INFLUXDB_INIT_BUCKET_ID="b1").returncode != 0
    assert not (shell.folder / "token").exists()


def test_by_hand_it_finds_the_bucket_by_its_name(shell: Shell) -> None:
    (shell.folder / "token").write_text("lost\n")
    assert shell.run("20-writer-token.sh").returncode == 0
    looked, made = shell.calls()
    assert looked == ["bucket", "list", "--name", "soleus", "--hide-headers"]
    assert made[made.index("--write-bucket") + 1] == "b7"
    assert (shell.folder / "token").read_text() == f"{TOKEN}\n"

"""No key, token or password lies in the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
NOT_OURS = frozenset({".git", ".venv", ".cache", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"})
# What keys and tokens look like that programs give out; after the rules of gitleaks (MIT), those that fit here.
SECRETS = {
    "private key": rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "GitHub token": rb"gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22,}",
    "GitLab token": rb"glpat-[\w-]{20,}",
    "Grafana token": rb"gl(?:sa|c)_[A-Za-z0-9+/=_]{32,}",
    "AWS key": rb"A(?:KI|SI)A[A-Z0-9]{16}\b",
    "Google key": rb"AIza[\w-]{35}",
    "Slack token": rb"xox[abeoprs]-[\w-]{10,}",
    "package index token": rb"pypi-AgEI[\w-]{20,}|npm_[A-Za-z0-9]{36}",
    "web token": rb"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
    "InfluxDB token": rb"(?<![\w-])[\w-]{86}==",
    "password in an address": rb"://[^\s/:@\"'`<>{}$]+:[^\s/@\"'`<>{}$]+@",
    "password in a setting": (
        rb"(?:[Pp]assw(?:or)?d|PASSWORD|[Ss]ecret|SECRET|[Tt]oken|TOKEN|[Aa]pi_?[Kk]ey|API_KEY)[\"']?\s*[:=]\s*"
        rb"[\"'][^\s\"'{}$<>%/.]{8,}[\"']"
    ),
}
PATTERNS = {what: re.compile(rule) for what, rule in SECRETS.items()}
# What looks like one and opens nothing: where, and how it begins. All are made up by tests.
HARMLESS = (
    ("tests/ingest/test_address.py", "://user:hunter2@"),
    ("tests/soleus/test_config.py", "://u:p@"),
    ("tests/ingest/test_influx_person.py", 'TOKEN = "quince-token"'),
    ("tests/soleus/test_store_check.py", 'TOKEN = "t0ken-that-nobody'),
    ("tests/system/test_serve_reached.py", 'PASSWORD = "tin-kettle-north-seven"'),
    ("tests/system/test_stack_influx.py", 'TOKEN = "qX0_'),
    ("tests/system/test_stack_influx.py", 'password": "g-secret"'),
    ("tests/system/test_stack_influx.py", "token\": 'secret-token"),
)


def found_in(content: bytes) -> list[tuple[str, str]]:
    """Return what looks like a secret: what it would be, and how it begins."""
    return [
        (what, match.group()[:40].decode(errors="replace"))
        for what, pattern in PATTERNS.items()
        for match in pattern.finditer(content)
    ]


def files() -> list[Path]:
    """Return what belongs to the repository; without git, all that is not made by a tool."""
    if (TOP / ".git").exists():
        listed = subprocess.run(
            [shutil.which("git") or "git", "ls-files", "-z"], cwd=TOP, capture_output=True, check=True
        ).stdout
        return [TOP / name for name in listed.decode().split("\0") if name and (TOP / name).is_file()]
    found = []
    for parent, folders, names in os.walk(TOP):
        folders[:] = [name for name in folders if name not in NOT_OURS]
        found += [Path(parent, name) for name in names]
    return found


@pytest.mark.slow
def test_no_file_of_the_repository_holds_a_secret() -> None:
    found = []
    for path in set(files()) - {Path(__file__)}:
        name = path.relative_to(TOP).as_posix()
        for what, begins in found_in(path.read_bytes()):
            if not any(name == file and begins.startswith(harmless) for file, harmless in HARMLESS):
                found.append(f"{name}: {what}: {begins[:12]}...")
    assert found == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("private key", "-----BEGIN EC " + "PRIVATE KEY-----"),
        ("private key", "-----BEGIN " + "PRIVATE KEY-----"),
        ("GitHub token", "gh" + "p_" + "a1B2" * 9),
        ("Grafana token", "gl" + "sa_" + "a1B2" * 8),
        ("AWS key", "AK" + "IA" + "A1B2" * 4),
        ("InfluxDB token", "a1B-" * 21 + "xy" + "=="),
        ("web token", "ey" + "J" + "a" * 12 + ".ey" + "J" + "b" * 12 + "." + "c" * 12),
        ("password in an address", "mqtt://store:" + "quince@house:1883"),
        ("password in a setting", "password = " + '"quincejam"'),
        ("password in a setting", '"token": ' + '"quincejam"'),
    ],
)
def test_a_secret_would_be_found(what: str, text: str) -> None:
    assert [kind for kind, _ in found_in(f"x = 1\n{text}\n".encode())] == [what]


@pytest.mark.parametrize(
    "text",
    [
        'password_file = "secrets/mqtt_collector"',
        "token: str = field(repr=False)",
        "http://localhost:8086/path@x",
        'f"{user}:{password}@"',
    ],
)
def test_what_only_names_a_secret_is_none(text: str) -> None:
    assert found_in(text.encode()) == []

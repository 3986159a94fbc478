"""Check that every locked package has a reason, that it is what is installed, and that all fit together.

Without a network. Known vulnerabilities are another question, which needs one: docs/security.md says how to ask it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TOP = Path(__file__).parent.parent
# What each lock file answers for; make check runs where the last one is installed, which holds the others.
LOCKS = {
    "requirements.lock": ("build",),
    "requirements-research.lock": ("build", "research"),
    "requirements-test.lock": ("build", "research", "test"),
}
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}(?: \\)?")


def locked(text: str) -> list[Requirement]:
    """Return the packages of a lock file, some for one system only; complain about what is not pinned by hash alone."""
    found = []
    for entry in re.split(r"\n(?=\S)", text.strip()):
        first, *hashes = entry.splitlines()
        requirement = Requirement(first.removesuffix("\\"))
        if not hashes or not all(HASH.fullmatch(line.strip()) for line in hashes):
            sys.exit(f"{first}: expected nothing but SHA-256 hashes below it")
        found.append(requirement)
    return found


def asked(groups: Iterable[str]) -> list[Requirement]:
    """Return what the project itself asks for."""
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    parts = {**project["project"]["optional-dependencies"], **project["dependency-groups"]}
    names = [*project["project"]["dependencies"]]
    names += [name for group in groups for name in parts[group]]
    return [Requirement(name) for name in names]


def installed(name: str) -> Distribution | None:
    """Return what is installed under a name."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def needed(asked_for: Iterable[Requirement]) -> set[str]:
    """Return the names of everything that is asked for, directly or by another package, on any system."""
    waiting = [(canonicalize_name(one.name), frozenset(one.extras)) for one in asked_for]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, extras = one = waiting.pop()
        if one not in seen:
            seen.add(one)
            found = installed(name)
            waiting += [] if found is None else list(_its_needs(found, extras))
    return {name for name, _ in seen}


def _its_needs(package: Distribution, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for line in package.requires or ():
        needs = Requirement(line)
        # Any system counts, because the lock files are for all; an extra counts where somebody asks for it.
        wanted = re.findall(r"extra\s*==\s*['\"]([\w.-]+)['\"]", str(needs.marker or ""))
        if not wanted or extras & {*wanted, *map(canonicalize_name, wanted)}:
            yield canonicalize_name(needs.name), frozenset(needs.extras)


def faults() -> Iterator[str]:
    """Yield what is wrong."""
    for name, groups in LOCKS.items():
        pins = locked((TOP / name).read_text(encoding="utf-8"))
        # A package of another system is not installed, and what it needs itself cannot be asked here.
        here = [one for one in pins if one.marker is None or one.marker.evaluate()]
        reasons = needed(asked(groups))
        for one in here:
            if canonicalize_name(one.name) not in reasons:
                yield f"{name}: {one.name} is needed by nothing that is asked for"
            found = installed(one.name)
            version = None if found is None else found.version
            if version is None or not one.specifier.contains(version, prereleases=True):
                yield f"{name}: expected {one.name}{one.specifier}, installed is {version or 'nothing'}"


def main() -> None:
    """Print what is wrong, and end with 1 if anything is."""
    lines = sorted(set(faults()))
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    if done.returncode:
        lines += done.stdout.splitlines()
    print("\n".join(lines), end="\n" if lines else "", file=sys.stderr)
    sys.exit(bool(lines))


if __name__ == "__main__":
    main()

"""Check that docstrings fit the code, by numpydoc's rules listed in pyproject.toml.

`numpydoc lint` reads the source only and takes every field of a dataclass for an unknown parameter; this asks the
imported objects instead.
"""

import importlib
import inspect
import pkgutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from numpydoc.validate import validate

PACKAGES = ("detectors", "ingest", "dashboards", "soleus")
CHECKS = frozenset(tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["tool"]["numpydoc"]["checks"])


def modules() -> Iterator[ModuleType]:
    """Import every module of the packages."""
    for package in map(importlib.import_module, PACKAGES):
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)


def public_names(module: ModuleType) -> Iterator[str]:
    """Name the functions and classes that a module defines for others, with their methods."""
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isclass(value):
            yield f"{module.__name__}.{name}"
            for member, function in vars(value).items():
                if not member.startswith("_") and inspect.isfunction(function):
                    yield f"{module.__name__}.{name}.{member}"
        elif inspect.isfunction(value):
            yield f"{module.__name__}.{name}"


def faults(name: str) -> Iterator[str]:
    """Say what is wrong with one docstring."""
    report = validate(name)
    for code, message in report["errors"]:
        if code in CHECKS:
            yield f"{report.get('file')}:{report.get('file_line')}: {name}: {code} {message}"


sys.path.insert(0, ".")
sys.exit("\n".join(fault for module in modules() for name in public_names(module) for fault in faults(name)) or None)

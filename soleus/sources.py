"""Where each number of the criteria comes from: a paper, or ourselves.

The reason beside each number stands once, as the comment that it has in ``detectors/published.py`` or
``detectors/proposed/``; it is read from there.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detectors import proposed, published

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

# Groups of the criteria whose constant is not simply their own name in capitals.
PUBLISHED_GROUPS = {"wasm": "WASM_2016", "aasm": "AASM"}


@dataclass(frozen=True, slots=True)
class Source:
    """Where one number comes from.

    Parameters
    ----------
    published : bool
        Whether a paper or manual says it; otherwise it is ours.
    constant : str
        The named set that holds it.
    reason : str
        What the paper says, or why we chose it; may be empty.
    """

    published: bool
    constant: str
    reason: str


def sources() -> dict[str, Source]:
    """Return the source of each threshold of the named sets.

    Returns
    -------
    dict of str to Source
        By dotted name, such as ``leg_movement.onset_uv``.

    Examples
    --------
    >>> sources()["leg_movement.onset_uv"].published, sources()["cramp.onset_uv"].published
    (True, False)
    """
    papers = {f"{constant}.{name}": reason for constant, name, _, reason in _numbers(published)}
    groups = {constant: group for group, constant in PUBLISHED_GROUPS.items()}
    found = {}
    for path, reason in papers.items():
        constant, _, name = path.partition(".")
        if constant in groups:
            found[f"{groups[constant]}.{name}"] = Source(published=True, constant=constant, reason=reason)
    for constant, name, value, reason in _ours():
        constant_there = value.partition(".")[0]
        is_published = value in papers
        found[f"{constant.lower()}.{name}"] = Source(
            published=is_published,
            constant=constant_there if is_published else f"proposed.{constant}",
            reason=papers[value] if is_published else reason,
        )
    return found


def citations() -> dict[str, str]:
    """Return what is cited above each published constant.

    Returns
    -------
    dict of str to str
        Citation by the constant's name.
    """
    source = inspect.getsource(published)
    lines = source.splitlines()
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.AnnAssign):
            first = node.lineno - 1
            while lines[first - 1].startswith("#"):
                first -= 1
            found[ast.unparse(node.target)] = " ".join(line.lstrip("# ") for line in lines[first : node.lineno - 1])
    return found


def _ours() -> Iterator[tuple[str, str, str, str]]:
    """Yield our own numbers, topic by topic."""
    for topic in pkgutil.iter_modules(proposed.__path__):
        yield from _numbers(importlib.import_module(f"{proposed.__name__}.{topic.name}"))


def _numbers(module: ModuleType) -> Iterator[tuple[str, str, str, str]]:
    """Yield constant, field, value as written, and comment of every ``CONSTANT = Group(field=value, # comment)``."""
    source = inspect.getsource(module)
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Call)):
            continue
        for keyword in node.value.keywords:
            if keyword.arg not in {None, "name"}:
                value = ast.unparse(keyword.value)
                # What stands above the whole set is its citation, even where it is written in one line.
                above = lines[keyword.lineno - 2] if keyword.lineno > node.lineno + 1 else ""
                yield ast.unparse(node.target), keyword.arg, value, _comment(lines, keyword, above)


def _comment(lines: list[str], keyword: ast.keyword, line_above: str) -> str:
    """Return the comment at the end of a line, or the one on the line above it."""
    beside = re.search(r"#\s*(.*)", lines[(keyword.end_lineno or keyword.lineno) - 1])
    above = re.fullmatch(r"\s*#\s*(.*)", line_above)
    found = beside or above
    return found[1].strip() if found else ""

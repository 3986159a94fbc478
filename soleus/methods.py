"""A methods section out of the criteria in force: every number from its field, with where it comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detectors.criteria import named
from soleus import __version__
from soleus.methods_text import CHANGED, HEADING, OPENING, PARAGRAPHS, PLUGIN, SOURCES, UNCHANGED
from soleus.sources import citations, sources
from soleus.thresholds import flatten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.criteria import Criteria

_NUMBER = re.compile(r"\{([a-z_0-9.]+)(?:\|([^}]+))?\}")
OURS = "†"
YOURS = "‡"
NO_LIMIT = "no limit"
# What a set from somebody's own file is compared with.
BASIS = "wasm-2016"


@dataclass(frozen=True, slots=True)
class MethodsSection:
    """What a paper says about how recordings were scored.

    Parameters
    ----------
    opening : str
        Program, version, set of criteria, and what was changed of it.
    paragraphs : mapping of str to str
        Text by heading.
    references : tuple of str
        Cited rules, in the order of their numbers from one.
    """

    opening: str
    paragraphs: Mapping[str, str]
    references: tuple[str, ...]

    def plain(self) -> str:
        """Return it as plain text, one line for each paragraph."""
        said = (f"{heading}. {said}" for heading, said in self.paragraphs.items())
        cited = (f"[{number}] {cited}" for number, cited in enumerate(self.references, 1))
        return "\n\n".join([self.opening, *said, SOURCES, *cited]) + "\n"

    def markdown(self) -> str:
        """Return it as Markdown."""
        said = (f"### {heading}\n\n{said}" for heading, said in self.paragraphs.items())
        cited = "\n".join(f"- [{number}] {cited}" for number, cited in enumerate(self.references, 1))
        return "\n\n".join([f"## {HEADING}", self.opening, *said, SOURCES, cited]) + "\n"


def methods(criteria: Criteria) -> MethodsSection:
    """Return what a paper says about how recordings were scored.

    Parameters
    ----------
    criteria : Criteria
        What is in force.

    Returns
    -------
    MethodsSection
        Each number is followed by where it comes from: the number of a reference, ours, or changed.

    Examples
    --------
    >>> told = methods(named("wasm-2016"))
    >>> "resting level by 8 µV [2] or by 1† times that level" in told.plain()
    True
    """
    writer = _Writer(criteria)
    paragraphs = {
        heading: _NUMBER.sub(lambda found: writer.number(found[1], found[2] or ""), template)
        for heading, template in PARAGRAPHS.items()
    }
    if criteria.plugins:
        paragraphs["Further detectors"] = " ".join(_plugins(criteria))
    return MethodsSection(writer.opening(), paragraphs, writer.references())


def number_text(value: object) -> str:
    """Return a threshold as a paper prints it, without rounding.

    Parameters
    ----------
    value : object
        A number, a word, yes or no, or None.

    Examples
    --------
    >>> number_text(8.0), number_text(10.25), number_text(4), number_text(None), number_text(True)
    ('8', '10.25', '4', 'no limit', 'yes')
    """
    if value is None:
        return NO_LIMIT
    if isinstance(value, bool):
        return "yes" if value else "no"
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


class _Writer:
    """Puts numbers into sentences, and remembers what was cited."""

    def __init__(self, criteria: Criteria) -> None:
        self._criteria = criteria
        self._values = flatten(criteria)
        self._of = criteria.name if _is_known(criteria.name) else BASIS
        self._before = flatten(named(self._of))
        self._sources = sources()
        cited = {self._sources[found[1]].constant for text in PARAGRAPHS.values() for found in _NUMBER.finditer(text)}
        self._cited = {constant: told for constant, told in citations().items() if constant in cited}

    def number(self, name: str, unit: str) -> str:
        value = self._values[name]
        shown = f"{number_text(value)} {unit}".strip() if value is not None else NO_LIMIT
        return f"{shown}{self._mark(name)}"

    def opening(self) -> str:
        said = OPENING.format(version=__version__, name=self._criteria.name)
        changed = [name for name in self._before if self._is_changed(name)]
        if not changed:
            return said + UNCHANGED
        listed = "; ".join(
            f"{name} = {number_text(self._values[name])} (in {self._of}: {number_text(self._before[name])})"
            for name in changed
        )
        changes = "one number is changed" if len(changed) == 1 else f"{len(changed)} numbers are changed"
        return said + CHANGED.format(changes=changes, listed=listed)

    def references(self) -> tuple[str, ...]:
        return tuple(self._cited.values())

    def _is_changed(self, name: str) -> bool:
        return self._values[name] != self._before[name]

    def _mark(self, name: str) -> str:
        if self._is_changed(name):
            return YOURS
        source = self._sources[name]
        if not source.published:
            return OURS
        return f" [{list(self._cited).index(source.constant) + 1}]"


def _is_known(name: str) -> bool:
    try:
        named(name)
    except ValueError:
        return False
    return True


def _plugins(criteria: Criteria) -> list[str]:
    values = flatten(criteria)
    return [
        PLUGIN.format(
            name=plugin.name,
            version=f" {plugin.version}" if plugin.version else "",
            numbers=", ".join(
                f"{name.partition('.')[2]} = {number_text(value)}"
                for name, value in values.items()
                if name.startswith(f"{plugin.name}.")
            )
            or "no numbers",
        )
        for plugin in criteria.plugins
    ]

"""The queries of a dashboard as Grafana sends them, and the names that they use."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FOLDER: Final = Path(__file__).parents[1] / "dashboards/grafana"
NS_PER_MS: Final = 1_000_000
PIXELS: Final = 1000
LEAST_INTERVAL_S: Final = 30


class Asked(NamedTuple):
    """One query of a dashboard.

    Parameters
    ----------
    where : str
        ``variable``, ``annotation`` or the type of the panel.
    title : str
        Of the panel.
    query : str
        InfluxQL with Grafana's variables.
    target, panel : mapping
        As the JSON has them.
    """

    where: str
    title: str
    query: str
    target: Mapping[str, Any]
    panel: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.where} {self.title!r} {self.target.get('refId', '')}"


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a dashboard: its values, whether several may be chosen, and what *All* stands for."""

    name: str
    values: tuple[str, ...]
    all_value: str | None

    def choices(self) -> list[str]:
        """Return each value, and *All* where it can be chosen, as Grafana puts them into a regular expression."""
        each = [re.escape(value) for value in self.values]
        if self.all_value is None:
            return each
        several = [f"({'|'.join(each)})"] if len(each) > 1 else []
        return [*each, *several, self.all_value]

    @property
    def widest(self) -> str:
        """*All*, or the first value, which Grafana chooses by itself."""
        return self.choices()[0 if self.all_value is None else -1]


def asked(dashboard: Mapping[str, Any]) -> list[Asked]:
    """Return every query of the annotations and panels of a dashboard."""
    found = [
        Asked("annotation", one["name"], one["target"]["query"], one["target"], one)
        for one in dashboard["annotations"]["list"]
        if "query" in one.get("target", {})
    ]
    for panel in panels(dashboard):
        told = (panel["type"], panel["title"])
        found += [Asked(*told, target["query"], target, panel) for target in panel.get("targets", ())]
    return found


def panels(dashboard: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the panels, those inside of rows too, without the rows."""
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            yield from panel.get("panels", ())
        else:
            yield panel


def variables(dashboard: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the variables whose values come from a query, in their order."""
    return [one for one in dashboard["templating"]["list"] if one["type"] == "query"]


def named(query: str) -> set[str]:
    """Return the names of Grafana's variables in a query."""
    return set(re.findall(r"\$\{(\w+):regex\}", query))


def expand(query: str, chosen: Mapping[str, str], span_ns: tuple[int, int]) -> str:
    """Put in what Grafana puts in: time range, interval for a panel of 1000 pixels, variables as regular expressions.

    Raises
    ------
    ValueError
        If something of Grafana's stays in the query.
    """
    start_ms, end_ms = (t_ns // NS_PER_MS for t_ns in span_ns)
    interval_s = max(LEAST_INTERVAL_S, (end_ms - start_ms) // 1000 // PIXELS)
    for name, text in {
        "$timeFilter": f"time >= {start_ms}ms and time <= {end_ms}ms",
        "$__interval_ms": str(interval_s * 1000),
        "$__interval": f"{interval_s}s",
        "${__from}": str(start_ms),
        "${__to}": str(end_ms),
        "$__from": str(start_ms),
        "$__to": str(end_ms),
        **{f"${{{name}:regex}}": choice for name, choice in chosen.items()},
    }.items():
        query = query.replace(name, text)
    left = re.findall(r"\$\w+|\$\{[^}]*\}", query)
    if left:
        msg = f"{left} stay in the query {query}"
        raise ValueError(msg)
    return query


def combinations(query: str, known: Mapping[str, Variable]) -> list[dict[str, str]]:
    """Return every way to choose the variables that a query names.

    Raises
    ------
    ValueError
        If it names one that the dashboard has not.
    """
    used = sorted(named(query))
    missing = [name for name in used if name not in known]
    if missing:
        msg = f"the dashboard has no variable {missing}: {query}"
        raise ValueError(msg)
    return [
        dict(zip(used, choice, strict=True)) for choice in itertools.product(*(known[name].choices() for name in used))
    ]


def widest(query: str, known: Mapping[str, Variable]) -> dict[str, str]:
    """Return the widest choice of the variables that a query names."""
    return {name: known[name].widest for name in sorted(named(query))}


_QUOTED: Final = re.compile(r"'(?:[^'\\]|\\.)*'|\"((?:[^\"\\]|\\.)*)\"|/(?:[^/\\\n]|\\.)+/")
_ALIAS: Final = re.compile(r'\bAS\s+"([^"]+)"', re.IGNORECASE)
_FROM: Final = re.compile(r'\bFROM\s+"(\w+)"', re.IGNORECASE)
_CALL: Final = re.compile(r"\b([a-z_]+)\(")
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
# Words of InfluxQL in the subset that InfluxDB 1, 2 and 3 all answer; a bare name would be no identifier of ours.
_WORDS_TEXT: Final = """
    SELECT FROM WHERE GROUP BY AS AND OR SHOW TAG VALUES WITH KEY timeFilter __interval null none previous linear
    ORDER DESC ASC LIMIT
"""
_FUNCTIONS_TEXT: Final = """
    mean max min sum count percentile first last median stddev derivative difference elapsed moving_average
    cumulative_sum distinct spread time fill now floor round
"""
WORDS: Final = frozenset(_WORDS_TEXT.split())
FUNCTIONS: Final = frozenset(_FUNCTIONS_TEXT.split())


class Names(NamedTuple):
    """What a query names: measurements, quoted identifiers without aliases, functions, and bare words."""

    measurements: tuple[str, ...]
    identifiers: frozenset[str]
    functions: frozenset[str]
    words: frozenset[str]


def names_of(query: str) -> Names:
    """Parse the identifiers out of a query."""
    measurements = tuple(_FROM.findall(query))
    aliases = set(_ALIAS.findall(query))
    quoted = {name for name in _QUOTED.findall(query) if name}
    bare = _QUOTED.sub(" ", re.sub(r"\$\{\w+(:\w+)?\}", " ", query))
    functions = frozenset(_CALL.findall(bare))
    words = frozenset(_WORD.findall(re.sub(r"\b\d+[a-z]+\b", " ", bare))) - functions
    return Names(measurements, frozenset(quoted - aliases - set(measurements)), functions, words)


def unknown_names(query: str, schema: Mapping[str, Sequence[str]]) -> list[str]:
    """Return what a query names that neither InfluxQL nor the schema knows.

    Parameters
    ----------
    query : str
        InfluxQL with Grafana's variables.
    schema : mapping of str to sequence of str
        Tags and fields by measurement.
    """
    found = names_of(query)
    known = {name for measurement in found.measurements for name in schema.get(measurement, ())} | {"time"}
    return [
        *(f"measurement {name}" for name in found.measurements if name not in schema),
        *([] if found.measurements else ["no measurement"]),
        *(f"name {name}" for name in sorted(found.identifiers - known)),
        *(f"function {name}" for name in sorted(found.functions - FUNCTIONS)),
        *(f"word {name}" for name in sorted(found.words - WORDS - FUNCTIONS)),
    ]

"""What was looked at, how it is, and what to do about it: one line each, green or red."""

from __future__ import annotations

import os
import textwrap
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Verdict(StrEnum):
    """How something is."""

    OK = "ok"
    UNKNOWN = "unknown"
    WARNING = "warning"
    WRONG = "wrong"


_STYLES = {Verdict.OK: "green", Verdict.UNKNOWN: "dim", Verdict.WARNING: "yellow", Verdict.WRONG: "bold red"}
WHOLE_LINES = 200
_MARGIN, _VERDICT_WIDTH, _NARROWEST = 2, 9, 20
_ORDER = tuple(Verdict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    about : str
        What was looked at, in a word or two.
    verdict : Verdict
        How it is.
    seen : str
        What was seen, with its unit.
    advice : str
        What to do; empty where there is nothing to do.
    values : mapping of str to float
        The numbers behind it, the unit in the key.
    """

    about: str
    verdict: Verdict
    seen: str
    advice: str = ""
    values: Mapping[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "about": self.about,
            "verdict": self.verdict.value,
            "seen": self.seen,
            "advice": self.advice,
            "values": dict(self.values),
        }


def worst(findings: Iterable[Finding]) -> Verdict:
    """Return the worst verdict; what is not known is no fault.

    Examples
    --------
    >>> worst([Finding("disk", Verdict.UNKNOWN, "-"), Finding("clock", Verdict.WARNING, "late")])
    <Verdict.WARNING: 'warning'>
    """
    return max((finding.verdict for finding in findings), key=_ORDER.index, default=Verdict.OK)


def terminal() -> Console:
    """Return where findings are printed: whole lines where nobody watches, because they are searched with grep."""
    return Console(width=None if os.isatty(1) else WHOLE_LINES, highlight=False)


def show(console: Console, title: str, findings: Sequence[Finding]) -> None:
    """Print findings under a title, each with its advice below it.

    Parameters
    ----------
    console : Console
        Where to.
    title : str
        What they are about.
    findings : sequence of Finding
        In the order in which they are read.
    """
    console.print(Text(title, style="bold"))
    about_width = max((len(finding.about) for finding in findings), default=0)
    indent = _MARGIN + _VERDICT_WIDTH + about_width + _MARGIN
    for finding in findings:
        style = _STYLES[finding.verdict]
        first, *rest = _wrapped(finding.seen, console.width - indent)
        line = Text(f"{'':{_MARGIN}}").append(f"{finding.verdict.value:{_VERDICT_WIDTH}}", style=style)
        console.print(line.append(f"{finding.about:{about_width}}{'':{_MARGIN}}{first}"))
        advice = _wrapped(f"-> {finding.advice}", console.width - indent) if finding.advice else []
        for text in rest:
            console.print(Text(" " * indent + text))
        for text in advice:
            console.print(Text(" " * indent + text, style=style))


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, _NARROWEST), break_on_hyphens=False) or [""]

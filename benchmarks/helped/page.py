"""docs/did-it-help.md: the text of ``did-it-help.md.in`` with what a run has found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.helped.more import SIMULATED
from benchmarks.helped.simulated import RATIOS
from soleus import __version__
from soleus.helped.power import LEAST_COUNT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.helped.more import Case
    from benchmarks.helped.study import Row, Told

TOP: Final = Path(__file__).parents[2]
PAGE: Final = TOP / "docs" / "did-it-help.md"
TEXT: Final = Path(__file__).parent / "did-it-help.md.in"
COVERAGE: Final = (0.93, 0.97)
MOST_CLAIMS: Final = 0.065
LEAST_RIGHT: Final = 0.8
QUARTERS: Final = (25, 75)


@dataclass(frozen=True, slots=True)
class Found:
    """What a run has found.

    Parameters
    ----------
    commit : str
        Name of the commit, which is the seed of the false claims.
    coverage, claims : sequence of Row
        All of them first, then by part.
    calibration : sequence of Told
        By the probability that was given.
    cases : sequence of Case
        Estimates of nights.
    alike : mapping of float to (float, float)
        False claims by the correlation of nights: one period after the other, and in turn.
    shipped : tuple of int
        Comparisons that the program decided as its twin did, and of how many.
    seconds : float
        How long it took, s.
    """

    commit: str
    coverage: Sequence[Row]
    claims: Sequence[Row]
    calibration: Sequence[Told]
    cases: Sequence[Case]
    alike: Mapping[float, tuple[float, float]]
    shipped: tuple[int, int]
    seconds: float

    @property
    def kept(self) -> Mapping[str, bool]:
        """Whether each promise is kept."""
        n_same, n_asked = self.shipped
        return {
            "coverage": COVERAGE[0] <= self.coverage[0].share <= COVERAGE[1],
            "false claims": self.claims[0].share <= MOST_CLAIMS,
            "nights, by what was seen": _share(self.cases, "seen") >= LEAST_RIGHT,
            "nights, by the truth": _share(self.cases, "true_total") >= LEAST_RIGHT,
            "the program decides as its twin": n_same == n_asked,
        }


def page(found: Found) -> str:
    """Return the page."""
    kept = found.kept
    low, high = np.percentile([case.more for case in found.cases], QUARTERS)
    nights = kept["nights, by what was seen"] and kept["nights, by the truth"]
    figures = {
        "least_count": LEAST_COUNT,
        "ratios": ", ".join(f"{ratio:.2g}" for ratio in RATIOS),
        "coverage_n": found.coverage[0].n,
        "coverage": _percent(found.coverage[0].share),
        "coverage_verdict": _verdict(kept=kept["coverage"]),
        "coverage_rows": _rows(found.coverage),
        "claims_n": found.claims[0].n,
        "claims": _percent(found.claims[0].share),
        "claims_verdict": _verdict(kept=kept["false claims"]),
        "claims_rows": _rows(found.claims),
        "commit": found.commit,
        "calibration_n": sum(told.n for told in found.calibration),
        "calibration_rows": "\n".join(
            f"| {told.n} | {_percent(told.said)} % | {_percent(told.true)} % |" for told in found.calibration
        ),
        "cases_n": len(found.cases),
        "simulated": SIMULATED,
        "more_rows": _more_rows(found.cases),
        "more_verdict": f"Aim: 80 % in the first two rows. {_verdict(kept=nights)}",
        "more_low": f"{low:.0f}",
        "more_high": f"{high:.0f}",
        "alike_rows": "\n".join(
            f"  | {alike:g} | {_percent(after)} % | {_percent(in_turn)} % |"
            for alike, (after, in_turn) in found.alike.items()
        ),
        "shipped": found.shipped[0],
        "shipped_n": found.shipped[1],
        "version": __version__,
        "minutes": f"{found.seconds / 60:.0f}",
    }
    return Template(TEXT.read_text(encoding="utf-8")).substitute({name: str(value) for name, value in figures.items()})


def _rows(rows: Sequence[Row]) -> str:
    return "\n".join(f"| {row.name} | {row.n} | {_percent(row.share)} % |" for row in rows)


def _more_rows(cases: Sequence[Case]) -> str:
    names = {
        "seen": "nights more; simulated with the rate and the spread that were seen",
        "true_total": "nights in all, those that are there included; simulated with the true rate and spread",
        "true_more": "nights more; simulated with the true rate and spread",
    }
    return "\n".join(f"| {text} | {_percent(_share(cases, name))} % |" for name, text in names.items())


def _share(cases: Sequence[Case], name: str) -> float:
    return sum(getattr(case, name) for case in cases) / len(cases)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _verdict(*, kept: bool) -> str:
    return "Kept." if kept else "**Not kept.**"

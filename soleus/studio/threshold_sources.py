"""Where the value of a threshold comes from, short, with an address: out of the comments beside the numbers."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from soleus.effective import plugin_sources
from soleus.methods import number_text
from soleus.sources import sources
from soleus.studio.sliders import unit_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.criteria import Criteria
    from soleus.sources import Source

OURS: Final = "Our own number"
OPEN: Final = "Left open by"
# What the comment beside a number begins with where its standard says nothing: then it is a choice of ours.
_SAYS_NOTHING: Final = ("not stated", "practice, not rule")


class Reference(NamedTuple):
    """What is cited: authors and year, and where it can be read."""

    words: str
    url: str


class Origin(NamedTuple):
    """Where a value comes from."""

    published: bool
    source: str
    url: str = ""


_TABLE: Final = "https://pmc.ncbi.nlm.nih.gov/articles/PMC9619152/"
_MANUAL: Final = "https://aasm.org/clinical-resources/scoring-manual/"
_WASM: Final = Reference("Ferri et al. 2016 (WASM 2016)", "https://pubmed.ncbi.nlm.nih.gov/27890390/")
_AASM: Final = Reference("Berry et al. 2018 (AASM manual 2.5)", _MANUAL)
# By the constant of `detectors.published`, whose comment has the whole citation.
REFERENCES: Final[Mapping[str, Reference]] = MappingProxyType(
    {
        "WASM_2016": _WASM,
        "WASM_2016_AMPLITUDE": _WASM,
        "AASM": _AASM,
        "ALMA": Reference("AASM manual 2.5 (Berry et al. 2018), quoted from memory", _MANUAL),
        "HDCZA_2018": Reference("van Hees et al. 2018", "https://doi.org/10.1038/s41598-018-31266-z"),
        "VAN_HEES_2015": Reference("van Hees et al. 2015", "https://doi.org/10.1371/journal.pone.0142533"),
        "KRIPKE_ETH_ANKLE": Reference(
            "Kripke et al. 2010, in the version of ETH Zurich for raw acceleration",
            "https://github.com/mhslETH/ActimeterSleepAnalysis",
        ),
    }
)
# By the mark in a comment: where else a value is from, or where it was read.
MARKS: Final[Mapping[str, Reference]] = MappingProxyType(
    {
        "T3": Reference("table 3 of PMC9619152", _TABLE),
        "B": Reference("Ferri et al. 2017", "https://pubmed.ncbi.nlm.nih.gov/28366320/"),
        "JHU": Reference("the Johns Hopkins scorer", "https://github.com/pskeba1/MATPLM-Score"),
        "SOMAS": Reference("the scorer SOMAS", ""),
        "NSRR": Reference("the reading centre of the NSRR, which quotes it", ""),
        "HASPT.R": Reference("GGIR", "https://github.com/wadpac/GGIR"),
    }
)
_MARK: Final = re.compile(rf"\[({'|'.join(map(re.escape, MARKS))})\]")
# Marks that a comment begins with, with the paragraphs of the reading centre's manual.
_FIRST: Final = re.compile(rf"(?:{_MARK.pattern}(?: [AB]\.\d)?[,:]?\s*)+")
_SENTENCE: Final = re.compile(r"(?<=\. )[a-z]")
_NOTES: Final = re.compile(r"\(?science\.md [\d.]+\)?:?\s*")


class Origins:
    """Where the thresholds of a set of criteria come from.

    Parameters
    ----------
    known : mapping of str to Source
        By group and field.
    """

    def __init__(self, known: Mapping[str, Source]) -> None:
        self._known = known

    @classmethod
    def of(cls, criteria: Criteria) -> Self:
        """Return the origins of the thresholds of a set, those of its plug-ins among them."""
        return cls(sources() | plugin_sources(criteria))

    def of_threshold(self, name: str, value: Any, before: Any) -> Origin:
        """Return where a threshold comes from.

        Parameters
        ----------
        name : str
            Group and field.
        value, before : object
            What it is, and what it is in the named set.

        Returns
        -------
        Origin
            Of a value that was changed it says so, and where the one before comes from.
        """
        origin = _origin(self._known[name])
        if value == before:
            return origin
        unit = "" if before is None else unit_for(name)
        told = f"{number_text(before)} {unit}".strip()
        return Origin(published=False, source=f"Changed here, from {told}. {origin.source}", url=origin.url)


def _origin(source: Source) -> Origin:
    if not source.published:
        reason = _NOTES.sub("", source.reason)
        who = f"A number of the {source.constant}" if source.constant.startswith("plug-in") else OURS
        return Origin(published=False, source=_spelled(f"{who}: {reason}" if reason else who))
    reference = REFERENCES[source.constant]
    if source.reason.startswith(_SAYS_NOTHING):
        return Origin(published=False, source=_spelled(f"{OPEN} {reference.words}: {source.reason}"))
    first = _FIRST.match(source.reason)
    marks = [MARKS[mark] for mark in _MARK.findall(first[0])] if first else []
    words = ", ".join([reference.words, *(mark.words for mark in marks if mark.words)])
    url = next((mark.url for mark in marks if mark.url), reference.url)
    said = _MARK.sub(lambda found: MARKS[found[1]].words, source.reason[len(first[0]) if first else 0 :]).strip()
    return Origin(published=True, source=_spelled(f"{words}: {said}" if said else words), url=url)


def _spelled(text: str) -> str:
    """Return a comment as a page writes it."""
    return _SENTENCE.sub(lambda found: found[0].upper(), text.replace("uV", "µV"))

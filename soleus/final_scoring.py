"""The final word on a night: scored once while it lasts, and once more if samples came too late for that.

While the night lasts, samples that are sent again are waited for no longer than a page may lag (10 s). A sensor that
was away for minutes empties its buffer later; then the whole log is read again with a window wider than any buffer.
Whether that is necessary, and what it gives, depends on the log alone: a replay says what the finished night said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ingest.night.certificate import certificate
from soleus.findings import Findings, facts_of
from soleus.night_decoding import patient_window_s
from soleus.scoring import NightScoring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from detectors.criteria import Criteria
    from ingest.night.entries import Entry
    from ingest.night.folder import NightFolder, NightInfo
    from ingest.night.records import Record
    from soleus.night_decoding import NightDecoding

    Pieces = Callable[[], Iterable[Sequence[Record]]]
    Take = Callable[[Findings], None]


@dataclass(frozen=True, slots=True)
class FinalScoring:
    """A scored night.

    Parameters
    ----------
    scoring : NightScoring
        The reading that counts.
    first : NightDecoding or None
        The first reading, if there was a second one.
    facts : tuple of Entry
        What no scoring takes back: health and markers, as the first reading says them; empty if they were not kept.
    """

    scoring: NightScoring
    first: NightDecoding | None
    facts: tuple[Entry, ...] = ()

    def certificate(self) -> dict[str, Any]:
        """Return the completeness certificate of the night, without the files."""
        return certificate(self.scoring.info, self.scoring.decoding.account(self.first))


def score_log(pieces: Pieces, info: NightInfo, criteria: Criteria) -> FinalScoring:
    """Score a whole log.

    Parameters
    ----------
    pieces : callable
        Begins to read the log and returns its records in pieces of any size; called a second time if need be.
    info : NightInfo
        Whose night it is and which sensors were worn.
    criteria : Criteria
        Every threshold.

    Returns
    -------
    FinalScoring
        The final word.
    """
    first = NightScoring(info, criteria)
    facts: list[Entry] = []
    for piece in pieces():
        facts += facts_of(first.feed(piece), info)
    facts += facts_of(first.finish(), info)
    return concluded(first, pieces, tuple(facts))


def concluded(
    first: NightScoring, pieces: Pieces, facts: tuple[Entry, ...] = (), take: Take | None = None
) -> FinalScoring:
    """Score a finished night a second time if samples came too late for the first.

    Parameters
    ----------
    first : NightScoring
        The night, finished.
    pieces : callable
        As in :func:`score_log`.
    facts : tuple of Entry
        What to hand on.
    take : callable, optional
        Is given what each piece settles, if there is a second reading.

    Returns
    -------
    FinalScoring
        With `first` if it saw everything.
    """
    if not first.decoding.n_late:
        return FinalScoring(first, None, facts)
    again = NightScoring(first.info, first.criteria, window_s=patient_window_s(first.info))
    for piece in pieces():
        findings = again.feed(piece)
        if take is not None:
            take(findings)
    findings = again.finish()
    if take is not None:
        take(findings)
    return FinalScoring(again, first.decoding, facts)


def keep(folder: NightFolder, night: FinalScoring) -> None:
    """Write the final word on a night into its folder, the certificate last.

    Parameters
    ----------
    folder : NightFolder
        The night.
    night : FinalScoring
        What is said of it.
    """
    scoring = night.scoring
    start_ns, end_ns = scoring.span_ns
    folder.write_events(scoring.events)
    folder.write_epochs(scoring.epochs)
    folder.write_summary(
        {
            "start_ns": start_ns,
            "end_ns": end_ns,
            "final": True,
            "summary": dict(scoring.summary()),
            "sleep": [span._asdict() for span in scoring.sleep],
        }
    )
    folder.write_certificate(night.certificate())

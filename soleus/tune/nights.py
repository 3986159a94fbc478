"""The nights that thresholds are tried on: each is opened once, and its tracks are computed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from detectors.evaluate.marks import SUREST_TIER, Mark, MarkedNight
from detectors.rescore import Rescorer
from detectors.signal import NS_PER_S, S_PER_H, Quantity
from soleus.evaluation.lists import retaken, stages_of
from soleus.scorable import expect_applicable
from soleus.track_store import MappedTracks
from soleus.tune.tradeoff import BY_WORD, Counts, counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from detectors.criteria import Criteria
    from detectors.pipeline import Score
    from detectors.recording import Recording


@dataclass(frozen=True, slots=True)
class Case:
    """A recording and what it is judged by.

    Parameters
    ----------
    recording : Recording
        The signals.
    truth : MarkedNight
        The reference.
    takes : tuple of (str, str)
        Kinds of what is found that are taken for another kind.
    """

    recording: Recording
    truth: MarkedNight
    takes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class NightSource:
    """Where a night comes from; can be sent to another process.

    Parameters
    ----------
    name : str
        What to call it; names are unique.
    subject : str
        Whose night it is.
    load : callable
        Opens it.
    recording_sha256, reference_sha256, beside_sha256 : str
        What it consists of: the recording, its reference, and what stands beside the recording and says more about it;
        empty where there is none, or it is made from a seed.
    """

    name: str
    subject: str
    load: Callable[[], Case]
    recording_sha256: str = ""
    reference_sha256: str = ""
    beside_sha256: str = ""


class Bench:
    """Nights that lie ready to be scored.

    Parameters
    ----------
    sources : sequence of NightSource
        The nights.
    criteria : Criteria
        The thresholds that others differ from.
    word : str
        The class of events that is counted, a key of `BY_WORD`.
    n_open : int
        How many nights stay open. Every try goes through all nights in the same order: of more than can stay,
        the first ones do, and the others are opened each time.
    """

    def __init__(self, sources: Sequence[NightSource], criteria: Criteria, word: str, *, n_open: int) -> None:
        self._sources = {source.name: source for source in sources}
        self._criteria = criteria
        self._event_class = BY_WORD[word]
        self._n_open = n_open
        self._open: dict[str, tuple[Case, Rescorer]] = {}

    def count(self, name: str, criteria: Criteria) -> Counts:
        """Score one night and count what became of its events.

        Parameters
        ----------
        name : str
            The night.
        criteria : Criteria
            The thresholds to try.

        Returns
        -------
        Counts
            The counts.

        Raises
        ------
        ConfigError
            If the thresholds cannot be applied to it.
        """
        case, scorer = self._ready(name)
        expect_applicable(case.recording, criteria)
        found = retaken(found_in(case.recording, scorer.score(criteria)), dict(case.takes))
        return counted(found, case.truth, self._event_class, self._criteria.wasm)

    def _ready(self, name: str) -> tuple[Case, Rescorer]:
        if name in self._open:
            return self._open[name]
        case = self._sources[name].load()
        if len(self._open) >= self._n_open:
            return case, Rescorer(case.recording, self._criteria)
        self._open[name] = case, Rescorer(case.recording, self._criteria, store=MappedTracks())
        return self._open[name]


def found_in(recording: Recording, scored: Score) -> MarkedNight:
    """Return what was found as a list that can be judged.

    Parameters
    ----------
    recording : Recording
        What was scored.
    scored : Score
        What was found.

    Returns
    -------
    MarkedNight
        The list, in s from the start of the recording.
    """
    start_ns = recording.start_ns
    valid_h: Mapping[str, float | None] = scored.summary["valid_h"]
    marks = (
        Mark(
            event.kind.value,
            event.leg.value,
            (event.onset_ns - start_ns) / NS_PER_S,
            (event.end_ns - start_ns) / NS_PER_S,
            tier=event.measures.get("tier", SUREST_TIER),
            in_train=bool(event.measures.get("in_train", 0.0)),
        )
        for event in scored.events
    )
    return listed_in(recording, marks, (hours for hours in valid_h.values() if hours is not None))


def listed_in(recording: Recording, marks: Iterable[Mark], valid_h: Iterable[float]) -> MarkedNight:
    """Return marks of the detectors as a list that can be judged.

    Parameters
    ----------
    recording : Recording
        What they were found in.
    marks : iterable of Mark
        In s from the start of the recording.
    valid_h : iterable of float
        Valid time of each stream, h; empty where none was assessed.

    Returns
    -------
    MarkedNight
        The list, with what the recording itself says of the night.
    """
    streams = [source.stream for source in recording.sources]
    return MarkedNight(
        marks=tuple(marks),
        hours=recording.duration_s / S_PER_H,
        valid_h=max(valid_h, default=None),
        legs=tuple(sorted({stream.leg.value for stream in streams})),
        annotations=stages_of(recording),
        emg_fs_hz=max((stream.fs_hz for stream in streams if stream.quantity is Quantity.EMG), default=0.0),
    )

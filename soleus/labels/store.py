"""The marks of raters as the page *Label* asks for them: on the disk before an answer goes out."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from dashboards.labelling import Act, ActWay, BlindError, RaterCard, Sheet
from dashboards.unavailable import UnreadableLabelsError
from ingest.errors import IngestError
from soleus.config import ensure_private
from soleus.errors import ConfigError
from soleus.labels.acts import Done, Way
from soleus.labels.folded import FoldedSheets, Whose, grown
from soleus.labels.identity import later_ms, same_in
from soleus.labels.ledger import Placed, opened
from soleus.labels.reading import imports, read_marks
from soleus.labels.rules import KINDS, expect_key, expect_rater, kept_label
from soleus.labels.veil import BlindRaters
from soleus.labels.writing import labels_edf, labels_tsv

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from dashboards.labelling import Agreement, Label
    from soleus.labels.ledger import LabelLedger

TSV, EDF = "tsv", "edf"


class Scorers(Protocol):
    """What others than the raters marked in a recording, by their names; KeyError if there is no such recording."""

    def __call__(self, recording: str, /) -> Mapping[str, Sequence[Label]]:
        """Return the lists beside a recording, the truth of a simulated one, and what Soleus found."""
        ...


def nobody(_: str, /) -> Mapping[str, Sequence[Label]]:
    """Return that nobody but the raters marked anything."""
    return {}


class LabelStore:
    """The marks of raters in a file; implements :class:`dashboards.labelling.LabelBook`.

    Parameters
    ----------
    path : Path
        The file (:func:`soleus.labels.belongings.labels_path`); made with the first act. Several programs and threads
        may use it at once.
    about : callable
        Returns when a recording began, how long it is and whose; raises KeyError if there is none of this name.
    scorers : callable
        See :class:`Scorers`.
    now_ns : callable
        Returns the time that dates an act, UTC ns.

    Raises
    ------
    ConfigError
        If there is a file that this version does not read. Of one that is damaged or gone later, whoever asks for it
        gets an :class:`dashboards.unavailable.UnreadableLabelsError`, and nothing is written in its place.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from dashboards.labelling import Label
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = LabelStore(pathlib.Path(folder) / "labels.sqlite", lambda key: Placed(0, 3600.0))
    ...     mark = Act("1", ActWay.ADD, Label("a", "leg_movement", "left", 10.0, 12.5))
    ...     store.act("night", "Ann", mark).n_acts, store.act("night", "Ann", mark).n_acts
    (1, 1)
    """

    def __init__(
        self,
        path: Path,
        about: Callable[[str], Placed],
        scorers: Scorers = nobody,
        *,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._path = path
        self._about = about
        self._scorers = scorers
        self._now_ns = now_ns
        self._folded = FoldedSheets()
        self._blind = BlindRaters()
        self._was_there = False
        if self._is_there():
            with opened(path):
                pass

    def kinds(self) -> Sequence[str]:
        """Return the kinds that people score, in the order of their keys on the page."""
        return tuple(map(str, KINDS))

    def raters(self, recording: str) -> Sequence[RaterCard]:
        """Return who marked something in a recording, by name."""
        placed = self._placed(recording)
        if not self._is_there():
            return ()
        with self._ledger() as ledger:
            since_ms = later_ms(ledger, recording, placed)
            names = ledger.raters(recording)
            sheets = {rater: self._folded.of(ledger, Whose(recording, rater, since_ms)).sheet for rater in names}
        return tuple(
            RaterCard(rater, len(sheet.labels), sheet.blind, sheet.finished)
            for rater, sheet in sheets.items()
            if sheet.labels or sheet.undoable or sheet.redoable or sheet.finished
        )

    def blind_raters(self, recordings: Collection[str]) -> Mapping[str, Sequence[str]]:
        """Return who scores some recordings blind and has not finished, by recording; none where nobody does.

        Notes
        -----
        Who scores other data of the same name scores none of these. What is read in another way, as in another time
        zone, is still the same.
        """
        if not self._is_there():
            return {}
        with self._ledger() as ledger:
            found = {key: raters for key, raters in self._blind.of(ledger).items() if key in recordings}
            same = same_in(ledger, {key: self._placed(key) for key in found})
        return {key: raters for key, raters in found.items() if key in same}

    def sheet(self, recording: str, rater: str) -> Sheet:
        """Return what a rater has marked; nothing of a rater who has not begun."""
        placed = self._placed(recording)
        expect_rater(rater)
        if not self._is_there():
            return Sheet(())
        with self._ledger() as ledger:
            return self._folded.of(ledger, Whose(recording, rater, later_ms(ledger, recording, placed))).sheet

    def act(self, recording: str, rater: str, act: Act) -> Sheet:
        """Keep what a rater did, on the disk before this returns.

        Raises
        ------
        ValueError
            If the label is none of this recording, or the key was used for something else.
        """
        placed = self._placed(recording)
        expect_key(act.key)

        def wanted(sheet: Sheet) -> list[Done]:
            if act.way is not ActWay.DELETE:
                return [Done(act.key, Way(act.way), kept_label(act.label, placed))]
            expect_key(act.label.key)
            there = next((label for label in sheet.labels if label.key == act.label.key), None)
            return [] if there is None else [Done(act.key, Way.DELETE, there)]

        return self._keep(recording, rater, wanted)

    def undo(self, recording: str, rater: str, key: str) -> Sheet:
        """Take back the rater's last act that was not taken back; nothing where there is none."""
        expect_key(key)
        return self._keep(recording, rater, lambda _: [Done(key, Way.UNDO)])

    def redo(self, recording: str, rater: str, key: str) -> Sheet:
        """Do again what was taken back last, unless something else was done since."""
        expect_key(key)
        return self._keep(recording, rater, lambda _: [Done(key, Way.REDO)])

    def set_blind(self, recording: str, rater: str, *, blind: bool) -> Sheet:
        """Let a rater score blind, or see the others from now on."""
        way = Way.BLIND if blind else Way.OPEN
        return self._keep(recording, rater, lambda sheet: [] if sheet.blind is blind else [self._own(way, sheet)])

    def finish(self, recording: str, rater: str, *, finished: bool) -> Sheet:
        """Keep that a rater has scored the whole recording, or not yet."""
        way = Way.FINISH if finished else Way.RESUME
        return self._keep(recording, rater, lambda sheet: [] if sheet.finished is finished else [self._own(way, sheet)])

    def others(self, recording: str, rater: str) -> Mapping[str, Sequence[Label]]:
        """Return what all other raters and scorers marked, by name; BlindError for a rater who scores blind.

        Notes
        -----
        That a rater who has not begun saw it is kept: marks that come after it are not made blind.
        """
        self._expect_open(recording, rater)
        found: dict[str, Sequence[Label]] = dict(self._scorers(recording))
        for card in self.raters(recording):
            if card.rater != rater:
                # A list beside the recording may be called like a rater.
                name = card.rater if card.rater not in found else f"{card.rater} (rater)"
                found[name] = self.sheet(recording, card.rater).labels
        return found

    def agreement(self, recording: str, rater: str, other: str) -> Sequence[Agreement]:
        """Return how two agree, by class; BlindError for a rater who scores blind, ValueError if there is no other."""
        others = self.others(recording, rater)
        # Loaded here: its mathematics takes longer to load than anything else that is done with marks.
        from soleus.labels.agreement import agreements  # noqa: PLC0415 - see above

        if other not in others:
            msg = f"nobody called {other[:60]!r} marked {recording!r}, expected one of: {', '.join(others) or '(none)'}"
            raise ValueError(msg)
        labels = self.sheet(recording, rater).labels
        return agreements(labels, others[other], self._placed(recording).duration_s)

    def exported(self, recording: str, rater: str, form: str, *, kinds: Sequence[str] = ()) -> bytes:
        """Return a rater's marks as ``tsv``, or as ``edf`` with annotations alone; ValueError for another form.

        Notes
        -----
        Where the rater looked and found nothing is not in it: lists say what there is. `kinds` leaves out all others.
        """
        wanted = kinds or KINDS
        labels = [label for label in self.sheet(recording, rater).labels if label.kind in wanted]
        if form == TSV:
            return labels_tsv(labels)
        if form == EDF:
            return labels_edf(labels, self._placed(recording))
        msg = f"form is {form[:60]!r}, expected tsv or edf"
        raise ValueError(msg)

    def imported(self, recording: str, rater: str, name: str, content: bytes) -> Sheet:
        """Add the marks of a file to a rater's, one act each; ValueError, one line, if it cannot be read.

        Notes
        -----
        A mark that the rater has already, to the millisecond, is not added again.
        """
        placed = self._placed(recording)
        try:
            marks = read_marks(name, content, placed).labels
        except IngestError as error:
            raise ValueError(" ".join(str(error).split())) from error
        return self._keep(recording, rater, lambda sheet: imports(marks, sheet))

    def _keep(self, recording: str, rater: str, wanted: Callable[[Sheet], list[Done]]) -> Sheet:
        """Keep what `wanted` makes of the sheet, unless it was kept before."""
        placed = self._placed(recording)
        expect_rater(rater)
        self._is_there()
        with self._ledger() as ledger, ledger.writing():
            whose = Whose(recording, rater, later_ms(ledger, recording, placed))
            before = self._folded.of(ledger, whose)
            known = {act.key: act for act in before.acts}
            news = wanted(before.sheet)
            for act in news:
                _expect_same(act, known.get(act.key, act))
            fresh = [act for act in news if act.key not in known]
            if not fresh:
                return before.sheet
            ledger.place(recording, placed)
            ledger.append(recording, rater, fresh, whose.later_ms)
            after = grown(ledger, whose, (*before.acts, *fresh))
        return self._folded.keep(whose, after).sheet

    def _own(self, way: Way, sheet: Sheet) -> Done:
        """Return an act on the whole sheet; its key says which one it is, so that pages do not clash with it."""
        return Done(f"{way} {sheet.n_acts} {self._now_ns()}", way)

    def _expect_open(self, recording: str, rater: str) -> None:
        sheet = self.sheet(recording, rater)
        if sheet.blind:
            msg = f"{rater} scores {recording} blind, expected no question about others before that is lifted"
            raise BlindError(msg)
        if not sheet.n_acts:
            self._keep(recording, rater, lambda now: [] if now.n_acts else [self._own(Way.LOOK, now)])

    def _placed(self, recording: str) -> Placed:
        return Placed(*self._about(recording))

    def _is_there(self) -> bool:
        """Return whether there is a file; UnreadableLabelsError if it was there and is gone."""
        is_there = self._path.is_file()
        # A copy that is put in its place would overwrite what was kept in a new one meanwhile.
        if self._was_there and not is_there:
            msg = f"{self._path}: is gone; put it back, or put a whole copy in its place"
            raise UnreadableLabelsError(msg)
        self._was_there = is_there
        return is_there

    @contextmanager
    def _ledger(self) -> Iterator[LabelLedger]:
        try:
            ensure_private(self._path.parent)
            with opened(self._path, now_ns=self._now_ns) as ledger:
                yield ledger
        except (ConfigError, OSError) as error:
            raise UnreadableLabelsError(" ".join(str(error).split())) from error


def _expect_same(act: Done, kept: Done) -> None:
    """Refuse a key that was used for something else: one of the two acts would be lost."""
    if act.way is not kept.way or (act.way is not Way.DELETE and act.label != kept.label):
        msg = f"key {act.key!r} was used for another act, expected a new one"
        raise ValueError(msg)

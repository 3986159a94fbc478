"""What a person scored, out of any list that is understood."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from detectors.annotations import Annotations
from ingest.errors import DecodeError
from ingest.files.edf_header import BDF_VERSION, EDF_VERSION
from ingest.files.events_tsv import ScoredEvents
from ingest.files.parquet import read_rows
from ingest.files.scoring_edf import read_scored_edf
from ingest.files.scoring_table import Table, columns_of, find_table, read_table
from ingest.files.scoring_text import has_head, read_headed, read_hypnogram
from ingest.files.scoring_words import meaning_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SCORINGS: Final = (
    "EDF+ annotations, TSV, CSV, XML (NSRR, Profusion, RML), DOMINO or RBDtector text, or a stage per line"
)
# A night with every event scored twice is a megabyte; a recording that is no list is refused before it is read.
_MOST_BYTES: Final = 64 << 20
_XML: Final = (b"<?xml", b"<PSGAnnotation", b"<CMPStudyConfig", b"<PatientStudy")
_PARQUET: Final = b"PAR1"


def read_scoring(path: Path, *, start_ns: int | None = None, time_zone: str | None = None) -> ScoredEvents:
    """Read what a person, or another program, scored.

    Parameters
    ----------
    path : Path
        The list: annotations of EDF+, a table (CSV, TSV, Parquet), XML of the NSRR, of Profusion or RML, text of DOMINO
        or RBDtector, or a hypnogram with a stage per line. What is in it decides, not its name.
    start_ns : int, optional
        When the recording began, UTC ns: lists that say clock times are counted from there. Where it is not given they
        are counted from the start that the list tells, or else from its first row.
    time_zone : str, optional
        Where it was recorded, as it was given for the recording.

    Returns
    -------
    ScoredEvents
        Leg movements, sleep stages, respiratory events and arousals; 0 ns is the start of the recording. `left_out`
        says which names in the list mean nothing that is read.

    Raises
    ------
    DecodeError
        If the file is no such list; one line that says what, got, expected and where.
    OSError
        If it cannot be read at all.
    """
    with path.open("rb") as file:
        begin = file.read(len(EDF_VERSION))
    if begin in {EDF_VERSION, BDF_VERSION}:
        return read_scored_edf(path, start_ns, time_zone)
    size = path.stat().st_size
    if size > _MOST_BYTES:
        raise DecodeError(f"{path}: has {size} bytes, expected a list of at most {_MOST_BYTES}")
    if begin.startswith(_PARQUET):
        return read_table(_parquet_table(path), path, start_ns, time_zone)
    stored = path.read_bytes()
    if stored.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_XML) or path.suffix.lower() in {".xml", ".rml"}:
        # Loaded here: few lists are XML, and the parser is not small.
        from ingest.files.scoring_xml import read_xml  # noqa: PLC0415 - see above

        return read_xml(path)
    return _read_text(path, _text(stored, path), start_ns, time_zone)


def joined(scorings: Sequence[ScoredEvents]) -> ScoredEvents:
    """Return several lists of one recording as one: laboratories export stages, breathing and movements apart.

    Parameters
    ----------
    scorings : sequence of ScoredEvents
        Each as :func:`read_scoring` returns it.

    Returns
    -------
    ScoredEvents
        All of them, by onset.

    Raises
    ------
    DecodeError
        If more than one of them has sleep stages, and they overlap.
    """
    stages = sorted(span for one in scorings for span in one.annotations.stages)
    breaths = sorted(span for one in scorings for span in one.annotations.respiratory)
    arousals = sorted(span for one in scorings for span in one.annotations.arousals)
    movements = sorted((m for one in scorings for m in one.movements), key=lambda m: (m.onset_ns, m.end_ns))
    left_out: Counter[str] = Counter()
    for one in scorings:
        left_out.update(dict(one.left_out))
    try:
        annotations = Annotations(tuple(stages), tuple(breaths), tuple(arousals))
    except ValueError as error:
        raise DecodeError(f"{len(scorings)} lists of one recording: {error}") from error
    others = tuple(other for one in scorings for other in one.others)
    return ScoredEvents(tuple(movements), annotations, others, tuple(sorted(left_out.items())))


def _parquet_table(path: Path) -> Table:
    names, rows = read_rows(path)
    columns = columns_of(names)
    if columns is None:
        raise DecodeError(f"{path}: got columns {', '.join(names)[:80]}, expected an onset and a kind of event")
    return Table(columns, [(f"{path}: row {number}", cells) for number, cells in enumerate(rows, start=1)])


def _read_text(path: Path, text: str, start_ns: int | None, time_zone: str | None) -> ScoredEvents:
    # Not splitlines: a note may hold the tabs and separators of lines that other programs know.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if has_head(lines[:20]):
        return read_headed(path, lines, start_ns, time_zone)
    table = find_table(lines, str(path))
    if table is not None:
        return read_table(table, path, start_ns, time_zone)
    first = next((line.strip() for line in lines if line.strip()), None)
    if first is None:
        raise DecodeError(f"{path}: is empty, expected {SCORINGS}")
    try:
        return read_hypnogram(path, lines)
    except DecodeError as error:
        if meaning_of(first, is_stage=True) is not None:
            raise
        raise DecodeError(f"{path}: begins with {first[:40]!r}, expected {SCORINGS}") from error


def _text(stored: bytes, path: Path) -> str:
    """Return a text; programs of laboratories write UTF-8, UTF-16 with its mark, or the letters of Western Europe."""
    if stored.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return stored.decode("utf-16")
        except UnicodeDecodeError as error:
            raise DecodeError(f"{path}: byte {error.start} is not UTF-16, expected {SCORINGS}") from error
    if b"\0" in stored:
        raise DecodeError(f"{path}: byte {stored.index(0)} is 0, expected {SCORINGS}")
    try:
        return stored.decode("utf-8-sig")
    except UnicodeDecodeError:
        return stored.decode("cp1252", "replace")

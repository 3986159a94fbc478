"""Lists of scored events as XML: of the NSRR, of Compumedics Profusion, and RML of Philips Sleepware and Somnolyzer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]  # has no types
from defusedxml.ElementTree import parse  # type: ignore[import-untyped]  # has no types

from ingest.errors import DecodeError
from ingest.files.scored_rows import EPOCH_NS, Row, length_ns, put_together, seconds_ns
from ingest.files.scoring_words import meaning_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from ingest.files.events_tsv import ScoredEvents

_ROOTS: Final = "PSGAnnotation, CMPStudyConfig or PatientStudy"
_NSRR, _PROFUSION, _RESPIRONICS = "PSGAnnotation", "CMPStudyConfig", "PatientStudy"
_STAGING: Final = ("UserStaging", "MachineStaging")
"""What a person staged is taken where both are there."""
_STAGE_TYPE: Final = "Stages"


def read_xml(path: Path) -> ScoredEvents:
    """Read a list of scored events as XML; its times count from the start of the recording.

    Parameters
    ----------
    path : Path
        Root ``PSGAnnotation`` (NSRR: events and stages as ``ScoredEvent``), ``CMPStudyConfig`` (Profusion: events as
        ``ScoredEvent``, stages in ``SleepStages``) or ``PatientStudy`` (RML: events as ``Event``, stages as ``Stage``).

    Returns
    -------
    ScoredEvents
        What was scored.

    Raises
    ------
    DecodeError
        If it is no such XML. Entities are refused, with which a small file could fill the memory.
    """
    try:
        root: Element | None = parse(path).getroot()
    except ParseError as error:
        raise DecodeError(f"{path}: is no whole XML ({error}), expected a list of scored events") from error
    except (DefusedXmlException, LookupError, ValueError) as error:
        raise DecodeError(
            f"{path}: is XML that is not read ({error}), expected a plain list of scored events"
        ) from error
    if root is None:
        raise DecodeError(f"{path}: is empty, expected {_ROOTS}")
    kind = _name(root)
    if kind in {_NSRR, _PROFUSION}:
        rows = [*_scored(root, path), *_epochs(root, path)]
    elif kind == _RESPIRONICS:
        rows = [*_rml_events(root, path), *_rml_stages(root, path)]
    else:
        raise DecodeError(f"{path}: is XML with the root {kind[:40]!r}, expected {_ROOTS}")
    return put_together(rows, path)


def _scored(root: Element, path: Path) -> Iterator[Row]:
    for number, event in enumerate(_all(root, "ScoredEvent"), start=1):
        place = f"{path}: ScoredEvent {number}"
        name = _text(event, "EventConcept") or _text(event, "Name")
        # The concept of an event is left empty in some files, and only its notes say what it was.
        name = _text(event, "Notes") or name if name == "Technician Notes" else name
        where = _text(event, "SignalLocation") or _text(event, "Input")
        onset = seconds_ns(_text(event, "Start") or _text(event, "Starttime"), "Start", place)
        is_stage = _text(event, "EventType").startswith(_STAGE_TYPE)
        meaning = meaning_of(name, where, is_stage=is_stage)
        yield Row(onset, length_ns(_text(event, "Duration"), "Duration", place), name, meaning)


def _epochs(root: Element, path: Path) -> Iterator[Row]:
    """Yield the stages of Profusion: one number for each epoch."""
    told = next((one.text or "" for one in _all(root, "EpochLength")), "")
    epoch_ns = length_ns(told, "EpochLength", str(path)) or EPOCH_NS
    stages = [one for block in _all(root, "SleepStages") for one in _all(block, "SleepStage")]
    for number, one in enumerate(stages):
        name = (one.text or "").strip()
        yield Row(number * epoch_ns, epoch_ns, f"stage {name}", meaning_of(name, is_stage=True))


def _rml_events(root: Element, path: Path) -> Iterator[Row]:
    for number, event in enumerate(_all(root, "Event"), start=1):
        place = f"{path}: Event {number}"
        name, where = event.get("Type", ""), event.get("Location", event.get("EdfSignal", ""))
        onset = seconds_ns(event.get("Start", ""), "Start", place)
        yield Row(onset, length_ns(event.get("Duration", ""), "Duration", place), name, meaning_of(name, where))


def _rml_stages(root: Element, path: Path) -> Iterator[Row]:
    for staging in _STAGING:
        stages = [one for block in _all(root, staging) for one in _all(block, "Stage")]
        for number, one in enumerate(stages, start=1):
            onset = seconds_ns(one.get("Start", ""), "Start", f"{path}: Stage {number}")
            name = one.get("Type", "")
            yield Row(onset, None, name, meaning_of(name, is_stage=True))
        if stages:
            return


def _all(root: Element, name: str) -> Iterator[Element]:
    """Yield every element of a name, in whatever namespace."""
    return (one for one in root.iter() if _name(one) == name)


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: Element, name: str) -> str:
    return next(((child.text or "").strip() for child in element if _name(child) == name), "")

"""Files to lists of marks: results of ``soleus score``, what people scored, and the truth of a simulated night."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.annotations import Annotations
from detectors.evaluate.marks import LEGS, SUREST_TIER, Mark, MarkedNight, SleepState, joined
from detectors.evaluate.membership import LEAST_S
from detectors.events import EventKind, Stage
from detectors.pipeline import Pipeline
from detectors.rules.series import NOTHING_SCORED
from detectors.signal import NS_PER_S, S_PER_H, Leg, Quantity
from detectors.simulate.truth import SpanKind
from soleus.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from detectors.criteria import Criteria
    from detectors.events import StageSpan
    from detectors.recording import Recording
    from ingest.files.events_tsv import ScoredEvents

TRUTH_COLUMNS = frozenset({"onset", "duration", "trial_type", "leg", "clear", "amplitude_uv", "angle_deg", "cause"})


def marked_result(answer: Mapping[str, Any], annotations: Annotations = NOTHING_SCORED) -> MarkedNight:
    """Return what ``soleus score`` found.

    Parameters
    ----------
    answer : mapping
        From :func:`soleus.result.result`, or one line of ``soleus score --format json``.
    annotations : Annotations
        What a person scored in that recording; 0 ns is its start.

    Returns
    -------
    MarkedNight
        Every event; a list that looks for every kind.

    Raises
    ------
    ConfigError
        If it is no such result.
    """
    try:
        recording = answer["recording"]
        streams = recording["streams"]
        rates = [stream["fs_hz"] for stream in streams if stream["quantity"] == Quantity.EMG]
        valid_h = [_finite(hours) for hours in (answer["summary"].get("valid_h") or {}).values() if hours is not None]
        return MarkedNight(
            tuple(map(_found, answer["events"])),
            _finite(recording["duration_s"]) / S_PER_H,
            max(valid_h, default=None),
            legs=tuple(dict.fromkeys(stream["leg"] for stream in streams)) or LEGS,
            emg_fs_hz=float(max(rates, default=0.0)),
            annotations=annotations,
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        missing = f"without {error}" if isinstance(error, KeyError) else f"in which {error}"
        msg = f"got a result {missing}, expected one of `soleus score --format json`"
        raise ConfigError(msg) from error


def retaken(night: MarkedNight, kinds: Mapping[str, str]) -> MarkedNight:
    """Return a list in which events of one kind are taken for another, in place of those that it had of that.

    Parameters
    ----------
    night : MarkedNight
        The list.
    kinds : mapping of str to str
        What is taken for what, for example ``{"plugin_lab_spasm": "cramp"}``.
    """
    if not kinds:
        return night
    left = [mark for mark in night.marks if mark.kind not in kinds and mark.kind not in kinds.values()]
    taken = [replace(mark, kind=kinds[mark.kind]) for mark in night.marks if mark.kind in kinds]
    return replace(night, marks=(*left, *taken))


def stages_of(recording: Recording) -> Annotations:
    """Return the stages that a recording brings along, counted from its start."""
    start_ns = recording.start_ns
    moved = (
        span._replace(onset_ns=span.onset_ns - start_ns, end_ns=span.end_ns - start_ns) for span in recording.stages
    )
    return Annotations(tuple(moved))


def estimated_sleep(recording: Recording, criteria: Criteria) -> tuple[SleepState, ...]:
    """Return when the legs say that somebody sleeps, whatever stages a person scored.

    Parameters
    ----------
    recording : Recording
        What was recorded.
    criteria : Criteria
        Every threshold.

    Returns
    -------
    tuple of SleepState
        By onset; empty where the sensors cannot say it.
    """
    layout = recording.layout
    streams = [source.stream for source in recording.sources] if layout is None else []
    pipeline = Pipeline(criteria, streams, (), None if layout is None else layout.movement_sensors)
    for item in recording.items(None):
        pipeline.feed(item)
    pipeline.finish()
    start_ns = recording.start_ns
    return tuple(
        SleepState((span.onset_ns - start_ns) / NS_PER_S, (span.end_ns - start_ns) / NS_PER_S, span.asleep)
        for span in pipeline.sleep
    )


def marked_scoring(listed: ScoredEvents) -> MarkedNight:
    """Return what a person scored.

    Parameters
    ----------
    listed : ScoredEvents
        The list; 0 ns is the start of the recording.

    Returns
    -------
    MarkedNight
        What was marked twice on one leg is one movement, and what is shorter than the rules allow is none.
        The list looks for leg movements and for whatever else stands in it.
    """
    movements = [
        Mark(EventKind.LEG_MOVEMENT, leg, onset_s, end_s)
        for leg in dict.fromkeys(movement.leg.value for movement in listed.movements)
        for onset_s, end_s in _whole(movement for movement in listed.movements if movement.leg == leg).tolist()
        if end_s - onset_s >= LEAST_S
    ]
    others = [
        Mark(one.kind.value, one.leg.value, one.onset_ns / NS_PER_S, one.end_ns / NS_PER_S) for one in listed.others
    ]
    stages = listed.annotations.stages
    ends_s = [span.end_ns / NS_PER_S for span in stages] + [mark.end_s for mark in (*movements, *others)]
    return MarkedNight(
        (*movements, *others),
        max(ends_s, default=0.0) / S_PER_H,
        looked_for=frozenset({EventKind.LEG_MOVEMENT.value, *(mark.kind for mark in others)}),
        annotations=listed.annotations,
        sleep=tuple(_state(span) for span in stages),
    )


def is_truth(path: Path) -> bool:
    """Return whether a file is the truth of a simulated night."""
    with path.open(encoding="utf-8", errors="replace") as file:
        header = file.readline().rstrip("\r\n").split("\t")
    return set(header) >= TRUTH_COLUMNS


def read_truth(path: Path) -> MarkedNight:
    """Read what truly happens in a simulated night.

    Parameters
    ----------
    path : Path
        ``truth.tsv`` of ``soleus simulate``; ``truth.json`` stands beside it.

    Returns
    -------
    MarkedNight
        Events, and, where ``truth.json`` is there, stretches in which the signal is bad, the noise of each leg, and
        sleep.

    Raises
    ------
    ConfigError
        If one of the two is not what ``soleus simulate`` wrote.
    OSError
        If one of the two cannot be read.
    """
    parameters = path.with_suffix(".json")
    try:
        with path.open(encoding="utf-8", newline="") as file:
            marks = [_true(row) for row in csv.DictReader(file, delimiter="\t")]
        if not parameters.exists():
            hours = max((mark.end_s for mark in marks), default=0.0) / S_PER_H
            return MarkedNight(tuple(marks), hours, looked_for=frozenset(EventKind), noise_uv={})
        return _with_parameters(marks, json.loads(parameters.read_text(encoding="utf-8")))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        both = f"{path}: cannot be read with {parameters.name} beside it"
        msg = f"{both}, expected both as `soleus simulate` wrote them: {error}"
        raise ConfigError(msg) from error


def _with_parameters(marks: Sequence[Mark], made: Mapping[str, Any]) -> MarkedNight:
    # The other stretches are events as well.
    bad = [
        Mark(span["kind"], span["leg"], span["onset_s"], span["end_s"], clear=False)
        for span in made["spans"]
        if span["kind"] == SpanKind.BAD_QUALITY
    ]
    return MarkedNight(
        (*marks, *bad),
        _finite(made["duration_s"]) / S_PER_H,
        looked_for=frozenset(EventKind),
        noise_uv={leg: _finite(setup["noise_uv"]) for leg, setup in made["legs"].items()},
        sleep=tuple(SleepState(s["onset_s"], s["end_s"], s["stage"] != Stage.WAKE) for s in made["stages"]),
    )


def start_ns_of(answer: Mapping[str, Any]) -> int | None:
    """Return when the recording of a result began, UTC ns; None where it does not say."""
    try:
        return round(datetime.fromisoformat(answer["recording"]["start"]).timestamp() * NS_PER_S)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _finite(value: Any) -> float:
    number = float(value)
    if not (isfinite(number) and number >= 0):
        msg = f"a length is {number}"
        raise ValueError(msg)
    return number


def _found(event: Mapping[str, Any]) -> Mark:
    measures = event["measures"]
    return Mark(
        EventKind(event["kind"]).value,
        Leg(event["leg"]).value,
        float(event["onset_s"]),
        float(event["end_s"]),
        tier=float(measures.get("tier", SUREST_TIER)),
        # Movements in a rhythmic train are told and take no part in any series.
        in_train=bool(measures.get("in_train", 0.0)),
    )


def _true(row: Mapping[str, str]) -> Mark:
    onset_s = float(row["onset"])
    return Mark(
        EventKind(row["trial_type"]).value,
        Leg(row["leg"]).value,
        onset_s,
        onset_s + float(row["duration"]),
        clear=row["clear"] == "1",
        cause=row["cause"],
        amplitude_uv=float(row["amplitude_uv"]),
        angle_deg=float(row["angle_deg"]),
    )


def _whole(movements: Iterable[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    spans = [(one.onset_ns / NS_PER_S, one.end_ns / NS_PER_S) for one in movements]
    return joined(np.array(spans, dtype=np.float64).reshape(-1, 2))


def _state(span: StageSpan) -> SleepState:
    return SleepState(span.onset_ns / NS_PER_S, span.end_ns / NS_PER_S, span.stage is not Stage.WAKE)

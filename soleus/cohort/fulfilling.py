"""One recording scored, wherever that happens."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from detectors.pipeline import score
from ingest.errors import IngestError
from ingest.files.opening import open_recording
from ingest.files.scorings import read_scoring
from soleus.cohort.data_hash import hash_of
from soleus.cohort.order import Outcome, State
from soleus.errors import ConfigError
from soleus.explanation import explained
from soleus.result import result
from soleus.scorable import expect_applicable, expect_of_a_leg, expect_stages_inside

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from detectors.events import StageSpan
    from detectors.recording import Recording
    from soleus.cohort.order import Manner, Order


def fulfil(order: Order) -> Outcome:
    """Score one recording; whatever is wrong with it is told and not raised.

    Parameters
    ----------
    order : Order
        The recording.

    Returns
    -------
    Outcome
        The same wherever it is made.
    """
    data = None
    try:
        data = hash_of(order.path) if order.hashed else None
        if data is not None and data == order.done:
            return Outcome(order.name, State.KEPT, data=data)
        answer, start_ns = _scored(order)
    except (ConfigError, IngestError) as error:
        # As it was given: where it lies from the root is another thing on another machine.
        reason = " ".join(str(error).replace(str(order.path), order.name).split())
        return Outcome(order.name, State.FAILED, data=data, reason=reason)
    except OSError as error:
        return Outcome(order.name, State.FAILED, data=data, reason=f"{order.name}: {error.strerror or error}")
    except MemoryError:
        reason = f"{order.name}: needs more memory than there is"
        return Outcome(order.name, State.FAILED, data=data, reason=reason)
    return Outcome(order.name, State.SCORED, answer, start_ns, data)


def _scored(order: Order) -> tuple[Mapping[str, Any], int]:
    manner = order.manner
    recording = opened(order.path, order.name, manner)
    scored = score(
        recording,
        manner.criteria,
        block_samples=manner.block_samples,
        with_rejected=manner.with_reasons,
        with_epochs=False,
    )
    answer = result(recording, manner.criteria, scored)
    told = explained(answer, scored, recording.start_ns) if manner.with_reasons else answer
    return told, recording.start_ns


def opened(path: Path, name: str, manner: Manner) -> Recording:
    """Open a recording and refuse what cannot be scored.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What to call it.
    manner : Manner
        How it is read, and the thresholds that must fit it.

    Returns
    -------
    Recording
        The recording.

    Raises
    ------
    ConfigError
        If thresholds or stages do not fit it, or it is not of a leg.
    IngestError
        If it cannot be read.
    OSError
        If it is not there.
    """
    read = open_recording(
        path, channels=manner.channels, layout=manner.layout, time_zone=manner.time_zone, salvage=manner.salvage
    )
    recording = replace(read, name=name)
    expect_of_a_leg(recording)
    if manner.stages is not None:
        recording = replace(recording, stages=_stages(manner.stages, recording.start_ns, manner.time_zone))
    expect_applicable(recording, manner.criteria)
    end_ns = max((one.clock.at(one.n_samples) for one in recording.sources), default=recording.start_ns)
    expect_stages_inside(recording.stages, (recording.start_ns, end_ns), name=name)
    return recording


def _stages(path: Path, start_ns: int, time_zone: str | None) -> tuple[StageSpan, ...]:
    """Read stages of any list, and count them from the start of the recording."""
    listed = read_scoring(path, start_ns=start_ns, time_zone=time_zone).annotations.stages
    return tuple(span._replace(onset_ns=start_ns + span.onset_ns, end_ns=start_ns + span.end_ns) for span in listed)

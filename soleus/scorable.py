"""Whether thresholds, streams and stages go together, asked before anything is scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.criteria import named
from detectors.pipeline import Pipeline
from detectors.signal import NS_PER_S, Leg
from detectors.unscored import why_unscored
from ingest.files.device_streams import worn_elsewhere
from soleus.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.criteria import Criteria
    from detectors.events import StageSpan
    from detectors.recording import Recording
    from detectors.signal import Stream

# What a damaged header says may be anything, and windows of a rate ask for memory in proportion.
FASTEST_HZ = 1e6
_PUBLISHED = "wasm-2016"


def expect_scorable(
    criteria: Criteria, streams: Sequence[Stream], stages: Sequence[StageSpan] = (), *, name: str
) -> None:
    """Refuse streams, or stages that a person scored, that the thresholds cannot be applied to.

    Parameters
    ----------
    criteria : Criteria
        Every threshold.
    streams : sequence of Stream
        What was recorded.
    stages : sequence of StageSpan
        What a person scored.
    name : str
        What to call the recording.

    Raises
    ------
    ConfigError
        If a stream is too slow for a band, or faster than any sensor, or stages overlap.
    """
    for stream in streams:
        if stream.fs_hz > FASTEST_HZ:
            msg = f"{name}: {stream.fs_hz:g} samples per second, expected at most {FASTEST_HZ:g}: no sensor is as fast"
            raise ConfigError(msg)
    try:
        Pipeline(criteria, streams, stages)
    except ValueError as error:
        msg = f"{name}: {error}"
        raise ConfigError(msg) from error


def expect_usable(criteria: Criteria, stream: Stream, *, name: str) -> None:
    """Refuse thresholds that cannot be applied to a stream although the published ones can.

    A stream that no rules can be applied to, such as EMG in counts, is no reason to refuse a night:
    it is left unscored, and the summary says why.

    Parameters
    ----------
    criteria : Criteria
        Every threshold.
    stream : Stream
        What a sensor sends.
    name : str
        What to call the recording.

    Raises
    ------
    ConfigError
        If the thresholds are at fault.
    """
    if why_unscored(stream, named(_PUBLISHED)) is None:
        expect_scorable(criteria, [stream], name=name)


def expect_applicable(recording: Recording, criteria: Criteria) -> None:
    """Refuse thresholds that cannot be applied; of a night, also an exported one, only where they are at fault.

    Parameters
    ----------
    recording : Recording
        What is to be scored.
    criteria : Criteria
        Every threshold.

    Raises
    ------
    ConfigError
        If they cannot be applied to it.
    """
    streams = [source.stream for source in recording.sources]
    expect_scorable(criteria, streams if recording.layout is None else (), recording.stages, name=recording.name)
    for stream in streams if recording.layout is not None else ():
        expect_usable(criteria, stream, name=recording.name)


def expect_of_a_leg(recording: Recording) -> None:
    """Refuse a device that was worn elsewhere: what moved there is no leg movement.

    Parameters
    ----------
    recording : Recording
        What is to be scored.

    Raises
    ------
    ConfigError
        If it was.
    """
    for stream in (one.stream for one in recording.sources):
        if stream.leg is Leg.UNKNOWN and worn_elsewhere(stream.site):
            msg = (
                f"{recording.name}: was worn at {stream.site!r}, expected a leg; if it was one, say which "
                f"with --channel {stream.quantity}=ACC-L"
            )
            raise ConfigError(msg)


def expect_stages_inside(stages: Sequence[StageSpan], span_ns: tuple[int, int], *, name: str) -> None:
    """Refuse stages of another recording: their sleep would be told as that of this one.

    Parameters
    ----------
    stages : sequence of StageSpan
        What a person scored, by onset; may be empty.
    span_ns : tuple of int
        Begin and end of the recording, UTC ns.
    name : str
        What to call the recording.

    Raises
    ------
    ConfigError
        If all of the stages lie outside the recording.
    """
    start_ns, end_ns = span_ns
    if not stages or any(stage.onset_ns < end_ns and stage.end_ns > start_ns for stage in stages):
        return
    first_s, last_s = ((at_ns - start_ns) / NS_PER_S for at_ns in (stages[0].onset_ns, stages[-1].end_ns))
    msg = (
        f"{name}: the stages lie from {first_s:.0f} s to {last_s:.0f} s after its start, "
        f"expected some of them within its {(end_ns - start_ns) / NS_PER_S:.0f} s"
    )
    raise ConfigError(msg)

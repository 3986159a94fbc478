"""What really happens in a simulated night."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from detectors.events import EventKind
    from detectors.signal import Leg


class Cause(StrEnum):
    """What makes an event, where its kind does not say so."""

    PERIODIC = "periodic"
    ISOLATED = "isolated"
    SHORT_INTERVAL = "short_interval"
    STRETCH = "stretch"
    TURN = "turn"
    LARGE_MOVEMENT = "large_movement"
    CRAMP = "cramp"
    CREEPING = "creeping"
    SPASM = "spasm"
    HOLD = "hold"
    TREMOR = "tremor"
    HIGH_FREQUENCY = "high_frequency"
    ALTERNATING = "alternating"
    CLONUS = "clonus"
    FASCICULATION = "fasciculation"
    MYOCLONUS = "myoclonus"
    JERK = "jerk"
    STANDING = "standing"
    AWAKENING = "awakening"
    TABLE = "table"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class TruthEvent:
    """Something that happens in a simulated night.

    Parameters
    ----------
    kind : EventKind
        The class that a detector would give it; a contraction held on purpose is ``tonic``.
    leg : Leg
        The leg; a bilateral movement is two events, an awakening is one of both legs.
    onset_s, end_s : float
        ``[onset, end)`` from the start of the night, s; the envelope is above zero in between.
    amplitude_uv : float
        Level of the plateau, µV RMS; of a single potential its height from peak to peak, µV; 0 where no
        muscle takes part.
    clear : bool
        Whether it stands clear of the noise, so that a detector is expected to find it.
    series : int or None
        Number of the periodic series that it belongs to.
    rise_10_s : float
        When the envelope reaches 10 % of the plateau, from the start of the night, s.
    angle_deg : float
        How far the leg turns, degrees; 0 where acceleration shows nothing.
    cause : Cause or None
        What makes it.
    """

    kind: EventKind
    leg: Leg
    onset_s: float
    end_s: float
    amplitude_uv: float
    clear: bool
    series: int | None = None
    rise_10_s: float = 0.0
    angle_deg: float = 0.0
    cause: Cause | None = None

    @property
    def duration_s(self) -> float:
        """Length, s."""
        return self.end_s - self.onset_s


class SpanKind(StrEnum):
    """What a stretch of the night is like."""

    SLEEP = "sleep"
    WAKE = "wake"
    UPRIGHT = "upright"
    NOT_WORN = "not_worn"
    ELECTRODE_OFF = "electrode_off"
    BAD_QUALITY = "bad_quality"


class TruthSpan(NamedTuple):
    """A stretch of the night, ``[onset, end)``, s."""

    kind: SpanKind
    leg: Leg
    onset_s: float
    end_s: float

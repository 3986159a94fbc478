"""What a night lost: stretches without samples, each with its cause."""

from __future__ import annotations

from array import array
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from detectors.signal import GapCause

if TYPE_CHECKING:
    from collections.abc import Iterator


class Cause(StrEnum):
    """Why samples are missing from a night."""

    AIR = "air"
    """Packets that were sent and did not arrive."""

    MALFORMED = "malformed"
    """Packets that arrived and could not be read."""

    DEVICE = "device"
    """Lost inside the sensor, which then counted on, or began to count anew."""

    RECONNECT = "reconnect"
    """The link was lost."""

    SILENCE = "silence"
    """The sensor was linked and sent nothing."""

    BATTERY = "battery"
    """The sensor's last words were an empty battery."""

    SUSPEND = "suspend"
    """The computer slept, or stood still."""

    COLLECTOR = "collector"
    """The program did not run, or the computer could not write what came."""

    START = "start"
    """The night had begun and the sensor had not been heard yet."""


CAUSE_OF_GAP = {
    GapCause.AIR: Cause.AIR,
    GapCause.DEVICE: Cause.DEVICE,
    GapCause.RECONNECT: Cause.RECONNECT,
    GapCause.MALFORMED: Cause.MALFORMED,
    GapCause.SILENCE: Cause.SILENCE,
    GapCause.END: Cause.DEVICE,
}
_CAUSES = tuple(Cause)
_NUMBER = {cause: number for number, cause in enumerate(_CAUSES)}


class Loss(NamedTuple):
    """A stretch of one stream without samples.

    Parameters
    ----------
    start_ns, end_ns : int
        UTC, ns, on the clock of the samples.
    n_missing : int
        How many samples.
    cause : Cause
        Why.
    counted : bool
        Whether the sensor's own count says how many; otherwise it is time at the nominal rate.
    """

    start_ns: int
    end_ns: int
    n_missing: int
    cause: Cause
    counted: bool = True

    @property
    def length_ns(self) -> int:
        """How long, ns."""
        return self.end_ns - self.start_ns


class Losses:
    """All losses of one stream, kept small: a bad night has a hundred thousand."""

    def __init__(self) -> None:
        self._whole = tuple(array("q") for _ in Loss._fields[:3])
        self._causes = array("b")
        self._counted = array("b")

    def add(self, loss: Loss) -> None:
        """Keep one more."""
        for column, value in zip(self._whole, (loss.start_ns, loss.end_ns, loss.n_missing), strict=True):
            column.append(value)
        self._causes.append(_NUMBER[loss.cause])
        self._counted.append(loss.counted)

    def __len__(self) -> int:
        return len(self._causes)

    def __iter__(self) -> Iterator[Loss]:
        for start_ns, end_ns, n_missing, cause, counted in zip(*self._whole, self._causes, self._counted, strict=True):
            yield Loss(start_ns, end_ns, n_missing, _CAUSES[cause], bool(counted))

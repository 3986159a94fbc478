"""What one kind of sensor sends, as data: its streams, how their samples are counted, and what is said about it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.signal import GapCause
from ingest.decoders.outlet import BACKFILL_WINDOW_S

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from detectors.signal import Quantity, Unit
    from ingest.decoders.base import Decoder, Placement, StatusKind
    from ingest.decoders.profile import DeviceProfile, LossMode

    Options = Mapping[str, float]


LEAST_HZ, MOST_HZ = 0.1, 20_000.0
"""No sensor that is worn is slower, and no Bluetooth Low Energy link carries more; any other rate is a slip."""
MOST_OPTION = 1e19
"""Up to this, whole numbers that are scaled by an option stay ones that single precision can hold."""
_RATE = "fs_hz"


@dataclass(frozen=True, slots=True)
class Counting:
    """How the samples of a stream are counted.

    Parameters
    ----------
    mode : LossMode
        What tells of a loss.
    span : int
        The counter repeats after so many counts, the device's clock after so many ns; 0 for never.
    samples_per_count : int
        Samples that one count stands for.
    survives_link : bool
        Whether the count goes on while the link is lost; otherwise a new link begins a new segment.
    on_change : bool
        Whether the sensor sends a sample only when it differs from the last one, so that silence means no change.
    """

    mode: LossMode
    span: int = 0
    samples_per_count: int = 1
    survives_link: bool = False
    on_change: bool = False


@dataclass(frozen=True, slots=True)
class StreamLayout:
    """One stream of a kind of sensor, before anyone wears it.

    Parameters
    ----------
    quantity : Quantity
        What is measured.
    unit : Unit
        Unit of the samples; counts where no scale is published.
    axes : tuple of str
        Names of the columns.
    fs_hz : float
        Nominal sampling rate, Hz.
    counting : Counting
        How its samples are counted.
    """

    quantity: Quantity
    unit: Unit
    axes: tuple[str, ...]
    fs_hz: float
    counting: Counting


class Samples(NamedTuple):
    """Samples of one packet.

    Parameters
    ----------
    layout : StreamLayout
        Their stream; a layout that differs from the one before of the same quantity begins a new segment.
    data : ndarray of float32, shape (n_samples, n_axes)
        In the layout's unit.
    counter : int or None
        The counter as it was sent: that of the first sample, or of the packet.
    device_ns : int or None
        The device's clock at the first sample, ns, as it was sent.
    unix_ns : int or None
        UTC of the first sample as the device believes, ns; it places a night that is played faster than it lasts.
    cause : GapCause
        Why samples are missing before these, if any are and the link stood.
    usable : bool
        Whether they are handed out; otherwise they only take their place, and belong to a gap.
    """

    layout: StreamLayout
    data: NDArray[np.float32]
    counter: int | None = None
    device_ns: int | None = None
    unix_ns: int | None = None
    cause: GapCause = GapCause.AIR
    usable: bool = True


class Reported(NamedTuple):
    """What a sensor says about itself.

    Parameters
    ----------
    kind : StatusKind
        What it is about.
    detail : str
        In words.
    values : mapping of str to float
        Numbers, the unit in the key.
    """

    kind: StatusKind
    detail: str
    values: Mapping[str, float]


class Pressed(NamedTuple):
    """The button of a sensor was pressed.

    Parameters
    ----------
    label : str
        What to call the marker.
    """

    label: str = "button"


class Restarted(NamedTuple):
    """The sensor counts anew from here: every stream begins a new segment.

    Parameters
    ----------
    detail : str
        Why, in words.
    """

    detail: str


Said = Samples | Reported | Pressed | Restarted


@dataclass(frozen=True, slots=True)
class DeviceOption:
    """A fact about a sensor that its packets do not carry.

    Parameters
    ----------
    meaning : str
        What it is, with the unit.
    default : float or None
        Its value unless said otherwise; None if the sensor says it during set-up, or nothing is assumed.
    allowed : tuple of float
        Values that make sense; empty for any positive number within :func:`option_bounds`.
    assumed : float or None
        Where there is no default: what is taken for it if the sensor does not say it either; None for nothing.
    """

    meaning: str
    default: float | None = None
    allowed: tuple[float, ...] = ()
    assumed: float | None = None


@dataclass(frozen=True, slots=True)
class DeviceCard:
    """What a person wants to know about a kind of sensor before buying or wearing one.

    Parameters
    ----------
    title : str
        What it is called in shops.
    placement : str
        Where on the leg it can be worn.
    modality : str
        What it measures and how fast.
    loss : str
        How lost samples are noticed, and how exactly.
    mtu : str
        Link size that it needs.
    sources : tuple of str
        Where the layout was read.
    confirmed : tuple of str
        What rests on a public test vector or a documented layout.
    unconfirmed : tuple of str
        What nobody has checked on hardware yet.
    """

    title: str
    placement: str
    modality: str
    loss: str
    mtu: str
    sources: tuple[str, ...]
    confirmed: tuple[str, ...]
    unconfirmed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Device:
    """One kind of sensor: everything that the rest of the program needs.

    Parameters
    ----------
    name : str
        Name in the configuration and on the command line.
    card : DeviceCard
        What is said about it.
    profile : callable of options to DeviceProfile
        How to make it stream.
    decoder : callable
        Makes a decoder: ``decoder(placement, options, speed=1.0)``.
    options : mapping of str to DeviceOption
        Facts that its packets do not carry.
    """

    name: str
    card: DeviceCard
    profile: Callable[[Options], DeviceProfile]
    decoder: Callable[..., Decoder]
    options: Mapping[str, DeviceOption]

    def settled(self, given: Mapping[str, object]) -> dict[str, float]:
        """Return the options in force: those given, and the defaults of the others.

        Raises
        ------
        ValueError
            If an option is unknown, is no number, or has a value that makes no sense.
        """
        unknown = next((key for key in given if key not in self.options), None)
        if unknown is not None:
            known = ", ".join(self.options) or "none"
            raise ValueError(f"option {unknown} is unknown to {self.name}, expected one of: {known}")
        values = {key: option.default for key, option in self.options.items() if option.default is not None}
        return values | {key: _number(key, value, self.options[key]) for key, value in given.items()}

    def made(
        self, placement: Placement, options: Options, *, speed: float = 1.0, window_s: float = BACKFILL_WINDOW_S
    ) -> Decoder:
        """Return a decoder for one sensor and one night; samples up to `window_s` late are used."""
        return self.decoder(placement, options, speed=speed, backfill_window_s=window_s)


def option_bounds(key: str) -> tuple[float, float]:
    """Return the least and the most that an option may be where no values are listed, by its name."""
    return (LEAST_HZ, MOST_HZ) if key == _RATE else (1 / MOST_OPTION, MOST_OPTION)


def _number(key: str, value: object, option: DeviceOption) -> float:
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except ValueError:
        number = math.nan
    if option.allowed and number not in option.allowed:
        expected = ", ".join(f"{choice:g}" for choice in option.allowed)
        raise ValueError(f"option {key} is {value!r}, expected one of: {expected}")
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"option {key} is {value!r}, expected a positive number ({option.meaning})")
    least, most = option_bounds(key)
    if not least <= number <= most:
        raise ValueError(f"option {key} is {value!r}, expected {least:g} to {most:g} ({option.meaning})")
    return number

"""The channels of legs, whatever file they are in, put together to streams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from detectors.signal import Leg, Quantity, Stream
from ingest.errors import DecodeError
from ingest.files.edf_channels import AXES, EXAMPLES, LEFT_OUT, MUSCLES, UNITS, Channel, channel_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

LEGS = (Leg.LEFT, Leg.RIGHT)
EMG_AXES = ("emg",)
ACCELERATION_SITE = "leg"

Place = TypeVar("Place")


@dataclass(frozen=True, slots=True)
class Found(Generic[Place]):
    """A channel of a file and what it measures.

    Parameters
    ----------
    channel : Channel
        What it measures.
    label : str
        What the file calls it.
    place : object
        Where it is in the file.
    """

    channel: Channel
    label: str
    place: Place


@dataclass(frozen=True, slots=True)
class LegStream(Generic[Place]):
    """What one stream is, and which channels are its axes.

    Parameters
    ----------
    sensor : str
        ``left``; with several muscles ``left.ta``, ``left.gm``.
    leg : Leg
        The leg.
    site : str
        The muscle.
    quantity : Quantity
        EMG or acceleration.
    axes : tuple of str
        Names of the axes.
    channels : tuple of Found
        One per axis.
    """

    sensor: str
    leg: Leg
    site: str
    quantity: Quantity
    axes: tuple[str, ...]
    channels: tuple[Found[Place], ...]

    def stream(self, fs_hz: float) -> Stream:
        """Return the stream at a sampling rate."""
        return Stream(self.sensor, self.leg, self.site, self.quantity, UNITS[self.quantity], self.axes, fs_hz)


def leg_channels(
    places: Sequence[tuple[str, Place]], meanings: Mapping[str, str], file: str, hint: str
) -> list[Found[Place]]:
    """Return the channels that are a leg's, by their label or by what the caller says that it means.

    Parameters
    ----------
    places : sequence of (str, object)
        Label of every channel, and where it is.
    meanings : mapping of str to str
        What a label means (``{"DC7": "EMG TA-L"}``); ``-`` leaves it out.
    file : str
        The file, for messages.
    hint : str
        How to say which channel is one, for the message where there is none.

    Returns
    -------
    list of Found
        In the order of the file.

    Raises
    ------
    DecodeError
        If there is none, or `meanings` does not fit the file.
    """
    listed = ", ".join(repr(label) for label, _ in places) or "none"
    for label, meaning in meanings.items():
        if meaning != LEFT_OUT and channel_of(meaning) is None:
            raise DecodeError(f"{file}: channel {label!r} is said to be {meaning!r}, expected for example {EXAMPLES}")
        if label not in {name for name, _ in places}:
            raise DecodeError(f"{file}: no channel {label!r}, expected one of the file's: {listed}")
    pairs = [(channel_of(meanings.get(label, label)), label, place) for label, place in places]
    found = [Found(channel, label, place) for channel, label, place in pairs if channel is not None]
    if not found:
        raise DecodeError(f"{file}: got no leg channel among {listed}, expected labels like {EXAMPLES}; {hint}")
    return found


def leg_streams(found: Iterable[Found[Place]], file: str) -> Iterator[LegStream[Place]]:
    """Yield the streams: left leg first, EMG before acceleration, tibialis anterior first.

    Parameters
    ----------
    found : iterable of Found
        Channels, in the order of the file.
    file : str
        The file, for the message.

    Yields
    ------
    LegStream
        One for each muscle, and one for the acceleration of a leg.

    Raises
    ------
    DecodeError
        If the acceleration of a leg lacks an axis, or has one twice.
    """
    channels = list(found)
    for leg in LEGS:
        mine = [one for one in channels if one.channel.leg is leg]
        emg = [one for one in mine if one.channel.quantity is Quantity.EMG]
        # Sorting keeps the order of the file among channels of one muscle.
        emg.sort(key=lambda one: list(MUSCLES).index(one.channel.part))
        for name, one in zip(_names(leg, [one.channel.part for one in emg]), emg, strict=True):
            yield LegStream(name, leg, MUSCLES[one.channel.part], Quantity.EMG, EMG_AXES, (one,))
        motion = sorted((one for one in mine if one not in emg), key=lambda one: one.channel.part)
        if motion:
            if [one.channel.part for one in motion] != list(AXES):
                got = ", ".join(repr(one.label) for one in motion)
                raise DecodeError(f"{file}: acceleration of the {leg} leg is {got}, expected one x, one y and one z")
            yield LegStream(leg.value, leg, ACCELERATION_SITE, Quantity.ACCELERATION, AXES, tuple(motion))


def _names(leg: Leg, codes: Sequence[str]) -> list[str]:
    """Return a sensor name for each EMG channel; a second one of the same muscle is numbered."""
    if len(codes) == 1:
        return [leg.value]
    earlier = [codes[:index].count(code) for index, code in enumerate(codes)]
    return [f"{leg}.{code}{n + 1 if n else ''}" for code, n in zip(codes, earlier, strict=True)]

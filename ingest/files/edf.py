"""EDF and EDF+: read piece by piece, so that a night never has to fit into memory; write simulated nights.

The only module that imports edfio. An EDF has no time zone; its start is taken as UTC.
"""

from __future__ import annotations

import datetime as dt
import warnings
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import edfio
import numpy as np

from detectors.events import Stage, StageSpan
from detectors.recording import Recording, SampleSource, steady_clock
from detectors.signal import NS_PER_S, Leg, Quantity, Stream, Unit
from ingest.errors import DecodeError
from ingest.files.edf_channels import TIBIALIS_ANTERIOR, LegChannel, short_name, understand

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from detectors.signal import Clock
    from detectors.simulate import LegSignal, SimulatedNight

# Factors to the units that scoring is in; both spellings of micro are met in files.
_TO_MICROVOLT = {"uv": 1.0, "µv": 1.0, "μv": 1.0, "mv": 1e3, "v": 1e6}
_TO_G = {"g": 1.0, "mg": 1e-3}
_STAGES = {f"sleep stage {stage.value.lower()}": stage for stage in Stage} | {"sleep stage n4": Stage.N3}
_EPOCH_S = 30.0
_AXES = "xyz"
# What edfio raises on bytes that are no EDF.
_UNREADABLE = (ValueError, KeyError, IndexError, TypeError, AttributeError, ArithmeticError, OSError)
_EMG_RANGE_UV = (-3276.8, 3276.7)
_ACCELERATION_RANGE_G = (-8.0, 8.0)


@dataclass(frozen=True, slots=True)
class EdfSource:
    """One stream of an EDF, read on demand.

    Parameters
    ----------
    stream : Stream
        What is measured.
    clock : Clock
        From sample index to UTC.
    n_samples : int
        Length.
    signals : tuple of edfio.EdfSignal
        One channel per axis.
    scales : tuple of (float32, float32)
        Gain and offset of each channel, from stored numbers to the stream's unit.
    """

    stream: Stream
    clock: Clock
    n_samples: int
    signals: tuple[edfio.EdfSignal, ...]
    scales: tuple[tuple[np.float32, np.float32], ...]

    def read(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return samples ``[start, stop)`` in the stream's unit, shape (n_samples, n_axes)."""
        data = np.empty((stop - start, len(self.signals)), dtype=np.float32)
        if stop > start:
            for axis, (signal, (gain, offset)) in enumerate(zip(self.signals, self.scales, strict=True)):
                fs_hz = signal.sampling_frequency
                np.multiply(signal.get_digital_slice(start / fs_hz, stop / fs_hz), gain, out=data[:, axis])
                data[:, axis] += offset
        return data


def read_edf(path: Path, *, channels: Mapping[str, str] | None = None) -> Recording:
    """Read the leg channels of an EDF or EDF+ file.

    Parameters
    ----------
    path : Path
        The file.
    channels : mapping of str to str, optional
        What a channel is whose label is not understood: label in the file to a label that is, for
        example ``{"EMG4": "EMG TA-L"}``.

    Returns
    -------
    Recording
        One stream per muscle, one of three axes per accelerometer, and the sleep stages in the
        annotations. A leg's sensor is called ``left`` or ``right``; where it has several muscles
        each is ``left.ta``, ``left.gm``.

    Raises
    ------
    DecodeError
        If it is no readable EDF, is cut off or has gaps, or has no leg channel.
    """
    edf = _opened(path)
    try:
        return _recording(path, edf, channels or {})
    except _UNREADABLE as error:
        msg = f"{path}: cannot be read as EDF: {error}"
        raise DecodeError(msg) from error


def _opened(path: Path) -> edfio.Edf:
    if not path.is_file():
        msg = f"{path}: no such file"
        raise DecodeError(msg)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            edf = edfio.read_edf(path, lazy_load_data=True)
        except _UNREADABLE as error:
            msg = f"{path}: cannot be read as EDF: {error}"
            raise DecodeError(msg) from error
    if said:
        msg = f"{path}: cut off or damaged: {said[0].message}"
        raise DecodeError(msg)
    if edf.reserved.startswith("EDF+D"):
        msg = f"{path}: has gaps (EDF+D), expected a continuous recording (EDF, EDF+C)"
        raise DecodeError(msg)
    return edf


def _recording(path: Path, edf: edfio.Edf, channels: Mapping[str, str]) -> Recording:
    labels = [signal.label for signal in edf.signals]
    strange = next((label for label in channels if label not in labels), None)
    if strange is not None:
        msg = f"{path}: has no channel {strange!r}, expected one of: {', '.join(labels)}"
        raise DecodeError(msg)
    found = [
        (channel, signal)
        for signal in edf.signals
        if (channel := understand(channels.get(signal.label, signal.label))) is not None
    ]
    start_ns = _start_ns(edf)
    sources = [*_emg_sources(path, edf, found, start_ns), *_acceleration_sources(path, edf, found, start_ns)]
    if not sources:
        msg = f"{path}: no leg channel among {', '.join(labels) or 'no channels'}; name one with --channel"
        raise DecodeError(msg)
    return Recording(path.name, start_ns, tuple(sources), _stages(edf, start_ns))


def _start_ns(edf: edfio.Edf) -> int:
    try:
        date = edf.startdate
    except edfio.AnonymizedDateError:
        date = dt.date(1985, 1, 1)
    started = dt.datetime.combine(date, edf.starttime, dt.UTC)
    whole_s = int(started.replace(microsecond=0).timestamp())
    return whole_s * NS_PER_S + started.microsecond * 1000


def _emg_sources(
    path: Path, edf: edfio.Edf, found: Sequence[tuple[LegChannel, edfio.EdfSignal]], start_ns: int
) -> list[SampleSource]:
    emg = [(channel, signal) for channel, signal in found if channel.quantity is Quantity.EMG]
    # The muscle that leg movements are scored in comes first, whatever the order in the file.
    emg.sort(key=lambda pair: (pair[0].leg, pair[0].site != TIBIALIS_ANTERIOR))
    per_leg = Counter(channel.leg for channel, _ in emg)
    names: Counter[str] = Counter()
    sources: list[SampleSource] = []
    for channel, signal in emg:
        name = channel.leg if per_leg[channel.leg] == 1 else f"{channel.leg}.{short_name(channel.site)}"
        names[name] += 1
        sensor = name if names[name] == 1 else f"{name}{names[name]}"
        fs_hz = signal.sampling_frequency
        stream = Stream(sensor, channel.leg, channel.site, Quantity.EMG, Unit.MICROVOLT, ("emg",), fs_hz)
        sources.append(_source(path, edf, stream, (signal,), start_ns))
    return sources


def _acceleration_sources(
    path: Path, edf: edfio.Edf, found: Sequence[tuple[LegChannel, edfio.EdfSignal]], start_ns: int
) -> list[SampleSource]:
    sources: list[SampleSource] = []
    for leg in (Leg.LEFT, Leg.RIGHT):
        axes = {c.axis: signal for c, signal in found if c.quantity is Quantity.ACCELERATION and c.leg is leg}
        if not axes:
            continue
        rates = {signal.sampling_frequency for signal in axes.values()}
        if set(axes) != set(_AXES) or len(rates) > 1:
            msg = (
                f"{path}: acceleration of the {leg} leg has {', '.join(sorted(axes))}, expected x, y and z at one rate"
            )
            raise DecodeError(msg)
        stream = Stream(leg.value, leg, "leg", Quantity.ACCELERATION, Unit.G, tuple(_AXES), rates.pop())
        sources.append(_source(path, edf, stream, tuple(axes[axis] for axis in _AXES), start_ns))
    return sources


def _source(
    path: Path, edf: edfio.Edf, stream: Stream, signals: tuple[edfio.EdfSignal, ...], start_ns: int
) -> EdfSource:
    n_samples = signals[0].samples_per_data_record * edf.num_data_records
    scales = tuple(_scale(path, signal, stream.unit) for signal in signals)
    return EdfSource(stream, steady_clock(start_ns, stream.fs_hz), n_samples, signals, scales)


def _scale(path: Path, signal: edfio.EdfSignal, unit: Unit) -> tuple[np.float32, np.float32]:
    """Return gain and offset from stored numbers to the stream's unit."""
    known = _TO_MICROVOLT if unit is Unit.MICROVOLT else _TO_G
    factor = known.get(signal.physical_dimension.strip().lower())
    if factor is None:
        msg = (
            f"{path}: channel {signal.label!r} is in {signal.physical_dimension!r}, expected one of: {', '.join(known)}"
        )
        raise DecodeError(msg)
    low, high = signal.physical_range
    first, last = signal.digital_range
    if last == first or not np.isfinite([low, high]).all():
        msg = f"{path}: channel {signal.label!r} has no usable range ({low} to {high}, {first} to {last})"
        raise DecodeError(msg)
    gain = (high - low) / (last - first) * factor
    return np.float32(gain), np.float32(low * factor - first * gain)


def _stages(edf: edfio.Edf, start_ns: int) -> tuple[StageSpan, ...]:
    spans = []
    for note in edf.annotations:
        stage = _STAGES.get(note.text.strip().lower())
        if stage is not None:
            onset_ns = start_ns + round(note.onset * NS_PER_S)
            length_s = _EPOCH_S if note.duration is None else note.duration
            spans.append(StageSpan(onset_ns, onset_ns + round(length_s * NS_PER_S), stage))
    return tuple(sorted(spans))


def write_edf(
    path: Path,
    night: SimulatedNight,
    *,
    start: dt.datetime = dt.datetime(2026, 1, 1, 22, 30),  # noqa: DTZ001 - an EDF has no zone
    progress: Callable[[float], None] = lambda _share: None,
) -> None:
    """Write a simulated night as EDF.

    Parameters
    ----------
    path : Path
        The file.
    night : SimulatedNight
        What to write.
    start : datetime
        When it begins.
    progress : callable
        Is told the share that is done after each channel.
    """
    channels = [channel for leg in night.legs for channel in _channels(leg)]
    signals = []
    for number, channel in enumerate(channels):
        signals.append(channel())
        progress((number + 1) / len(channels))
    edf = edfio.Edf(
        signals,
        starttime=start.time(),
        recording=edfio.Recording(startdate=start.date(), equipment_code="Soleus_simulation"),
        data_record_duration=1.0,
    )
    edf.write(path)


def _channels(leg: LegSignal) -> list[Callable[[], edfio.EdfSignal]]:
    """Return what makes each channel of a leg; one is in memory as floats at a time."""
    side = leg.leg.value[0].upper()

    def emg(column: int, muscle: str) -> edfio.EdfSignal:
        data = leg.emg(0, leg.n_emg)[:, column].astype(np.float64)
        label = f"EMG {short_name(muscle).upper()}-{side}"
        return _signal(data, leg.emg_fs_hz, label, "uV", _EMG_RANGE_UV)

    def acceleration(column: int, axis: str) -> edfio.EdfSignal:
        data = leg.acceleration(0, leg.n_acceleration)[:, column].astype(np.float64)
        return _signal(data, leg.acceleration_fs_hz, f"ACC-{side} {axis}", "g", _ACCELERATION_RANGE_G)

    return [
        *(lambda c=column, m=muscle: emg(c, m) for column, muscle in enumerate(leg.muscles)),
        *(lambda c=column, a=axis: acceleration(c, a) for column, axis in enumerate(_AXES)),
    ]


def _signal(
    data: NDArray[np.float64], fs_hz: float, label: str, unit: str, physical_range: tuple[float, float]
) -> edfio.EdfSignal:
    np.clip(data, *physical_range, out=data)
    return edfio.EdfSignal(data, fs_hz, label=label, physical_dimension=unit, physical_range=physical_range)

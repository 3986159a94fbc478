"""How each sensor of a running night does at this moment: what its log says, and what decoders make of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from dashboards.live import LiveSensor
from detectors.channels import channels
from detectors.emg.features import EmgFeatures
from detectors.signal import NS_PER_S, Gap, Quantity, SampleBlock
from detectors.track import Flag, Track, TrackName
from ingest.decoders.base import Status
from ingest.night.minutes import IMPEDANCE, readings
from ingest.night.records import LinkDown, LinkUp, NightStart
from soleus.raw_stretch import channel_blocks

if TYPE_CHECKING:
    from detectors.criteria import Criteria
    from detectors.signal import Stream
    from ingest.decoders.base import Item
    from ingest.night.folder import NightSensor
    from ingest.night.records import Record

# Older than this, the newest envelope says nothing about this moment: it comes by the second.
_NEWEST_S: Final = 3.0
# A night takes its first resting level from a minute; a page that was just opened does not wait for so long.
_SEED_S: Final = 20.0
# What has no level to compare with.
_NOT_COMPARED: Final = int(Flag.SATURATED | Flag.FLAT | Flag.LINE | Flag.ELECTRODE_OFF | Flag.DISABLED)
_LEAD_OFF: Final = "lead_off"
# `soleus check` calls electrodes above this wrong.
_MOST_OHM: Final = 200_000.0


class MuscleHint:
    """Whether one channel of EMG is above the onset threshold at its newest hop.

    Parameters
    ----------
    channel : Stream
        One axis, in microvolt.
    criteria : Criteria
        The thresholds of the night.

    Raises
    ------
    ValueError
        If the channel is too slow for the band, or not in microvolt.
    """

    def __init__(self, channel: Stream, criteria: Criteria) -> None:
        soon = replace(criteria, resting=replace(criteria.resting, seed_s=_SEED_S))
        self._features = EmgFeatures(channel, soon)
        self._criteria = criteria.leg_movement
        self._resting_uv = np.inf
        self.active = False

    def feed(self, item: SampleBlock | Gap) -> None:
        """Take what follows."""
        if isinstance(item, Gap):
            self.active = False
        for track in self._features.feed(item):
            if not isinstance(track, Track) or not len(track.values):
                continue
            if track.name is TrackName.RESTING_UV:
                is_compared = not int(track.quality[-1]) & _NOT_COMPARED
                self._resting_uv = float(track.values[-1]) if is_compared else np.inf
            elif track.name is TrackName.ENVELOPE_UV:
                self.active = bool(track.values[-1] > self._onset_uv)

    @property
    def _onset_uv(self) -> float:
        """The threshold over the present resting level; infinite where nothing is compared."""
        criteria, resting_uv = self._criteria, self._resting_uv
        if not resting_uv <= criteria.max_resting_uv:
            return np.inf
        return resting_uv + max(criteria.onset_uv, criteria.onset_ratio * resting_uv)


@dataclass(slots=True)
class SensorState:
    """One sensor of a running night.

    Parameters
    ----------
    worn : NightSensor
        Which one, and where.
    criteria : Criteria
        The thresholds of the night.
    """

    worn: NightSensor
    criteria: Criteria
    _linked: bool = False
    _heard_ns: int | None = None
    _gauges: dict[str, float] = field(default_factory=dict)
    _off: dict[tuple[str, float], bool] = field(default_factory=dict)
    _hints: dict[str, tuple[Stream, MuscleHint | None]] = field(default_factory=dict)

    def note(self, record: Record) -> None:
        """Take a record of the log: links are made and lost, and a collector that begins again has none."""
        if isinstance(record, NightStart):
            self._linked = False
            # Monotonic time may be that of another computer now.
            self._heard_ns = None if self._heard_ns is None else min(self._heard_ns, record.mono_ns)
        elif isinstance(record, LinkUp | LinkDown):
            self._linked = isinstance(record, LinkUp)

    def take(self, item: Item, mono_ns: int) -> None:
        """Take what the decoder makes of a record that was learnt at a time."""
        match item:
            case SampleBlock() if len(item.data):
                self._heard_ns = mono_ns
                for block in channel_blocks(item) if item.stream.quantity is Quantity.EMG else ():
                    self._hint(block.stream, block)
            case Gap() if item.stream.quantity is Quantity.EMG:
                for channel in channels(item.stream):
                    self._hint(channel, replace(item, stream=channel))
            case Status():
                self._read(item)

    def now(self, log_ns: int) -> LiveSensor:
        """Return how it does when it is `log_ns` on the clock of the log."""
        silent_s = None if self._heard_ns is None else max(0.0, (log_ns - self._heard_ns) / NS_PER_S)
        is_new = silent_s is not None and silent_s <= _NEWEST_S
        active = is_new and any(hint is not None and hint.active for _, hint in self._hints.values())
        return LiveSensor(
            self.worn.name,
            self.worn.leg,
            self.worn.site,
            self._linked,
            silent_s,
            self._gauges.get("battery_pct"),
            self._gauges.get("rssi_dbm"),
            # Without a channel of EMG there are no electrodes to speak of.
            not any(self._off.values()) if self._off and self._hints else None,
            active,
        )

    def _hint(self, channel: Stream, item: SampleBlock | Gap) -> None:
        known = self._hints.get(channel.sensor)
        if known is None or known[0] != channel:
            known = self._hints[channel.sensor] = channel, _hint_of(channel, self.criteria)
        if known[1] is not None:
            known[1].feed(item)

    def _read(self, status: Status) -> None:
        self._gauges.update(readings(status))
        for name, value in status.values.items():
            if name.startswith(_LEAD_OFF):
                self._off[name, status.values.get("stream", 0.0)] = bool(value)
            elif name.startswith(IMPEDANCE):
                self._off[name, 0.0] = value > _MOST_OHM


def _hint_of(channel: Stream, criteria: Criteria) -> MuscleHint | None:
    """Return the hint of a channel, or None where no rule can be applied to it."""
    try:
        return MuscleHint(channel, criteria)
    except ValueError:
        return None

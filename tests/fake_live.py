"""A synthetic feed of the running night: what comes depends on a clock that the test advances, and on nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from dashboards.live import LiveSensor
from dashboards.signals import RawView
from detectors.signal import Leg, Quantity, Unit
from tests.synthetic_night import RESTING_UV, SENSORS, to_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

BACKLOG_S = 10.0
"""What the first look returns."""
EVERY_S = 20.0
ACTIVE_S = 3.0
"""A muscle of a leg is active for so long, every `EVERY_S`."""
ACTIVE_UV = 45.0
ACC_FS_HZ = 50.0
_DICE = 1 << 16


@dataclass(frozen=True, slots=True)
class LiveScene:
    """What a synthetic feed shows.

    Parameters
    ----------
    n_channels : int
        EMG channels, spread over both sensors.
    fs_hz : float
        Sampling rate of each, Hz.
    motion : bool
        Whether acceleration comes too, at 50 Hz.
    away_since_s : mapping of str to float
        When sensors lost their link, s of the night.
    no_contact : frozenset of str
        Sensors whose electrodes are off.
    """

    n_channels: int = 6
    fs_hz: float = 1000.0
    motion: bool = False
    away_since_s: Mapping[str, float] = field(default_factory=dict)
    no_contact: frozenset[str] = frozenset()

    def channels(self) -> list[tuple[str, str, Leg]]:
        """Return name, sensor and leg of each channel: ``left-shin`` or, of several, ``left-shin.ch1``."""
        shares = [len(range(number, self.n_channels, len(SENSORS))) for number in range(len(SENSORS))]
        return [
            (view.name if n == 1 else f"{view.name}.ch{channel + 1}", view.name, view.leg)
            for view, n in zip(SENSORS, shares, strict=True)
            for channel in range(n)
        ]


@dataclass(slots=True)
class FakeFeed:
    """A feed over a scene; implements :class:`dashboards.live.LiveFeed`.

    Parameters
    ----------
    scene : LiveScene
        What it shows.
    now_s : callable
        Returns the time since the start of the night, s.
    is_over : callable
        Returns whether the night has ended.
    """

    scene: LiveScene
    now_s: Callable[[], float]
    is_over: Callable[[], bool] = lambda: False
    closed: bool = False
    _from_s: float | None = None
    _dice: NDArray[np.float32] = field(
        default_factory=lambda: np.random.default_rng(25).normal(0, 1, _DICE).astype(np.float32)
    )

    def poll(self) -> tuple[RawView, ...]:
        stop_s = self.now_s()
        from_s = max(0.0, stop_s - BACKLOG_S) if self._from_s is None else self._from_s
        self._from_s = max(from_s, stop_s)
        views = []
        for number, (name, sensor, leg) in enumerate(self.scene.channels()):
            away_s = self.scene.away_since_s.get(sensor, np.inf)
            views += self._emg(number, name, leg, (from_s, min(stop_s, away_s)))
        for view in SENSORS if self.scene.motion else ():
            away_s = self.scene.away_since_s.get(view.name, np.inf)
            views += self._motion(view.name, view.leg, (from_s, min(stop_s, away_s)))
        return tuple(views)

    def sensors(self) -> tuple[LiveSensor, ...]:
        now_s = self.now_s()
        found = []
        for view in SENSORS:
            away_s = self.scene.away_since_s.get(view.name, np.inf)
            linked = now_s < away_s
            found.append(
                LiveSensor(
                    view.name,
                    view.leg,
                    view.site,
                    linked,
                    silent_s=0.05 if linked else now_s - away_s,
                    battery_pct=84.0 if view.leg is Leg.LEFT else 91.0,
                    rssi_dbm=-61.0 if linked else None,
                    contact=view.name not in self.scene.no_contact,
                    muscle_active=linked and bool(active(view.leg, np.array([now_s]))[0]),
                )
            )
        return tuple(found)

    @property
    def over(self) -> bool:
        return self.is_over()

    def close(self) -> None:
        self.closed = True

    def _emg(self, number: int, name: str, leg: Leg, span_s: tuple[float, float]) -> list[RawView]:
        index = _samples(span_s, self.scene.fs_hz)
        if not len(index):
            return []
        level = np.where(active(leg, index / self.scene.fs_hz), ACTIVE_UV, RESTING_UV)
        data = (level * self._dice[(index + 977 * number) % _DICE]).astype(np.float32)[:, np.newaxis]
        start_ns = to_ns(index[0] / self.scene.fs_hz)
        return [RawView(name, leg, Quantity.EMG, Unit.MICROVOLT, ("emg",), start_ns, self.scene.fs_hz, data)]

    def _motion(self, name: str, leg: Leg, span_s: tuple[float, float]) -> list[RawView]:
        index = _samples(span_s, ACC_FS_HZ)
        if not len(index):
            return []
        shake = np.where(active(leg, index / ACC_FS_HZ), 0.05, 0.004)
        noise = np.column_stack([self._dice[(index * 3 + axis) % _DICE] for axis in range(3)])
        data = (np.array((0.98, 0.1, 0.17)) + noise * shake[:, np.newaxis]).astype(np.float32)
        start_ns = to_ns(index[0] / ACC_FS_HZ)
        return [RawView(name, leg, Quantity.ACCELERATION, Unit.G, ("x", "y", "z"), start_ns, ACC_FS_HZ, data)]


def active(leg: Leg, t_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return at which times a leg's muscle is active: the legs take turns."""
    return (t_s + (EVERY_S / 2 if leg is Leg.RIGHT else 0.0)) % EVERY_S < ACTIVE_S


def _samples(span_s: tuple[float, float], fs_hz: float) -> NDArray[np.int64]:
    """Return the samples ``[from, stop)``: each lies in exactly one of two spans that touch."""
    return np.arange(int(np.ceil(span_s[0] * fs_hz - 1e-6)), int(np.ceil(span_s[1] * fs_hz - 1e-6)), dtype=np.int64)

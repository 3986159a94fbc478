"""What the page *Tonight* reads: frames of the newest samples, each as long as it says, one after the other.

A frame is 4 bytes length (unsigned, little-endian) and so many bytes of columns (:mod:`dashboards.web.columns`). Its
header says ``zero_ns``, the UTC from which its times count, ``over``, whether the night has ended, and, where it has
changed, ``sensors``: how each sensor does. Each column is one axis of one stream, without a gap inside.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING

from dashboards.web.columns import Column, encode
from dashboards.web.tonight_words import state_of
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dashboards.live import LiveFeed
    from dashboards.signals import RawView
    from dashboards.web.tonight_words import NightAhead

LONGEST_S = 60.0
"""The longest window that the page draws; of a night that is played faster than the clock more may come at once."""
TOLD_EVERY_S = 1.0
"""A page that hears nothing for a few seconds knows that the way to it is cut."""


class Frames:
    """The frames of one feed, for one page; called from one thread at a time.

    Parameters
    ----------
    feed : LiveFeed
        The newest samples.
    zero_ns : int
        UTC from which times count, ns.
    """

    def __init__(self, feed: LiveFeed, zero_ns: int) -> None:
        self._feed = feed
        self._zero_ns = zero_ns
        self._told = ""
        self._told_at_s = -TOLD_EVERY_S
        self.over = False

    def newest(self, now_s: float, ahead: NightAhead) -> bytes:
        """Return what has come since the last call.

        Parameters
        ----------
        now_s : float
            A time that never goes back, s.
        ahead : NightAhead
            What the batteries have to last for.

        Returns
        -------
        bytes
            One frame, or nothing where there is nothing new.
        """
        over = self._feed.over
        columns = list(_columns(self._feed.poll(), self._zero_ns))
        states = [state_of(sensor, ahead).as_json() for sensor in self._feed.sensors()]
        told = json.dumps(states)
        facts: dict[str, object] = {"zero_ns": str(self._zero_ns), "over": over}
        if told != self._told or now_s - self._told_at_s >= TOLD_EVERY_S:
            facts["sensors"] = states
            self._told, self._told_at_s = told, now_s
        elif not columns and not over:
            return b""
        # After the last samples, not before: what came with the end of the night is shown.
        self.over = over
        blob = encode(columns, facts)
        return struct.pack("<I", len(blob)) + blob


def _columns(views: Sequence[RawView], zero_ns: int) -> Iterator[Column]:
    for view in views:
        n_left_out = max(0, len(view.data) - round(LONGEST_S * view.fs_hz))
        start_s = (view.start_ns - zero_ns) / NS_PER_S + n_left_out / view.fs_hz
        for axis, name in enumerate(view.axes):
            facts = {
                "sensor": view.sensor,
                "leg": view.leg,
                "quantity": view.quantity,
                "unit": view.unit,
                "axis": name,
                "start_s": start_s,
                "fs_hz": view.fs_hz,
            }
            yield Column(facts, view.data[n_left_out:, axis])

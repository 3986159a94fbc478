"""One link of any kind of sensor: what its decoder says to the records of it, and the vectors that it is held to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.ingest.logged_sensor import PLACEMENT, decode, gaps, link_up, night_start

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.decoders.base import Item
    from ingest.decoders.layout import Device
    from ingest.night.records import Record


def vectors(name: str) -> dict[str, Any]:
    """The packets of ``vectors/<name>.json``, by their name."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "vectors" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def linked(records: Iterable[Record]) -> list[Record]:
    """A night that begins with the link."""
    return [night_start(), link_up(), *records]


def device_night(device: Device, records: Iterable[Record], **options: float) -> list[Item]:
    """Everything that is said of the records of one link."""
    return decode(linked(records), device.made(PLACEMENT, device.settled(options)))


def missing(items: Iterable[Item]) -> list[int]:
    """Every index that a gap of known length covers."""
    return [index for first, n_missing, _ in gaps(items) for index in range(first, first + (n_missing or 0))]

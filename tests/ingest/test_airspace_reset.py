"""Who holds off the reset of an adapter that two sensors share, over a real Bluetooth stack (Bumble)."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest

from ingest.airspace import Airspace
from ingest.decoders.lsp import LSP
from ingest.inbox import Inbox
from ingest.night.records import RecoveryStep
from ingest.session import SensorSpec
from tests.bedroom import LEFT, adapter, bedroom

pytestmark = pytest.mark.slow


async def test_a_link_that_is_set_up_holds_off_a_reset_as_one_that_delivers_does_and_a_silent_one_does_not() -> None:
    resets: list[str] = []

    async def reset(name: str) -> None:
        resets.append(name)

    sensors = [SensorSpec("left", LSP, LEFT.address), SensorSpec("right", LSP, "C4:00:00:00:00:09")]
    inbox = Inbox()
    async with bedroom() as room, adapter(room) as ble, contextlib.AsyncExitStack() as stack:
        air = Airspace(sensors, ble=replace(ble, reset=reset), inbox=inbox, timebase=room.clock)
        await air.open("left", stack)
        await air.reset("right")
        air.delivers("left")
        await air.reset("right")
        assert resets == []
        air.falls_silent("left")
        await air.reset("right")
        assert resets == [""]
    steps = [(step.step, step.detail) for step in inbox.take() if isinstance(step, RecoveryStep)]
    assert steps == [
        ("adapter not reset", "left is being set up"),
        ("adapter not reset", "left still delivers"),
        ("adapter reset", "off and on"),
    ]

"""A connection that is over leaves nothing open."""

from __future__ import annotations

import gc
import weakref

import pytest

from ingest.address import BrokerAddress
from ingest.mqtt import Down, MqttLink, Session


@pytest.mark.slow
async def test_a_link_that_is_over_closes_its_sockets_at_once() -> None:
    gc.disable()
    try:
        link = MqttLink(BrokerAddress("127.0.0.1", 1), Session("nobody", persistent=False))
        async with link:
            assert isinstance((await link.signals(10.0))[0], Down)
        client = weakref.ref(link._client)
        del link
        assert client() is None
    finally:
        gc.enable()

"""The broker that comes with Soleus: amqtt on loopback, in a process of its own.

Good for a demonstration and for one computer. It speaks MQTT 3.1.1, asks for no password, and forgets its queues when
it ends; the journal sends again what was lost. ``python -m ingest.broker`` prints its address when it is ready.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from amqtt.broker import Broker

from ingest.address import BrokerAddress, Dialect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

LOOPBACK = "127.0.0.1"


@asynccontextmanager
async def embedded_broker(port: int = 0) -> AsyncIterator[BrokerAddress]:
    """Run a broker on loopback inside this event loop.

    Parameters
    ----------
    port : int
        TCP port; 0 takes a free one.

    Yields
    ------
    BrokerAddress
        How to reach it.
    """
    # The plugins are named because the default set logs every packet. Anonymous is safe on loopback alone.
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"{LOOPBACK}:{port}"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
    )
    await broker.start()
    try:
        yield BrokerAddress(LOOPBACK, _bound_port(broker), dialect=Dialect.MQTT_3_1_1)
    finally:
        await broker.shutdown()


def _bound_port(broker: Broker) -> int:
    """Return the port that the system chose; amqtt keeps its listening socket to itself."""
    server = broker._servers["default"].instance  # noqa: SLF001 - a canary test watches this name
    port: int = server.sockets[0].getsockname()[1]
    return port


async def _serve(port: int, *, supervised: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    # Ctrl-C reaches every process of the terminal; a supervisor decides alone in which order they end.
    loop.add_signal_handler(signal.SIGINT, (lambda: None) if supervised else stop.set)
    if supervised:
        # Our standard input becomes readable when the supervisor says so, or is gone.
        loop.add_reader(sys.stdin.fileno(), stop.set)
    async with embedded_broker(port) as address:
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()
        await stop.wait()


def main(arguments: Sequence[str]) -> None:
    """Run the broker until it is told to stop.

    Parameters
    ----------
    arguments : sequence of str
        ``--port N`` and ``--supervised`` (end when standard input closes).
    """
    parser = argparse.ArgumentParser(prog="python -m ingest.broker", description="MQTT broker on loopback.")
    parser.add_argument("--port", type=int, default=0, help="TCP port; 0 (default) takes a free one")
    parser.add_argument("--supervised", action="store_true", help="end when standard input closes")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(_serve(options.port, supervised=options.supervised))


if __name__ == "__main__":
    main(sys.argv[1:])

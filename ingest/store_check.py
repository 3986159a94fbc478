"""Whether broker and database let a writer in, without disturbing one that runs; each fault is one line."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from ingest import wire
from ingest.errors import BrokerRefused, StoreRejected
from ingest.influx import InfluxWriter, Verdict
from ingest.mqtt import Acknowledged, Down, MqttLink, Refused, Subscribed
from ingest.store import refusal_line

if TYPE_CHECKING:
    from ingest.address import BrokerAddress
    from ingest.store import StoreSettings

# A broker in the same house answers within milliseconds, one far away within a second.
CHECK_S = 10.0
# Site and collector to whom the check confirms nothing, in order to see whether we may; nobody listens there.
NOBODY = ("soleus-check", "soleus-check")


async def check_store(settings: StoreSettings) -> str:
    """Return one line that says that both sides accept us.

    Parameters
    ----------
    settings : StoreSettings
        Those that the writer will have.

    Raises
    ------
    StoreRejected
        If InfluxDB does not answer or refuses us.
    BrokerRefused
        If the broker does not answer or refuses us.
    """
    with InfluxWriter(settings.influx, timeout_s=settings.timeout_s) as influx:
        answer = await asyncio.to_thread(influx.check)
    if answer.verdict is not Verdict.ACCEPTED:
        raise StoreRejected(answer.reason)
    # Names of its own: the check does not throw the running writer out, and takes no message of its group.
    group = f"{settings.group}-check" if settings.group else ""
    checking = replace(settings, name=f"{settings.name}-check", group=group)
    async with MqttLink(settings.broker, replace(checking.session(), persistent=False)) as link:
        try:
            async with asyncio.timeout(CHECK_S):
                await _subscribed(link, settings.broker)
                await _may_confirm(link, settings.broker)
        except TimeoutError as error:
            msg = f"the broker {settings.broker} does not answer within {CHECK_S:.0f} s"
            raise BrokerRefused(msg) from error
    return (
        f"ok: broker {settings.broker} lets us in, "
        f"InfluxDB {settings.influx.url} lets us write to bucket {settings.influx.bucket!r}"
    )


async def _subscribed(link: MqttLink, broker: BrokerAddress) -> None:
    while True:
        for signal in await link.signals(CHECK_S):
            match signal:
                case Subscribed():
                    return
                case Refused():
                    raise BrokerRefused(refusal_line(signal))
                case Down():
                    msg = f"the broker {broker} cannot be reached: {signal.reason}"
                    raise BrokerRefused(msg)


async def _may_confirm(link: MqttLink, broker: BrokerAddress) -> None:
    """Confirm nothing to nobody: a broker of MQTT 5 says whether we may; one of 3.1.1 keeps it to itself."""
    link.publish(wire.stored_topic(*NOBODY), wire.encode_confirmations([]))
    while True:
        for signal in await link.signals(CHECK_S):
            match signal:
                case Acknowledged(refusal=None):
                    return
                case Acknowledged():
                    msg = f"the broker does not let us confirm what is stored: {signal.refusal}"
                    raise BrokerRefused(msg)
                case Refused() | Down():
                    msg = f"the broker {broker} ends the connection: {signal.reason}"
                    raise BrokerRefused(msg)

"""Do the broker and the store let us in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ingest.influx import InfluxAddress, InfluxWriter
from ingest.influx import Verdict as Answered
from ingest.mqtt import Down, MqttLink, Refused, Session, Up
from soleus.build import broker_address
from soleus.config import STORE_TOKEN_VARIABLE, secret
from soleus.errors import ConfigError
from soleus.verdicts import Finding, Verdict

if TYPE_CHECKING:
    from ingest.address import BrokerAddress
    from soleus.settings import Settings

# A broker in the same house answers within milliseconds, one far away within a second.
BROKER_WITHIN_S = 6.0
STORE_WITHIN_S = 6.0


async def broker(settings: Settings) -> Finding:
    """Judge whether the broker lets us in.

    Parameters
    ----------
    settings : Settings
        Which broker.
    """
    try:
        address = broker_address(settings.mqtt)
    except ConfigError as error:
        return Finding("broker", Verdict.WRONG, str(error), "see [mqtt] in the configuration")
    if address is None:
        return Finding("broker", Verdict.OK, "none configured: soleus night starts its own on this computer")
    try:
        why = await _refusal(address, f"{settings.collector}-doctor")
    except OSError as error:
        advice = "see ca_file in [mqtt]: it names the certificate to trust"
        return Finding("broker", Verdict.WRONG, f"{address}: {error.strerror or error}", advice)
    if not why:
        return Finding("broker", Verdict.OK, f"{address} lets us in")
    advice = "is it running, and is the address right? User and password stand in [mqtt]; nights wait until it answers"
    return Finding("broker", Verdict.WRONG, f"{address} {why}", advice)


async def _refusal(address: BrokerAddress, name: str) -> str:
    """Return why a broker does not let us in; empty if it does."""
    # A name of its own, so that a running collector is not thrown out.
    async with MqttLink(address, Session(name, persistent=False)) as link:
        until_s = asyncio.get_running_loop().time() + BROKER_WITHIN_S
        while (left_s := until_s - asyncio.get_running_loop().time()) > 0:
            for signal in await link.signals(left_s):
                if isinstance(signal, Up):
                    return ""
                if isinstance(signal, Refused):
                    return f"refuses us: {signal.reason}"
                if isinstance(signal, Down):
                    return f"cannot be reached: {signal.reason}"
    return f"does not answer within {BROKER_WITHIN_S:g} s"


def store(settings: Settings) -> Finding:
    """Judge whether InfluxDB lets us write.

    Parameters
    ----------
    settings : Settings
        Which InfluxDB.
    """
    wanted = settings.store
    if wanted.url is None:
        return Finding("store", Verdict.OK, "none configured: nights stay on this computer")
    try:
        token = secret(wanted.token_file, STORE_TOKEN_VARIABLE)
    except ConfigError as error:
        return Finding("store", Verdict.WRONG, str(error), "see token_file in [store]")
    if not token:
        advice = f"put it into the file that token_file in [store] names, or into ${STORE_TOKEN_VARIABLE}"
        return Finding("store", Verdict.WRONG, f"{wanted.url}: there is no token", advice)
    address = InfluxAddress(wanted.url, wanted.bucket, wanted.org, token)
    with InfluxWriter(address, timeout_s=STORE_WITHIN_S) as writer:
        answer = writer.check()
    if answer.verdict is Answered.ACCEPTED:
        return Finding("store", Verdict.OK, f"{wanted.url} lets us write to bucket {wanted.bucket!r}")
    advice = "is it running, and are address, bucket and token right? Nights wait until it answers"
    return Finding("store", Verdict.WRONG, answer.reason, advice)

"""A collector's relay as a process of its own, so that a test can kill it: JOURNAL PORT USER PASSWORD [RESEND_S]."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from ingest.address import BrokerAddress
from ingest.night.changes import NightName
from ingest.night.entries import Delivery
from ingest.night.journal import Journal
from ingest.outbox_teller import OutboxTeller
from ingest.relay import RelaySettings, run_relay


def main(path: str, port: str, user: str, password: str, first_resend_s: str = "1.0") -> None:
    broker = BrokerAddress("127.0.0.1", int(port), user, password)
    settings = RelaySettings("home", "bedroom", broker, Delivery.STORE, float(first_resend_s))
    with Journal(Path(path)) as journal:
        teller = OutboxTeller(journal, Delivery.STORE, NightName("p1", "", ""), ("home", "bedroom"))
        asyncio.run(run_relay(journal, settings, asyncio.Event(), [teller]))


if __name__ == "__main__":
    main(*sys.argv[1:])

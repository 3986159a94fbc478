"""``soleus doctor``: is this computer set up."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import click

from ingest.adapter import look
from soleus import installation, machine, options, outbox, wakefulness
from soleus.delivery_check import broker, store
from soleus.in_range import bluetooth
from soleus.verdicts import Finding, Verdict, show, terminal, worst

if TYPE_CHECKING:
    from pathlib import Path

    from soleus.settings import Settings

SAYS_NO = 1


@click.command()
@options.config_file
@options.output_format("table", "json")
def command(config_file: Path | None, form: str) -> int:
    """Look whether this computer is set up, and say what to do where it is not.

    Bluetooth, permissions, versions, configuration, disk, clock, broker, store and outbox. Nothing is changed
    and no sensor is touched; soleus check looks at the sensors. Exit code 1 if anything is wrong.
    """
    configured = installation.configuration(config_file)
    groups = {
        "program": [*installation.python(), configured.finding],
        "Bluetooth": _bluetooth(),
        "this computer": _computer(configured.settings),
        "delivery": _delivery(configured.settings),
    }
    verdict = worst(finding for findings in groups.values() for finding in findings)
    if form == "json":
        shown = {title: [finding.as_json() for finding in findings] for title, findings in groups.items()}
        click.echo(json.dumps({"ok": verdict is not Verdict.WRONG, "verdict": verdict.value, "groups": shown}))
    else:
        console = terminal()
        for title, findings in groups.items():
            show(console, title, findings)
            console.print()
        console.print(_summary(groups, "soleus check" if configured.settings.sensors else "soleus setup"))
    return SAYS_NO if verdict is Verdict.WRONG else 0


def _bluetooth() -> list[Finding]:
    if sys.platform != "linux":
        return [Finding("Bluetooth", Verdict.UNKNOWN, "is the system's own here", "soleus scan tries it")]
    found = asyncio.run(look())
    return [part for part in (bluetooth(found), wakefulness.bluez(found), wakefulness.blocked()) if part is not None]


def _computer(settings: Settings) -> list[Finding]:
    parts = [
        *installation.data_folder(settings),
        machine.clock(),
        installation.time_zone(),
        wakefulness.stays_awake(),
        wakefulness.power(),
    ]
    return [part for part in parts if part is not None]


def _delivery(settings: Settings) -> list[Finding]:
    parts = [asyncio.run(broker(settings)), store(settings), outbox.finding(settings)]
    return [part for part in parts if part is not None]


def _summary(groups: dict[str, list[Finding]], then: str) -> str:
    verdicts = [finding.verdict for findings in groups.values() for finding in findings]
    n_wrong, n_warned = verdicts.count(Verdict.WRONG), verdicts.count(Verdict.WARNING)
    if n_wrong:
        return f"{n_wrong} wrong, {n_warned} to look at. Put right what says wrong, then: soleus doctor"
    if n_warned:
        return f"Nothing is wrong; {n_warned} to look at. Next: {then}"
    return f"All is well. Next: {then}"

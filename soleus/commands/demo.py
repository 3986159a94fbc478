"""``soleus demo``: a simulated night from two virtual sensors to a page in the browser."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from detectors.simulate import REGIMES
from soleus.demo import Demo, DemoPlan
from soleus.options import finite, output_format
from soleus.supervise import stop_event

if TYPE_CHECKING:
    from collections.abc import Mapping

EXIT_INTERRUPTED = 130
SHOWN = {"leg_movement": "movements", "cramp": "cramp-like", "periodic_series": "series", "shift": "shifts"}


@click.command()
@click.option(
    "--hours",
    type=click.FloatRange(min=0.05, max=24),
    callback=finite,
    default=8.0,
    show_default=True,
    help="Length of the night.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of the simulated legs.")
@click.option(
    "--speed",
    type=click.FloatRange(min=1, max=400),
    callback=finite,
    default=200.0,
    show_default=True,
    help="Seconds of the night per second.",
)
@click.option("--regime", type=click.Choice(REGIMES), default="clean", show_default=True, help="Kind of night.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of the page (default: a free one).")
@click.option("--exit", "leave", is_flag=True, help="End after the night instead of keeping the page up.")
@output_format("table", "json")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Keep the night in this folder.")
@click.option("--open/--no-open", "open_page", default=False, help="Open the page in the browser.")
def command(**options: Any) -> int:
    """Play a simulated night from two virtual sensors to a page in the browser.

    The sensors, the radio and the Bluetooth host are virtual (Bumble); everything behind them is what
    a real night runs: the collector, the packet log, the detectors, the journal, an MQTT broker, the
    page. Nothing leaves this computer.
    """
    plan = DemoPlan(options["hours"], options["seed"], options["speed"], options["regime"], options["port"])
    if options["keep"] is not None:
        options["keep"].mkdir(parents=True, exist_ok=True)
        return asyncio.run(_run(plan, options["keep"], options))
    with tempfile.TemporaryDirectory(prefix="soleus-demo-") as folder:
        return asyncio.run(_run(plan, Path(folder), options))


async def _run(plan: DemoPlan, folder: Path, options: Mapping[str, Any]) -> int:
    console = Console(stderr=True)
    stop = stop_event()
    columns = (
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[found]}"),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(f"{plan.hours:g} h at {plan.speed:g} times", total=1.0, found="connecting the sensors")

        def progress(share: float, kinds: Mapping[str, int]) -> None:
            found = " · ".join(f"{kinds.get(kind, 0)} {word}" for kind, word in SHOWN.items())
            bar.update(task, completed=share, found=found)

        def ready(url: str) -> None:
            console.print(
                f"The night fills this page: [link={url}]{url}[/link]" + ("" if options["leave"] else "  (Ctrl-C ends)")
            )
            if options["open_page"]:
                click.launch(url)

        result = await Demo(plan, folder).play(progress, ready, stop=stop, stay=not options["leave"])
    if result is None:
        return EXIT_INTERRUPTED
    if options["form"] == "json":
        click.echo(json.dumps(result))
    else:
        _tell(console, result)
    return 0


def _tell(console: Console, result: Mapping[str, Any]) -> None:
    console.print(
        f"{result['samples_sent']} samples sent, {result['samples_received']} received, {result['gaps']} gaps."
    )
    for kind, found in result["found"].items():
        console.print(
            f"{kind}: {found['matched']} of {result['truth'][kind]} clearly simulated found, {found['false']} false."
        )
    console.print("Simulated signals: these figures say that the code works and nothing about people.")

"""``soleus serve``: show the nights in the browser."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from soleus import options
from soleus.book import FolderBook
from soleus.config import load
from soleus.supervise import stop_event
from soleus.web import access_of, is_loopback, serving

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.bench import Studio
    from soleus.settings import Settings
    from soleus.web import Access

EXIT_INTERRUPTED = 130
WITHOUT_TLS = (
    "warning: web.tls_cert and web.tls_key are not set: nights and the password cross the network in clear text, "
    "see docs/security.md"
)


@click.command()
@options.config_file
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one.")
@click.option("--open/--no-open", "open_page", default=False, help="Open the page in the browser.")
@click.option(
    "--recordings",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="FILE|FOLDER",
    help="Recordings for the pages Bench and Label beside the stored nights, also folders of `soleus simulate`; may be "
    "repeated.",
)
@click.option(
    "--reference",
    "references",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="FILE|FOLDER",
    help="What a person scored in --recordings, as `soleus evaluate` pairs them; one for each scorer.",
)
@options.channels
@options.layout
@options.salvage
@options.time_zone
def command(  # noqa: PLR0913 - one parameter per option
    *,
    config_file: Path | None,
    port: int | None,
    open_page: bool,
    recordings: tuple[Path, ...],
    references: tuple[Path, ...],
    channels: Mapping[str, str],
    layout: Path | None,
    salvage: bool,
    time_zone: str | None,
) -> int:
    """Show the nights in the browser, on this computer only unless the configuration says otherwise."""
    config = load(config_file)
    settings = config.settings
    if port is not None:
        settings = replace(settings, web=replace(settings.web, port=port))
    access = access_of(settings.web)
    if access.tls_cert is None and not is_loopback(settings.web.host):
        click.echo(WITHOUT_TLS, err=True)
    book = FolderBook(settings, config.criteria)
    # Loaded here: what tells of the command, or refuses it, needs no science.
    from soleus.reading import Reading  # noqa: PLC0415 - see above
    from soleus.studio.opening import Said, studio_of  # noqa: PLC0415 - see above

    reading = Reading(tuple(channels.items()), layout, time_zone, salvage)
    with studio_of(settings, recordings, Said(references, reading)) as studio:
        return asyncio.run(_serve(book, settings, access, studio, open_page=open_page))


async def _serve(book: FolderBook, settings: Settings, access: Access, studio: Studio, *, open_page: bool) -> int:
    stop = stop_event()
    async with serving(book, settings.web.host, settings.web.port, access, studio) as url:
        click.echo(f"Your nights: {url} (Ctrl-C ends)")
        if open_page:
            click.launch(url)
        await stop.wait()
    return EXIT_INTERRUPTED

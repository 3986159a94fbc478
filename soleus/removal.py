"""Removing a person, or one of the nights, from everything that this computer can reach.

What could still be sent goes first (the journal), what cannot be had again last (night folders, marks), and every step
can be repeated. While something was not reached, a file keeps where it is: folders and rows that said so are gone.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ingest import wire
from ingest.errors import DecodeError, IngestError
from ingest.home_assistant import remembered
from ingest.influx_person import PersonPoints, Span
from ingest.night.entries import Delivery, Entry, TopicKind
from ingest.night.journal import Journal
from ingest.retained import NOTHING, keep_instead
from soleus.build import broker_address
from soleus.config import ensure_private
from soleus.errors import ConfigError
from soleus.labels.belongings import count_acts, remove_labels
from soleus.machine import goes_on
from soleus.nights import all_nights, alone, journal_path, nights_dir, sending_lock
from soleus.privacy import LEAVING, Belongings, belongings, influx_address, links_of, target_of
from soleus.pyramids import LOCK as EXTREMES_LOCK
from soleus.removal_times import Unfinished, UnfinishedFile, lasted, overlap, remove_points, spans_of
from soleus.saved_criteria import remove_from_criteria
from soleus.workers.relay import MEMORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from soleus.settings import Settings

# In the data folder: what is still to be done.
UNFINISHED = "deleting.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be removed.

    Parameters
    ----------
    night : str or None
        One night; None for all there is of the person.
    found : Belongings
        The person, the nights and the sites.
    n_rows : int
        Rows of the journal.
    n_under_way : int
        Those that the broker has taken and no writer has confirmed.
    n_acts : int
        What raters did in the nights.
    spans : tuple of Span or None
        Where the points are in InfluxDB; None for all.
    others : tuple of str
        Nights that lie in the same time (played at speed), whose points cannot be told apart from these.
    """

    night: str | None
    found: Belongings
    n_rows: int
    n_under_way: int
    n_acts: int
    spans: tuple[Span, ...] | None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan.

    Parameters
    ----------
    removed : list of str
        What is gone, a line each.
    failed : list of str
        What is not, and why.
    """

    removed: list[str]
    failed: list[str]


def plan(settings: Settings, person: str, night: str | None = None) -> Plan:
    """Return what there is to remove.

    Raises
    ------
    ConfigError
        If a night is being collected, or nothing is known of the night that was named.
    DecodeError
        If the journal cannot be read.
    """
    for folder in all_nights(settings):
        if goes_on(folder):
            # Its relay may be sending what is to be removed at this moment.
            msg = f"the night {folder.path.name} is being collected, expected no running night: end it first"
            raise ConfigError(msg)
    found = belongings(settings, person, night)
    counts = (*_counted(settings, person, night), count_acts(settings, person, night))
    unfinished = UnfinishedFile(settings.data_dir / UNFINISHED).find(person, night)
    if night is not None and not (found.nights or any(counts) or unfinished):
        names = ", ".join(folder.path.name for folder in belongings(settings, person).nights)
        msg = f"nothing is kept of the night {night!r} of {person}, expected one of: {names or '(none)'}"
        raise ConfigError(msg)
    if unfinished is not None:
        found = Belongings(person, found.nights, tuple(sorted({*found.sites, *unfinished.sites})), found.unknown)
    if night is None:
        return Plan(None, found, *counts, None)
    spans = spans_of(_rows(settings, person, night), lasted(found.nights[0]) if found.nights else None)
    if unfinished is not None and unfinished.spans is not None:
        spans = tuple(dict.fromkeys((*spans, *unfinished.spans)))
    return Plan(night, found, *counts, spans, _overlapping(settings, person, night, spans))


def remove(settings: Settings, planned: Plan, token_file: Path | None = None) -> Outcome:
    """Remove what is planned and return what became of it.

    Parameters
    ----------
    settings : Settings
        Where everything is.
    planned : Plan
        What to remove.
    token_file : Path, optional
        File with a token that may remove points.

    Raises
    ------
    ConfigError
        If another process is sending, or has taken one of the nights meanwhile.
    """
    outcome = Outcome([], [])
    found, unfinished = planned.found, UnfinishedFile(ensure_private(settings.data_dir) / UNFINISHED)
    with ExitStack() as held:
        held.enter_context(alone(sending_lock(settings), "another process is sending what waits"))
        for folder in found.nights:
            held.enter_context(alone(folder.path / "night.lock", "another process is at work on this night"))
            held.enter_context(alone(folder.path / EXTREMES_LOCK, "a page has this night read: wait a minute"))
        unfinished.put(Unfinished(found.person, planned.night, found.sites, planned.spans))
        _from_journal(settings, planned, outcome)
        _from_broker(settings, planned, outcome)
        _from_influx(settings, planned, outcome, token_file)
        _folders(settings, planned, outcome)
        # Last: whoever labels or saves meanwhile finds no night any more.
        remove_labels(settings, planned, outcome)
        remove_from_criteria(settings, planned, outcome)
    if not outcome.failed:
        unfinished.done(found.person, planned.night)
    if planned.night is None:
        # No repetition would find out, so this is not kept as unfinished.
        outcome.failed.extend(f"{path}: nobody can say whose night it is" for path in found.unknown)
    return outcome


def _from_journal(settings: Settings, planned: Plan, outcome: Outcome) -> None:
    path = journal_path(settings)
    if not path.is_file():
        return
    try:
        with Journal(path) as journal:
            erased = journal.forget(planned.found.person, planned.night)
    except (IngestError, sqlite3.Error) as error:
        outcome.failed.append(f"journal {path}: {error}")
        return
    outcome.removed.append(f"{erased.n_rows} entries of the journal and outbox")
    if not erased.overwritten:
        outcome.failed.append(f"{path}-wal: another program is reading the journal, so that old bytes stay in it")
    if planned.n_under_way:
        outcome.failed.append(
            f"{planned.n_under_way} entries were sent and never confirmed: what the broker still holds for a writer is"
            " stored again when it runs; let soleus store catch up, then repeat this command"
        )


def _from_broker(settings: Settings, planned: Plan, outcome: Outcome) -> None:
    try:
        broker = broker_address(settings.mqtt)
        if broker is None:
            return  # the one that comes with Soleus forgets everything when a night ends
        messages = _kept_instead(settings, planned)
        asyncio.run(keep_instead(broker, f"soleus-privacy-{settings.collector}", messages))
        if _whole(settings, planned):
            (settings.data_dir / MEMORY).unlink(missing_ok=True)
    except (IngestError, ConfigError, sqlite3.Error) as error:
        outcome.failed.append(f"what the broker keeps: {error}")
        return
    outcome.removed.append(f"what the broker {broker} kept for new listeners")


def _whole(settings: Settings, planned: Plan) -> bool:
    """Return whether everything goes of the person whose sensors this collector has told of."""
    return planned.night is None and planned.found.person == settings.person


def _kept_instead(settings: Settings, planned: Plan) -> dict[str, bytes]:
    """Return what the broker keeps from now on: the newest night that stays, or nothing."""
    person = planned.found.person
    gone = Entry(TopicKind.NIGHT, person, "", "", "", 0, valid=False, body={})
    messages = {wire.entry_topic(site, gone): NOTHING for site in planned.found.sites}
    if _whole(settings, planned):
        # What Home Assistant was told names the person on whose topic its button presses.
        messages |= dict.fromkeys(remembered(settings.data_dir / MEMORY), NOTHING)
    # No night runs now: what is kept of tonight is a night that is over.
    messages[wire.tonight_topic(settings.site, settings.collector)] = NOTHING
    stays = [row for row in _rows(settings, person, kind=TopicKind.NIGHT) if row["valid"]]
    if stays:
        row = max(stays, key=lambda one: one["body"]["start_ns"])
        whose = (person, row["night"], row["scoring"], row["key"])
        newest = Entry(TopicKind.NIGHT, *whose, row["revision"], valid=True, body=row["body"])
        topic = wire.entry_topic(settings.site, newest)
        messages[topic] = wire.encode(newest, settings.collector, row["attempt"])
    return messages


def _from_influx(settings: Settings, planned: Plan, outcome: Outcome, token_file: Path | None) -> None:
    if settings.store.url is None:
        return
    if planned.others:
        outcome.failed.append(
            f"points stay: {', '.join(planned.others)} lies in the same time (played at speed), and points do"
            " not say to which night they belong; remove that night as well, then repeat this command"
        )
        return
    try:
        address = influx_address(settings, token_file)
        if address is None:
            return
        unseen = ""
        for site in planned.found.sites:
            with PersonPoints(address, site, planned.found.person) as points:
                unseen = remove_points(points, planned.spans)
    except (IngestError, ConfigError) as error:
        outcome.failed.append(f"points stay: {error}")
        return
    outcome.removed.append(f"the points in InfluxDB {address.url}, bucket {address.bucket!r}{unseen}")


def _folders(settings: Settings, planned: Plan, outcome: Outcome) -> None:
    leaving = nights_dir(settings) / LEAVING
    if leaving.is_dir():
        shutil.rmtree(leaving)  # what a killed removal left
    n_removed = 0
    for folder in planned.found.nights:
        path = folder.path
        if path.is_symlink():
            outcome.failed.append(
                f"{path}: is a link, and {target_of(path)} stays: remove that, then repeat this command"
            )
            continue
        elsewhere = [target for _, target in links_of(folder) if not target.is_relative_to(path)]
        # In one step: of a folder that is half removed nobody could say whose it is.
        path.rename(ensure_private(leaving) / path.name)
        outcome.failed.extend(f"{target}: stays, a link in {path} led there" for target in elsewhere)
        n_removed += 1
    if n_removed:
        shutil.rmtree(leaving)
        outcome.removed.append(f"{n_removed} night folders")


def _overlapping(settings: Settings, person: str, night: str, spans: tuple[Span, ...]) -> tuple[str, ...]:
    """Return the other nights of the person that lie in the same time."""
    times: dict[str, tuple[int, int]] = {}
    for row in _rows(settings, person, kind=TopicKind.NIGHT):
        times[row["night"]] = (row["body"]["start_ns"], row["body"]["end_ns"])
    for folder in belongings(settings, person).nights:
        times.setdefault(folder.path.name, lasted(folder))
    return tuple(sorted(name for name, other in times.items() if name != night and overlap(spans, other)))


def _counted(settings: Settings, person: str, night: str | None) -> tuple[int, int]:
    """Return how many rows there are, and how many of them the broker has and no writer has confirmed."""
    confirming = settings.effective_delivery is Delivery.STORE
    n_rows = n_under_way = 0
    for row in _rows(settings, person, night):
        n_rows += 1
        n_under_way += confirming and row["published_revision"] > row["stored_revision"]
    return n_rows, n_under_way


def _rows(
    settings: Settings, person: str, night: str | None = None, *, kind: TopicKind | None = None
) -> Iterator[Mapping[str, Any]]:
    path = journal_path(settings)
    if not path.is_file():
        return
    try:
        with Journal(path) as journal:
            yield from journal.everything(person, night, kind=kind)
    except sqlite3.Error as error:
        msg = f"{path}: {error}"
        raise DecodeError(msg) from error

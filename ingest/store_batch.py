"""What a batch of messages becomes: points to write, and what is set aside because it cannot become one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ingest import wire
from ingest.errors import DecodeError
from ingest.points import points_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.mqtt import Received
    from ingest.wire import Delivered


class Item(NamedTuple):
    """An entry and its points in line protocol, with the older revisions of it that are not written any more."""

    delivered: Delivered
    lines: tuple[str, ...]
    older: tuple[Delivered, ...] = ()


class Aside(NamedTuple):
    """An entry that is not written, and why; `delivered` is None where the message cannot be read at all."""

    delivered: Delivered | None
    reason: str


def read_batch(batch: Sequence[Received]) -> tuple[list[Item], list[Aside]]:
    """Return what of a batch can be written, and what is set aside.

    Parameters
    ----------
    batch : sequence of Received
        Messages in the order in which they came.

    Returns
    -------
    list of Item
        Two revisions of a collector's key are one point: only the newer is written, and only the newer is confirmed.
    list of Aside
        The others.
    """
    newest: dict[tuple[str, str, str, str], Item] = {}
    aside: list[Aside] = []
    for message in batch:
        if not message.payload:
            continue  # the broker was made to forget what it retained
        try:
            delivered = wire.decode(message.topic, message.payload)
        except DecodeError as error:
            aside.append(Aside(None, f"it cannot be read: {error}"))
            continue
        entry = delivered.entry
        try:
            item = Item(delivered, tuple(point.line() for point in points_of(delivered)))
        except (DecodeError, ValueError) as error:
            aside.append(Aside(delivered, f"{entry.topic_kind} does not fit the schema: {error}"))
            continue
        # Two homes may give their people and nights the same names, and a key is what its sender says.
        fact = (delivered.site, delivered.collector, entry.person, entry.key)
        newest[fact] = _newer(newest[fact], item) if fact in newest else item
    return list(newest.values()), aside


def _newer(one: Item, other: Item) -> Item:
    """Return the newer of two revisions; of equal ones the later."""
    older, newer = (one, other) if one.delivered.entry.revision <= other.delivered.entry.revision else (other, one)
    return newer._replace(older=(*older.older, older.delivered, *newer.older))

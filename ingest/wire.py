"""Topics and payloads of MQTT: what ``docs/mqtt.md`` describes.

Strict going out (a name that cannot be a topic level, a number that is not finite: ``ValueError``), tolerant coming in
(unknown keys are kept or ignored); what cannot be read is a `DecodeError` that the reader counts and sets aside.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.errors import DecodeError
from ingest.fitting_json import json_that_fits
from ingest.night.entries import Confirmation, Entry, TopicKind
from ingest.unquoted import unquoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = "soleus/v1"
VERSION = 1
ONLINE = "online"
OFFLINE = "offline"
# The envelope of an entry; a body must not use these names. Site, person and kind are in the topic.
ENVELOPE = frozenset({"v", "collector", "key", "night", "scoring", "revision", "attempt", "valid", "sent_ns"})
# Kept by the broker for whoever subscribes later.
RETAINED = frozenset({TopicKind.NIGHT})
_BELOW_ROOT = 3
# A topic must stay below 65 536 bytes, or the library refuses to publish on it.
_MOST_NAME_BYTES = 256
# A button sends a word; longer labels are cut anyway.
_MOST_MARK_BYTES = 1024
# Why an entry was set aside fits a line.
MOST_REASON = 200
# A key holds a handful of names; writers repeat it in their confirmations.
MOST_KEY_BYTES = 4096
# Of one message with confirmations: far below what any broker takes.
MOST_CONFIRMED_BYTES = 131_072


@dataclass(frozen=True, slots=True)
class Delivered:
    """An entry as it arrived.

    Parameters
    ----------
    site : str
        Where the collector stands.
    collector : str
        Who sent it and waits for a confirmation.
    attempt : int
        To be returned in the confirmation.
    entry : Entry
        What it says.
    sent_ns : int
        When the collector published it, UTC ns by its clock; 0 where it does not say so.
    """

    site: str
    collector: str
    attempt: int
    entry: Entry
    sent_ns: int = 0


def level(name: str, what: str) -> str:
    """Return `name` if it can be one level of an MQTT topic.

    Parameters
    ----------
    name : str
        The name of a site, a person or a collector.
    what : str
        What it names; for the message.

    Raises
    ------
    ValueError
        If it is empty or longer than 256 bytes, or holds ``/``, ``+``, ``#``, or a control character.
    """
    if not name or any(c in "/+#" or not c.isprintable() for c in name):
        msg = f"{what} is {name!r}, expected a printable name without '/', '+' and '#'"
        raise ValueError(msg)
    if len(name.encode()) > _MOST_NAME_BYTES:
        msg = f"{what} has {len(name.encode())} bytes, expected at most {_MOST_NAME_BYTES}"
        raise ValueError(msg)
    return name


def entry_topic(site: str, entry: Entry) -> str:
    """Return the topic of an entry."""
    return f"{ROOT}/{level(site, 'site')}/{level(entry.person, 'person')}/{entry.topic_kind}"


def availability_topic(site: str, collector: str) -> str:
    """Return the topic on which a collector says whether it is there."""
    return f"{ROOT}/{level(site, 'site')}/{level(collector, 'collector')}/availability"


def stored_topic(site: str, collector: str) -> str:
    """Return the topic on which writers confirm what a collector sent."""
    return f"{ROOT}/{level(site, 'site')}/{level(collector, 'collector')}/stored"


def mark_topic(site: str, person: str) -> str:
    """Return the topic on which anyone may mark this moment of a person's running night."""
    return f"{ROOT}/{level(site, 'site')}/{level(person, 'person')}/mark"


def note_topic(site: str, person: str) -> str:
    """Return the topic on which anyone may write into a person's diary."""
    return f"{ROOT}/{level(site, 'site')}/{level(person, 'person')}/note"


def tonight_topic(site: str, collector: str) -> str:
    """Return the topic that says how the running night of a collector goes."""
    return f"{ROOT}/{level(site, 'site')}/{level(collector, 'collector')}/tonight"


def decode_mark(payload: bytes) -> str:
    """Return the label of a marker: a word or two, or ``{"label": "..."}``; empty for a button that says nothing."""
    text = payload[:_MOST_MARK_BYTES].decode("utf-8", errors="replace")
    try:
        stored = json.loads(text)
    except (ValueError, RecursionError):
        return text
    label = stored.get("label", "") if isinstance(stored, dict) else stored
    if not isinstance(label, str):
        # "5" and "true" are words as well; a label that is a list is none.
        return "" if isinstance(stored, dict) else text
    # JSON can hold half of a surrogate pair, which no file and no database takes.
    return label.encode("utf-8", "replace").decode("utf-8")


def every_entry() -> list[str]:
    """Return the subscriptions of a writer: every entry of every site."""
    return [f"{ROOT}/+/+/{kind}" for kind in TopicKind]


def encode(entry: Entry, collector: str, attempt: int = 0, sent_ns: int = 0) -> bytes:
    """Return the payload of an entry; when it is published (UTC, ns) is not said where that is 0.

    Raises
    ------
    ValueError
        If the body uses a name of the envelope or holds a number that is not finite, or the key is too long.
    """
    if len(entry.key.encode()) > MOST_KEY_BYTES:
        msg = f"{entry.topic_kind}: the key has {len(entry.key.encode())} bytes, expected at most {MOST_KEY_BYTES}"
        raise ValueError(msg)
    clash = ENVELOPE & entry.body.keys()
    if clash:
        msg = f"{entry.topic_kind}: the body has {sorted(clash)}, names that belong to the envelope"
        raise ValueError(msg)
    envelope = {
        "v": VERSION,
        "collector": level(collector, "collector"),
        "key": entry.key,
        "night": entry.night,
        "scoring": entry.scoring,
        "revision": entry.revision,
        "attempt": attempt,
        "valid": entry.valid,
    }
    sent = {"sent_ns": sent_ns} if sent_ns else {}
    return _bytes({**envelope, **sent, **entry.body})


def decode(topic: str, payload: bytes) -> Delivered:
    """Return the entry that a message carries.

    Raises
    ------
    DecodeError
        If it is not an entry of this version.
    """
    levels = topic.removeprefix(f"{ROOT}/").split("/")
    if not topic.startswith(f"{ROOT}/") or len(levels) != _BELOW_ROOT:
        msg = f"topic has {topic.count('/') + 1} levels, expected {ROOT}/<site>/<person>/<kind>"
        raise DecodeError(msg)
    site, person, kind = levels
    if kind not in frozenset(TopicKind):
        msg = f"topic ends in {unquoted(kind)}, expected one of {', '.join(TopicKind)}"
        raise DecodeError(msg)
    fields = _object(payload)
    collector, key = _string(fields, "collector"), _string(fields, "key")
    for what, name in (("site", site), ("collector", collector)):
        _check_level(what, name)
    if len(key) > MOST_KEY_BYTES:
        msg = f"key is {unquoted(key)}, expected at most {MOST_KEY_BYTES}"
        raise DecodeError(msg)
    body = {key: value for key, value in fields.items() if key not in ENVELOPE}
    entry = Entry(
        TopicKind(kind),
        person,
        _string(fields, "night"),
        _string(fields, "scoring"),
        key,
        _count(fields, "revision"),
        bool(fields.get("valid", True)),
        body,
    )
    return Delivered(site, collector, _count(fields, "attempt", 0), entry, _count(fields, "sent_ns", 0))


def _check_level(what: str, name: str) -> None:
    """Refuse a name that no confirmation could be addressed to, without repeating it: it goes into a log."""
    try:
        level(name, what)
    except ValueError:
        msg = f"{what} is {unquoted(name)}, expected a printable name without '/', '+' and '#'"
        raise DecodeError(msg) from None


def encode_confirmations(confirmations: Sequence[Confirmation]) -> bytes:
    """Return the payload of confirmations."""
    return _bytes({"v": VERSION, "stored": [confirmation._asdict() for confirmation in confirmations]})


def confirmation_payloads(confirmations: Sequence[Confirmation]) -> list[bytes]:
    """Return the payloads of confirmations, several where one would be larger than a broker takes."""
    payload = encode_confirmations(confirmations)
    if len(payload) <= MOST_CONFIRMED_BYTES or len(confirmations) == 1:
        return [payload]
    half = len(confirmations) // 2
    return [*confirmation_payloads(confirmations[:half]), *confirmation_payloads(confirmations[half:])]


def decode_confirmations(payload: bytes) -> list[Confirmation]:
    """Return the confirmations in a message; items that cannot be read are left out.

    Raises
    ------
    DecodeError
        If the message is no list of confirmations of this version.
    """
    items = _object(payload).get("stored")
    if not isinstance(items, list):
        msg = "a confirmation has no list 'stored'"
        raise DecodeError(msg)
    found = []
    for item in items:
        if not isinstance(item, dict):
            continue
        try:
            key, person, revision = _string(item, "key"), _string(item, "person"), _count(item, "revision")
            attempt = _count(item, "attempt", 0)
        except DecodeError:
            continue
        reason = str(item.get("reason", ""))[:MOST_REASON]
        found.append(Confirmation(key, person, revision, attempt, bool(item.get("accepted", True)), reason))
    return found


def encode_availability(state: str) -> bytes:
    """Return the payload of `ONLINE` or `OFFLINE`."""
    return _bytes({"v": VERSION, "state": state})


def encode_tonight(state: Mapping[str, object]) -> bytes:
    """Return the payload of a running night's state, see `ingest.tonight`."""
    return _bytes({"v": VERSION, **state})


def _bytes(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode()


def _object(payload: bytes) -> Mapping[str, object]:
    """Read a JSON object of this version; NaN and Infinity are not JSON."""
    fields = json_that_fits(payload)
    if not isinstance(fields, dict):
        msg = f"the payload is a JSON {type(fields).__name__}, expected an object"
        raise DecodeError(msg)
    if fields.get("v") != VERSION:
        msg = f"the payload has version {unquoted(fields.get('v'))}, expected {VERSION}"
        raise DecodeError(msg)
    return fields


def _string(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        msg = f"{name} is {unquoted(value)}, expected a string"
        raise DecodeError(msg)
    return value


def _count(fields: Mapping[str, object], name: str, default: int | None = None) -> int:
    value = fields.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        msg = f"{name} is {unquoted(value)}, expected a whole number of at least 0"
        raise DecodeError(msg)
    return value

"""How the rows of a journal change: one statement for each thing that can happen to an entry."""

from __future__ import annotations

from ingest.night.entries import Delivery, TopicKind
from ingest.night.journal_rows import COLUMNS, TAKEN_BACK

NEVER = -1
# Changes are delivered in the order of their positions; every change takes the next one.
_NEXT = "(SELECT coalesce(max(position), 0) + 1 FROM entry)"

# Measures that an earlier revision had and the new one has not.
_GONE = """
(SELECT json_group_array(name) FROM (
    SELECT key AS name FROM json_each(entry.body, '$.measures') UNION SELECT value FROM json_each(entry.gone)
    EXCEPT SELECT key FROM json_each(excluded.body, '$.measures')))
"""

# The scoring does not know of judgements: its revision is compared, and kept, with theirs added.
PUT = f"""
INSERT INTO entry ({COLUMNS}, since_ns, position) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, {_NEXT})
ON CONFLICT (key) DO UPDATE SET
    revision = excluded.revision + entry.judgements, valid = excluded.valid, body = excluded.body,
    since_ns = excluded.since_ns, position = excluded.position, rejected = 0, reason = '', gone = {_GONE}
WHERE excluded.revision + entry.judgements > entry.revision
"""  # noqa: S608 - constants of this module

JUDGE = f"""
UPDATE entry SET confirmed = ?1, judgements = judgements + 1, revision = revision + 1,
    since_ns = ?2, position = {_NEXT}, rejected = 0, reason = ''
WHERE key = ?3 AND topic = '{TopicKind.EVENT}' AND coalesce(confirmed, {TAKEN_BACK}) <> ?1
"""  # noqa: S608 - constants of this module

PUBLISHED = """
UPDATE entry SET published_revision = max(published_revision, ?2) WHERE key = ?1 AND revision >= ?2
"""

SETTLE = """
UPDATE entry SET stored_revision = revision, rejected = ?, reason = ?
WHERE key = ? AND person = ? AND revision = ? AND attempt = ?
"""

_ONCE_MORE = f"""
UPDATE entry SET attempt = attempt + 1, stored_revision = {NEVER}, published_revision = {NEVER}, position = {_NEXT}
"""  # noqa: S608 - constants of this module
_AGAIN = f"{_ONCE_MORE}, since_ns = ?"
REOPEN = f"{_AGAIN} WHERE key = ? AND person = ? AND revision > ?"
RETRY = f"{_AGAIN}, rejected = 0, reason = '' WHERE key = ? AND rejected"
# It keeps the time of its last change: what is old enough is doubted no more.
DOUBT = f"{_ONCE_MORE} WHERE key = ?"

WAITS = {
    Delivery.STORE: "stored_revision < revision",
    Delivery.BROKER: "published_revision < revision AND NOT rejected",
    Delivery.NONE: "0",
}
"""What has not been delivered, by who empties the outbox."""

_BULK = f"topic IN ('{TopicKind.EPOCH}', '{TopicKind.HEALTH}')"
_DELIVERED = {
    Delivery.STORE: "stored_revision = revision AND NOT rejected",
    Delivery.BROKER: "published_revision = revision AND NOT rejected",
    # Nothing is sent: the night's folder has it.
    Delivery.NONE: "1",
}
THIN = {
    delivery: f"DELETE FROM entry WHERE {_BULK} AND since_ns < ? AND {delivered}"  # noqa: S608 - constants
    for delivery, delivered in _DELIVERED.items()
}
"""Removes the bulk of what was delivered long ago."""

COUNT = """
SELECT count(*), coalesce(sum(published_revision = revision), 0),
    coalesce(sum(stored_revision = revision AND NOT rejected), 0), coalesce(sum(rejected), 0)
FROM entry
"""

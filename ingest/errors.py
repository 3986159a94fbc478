"""Errors of the wire and of files.

IngestError
├── DecodeError     a file or a stored record cannot be read
├── LinkLost        a sensor is gone; normal, retried
│   └── NotKnown    the Bluetooth service has not heard of it, or has forgotten it
├── BrokerRefused   the broker refuses us (password, rights)
└── StoreRejected   the store refuses a point for good
"""

from __future__ import annotations


class IngestError(Exception):
    """Something on the wire or in a file is wrong; the message says what, got, expected and where."""


class DecodeError(IngestError):
    """A file or a stored record cannot be read."""


class LinkLost(IngestError):  # noqa: N818 - a state of the world, not a fault
    """The link to a sensor is gone; normal, and retried."""


class NotKnown(LinkLost):
    """The Bluetooth service has not heard of the sensor, or has forgotten it: only a scan finds it."""


class BrokerRefused(IngestError):  # noqa: N818 - named by what happened
    """The broker refuses us."""


class StoreRejected(IngestError):  # noqa: N818 - named by what happened
    """The store refuses a point for good."""

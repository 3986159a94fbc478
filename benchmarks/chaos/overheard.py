"""What passes over a link, packet by packet: how often each entry was sent, without asking who sent it."""

from __future__ import annotations

from collections import Counter

from ingest import wire
from ingest.errors import DecodeError

PUBLISH = 3
# Of the first byte of a packet: its type, and of a PUBLISH at which quality of service it goes.
TYPE_SHIFT = 4
QOS_BITS = 0b0110
MORE = 0x80
SEVEN_BITS = 0x7F


class Overheard:
    """Entries that went one way over a link, by key and revision.

    Attributes
    ----------
    times : Counter of (str, int)
        How often each revision of each key was sent; a message that was cut short counts as not sent.
    """

    def __init__(self) -> None:
        self.times: Counter[tuple[str, int]] = Counter()

    @property
    def total(self) -> int:
        """How many messages."""
        return self.times.total()

    @property
    def again(self) -> int:
        """How many of them said what one before had said."""
        return self.total - len(self.times)

    def ear(self) -> MqttEar:
        """Return who listens to one connection."""
        return MqttEar(self.times)


class MqttEar:
    r"""Read one direction of one connection of MQTT 5.

    Parameters
    ----------
    times : Counter
        Where each entry is counted.

    Examples
    --------
    >>> times = Counter()
    >>> ear = MqttEar(times)
    >>> payload = b'{"v":1,"collector":"c","key":"k","night":"n","scoring":"s","revision":2}'
    >>> topic = b"soleus/v1/home/p1/event"
    >>> body = len(topic).to_bytes(2, "big") + topic + b"\x00\x07" + b"\x00" + payload
    >>> packet = bytes((0x32, len(body))) + body
    >>> ear.hear(packet[:9]), ear.hear(packet[9:] + packet)
    (None, None)
    >>> times
    Counter({('k', 2): 2})
    """

    def __init__(self, times: Counter[tuple[str, int]]) -> None:
        self._times = times
        self._rest = bytearray()

    def hear(self, data: bytes) -> None:
        """Take the next bytes."""
        self._rest += data
        while (length := _number(self._rest, 1)) is not None:
            size, begin = length
            if len(self._rest) < begin + size:
                return
            head, body = self._rest[0], bytes(self._rest[begin : begin + size])
            del self._rest[: begin + size]
            if head >> TYPE_SHIFT == PUBLISH:
                self._count(head, body)

    def _count(self, head: int, body: bytes) -> None:
        end = 2 + int.from_bytes(body[:2], "big")
        properties = _number(body, end + (2 if head & QOS_BITS else 0))
        if properties is None:
            return
        size, begin = properties
        try:
            entry = wire.decode(body[2:end].decode(), body[begin + size :]).entry
        except (DecodeError, UnicodeDecodeError):
            return
        self._times[entry.key, entry.revision] += 1


class Deaf:
    """Listens to nothing."""

    def hear(self, data: bytes) -> None:
        """Take the next bytes."""


def _number(data: bytes | bytearray, at: int) -> tuple[int, int] | None:
    """Return a number of MQTT's variable length and where it ends, or None if not all of it is there."""
    value = 0
    for place, byte in enumerate(data[at : at + 4]):
        value |= (byte & SEVEN_BITS) << (7 * place)
        if not byte & MORE:
            return value, at + place + 1
    return None

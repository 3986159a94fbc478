"""One connection to an MQTT broker: the only module that knows paho.

paho runs its own thread and connects again by itself; every callback hops into the event loop once, as a `Signal`.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingest.address import Dialect

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from paho.mqtt.reasoncodes import ReasonCode

    from ingest.address import BrokerAddress

QOS_AT_MOST_ONCE = 0
QOS_AT_LEAST_ONCE = 1
# Half of the usual 60 s: a link that died in silence is noticed within 45 s (MQTT allows one and a half keep-alives).
KEEPALIVE_S = 30
LONGEST_RECONNECT_S = 30
# Where a broker says nothing of it, as many as MQTT can number.
ANY_NUMBER = 65535
# What paho may hold for a connection that is away; beyond that a message counts as refused, and memory stays flat.
MOST_QUEUED = 2000
# The broker keeps our subscriptions and what arrives for us while we are away; a week covers a holiday.
SESSION_S = 7 * 24 * 3600


class Will(NamedTuple):
    """What the broker says in our name (retained) when we vanish."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Session:
    """What a connection is for.

    Parameters
    ----------
    client_id : str
        Fixed: the broker keeps a queue under this name. Two connections of one name throw each other out.
    subscriptions : sequence of str
        Topics to receive, at least once.
    in_flight : int
        Most messages under way in one direction without acknowledgement; towards us only with MQTT 5.
    will : Will or None
        Last will.
    persistent : bool
        Whether the broker keeps the subscriptions and what arrives for them while we are away.
    fleeting : sequence of str
        Topics of which only what comes now is wanted: at most once, and nothing from while we were away. The connection
        is of use without them, if the broker refuses.
    optional : sequence of str
        Topics to receive, at least once, that the connection is of use without as well.
    """

    client_id: str
    subscriptions: Sequence[str] = ()
    in_flight: int = 100
    will: Will | None = None
    persistent: bool = True
    fleeting: Sequence[str] = ()
    optional: Sequence[str] = ()


class Up(NamedTuple):
    """Connected; `resumed` is False when the broker remembers nothing of us.

    `receive_maximum` is how many messages it takes from us before it has acknowledged one.
    """

    resumed: bool
    receive_maximum: int = ANY_NUMBER


class Subscribed(NamedTuple):
    """The broker has granted every subscription, but for those of `without`, that the connection can do without."""

    without: tuple[str, ...] = ()


class Down(NamedTuple):
    """Not connected (any more); paho goes on trying."""

    reason: str


class Refused(NamedTuple):
    """The broker does not want this login, or this subscription."""

    reason: str


class Acknowledged(NamedTuple):
    """The broker has taken message `mid`, or refuses it (`refusal`)."""

    mid: int
    refusal: str | None


class Received(NamedTuple):
    """A message; `connection` tells on which connection it came, `qos` whether the broker waits for a word.

    `retained` is True for what the broker kept from earlier and hands to every new subscription, `again` for what it
    has sent before and got no word about.
    """

    topic: str
    payload: bytes
    mid: int
    connection: int
    qos: int = QOS_AT_LEAST_ONCE
    retained: bool = False
    again: bool = False


Signal = Up | Subscribed | Down | Refused | Acknowledged | Received


class MqttLink:
    """A connection that lives as long as its ``async with``.

    Parameters
    ----------
    address : BrokerAddress
        The broker.
    session : Session
        What the connection is for.
    """

    def __init__(self, address: BrokerAddress, session: Session) -> None:
        self._address = address
        self._session = session
        self._connection = 0
        # Not bounded here. A broker of MQTT 5 sends at most `in_flight` messages before we acknowledge one; MQTT 3.1.1
        # cannot ask for that, and what limits the queue then is the broker's own setting (docs/mqtt.md).
        self._signals: asyncio.Queue[Signal] = asyncio.Queue()
        self._client = self._make_client()

    def _make_client(self) -> paho.Client:
        five = self._address.dialect is Dialect.MQTT_5
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._session.client_id,
            clean_session=None if five else not self._session.persistent,
            protocol=MQTTProtocolVersion.MQTTv5 if five else MQTTProtocolVersion.MQTTv311,
            manual_ack=True,
        )
        if self._address.user is not None:
            client.username_pw_set(self._address.user, self._address.password)
        if self._address.tls:
            client.tls_set_context(_tls_context(self._address))
        client.max_inflight_messages_set(self._session.in_flight)
        client.max_queued_messages_set(MOST_QUEUED)
        client.reconnect_delay_set(1, LONGEST_RECONNECT_S)
        if self._session.will is not None:
            client.will_set(self._session.will.topic, self._session.will.payload, QOS_AT_LEAST_ONCE, retain=True)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        return client

    async def __aenter__(self) -> Self:
        """Begin to connect; the first `Up` or `Refused` tells how it went."""
        self._loop = asyncio.get_running_loop()
        properties = None
        if self._address.dialect is Dialect.MQTT_5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho leaves it untyped
            properties.SessionExpiryInterval = SESSION_S if self._session.persistent else 0
            properties.ReceiveMaximum = self._session.in_flight
        clean: Any = not self._session.persistent if properties else paho.MQTT_CLEAN_START_FIRST_ONLY
        self._client.connect_async(
            self._address.host, self._address.port, KEEPALIVE_S, clean_start=clean, properties=properties
        )
        self._client.loop_start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Say good-bye, so that the last will is not sent."""
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)
        # Or the two would hold each other, and its sockets stay open until garbage is collected, with a warning.
        self._client.on_connect = self._client.on_connect_fail = self._client.on_disconnect = None
        self._client.on_subscribe = self._client.on_publish = self._client.on_message = None

    async def signals(self, wait_s: float) -> list[Signal]:
        """Return what has happened; wait up to `wait_s` for something to happen."""
        found: list[Signal] = []
        try:
            async with asyncio.timeout(wait_s):
                found.append(await self._signals.get())
        except TimeoutError:
            return found
        while not self._signals.empty():
            found.append(self._signals.get_nowait())
        return found

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        """Send a message at least once, also over a new connection, and return its number.

        Where too many wait for a connection already, it counts as refused: `Acknowledged` says so.
        """
        sent = self._client.publish(topic, payload, QOS_AT_LEAST_ONCE, retain=retain)
        if sent.rc == MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:
            self._hop(Acknowledged(sent.mid, f"{MOST_QUEUED} messages wait for a connection"))
        return sent.mid

    def acknowledge(self, message: Received) -> None:
        """Tell the broker that a message is done with.

        A message of an earlier connection is passed over: the broker sends it again, and its number may by now belong
        to another one.
        """
        if message.connection == self._connection and message.qos == QOS_AT_LEAST_ONCE:
            self._client.ack(message.mid, QOS_AT_LEAST_ONCE)

    def _hop(self, signal: Signal) -> None:
        """Carry a signal from paho's thread into the event loop."""
        self._loop.call_soon_threadsafe(self._signals.put_nowait, signal)

    def _on_connect(
        self,
        client: paho.Client,
        _userdata: object,
        flags: paho.ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._hop(Refused(str(reason)))
            return
        self._connection += 1
        wanted = [(topic, QOS_AT_LEAST_ONCE) for topic in (*self._session.subscriptions, *self._session.optional)]
        wanted += [(topic, QOS_AT_MOST_ONCE) for topic in self._session.fleeting]
        if wanted:
            client.subscribe(wanted)
        self._hop(Up(flags.session_present, getattr(properties, "ReceiveMaximum", ANY_NUMBER)))

    def _on_connect_fail(self, _client: paho.Client, _userdata: object) -> None:
        self._hop(Down("no connection"))

    def _on_disconnect(
        self, _client: paho.Client, _userdata: object, _flags: object, reason: ReasonCode, _p: object
    ) -> None:
        self._hop(Down(str(reason)))

    def _on_subscribe(
        self, _client: paho.Client, _userdata: object, _mid: int, reasons: list[ReasonCode], _p: object
    ) -> None:
        session = self._session
        # The broker answers in the order in which it was asked.
        asked = (*session.subscriptions, *session.optional, *session.fleeting)
        refused = {topic: str(reason) for topic, reason in zip(asked, reasons, strict=False) if reason.is_failure}
        needed = [refused[topic] for topic in session.subscriptions if topic in refused]
        self._hop(Refused(f"subscription: {needed[0]}") if needed else Subscribed(tuple(refused)))

    def _on_publish(self, _client: paho.Client, _userdata: object, mid: int, reason: ReasonCode, _p: object) -> None:
        self._hop(Acknowledged(mid, str(reason) if reason.is_failure else None))

    def _on_message(self, _client: paho.Client, _userdata: object, message: paho.MQTTMessage) -> None:
        whence = (message.mid, self._connection, message.qos, message.retain, message.dup)
        self._hop(Received(message.topic, bytes(message.payload), *whence))


def _tls_context(address: BrokerAddress) -> ssl.SSLContext:
    """Return what to trust, and who we are; an error names the file, which the library does not."""
    file = address.ca_file
    try:
        context = ssl.create_default_context(cafile=file)
        if address.client_cert is not None:
            file = f"{address.client_cert} with {address.client_key}"
            context.load_cert_chain(address.client_cert, address.client_key)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), file) from error
    return context

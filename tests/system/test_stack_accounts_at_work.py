"""The broker with the access list that `soleus setup --stack` writes: nobody hears or says what is another's."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ingest import wire
from ingest.mqtt import Acknowledged, MqttLink, Received, Refused, Session, Subscribed, Up
from ingest.night.entries import TopicKind
from tests.system.known_secrets import password_of
from tests.system.servers import READY_S, mosquitto

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ingest.address import BrokerAddress
    from ingest.mqtt import Signal
    from tests.system.servers import Mosquitto

pytestmark = pytest.mark.system

ANNA = ("house", "anna", "attic")
BEN = ("house", "ben", "cellar")
NOT_AUTHORISED = "Not authorized"
# What each may say: the person's topics, then the collector's.
OF_A_PERSON = tuple(TopicKind)
OF_A_COLLECTOR = ("availability", "tonight")


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    accounts = [f"anna:{':'.join(ANNA)}:left-shin", f"ben:{':'.join(BEN)}"]
    with mosquitto(tmp_path_factory.mktemp("broker") / "mosquitto", accounts) as server:
        yield server


def topics(site: str, person: str, collector: str) -> list[str]:
    """Return every topic on which a collector speaks."""
    of_person = [f"{wire.ROOT}/{site}/{person}/{kind}" for kind in OF_A_PERSON]
    return of_person + [f"{wire.ROOT}/{site}/{collector}/{kind}" for kind in OF_A_COLLECTOR]


async def first(link: MqttLink, wanted: Callable[[Signal], bool]) -> Signal:
    while True:
        for signal in await link.signals(READY_S):
            if wanted(signal):
                return signal


async def said(broker: BrokerAddress, wanted: Sequence[str]) -> dict[str, str | None]:
    """Publish on each topic and return why the broker refuses it."""
    answers: dict[str, str | None] = {}
    async with MqttLink(broker, Session(f"says-{broker.user}", persistent=False)) as link, asyncio.timeout(READY_S):
        await first(link, lambda signal: isinstance(signal, Up))
        for topic in wanted:
            mid = link.publish(topic, b"{}")
            answer = await first(link, lambda signal, mid=mid: isinstance(signal, Acknowledged) and signal.mid == mid)
            assert isinstance(answer, Acknowledged)
            answers[topic] = answer.refusal
    return answers


async def heard(broker: Mosquitto, listener: str, filters: Sequence[str], sent: Sequence[tuple[str, str]]) -> list[str]:
    """Return the topics of what a listener hears of (account, topic) that are sent; the last must come through."""
    found: list[str] = []
    session = Session(f"hears-{listener}", list(filters), persistent=False)
    async with MqttLink(broker.address(listener), session) as link, asyncio.timeout(READY_S):
        await first(link, lambda signal: isinstance(signal, Subscribed))
        for account, topic in sent:
            assert (await said(broker.address(account), [topic]))[topic] is None
        while sent[-1][1] not in found:
            found += [signal.topic for signal in await link.signals(READY_S) if isinstance(signal, Received)]
    return found


@pytest.mark.parametrize(
    ("user", "password"),
    [(None, None), ("anna", "wrong"), ("anna", password_of("ben")), ("nobody", password_of("nobody"))],
)
async def test_without_the_right_password_nobody_comes_in(
    broker: Mosquitto, user: str | None, password: str | None
) -> None:
    address = replace(broker.address("anna"), user=user, password=password)
    async with MqttLink(address, Session("stranger", persistent=False)) as link, asyncio.timeout(READY_S):
        answer = await first(link, lambda signal: isinstance(signal, Refused | Up))
    assert answer == Refused(NOT_AUTHORISED)


async def test_a_collector_speaks_for_its_own_person_and_for_nobody_else(broker: Mosquitto) -> None:
    own, others = topics(*ANNA), topics(*BEN)
    answers = await said(broker.address("anna"), [*own, *others, *topics("street", "anna", "attic")])
    assert {topic for topic, refusal in answers.items() if refusal is None} == set(own)
    assert {answers[topic] for topic in others} == {NOT_AUTHORISED}


async def test_a_collector_confirms_nothing_and_presses_no_button(broker: Mosquitto) -> None:
    site, person, collector = ANNA
    forbidden = [
        wire.stored_topic(site, collector),
        wire.mark_topic(site, person),
        wire.note_topic(site, person),
        "homeassistant/device/soleus_cellar_left-shin/config",
        "homeassistant/light/lamp/config",
        "$SYS/broker/uptime",
        "anything",
    ]
    assert set((await said(broker.address("anna"), forbidden)).values()) == {NOT_AUTHORISED}


async def test_a_collector_announces_its_own_sensor_to_home_assistant(broker: Mosquitto) -> None:
    topic = "homeassistant/device/soleus_attic_left-shin/config"
    assert await said(broker.address("anna"), [topic]) == {topic: None}
    assert await said(broker.address("ben"), [topic]) == {topic: NOT_AUTHORISED}


@pytest.mark.parametrize("pattern", ["#", f"{wire.ROOT}/#", f"{wire.ROOT}/+/ben/+", "$share/writers/#", "+/+/+/+/+"])
async def test_a_collector_that_asks_for_everything_hears_only_its_own(broker: Mosquitto, pattern: str) -> None:
    site, person, collector = ANNA
    last = wire.stored_topic(site, collector)
    sent = [("ben", topic) for topic in topics(*BEN)] + [("anna", topic) for topic in topics(*ANNA)]
    sent += [("reader", wire.mark_topic(site, person)), ("reader", wire.mark_topic(site, "ben")), ("store", last)]
    found = await heard(broker, "anna", [pattern, last], sent)
    assert set(found) <= {wire.mark_topic(site, person), last}


async def test_a_reader_hears_everybody_but_not_what_was_stored(broker: Mosquitto) -> None:
    sent = [("store", wire.stored_topic("house", "attic"))]
    sent += [("anna", topic) for topic in topics(*ANNA)] + [("ben", topic) for topic in topics(*BEN)]
    assert set(await heard(broker, "reader", ["#"], sent)) == {*topics(*ANNA), *topics(*BEN)}


async def test_a_reader_leaves_marks_and_notes_and_says_nothing_else(broker: Mosquitto) -> None:
    allowed = [wire.mark_topic("house", "anna"), wire.note_topic("house", "anna")]
    asked = [*allowed, *topics(*ANNA), wire.stored_topic("house", "attic"), "homeassistant/device/x/config"]
    answers = await said(broker.address("reader"), asked)
    assert [topic for topic in asked if answers[topic] is None] == allowed


@pytest.mark.parametrize("group", ["", "$share/writers/"])
async def test_a_writer_hears_every_entry_also_as_one_of_a_group(broker: Mosquitto, group: str) -> None:
    filters = [f"{group}{topic}" for topic in wire.every_entry()]
    entries = [f"{wire.ROOT}/house/ben/{kind}" for kind in TopicKind]
    assert set(await heard(broker, "store", filters, [("ben", topic) for topic in entries])) >= set(entries)
    refused = await said(broker.address("store"), [*entries, wire.availability_topic("house", "attic")])
    assert set(refused.values()) == {NOT_AUTHORISED}


async def test_who_takes_another_connections_name_hears_nothing_of_what_waited_for_it(broker: Mosquitto) -> None:
    theirs, own = wire.stored_topic("house", "cellar"), wire.stored_topic("house", "attic")
    name = "soleus-collector-cellar"
    async with MqttLink(broker.address("ben"), Session(name, [theirs])) as link, asyncio.timeout(READY_S):
        await first(link, lambda signal: isinstance(signal, Subscribed))
    assert await said(broker.address("store"), [theirs]) == {theirs: None}
    found: list[str] = []
    async with MqttLink(broker.address("anna"), Session(name, [own])) as link, asyncio.timeout(READY_S):
        await first(link, lambda signal: isinstance(signal, Subscribed))
        for topic in (theirs, own):
            assert await said(broker.address("store"), [topic]) == {topic: None}
        while own not in found:
            found += [signal.topic for signal in await link.signals(READY_S) if isinstance(signal, Received)]
    assert found == [own]

"""What one sender says never makes a message that a broker would not take from a writer."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from detectors.events import Event, EventKind
from detectors.signal import Leg
from ingest import wire
from ingest.errors import DecodeError
from ingest.night.entries import Confirmation, event_entry
from ingest.store import BATCH

MOVEMENT = event_entry(Event(EventKind.LEG_MOVEMENT, "left-shin", Leg.LEFT, 1, 11, {}), "p1", "n1", "default")
TOPIC = "soleus/v1/home/p1/event"
CONFIGURED = Path(__file__).parents[2] / "deploy/mosquitto/mosquitto.conf"


@pytest.mark.slow
def test_confirmations_of_a_batch_fit_what_the_broker_of_the_stack_takes_however_long_the_keys_are() -> None:
    (most,) = re.findall(r"^max_packet_size (\d+)", CONFIGURED.read_text(encoding="utf-8"), re.MULTILINE)
    longest = Confirmation(
        wire.MOST_KEY_BYTES * "k", "p" * 256, 9, 9, accepted=False, reason="\u00b5" * wire.MOST_REASON
    )
    batch = [longest._replace(revision=number) for number in range(BATCH)]
    payloads = wire.confirmation_payloads(batch)
    assert [one for payload in payloads for one in wire.decode_confirmations(payload)] == batch
    assert max(map(len, payloads)) <= wire.MOST_CONFIRMED_BYTES < int(most) / 2


def test_ordinary_confirmations_of_a_batch_are_one_message() -> None:
    assert len(wire.confirmation_payloads([Confirmation(MOVEMENT.key, "p1", 0)] * BATCH)) == 1


@pytest.mark.parametrize(("n_bytes", "is_taken"), [(wire.MOST_KEY_BYTES, True), (wire.MOST_KEY_BYTES + 1, False)])
def test_a_key_is_bounded_on_its_way_out_and_in(n_bytes: int, *, is_taken: bool) -> None:
    entry = replace(MOVEMENT, key=n_bytes * "k")
    payload = json.dumps({**json.loads(wire.encode(MOVEMENT, "bedroom")), "key": entry.key}).encode()
    if is_taken:
        assert wire.decode(TOPIC, payload).entry == wire.decode(TOPIC, wire.encode(entry, "bedroom")).entry
        return
    with pytest.raises(DecodeError, match="key is a string of 4097 characters, expected at most 4096"):
        wire.decode(TOPIC, payload)
    with pytest.raises(ValueError, match="the key has 4097 bytes"):
        wire.encode(entry, "bedroom")


def test_a_collector_that_cannot_be_answered_is_refused_without_repeating_its_name() -> None:
    payload = wire.encode(MOVEMENT, "bedroom").replace(b"bedroom", b"Jane Doe/" * 10_000)
    with pytest.raises(DecodeError) as refused:
        wire.decode(TOPIC, payload)
    assert str(refused.value).startswith("collector is a string of 90000 characters, expected a printable name")

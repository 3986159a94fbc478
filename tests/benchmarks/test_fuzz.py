"""Noise through every decoder: nothing raises, and good packets after it are read as without it."""

from __future__ import annotations

import dataclasses
from random import Random
from typing import TYPE_CHECKING

import pytest

from benchmarks.fuzz.__main__ import line, pieces
from benchmarks.fuzz.examples import EXAMPLES
from benchmarks.fuzz.fuzzing import Found, fuzz, fuzz_devices, untouched
from benchmarks.fuzz.noise import Noise
from ingest.decoders.catalogue import DEVICES
from ingest.decoders.pinetime import PineTimeReader
from ingest.decoders.reading import PacketDecoder
from ingest.night.records import Notification, SetupReply

if TYPE_CHECKING:
    from ingest.decoders.base import Placement
    from ingest.decoders.layout import Device, Said

FORMS = [(name, form) for name, examples in EXAMPLES.items() for form in range(len(examples))]


class Fragile(PineTimeReader):
    """Raises what no reader may on a packet of seven bytes, or never forgets one."""

    def __init__(self, *, raises: bool) -> None:
        super().__init__()
        self._raises = raises
        self._spoilt = False

    def notified(self, characteristic: str, payload: bytes) -> list[Said]:
        if len(payload) == 7:
            self._spoilt = True
        if self._spoilt and self._raises:
            raise ZeroDivisionError("one of the things that must not be")
        return [] if self._spoilt else super().notified(characteristic, payload)


def broken(*, raises: bool) -> Device:
    def decoder(placement: Placement, _options: object, **keywords: float) -> PacketDecoder:
        return PacketDecoder(placement, Fragile(raises=raises), **keywords)

    return dataclasses.replace(DEVICES["pinetime"], decoder=decoder)


@pytest.mark.slow
def test_every_kind_of_sensor_has_an_example_of_good_packets_that_give_samples() -> None:
    assert set(EXAMPLES) == set(fuzz_devices()) >= set(DEVICES)
    for name, example in ((name, example) for name, examples in EXAMPLES.items() for example in examples):
        assert untouched(fuzz_devices()[name], example), name


@pytest.mark.slow
@pytest.mark.parametrize(("name", "form"), FORMS)
def test_noise_raises_nothing_and_leaves_nothing_behind(name: str, form: int) -> None:
    found = fuzz(name, 600, seed=len(EXAMPLES[name]) + form)
    assert found.faults == []
    assert found.malformed > 0
    assert found.samples > 0


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - noise that can be made again


def test_noise_can_be_made_again_and_is_as_long_as_asked_for() -> None:
    first, again = (list(Noise(EXAMPLES["lsp"][0], seeded(3)).records(300)) for _ in range(2))
    assert first == again
    heard = [record for record in first if isinstance(record, Notification | SetupReply)]
    assert 300 + len(EXAMPLES["lsp"][0].replies) <= len(heard) <= 300 + 20
    assert [record.mono_ns for record in first] == sorted(record.mono_ns for record in first)


def test_a_decoder_that_raises_is_caught_with_the_record_that_it_read() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        fuzz("pinetime", 2000, 1, broken(raises=True))
    assert "while it read Notification(" in caught.value.__notes__[0]


def test_a_decoder_that_the_noise_has_changed_for_good_is_caught() -> None:
    (fault,) = fuzz("pinetime", 2000, 1, broken(raises=False)).faults
    assert fault == "pinetime, seed 1: good packets after the noise are read otherwise than without it"


def test_the_work_is_shared_by_the_devices_and_each_has_its_line() -> None:
    assert list(pieces(["lsp", "myo"], 110_000, 1)) == [
        ("lsp", 50_000, 1), ("myo", 50_000, 1), ("lsp", 5_000, 2), ("myo", 5_000, 2),
    ]  # fmt: skip
    printed = line("lsp", [Found("lsp", 100, 7, 2, 5, 0.5, 1.0), Found("lsp", 100, 1, 0, 5, 0.5, 3.0)])
    words = "lsp 200 notifications 10 malformed 8 samples 2 gaps 1.0 s 5000.0 µs +3 MB"
    assert " ".join(printed.split()) == words

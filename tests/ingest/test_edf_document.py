"""What docs/edf.md says of labels is what the program reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from detectors.signal import Leg, Quantity
from ingest.files.edf_channels import AXES, Channel, channel_of

DOCUMENT = (Path(__file__).parents[2] / "docs/edf.md").read_text(encoding="utf-8")
ROWS = {
    first: tuple(re.findall(r"`([^`]+)`", cell) for cell in rest)
    for first, *rest in re.findall(r"^\| ([^|]+) \| ([^|]*) \| ([^|]*) \|$", DOCUMENT, re.MULTILINE)
}
PARTS = {"tibialis anterior": {"ta"}, "gastrocnemius": {"gm", "gl", "gas"}, "soleus": {"so"}, "acceleration": set(AXES)}
SIDES = dict.fromkeys(("L", "LT", "left", "SX", "sin", "li", "links", "gauche"), Leg.LEFT) | dict.fromkeys(
    ("R", "RT", "right", "DX", "dest", "re", "rechts", "droite"), Leg.RIGHT
)


def understood(label: str) -> Channel:
    channel = channel_of(label)
    assert channel is not None, label
    return channel


def test_the_document_lists_each_side_and_each_part() -> None:
    assert set(ROWS["a side"][0]) == set(SIDES)
    assert PARTS.keys() <= ROWS.keys()


@pytest.mark.parametrize("part", PARTS)
def test_every_example_of_the_document_means_what_its_row_says(part: str) -> None:
    examples = ROWS[part][1]
    assert examples
    for example in examples:
        assert understood(example).part in PARTS[part], example


@pytest.mark.parametrize("part", ["tibialis anterior", "gastrocnemius", "soleus"])
def test_every_word_of_the_document_is_understood_on_every_side(part: str) -> None:
    for word in ROWS[part][0]:
        for side, leg in SIDES.items():
            for label in (f"{word} {side}", f"EMG {side}-{word}", f"{word} {side} REF", f"{word} {side} 1"):
                channel = understood(label)
                assert (channel.leg, channel.quantity, channel.part in PARTS[part]) == (leg, Quantity.EMG, True), label


def test_every_word_for_acceleration_is_understood_on_every_axis() -> None:
    words = [word for word in ROWS["acceleration"][0] if word not in AXES]
    assert words
    for word in words:
        for axis in AXES:
            assert understood(f"{word}-L {axis}") == Channel(Leg.LEFT, Quantity.ACCELERATION, axis)

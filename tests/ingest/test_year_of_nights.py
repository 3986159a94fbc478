"""Scoring a whole year again, at the level of the journal: what is as it was is neither changed nor sent again."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from detectors.events import Epoch, Event, EventKind, Step
from detectors.signal import NS_PER_S, Leg, Quantity
from ingest.night.entries import Confirmation, Delivery, Entry, epoch_entry, event_entry, night_entry
from ingest.night.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

NIGHTS = 365
DAY_NS = 24 * 3600 * NS_PER_S
START_NS = 1_760_000_000 * NS_PER_S


def night(number: int) -> list[Entry]:
    """Return what a scoring says of one synthetic night: made anew each time, the same each time."""
    rng = random.Random(number)  # noqa: S311 - a seeded night
    whose, start_ns = ("p1", f"night {number}", "default"), START_NS + number * DAY_NS
    entries = [
        event_entry(
            Event(
                rng.choice((EventKind.LEG_MOVEMENT, EventKind.CRAMP)), "left-shin", Leg.LEFT, onset_ns,
                onset_ns + rng.randrange(NS_PER_S, 10 * NS_PER_S),
                {"peak_uv": rng.gauss(50, 20), "clm": 1.0, "n": 0.1 + 0.2},
                why=(Step("onset_uv", rng.random(), 8.0, held=True),), revision=rng.randrange(3),
            ),
            *whose,
        )
        for onset_ns in sorted(rng.sample(range(start_ns, start_ns + 8 * 3600 * NS_PER_S, NS_PER_S), 8))
    ]  # fmt: skip
    measures = {"envelope_mean_uv": rng.random(), "resting_uv": 1e-300, "tilt_deg": rng.uniform(-180, 180)}
    entries.append(epoch_entry(Epoch("left-shin", Leg.LEFT, Quantity.EMG, start_ns, 30.0, measures), *whose))
    summary = {"lm_per_h": rng.random(), "plmw_wasm_per_h": None, "by_hour": [rng.random(), float("nan")]}
    return [*entries, night_entry(summary, *whose, span_ns=(start_ns, start_ns + 8 * 3600 * NS_PER_S))]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """Return a journal of a year that is delivered."""
    with Journal(tmp_path / "journal.db") as opened:
        opened.put(entry for number in range(NIGHTS) for entry in night(number))
        while waiting := opened.waiting(Delivery.STORE, 1000):
            opened.published((one.entry.key, one.entry.revision) for one in waiting)
            opened.stored(Confirmation(one.entry.key, "p1", one.entry.revision) for one in waiting)
        yield opened


def scored_again(journal: Journal, number: int, entries: list[Entry]) -> int:
    return journal.put(entries) + journal.reconcile("p1", f"night {number}", "default", entries)


def test_of_a_year_that_is_scored_again_only_what_differs_is_changed_and_sent(journal: Journal) -> None:
    rows = list(journal.everything("p1"))
    assert len(rows) == NIGHTS * 10
    assert [scored_again(journal, number, night(number)) for number in range(NIGHTS)] == [0] * NIGHTS
    assert list(journal.everything("p1")) == rows
    assert journal.waiting(Delivery.STORE) == journal.waiting(Delivery.BROKER) == []

    gone, *rest = night(200)
    assert scored_again(journal, 200, rest) == 1
    (waiting,) = journal.waiting(Delivery.STORE)
    assert (waiting.entry.key, waiting.entry.valid) == (gone.key, False)

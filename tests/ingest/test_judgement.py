"""What the person says of an event stays with it, whatever is scored before or after."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from detectors.events import Event, EventKind
from detectors.signal import Leg
from ingest.night.changes import NightName
from ingest.night.entries import Confirmation, Delivery, Entry, TopicKind, event_entry, event_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.night.journal import Journal

WHOSE = NightName("p1", "n1", "default")


def cramp(revision: int = 0, peak_uv: float = 1.0) -> Entry:
    event = Event(EventKind.CRAMP, "left-calf", Leg.LEFT, 5, 9, {"peak_uv": peak_uv}, revision=revision)
    return event_entry(event, *WHOSE)


KEY = cramp().key


def said(journal: Journal) -> object:
    """Return revision and measures of the event as pages read it."""
    (entry,) = journal.events(*WHOSE)
    return entry.revision, entry.body["measures"]


def sent(journal: Journal) -> list[tuple[int, object]]:
    return [(w.entry.revision, w.entry.body["measures"]) for w in journal.waiting(Delivery.STORE)]


def test_a_judgement_is_a_new_revision_with_the_persons_word_as_a_measure(journal: Journal) -> None:
    journal.put([cramp()])
    journal.stored([Confirmation(KEY, "p1", 0)])
    assert journal.judge(KEY, confirmed=True)
    assert sent(journal) == [(1, {"peak_uv": 1.0, "confirmed": 1.0})]
    assert event_of(journal.events(*WHOSE)[0]).measures["confirmed"] == 1.0
    ((_, changed),) = journal.changes(WHOSE, after=0, limit=10)
    assert changed == journal.events(*WHOSE)[0]


def test_a_measure_that_a_newer_revision_no_longer_has_is_sent_as_minus_one_until_it_is_there_again(
    journal: Journal,
) -> None:
    def with_measures(revision: int, **measures: float) -> Entry:
        event = Event(EventKind.CRAMP, "left-calf", Leg.LEFT, 5, 9, measures, revision=revision)
        return event_entry(event, *WHOSE)

    journal.put([with_measures(0, peak_uv=1.0, moved=0.0)])
    journal.put([with_measures(1, peak_uv=1.0)])
    assert sent(journal) == [(1, {"peak_uv": 1.0, "moved": -1.0})]
    assert said(journal) == (1, {"peak_uv": 1.0})
    journal.put([with_measures(2, ratio=2.0)])
    assert sent(journal) == [(2, {"ratio": 2.0, "moved": -1.0, "peak_uv": -1.0})]
    journal.reconcile(*WHOSE, [with_measures(0, peak_uv=1.0, moved=0.0)])
    assert sent(journal) == [(3, {"peak_uv": 1.0, "moved": 0.0, "ratio": -1.0})]


def test_the_last_word_counts(journal: Journal) -> None:
    journal.put([cramp()])
    journal.judge(KEY, confirmed=True)
    journal.judge(KEY, confirmed=False)
    assert said(journal) == (2, {"peak_uv": 1.0, "confirmed": 0.0})


def test_the_same_word_again_changes_nothing(journal: Journal) -> None:
    journal.put([cramp()])
    journal.judge(KEY, confirmed=None)
    journal.judge(KEY, confirmed=False)
    assert journal.judge(KEY, confirmed=False)
    assert said(journal) == (1, {"peak_uv": 1.0, "confirmed": 0.0})


def test_a_word_that_is_taken_back_is_gone_here_and_overwritten_in_the_database(journal: Journal) -> None:
    journal.put([cramp()])
    journal.judge(KEY, confirmed=True)
    journal.judge(KEY, confirmed=None)
    assert said(journal) == (2, {"peak_uv": 1.0})
    assert sent(journal) == [(2, {"peak_uv": 1.0, "confirmed": -1.0})]


def test_only_an_event_that_is_there_can_be_judged(journal: Journal) -> None:
    marker = Entry(TopicKind.MARKER, "p1", "n1", "", "m", 0, valid=True, body={"time_ns": 1})
    journal.put([marker])
    assert not journal.judge("m", confirmed=True)
    assert not journal.judge("unknown", confirmed=True)
    assert [w.entry for w in journal.waiting(Delivery.STORE)] == [marker]


def test_later_revisions_of_the_scoring_count_on_beside_the_judgement(journal: Journal) -> None:
    journal.put([cramp()])
    journal.judge(KEY, confirmed=True)
    assert journal.put([cramp(1, peak_uv=2.0)]) == 1
    assert said(journal) == (2, {"peak_uv": 2.0, "confirmed": 1.0})
    assert journal.put([cramp(0), cramp(1)]) == 0, "a scorer that begins again repeats itself"


def test_a_scoring_that_says_the_same_again_leaves_a_judged_event_alone(journal: Journal) -> None:
    journal.put([cramp()])
    journal.judge(KEY, confirmed=False)
    assert journal.reconcile(*WHOSE, [cramp()]) == 0
    assert journal.reconcile(*WHOSE, [cramp(peak_uv=3.0)]) == 1
    assert said(journal) == (2, {"peak_uv": 3.0, "confirmed": 0.0})


def test_a_judgement_outlives_that_its_event_was_taken_back(journal: Journal) -> None:
    journal.put([cramp()])
    journal.judge(KEY, confirmed=True)
    journal.reconcile(*WHOSE, [])
    assert journal.events(*WHOSE) == []
    journal.reconcile(*WHOSE, [cramp()])
    assert said(journal) == (3, {"peak_uv": 1.0, "confirmed": 1.0})


@pytest.mark.parametrize("order", list(itertools.permutations(["put", "judge", "reconcile"])))
def test_in_any_order_every_change_is_a_higher_revision(journal: Journal, order: tuple[str, ...]) -> None:
    journal.put([cramp()])
    acts: dict[str, Callable[[], object]] = {
        "put": lambda: journal.put([cramp(5, peak_uv=2.0)]),
        "judge": lambda: journal.judge(KEY, confirmed=True),
        "reconcile": lambda: journal.reconcile(*WHOSE, [cramp(peak_uv=3.0)]),
    }
    revisions = [0]
    for act in order:
        acts[act]()
        revisions.append(journal.events(*WHOSE)[0].revision)
    assert revisions == sorted(set(revisions))
    assert event_of(journal.events(*WHOSE)[0]).measures["confirmed"] == 1.0

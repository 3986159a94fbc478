"""Who scores blind sees nothing of the others, and whether a mark was made blind is never forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dashboards.labelling import BlindError, RaterCard
from detectors.signal import NS_PER_S
from soleus.labels.ledger import FILE, opened
from soleus.labels.store import LabelStore
from tests.soleus.label_desk import NIGHT, PLACED, RECORDINGS, adds, desk, label, mark_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dashboards.labelling import Label

MARK, FOUND = label("a", 10.0, 12.0), label("s", 10.1, 12.2)


def scorers(recording: str, /) -> Mapping[str, Sequence[Label]]:
    return {"Soleus": [FOUND], "Ann": [MARK]} if recording == NIGHT else {}


def test_a_rater_who_scores_blind_is_told_nothing_of_others_until_that_is_lifted(tmp_path: Path) -> None:
    store = desk(tmp_path, scorers)
    mark_all(store, "Ann", [MARK])
    store.set_blind(NIGHT, "Bob", blind=True)
    for asked in (lambda: store.others(NIGHT, "Bob"), lambda: store.agreement(NIGHT, "Bob", "Ann")):
        with pytest.raises(BlindError, match="Bob scores night blind") as refused:
            asked()
        assert "\n" not in str(refused.value)
    assert store.sheet(NIGHT, "Bob").labels == ()
    store.set_blind(NIGHT, "Bob", blind=False)
    assert store.others(NIGHT, "Bob") == {"Soleus": [FOUND], "Ann": [MARK], "Ann (rater)": (MARK,)}


def test_a_rater_who_is_blind_from_the_start_was_never_open(tmp_path: Path) -> None:
    store = desk(tmp_path)
    assert store.set_blind(NIGHT, "Bob", blind=True).was_open is False
    mark_all(store, "Bob", [MARK])
    store.undo(NIGHT, "Bob", "u")
    sheet = desk(tmp_path).sheet(NIGHT, "Bob")
    assert (sheet.blind, sheet.was_open) == (True, False)


def test_that_blindness_was_lifted_once_stays_known_after_the_rater_is_blind_again(tmp_path: Path) -> None:
    store = desk(tmp_path)
    for blind in (True, False, True):
        sheet = store.set_blind(NIGHT, "Bob", blind=blind)
    assert (sheet.blind, sheet.was_open, desk(tmp_path).sheet(NIGHT, "Bob").was_open) == (True, True, True)


def test_who_marked_or_looked_at_others_before_is_not_blind_from_the_start(tmp_path: Path) -> None:
    store = desk(tmp_path)
    mark_all(store, "Ann", [MARK])
    store.others(NIGHT, "Bob")
    assert [store.set_blind(NIGHT, rater, blind=True).was_open for rater in ("Ann", "Bob")] == [True, True]
    assert [card.rater for card in store.raters(NIGHT)] == ["Ann"]


def test_saying_the_same_twice_is_one_act(tmp_path: Path) -> None:
    store = desk(tmp_path)
    assert [store.set_blind(NIGHT, "Bob", blind=True).n_acts for _ in range(2)] == [1, 1]
    assert [store.finish(NIGHT, "Bob", finished=True).n_acts for _ in range(2)] == [2, 2]


def test_raters_say_how_far_they_are(tmp_path: Path) -> None:
    store = desk(tmp_path)
    mark_all(store, "Zoe", [MARK, label("b", 20.0, 21.0)])
    store.set_blind(NIGHT, "Ann", blind=True)
    store.act(NIGHT, "Ann", adds("1", MARK))
    store.finish(NIGHT, "Ann", finished=True)
    assert desk(tmp_path).raters(NIGHT) == (
        RaterCard("Ann", 1, blind=True, finished=True),
        RaterCard("Zoe", 2, blind=False, finished=False),
    )
    assert store.finish(NIGHT, "Ann", finished=False).finished is False
    assert store.raters("other") == ()


def test_who_scores_blind_is_known_from_the_beginning_until_he_has_finished_or_sees_the_others(tmp_path: Path) -> None:
    store = desk(tmp_path)
    assert store.blind_raters(RECORDINGS) == {}
    mark_all(store, "Ann", [MARK])
    for rater in ("Cat", "Bob"):
        store.set_blind(NIGHT, rater, blind=True)
    # Another server, or the command line, adds to the same file.
    other = desk(tmp_path)
    assert [one.blind_raters(RECORDINGS) for one in (store, other)] == [{NIGHT: ["Bob", "Cat"]}] * 2
    assert store.blind_raters(["other"]) == {}
    other.finish(NIGHT, "Bob", finished=True)
    assert store.blind_raters(RECORDINGS) == {NIGHT: ["Cat"]}
    other.set_blind(NIGHT, "Cat", blind=False)
    assert store.blind_raters(RECORDINGS) == {}
    store.finish(NIGHT, "Bob", finished=False)
    assert other.blind_raters(RECORDINGS) == {NIGHT: ["Bob"]}


def test_who_was_removed_or_scored_another_recording_of_this_name_scores_none_blind(tmp_path: Path) -> None:
    store = desk(tmp_path)
    store.set_blind(NIGHT, "Bob", blind=True)
    replaced = LabelStore(tmp_path / FILE, {NIGHT: PLACED._replace(content="other data")}.__getitem__)
    assert [one.blind_raters([NIGHT]) for one in (store, replaced)] == [{NIGHT: ["Bob"]}, {}]
    # Whoever forgets the time zone of a file shows him nothing.
    elsewhere = LabelStore(
        tmp_path / FILE, {NIGHT: PLACED._replace(start_ns=PLACED.start_ns + 3_600 * NS_PER_S)}.__getitem__
    )
    assert elsewhere.blind_raters([NIGHT]) == {NIGHT: ["Bob"]}
    with opened(tmp_path / FILE) as ledger:
        ledger.erase([NIGHT], "Bob")
    assert store.blind_raters([NIGHT]) == {}


def test_a_copy_in_the_place_of_the_file_is_asked_who_scores_blind_although_it_has_as_many_acts(tmp_path: Path) -> None:
    copies = tmp_path / "mine", tmp_path / "copy"
    for folder, rater in zip(copies, ("Bob", "Cat"), strict=True):
        store = desk(folder)
        mark_all(store, "Ann", [MARK] * (rater == "Cat"))
        store.set_blind(NIGHT, rater, blind=True)
    store = desk(copies[0])
    mark_all(store, "Ann", [MARK])
    assert store.blind_raters([NIGHT]) == {NIGHT: ["Bob"]}
    (copies[1] / FILE).replace(copies[0] / FILE)
    assert store.blind_raters([NIGHT]) == {NIGHT: ["Cat"]}


def test_what_changes_after_a_blind_rater_has_finished_does_not_count_as_blind(tmp_path: Path) -> None:
    store = desk(tmp_path)
    store.set_blind(NIGHT, "Bob", blind=True)
    mark_all(store, "Bob", [MARK])
    assert not store.finish(NIGHT, "Bob", finished=True).was_open
    assert not store.finish(NIGHT, "Bob", finished=False).was_open
    assert store.undo(NIGHT, "Bob", "u").was_open
    assert desk(tmp_path).sheet(NIGHT, "Bob").was_open

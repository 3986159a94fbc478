"""``soleus outbox``: what waits, for whose word, what was set aside and why."""

from __future__ import annotations

import json
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from ingest.night.entries import Confirmation, Delivery, Entry, TopicKind
from ingest.night.journal import Journal
from soleus.__main__ import run
from soleus.commands import check, doctor
from soleus.config import load
from soleus.nights import journal_path
from soleus.outbox import LATE_S, age, finding
from soleus.outbox_settings import OutboxSettings
from soleus.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NS_PER_S = 1_000_000_000


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    file = tmp_path / "soleus.toml"
    file.write_text(
        f'data_dir = "{tmp_path / "data"}"\n[store]\nurl = "http://localhost:8086"\n[outbox]\nmax_mb = 10\n'
    )
    return file


@pytest.fixture
def journal(config: Path) -> Iterator[Journal]:
    with Journal(journal_path(load(config).settings)) as opened:
        yield opened


def entry(number: int, night: str = "2026-11-20-220000", *, n_bytes: int = 0) -> Entry:
    body = {"onset_ns": number, "filling": n_bytes * "."}
    return Entry(TopicKind.EVENT, "p1", night, "default", f"key {number}", 0, valid=True, body=body)


def refused(number: int, reason: str) -> Confirmation:
    return Confirmation(f"key {number}", "p1", 0, accepted=False, reason=reason)


def asked(config: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, Any]]:
    code = run(["outbox", "--config", str(config), "--json", *options])
    return code, json.loads(capsys.readouterr().out)


def told(config: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    code = run(["outbox", "--config", str(config), *options])
    return code, " ".join(capsys.readouterr().out.split())


def older(config: Path, *entries: Entry, age_s: float) -> None:
    """Write entries as they were written some time ago."""
    past_ns = time.time_ns() - round(age_s * NS_PER_S)
    with closing(Journal(journal_path(load(config).settings), now_ns=lambda: past_ns)) as journal:
        journal.put(entries)


def test_without_a_journal_nothing_waits_and_none_is_made(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = told(config, capsys)
    assert (code, text.startswith("There is no journal yet at ")) == (0, True)
    code, answer = asked(config, capsys, "--retry")
    assert (code, answer["ok"], answer["journal"]["exists"], answer["total"]["entries"]) == (0, True, False, 0)
    assert not journal_path(load(config).settings).exists()
    assert finding(load(config).settings) is None


def test_what_waits_was_sent_and_is_confirmed_is_counted(
    config: Path, journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    journal.put([entry(1), entry(2), entry(3, "2026-11-21-220000")])
    journal.published([("key 1", 0), ("key 2", 0)])
    journal.stored([Confirmation("key 1", "p1", 0)])
    code, answer = asked(config, capsys)
    assert (code, answer["ok"], answer["delivery"], answer["emptied_by"]) == (
        *(0, True),
        *("store", "the store's confirmation"),
    )
    counts = {"entries": 3, "waiting": 2, "published": 2, "stored": 1, "set_aside": 0}
    assert answer["total"] == {"name": "all", **counts}
    assert answer["kinds"] == [{"name": "event", **counts}]
    assert [(night["name"], night["waiting"]) for night in answer["nights"]] == [
        ("2026-11-21-220000", 1),
        ("2026-11-20-220000", 1),
    ]
    assert answer["oldest"]["key"] == "key 2"
    assert 0 <= answer["oldest"]["age_s"] < 60
    assert answer["journal"]["bytes"] > answer["waiting_bytes"] > 0
    assert answer["max_bytes"] == 10_000_000


def test_the_table_says_whose_word_empties_it_and_how_full_it_is(
    config: Path, journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    journal.put([entry(1), entry(2)])
    journal.published([("key 1", 0)])
    code, text = told(config, capsys)
    assert code == 0
    assert "emptied by the store's confirmation" in text
    assert "MB of 10 MB wait for delivery (0 %)" in text
    assert "kind entries waiting sent confirmed set aside event 2 2 1 0 0 all 2 2 1 0 0" in text
    assert "All is well" in text


def test_what_was_set_aside_is_a_no_with_its_reasons_until_it_is_sent_again(
    config: Path, journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    journal.put([entry(1), entry(2), entry(3)])
    journal.stored([refused(1, "field type conflict"), refused(2, "field type conflict"), refused(3, "\x1b[2J")])
    code, text = told(config, capsys)
    assert code == 1
    assert "set aside: 2 of kind event: field type conflict for example key 1" in text
    assert "set aside: 1 of kind event: [2J for example key 3" in text, "nothing that a terminal obeys"
    assert "3 entries were refused for good and set aside" in text
    code, answer = asked(config, capsys, "--retry")
    assert (code, answer["retried"], answer["total"]["waiting"], answer["set_aside"]) == (0, 3, 3, [])
    assert [w.entry.key for w in journal.waiting(Delivery.STORE)] == ["key 1", "key 2", "key 3"]


def test_what_waits_for_more_than_an_hour_is_a_no(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    older(config, entry(1), age_s=LATE_S - 60)
    assert told(config, capsys)[0] == 0
    older(config, entry(2), age_s=3 * LATE_S)
    code, answer = asked(config, capsys)
    assert (code, answer["oldest"]["key"]) == (0, "key 1"), "in the order of changes"
    with Journal(journal_path(load(config).settings)) as journal:
        journal.stored([Confirmation("key 1", "p1", 0)])
    code, text = told(config, capsys)
    assert code == 1
    assert "1 wait for delivery, the oldest for 3 h 0 min" in text


@pytest.mark.slow
def test_a_full_outbox_is_a_no_and_half_of_it_is_said(
    config: Path, journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    n_written = 0
    for megabytes, code, fill in ((4, 0, "room"), (6, 0, "half"), (8, 0, "nearly"), (11, 1, "full")):
        journal.put([entry(number, n_bytes=1_000_000) for number in range(n_written, megabytes)])
        n_written = megabytes
        found, answer = asked(config, capsys)
        assert (found, answer["fill"]) == (code, fill)
        assert ("look at the broker and the store" in told(config, capsys)[1]) == (fill in {"half", "nearly"})
        judged = finding(load(config).settings)
        assert judged is not None
        assert (judged.verdict is Verdict.OK) == (fill == "room")
        assert bool(judged.advice) == (fill != "room")


def test_what_was_delivered_long_ago_is_forgotten_but_for_what_is_no_bulk(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kinds = [replace(entry(number), topic_kind=kind) for number, kind in enumerate(TopicKind)]
    waiting = replace(entry(90), topic_kind=TopicKind.EPOCH)
    older(config, *kinds, waiting, age_s=40 * 86_400)
    older(config, replace(entry(91), topic_kind=TopicKind.EPOCH), age_s=10 * 86_400)
    with Journal(journal_path(load(config).settings)) as journal:
        journal.stored([Confirmation(one.key, "p1", 0) for one in (*kinds, entry(91))])
        assert asked(config, capsys, "--forget", "30")[1]["forgotten"] == 2
        left = {row["topic"] for row in journal.everything("p1") if row["key"] not in {"key 90", "key 91"}}
        assert left == {"event", "night", "marker", "diary"}
        assert [w.entry.key for w in journal.waiting(Delivery.STORE)] == ["key 90"]
    assert "0 epochs and health messages were delivered long ago" in told(config, capsys, "--forget", "30")[1]
    assert run(["outbox", "--config", str(config), "--forget", "29"]) == 2


def test_doctor_says_how_the_outbox_is_and_check_says_it_where_it_is_not_well(config: Path) -> None:
    loaded = load(config)
    assert "outbox" not in {one.about for one in doctor._delivery(loaded.settings)}
    older(config, entry(1), age_s=60)
    (told_by_doctor,) = [one for one in doctor._delivery(loaded.settings) if one.about == "outbox"]
    assert (told_by_doctor.verdict, told_by_doctor.seen) == (Verdict.OK, "1 wait for delivery")
    assert "outbox" not in {one.about for one in check._judged([], loaded, 8.0, (10.0, 0.0)).computer}
    with Journal(journal_path(loaded.settings)) as journal:
        journal.stored([refused(1, "field type conflict")])
    (told_by_check,) = [one for one in check._judged([], loaded, 8.0, (10.0, 0.0)).computer if one.about == "outbox"]
    assert told_by_check.verdict is Verdict.WARNING
    assert told_by_check.seen == "1 entry was refused for good and set aside"


def test_a_journal_that_another_version_wrote_is_bad_input(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal_path(load(config).settings).write_text("EDF" * 1000)
    assert run(["outbox", "--config", str(config)]) == 2
    assert "not a journal that this version reads" in capsys.readouterr().err
    judged = finding(load(config).settings)
    assert judged is not None
    assert judged.verdict is Verdict.WRONG


def test_a_bound_below_a_few_nights_is_refused() -> None:
    with pytest.raises(ValueError, match=r"max_mb is 1\.0, expected at least 10 megabytes"):
        OutboxSettings(1.0)


def test_lengths_of_time_are_said_as_people_say_them() -> None:
    assert [age(seconds) for seconds in (0, 59.6, 3599, 86_399, 90_000)] == [
        "0 s",
        "1 min",
        "59 min",
        "23 h 59 min",
        "1 day 1 h",
    ]

"""The diary on the page, without scripts: buttons, forms that come back as they were, and what an entry said before."""

from __future__ import annotations

import html
import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import pytest

from dashboards.diary import KINDS, DiaryEntry, Written
from dashboards.web.diary_forms import empty_form, filled_form, written
from dashboards.web.diary_list import MOST_SHOWN
from dashboards.web.diary_presses import DiaryPresses
from dashboards.web.diary_times import LocalClock
from detectors.signal import NS_PER_S
from tests.fakes import FakeNightBook
from tests.synthetic_night import to_ns
from tests.web_client import client_of

if TYPE_CHECKING:
    from httpx2 import Response

CRAMP_NS = to_ns(9_000.0)
SAID_AT_NIGHT = {"kind": "cramp", "w.leg": "left"}
SAID_IN_THE_MORNING = {"w.leg": "right", "w.muscle": "calf", "v.minutes": "3,5", "v.pain_0_10": "7", "text": "hard"}


def clock_of(book: FakeNightBook) -> LocalClock:
    return LocalClock.of(book.nights())


def pressed(book: FakeNightBook) -> str:
    """Press a button of the page; return the key of the entry."""
    answer = client_of(book).post("/diary", data=SAID_AT_NIGHT, follow_redirects=False)
    assert answer.status_code == 303
    return unquote(answer.headers["location"].partition("kept=")[2])


def entry_of(book: FakeNightBook, key: str) -> DiaryEntry:
    return book.kept.entries[key]


def said(answer: Response) -> str:
    found = re.search(r'class="said"[^>]*>(.*?)</p>', answer.text)
    assert found
    return html.unescape(found[1])


@pytest.mark.slow
def test_a_button_keeps_a_cramp_of_a_leg_and_the_page_says_so_and_leads_to_it() -> None:
    book = FakeNightBook()
    key = pressed(book)
    entry = entry_of(book, key)
    assert (entry.kind, dict(entry.words), entry.time_ns) == ("cramp", {"leg": "left"}, book.kept.now_ns)
    shown = client_of(book).get(f"/diary?kept={quote(key, safe='')}").text
    assert "Noted 07:17: Cramp, left leg." in shown
    assert f'href="/diary/entry/{quote(key)}" id="kept"' in shown


@pytest.mark.slow
def test_what_is_changed_in_the_morning_stands_beside_what_it_said_at_night() -> None:
    book = FakeNightBook()
    key = pressed(book)
    client = client_of(book)
    shown = client.post(f"/diary/entry/{quote(key, safe='')}", data=SAID_IN_THE_MORNING).text
    assert "Cramp: right calf, hard, 3.5 min, pain 7 of 10" in shown
    history = shown[shown.index('id="history"') :]
    assert "Until Sunday 15 March 2026, 07:17:" in history
    assert "Cramp: left leg" in history
    assert "changed, edit" in client.get("/diary").text
    assert client.get(f"/api/diary/entry/{quote(key, safe='')}").json()["history"][0]["words"] == {"leg": "left"}


@pytest.mark.slow
def test_a_form_that_lay_open_while_another_page_changed_the_entry_does_not_undo_that() -> None:
    book = FakeNightBook()
    key = pressed(book)
    client, here = client_of(book), f"/diary/entry/{quote(key, safe='')}"
    was = re.findall(r'name="was" value="([^"]*)"', client.get(here).text)
    assert client.post(here, data={"w.leg": "left", "v.pain_0_10": "8", "was": was[0]}).status_code == 200
    late = {"w.leg": "right", "v.pain_0_10": "3", "was": was[0]}
    answer = client.post(here, data=late)
    assert (answer.status_code, entry_of(book, key).values) == (400, {"pain_0_10": 8.0})
    assert said(answer).startswith("The entry was changed elsewhere since this page was loaded")
    (now,) = re.findall(r'name="was" value="([^"]*)"', answer.text)
    assert client.post(here, data={**late, "was": now}).status_code == 200
    # The same words twice are no conflict: a double click.
    assert client.post(here, data={**late, "was": now}).status_code == 200
    assert entry_of(book, key).words == {"leg": "right"}
    assert len(entry_of(book, key).history) == 2


@pytest.mark.parametrize("zone", ["EST5", "JST-9"])
@pytest.mark.parametrize("text", ["0001-01-01T00:00", "1970-06-01T12:00", "2262-01-01T00:00", "9999-12-31T23:59"])
def test_a_slip_in_the_year_is_said_wherever_the_clock_stands(
    monkeypatch: pytest.MonkeyPatch, zone: str, text: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        with pytest.raises(ValueError, match="expected one of the years 1971 to 2261"):
            LocalClock().time_ns(text)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.slow
def test_a_form_that_is_wrong_comes_back_with_what_was_written_and_why() -> None:
    book = FakeNightBook()
    n_before, client = len(book.kept.entries), client_of(book)
    for values, why in (
        ({"v.minutes": "long"}, "How long is 'long', expected a number."),
        ({"v.minutes": "2000"}, "How long is 2000, expected 0 to 1440."),
        ({"time": "at night"}, "The time is 'at night', expected a date and a time as in 2026-03-14T03:12."),
        ({"time": "0026-03-14T03:12"}, "The time is '0026-03-14T03:12', expected one of the years 1971 to 2261."),
    ):
        answer = client.post("/diary", data={"kind": "cramp", "text": "both <calves>", "w.leg": "both", **values})
        assert (answer.status_code, said(answer)) == (400, why)
        assert "both &lt;calves&gt;</textarea>" in answer.text
        assert '<option value="both" selected>' in answer.text
        for value in values.values():
            assert f'value="{value}"' in answer.text
    assert len(book.kept.entries) == n_before


def test_an_entry_that_cannot_be_changed_so_keeps_what_it_says() -> None:
    book = FakeNightBook()
    key = pressed(book)
    answer = client_of(book).post(f"/diary/entry/{quote(key, safe='')}", data={"v.minutes": "-1"})
    assert (answer.status_code, said(answer)) == (400, "How long is -1, expected 0 to 1440.")
    assert entry_of(book, key).history == ()


def test_an_entry_that_is_removed_is_gone_and_the_page_says_so() -> None:
    book = FakeNightBook()
    key = pressed(book)
    client, address = client_of(book), f"/diary/entry/{quote(key, safe='')}"
    assert "The entry was removed." in client.post(address, data={"strike": "yes"}).text
    assert book.kept.struck == [key]
    assert [client.get(address).status_code, client.post(address, data={"text": "x"}).status_code] == [404, 404]
    assert client.post(address, data={"strike": "yes"}).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_form_shows_of_an_entry_is_the_entry_that_it_means(kind: str) -> None:
    known = KINDS[kind]
    words = {
        name: {"leg": "both", "muscle": "other", "phase": "washout"}.get(name, f"a {name}") for name in known.words
    }
    # A number and a word that no form asks for came over MQTT.
    values = {**dict.fromkeys(known.values, 1.0), "steps": 0.1 + 0.2}
    entry = DiaryEntry(CRAMP_NS + 123, kind, "my words", values, {**words, "tags": "b a", "mood": "low"}, "k")
    clock = clock_of(FakeNightBook())
    form = filled_form(entry, clock)
    sent = {
        "kind": form.kind,
        "time": form.time,
        "text": form.text,
        **{field.name: field.value for field in form.fields},
    }
    meant = written(sent, clock, entry)
    assert (meant.time_ns, meant.kind, meant.text) == (entry.time_ns, kind, "my words")
    assert meant.values == pytest.approx(values, rel=1e-14)
    assert dict(meant.words) == dict(entry.words)
    assert {field.name for field in empty_form(kind).fields} <= set(sent)


def test_a_time_is_that_of_the_clock_by_the_bed() -> None:
    book = FakeNightBook()
    clock = clock_of(book)
    (card, _) = book.nights()
    assert clock.offset_s(card.start_ns - 3600 * NS_PER_S) == card.utc_offset_s
    assert clock.time_ns(clock.field_text(CRAMP_NS)) == CRAMP_NS // (60 * NS_PER_S) * 60 * NS_PER_S
    moved = LocalClock((replace(card, utc_offset_s=-12_600),))
    assert moved.time_ns("2026-03-14T23:00") - clock.time_ns("2026-03-14T23:00") == (3600 + 12_600) * NS_PER_S


def test_the_same_press_is_kept_once_and_another_one_later_is_another() -> None:
    book, now_s = FakeNightBook(), [0.0]
    presses = DiaryPresses(book, now_s=lambda: now_s[0])
    clock = clock_of(book)
    first = presses.keep(written(SAID_AT_NIGHT, clock))
    book.kept.now_ns += NS_PER_S
    assert presses.keep(written(SAID_AT_NIGHT, clock)) == first
    assert presses.keep(written({**SAID_AT_NIGHT, "w.leg": "right"}, clock)).key != first.key
    book.kept.now_ns += 60 * NS_PER_S
    assert (
        presses.keep(written(SAID_AT_NIGHT, clock), "one").key == presses.keep(written(SAID_AT_NIGHT, clock), "one").key
    )
    now_s[0] = 60.0
    book.kept.now_ns += 60 * NS_PER_S
    assert presses.keep(written(SAID_AT_NIGHT, clock)).key != first.key


def test_older_entries_have_pages_of_their_own_and_none_is_left_out() -> None:
    book = FakeNightBook()
    # An import of many entries of one minute lies across the end of the first page.
    at_ns = sorted(entry.time_ns for entry in book.kept.entries.values())[-MOST_SHOWN + 3]
    for kind in list(KINDS)[:8]:
        book.write(Written(kind, at_ns, "imported"))
    client, path, keys = client_of(book), "/diary", []
    while path:
        shown = client.get(path).text
        keys += re.findall(r'href="/diary/entry/([^"]+)"', shown)
        older = re.search(r'href="(/diary\?before=\d+)#entries"', shown)
        path = older[1] if older else ""
    assert len(keys) > MOST_SHOWN
    assert {unquote(key) for key in keys} == set(book.kept.entries)
    assert len(keys) == len(set(keys))


@pytest.mark.slow
def test_a_mark_of_a_button_can_be_told_more_of() -> None:
    shown = client_of(FakeNightBook()).get("/diary").text
    found = re.search(r'href="(/diary\?kind=cramp&amp;at=\d+)#write"', shown)
    assert found
    form = client_of(FakeNightBook()).get(html.unescape(found[1])).text
    assert 'name="time" value="2026-03-15T02:18"' in form


def test_without_a_night_and_without_an_entry_there_is_still_a_page_to_write_on() -> None:
    book = FakeNightBook(empty=True)
    book.kept.entries.clear()
    shown = client_of(book).get("/diary?kind=nonsense&before=yesterday").text
    assert "Left leg" in shown


def test_what_is_planned_for_next_week_is_said_to_be_kept() -> None:
    book = FakeNightBook()
    book.kept.now_ns += 10 * 86_400 * NS_PER_S
    sent = {"kind": "period", "w.name": "magnesium", "w.phase": "on", "d.duration_h": "7", "time": "2026-03-24T20:00"}
    shown = client_of(book).post("/diary", data=sent).text
    assert "Noted 20:00: Period, magnesium, for 7 days, phase: on." in shown

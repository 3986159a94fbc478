"""The live stream of a running night: what it says, whom it refuses, when it ends."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dashboards.web.tonight_frames import LONGEST_S, TOLD_EVERY_S, Frames
from dashboards.web.tonight_stream import ENDING, LiveStream
from dashboards.web.tonight_words import NightAhead
from tests.fake_live import FakeFeed, LiveScene
from tests.fakes import EARLIER_ID, NIGHT_ID, FakeNightBook
from tests.live_frames import LiveFrame, all_frames
from tests.synthetic_night import START_NS
from tests.web_client import client_of, far_client

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

LIVE = f"/api/night/{NIGHT_ID}/live"
WITHIN_S = 30.0
ONE = LiveScene(n_channels=1, fs_hz=100.0)


@dataclass(slots=True)
class Clock:
    s: float = 100.0

    def __call__(self) -> float:
        return self.s


class Client:
    """The other side of an answer: takes what is sent, and goes when it is told to."""

    def __init__(self) -> None:
        self.sent: list[MutableMapping[str, Any]] = []
        self.scope: dict[str, Any] = {"type": "http", "method": "GET", "path_params": {"night_id": NIGHT_ID}}
        self._gone = asyncio.Event()
        self._came = asyncio.Event()
        self.holds = asyncio.Event()
        self.holds.set()

    async def receive(self) -> MutableMapping[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        await self.holds.wait()
        self.sent.append(message)
        self._came.set()

    def has_heard(self) -> bool:
        return len(self.sent) > 1

    def go(self) -> None:
        self._gone.set()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(WITHIN_S):
            while not true():
                self._came.clear()
                await self._came.wait()

    @property
    def frames(self) -> list[LiveFrame]:
        return all_frames(b"".join(message.get("body", b"") for message in self.sent))


def running(clock: Clock, scene: LiveScene = ONE) -> FakeNightBook:
    return FakeNightBook(running=True, so_far_s=100, scene=scene, now_s=clock)


def frame_of(frames: Frames, now_s: float) -> LiveFrame | None:
    found = all_frames(frames.newest(now_s, NightAhead()))
    return found[0] if found else None


def test_frames_hold_every_sample_once_and_in_order() -> None:
    clock = Clock()
    feed, alone = FakeFeed(LiveScene(2, 1000.0, motion=True), clock), FakeFeed(LiveScene(2, 1000.0), clock)
    frames, found, at_s = Frames(feed, START_NS), [], []
    expected = list(alone.poll()[0].data[:, 0])
    for step in range(6):
        frame = frame_of(frames, step * 0.04)
        assert frame
        found.append(frame.columns["left-shin/emg"])
        at_s.append(frame.start_s["left-shin/emg"])
        assert set(frame.columns) == {f"{leg}-shin/{axis}" for leg in ("left", "right") for axis in ("emg", *"xyz")}
        clock.s += 0.037
        expected += list(alone.poll()[0].data[:, 0]) if step < 5 else []
    assert np.array_equal(np.concatenate(found), np.array(expected, np.float32))
    lengths_s = np.array([len(piece) for piece in found[:-1]]) / 1000.0
    assert np.allclose(np.diff(at_s), lengths_s)


def test_sensors_are_told_when_they_change_and_every_second_so_that_silence_means_something() -> None:
    clock = Clock()
    book = running(clock, LiveScene(0))
    frames = Frames(feed := book.live(NIGHT_ID), START_NS)
    told = [bool(frame_of(frames, at_s)) for at_s in (0.0, 0.5, TOLD_EVERY_S, TOLD_EVERY_S + 0.5)]
    assert told == [True, False, True, False]
    book.scene = feed.scene = LiveScene(0, no_contact=frozenset({"left-shin"}))
    changed = frame_of(frames, TOLD_EVERY_S + 0.6)
    assert changed
    assert [sensor["sign"] for sensor in changed.header["sensors"]] == ["loose", "good"]


def test_of_a_night_that_runs_faster_than_the_page_the_longest_window_is_sent() -> None:
    clock = Clock(1_000.0)
    feed = FakeFeed(ONE, clock)
    frames = Frames(feed, START_NS)
    frame_of(frames, 0.0)
    clock.s += 600.0
    frame = frame_of(frames, 1.0)
    assert frame
    assert len(frame.columns["left-shin/emg"]) == LONGEST_S * 100
    assert frame.start_s["left-shin/emg"] == pytest.approx(clock.s - LONGEST_S)


async def test_the_feed_is_closed_when_the_client_goes() -> None:
    book, client = running(Clock()), Client()
    answer = asyncio.create_task(LiveStream(book)(client.scope, client.receive, client.send))
    await client.until(client.has_heard)
    assert [feed.closed for feed in book.feeds] == [False]
    client.go()
    await asyncio.wait_for(answer, WITHIN_S)
    assert [feed.closed for feed in book.feeds] == [True]


async def test_the_answer_ends_with_the_night_and_says_so_with_the_last_samples() -> None:
    clock, client = Clock(), Client()
    book = running(clock)
    answer = asyncio.create_task(LiveStream(book)(client.scope, client.receive, client.send))
    await client.until(client.has_heard)
    clock.s += 0.5
    book.running = False
    await asyncio.wait_for(answer, WITHIN_S)
    assert [frame.header["over"] for frame in client.frames] == [*[False] * (len(client.frames) - 1), True]
    samples = np.concatenate([frame.columns.get("left-shin/emg", np.empty(0)) for frame in client.frames])
    assert len(samples) == 10 * 100 + 50
    assert client.sent[-1] == {"type": "http.response.body", "body": b""}
    assert book.feeds[0].closed


async def test_a_server_that_stops_ends_the_answer_in_good_order() -> None:
    book, client = running(Clock()), Client()
    answer = asyncio.create_task(LiveStream(book)(client.scope, client.receive, client.send))
    await client.until(client.has_heard)
    client.scope[ENDING]()
    await asyncio.wait_for(answer, WITHIN_S)
    assert client.sent[-1] == {"type": "http.response.body", "body": b""}


async def test_an_answer_ends_after_a_while_so_that_the_page_must_ask_again() -> None:
    book, client = running(Clock()), Client()
    await asyncio.wait_for(LiveStream(book, longest_s=0.0)(client.scope, client.receive, client.send), WITHIN_S)
    assert client.sent[-1] == {"type": "http.response.body", "body": b""}
    assert book.feeds[0].closed


async def test_who_takes_nothing_for_a_while_goes_on_with_the_newest_samples() -> None:
    clock, client = Clock(), Client()
    book = running(clock)
    client.holds.clear()
    answer = asyncio.create_task(LiveStream(book, stalled_s=0.0)(client.scope, client.receive, client.send))
    client.holds.set()
    await client.until(lambda: len(book.feeds) > 1)
    client.go()
    await asyncio.wait_for(answer, WITHIN_S)
    assert all(feed.closed for feed in book.feeds)


async def test_only_so_many_pages_follow_and_a_place_is_free_again_when_one_goes() -> None:
    book = running(Clock())
    stream = LiveStream(book, most_streams=2)
    clients = [Client(), Client()]
    answers = [asyncio.create_task(stream(c.scope, c.receive, c.send)) for c in clients]
    for client in clients:
        await client.until(client.has_heard)
    one_more = Client()
    with pytest.raises(Exception, match="503") as refused:
        await stream(one_more.scope, one_more.receive, one_more.send)
    assert "too many pages" in str(refused.value)
    clients[0].go()
    await asyncio.wait_for(answers[0], WITHIN_S)
    one_more.go()
    await asyncio.wait_for(stream(one_more.scope, one_more.receive, one_more.send), WITHIN_S)
    clients[1].go()
    await asyncio.wait_for(answers[1], WITHIN_S)


def test_a_night_that_is_over_or_unknown_is_refused_in_one_line() -> None:
    client = client_of(running(Clock()))
    for night, code, words in ((EARLIER_ID, 409, "is over"), ("none", 404, "no night")):
        answer = client.get(f"/api/night/{night}/live")
        assert answer.status_code == code
        assert words in answer.json()["error"]


def test_only_reading_is_allowed() -> None:
    client = client_of(running(Clock()))
    assert [client.request(method, LIVE).status_code for method in ("HEAD", "POST", "DELETE")] == [405] * 3


def test_who_has_not_signed_in_follows_nothing() -> None:
    book = running(Clock())
    assert far_client(book).client.get(LIVE).status_code == 401
    assert not book.feeds

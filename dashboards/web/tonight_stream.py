"""The stream behind the page *Tonight*: one answer that goes on while the night and its reader do."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from dashboards.web.tonight_frames import Frames
from dashboards.web.tonight_words import NightAhead, night_ahead

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator

    from starlette.types import Receive, Scope, Send

    from dashboards.book import NightBook
    from dashboards.live import LiveFeed

T = TypeVar("T")

NOT_FOUND = 404
NOT_ALLOWED = 405
CONFLICT = 409
NO_ROOM = 503
STREAM_TYPE = "application/vnd.soleus.live"
"""No middleware compresses it: a frame would wait in the compressor for the next one."""
EVERY_S = 1 / 25
MOST_STREAMS = 8
"""Pages that follow a night at the same time, from everywhere together; each takes a thread and a few files."""
STALLED_S = 5.0
"""A reader that took nothing for so long goes on with the newest samples: those in between are off its screen."""
LONGEST_STREAM_S = 900.0
"""Then the page asks again, so that whoever may no longer see it does not."""
AHEAD_EVERY_S = 600.0
"""How often what the batteries have to last for is reckoned anew."""
ENDING: Final = "soleus.ending"
"""Where a server that wants to stop finds, in the scope of a request, what ends the answer to it."""
_HEADERS = [
    (b"content-type", STREAM_TYPE.encode()),
    (b"cache-control", b"no-store, no-transform"),
    # A reverse proxy (nginx) then hands on each frame as it comes.
    (b"x-accel-buffering", b"no"),
]


class LiveStream:
    """The newest samples of a running night, as frames; an ASGI application.

    Parameters
    ----------
    book : NightBook
        Where the nights are.
    most_streams : int
        Answers that may be under way at a time.
    longest_s : float
        How long one lasts, s.
    stalled_s : float
        How long its reader may take for one frame, s; after that it goes on with the newest.
    """

    def __init__(
        self,
        book: NightBook,
        *,
        most_streams: int = MOST_STREAMS,
        longest_s: float = LONGEST_STREAM_S,
        stalled_s: float = STALLED_S,
    ) -> None:
        self._book = book
        self._longest_s = longest_s
        self._stalled_s = stalled_s
        self._n_free = most_streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] != "GET":
            raise HTTPException(NOT_ALLOWED, "expected GET")
        with self._seat():
            async with _reading(self._book, scope["path_params"]["night_id"]) as reader:
                await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
                gone = asyncio.create_task(_until_gone(receive), name="tonight: until the client has gone")
                ahead = asyncio.create_task(reader.look_ahead(), name="tonight: batteries")
                scope[ENDING] = gone.cancel
                try:
                    async with aclosing(self._frames(reader, gone)) as frames:
                        async for frame in frames:
                            await send({"type": "http.response.body", "body": frame, "more_body": True})
                    await send({"type": "http.response.body", "body": b""})
                finally:
                    for task in (gone, ahead):
                        task.cancel()
                    await asyncio.wait((gone, ahead))

    @contextmanager
    def _seat(self) -> Iterator[None]:
        if not self._n_free:
            said = "too many pages follow this night, close one"
            raise HTTPException(NO_ROOM, said, {"retry-after": "10"})
        self._n_free -= 1
        try:
            yield
        finally:
            self._n_free += 1

    async def _frames(self, reader: _Reader, gone: asyncio.Task[None]) -> AsyncGenerator[bytes]:
        """Yield a frame whenever there is something new, at most 25 times a second."""
        begun_s = time.monotonic()
        while not gone.done() and time.monotonic() - begun_s < self._longest_s:
            looked_s = time.monotonic()
            frame = await reader.newest(looked_s)
            read_s = time.monotonic()
            if frame:
                yield frame
            if reader.over:
                return
            if time.monotonic() - read_s > self._stalled_s:
                await reader.begin_again()
            await asyncio.wait((gone,), timeout=max(EVERY_S - (time.monotonic() - looked_s), 0.0))


class _Reader:
    """A feed and the one thread in which it is asked."""

    def __init__(self, book: NightBook, night_id: str) -> None:
        self._book = book
        self._night_id = night_id
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tonight")
        self._feed: LiveFeed | None = None
        self._frames: Frames | None = None
        self._ahead = NightAhead()

    @property
    def over(self) -> bool:
        """Whether the night has ended and all of it was read."""
        return self._frames is not None and self._frames.over

    async def newest(self, now_s: float) -> bytes:
        """Return the next frame, empty where there is nothing new."""
        return await self._in_thread(lambda: self._opened().newest(now_s, self._ahead))

    async def begin_again(self) -> None:
        """Go on with the newest samples."""
        await self._in_thread(self._close)

    async def close(self) -> None:
        """Let go of feed and thread."""
        try:
            await asyncio.shield(self._in_thread(self._close))
        finally:
            self._thread.shutdown(wait=False)

    async def look_ahead(self) -> None:
        """Reckon what the batteries have to last for, for ever; the log of a whole night may take a moment."""
        while True:
            self._ahead = await run_in_threadpool(self._reckon)
            await asyncio.sleep(AHEAD_EVERY_S)

    def _opened(self) -> Frames:
        if self._frames is None:
            zero_ns = self._book.night(self._night_id).card.start_ns
            self._feed = self._book.live(self._night_id)
            self._frames = Frames(self._feed, zero_ns)
        return self._frames

    def _close(self) -> None:
        if self._feed is not None:
            self._feed.close()
        self._feed = self._frames = None

    def _reckon(self) -> NightAhead:
        return night_ahead(self._book.night(self._night_id).card, self._book.sensors(self._night_id))

    async def open(self) -> None:
        """Open the feed, so that a night that cannot be followed is refused before the answer begins."""
        await self._in_thread(self._opened)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


@asynccontextmanager
async def _reading(book: NightBook, night_id: str) -> AsyncIterator[_Reader]:
    reader = _Reader(book, night_id)
    try:
        try:
            await reader.open()
        except KeyError:
            raise HTTPException(NOT_FOUND, "there is no night of this name") from None
        except ValueError as error:
            raise HTTPException(CONFLICT, str(error)) from error
        yield reader
    finally:
        await reader.close()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

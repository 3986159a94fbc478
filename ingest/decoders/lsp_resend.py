"""Leg Sensor Profile: what to ask a sensor to send again (RESEND), and when.

Requests are few and small, so that live packets are not starved; what is refused or does not come is given up soon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from detectors.signal import NS_PER_S
from ingest.decoders.lsp_control import RESPONSE_BIT, Op, Request, Response, Result
from ingest.decoders.lsp_info import CONTROL_UUID, DATA_UUID, INFO_UUID, Info, InfoFlag
from ingest.decoders.lsp_missing import MissingSamples, Piece
from ingest.decoders.lsp_packets import SYNC_TYPE, decode_header, decode_sync
from ingest.decoders.profile import SetupOp, SetupStep
from ingest.errors import DecodeError
from ingest.timebase import Timebase

if TYPE_CHECKING:
    from collections.abc import Iterator

RING_S = 60.0
"""The profile wants a sensor to keep 10 s; boards with more memory keep more, none of them for longer than this."""
LEAST_RING_WALL_S = 60.0
ANSWER_S, LEAST_ANSWER_WALL_S = 2.0, 0.5
"""How long a request may take, until its last packet has come, before it is asked again."""
BUSY_S, LEAST_BUSY_WALL_S = 1.0, 0.1
"""How long a sensor that is busy is left alone."""
MOST_ON_THEIR_WAY = 4
MOST_ASKED = 3
"""Lost answers are rare; what does not come after so many requests is no longer there."""
MOST_REFUSALS = 8
"""A sensor that refuses so many requests in a row is not asked again over this link."""
AIR_SHARE = 0.5
"""Seconds to wait per second of live data that was asked for, counted in bytes of all streams."""
BURST_NS = NS_PER_S // 2
"""Many small requests may be made at once, up to this much of that waiting."""
NEVER_NS = 1 << 62
FIRST_TID, TIDS = 0x40, 0xC0
"""Numbers of requests; the set-up uses smaller ones."""

_NEVER_AGAIN = (Result.UNKNOWN_OP, Result.UNSUPPORTED, Result.LENGTH)
_LATER = (Result.BUSY, Result.WRONG_STATE)
_CHANGES = (Op.SET_RATE, Op.SET_SPP, Op.SET_FORMAT, Op.RESET)


class _Asked(NamedTuple):
    """A request that is on its way."""

    stream: MissingSamples
    piece: Piece
    until_ns: int


class ResendPlanner:
    """Asks one sensor for what it lost on the way; see :class:`ingest.decoders.profile.Backfill`.

    It may be given what the log has of an earlier collector: then it also asks for what came between.

    Parameters
    ----------
    speed : float
        Seconds of the night per second of the wall clock; the machine needs its time however fast a night is played.

    Examples
    --------
    >>> planner = ResendPlanner()
    >>> planner.due(0) is None
    True
    """

    def __init__(self, speed: float = 1.0) -> None:
        patience_s = Timebase(speed).patience_s
        self._ring_s = patience_s(RING_S, least_wall_s=LEAST_RING_WALL_S)
        self._answer_ns = round(patience_s(ANSWER_S, least_wall_s=LEAST_ANSWER_WALL_S) * NS_PER_S)
        self._busy_ns = round(patience_s(BUSY_S, least_wall_s=LEAST_BUSY_WALL_S) * NS_PER_S)
        self._streams: dict[int, MissingSamples] = {}
        self._boot_id: int | None = None
        self._can_resend = False
        self._stopped = False
        self._refusals = 0
        self._asked: dict[int, _Asked] = {}
        self._n_requests = 0
        self._next_ns = 0

    def linked(self, mono_ns: int) -> None:
        """Note that a link was made: requests of the one before are no longer on their way."""
        for asked in self._asked.values():
            asked.piece.asked -= 1
        self._asked.clear()
        self._refusals, self._next_ns = 0, mono_ns
        for stream in self._streams.values():
            stream.new_link()
            for piece in stream.pieces:
                piece.not_before_ns = mono_ns

    def heard(self, characteristic: str, payload: bytes, mono_ns: int) -> None:
        """Take a notification; only headers of data packets are read."""
        del mono_ns
        if characteristic.lower() != DATA_UUID:
            return
        try:
            self._take_data(payload)
        except DecodeError:
            return  # the decoder counts it

    def replied(self, characteristic: str, request: bytes, payload: bytes, mono_ns: int) -> None:
        """Take a value that was read, or the answer to `request`."""
        try:
            if characteristic.lower() == INFO_UUID:
                self._take_info(Info.from_bytes(payload))
            elif characteristic.lower() == CONTROL_UUID:
                self._take_response(Response.from_bytes(payload), request, mono_ns)
        except DecodeError:
            return  # the decoder counts it

    def due(self, mono_ns: int) -> SetupStep | None:
        """Return what to ask now, or None."""
        self._expire(mono_ns)
        if not self._can_resend or self._refusals >= MOST_REFUSALS or mono_ns < self._next_ns:
            return None
        if len(self._asked) >= MOST_ON_THEIR_WAY:
            return None
        waiting = list(self._waiting(mono_ns))
        if not waiting:
            return None
        # The oldest is the next to be overwritten.
        stream, piece = max(waiting, key=lambda each: each[0].age_s(each[1]))
        return self._ask(stream, piece, mono_ns)

    def _take_data(self, payload: bytes) -> None:
        if payload[:1] == bytes((SYNC_TYPE,)):
            sync = decode_sync(payload)
            if sync.stream_id in self._streams:
                self._streams[sync.stream_id].take_sync(sync)
            return
        header, samples = decode_header(payload)
        if header.stream_id in self._streams:
            self._streams[header.stream_id].take(header, len(samples))

    def _take_info(self, info: Info) -> None:
        """Learn the streams; one that is described as before has gone on, unless the sensor has booted."""
        booted, self._boot_id = info.boot_id != self._boot_id, info.boot_id
        self._can_resend = bool(info.flags & InfoFlag.RESEND)
        before, self._streams = self._streams, {}
        for descriptor in info.streams:
            kept = before.get(descriptor.stream_id)
            if descriptor.usable and descriptor.stream_id not in self._streams:
                same = kept is not None and not booted and kept.descriptor == descriptor
                self._streams[descriptor.stream_id] = (
                    kept if kept is not None and same else MissingSamples(descriptor, self._ring_s)
                )

    def _take_response(self, response: Response, request: bytes, mono_ns: int) -> None:
        if response.op == Op.RESEND:
            self._take_resend(response, mono_ns)
        elif response.result != Result.OK:
            return
        elif response.op == Op.STOP:
            self._stopped = True
        elif response.op == Op.START and self._stopped:
            self._stopped = False
            self._forget()
        elif response.op in _CHANGES and request[:1] == bytes((response.op,)):
            self._forget()
            self._streams = {}  # until Info is read again

    def _take_resend(self, response: Response, mono_ns: int) -> None:
        asked = self._asked.get(response.tid)
        if response.result == Result.OK:
            self._refusals = 0
            return  # the packets follow
        self._refusals += 1
        if response.result in _NEVER_AGAIN:
            self._can_resend = False
        if asked is None:
            return
        del self._asked[response.tid]
        if response.result in _LATER:
            asked.piece.not_before_ns = mono_ns + self._busy_ns
        elif response.result == Result.MTU_TOO_SMALL:
            asked.piece.not_before_ns = NEVER_NS  # over the next link it may fit again
        else:
            asked.stream.give_up(asked.piece, and_older=True)

    def _forget(self) -> None:
        self._asked.clear()
        for stream in self._streams.values():
            stream.forget()

    def _expire(self, mono_ns: int) -> None:
        """Take back requests that took too long; forget what was asked for often enough, or is overwritten by now."""
        for tid, asked in list(self._asked.items()):
            came = all(piece is not asked.piece for piece in asked.stream.pieces)
            if came or mono_ns >= asked.until_ns:
                del self._asked[tid]
        under_way = [asked.piece for asked in self._asked.values()]
        for stream in self._streams.values():
            stream.drop_overwritten()
            for piece in stream.pieces:
                if piece.asked >= MOST_ASKED and all(piece is not other for other in under_way):
                    stream.give_up(piece)

    def _waiting(self, mono_ns: int) -> Iterator[tuple[MissingSamples, Piece]]:
        under_way = [asked.piece for asked in self._asked.values()]
        for stream in self._streams.values():
            for piece in stream.pieces:
                if piece.not_before_ns <= mono_ns and all(piece is not other for other in under_way):
                    yield stream, piece

    def _ask(self, stream: MissingSamples, piece: Piece, mono_ns: int) -> SetupStep:
        tid = FIRST_TID + self._n_requests % TIDS
        self._n_requests += 1
        piece.asked += 1
        piece.not_before_ns = mono_ns + self._answer_ns
        self._asked[tid] = _Asked(stream, piece, piece.not_before_ns)
        live = sum(
            s.descriptor.channels * s.descriptor.value_bytes * s.descriptor.fs_hz for s in self._streams.values()
        )
        wait_ns = round(AIR_SHARE * stream.air_bytes(piece) / live * NS_PER_S)
        self._next_ns = max(self._next_ns, mono_ns - BURST_NS) + wait_ns
        values = stream.descriptor.stream_id, piece.start & 0xFFFFFFFF, piece.stop - piece.start
        answer = bytes((RESPONSE_BIT | Op.RESEND, tid))
        return SetupStep(
            SetupOp.WRITE,
            CONTROL_UUID,
            payload=Request(Op.RESEND, tid, values).to_bytes(),
            expect_prefix=answer + bytes((Result.OK,)),
            answer_prefix=answer,
            timeout_s=ANSWER_S,
            required=False,
        )

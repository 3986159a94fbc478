"""The portable firmware, compiled for this computer and driven line by line; see ``harness.c`` beside this file."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ingest.decoders.lsp_control import Request, Response
from ingest.decoders.lsp_info import Format, Info, InfoFlag, Kind, StreamDescriptor, UnitCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike

TOP = Path(__file__).parents[2]
FLAGS = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-Wshadow", "-Wconversion", "-Wno-sign-conversion")
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
SOURCES = (*sorted((TOP / "firmware" / "lsp").glob("*.c")), TOP / "tests" / "firmware" / "harness.c")

EMG = StreamDescriptor(0, Kind.EMG, 2, Format.I16, 1_000_000, 0.25, 0.0, UnitCode.MICROVOLT, 50, 16, 4, 2000, 450)
ACC = StreamDescriptor(1, Kind.ACC, 3, Format.I16, 100_000, 1 / 8192, 0.0, UnitCode.G, 10, 16, 0, 0, 50)
INFO = Info(15, 0x00C0FFEE, 1_000_000, 244, 3, 40, 0xA1B2C3D4, (EMG, ACC))
LONG, SHORT = 244, 20
RING_S = 10


def compiler() -> str:
    """Return the C compiler, or fail and say what to install."""
    found = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if found is None:
        msg = "no C compiler (cc, gcc, clang): the firmware cannot be tested; Debian: apt-get install gcc libc6-dev"
        raise RuntimeError(msg)
    return found


def compile_leg(folder: Path) -> Path:
    """Compile the firmware and its harness, with sanitizers where the compiler has them."""
    program = folder / "leg"
    include = f"-I{TOP / 'firmware' / 'lsp'}"
    command = [compiler(), *FLAGS, include, *map(str, SOURCES), "-o", str(program)]
    sanitized = subprocess.run([*command, *SANITIZERS], capture_output=True, text=True, check=False)
    if sanitized.returncode and "sanitize" in sanitized.stderr + sanitized.stdout:
        sanitized = subprocess.run(command, capture_output=True, text=True, check=False)
    if "asan" in sanitized.stderr or "ubsan" in sanitized.stderr:
        sanitized = subprocess.run(command, capture_output=True, text=True, check=False)
    if sanitized.returncode:
        raise RuntimeError(f"the firmware does not compile:\n{sanitized.stderr}")
    return program


class CompiledLeg:
    """A sensor that the firmware makes; its process serves one sensor after the other."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._board_said: list[str] = []

    def close(self) -> None:
        """End the process; it must have nothing to complain about."""
        _, complaint = self._process.communicate()
        assert (self._process.returncode, complaint) == (0, "")

    def tell(self, *words: object) -> list[str]:
        """Send one command and return its answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()
        answers = []
        while (line := self._process.stdout.readline().rstrip("\n")) != ".":
            if not line:
                _, complaint = self._process.communicate()
                raise AssertionError(f"the firmware died at {words[0]}:\n{complaint}")
            (self._board_said if line.startswith("board ") else answers).append(line)
        return answers

    def hex(self, *words: object) -> list[bytes]:
        """Send one command and return its answers as bytes."""
        return [bytes.fromhex(answer) for answer in self.tell(*words)]

    def said_to_the_board(self) -> list[str]:
        """Return and forget what the board was asked to do."""
        said, self._board_said = self._board_said, []
        return [line.removeprefix("board ") for line in said]

    def boot(self, info: Info = INFO, *, ring_s: int = RING_S, board: bool = True) -> bool:
        """Switch on a sensor; False if the firmware refuses."""
        self.tell("board", int(board))
        self.tell("result", 0)
        for one in info.streams:
            self.tell(
                "stream", ring_s, one.stream_id, int(one.kind), one.channels, int(one.value_format), one.rate_mhz,
                repr(one.scale), repr(one.offset), int(one.unit), one.samples_per_packet, one.adc_bits, one.flags,
                one.high_pass_chz, one.low_pass_hz,
            )  # fmt: skip
        identity = (int(info.flags), info.device_uid, info.max_payload, info.body_location, info.accuracy_ppm)
        booted = self.tell("boot", *identity, info.boot_id) == ["1"]
        self.said_to_the_board()
        return booted

    def ask(self, op: int, *values: int, tick: int = 0, payload: int = LONG, tid: int = 1) -> Response:
        """Write a request to the control point."""
        request = Request(op, tid, values).to_bytes()
        (answer,) = self.hex("control", tick, payload, request.hex())
        return Response.from_bytes(answer)

    def put(self, stream: int, tick: int, raw: ArrayLike) -> None:
        """Give it samples, shape (n_samples, channels)."""
        values = np.asarray(raw)
        self.tell("put", stream, tick, len(values), *values.ravel().tolist())

    def send(self, payload: int = LONG, *, most: int = 10_000) -> list[bytes]:
        """Return the data notifications that are due; all of them arrive."""
        packets: list[bytes] = []
        while len(packets) < most:
            sent = self.hex("data", payload, min(16, most - len(packets)), 1)
            self.tell("delivered", len(sent))
            packets += sent
            if not sent:
                break
        return packets


def ramp(stream: StreamDescriptor, start: int, stop: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Raw values that say which sample they belong to."""
    return (np.arange(start, stop)[:, None] * stream.channels + np.arange(stream.channels)) % 20_000


def tick_of(stream: StreamDescriptor, index: int, first_tick: int = 0) -> int:
    """The sensor's clock at a sample, µs."""
    return first_tick + index * 1_000_000_000 // stream.rate_mhz


def samples_of(streams: Sequence[StreamDescriptor]) -> Info:
    """A sensor with other streams."""
    return Info(InfoFlag.RESEND, 1, 1_000_000, 244, 3, 40, 7, tuple(streams))


def joined(lines: Iterable[bytes]) -> bytes:
    return b"".join(lines)

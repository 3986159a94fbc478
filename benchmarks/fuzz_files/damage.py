"""Copies of good files with something wrong in them."""

from __future__ import annotations

import io
import struct
import zipfile
from functools import reduce
from operator import xor
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

HEAD_BYTES = 2048
"""Where the headers are: half of all wrong bits are put there."""
MOST_FLIPS = 16
MOST_STRETCH = 64


class Example(NamedTuple):
    """Good files that one importer reads.

    Parameters
    ----------
    opened : str
        Which one it is given; a folder is one that holds others.
    files : mapping of str to bytes
        All of them, by name.
    damaged : tuple of str
        In which something may be wrong.
    is_scoring : bool
        Whether it is a list of what a person scored, not a recording.
    sealed : callable, optional
        Makes the checksums of a file right, so that wrong bits come further than those.
    """

    opened: str
    files: Mapping[str, bytes]
    damaged: tuple[str, ...]
    is_scoring: bool = False
    sealed: Callable[[bytes], bytes] | None = None


class Copy(NamedTuple):
    """A damaged copy.

    Parameters
    ----------
    files : mapping of str to bytes
        Its files.
    what : str
        What is wrong.
    """

    files: Mapping[str, bytes]
    what: str


def damaged(example: Example, random: Random) -> Copy:
    """Return a copy with one file cut off, with flipped bits, or with a stretch of other bytes.

    Examples
    --------
    >>> from random import Random
    >>> copy = damaged(Example("a", {"a": bytes(9)}, ("a",)), Random(2))
    >>> copy.what, len(copy.files["a"])
    ('a cut off after 1 of 9 bytes', 1)
    """
    name = random.choice(example.damaged)
    stored = bytearray(example.files[name])
    kind = random.choice(("cut", "flips", "flips", "stretch"))
    if kind == "cut":
        length = random.randrange(len(stored))
        what, stored = f"cut off after {length} of {len(stored)} bytes", stored[:length]
    elif kind == "flips":
        what = _flip(stored, random)
    else:
        what = _overwrite(stored, random)
    changed = bytes(stored)
    if kind != "cut" and example.sealed is not None and random.getrandbits(1):
        what, changed = f"{what}, checksums made right", _flipped_and_sealed(example, name, random)
    return Copy({**example.files, name: changed}, f"{name} {what}")


def _flip(stored: bytearray, random: Random) -> str:
    n_flips = random.randint(1, MOST_FLIPS)
    for _ in range(n_flips):
        reach = min(HEAD_BYTES, len(stored)) if random.getrandbits(1) else len(stored)
        stored[random.randrange(reach)] ^= 1 << random.randrange(8)
    return f"{n_flips} bits flipped"


def _overwrite(stored: bytearray, random: Random) -> str:
    length = random.randint(1, MOST_STRETCH)
    at = random.randrange(min(HEAD_BYTES, len(stored)) if random.getrandbits(1) else len(stored))
    filled = random.choice((b"\0" * length, b"\xff" * length, random.randbytes(length), b"9" * length))
    if random.getrandbits(1):
        stored[at : at + length] = filled
        return f"{length} bytes at {at} overwritten"
    stored[at:at] = filled
    return f"{length} bytes at {at} put in"


def _flipped_and_sealed(example: Example, name: str, random: Random) -> bytes:
    """Return a file whose wrong bits have right checksums; of an archive, in the log that it holds."""
    stored = bytearray(example.files[name])
    if stored.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(stored)) as archive:
            held = {one: bytearray(archive.read(one)) for one in archive.namelist()}
        _flip(random.choice(list(held.values())), random)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for one, content in held.items():
                archive.writestr(one, sealed_log(bytes(content)) if one == "log.bin" else bytes(content))
        return out.getvalue()
    _flip(stored, random)
    return bytes(stored) if example.sealed is None else example.sealed(bytes(stored))


def sealed_cwa(stored: bytes) -> bytes:
    """Return an Axivity file whose blocks add up to 0."""
    blocks = []
    for at in range(1024, len(stored), 512):
        block = stored[at : at + 512]
        words = struct.unpack(f"<{len(block[:510]) // 2}H", block[:510])
        blocks.append(block[:510] + struct.pack("<H", -sum(words) & 0xFFFF))
    return stored[:1024] + b"".join(blocks)


def sealed_log(stored: bytes) -> bytes:
    """Return the log of an ActiGraph device whose records have their checksums, as far as it can be followed."""
    log, at = bytearray(stored), 0
    while at + 9 <= len(log):
        stop = at + 8 + int.from_bytes(log[at + 6 : at + 8], "little")
        if stop >= len(log):
            break
        log[stop] = reduce(xor, log[at:stop]) ^ 0xFF
        at = stop + 1
    return bytes(log)

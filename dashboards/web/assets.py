"""Style sheets, scripts and drawings: held in memory, packed once, and the modules of a page named before it asks."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

NOT_FOUND = 404
NOT_ALLOWED = 405
NOT_MODIFIED = 304
READING = ("GET", "HEAD")
# Of a packed file that is no smaller nobody has anything.
LEAST_GAIN = 0.9
_IMPORT: Final = re.compile(r'^\s*import\b[^"]*"\./([\w.-]+\.js)";', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent.

    Parameters
    ----------
    body, packed : bytes
        As it is, and as gzip where that is smaller; else empty.
    media_type : str
        What it is.
    etag : str
        Hash of its content, a weak one: packed or not, it means the same (RFC 9110, 8.8.3.3).
    imports : frozenset of str
        Names of the scripts beside it that a script imports.
    """

    body: bytes
    packed: bytes
    media_type: str
    etag: str
    imports: frozenset[str]


class Assets:
    """An ASGI app that answers with the files of one directory, as they were when it was made.

    A browser keeps them but asks about each time, so that an update is seen at once.

    Parameters
    ----------
    directory : Path
        Its files; directories in it are left out.
    """

    def __init__(self, directory: Path) -> None:
        self._assets = {file.name: _asset(file) for file in sorted(directory.iterdir()) if file.is_file()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises
        ------
        HTTPException
            If there is no such file, or somebody wants to change it.
        """
        if scope["method"] not in READING:
            allowed = {"allow": ", ".join(READING)}
            raise HTTPException(NOT_ALLOWED, "a file of the page can only be read", allowed)
        name = scope["path"].removeprefix(scope.get("root_path", "")).strip("/")
        asset = self._assets.get(name)
        if asset is None:
            raise HTTPException(NOT_FOUND, "there is no such file")
        await _answer(asset, Headers(scope=scope))(scope, receive, send)

    def modules(self, name: str) -> tuple[str, ...]:
        """Return what a script imports, and what that imports, so that a browser can fetch all of it at once.

        Parameters
        ----------
        name : str
            The script.

        Returns
        -------
        tuple of str
            Names of the other scripts, each once, sorted.
        """
        found: set[str] = set()
        waiting = [name]
        while waiting:
            named = self._assets[waiting.pop()].imports - found - {name}
            found |= named
            waiting += named
        return tuple(sorted(found))


def _asset(file: Path) -> Asset:
    body = file.read_bytes()
    packed = gzip.compress(body, mtime=0)
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    imports = frozenset(_IMPORT.findall(body.decode())) if file.suffix == ".js" else frozenset()
    return Asset(body, packed if len(packed) < LEAST_GAIN * len(body) else b"", media_type, etag, imports)


def _answer(asset: Asset, asked: Headers) -> Response:
    headers = {"cache-control": "no-cache", "etag": asset.etag, "vary": "accept-encoding"}
    known = (tag.strip().removeprefix("W/") for tag in asked.get("if-none-match", "").split(","))
    if asset.etag.removeprefix("W/") in known:
        return Response(status_code=NOT_MODIFIED, headers=headers)
    if asset.packed and "gzip" in asked.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Response(asset.packed, media_type=asset.media_type, headers=headers)
    return Response(asset.body, media_type=asset.media_type, headers=headers)

"""The web server, inside the event loop of the command that shows the pages."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path  # noqa: TC003 - the annotations are read at run time
from typing import TYPE_CHECKING

import uvicorn

from dashboards.web.app import create_app
from dashboards.web.guard import EVERY_ADDRESS, LOOPBACK_HOSTS
from dashboards.web.login import Login
from dashboards.web.sessions import Password
from soleus.config import WEB_PASSWORD_VARIABLE, secret
from soleus.errors import ConfigError
from soleus.web_connections import MOST_CONNECTIONS, PATIENCE_S, Door, Impatient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from dashboards.bench import Studio
    from dashboards.book import NightBook
    from soleus.settings import WebSettings

log = logging.getLogger(__name__)

START_TIMEOUT_S = 15.0
GRACE_S = 1.0
"""So long an answer may take to leave when the server ends; then its reader is left."""
POLL_S = 0.02
SHORTEST_PASSWORD = 8
"""Characters; as few as NIST SP 800-63B lets a person choose, and enough against as many guesses as the login takes."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may reach the pages, and how.

    Parameters
    ----------
    password : str or None
        What others must know; None where nobody else can ask.
    names : tuple of str
        Names under which others ask.
    tls_cert, tls_key : Path or None
        Certificate and key, PEM.
    """

    password: str | None = field(default=None, repr=False)
    names: tuple[str, ...] = ()
    tls_cert: Path | None = None
    tls_key: Path | None = None


def access_of(web: WebSettings, environ: Mapping[str, str] = os.environ) -> Access:
    """Return who may reach the pages.

    Parameters
    ----------
    web : WebSettings
        The ``[web]`` table.
    environ : mapping of str to str
        The environment.

    Returns
    -------
    Access
        With a password if anybody but this computer can ask.

    Raises
    ------
    ConfigError
        If others can ask and there is no password, or it is too short.
    """
    if is_loopback(web.host) and web.name is None:
        return Access(tls_cert=web.tls_cert, tls_key=web.tls_key)
    password = secret(web.password_file, WEB_PASSWORD_VARIABLE, environ)
    if password is None:
        open_by = f"web.host is {web.host!r}" if web.name is None else f"web.name is {web.name!r}"
        msg = f"{open_by}: others can reach the pages, expected web.password_file or {WEB_PASSWORD_VARIABLE} to be set"
        raise ConfigError(msg)
    if len(password) < SHORTEST_PASSWORD:
        place = WEB_PASSWORD_VARIABLE if web.password_file is None else web.password_file
        msg = f"{place}: the password has {len(password)} characters, expected at least {SHORTEST_PASSWORD}"
        raise ConfigError(msg)
    here = socket.gethostname()
    names = (web.host, here, f"{here}.local", *(() if web.name is None else (web.name,)))
    return Access(password, names, web.tls_cert, web.tls_key)


def is_loopback(host: str) -> bool:
    """Return whether only this computer can ask for an address.

    Examples
    --------
    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "192.168.1.5", "")]
    [True, True, True, False, False, False]
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@asynccontextmanager
async def serving(
    book: NightBook, host: str, port: int, access: Access | None = None, studio: Studio | None = None
) -> AsyncIterator[str]:
    """Serve the pages inside this event loop.

    Parameters
    ----------
    book : NightBook
        The nights.
    host : str
        Address to listen on.
    port : int
        Port; 0 takes a free one.
    access : Access, optional
        Who may reach the pages; everybody on this computer if not given.
    studio : Studio, optional
        What *Bench* and *Label* are about; without it there are no such pages. Its bench is closed with the server.

    Yields
    ------
    str
        Address of the pages.

    Raises
    ------
    ConfigError
        If the certificate or its key cannot be used.
    OSError
        If the port is taken.
    """
    access = access or Access()
    server = _Server(_configured(book, host, access, studio))
    sock = Door(socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET))
    # asyncio only does so for sockets that it made: head and body are two packets, and the second waited 40 ms.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    task = asyncio.create_task(server.serve([sock]), name="web")
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            while not server.started and not task.done():  # noqa: ASYNC110 - the server has a flag, no event
                await asyncio.sleep(POLL_S)
        yield _url(host, sock.getsockname()[1], tls=access.tls_cert is not None)
    finally:
        server.should_exit = True
        if studio is not None:
            # Nobody waits for what it would still have done.
            await asyncio.to_thread(studio.bench.close)
        await task


def _configured(book: NightBook, host: str, access: Access, studio: Studio | None = None) -> uvicorn.Config:
    login = None if access.password is None else Login(Password(access.password), refused=_say_refused)
    config = uvicorn.Config(
        create_app(book, hosts=(*LOOPBACK_HOSTS, host, *access.names), login=login, studio=studio),
        http=Impatient,
        timeout_keep_alive=PATIENCE_S,
        # It warns of each request that is none: whoever sends enough of them would fill the log.
        log_level="error",
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        # Only what runs on this computer may say for whom it asks: a reverse proxy does.
        proxy_headers=is_loopback(host),
        forwarded_allow_ips="127.0.0.1,::1",
        limit_concurrency=None if login is None else MOST_CONNECTIONS,
        ssl_certfile=access.tls_cert,
        ssl_keyfile=access.tls_key,
    )
    try:
        config.load()
    except OSError as error:
        # The TLS library does not say which of the two files it could not use.
        reason = error.strerror or error
        msg = f"{access.tls_cert}, {access.tls_key}: not a certificate and its key: {reason}"
        raise ConfigError(msg) from error
    return config


def _say_refused() -> None:
    # As often as the login lets anybody try, so this cannot fill a disk.
    log.warning("a wrong password was given to the pages")


def _url(host: str, port: int, *, tls: bool) -> str:
    name = "localhost" if host in EVERY_ADDRESS else f"[{host}]" if ":" in host else host
    return f"{'https' if tls else 'http'}://{name}:{port}/"


class _Server(uvicorn.Server):
    """A server that leaves Ctrl-C to the command that runs it, and ends in silence."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let answers leave for a moment, then leave who reads them; no answer is broken off while it is made."""
        leaving = asyncio.get_running_loop().call_later(GRACE_S, self._leave)
        try:
            await super().shutdown(sockets)
        finally:
            leaving.cancel()

    def _leave(self) -> None:
        for connection in tuple(self.server_state.connections):
            connection.transport.abort()

    def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override] # a generator there
        """Capture none."""
        return contextlib.nullcontext()

"""Where an MQTT broker is and how it knows us."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit

PLAIN_PORT = 1883
TLS_PORT = 8883


class Dialect(StrEnum):
    """Version of MQTT. Only 5 tells a publisher that it may not publish."""

    MQTT_5 = "5"
    MQTT_3_1_1 = "3.1.1"


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker is and how it knows us.

    Parameters
    ----------
    host : str
        Name or address.
    port : int
        TCP port.
    user, password : str or None
        Login; None for a broker that asks for none.
    tls : bool
        Whether to encrypt, and check the broker's certificate.
    ca_file : str or None
        Certificates to trust instead of the system's.
    dialect : Dialect
        Version of MQTT to speak.
    client_cert, client_key : str or None
        Certificate that says who we are, and its key, PEM; for a broker that asks for one.
    """

    host: str
    port: int = PLAIN_PORT
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca_file: str | None = None
    dialect: Dialect = Dialect.MQTT_5
    client_cert: str | None = None
    client_key: str | None = None

    @classmethod
    def parse(cls, url: str, password: str | None = None) -> BrokerAddress:
        """Read ``mqtt://user@host:1883`` or ``mqtts://…``, with ``?protocol=3.1.1`` and ``?ca=FILE``.

        Parameters
        ----------
        url : str
            The address; it must not carry the password, which would end in process lists and logs.
        password : str or None
            The password.

        Raises
        ------
        ValueError
            If it is no such address.

        Examples
        --------
        >>> BrokerAddress.parse("mqtt://collector@localhost").port
        1883
        """
        parts = urlsplit(url)
        options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname or options.keys() - {"protocol", "ca"}:
            shown = url.rpartition("@")[2]
            msg = f"broker is {shown!r}, expected mqtt://[user@]host[:port][?protocol=3.1.1&ca=FILE]"
            raise ValueError(msg)
        if parts.password is not None:
            msg = "the broker's address holds a password; give it in the environment or in a file"
            raise ValueError(msg)
        tls = parts.scheme == "mqtts"
        return cls(
            parts.hostname,
            parts.port or (TLS_PORT if tls else PLAIN_PORT),
            unquote(parts.username) if parts.username else None,
            password,
            tls,
            options.get("ca"),
            Dialect(options.get("protocol", Dialect.MQTT_5)),
        )

    def __str__(self) -> str:
        """Return the address without login."""
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"

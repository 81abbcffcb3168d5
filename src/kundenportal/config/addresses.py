"""The addresses an operator writes down, taken apart: pure, and never echoing what may be a password."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from kundenportal.domain.inbox.rules.keeping import Mailbox

HIGHEST_PORT = 65_535
PORT_WITH_STARTTLS = 587
DATABASE_PARAMETERS = ("host", "port", "user", "password", "sslmode", "sslrootcert")
PATH_FOR_TRACES = "/v1/traces"  # OTLP over HTTP
LOOPBACK = ("localhost", "127.0.0.1", "::1")
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
SSL_MODES_WITH_TLS = ("require", "verify-ca", "verify-full")
SSL_MODES = ("disable", "allow", "prefer", *SSL_MODES_WITH_TLS)

MailSecurity = Literal["none", "starttls", "tls"]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class NotAnAddress(ValueError):  # noqa: N818 - reads as the refusal it is
    """The end of the sentence “the address …”: what is wrong with it, in words that quote no secret."""


@dataclass(frozen=True)
class Endpoint:
    """Where a server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        """`host:port` as in an address, with brackets around an IPv6 host."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def reachable(self) -> Endpoint:
        """An address a client on the same machine can use, also when this one means every interface."""
        loopback = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        return Endpoint(loopback, self.port)


@dataclass(frozen=True)
class DatabaseAddress:
    """A PostgreSQL database; a host that begins with a slash is the directory of a socket."""

    host: str
    name: str
    port: int = 5432
    user: str = ""
    password: str = field(default="", repr=False)
    sslmode: str = ""
    sslrootcert: str = ""

    @property
    def is_encrypted(self) -> bool:
        """Whether nothing may go to the server in clear."""
        return self.sslmode in SSL_MODES_WITH_TLS

    @property
    def url(self) -> str:
        """The address as a value of KUNDENPORTAL_DATABASE_URL, password included."""
        parameters = {
            "host": self.host,
            "port": str(self.port),
            "user": self.user,
            "password": self.password,
            "sslmode": self.sslmode,
            "sslrootcert": self.sslrootcert,
        }
        given = {key: value for key, value in parameters.items() if value}
        return f"postgresql:///{quote(self.name, safe='')}?{urlencode(given, safe='/', quote_via=quote)}"


@dataclass(frozen=True)
class MailServer:
    """The server that takes our mail."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    security: MailSecurity


@dataclass(frozen=True)
class ObjectStorage:
    """A bucket of S3-compatible storage, and the folder in it."""

    host: str
    port: int | None
    bucket: str
    user: str
    password: str = field(repr=False)
    folder: str = ""
    region: str = "us-east-1"
    is_in_clear: bool = False

    @property
    def endpoint(self) -> str:
        """The address of the server."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'http' if self.is_in_clear else 'https'}://{shown}{f':{self.port}' if self.port else ''}"

    @property
    def prefix(self) -> str:
        """How the names of all files begin."""
        return f"{self.folder}/" if self.folder else ""

    @property
    def place(self) -> str:
        """Server, bucket and folder, without what opens them."""
        return f"{self.endpoint}/{self.bucket}/{self.prefix}".rstrip("/")


def endpoint_in(text: str) -> Endpoint:
    """The `host:port` that was written, IPv6 in brackets."""
    host, colon, port = text.rpartition(":")
    if not colon or not re.fullmatch(r"[0-9]{1,5}", port, re.ASCII) or not 1 <= int(port) <= HIGHEST_PORT:
        raise NotAnAddress(f"has no port between 1 and {HIGHEST_PORT} after a colon")
    return Endpoint(_host_in(host, bracketed=host.startswith("[") and host.endswith("]")), int(port))


def base_url_in(text: str) -> str:
    """`scheme://host[:port]` in lower case and without a slash at its end."""
    parts = _split(text)
    if parts.scheme not in {"http", "https"}:
        raise NotAnAddress("does not begin with http:// or https://")
    if "@" in parts.netloc:
        raise NotAnAddress("carries a user name")
    if parts.path not in {"", "/"} or parts.query:
        raise NotAnAddress("goes on after the host")
    host = _host(parts)
    port = _port(parts)
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}:{port}" if port else f"{parts.scheme}://{shown}"


def collector_in(text: str) -> str:
    """Where OpenTelemetry's collector takes traces: `http://host:port`, with a path where it is not the usual one."""
    parts = _split(text)
    server = base_url_in(parts._replace(path="").geturl())
    return server + (parts.path if parts.path not in {"", "/"} else PATH_FOR_TRACES)


def database_address_in(text: str) -> DatabaseAddress:
    """The PostgreSQL database a `postgresql://` address names."""
    parts = _split(text)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise NotAnAddress("does not begin with postgresql://")
    parameters = _parameters(parts, DATABASE_PARAMETERS)
    name = parts.path.removeprefix("/")
    if not name or "/" in name:
        raise NotAnAddress("names no database after the host")
    host = _directory_or_host(parameters["host"]) if "host" in parameters else _host(parts)
    if "port" in parameters:
        port: int | None = endpoint_in(f"host:{parameters['port']}").port
    else:
        port = _port(parts)
    sslmode = parameters.get("sslmode", "")
    if sslmode and sslmode not in SSL_MODES:
        raise NotAnAddress(f"has an sslmode that is none of {', '.join(SSL_MODES)}")
    return DatabaseAddress(
        host=host,
        port=port or DatabaseAddress.port,
        name=unquote(name),
        user=parameters.get("user", unquote(parts.username or "")),
        password=parameters.get("password", unquote(parts.password or "")),
        sslmode=sslmode,
        sslrootcert=parameters.get("sslrootcert", ""),
    )


def mail_server_in(text: str) -> MailServer:
    """The mail server an `smtp://` or `smtps://` address names."""
    parts = _split(text)
    if parts.scheme not in {"smtp", "smtps"}:
        raise NotAnAddress("does not begin with smtp:// or smtps://")
    if parts.path not in {"", "/"}:
        raise NotAnAddress("goes on after the host")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise NotAnAddress("has a user without a password or a password without a user")
    if not (user + password).isascii():
        raise NotAnAddress("has a user or password with other letters than a to z, which no mail server understands")
    port = _port(parts) or (465 if parts.scheme == "smtps" else 25)
    return MailServer(_host(parts), port, user, password, _mail_security(parts, port))


def mailbox_in(text: str) -> Mailbox:
    """The mailbox an `imaps://` or `imap://` address names."""
    parts = _split(text)
    if parts.scheme not in {"imap", "imaps"}:
        raise NotAnAddress("does not begin with imaps:// or imap://")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not user or not password:
        raise NotAnAddress("has no user or no password")
    host, parameters = _host(parts), _parameters(parts, ("starttls", "sslrootcert"))
    wish = parameters.get("starttls")
    if wish not in {None, "yes", "no"}:
        raise NotAnAddress("has a starttls that is neither yes nor no")
    if parts.scheme == "imaps" and wish:
        raise NotAnAddress("has starttls although imaps:// is encrypted from the first byte")
    security: MailSecurity = "tls" if parts.scheme == "imaps" else "starttls" if wish == "yes" else "none"
    if security == "none" and host not in LOOPBACK:
        raise NotAnAddress("would send the password across the network unencrypted; imaps:// or ?starttls=yes does not")
    return Mailbox(
        host=host,
        port=_port(parts) or (993 if security == "tls" else 143),
        user=user,
        password=password,
        security=security,
        folder=unquote(parts.path.strip("/")) or Mailbox.folder,
        ca_file=parameters.get("sslrootcert", ""),
    )


def object_storage_in(text: str) -> ObjectStorage:
    """The bucket an `s3://` address names."""
    parts = _split(text)
    if parts.scheme != "s3":
        raise NotAnAddress("does not begin with s3://")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not user or not password:
        raise NotAnAddress("has no key or no secret before the host")
    bucket, _, folder = unquote(parts.path.strip("/")).partition("/")
    if not BUCKET.fullmatch(bucket) or ".." in folder.split("/"):
        raise NotAnAddress("names no bucket after the host")
    parameters = _parameters(parts, ("region", "tls"))
    if parameters.get("tls") not in {None, "yes", "no"}:
        raise NotAnAddress("has a tls that is neither yes nor no")
    return ObjectStorage(
        host=_host(parts),
        port=_port(parts),
        bucket=bucket,
        user=user,
        password=password,
        folder=folder,
        region=parameters.get("region", ObjectStorage.region),
        is_in_clear=parameters.get("tls") == "no",
    )


def networks_in(text: str) -> tuple[Network, ...]:
    """The addresses and networks in a list with commas, each address as a network of one."""
    return tuple(_network_in(part.strip()) for part in text.split(","))


def _network_in(text: str) -> Network:
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        raise NotAnAddress(f"names “{text}”, which is neither an IP address nor a network") from None
    if network.prefixlen == 0:
        raise NotAnAddress(f"names “{text}”, which is every address there is")
    return network


def _mail_security(parts: SplitResult, port: int) -> MailSecurity:
    wish = _parameters(parts, ("starttls",)).get("starttls")
    if wish not in {None, "yes", "no"}:
        raise NotAnAddress("has a starttls that is neither yes nor no")
    if parts.scheme == "smtps":
        if wish:
            raise NotAnAddress("has starttls although smtps:// is encrypted from the first byte")
        return "tls"
    wanted = port == PORT_WITH_STARTTLS if wish is None else wish == "yes"
    return "starttls" if wanted else "none"


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
    except ValueError:
        raise NotAnAddress("cannot be read") from None
    if parts.fragment or text.endswith("#"):
        raise NotAnAddress("contains a #, which is written %23 inside a password")
    if not parts.scheme or not text.lower().startswith(f"{parts.scheme}://"):
        raise NotAnAddress("does not begin with a scheme and ://")
    return parts


def _host(parts: SplitResult) -> str:
    bracketed = parts.netloc.rpartition("@")[2].startswith("[")
    return _host_in(parts.hostname or "", bracketed=bracketed)


def _host_in(text: str, *, bracketed: bool) -> str:
    host = text.removeprefix("[").removesuffix("]").lower()
    if bracketed:
        try:
            return str(ipaddress.IPv6Address(host))
        except ValueError:
            raise NotAnAddress("has no IPv6 address between its brackets") from None
    if not re.fullmatch(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?", host, re.ASCII):
        raise NotAnAddress("has no host name, or one with characters a host name cannot have")
    return host


def _directory_or_host(text: str) -> str:
    if text.startswith("/"):
        return text
    return _host_in(text, bracketed=":" in text)


def _port(parts: SplitResult) -> int | None:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise NotAnAddress(
            f"has no port between 1 and {HIGHEST_PORT}, or a password in which / ? # @ are not written %2F %3F %23 %40"
        )
    return port


def _parameters(parts: SplitResult, allowed: tuple[str, ...]) -> dict[str, str]:
    try:
        parameters = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError:
        raise NotAnAddress("has a part after ? that is not name=value") from None
    if set(parameters) - set(allowed):
        raise NotAnAddress(f"has a part after ? that is none of {', '.join(allowed)}")
    return parameters

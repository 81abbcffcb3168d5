"""Whose word counts about where a request comes from: that of the proxies an operator trusts, and nobody else's.

Everything after this middleware finds the client in REMOTE_ADDR, and no X-Forwarded-… header that anybody could have
made up.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from django.http import HttpRequest, HttpResponse

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address
    Network = ipaddress.IPv4Network | ipaddress.IPv6Network

FORWARDED = "HTTP_X_FORWARDED_"
FORWARDED_FOR = "HTTP_X_FORWARDED_FOR"
# Nobody has more proxies in a row. A header may be hundreds of kilobytes long, and each entry costs time to read.
MOST_HOPS = 16
LONGEST_ENTRY = 100  # characters; an IPv6 address with brackets, zone and port takes about 70
# A proxy's own comes with every request, a client's with all that a page is made of.
ENTRIES_REMEMBERED = 1024
# A connection without addresses is a Unix socket, whose other end is on this machine.
THIS_MACHINE = ipaddress.IPv4Address("127.0.0.1")
ENTRY = re.compile(r"\[(?P<bracketed>[^]]*)\](:[0-9]+)?|(?P<with_port>[0-9.]+):[0-9]+|(?P<bare>.*)", re.ASCII)


class TrustedProxiesMiddleware:
    """Puts the client's address into REMOTE_ADDR, and drops what a stranger says of an earlier hop."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        peer = request.META.get("REMOTE_ADDR", "")
        if not is_trusted(peer, settings.TRUSTED_PROXIES):
            _drop_what_was_forwarded(request)
        request.META["REMOTE_ADDR"] = client_behind(peer, request.META.get(FORWARDED_FOR, ""), settings.TRUSTED_PROXIES)
        return self.get_response(request)


def is_trusted(peer: str, trusted: Collection[Network]) -> bool:
    """Whether the other end of a connection is one of the trusted proxies."""
    return _is_among(address_in(peer) if peer else THIS_MACHINE, trusted)


def client_behind(peer: str, forwarded_for: str, trusted: Collection[Network]) -> str:
    """The first address, from a trusted peer backwards, that is not trusted itself; an empty text if none is known.

    Only what a trusted proxy wrote is believed: each adds its own peer at the end, so what a client made up stands
    further left than the client. Where a proxy wrote no address, it is itself the last that is known.
    """
    known = address_in(peer)
    for entry in reversed(forwarded_for.rsplit(",", MOST_HOPS)[-MOST_HOPS:]):
        address = address_in(entry)
        if address is None:
            break
        known = address
        if not _is_among(address, trusted):
            break
    return str(known or "")


def address_in(entry: str) -> Address | None:
    """The address in an entry like `192.0.2.1:443`, `2001:db8::1` or `[2001:db8::1]:443`, whatever its spelling."""
    return None if len(entry) > LONGEST_ENTRY else _read(entry)


@lru_cache(maxsize=ENTRIES_REMEMBERED)
def _read(entry: str) -> Address | None:
    if not (found := ENTRY.fullmatch(entry.strip())):
        return None
    text = found["bracketed"] or found["with_port"] or found["bare"] or ""
    try:
        # Without the zone: it names one of the other machine's interfaces, in as many characters as it likes.
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, ipaddress.IPv6Address) else address


def _drop_what_was_forwarded(request: HttpRequest) -> None:
    for name in [name for name in request.META if name.startswith(FORWARDED)]:
        del request.META[name]


def _is_among(address: Address | None, networks: Collection[Network]) -> bool:
    return address is not None and any(address in network for network in networks)

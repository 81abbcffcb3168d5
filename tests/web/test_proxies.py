"""Where a request comes from is what a trusted proxy says of it, and never what somebody says of themselves."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from factories.trail import last_entry
from kundenportal.config.addresses import networks_in
from kundenportal.kernel.origin import USER_AGENT_MAX_LENGTH, Origin
from kundenportal.web.shared.origin import origin_of
from kundenportal.web.shared.proxies import MOST_HOPS, TrustedProxiesMiddleware, client_behind
from web.residents import settled
from web.served import served

if TYPE_CHECKING:
    from pytest_django import Settings

TRUSTED = networks_in("127.0.0.1, ::1, 10.0.0.0/8, 2001:db8:ffff::/48")
CLIENT = "192.0.2.7"


@pytest.fixture(autouse=True)
def _trust(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = TRUSTED


def _after_the_middleware(peer: str, **forwarded: str) -> HttpRequest:
    """The request as every later middleware and every view has it."""
    seen: list[HttpRequest] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    headers: dict[str, Any] = {f"HTTP_X_FORWARDED_{name}": value for name, value in forwarded.items()}
    TrustedProxiesMiddleware(answer)(RequestFactory().get("/", REMOTE_ADDR=peer, **headers))
    return seen[0]


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        # Nobody in between.
        (CLIENT, "", CLIENT),
        ("2001:DB8:0::7", "", "2001:db8::7"),
        ("::ffff:192.0.2.7", "", CLIENT),
        ("fe80::1%eth0", "", "fe80::1"),
        # One proxy, or several, each of which added its peer.
        ("127.0.0.1", CLIENT, CLIENT),
        ("::1", CLIENT, CLIENT),
        ("::ffff:127.0.0.1", CLIENT, CLIENT),
        ("127.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("127.0.0.1", f"{CLIENT}, 10.1.2.3,10.0.0.1", CLIENT),
        ("2001:db8:ffff::1", f"{CLIENT} , 10.1.2.3", CLIENT),
        # A client made something up; its proxy added where that came from.
        ("127.0.0.1", f"203.0.113.1, {CLIENT}", CLIENT),
        ("127.0.0.1", f"127.0.0.1, 10.0.0.1, {CLIENT}", CLIENT),
        ("127.0.0.1", f"<script>, {CLIENT}, 10.0.0.1", CLIENT),
        # A stranger made something up.
        (CLIENT, "203.0.113.1", CLIENT),
        (CLIENT, "127.0.0.1", CLIENT),
        ("2001:db8::7", "203.0.113.1", "2001:db8::7"),
        # Written in other ways.
        ("127.0.0.1", f"{CLIENT}:443", CLIENT),
        ("127.0.0.1", "[2001:db8::7]:443", "2001:db8::7"),
        ("127.0.0.1", "[2001:db8::7]", "2001:db8::7"),
        ("127.0.0.1", "::ffff:192.0.2.7", CLIENT),
        ("127.0.0.1", "[::ffff:192.0.2.7]:443", CLIENT),
        ("127.0.0.1", "fe80::1%" + "x" * 60, "fe80::1"),
        # A proxy that names nobody is the last that is known.
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", f"{CLIENT}, unknown", "127.0.0.1"),
        ("127.0.0.1", f"{CLIENT}, ", "127.0.0.1"),
        ("127.0.0.1", f"{CLIENT}, _hidden, 10.0.0.1", "10.0.0.1"),
        ("127.0.0.1", "10.1.2.3, 10.0.0.1", "10.1.2.3"),
        # A Unix socket: whoever is at its other end is on this machine.
        ("", CLIENT, CLIENT),
        ("", "", ""),
        ("", "unknown", ""),
        # Not an address at all.
        ("nonsense", CLIENT, ""),
        ("nonsense", "", ""),
    ],
)
def test_the_client_is_the_last_address_a_trusted_proxy_vouches_for(peer: str, forwarded_for: str, client: str) -> None:
    request = _after_the_middleware(peer, FOR=forwarded_for)
    assert request.META["REMOTE_ADDR"] == client
    assert origin_of(request).network_address == client


@pytest.mark.parametrize(
    "nonsense",
    [
        *(
            "[",
            "[]",
            "[::1",
            "]",
            ":",
            ":443",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.04",
            "256.1.1.1",
            "::g",
            "1:2",
            "%",
            "\x00",
        ),
        *("٣.٣.٣.٣", "12345", "0x7f.1", "x" * 100, "1." * 100_000, ":" * 100_000, "[" * 100_000, "1" * 100_000),
    ],
)
def test_what_is_no_address_is_taken_for_none(nonsense: str) -> None:
    assert client_behind("127.0.0.1", nonsense, TRUSTED) == "127.0.0.1"
    assert client_behind("127.0.0.1", f"{nonsense},{CLIENT}", TRUSTED) == CLIENT


@pytest.mark.parametrize("entry", ["127.0.0.1,", ",", "10.0.0.1,", "x,", " , "])
def test_a_header_of_megabytes_is_read_from_its_end_and_not_far(entry: str) -> None:
    endless = entry * 1_000_000
    assert client_behind("127.0.0.1", endless + CLIENT, TRUSTED) == CLIENT
    assert client_behind("127.0.0.1", CLIENT + "," + "10.0.0.1," * MOST_HOPS + "10.0.0.2", TRUSTED) == "10.0.0.1"
    assert client_behind("127.0.0.1", endless, TRUSTED) in {"127.0.0.1", "10.0.0.1"}


@given(st.text(max_size=60), st.text(alphabet="0123456789abcdef:.,[]% ", max_size=60))
def test_whatever_is_sent_the_client_is_an_address_or_nobody(peer: str, forwarded_for: str) -> None:
    for somebody in (peer, forwarded_for, "127.0.0.1", ""):
        for said in (peer, forwarded_for, f"{forwarded_for},{peer}"):
            client = client_behind(somebody, said, TRUSTED)
            assert client == "" or str(ipaddress.ip_address(client)) == client


@given(st.ip_addresses().map(str), st.text(max_size=60), st.sampled_from(["", "10.0.0.1", "10.0.0.1, ::1"]))
def test_nothing_a_client_makes_up_moves_it(client: str, made_up: str, between: str) -> None:
    added = ", ".join(filter(None, [client, between]))
    honest = client_behind("127.0.0.1", added, ())
    assert honest == client_behind("127.0.0.1", f"{made_up}, {added}", ())
    if not any(ipaddress.ip_address(client) in network for network in TRUSTED) and ":ffff:" not in client:
        assert client_behind("127.0.0.1", f"{made_up}, {added}", TRUSTED) == client


@pytest.mark.parametrize("peer", [CLIENT, "2001:db8::7", "nonsense"])
def test_a_stranger_says_nothing_of_earlier_hops(peer: str) -> None:
    request = _after_the_middleware(peer, FOR="203.0.113.1", PROTO="https", HOST="evil.example.org", PORT="1", X="x")
    assert [name for name in request.META if "FORWARDED" in name] == []


def test_only_a_trusted_proxy_says_that_the_connection_is_encrypted(settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert _after_the_middleware("127.0.0.1", PROTO="https").is_secure()
    assert _after_the_middleware("", PROTO="https").is_secure()
    assert not _after_the_middleware("127.0.0.1", PROTO="http").is_secure()
    assert not _after_the_middleware(CLIENT, PROTO="https").is_secure()


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (X11; Linux x86_64)"),
        (" Mozilla \t 5.0\x00\x1b[31m\x9f ", "Mozilla 5.0[31m"),
        ("", ""),
        ("x" * 1_000_000, "x" * USER_AGENT_MAX_LENGTH),
    ],
)
def test_what_a_browser_says_of_itself_is_one_short_line(said: str, kept: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=CLIENT, HTTP_USER_AGENT=said)
    assert origin_of(request) == Origin(CLIENT, kept)
    assert kept.isprintable()


def test_a_browser_that_says_nothing_has_no_name() -> None:
    assert origin_of(RequestFactory().get("/", REMOTE_ADDR=CLIENT)) == Origin(CLIENT, "")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("peer", "forwarded_for", "written_down"),
    [
        ("127.0.0.1", f"203.0.113.1, {CLIENT}, 10.0.0.1", CLIENT),
        ("2001:db8::7", "203.0.113.1", "2001:db8::7"),
        ("", f"[::ffff:{CLIENT}]:443", CLIENT),
        ("nonsense", "203.0.113.1", ""),
    ],
)
def test_the_trail_shows_where_somebody_really_came_from(peer: str, forwarded_for: str, written_down: str) -> None:
    holder = settled()
    form = urlencode({"address": holder.address, "password": holder.password}).encode()
    assert served("POST", "/sign-in/", form, REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded_for) == 302
    assert (last_entry().event, last_entry().network_address) == ("sign_in.succeeded", written_down)

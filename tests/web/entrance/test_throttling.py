"""A flood from one network is turned away at the door, at once and in plain words; nobody else notices."""

from __future__ import annotations

import logging
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from django.conf import settings as portal
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from kundenportal.domain.credentials.rules.throttling import ENTRIES_PER_MINUTE, HELD_AT_MOST, Allowance
from kundenportal.domain.site.queries import current as current_site
from kundenportal.web.entrance import throttling
from kundenportal.web.entrance.throttling import LIMITED, NETWORKS_REMEMBERED, Buckets
from kundenportal.web.shared import references
from web.pages import Page
from web.residents import attempt, settled, sign_in

if TYPE_CHECKING:
    from django.http import HttpRequest
    from pytest_django import DjangoAssertNumQueries, Settings
    from time_machine import TimeMachineFixture

    from web.pages import Response

NOW = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
GENTLE = Allowance(ENTRIES_PER_MINUTE)


@pytest.fixture(autouse=True)
def held(settings: Settings, time_machine: TimeMachineFixture, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The gentle limit, and the seconds for which each refusal would have been held back."""
    held: list[float] = []
    settings.ENTRY_ALLOWANCE = GENTLE
    time_machine.move_to(NOW, tick=False)
    monkeypatch.setattr(throttling, "sleep", held.append)
    return held


def _knock(client: Client, address: str = "192.0.2.7", **more: Any) -> Response:
    # Without an address and a password, so that no password is checked.
    return client.post("/sign-in/", {}, REMOTE_ADDR=address, **more)


def _flood(client: Client, address: str = "192.0.2.7", *, times: int = ENTRIES_PER_MINUTE) -> set[int]:
    """What a flood is answered."""
    return {_knock(client, address).status_code for _ in range(times)}


@pytest.mark.django_db
def test_the_sixty_first_entry_within_a_second_is_asked_to_wait(client: Client) -> None:
    assert _flood(client) == {200}
    assert _knock(client).status_code == 429


@pytest.mark.django_db
def test_a_refusal_is_held_back_for_a_second_at_most_and_an_entry_never(client: Client, held: list[float]) -> None:
    _flood(client)
    assert held == []
    _knock(client)
    assert held == [1]


def test_only_so_many_refusals_are_held_back_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, answered = Barrier(HELD_AT_MOST + 1), Event()

    def hold(seconds: float) -> None:
        inside.wait(10)
        answered.wait(10)

    monkeypatch.setattr(throttling, "sleep", hold)
    door = throttling.EntryLimitMiddleware(lambda _: HttpResponse())
    for _ in range(ENTRIES_PER_MINUTE):
        assert door(_request()).status_code == 200
    with ThreadPoolExecutor(HELD_AT_MOST) as others:
        waiting = [others.submit(door, _request()) for _ in range(HELD_AT_MOST)]
        inside.wait(10)
        assert door(_request()).status_code == 429, "answered at once, or this test would wait for ever"
        answered.set()
        assert {each.result().status_code for each in waiting} == {429}


def _request() -> HttpRequest:
    return RequestFactory().post("/sign-in/", {}, REMOTE_ADDR="192.0.2.7")


@pytest.mark.django_db
def test_whoever_has_waited_is_let_in_again(client: Client, time_machine: TimeMachineFixture) -> None:
    _flood(client)
    wait = int(_knock(client).headers["Retry-After"])
    assert wait == 1
    time_machine.shift(SECOND / 2)
    assert _knock(client).status_code == 429
    time_machine.move_to(NOW + wait * SECOND, tick=False)
    assert [_knock(client).status_code for _ in range(2)] == [200, 429]
    time_machine.shift(timedelta(minutes=1))
    assert _flood(client) == {200}


@pytest.mark.django_db
def test_a_wait_is_told_in_whole_seconds_that_are_long_enough(
    client: Client, settings: Settings, time_machine: TimeMachineFixture
) -> None:
    settings.ENTRY_ALLOWANCE = Allowance(per_minute=7)
    _flood(client, times=7)
    wait = _knock(client).headers["Retry-After"]
    assert wait == "9"
    time_machine.shift(int(wait))
    assert _knock(client).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("flooding", "other", "answer"),
    [
        ("192.0.2.7", "192.0.2.8", 200),
        ("192.0.2.7", "::ffff:192.0.2.7", 429),
        ("2001:db8::7", "2001:db8::8", 429),
        ("2001:db8::7", "2001:db8::ffff:ffff:ffff:ffff", 429),
        ("2001:db8::7", "2001:db8:0:1::7", 200),
        ("2001:db8::7", "192.0.2.7", 200),
    ],
)
def test_a_flood_holds_up_its_own_network_only(client: Client, flooding: str, other: str, answer: int) -> None:
    _flood(client, flooding)
    assert _knock(client, other).status_code == answer


@pytest.mark.django_db
def test_behind_a_proxy_everybody_has_a_bucket_of_their_own(client: Client) -> None:
    proxy = "127.0.0.1"
    for _ in range(ENTRIES_PER_MINUTE):
        _knock(client, proxy, HTTP_X_FORWARDED_FOR="192.0.2.7")
    assert _knock(client, proxy, HTTP_X_FORWARDED_FOR="203.0.113.1, 192.0.2.7").status_code == 429
    assert _knock(client, proxy, HTTP_X_FORWARDED_FOR="192.0.2.8").status_code == 200


@pytest.mark.django_db
def test_a_header_somebody_makes_up_is_no_way_out_of_a_flood_and_none_into_anothers(client: Client) -> None:
    answers = [_knock(client, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}").status_code for number in range(100)]
    assert answers == [200] * 60 + [429] * 40
    assert _knock(client, "203.0.113.1").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(LIMITED))
def test_every_form_of_the_entrance_is_held_back_and_all_share_one_bucket(client: Client, name: str) -> None:
    _flood(client)
    assert client.post(reverse(name), {}, REMOTE_ADDR="192.0.2.7").status_code == 429


@pytest.mark.django_db
def test_pages_are_shown_in_the_midst_of_a_flood(client: Client) -> None:
    _flood(client)
    for path, status in (("/", 200), ("/sign-in/", 302), ("/password/forgotten/", 200), ("/sign-in/help/", 200)):
        for ask in (client.get, client.head):
            assert ask(path, REMOTE_ADDR="192.0.2.7").status_code == status


@pytest.mark.django_db
def test_whoever_is_signed_in_is_never_held_up() -> None:
    colleague = sign_in(settled())
    _flood(colleague, "127.0.0.1")
    assert _knock(colleague, "127.0.0.1").status_code == 429
    for _ in range(2 * ENTRIES_PER_MINUTE):
        assert colleague.get("/").status_code == 200
        saved = colleague.post("/profile/", {"colour_scheme": "dark", "name": "Büro", "language": "de"})
        assert saved.status_code == 302
    assert colleague.post("/no-such-page/").status_code == 404


@pytest.mark.django_db
def test_right_entries_are_counted_and_let_in_like_any_other() -> None:
    holder, client = settled(), Client(REMOTE_ADDR="192.0.2.7")
    assert {attempt(client, holder.address, holder.password).status_code for _ in range(60)} == {302}
    assert attempt(client, holder.address, holder.password).status_code == 429


@pytest.mark.django_db
def test_a_flood_is_turned_away_before_anything_is_asked_read_or_put_together(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _flood(client)
    _knock(client)
    client.cookies[portal.SESSION_COOKIE_NAME] = "a" * 32
    with (
        patch("django.template.base.Template.render", side_effect=AssertionError),
        patch("django.core.handlers.wsgi.WSGIRequest.read", side_effect=AssertionError),
        django_assert_num_queries(0),
    ):
        response = client.generic("POST", "/sign-in/", b"x" * 3_000_000, REMOTE_ADDR="192.0.2.7")
    assert response.status_code == 429


@pytest.mark.django_db
def test_a_flood_fills_no_log(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "rushes", references._Rushes())  # noqa: SLF001 - nobody was turned away before
    _flood(client)
    assert [_knock(client).status_code for _ in range(3)] == [429] * 3
    assert len(caplog.records) == 1, "within a minute"
    caplog.clear()
    client.get("/no-such-page/")
    assert caplog.records == []
    logging.getLogger("django.request").error("a fault of ours")
    assert [record.getMessage() for record in caplog.records] == ["a fault of ours"]


@pytest.mark.django_db
def test_the_page_says_what_happened_when_to_come_back_and_whom_to_ask(client: Client) -> None:
    _flood(client)
    response = _knock(client)
    page, contact = Page(response), current_site()
    assert page.heading == "Bitte warten Sie einen Augenblick"
    assert "in einer Minute" in page.main.text
    assert page.links[contact.telephone] == contact.telephone_uri
    assert page.links[contact.email] == f"mailto:{contact.email}"
    assert page.links["Zur Startseite"] == "/"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert not response.cookies


@pytest.mark.django_db
def test_the_page_carries_what_every_answer_does(client: Client) -> None:
    start = client.get("/")
    _flood(client)
    turned_away = _knock(client)
    for name in ("Content-Security-Policy", "Permissions-Policy", "Referrer-Policy", "X-Content-Type-Options"):
        assert turned_away.headers[name] == start.headers[name], name


def test_however_many_networks_take_no_more_room_than_the_last_ones() -> None:
    buckets = Buckets(GENTLE)
    tracemalloc.start()
    for number in range(2 * NETWORKS_REMEMBERED):
        buckets.draw(f"2001:db8:{number:x}::/64", now=NOW)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(buckets) == NETWORKS_REMEMBERED
    assert size < 8_000_000


def test_those_that_have_been_quiet_for_longest_are_forgotten_first() -> None:
    buckets = Buckets(Allowance(per_minute=1), most=2)
    for network in ("first", "second", "first"):
        buckets.draw(network, now=NOW)
    buckets.draw("third", now=NOW)
    assert buckets.draw("first", now=NOW)
    assert not buckets.draw("second", now=NOW)


def test_threads_at_the_same_bucket_draw_no_more_than_it_holds() -> None:
    buckets = Buckets(GENTLE)
    with ThreadPoolExecutor(16) as threads:
        waits = list(threads.map(lambda _: buckets.draw("192.0.2.7", now=NOW), range(2000)))
    assert waits.count(timedelta(0)) == 60

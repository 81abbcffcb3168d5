"""No host knows anything the others do not: whoever comes is served by any of them, from one request to the next."""

from __future__ import annotations

import re
import secrets
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from config.processes import eventually
from kundenportal.config.variables import CONNECTIONS_PER_WEB_PROCESS
from web.watch.conftest import figures_in

from .conftest import issue
from .crowd import VISITORS, Browser, ask, crowd
from .landscape import TOKEN

if TYPE_CHECKING:
    from .crowd import Answer
    from .landscape import Landscape

pytestmark = pytest.mark.thorough

WEB_HOSTS = ("web1", "web2")
REFUSALS = 20
CONNECTIONS = """
SELECT client_addr::text, count(*) FROM pg_stat_activity WHERE datname = 'kundenportal' GROUP BY client_addr
"""
# An upload as Wagtail keeps it; what editors do on screen is tried in tests/web/content.
UPLOAD = """
from django.core.files.base import ContentFile
from wagtail.documents import get_document_model
document = get_document_model()(title="Brief")
document.file.save("brief.txt", ContentFile(b"Guten Tag"))
document.save()
print(document.file.name)
"""
MAKE_EDITOR = """
from kundenportal.domain.accounts.models import Account
Account.objects.filter(address="{address}").update(role="editor")
"""


def _answered_by(landscape: Landscape, name: str) -> float:
    answer = _asked(landscape, name, "/metrics", Authorization=f"Bearer {TOKEN}")
    assert answer.status == 200
    figures = figures_in(answer.text)
    return sum(value for (figure, _), value in figures.items() if figure == "kundenportal_request_seconds_count")


def _asked(landscape: Landscape, name: str, path: str, **headers: str) -> Answer:
    """What a host answers by itself."""
    return ask(landscape.host(name).address, 8000, path, **headers)


def _comes_to_answer(landscape: Landscape, name: str, status: int) -> None:
    """A host answers its start page so, at once or in a moment."""
    eventually(lambda: _asked(landscape, name, "/").status == status, within=10)


def _cookies(browser: Browser) -> str:
    return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


def _newcomer(landscape: Landscape) -> tuple[str, str]:
    address = f"newcomer{secrets.token_hex(4)}@example.org"
    issue(landscape, [address])
    return address, landscape.mail.wait_for_mail_to(address, seconds=60).password


def test_a_first_sign_in_and_an_own_password_go_through_both_hosts(landscape: Landscape, proxy: str) -> None:
    address, initial = _newcomer(landscape)
    browser = Browser(proxy)
    assert browser.sign_in(address, initial)

    chosen = secrets.token_urlsafe(24)
    assert browser.send("/sign-in/first/", new_password=chosen, action="save").status == 302

    for name in WEB_HOSTS:
        assert _asked(landscape, name, "/profile/", Cookie=_cookies(browser)).status == 200
    assert not Browser(proxy).sign_in(address, initial)
    assert Browser(proxy).sign_in(address, chosen)


def test_every_host_takes_its_share_and_counts_it(
    landscape: Landscape, people: list[tuple[str, str]], proxy: str
) -> None:
    before = {name: _answered_by(landscape, name) for name in WEB_HOSTS}
    for address, password in people[:6]:
        assert Browser(proxy).sign_in(address, password)
    took = {name: _answered_by(landscape, name) - before[name] for name in WEB_HOSTS}
    assert sum(took.values()) == 6 * 2  # a form, and an entry
    assert min(took.values()) >= 1, took


def test_no_part_takes_more_connections_to_the_database_than_operators_are_told(
    landscape: Landscape, people: list[tuple[str, str]], proxy: str
) -> None:
    most: Counter[str] = Counter()
    with crowd(proxy, people, at_once=24) as there:
        while len(there.sign_ins()) < 100:
            for name, number in landscape.query(CONNECTIONS):
                most[name] = max(most[name], number)
    for name in ("web1", "web2", "worker1", "worker2"):
        sys.stdout.write(f"{name}: {most[f'{landscape.host(name).address}/32']} connections at most\n")
        allowed = 2 * CONNECTIONS_PER_WEB_PROCESS if name in WEB_HOSTS else 10
        assert most[f"{landscape.host(name).address}/32"] <= allowed


def test_a_session_that_ends_on_one_host_is_ended_on_the_other(
    landscape: Landscape, people: list[tuple[str, str]], proxy: str
) -> None:
    browser = Browser(proxy)
    assert browser.sign_in(*people[0])
    cookies = _cookies(browser)
    assert browser.send("/profile/").status in {200, 302}
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get("/").text)
    assert found is not None
    browser.ask("POST", "/sign-out/", {"csrfmiddlewaretoken": found[1]})
    for name in WEB_HOSTS:
        assert _asked(landscape, name, "/profile/", Cookie=cookies).status == 302


def test_what_is_uploaded_to_one_host_is_handed_out_by_the_other(landscape: Landscape, proxy: str) -> None:
    address, initial = _newcomer(landscape)
    browser = Browser(proxy)
    assert browser.sign_in(address, initial)
    assert browser.send("/sign-in/first/", new_password=secrets.token_urlsafe(24), action="save").status == 302
    landscape.command("web1", "manage", "shell", "--no-imports", "-c", MAKE_EDITOR.format(address=address))

    name = landscape.command("web1", "manage", "shell", "--no-imports", "-c", UPLOAD).strip()

    for host in WEB_HOSTS:
        answer = _asked(landscape, host, f"/media/{name}", Cookie=_cookies(browser))
        assert (answer.status, answer.text) == (200, "Guten Tag")


def test_maintenance_that_begins_on_one_host_is_kept_by_all(landscape: Landscape) -> None:
    landscape.command("web1", "maintenance", "begin", "--for", "1h", "--message", "Wir bauen um.")
    try:
        for name in WEB_HOSTS:
            _comes_to_answer(landscape, name, 503)
            assert "Wir bauen um." in _asked(landscape, name, "/").text
            assert _asked(landscape, name, "/health/ready").status == 200
    finally:
        landscape.command("web2", "maintenance", "end")
    for name in WEB_HOSTS:
        _comes_to_answer(landscape, name, 200)


def test_a_flood_from_one_address_is_turned_away_by_all_hosts_together(proxy: str) -> None:
    browser = Browser(proxy, VISITORS[-1])
    statuses: Counter[int] = Counter()
    begun = time.monotonic()
    while statuses[429] < REFUSALS:
        statuses[browser.ask("POST", "/sign-in/", {"address": "x"}).status] += 1
    minutes = 1 + (time.monotonic() - begun) / 60  # a minute's worth may come at once
    # No form was fetched: what is let through is refused for that. Each host grants its own sixty a minute.
    assert set(statuses) == {403, 429}
    assert 30 <= statuses[403] <= len(WEB_HOSTS) * 60 * minutes + len(WEB_HOSTS) * 2, statuses


def test_the_reference_of_an_answer_leads_from_the_proxy_to_it(landscape: Landscape, proxy: str) -> None:
    references = [Browser(proxy).get("/").headers["X-Request-Reference"] for _ in range(4)]
    assert len(set(references)) == 4
    log = landscape.host("proxy").directory / "access.log"
    eventually(lambda: all(reference in log.read_text() for reference in references), within=10)

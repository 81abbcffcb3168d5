"""However slowly somebody sends or takes something, others are answered: it holds no connection to the database."""

from __future__ import annotations

import secrets
import socket
import urllib.request
from contextlib import ExitStack
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from kundenportal.config.variables import CONNECTIONS_PER_WEB_PROCESS

from .crowd import SESSION, Entry, all_at_once
from .people import OWN_PASSWORDS, let_in, nobody_yet
from .serving import free_port
from .words import GERMAN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .serving import Portal

MORE_THAN_THE_SYSTEM_HOLDS = 32_000_000  # bytes, of what has been sent and not been taken
SECONDS_AT_MOST = 60
A_DOCUMENT = """
from django.core.files.base import ContentFile
from wagtail.documents.models import Document
from kundenportal.web.content.models import DownloadPage, DownloadsPage
document = Document.objects.create(title="Handbuch", file=ContentFile(bytes({size}), name="handbuch.pdf"))
shelf = DownloadsPage.objects.get(locale__language_code="de")
page = DownloadPage(title="Handbuch", slug="handbuch-{token}", locale=shelf.locale, document=document)
shelf.add_child(instance=page)
page.save_revision().publish()
page.refresh_from_db()
print(page.address())
"""


@pytest.fixture(scope="module")
def served(portal: Portal) -> Iterator[tuple[Portal, str, str]]:
    """A web process of its own, the address of a large file, and the cookie of somebody who has signed in."""
    address = nobody_yet(GERMAN).address
    let_in(portal, [address], OWN_PASSWORDS["de"])
    document = portal.python(A_DOCUMENT.format(size=MORE_THAN_THE_SYSTEM_HOLDS, token=secrets.token_hex(4)))
    beside = portal.with_settings(BIND=f"127.0.0.1:{free_port()}", WEB_PROCESSES="1")
    with beside.running("web"):
        [entered] = all_at_once([Entry(beside.url, address, OWN_PASSWORDS["de"])])
        assert entered is not None
        session = SESSION.search(entered.head)
        assert session is not None
        yield beside, document, session[0].decode().partition(" ")[2]


def test_pages_come_while_files_are_taken_slowly(served: tuple[Portal, str, str]) -> None:
    portal, document, cookie = served
    with ExitStack() as slow:
        for _ in range(CONNECTIONS_PER_WEB_PROCESS):
            browser = slow.enter_context(_begun(portal, f"GET {document}", f"Cookie: {cookie}"))
            assert browser.recv(15) == b"HTTP/1.1 200 OK"
        _expect_home(portal, cookie)


def test_pages_come_while_forms_are_sent_slowly(served: tuple[Portal, str, str]) -> None:
    portal, _, cookie = served
    form = ("Content-Type: application/x-www-form-urlencoded", "Content-Length: 1000", "Expect: 100-continue")
    with ExitStack() as slow:
        for _ in range(CONNECTIONS_PER_WEB_PROCESS):
            cookies = f"Cookie: {cookie}; csrf={'a' * 32}"
            browser = slow.enter_context(_begun(portal, "POST /sign-out/", cookies, *form))
            assert browser.recv(21) == b"HTTP/1.1 100 Continue"
            browser.sendall(b"csrfmiddlewaretoken=")
        _expect_home(portal, cookie)


def _begun(portal: Portal, what: str, *headers: str) -> socket.socket:
    place = urlsplit(portal.url)
    browser = socket.create_connection((place.hostname, place.port), timeout=SECONDS_AT_MOST)
    browser.sendall("\r\n".join([f"{what} HTTP/1.1", f"Host: {place.netloc}", *headers, "", ""]).encode())
    return browser


def _expect_home(portal: Portal, cookie: str) -> None:
    for _ in range(CONNECTIONS_PER_WEB_PROCESS + 1):
        home = urllib.request.Request(f"{portal.url}/", headers={"Cookie": cookie})
        with urllib.request.urlopen(home, timeout=SECONDS_AT_MOST) as answer:
            assert answer.status == HTTPStatus.OK
            assert "Kita" in answer.read().decode()

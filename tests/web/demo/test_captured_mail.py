"""The demonstration's mail, read in the browser; anywhere else these pages do not exist."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.conf import settings as portal
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.urls import NoReverseMatch, reverse

from kundenportal.domain.accounts.rules import Language
from kundenportal.domain.mail.capture import captured_mails
from kundenportal.kernel import clock
from web.pages import Page
from web.residents import attempt, capture_mail, letter_holder

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

PATH = "/demo/mail/"
NO_KEYS = [
    "unknown",
    ".",
    "..",
    "%2e%2e",
    "..%2f..%2f..%2fetc%2fpasswd",
    "../../etc/passwd",
    "%252e%252e%252fetc%252fpasswd",
    "..%5c..%5cetc%5cpasswd",
    "%2fetc%2fpasswd",
    "new",
    "cur",
    "tmp",
    "new%2f",
    "%00",
    "a%00b",
    "%ff%fe",
    "%ed%a0%80",
    "*",
    "x" * 3000,
]


def test_outside_the_demonstration_there_is_no_such_page(client: Client) -> None:
    for path in (PATH, f"{PATH}some-key/", f"{PATH}some-key/html/"):
        assert client.get(path).status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("demo-mails")
    assert PATH not in Page(client.get("/")).links.values()


@pytest.mark.usefixtures("demonstration")
class TestInTheDemonstration:
    def test_before_the_first_mail_the_page_says_so(self, client: Client) -> None:
        page = Page(client.get(PATH))
        assert page.status == 200
        assert page.all("h2", **{"class": "empty__heading"})

    def test_every_page_leads_there(self, client: Client) -> None:
        assert PATH in Page(client.get("/")).links.values()

    def test_the_newest_mail_stands_first(self, client: Client) -> None:
        letter_holder(now=clock.now() - timedelta(days=3))
        letter_holder("office@example.org", name="Office", language=Language.ENGLISH)
        capture_mail()
        first, second = Page(client.get(PATH)).main.all("li")
        assert "office@example.org" in first.text
        assert "Your access to Kundenportal COMRAMO" in first.text
        assert "buero@musterland.example.org" in second.text

    def test_the_letter_is_read_as_in_a_terminal_and_lets_in(self, client: Client) -> None:
        holder = letter_holder()
        capture_mail()
        (link,) = (link for link in Page(client.get(PATH)).main.all("a") if holder.address in link.text)
        page = Page(client.get(link.attributes["href"]))
        assert page.heading == "Ihr Zugang zum Kundenportal COMRAMO"
        (text,) = page.all("pre")
        assert holder.password in text.text
        assert holder.address in page.main.text
        assert "hr@comramo.de" in page.main.text
        assert attempt(client, holder.address, holder.password).status_code == 302

    def test_the_html_version_is_shown_in_a_cage(self, client: Client) -> None:
        holder = letter_holder()
        capture_mail()
        (captured,) = captured_mails()
        page = Page(client.get(f"{PATH}{captured.key}/"))
        (address,) = (target for target in page.links.values() if target.endswith("/html/"))
        response = client.get(address)
        assert holder.password in response.content.decode()
        policy = response.headers["Content-Security-Policy"]
        assert "sandbox" in policy
        assert "default-src 'none'" in policy
        assert "script-src" not in policy

    def test_a_mails_words_are_shown_and_never_run(self, client: Client) -> None:
        nasty = "<script>alert(1)</script>"
        letter = EmailMultiAlternatives(nasty, nasty, f'"{nasty}" <a@example.org>', ["b@example.org"])
        letter.attach_alternative(f"<p>{nasty}</p>", "text/html")
        mail.outbox.append(letter)
        capture_mail()
        (captured,) = captured_mails()
        assert b"<script>alert" not in client.get(PATH).content
        assert b"<script>alert" not in client.get(f"{PATH}{captured.key}/").content

    @pytest.mark.parametrize("key", NO_KEYS)
    @pytest.mark.parametrize("ending", ["/", "/html/"])
    def test_a_key_nobody_gave_out_leads_nowhere(self, client: Client, key: str, ending: str) -> None:
        letter_holder()
        capture_mail()
        (portal.CAPTURED_MAIL.parent / "secret").write_text("geheim")
        response = client.get(f"{PATH}{key}{ending}")
        assert response.status_code == 404
        assert b"geheim" not in response.content
        assert b"root:" not in response.content

    def test_the_pages_only_answer_questions(self, client: Client) -> None:
        assert client.post(PATH).status_code == 405

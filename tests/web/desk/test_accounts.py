"""The desk's list of accounts: what it says of each, how one finds one, how one gets through all of them."""

from __future__ import annotations

import re
import smtplib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from factories.accounts import suspended
from kundenportal.domain.accounts.models import Account, Membership
from kundenportal.domain.accounts.operations import restore
from kundenportal.domain.accounts.rules import Kind, Language, Role
from kundenportal.domain.credentials.models import Lockout
from kundenportal.domain.credentials.operations.access import issue_initial_password
from kundenportal.domain.credentials.rules.account_states import AccountState
from kundenportal.domain.directory.rules import Condition
from kundenportal.domain.mail.delivery import claim_due_mail, deliver_due_mails
from kundenportal.domain.mail.rules import State, Trouble
from kundenportal.domain.organisations.operations import organisation_named
from kundenportal.kernel import clock
from kundenportal.kernel.origin import COMMAND_LINE
from kundenportal.web.desk import accounts
from kundenportal.web.desk.mail_words import TROUBLES
from kundenportal.web.desk.words import LETTERS, STATES
from web.desk.conftest import STAFF
from web.pages import Page
from web.residents import issue, letter_holder, newcomer, refused_for_good, settled, sign_in, suspend

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.core.mail import EmailMessage
    from django.test import Client
    from pytest_django import Settings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_morning")]

PATH = "/desk/accounts/"
# What is another at every request.
PASSING = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")\w+|(?<=data-seconds=")\d+')


class RefusingBackend(BaseEmailBackend):
    """A mail server that will never take these mails."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        recipient = email_messages[0].to[0]
        raise smtplib.SMTPRecipientsRefused({recipient: (550, b"5.1.1 <unknown> & gone")})


def _rows(page: Page) -> dict[str, dict[str, str]]:
    """The cells of every account on the page, by address, under their labels."""
    rows = {}
    for row in page.all("tr")[1:]:
        (head,) = row.all("th")
        address = head.all("span")[1].text
        assert address not in rows
        rows[address] = {"Name": head.all("span")[0].text} | {
            cell.attributes["data-label"]: cell.text for cell in row.all("td")
        }
    return rows


def _found(desk: Client, sought: str) -> set[str]:
    return set(_rows(Page(desk.get(PATH, {"q": sought}))))


def _pages(desk: Client, start: Page, rel: str) -> Iterator[Page]:
    page = start
    while links := page.all("a", rel=rel):
        page = Page(desk.get(links[0].attributes["href"]))
        yield page


def test_a_row_says_what_the_desk_needs_to_know(desk: Client) -> None:
    sent_at = clock.now().replace(year=2026, month=10, day=1, hour=12, minute=30)
    letter_holder(now=sent_at, kind=Kind.INSTITUTIONAL)
    row = _rows(Page(desk.get(PATH)))["buero@musterland.example.org"]
    assert row["Name"] == "Büro Musterland"
    assert row["Einrichtung"] == "Kirchenkreis Musterland"
    assert row["Rolle"] == "Kundin, Kunde institutionell"
    assert row["Stand"] == "abgelaufen seit 29.10.2026, 13:30"
    assert row["Letzte Anmeldung"] == "– eingerichtet 01.10.2026"


def test_every_account_says_how_it_stands(desk: Client) -> None:
    letter_holder("issued@example.org")
    letter_holder("expired@example.org", now=clock.now() - timedelta(days=28))
    newcomer("active@example.org", now=clock.now() - timedelta(days=40))
    suspend(settled("suspended@example.org"))
    suspend(letter_holder("suspended-before@example.org"))
    issue("queued@example.org", now=clock.now() - timedelta(days=40))
    with translation.override("de"):
        words = {state: str(label) for state, label in STATES.items()}
    assert len(set(words.values())) == len(AccountState)
    seen = {address.partition("@")[0]: row["Stand"].split()[0] for address, row in _rows(Page(desk.get(PATH))).items()}
    assert seen == {
        "hr-service": words[AccountState.ACTIVE],
        "issued": words[AccountState.ISSUED],
        "queued": words[AccountState.ISSUED],
        "expired": words[AccountState.EXPIRED],
        "active": words[AccountState.ACTIVE],
        "suspended": words[AccountState.SUSPENDED],
        "suspended-before": words[AccountState.SUSPENDED],
    }


def test_the_end_of_the_four_weeks_is_shown_only_while_it_counts(desk: Client) -> None:
    letter_holder("issued@example.org")
    settled("active@example.org")
    suspend(letter_holder("suspended@example.org"))
    issue("queued@example.org")
    page = Page(desk.get(PATH))
    with_a_time = {address for address, row in _rows(page).items() if "bis" in row["Stand"]}
    assert with_a_time == {"issued@example.org"}


def test_every_account_says_where_its_newest_letter_stands(desk: Client, settings: Settings) -> None:
    letter_holder("handed@example.org")
    again = newcomer("again@example.org")
    issue_initial_password(again.account, issued_by=None, now=clock.now(), origin=COMMAND_LINE)
    deliver_due_mails(clock=clock.now)
    settings.EMAIL_BACKEND = f"{__name__}.RefusingBackend"
    issue("failed@example.org")
    deliver_due_mails(clock=clock.now)
    issue("sending@example.org")
    claim_due_mail(now=clock.now())
    issue("waiting@example.org")
    with translation.override("de"):
        words = {state: str(label) for state, label in LETTERS.items()}
    assert len(set(words.values())) == len(State)
    page = Page(desk.get(PATH))
    seen = {
        # Beside a failed one stands the button that sends it again.
        address.partition("@")[0]: row["Zugangsdaten"].partition(" Erneut senden")[0]
        for address, row in _rows(page).items()
    }
    assert seen == {
        "hr-service": words[State.HANDED_OVER],
        "handed": words[State.HANDED_OVER],
        "again": words[State.NOT_NEEDED],
        "failed": f"{words[State.FAILED]} Der Mailserver lehnt die E-Mail ab; "
        "vielleicht ist die Adresse falsch oder stillgelegt. (550 5.1.1 <unknown> & gone)",
        "sending": words[State.SENDING],
        "waiting": words[State.WAITING],
    }


def test_a_letter_that_nobody_wrote_is_sent_again_from_the_list_of_those_not_delivered(desk: Client) -> None:
    account = suspended(issue("unwritten@example.org"), now=clock.now())
    deliver_due_mails(clock=clock.now)
    staff = Account.objects.get(address=STAFF)
    restore(account, restored_by=staff, now=clock.now(), origin=COMMAND_LINE)
    page = Page(desk.get(PATH, {"state": Condition.LETTER_LOST}))
    offers = {address: "Erneut senden" in row["Zugangsdaten"] for address, row in _rows(page).items()}
    assert offers == {"unwritten@example.org": True}


def test_the_mail_servers_own_words_are_marked_as_english_and_stand_behind_ours(desk: Client) -> None:
    refused_for_good(issue("away@example.org"), "Connection unexpectedly closed: timed out")
    (words,) = (each for each in Page(desk.get(PATH)).main.all("span", lang="en"))
    assert words.text == "(Connection unexpectedly closed: timed out)"
    assert "Es besteht keine Verbindung zum Mailserver." in Page(desk.get(PATH)).main.text


@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_with_a_letter_has_german_and_english_words(trouble: Trouble) -> None:
    with translation.override("de"):
        german = str(TROUBLES[trouble])
    with translation.override("en"):
        assert str(TROUBLES[trouble]) != german


def test_an_account_of_several_organisations_is_found_once_by_any_of_them(desk: Client) -> None:
    holder = letter_holder()
    for name in ("Kita Probstadt", "Kita Beispielhausen"):
        nursery = organisation_named(name, now=clock.now())
        Membership.objects.create(account=holder.account, organisation=nursery)
    assert _found(desk, "kita") == {holder.address}
    assert _found(desk, "probstadt kirchenkreis") == {holder.address}
    row = _rows(Page(desk.get(PATH)))[holder.address]
    assert set(row["Einrichtung"].split(", ")) == {"Kirchenkreis Musterland", "Kita Probstadt", "Kita Beispielhausen"}


def test_the_search_stays_in_its_field_and_no_match_says_so(desk: Client) -> None:
    page = Page(desk.get(PATH, {"q": 'kein "Treffer" <b>'}))
    assert page.control("q").attributes["value"] == 'kein "Treffer" <b>'
    assert not page.all("table")
    assert page.all("h2", **{"class": "empty__heading"})
    assert PATH in [link.attributes["href"] for link in page.main.all("a")]


def test_a_search_of_very_many_words_is_answered(desk: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert desk.get(PATH, {"q": " ".join(f"wort{number}" for number in range(500))}).status_code == 200
    assert max(len(query["sql"]) for query in queries.captured_queries) < 20_000


def test_every_account_is_on_exactly_one_page_forth_and_back(desk: Client) -> None:
    addresses = [STAFF, *(f"einrichtung-{number:03}@example.org" for number in range(120))]
    for address in addresses[1:]:
        issue(address)
    newest_first = addresses[::-1]
    first = Page(desk.get(PATH))
    forth = [first, *_pages(desk, first, "next")]
    assert [address for page in forth for address in _rows(page)] == newest_first
    assert [len(_rows(page)) for page in forth] == [50, 50, 21]
    assert not first.all("a", rel="prev")
    back = [forth[-1], *_pages(desk, forth[-1], "prev")]
    assert [list(_rows(page)) for page in back] == [list(_rows(page)) for page in reversed(forth)]
    assert not back[-1].all("a", rel="prev")
    once_more = [back[-1], *_pages(desk, back[-1], "next")]
    assert [address for page in once_more for address in _rows(page)] == newest_first


def test_an_account_issued_meanwhile_neither_repeats_nor_hides_another(desk: Client) -> None:
    for number in range(60):
        issue(f"einrichtung-{number:03}@example.org")
    first = Page(desk.get(PATH))
    issue("meanwhile@example.org")
    (second,) = _pages(desk, first, "next")
    assert not set(_rows(first)) & set(_rows(second))
    assert len({*_rows(first), *_rows(second)}) == 61
    back = list(_pages(desk, second, "prev"))
    assert "meanwhile@example.org" in {address for page in back for address in _rows(page)}


def test_the_pages_of_a_search_stay_in_it(desk: Client) -> None:
    for number in range(60):
        issue(f"kita-{number:03}@example.org", name="Kita & Co")
        issue(f"buero-{number:03}@example.org")
    first = Page(desk.get(PATH, {"q": "Kita & Co"}))
    pages = [first, *_pages(desk, first, "next")]
    assert [len(_rows(page)) for page in pages] == [50, 10]
    assert all(address.startswith("kita-") for page in pages for address in _rows(page))
    assert pages[1].control("q").attributes["value"] == "Kita & Co"
    assert len(_rows(next(_pages(desk, pages[1], "prev")))) == 50


@pytest.mark.parametrize(
    "position",
    [
        "after=0~1~",
        "before=0~999999999~",
        "after=0~0~",
        "after=0~-5~",
        "after=x",
        "before=9~9~9",
        "sort=sign-in&after=0~1~x",
    ],
)
def test_a_place_beyond_the_list_does_not_say_that_nobody_has_access(desk: Client, position: str) -> None:
    page = Page(desk.get(f"{PATH}?{position}", follow=True))
    assert page.status == 200
    assert "Noch hat niemand einen Zugang" not in page.main.text


@pytest.mark.usefixtures("remembered_as_in_a_process")
def test_a_page_costs_the_same_few_queries_however_many_accounts_are_on_it(desk: Client) -> None:
    desk.get(PATH)
    with CaptureQueriesContext(connection) as of_one:
        desk.get(PATH)
    for number in range(60):
        issue(f"einrichtung-{number:03}@example.org", organisation=f"Einrichtung {number % 7}")
    with CaptureQueriesContext(connection) as of_many:
        desk.get(PATH)
    assert len(of_many) == len(of_one) <= 6
    with CaptureQueriesContext(connection) as of_a_search:
        desk.get(PATH, {"q": "einrichtung"})
    assert len(of_a_search) <= 10


def test_names_are_shown_and_never_run(desk: Client) -> None:
    nasty = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{ 7|add:7 }}"
    letter_holder(name=nasty, organisation=nasty)
    response = desk.get(PATH)
    page = Page(response)
    row = _rows(page)["buero@musterland.example.org"]
    assert row["Name"] == row["Einrichtung"] == nasty
    assert b"<script>alert" not in response.content
    assert not page.all("img")
    searched = Page(desk.get(PATH, {"q": nasty}))
    assert searched.control("q").attributes["value"] == nasty


def test_the_address_holds_the_whole_wish_and_every_link_keeps_it(desk: Client) -> None:
    for number in range(60):
        issue(f"kita-{number:03}@example.org", name=f"Kita {number:03}")
    page = Page(desk.get(PATH, {"q": "kita", "state": "letter-on-its-way", "sort": "-name"}))
    assert next(iter(_rows(page))) == "kita-059@example.org"
    assert page.control("q").attributes["value"] == "kita"
    assert page.control("sort").attributes["value"] == "-name"
    chosen = [option for option in page.control("state").all("option") if "selected" in option.attributes]
    assert [option.attributes["value"] for option in chosen] == ["letter-on-its-way"]
    for label in ("Nächste Seite", "E-Mail-Adresse"):
        assert {"q=kita", "state=letter-on-its-way"} < set(re.split("[?&]", page.links[label])), label
    (sorted_by,) = (each for each in page.all("th") if "aria-sort" in each.attributes)
    assert sorted_by.attributes["aria-sort"] == "descending"
    again = Page(desk.get(next(link.attributes["href"] for link in sorted_by.all("a"))))
    assert next(iter(_rows(again))) == "kita-000@example.org"


def test_wishes_nobody_here_writes_do_not_matter(desk: Client) -> None:
    letter_holder()
    for odd in ({"state": "x"}, {"sort": "x"}, {"sort": "--name"}, {"q": "\x00"}, {"q": "x" * 5000}, {"after": "~"}):
        assert desk.get(PATH, odd, follow=True).status_code == 200


def test_how_many_there_are_is_said_politely(desk: Client) -> None:
    letter_holder()
    (status,) = Page(desk.get(PATH)).main.all("p", role="status")
    assert status.text == "2 Zugänge"
    (status,) = Page(desk.get(PATH, {"q": "buro"})).main.all("p", role="status")
    assert status.text == "1 Zugang"
    (status,) = Page(desk.get(PATH, {"q": "msuterland"})).main.all("p", role="status")
    assert "ähnlich" in status.text


def test_while_one_types_the_address_follows(desk: Client) -> None:
    response = desk.get(PATH, {"q": "büro", "state": "", "sort": ""}, headers={"HX-Request": "true"})
    assert response["HX-Replace-Url"] == f"{PATH}?q=b%C3%BCro"


@pytest.mark.parametrize(("is_locked", "shown"), [(True, True), (False, False)])
def test_a_locked_account_says_so(desk: Client, is_locked: bool, shown: bool) -> None:  # noqa: FBT001
    holder = letter_holder()
    if is_locked:
        Lockout.objects.create(account=holder.account, in_known_browser=False, begun_at=clock.now())
    assert ("gesperrt" in _rows(Page(desk.get(PATH)))[holder.address]["Stand"]) is shown


def test_a_list_made_for_others_is_shown_as_if_it_were_made_anew(desk: Client, lead: Client) -> None:
    refused_for_good(issue("away@example.org", name="Fort & <b>weg</b>"), "550 5.1.1 Nobody")
    for number in range(60):
        issue(f"kita-{number:03}@example.org", name=f"Kita {number:03}")
    english, keyless = (
        sign_in(settled(f"{who}@example.org", name=who, role=Role.DESK)) for who in ("english", "keyless")
    )
    Account.objects.filter(address="english@example.org").update(language=Language.ENGLISH)
    Account.objects.filter(address="keyless@example.org").update(uses_shortcuts=False)
    wishes: list[dict[str, str]] = [
        *({}, {"q": "kita"}, {"q": "fort"}, {"q": "kiat"}, {"q": "xyz"}, {"q": "xyz", "state": "locked"}),
        *({"state": "locked"}, {"state": "letter-lost"}, {"sort": "-name"}, {"q": "kita", "sort": "opened"}),
    ]
    asked = [(reader, wish) for wish in wishes for reader in (desk, lead, english, keyless)]

    def shown(reader: Client, wish: dict[str, str]) -> str:
        return PASSING.sub("", reader.get(PATH, wish).content.decode())

    kept = [shown(*each) for each in asked]
    for page, each in zip(kept, asked, strict=True):
        accounts.PAGE.forget()
        accounts.ROW.forget()
        assert shown(*each) == page, each[1]

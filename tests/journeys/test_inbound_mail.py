"""Mail comes in: a letter that came back is shown in plain words, and a letter to the service address is not lost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from factories.imap_server import ImapServer
from factories.incoming import RETURN_ADDRESS, letter, report

from .browsing import follow, press
from .letters import password_in
from .people import enter_with_initial_password, latecomer, newcomer
from .serving import ready_portal
from .words import GERMAN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

    from .browsing import Browsing
    from .letters import Mailbox
    from .serving import Portal

pytestmark = pytest.mark.journey

LOOKS, MILLISECONDS_BETWEEN_LOOKS = 50, 200


@pytest.fixture(scope="module")
def imap_server() -> Iterator[ImapServer]:
    """The mailbox the portal reads."""
    with ImapServer() as server:
        yield server


@pytest.fixture(scope="module")
def reading_portal(mailbox: Mailbox, imap_server: ImapServer) -> Iterator[Portal]:
    """A portal that knows where its mail comes back to."""
    settings = {
        "SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}",
        "RETURN_ADDRESS": RETURN_ADDRESS,
        "IMAP_URL": imap_server.url("imaps"),
    }
    with ready_portal(**settings) as portal, portal.running("serve"):
        yield portal


@pytest.fixture
def desk(reading_portal: Portal, mailbox: Mailbox, browsing: Browsing) -> Page:
    """A window of a member of the desk's staff, who looks at the e-mails."""
    page = browsing.open(reading_portal, GERMAN)
    enter_with_initial_password(page, newcomer(reading_portal, mailbox, GERMAN, role="desk"))
    follow(page, GERMAN.desk)
    follow(page, GERMAN.emails)
    return page


def wait_for(page: Page, thing: Locator) -> Locator:
    """The thing, once it has come; the page is looked at anew until then."""
    for _ in range(LOOKS):
        if thing.count():
            break
        page.wait_for_timeout(MILLISECONDS_BETWEEN_LOOKS)
        page.reload()
    expect(thing).to_be_visible()
    return thing


def test_a_letter_that_came_back_is_shown_in_plain_words_and_sent_again(
    reading_portal: Portal, mailbox: Mailbox, imap_server: ImapServer, desk: Page, browsing: Browsing
) -> None:
    person = newcomer(reading_portal, mailbox, GERMAN)
    imap_server.deliver(report("", recipient=person.address, to=mailbox.sender_to(person.address)))
    row = desk.get_by_role("row").filter(has_text=person.address)
    wait_for(desk, row.filter(has_text="zurückgekommen"))
    expect(row).to_contain_text("Diese Adresse gibt es nicht. Bitte fragen Sie nach der richtigen.")
    details = row.get_by_text("Wortlaut des Servers")
    details.click()
    expect(row).to_contain_text("5.1.1 smtp 550 5.1.1")
    row.get_by_role("button", name="Erneut senden").click()
    expect(desk.get_by_text(f"Die E-Mail an {person.address} wird erneut gesendet.")).to_be_visible()
    again = replace(person, password=password_in(mailbox.wait_for(person.address, number=2)))
    enter_with_initial_password(browsing.open(reading_portal, GERMAN), again)


def test_a_letter_from_somebody_unknown_is_an_intake_that_is_done_with_one_press(
    imap_server: ImapServer, desk: Page
) -> None:
    imap_server.deliver(letter(subject="Zugang für unsere Kita"))
    follow(desk, "Aufnahmen")
    wait_for(desk, desk.get_by_role("link", name="Zugang für unsere Kita")).click()
    expect(desk.get_by_text("mein Zugang ist abgelaufen")).to_be_visible()
    press(desk, "Erledigt")
    expect(desk.get_by_text("ist erledigt.")).to_be_visible()
    follow(desk, "Alle Aufnahmen")
    expect(desk.get_by_role("link", name="Zugang für unsere Kita")).to_have_count(0)


def test_a_letter_from_somebody_who_came_too_late_opens_a_check(
    reading_portal: Portal, mailbox: Mailbox, imap_server: ImapServer, desk: Page
) -> None:
    person = latecomer(reading_portal, mailbox, GERMAN)
    imap_server.deliver(letter(person.address, subject="Mein Passwort geht nicht mehr"))
    follow(desk, "Eingegangene E-Mails")
    wait_for(desk, desk.get_by_role("link", name="Mein Passwort geht nicht mehr")).click()
    expect(desk.get_by_role("main")).to_contain_text("Prüfung der Berechtigung eröffnet")
    expect(desk.get_by_role("main")).to_contain_text(person.name)

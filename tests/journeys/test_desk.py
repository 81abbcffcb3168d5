"""The service desk at work: what waits is taken up, decided and corrected, and the customer gets in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import ViewportSize, expect

from .browsing import expect_home, follow, heading, press, sign_in, sign_out
from .demonstration import CUSTOMER, STAFF
from .letters import password_in, text_of
from .people import enter_with_initial_password, latecomer, newcomer, nobody_yet, settle
from .readers import SCRIPTED_OR_PLAIN
from .words import ENGLISH, GERMAN

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route

    from .browsing import Browsing
    from .demonstration import Demonstration
    from .letters import Mailbox
    from .people import Person
    from .serving import Portal

pytestmark = pytest.mark.journey

TELEPHONE: ViewportSize = {"width": 360, "height": 640}


@pytest.fixture
def clerk(portal: Portal, mailbox: Mailbox) -> Person:
    """A member of the desk's staff."""
    return newcomer(portal, mailbox, GERMAN, role="desk")


def at_the_desk(portal: Portal, browsing: Browsing, clerk: Person, *, javascript: bool = True) -> Page:
    """A window in which the member of staff sees what waits."""
    page = browsing.open(portal, GERMAN, javascript=javascript)
    enter_with_initial_password(page, clerk)
    follow(page, GERMAN.desk)
    expect(heading(page, "Was auf Sie wartet")).to_be_visible()
    return page


def assert_the_menu_folds_up(page: Page) -> None:
    """Where there is little room one word opens the menu, from the keyboard as well."""
    usual, menu = page.viewport_size, page.get_by_role("navigation", name="Portal", exact=True)
    expect(menu.get_by_role("link", name="Zugänge", exact=True)).to_be_visible()
    expect(menu.get_by_text("Menü", exact=True)).to_be_hidden()
    page.set_viewport_size(TELEPHONE)
    expect(menu.get_by_role("link")).to_have_count(0)
    page.get_by_role("button", name="English", exact=True).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(menu).to_match_aria_snapshot("""
      - group:
        - text: Menü
        - list:
          - listitem:
            - link "Start"
        - list "Servicebereich":
          - listitem:
            - link "Übersicht"
          - listitem:
            - link "Zugänge"
    """)
    assert usual
    page.set_viewport_size(usual)


def _without_details_content(route: Route) -> None:
    style = route.fetch()
    route.fulfill(response=style, body=style.text().replace("::details-content", "::no-such-part"))


def test_a_browser_that_cannot_unfold_by_style_alone_shows_the_menu_too(
    demonstration: Demonstration, browsing: Browsing
) -> None:
    page = demonstration.open(browsing, GERMAN, STAFF)
    # As browsers were until 2025.
    page.route("**/*.css", _without_details_content)
    page.add_init_script("CSS.supports = () => false;")
    page.goto("/desk/")
    assert_the_menu_folds_up(page)
    expect(page.get_by_role("navigation", name="Portal", exact=True).get_by_text("Menü", exact=True)).to_be_hidden()


def test_a_customers_menu_is_one_row_on_a_narrow_telephone(demonstration: Demonstration, browsing: Browsing) -> None:
    page = demonstration.open(browsing, GERMAN, CUSTOMER, viewport=TELEPHONE)
    links = page.get_by_role("navigation", name="Portal", exact=True).get_by_role("link").all()
    assert len(links) == 5
    assert len({box["y"] for link in links if (box := link.bounding_box())}) == 1


def row_of(page: Page, person: Person) -> Locator:
    """What waits about this person."""
    return page.get_by_role("row").filter(has_text=person.address)


def ask_for_new_access(portal: Portal, browsing: Browsing, person: Person) -> None:
    """The customer who came too late presses the button."""
    page = browsing.open(portal, person.words)
    sign_in(page, person.words, person.address, person.password)
    press(page, person.words.request_new_access)
    expect(heading(page, person.words.access_requested)).to_be_visible()


def open_request(page: Page, person: Person) -> None:
    """The member of staff opens the request from the list."""
    page.goto("/desk/?kind=check")
    row_of(page, person).get_by_role("link", name=re.compile("Anfrage entscheiden")).click()
    expect(heading(page, "Anfrage nach neuen Zugangsdaten")).to_be_visible()


@SCRIPTED_OR_PLAIN
def test_a_request_is_taken_up_approved_and_the_customer_gets_in(
    portal: Portal,
    mailbox: Mailbox,
    browsing: Browsing,
    clerk: Person,
    javascript: bool,  # noqa: FBT001 - a case of the table above
) -> None:
    person = latecomer(portal, mailbox, ENGLISH)
    ask_for_new_access(portal, browsing, person)
    page = at_the_desk(portal, browsing, clerk, javascript=javascript)
    assert_the_menu_folds_up(page)
    page.goto("/desk/?kind=check")
    row_of(page, person).get_by_role("button", name=re.compile("Übernehmen")).click()
    expect(row_of(page, person)).to_contain_text("Zurücklegen")
    open_request(page, person)
    page.get_by_label("Das zugesandte Passwort wurde eingegeben").check()
    press(page, "Genehmigen")
    expect(page.get_by_text(f"Genehmigt. Neue Zugangsdaten gehen an {person.address}.")).to_be_visible()
    page.goto("/desk/?kind=check")
    expect(row_of(page, person)).to_have_count(0)

    letter = mailbox.wait_for(person.address, number=3)
    assert letter["Subject"] == person.words.confirmed_subject
    customer = browsing.open(portal, person.words)
    sign_in(customer, person.words, person.address, password_in(letter))
    follow(customer, person.words.later)
    expect_home(customer, person.words, person.name)


def test_a_request_is_declined_with_a_reason_that_reaches_the_customer(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, clerk: Person
) -> None:
    person = latecomer(portal, mailbox, GERMAN)
    ask_for_new_access(portal, browsing, person)
    page = at_the_desk(portal, browsing, clerk)
    open_request(page, person)
    press(page, "Ablehnen")
    expect(page.get_by_role("alert")).to_contain_text("Bitte begründen Sie die Ablehnung")
    page.get_by_label("Begründung").fill("Bitte wenden Sie sich an Ihre Einrichtung.")
    press(page, "Ablehnen")
    expect(page.get_by_text(f"Abgelehnt. Eine E-Mail mit Ihrer Begründung geht an {person.address}.")).to_be_visible()
    assert "Bitte wenden Sie sich an Ihre Einrichtung." in text_of(mailbox.wait_for(person.address, number=3))


def test_a_question_reaches_the_customer_and_the_request_stays_open(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, clerk: Person
) -> None:
    person = latecomer(portal, mailbox, ENGLISH)
    ask_for_new_access(portal, browsing, person)
    page = at_the_desk(portal, browsing, clerk)
    open_request(page, person)
    page.get_by_label("Ihre Frage").fill("For which nursery do you work?")
    press(page, "Frage senden")
    assert "For which nursery do you work?" in text_of(mailbox.wait_for(person.address, number=3))
    page.goto("/desk/?kind=check")
    expect(row_of(page, person)).to_contain_text("eine Rückfrage")


def test_of_two_who_decide_at_once_the_second_is_told_and_keeps_what_was_typed(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, clerk: Person
) -> None:
    person, colleague = latecomer(portal, mailbox, GERMAN), newcomer(portal, mailbox, GERMAN, role="desk")
    ask_for_new_access(portal, browsing, person)
    first, second = (at_the_desk(portal, browsing, each) for each in (clerk, colleague))
    for page in (first, second):
        open_request(page, person)
    second.get_by_label("Begründung").fill("Meine lange Begründung")
    first.get_by_label("Mir persönlich bekannt").check()
    press(first, "Genehmigen")
    expect(first.get_by_text("Genehmigt.")).to_be_visible()
    press(second, "Ablehnen")
    expect(second.get_by_text(f"{clerk.name} war schneller: genehmigt am")).to_be_visible()
    expect(second.get_by_role("main")).to_contain_text("Meine lange Begründung")
    mailbox.wait_for(person.address, number=3)


def test_a_letter_nobody_takes_is_corrected_and_issued_again(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, clerk: Person
) -> None:
    person, right = nobody_yet(GERMAN), nobody_yet(GERMAN)
    with mailbox.refusing(person.address):
        portal.issue_access(person.address, name=person.name, organisation=person.organisation)
        mailbox.wait_for_refusal(person.address)
    page = at_the_desk(portal, browsing, clerk)
    page.goto("/desk/?kind=letter")
    row_of(page, person).get_by_role("link", name=re.compile("Adresse berichtigen")).click()
    page.get_by_label("Neue E-Mail-Adresse").fill(right.address)
    page.get_by_label("Rückruf unter der bekannten Nummer").check()
    press(page, "Adresse berichtigen")
    expect(page.get_by_text(f"Der Zugang gehört jetzt zu {right.address}.")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(f"vorher: {person.address}")
    customer = browsing.open(portal, GERMAN)
    sign_in(customer, GERMAN, right.address, password_in(mailbox.wait_for(right.address)))
    follow(customer, GERMAN.later)
    expect_home(customer, GERMAN, person.name)


def test_a_caller_reads_out_a_code_and_is_unlocked(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, clerk: Person
) -> None:
    customer = browsing.open(portal, GERMAN)
    person = settle(customer, newcomer(portal, mailbox, GERMAN))
    stranger = browsing.open(portal, GERMAN)
    for number in range(6):
        sign_in(stranger, GERMAN, person.address, f"wrong for the {number + 1}. time")
    expect(heading(stranger, GERMAN.locked)).to_be_visible()

    follow(customer, "Code für das Telefon Damit weisen Sie sich aus, wenn Sie anrufen")
    press(customer, "Code anzeigen")
    code = customer.locator(".code").inner_text()
    page = at_the_desk(portal, browsing, clerk)
    page.goto("/desk/?kind=lockout")
    row_of(page, person).get_by_role("link", name=re.compile("Sperre aufheben")).click()
    page.get_by_label("Der Code wurde vorgelesen").check()
    page.get_by_label("Code, der Ihnen vorgelesen wird").fill(code.lower())
    press(page, "Sperre aufheben")
    expect(page.get_by_text(f"{person.address} kann sich wieder anmelden.")).to_be_visible()
    sign_in(stranger, GERMAN, person.address, person.password)
    expect_home(stranger, GERMAN, person.name)
    sign_out(stranger, GERMAN)


def open_details(page: Page, person: Person) -> None:
    """The member of staff finds the account and is about to change its details."""
    page.goto(f"/desk/accounts/?q={person.address}")
    page.get_by_role("link", name=re.compile(person.address)).click()
    follow(page, "Angaben ändern")
    expect(page.get_by_label("Name", exact=True)).to_have_value(person.name)


def test_two_change_the_details_of_an_account_and_neither_takes_back_what_the_other_has_done(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, clerk: Person
) -> None:
    person, colleague = newcomer(portal, mailbox, GERMAN), newcomer(portal, mailbox, GERMAN, role="desk")
    first, second = (
        at_the_desk(portal, browsing, each, javascript=javascript)
        for each, javascript in ((clerk, True), (colleague, False))
    )
    for page in (first, second):
        open_details(page, person)

    first.get_by_label("Name", exact=True).fill(" ")
    first.get_by_label("Telefonnummer").fill("siehe oben")
    first.get_by_label("Handelt auch für diese Einrichtung").fill("Kita Neustadt")
    press(first, "Angaben ändern")
    for sentence in ("Bitte geben Sie einen Namen an.", "Das ist keine Telefonnummer.", "Bitte geben Sie an, woher"):
        expect(first.get_by_role("alert")).to_contain_text(sentence)
    expect(first.get_by_label("Telefonnummer")).to_have_value("siehe oben")
    expect(first.get_by_label("Handelt auch für diese Einrichtung")).to_have_value("Kita Neustadt")
    first.get_by_label("Name", exact=True).fill("Kita Neustadt, Büro")
    first.get_by_label("Telefonnummer").fill("0511 12345")
    first.get_by_label("Mir persönlich bekannt").check()
    press(first, "Angaben ändern")
    expect(first.get_by_text(f"Die Angaben zu {person.address} sind geändert.")).to_be_visible()

    # The colleague still sees the page as it was.
    second.get_by_label("Name", exact=True).fill("Kindertagesstätte Neustadt")
    second.get_by_label(person.organisation).check()
    second.get_by_label("Ein Dokument lag vor").check()
    press(second, "Angaben ändern")
    expect(second.get_by_role("alert")).to_contain_text("inzwischen jemand in „Kita Neustadt, Büro“ geändert")
    expect(second.get_by_label("Name", exact=True)).to_have_value("Kindertagesstätte Neustadt")
    expect(second.get_by_label(person.organisation)).to_be_checked()
    press(second, "Angaben ändern")
    expect(heading(second, "Kindertagesstätte Neustadt")).to_be_visible()
    facts = second.get_by_role("region", name="Der Zugang")
    expect(facts).to_contain_text("0511 12345")
    expect(facts).to_contain_text("Kita Neustadt")
    expect(facts).not_to_contain_text(person.organisation)

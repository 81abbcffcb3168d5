"""Too late with the right password: new access is asked for, checked by people, confirmed by mail, and works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .browsing import expect_home, expect_start_page, follow, heading, press, sign_in
from .letters import password_in, text_of
from .people import Person, latecomer, newcomer
from .readers import IN_EITHER_LANGUAGE
from .words import GERMAN

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .browsing import Browsing
    from .letters import Mailbox
    from .serving import Portal
    from .words import Words

pytestmark = pytest.mark.journey

DECIDED_BY = """
from kundenportal.domain.accounts.queries import account_of
from kundenportal.domain.credentials.operations import entitlement
from kundenportal.domain.credentials.queries.expired import expired_access_of
from kundenportal.domain.credentials.rules.identity import Identity, Means
from kundenportal.kernel import clock
from kundenportal.kernel.origin import COMMAND_LINE
now = clock.now()
check = expired_access_of(account_of("{address}"), now=now).last_check
entitlement.{decision}(check.pk, decided_by=account_of("{clerk}"), now=now, origin=COMMAND_LINE{more})
"""


@IN_EITHER_LANGUAGE
def test_new_access_is_asked_for_approved_and_used(
    portal: Portal,
    mailbox: Mailbox,
    browsing: Browsing,
    words: Words,
    javascript: bool,  # noqa: FBT001 - a case of the table above
) -> None:
    clerk, person = newcomer(portal, mailbox, GERMAN, role="desk"), latecomer(portal, mailbox, words)
    page = browsing.open(portal, words, javascript=javascript)
    _ask_for_new_access(page, person)
    confirmation = mailbox.wait_for(person.address, number=2)
    assert confirmation["Subject"] == words.requested_subject
    assert person.password not in text_of(confirmation)

    _decide(portal, person, clerk, "approve", more=", stated=Identity(Means.IN_PERSON)")
    letter = mailbox.wait_for(person.address, number=3)
    assert letter["Subject"] == words.confirmed_subject
    sign_in(page, words, person.address, person.password)
    expect(page.get_by_role("alert")).to_contain_text(words.entry_wrong)
    sign_in(page, words, person.address, password_in(letter))
    follow(page, words.later)
    expect_home(page, words, person.name)


def test_a_second_click_is_told_that_it_is_being_checked_already(
    portal: Portal, mailbox: Mailbox, browsing: Browsing
) -> None:
    person = latecomer(portal, mailbox, GERMAN)
    first, second = (browsing.open(portal, GERMAN) for _ in range(2))
    for page in (first, second):
        sign_in(page, GERMAN, person.address, person.password)
        expect(heading(page, GERMAN.expired)).to_be_visible()
    press(first, GERMAN.request_new_access)
    expect(heading(first, GERMAN.access_requested)).to_be_visible()
    press(second, GERMAN.request_new_access)
    _expect_being_checked(second)
    # Sent once more by the browser itself, the request is still one.
    first.reload()
    _expect_being_checked(first)
    follow(first, "Zurück zur Anmeldung")
    expect_start_page(first, GERMAN)
    sign_in(first, GERMAN, person.address, person.password)
    _expect_being_checked(first)
    mailbox.wait_for(person.address, number=2)


def test_a_double_click_asks_once(portal: Portal, mailbox: Mailbox, browsing: Browsing) -> None:
    person = latecomer(portal, mailbox, GERMAN)
    page = browsing.open(portal, GERMAN)
    sign_in(page, GERMAN, person.address, person.password)
    page.get_by_role("button", name=GERMAN.request_new_access, exact=True).dblclick()
    expect(heading(page, GERMAN.access_requested).or_(heading(page, GERMAN.being_checked))).to_be_visible()
    assert _checks_of(portal, person) == 1


def test_whoever_was_declined_reads_why_and_asks_again_by_the_link_in_the_mail(
    portal: Portal, mailbox: Mailbox, browsing: Browsing
) -> None:
    clerk, person = newcomer(portal, mailbox, GERMAN, role="desk"), latecomer(portal, mailbox, GERMAN)
    page = browsing.open(portal, GERMAN)
    _ask_for_new_access(page, person)
    mailbox.wait_for(person.address, number=2)
    _decide(portal, person, clerk, "decline", more=', reason="Bitte rufen Sie uns an."')
    declined = text_of(mailbox.wait_for(person.address, number=3))
    (link,) = [line for line in declined.splitlines() if line.startswith("http")]
    page = browsing.open(portal, GERMAN)
    page.goto(link)
    expect(page.get_by_role("main")).to_contain_text("Der Grund: Bitte rufen Sie uns an.")
    press(page, GERMAN.request_new_access)
    expect(heading(page, GERMAN.access_requested)).to_be_visible()
    assert _checks_of(portal, person) == 2


def _ask_for_new_access(page: Page, person: Person) -> None:
    sign_in(page, person.words, person.address, person.password)
    expect(heading(page, person.words.expired)).to_be_visible()
    press(page, person.words.request_new_access)
    expect(heading(page, person.words.access_requested)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(person.address)
    assert "proof" not in page.url


def _expect_being_checked(page: Page) -> None:
    expect(heading(page, GERMAN.being_checked)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Ihre Anfrage liegt uns seit")
    expect(page.get_by_role("button", name=GERMAN.request_new_access, exact=True)).to_have_count(0)


def _decide(portal: Portal, person: Person, clerk: Person, decision: str, *, more: str = "") -> None:
    portal.python(DECIDED_BY.format(address=person.address, clerk=clerk.address, decision=decision, more=more))


def _checks_of(portal: Portal, person: Person) -> int:
    counted = portal.python(
        "from kundenportal.domain.credentials.models import EntitlementCheck\n"
        f"print(EntitlementCheck.objects.filter(account__address='{person.address}').count())"
    )
    return int(counted)

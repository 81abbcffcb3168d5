"""A letter the mail server refuses for good is seen at the desk, and sent again from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .browsing import follow
from .people import enter_with_initial_password, newcomer, nobody_yet, with_letter
from .words import GERMAN

if TYPE_CHECKING:
    from .browsing import Browsing
    from .letters import Mailbox
    from .serving import Portal

pytestmark = pytest.mark.journey


def test_a_refused_letter_is_sent_again(portal: Portal, mailbox: Mailbox, browsing: Browsing) -> None:
    clerk = newcomer(portal, mailbox, GERMAN, role="desk")
    person = nobody_yet(GERMAN)
    with mailbox.refusing(person.address):
        portal.issue_access(person.address, name=person.name, organisation=person.organisation)
        mailbox.wait_for_refusal(person.address)

    page = browsing.open(portal, GERMAN)
    enter_with_initial_password(page, clerk)
    follow(page, GERMAN.desk)
    follow(page, "Zugänge")
    row = page.get_by_role("row").filter(has_text=person.address)
    expect(row).to_contain_text("nicht zugestellt")
    expect(row).to_contain_text("550")
    row.get_by_role("button", name="Erneut senden").click()
    expect(page.get_by_text(f"Neue Zugangsdaten gehen an {person.address}.")).to_be_visible()

    enter_with_initial_password(browsing.open(portal, GERMAN), with_letter(person, mailbox))

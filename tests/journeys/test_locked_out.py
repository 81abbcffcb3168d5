"""A stranger locks a name: its owner is told, says so, and is never kept out of the browser they know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .browsing import expect_home, heading, press, sign_in, sign_out
from .letters import lockout_link_in_text, text_of
from .people import newcomer, settle
from .readers import IN_EITHER_LANGUAGE

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .browsing import Browsing
    from .letters import Mailbox
    from .serving import Portal
    from .words import Words

pytestmark = pytest.mark.journey

WRONG = "Das ist es nicht"


@IN_EITHER_LANGUAGE
def test_a_stranger_locks_the_name_and_not_its_owner(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, words: Words, *, javascript: bool
) -> None:
    at_home = browsing.open(portal, words, javascript=javascript)
    person = settle(at_home, newcomer(portal, mailbox, words))
    sign_out(at_home, words)

    stranger = browsing.open(portal, words, javascript=javascript)
    for _ in range(5):
        sign_in(stranger, words, person.address, WRONG)
        expect(stranger.get_by_role("alert")).to_contain_text(words.entry_wrong)
    # From now on not even the right password is checked there,
    sign_in(stranger, words, person.address, person.password)
    expect(heading(stranger, words.locked)).to_be_visible()
    # while the browser in which the owner has signed in before is none of the stranger's business.
    sign_in(at_home, words, person.address, person.password)
    expect_home(at_home, words, person.name)

    # The letter, the mail about the own password, and one mail about the lockout, however often the stranger goes on.
    sign_in(stranger, words, person.address, WRONG)
    mail = mailbox.wait_for(person.address, number=3)
    assert mail["Subject"] == words.locked_subject
    _is_disowned(browsing.open(portal, words, javascript=javascript), words, lockout_link_in_text(text_of(mail)))
    assert [letter["Subject"] for letter in mailbox.letters_to(person.address)].count(words.locked_subject) == 1


def _is_disowned(page: Page, words: Words, link: str) -> None:
    # A scanner that opens the link, again and again, says nothing in the owner's name.
    for _ in range(3):
        page.goto(link)
        expect(heading(page, words.lockout)).to_be_visible()
    press(page, words.not_me)
    expect(heading(page, words.told_us)).to_be_visible()
    page.goto(link)
    expect(heading(page, words.told_us)).to_be_visible()

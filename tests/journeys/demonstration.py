"""The demonstration portal: who lives there, and how they sign in and come by their mail."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from kundenportal.domain.credentials.rules.reauthentication import CURRENT_PASSWORD_ASKED_AFTER

from .browsing import heading, press, sign_in
from .letters import lockout_link_in_text, password_in_text, reset_link_in_text
from .people import OWN_PASSWORDS
from .words import LANGUAGES

if TYPE_CHECKING:
    from typing import Any

    from playwright.sync_api import Page, StorageState

    from .browsing import Browsing
    from .serving import Portal
    from .words import Words

STAFF = "hr-service@example.org"
CUSTOMER = "buero@musterland.example.org"
NEWCOMER = "anna.beispiel@musterland.example.org"
WRITTEN_TO = {"de": NEWCOMER, "en": "office@beispielhausen.example.org"}  # each in their language
AWAITED = "fsj@probstadt.example.org"  # who has not signed in for weeks and still may
EXPIRED = "leitung@probstadt.example.org"
BEING_CHECKED = "verwaltung@probstadt.example.org"
DECLINED = "ehrenamt@musterland.example.org"
SUSPENDED = "kasse@beispielhausen.example.org"
FORGETFUL = "pflege@beispielhausen.example.org"  # whose password nobody else needs: a link of theirs is used up
SEVERAL = "pfarramt@musterland.example.org"  # who acts for more than one organisation, and has asked for a call
LOCKED_OUT = "redaktion@example.org"  # who never signs in here
NOBODY = ""

# Whoever has signed in longer ago is asked for their password once more before they may change it.
SECONDS_OF_A_FRESH_SIGN_IN = CURRENT_PASSWORD_ASKED_AFTER.total_seconds() / 2
SECONDS_SURE = 600  # that a session lasts at least
LOOKS_FOR_A_MAIL, MILLISECONDS_BETWEEN_LOOKS = 100, 200

PASSWORDS_OF_RESIDENTS = """
import json
from kundenportal.jobs.demo import RESIDENTS, password_of
print(json.dumps({resident.address: password_of(resident) for resident in RESIDENTS}))
"""


@dataclass
class Demonstration:
    """The demonstration portal, and how its residents sign in."""

    portal: Portal
    passwords: dict[str, str]
    _sessions: dict[str, tuple[StorageState, float]] = field(default_factory=dict)  # and since when
    _seen: dict[str, tuple[str, float]] = field(default_factory=dict)  # in which language, and when
    _links: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, portal: Portal) -> Demonstration:
        """The demonstration served by a portal."""
        return cls(portal, json.loads(portal.python(PASSWORDS_OF_RESIDENTS)))

    def open(self, browsing: Browsing, words: Words, who: str, **options: Any) -> Page:
        """A window with the start page, in which this resident is signed in and reads this language."""
        page = self.window(browsing, words, who, **options)
        page.goto("/")
        return page

    def window(self, browsing: Browsing, words: Words, who: str, **options: Any) -> Page:
        """The same, wherever it is: a page less to load."""
        session, begun_at = self._sessions.get(who, (None, 0.0))
        if time.monotonic() - begun_at > SECONDS_OF_A_FRESH_SIGN_IN:
            session = None
            self._seen.pop(who, None)
        page = browsing.open(self.portal, words, storage_state=session, **options)
        seen_at, self._seen[who] = self._seen.get(who), (words.language, time.monotonic())
        if not who or (seen_at and seen_at[0] == words.language and time.monotonic() - seen_at[1] < SECONDS_SURE):
            return page
        page.goto("/")
        if who and page.get_by_role("button", name=words.sign_in, exact=True).is_visible():
            self._sign_in(page, words, who)
            self._sessions[who] = page.context.storage_state(), time.monotonic()
            page.goto("/")
        if page.locator("html").get_attribute("lang") != words.language:
            press(page, {"de": "Deutsch", "en": "English"}[words.language])
            expect(page.locator("html")).to_have_attribute("lang", words.language)
        return page

    def initial_password(self, page: Page, address: str) -> str:
        """The password in the letter to the address, read where the demonstration shows its mail."""
        page.goto("/demo/mail/")
        page.get_by_role("link").filter(has_text=address).last.click()
        return password_in_text(page.locator("pre").inner_text())

    def link(self, page: Page, words: Words, address: str) -> str:
        """The link sent to the address; asked for once, because opening it does not use it up."""
        if address not in self._links:
            ask_for_link(page, words, address)
            self._links[address] = self._link_in_mail(page, address)
        return self._links[address]

    def used_link(self, page: Page, words: Words) -> str:
        """A link by which FORGETFUL has chosen a password."""
        is_new = FORGETFUL not in self._links
        link = self.link(page, words, FORGETFUL)
        if is_new:
            page.goto(link)
            page.get_by_label(words.new_password, exact=True).fill(OWN_PASSWORDS["en"])
            press(page, words.save_password)
            expect(heading(page, words.reset_done)).to_be_visible()
        return link

    def lockout_link(self, page: Page, words: Words) -> str:
        """The link in the mail that tells LOCKED_OUT of wrong entries."""
        if LOCKED_OUT not in self._links:
            lock(page, words, LOCKED_OUT)
            text = self._mail_to(page, LOCKED_OUT, *(each.locked_subject for each in LANGUAGES))
            self._links[LOCKED_OUT] = lockout_link_in_text(text)
        return self._links[LOCKED_OUT]

    def _link_in_mail(self, page: Page, address: str) -> str:
        return reset_link_in_text(self._mail_to(page, address, *(words.reset_subject for words in LANGUAGES)))

    def _mail_to(self, page: Page, address: str, *subjects: str) -> str:
        page.goto("/demo/mail/")
        mails = page.get_by_role("link").filter(has_text=address).filter(has_text=re.compile("|".join(subjects)))
        for _ in range(LOOKS_FOR_A_MAIL):
            if mails.count():
                break
            page.wait_for_timeout(MILLISECONDS_BETWEEN_LOOKS)
            page.reload()
        mails.first.click()
        return page.locator("pre").inner_text()

    def _sign_in(self, page: Page, words: Words, who: str) -> None:
        password = self.initial_password(page, who) if who == NEWCOMER else self.passwords[who]
        sign_in(page, words, who, password)
        expect(page.locator("html")).to_be_visible()
        page.wait_for_function("() => document.querySelector('[action$=\"/sign-out/\"]')")


def ask_for_link(page: Page, words: Words, address: str) -> None:
    """Asks for a link to a new password; the page does not say whether there is such an account."""
    page.goto("/password/forgotten/")
    page.get_by_label(words.address, exact=True).fill(address)
    press(page, words.send_link)
    expect(heading(page, words.asked)).to_be_visible()


def lock(page: Page, words: Words, address: str) -> None:
    """Enters wrong passwords until the address is locked."""
    for number in range(6):
        sign_in(page, words, address, f"wrong for the {number + 1}. time")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(heading(page, words.locked)).to_be_visible()

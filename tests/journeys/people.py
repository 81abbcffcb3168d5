"""Those who use the portal in the journeys."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .browsing import expect_home, follow, press, sign_in
from .letters import password_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .letters import Mailbox
    from .serving import Portal
    from .words import Words

OWN_PASSWORDS = {
    "de": "Regenschirm tanzt im Novembernebel 47",
    "en": "umbrella waltzes through November fog 47",
}

# In one transaction, so that the running worker does not send the letter at today's date.
SENT_LONG_AGO = """
from datetime import timedelta
from django.db import transaction
from kundenportal.domain.accounts.rules import Kind, Language, Role
from kundenportal.domain.credentials.operations import access
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.kernel import clock
from kundenportal.kernel.origin import COMMAND_LINE
then = clock.now() - timedelta(days=40)
with transaction.atomic():
    access.issue_access(
        address="{address}", name="{name}", organisation="{organisation}", language=Language("{language}"),
        kind=Kind.PERSONAL, role=Role.CUSTOMER, issued_by=None, now=then, origin=COMMAND_LINE,
    )
    deliver_due_mails(clock=lambda: then)
"""

LONG_SINCE_AT_HOME = """
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.rules import Kind, Language, Role
from kundenportal.domain.credentials.operations import access
from kundenportal.domain.credentials.verification import hashed_own_password
from kundenportal.kernel import clock
from kundenportal.kernel.origin import COMMAND_LINE
now = clock.now()
for address in {addresses!r}:
    access.issue_access(address=address, name="Kita", organisation="Kita", kind=Kind.PERSONAL, role=Role.CUSTOMER,
        language=Language.GERMAN, issued_by=None, now=now, origin=COMMAND_LINE)
Account.objects.filter(address__in={addresses!r}).update(
    first_signed_in_at=now, own_password_chosen_at=now, password=hashed_own_password({password!r}))
"""


@dataclass(frozen=True)
class Person:
    """Somebody with access, and the password they sign in with."""

    address: str
    name: str
    organisation: str
    words: Words
    password: str = ""


def nobody_yet(words: Words) -> Person:
    """Somebody to whom no access has been issued."""
    token = secrets.token_hex(4)
    return Person(f"leitung-{token}@probstadt.example.org", f"Kita Probstadt {token}", "Kita Probstadt", words)


def newcomer(portal: Portal, mailbox: Mailbox, words: Words, *, role: str = "customer") -> Person:
    """Somebody who holds the letter and has not signed in yet."""
    person = nobody_yet(words)
    portal.issue_access(
        person.address, name=person.name, organisation=person.organisation, language=words.language, role=role
    )
    return with_letter(person, mailbox)


def latecomer(portal: Portal, mailbox: Mailbox, words: Words) -> Person:
    """Somebody whose letter was sent so long ago that its password has expired."""
    person = nobody_yet(words)
    portal.python(
        SENT_LONG_AGO.format(
            address=person.address, name=person.name, organisation=person.organisation, language=words.language
        )
    )
    return with_letter(person, mailbox)


def let_in(portal: Portal, addresses: list[str], password: str) -> None:
    """Somebody called Kita at each of the addresses may sign in with this password of their own."""
    portal.python(LONG_SINCE_AT_HOME.format(addresses=addresses, password=password))


def with_letter(person: Person, mailbox: Mailbox) -> Person:
    """The same person, holding the password from the letter they received."""
    password = password_in(mailbox.wait_for(person.address))
    return Person(person.address, person.name, person.organisation, person.words, password)


def enter_with_initial_password(page: Page, person: Person) -> None:
    """Signs in, and puts the choice of an own password off."""
    sign_in(page, person.words, person.address, person.password)
    follow(page, person.words.later)
    expect_home(page, person.words, person.name)


def settle(page: Page, person: Person) -> Person:
    """The first sign-in, and an own password chosen at once; the page is signed in afterwards."""
    sign_in(page, person.words, person.address, person.password)
    own = OWN_PASSWORDS[person.words.language]
    page.get_by_label(person.words.new_password, exact=True).fill(own)
    press(page, person.words.save_password)
    expect_home(page, person.words, person.name)
    return Person(person.address, person.name, person.organisation, person.words, own)

"""What docs/incidents.md promises of a portal whose secret key was changed because it has leaked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from factories.accounts import OWN_PASSWORD, active, delivered, enters
from factories.resets import NEW_PASSWORD, link_holder, resets_to
from kundenportal.domain.credentials.guard import Locked
from kundenportal.domain.credentials.operations.entries import EntryWrong
from kundenportal.domain.credentials.operations.resets import LinkWorthless

if TYPE_CHECKING:
    from pytest_django import Settings

    from factories.mail_server import MailServer

pytestmark = pytest.mark.django_db

ANOTHER = "another-secret-key-of-at-least-thirty-two-signs"


def test_an_unused_initial_password_is_worthless_and_a_forgotten_password_leads_in(
    mail_server: MailServer, settings: Settings
) -> None:
    account, password = delivered(mail_server)

    settings.SECRET_KEY = ANOTHER

    with pytest.raises(EntryWrong):
        enters(account.address, password)
    resets_to(link_holder(mail_server, account), NEW_PASSWORD)
    assert enters(account.address, NEW_PASSWORD) == account


def test_an_own_password_stays_and_wrong_entries_are_counted_anew(mail_server: MailServer, settings: Settings) -> None:
    account = active(mail_server)
    for _ in range(5):
        with pytest.raises(EntryWrong):
            enters(account.address, "falsch")
    with pytest.raises(Locked):
        enters(account.address, OWN_PASSWORD)

    settings.SECRET_KEY = ANOTHER

    assert enters(account.address, OWN_PASSWORD) == account


def test_a_link_sent_before_is_worthless(mail_server: MailServer, settings: Settings) -> None:
    token = link_holder(mail_server, active(mail_server))

    settings.SECRET_KEY = ANOTHER

    with pytest.raises(LinkWorthless):
        resets_to(token, NEW_PASSWORD)

"""Who may ask for new access: signed words that die with the letter they speak of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.core import signing

from factories.accounts import AT_HOME, NOW, enters, expired, suspended
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.credentials import proofs
from kundenportal.domain.credentials.operations import access
from kundenportal.domain.credentials.queries.expired import expired_access_of
from kundenportal.domain.credentials.rules.entitlement import LINK_LIFETIME, PAGE_LIFETIME, Route
from kundenportal.domain.mail.delivery import deliver_due_mails

if TYPE_CHECKING:
    from pytest_django import Settings

    from factories.mail_server import MailServer
    from kundenportal.domain.credentials.queries.expired import ExpiredAccess

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


def access_of(account: Account) -> ExpiredAccess:
    found = expired_access_of(account, now=NOW)
    assert found is not None
    return found


def proof_in(link: str) -> str:
    return link.removesuffix("/").rpartition("/")[2]


def account_proven(proof: str, *, now: datetime = NOW) -> Account:
    return proofs.proven_by(proof, now=now).access.account


def test_a_page_is_good_for_an_hour(mail_server: MailServer) -> None:
    account, _ = expired(mail_server)
    proof = proofs.proof_for_page(access_of(account), Route.PAGE, now=NOW)
    assert account_proven(proof, now=NOW + PAGE_LIFETIME - SECOND) == account
    with pytest.raises(proofs.ProofWorthless):
        account_proven(proof, now=NOW + PAGE_LIFETIME)
    assert timedelta(hours=1) == PAGE_LIFETIME


def test_a_link_in_a_mail_is_good_for_a_week(mail_server: MailServer, settings: Settings) -> None:
    settings.BASE_URL = "https://portal.example.org"
    account, _ = expired(mail_server)
    link = proofs.link_to_page(access_of(account), now=NOW)
    assert link.startswith("https://portal.example.org/sign-in/expired/")
    assert account_proven(proof_in(link), now=NOW + LINK_LIFETIME - SECOND) == account
    with pytest.raises(proofs.ProofWorthless):
        account_proven(proof_in(link), now=NOW + LINK_LIFETIME)
    assert timedelta(days=7) == LINK_LIFETIME


def test_a_proof_dies_with_its_letter(mail_server: MailServer) -> None:
    account, _ = expired(mail_server)
    proof = proofs.proof_for_page(access_of(account), Route.PAGE, now=NOW)
    access.issue_initial_password(account, issued_by=None, now=NOW, origin=AT_HOME)
    deliver_due_mails(clock=lambda: NOW)
    with pytest.raises(proofs.ProofWorthless):
        account_proven(proof)


def test_a_proof_dies_with_the_first_sign_in(mail_server: MailServer) -> None:
    account, password = expired(mail_server)
    proof = proofs.proof_for_page(access_of(account), Route.PAGE, now=NOW)
    enters(account.address, password, now=NOW - SECOND)
    with pytest.raises(proofs.ProofWorthless):
        account_proven(proof)


def test_a_proof_of_a_suspended_account_is_worthless(mail_server: MailServer) -> None:
    account, _ = expired(mail_server)
    proof = proofs.proof_for_page(access_of(account), Route.PAGE, now=NOW)
    suspended(account)
    with pytest.raises(proofs.ProofWorthless):
        account_proven(proof)


def test_a_proof_dies_with_the_address(mail_server: MailServer) -> None:
    account, _ = expired(mail_server)
    proof = proof_in(proofs.link_to_page(access_of(account), now=NOW))
    Account.objects.filter(pk=account.pk).update(address="verwaltung@musterland.example.org")
    with pytest.raises(proofs.ProofWorthless):
        account_proven(proof)
    assert account_proven(proofs.proof_for_page(access_of(account), Route.PAGE, now=NOW)) == account


def test_a_proof_is_of_its_own_account_only(mail_server: MailServer) -> None:
    (mine, _), (theirs, _) = expired(mail_server), expired(mail_server)
    assert account_proven(proofs.proof_for_page(access_of(mine), Route.PAGE, now=NOW)) == mine
    assert account_proven(proofs.proof_for_page(access_of(theirs), Route.PAGE, now=NOW)) == theirs


@pytest.mark.parametrize("forged", ["", "x", "a:b", ":", "ß\0", "W10:x" * 500])
def test_what_is_no_proof_of_ours_is_worthless(forged: str) -> None:
    with pytest.raises(proofs.ProofWorthless):
        account_proven(forged)


def test_a_proof_that_was_altered_or_signed_for_something_else_is_worthless(mail_server: MailServer) -> None:
    account, _ = expired(mail_server)
    found = access_of(account)
    proof = proofs.proof_for_page(found, Route.PAGE, now=NOW)
    words = [found.letter_id, (NOW + PAGE_LIFETIME).timestamp()]
    elsewhere = signing.Signer(salt="somewhere else").sign_object(words)
    for forged in (proof[:-1] + ("A" if proof[-1] != "A" else "B"), "x" + proof, elsewhere):
        with pytest.raises(proofs.ProofWorthless):
            account_proven(forged)


def test_a_proof_says_nothing_about_the_password(mail_server: MailServer) -> None:
    account, password = expired(mail_server)
    link = proofs.link_to_page(access_of(account), now=NOW)
    assert password not in link
    assert account.address not in link
